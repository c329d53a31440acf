"""The demo's parts: answers that are what they claim, journeys at believable hours, bulk rows equal to those of the actions."""

from datetime import timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from lms.cli.demo_answers import answers_for, right_answer, wrong_answer
from lms.cli.demo_awards import Awards
from lms.cli.demo_bulk import BulkWriter
from lms.cli.demo_courses import compiled, shipped
from lms.cli.demo_history import Learner, events, play
from lms.cli.demo_journeys import HISTORY_DAYS, Goal, goals, journey
from lms.cli.demo_marking import keep_samples, leave_waiting
from lms.content import mediastore
from lms.content.types import MARKED_BY_MACHINE, QuestionKind
from lms.errors import Refused
from lms.people.settings import agency_settings, save_settings
from lms.people.types import Role
from lms.progress.models import Completion, Enrolment, EnrolmentSummary, JpEntry, LessonDone
from lms.progress.projection import verify
from lms.quizzes import circle, files, queue, surveys
from lms.quizzes.grading import grade, is_answered, mark
from lms.quizzes.models import AnswerRow, Attempt, AttemptQuestion
from lms.recognition.actions import settle
from lms.recognition.models import Certificate, CertificateCounter
from lms.store.audit import AuditEntry
from lms.store.engine import write_tx
from tests.factories.content import BANK, publish_sample, sample_question
from tests.factories.marking import publish_people
from tests.factories.people import make_person, make_unit


class _Undo(Exception):
    pass


# ------------------------------------------------------------------ answers


@pytest.mark.parametrize("kind", list(MARKED_BY_MACHINE))
def test_right_answers_are_right_and_wrong_ones_are_answers(kind):
    question = sample_question(BANK[list(MARKED_BY_MACHINE).index(kind)], kind)
    right, wrong = right_answer(question.public, question.key), wrong_answer(question.public, question.key)
    assert grade(question.public, question.key, right).is_correct
    assert not grade(question.public, question.key, wrong).is_correct
    assert is_answered(question.public, wrong)


@pytest.mark.parametrize("passes", [True, False])
@pytest.mark.parametrize("seed", range(20))
def test_attempts_come_out_as_wanted(seed, passes):
    questions = [sample_question(name, kind) for name, kind in zip(BANK, MARKED_BY_MACHINE, strict=True)]
    asked = [(one.public, one.key) for one in questions]
    given = answers_for(Random(seed), asked, quality=0.5, pass_mark=7000, passes=passes)
    assert mark([(*one, answer) for one, answer in zip(asked, given, strict=True)], 7000).passed is passes


# ------------------------------------------------------------------ journeys


@pytest.mark.parametrize("zone", ["Asia/Makassar", "Asia/Jayapura"])
def test_journeys_keep_to_their_time_and_working_hours(session, tmp_path, now, zone):
    published = publish_sample(session, tmp_path, now - timedelta(days=HISTORY_DAYS))
    since = (now - timedelta(days=430)).date()
    made = 0
    for seed in range(300):
        random = Random(seed)
        for goal in goals(random, 1):
            found = journey(random, published, goal, zone=zone, since=since, until=now)
            if found is None:
                continue
            made += 1
            times = [found.enrolled_at, *(step.at for step in found.steps)]
            assert times == sorted(times)
            assert since <= times[0].astimezone(ZoneInfo(zone)).date() and times[-1] < now
            assert all(7 <= at.astimezone(ZoneInfo(zone)).hour < 23 for at in times)
            assert not found.finishes or found.steps[-1].item_key == "posttest"
    assert made > 200


def test_journey_without_room_is_none(session, tmp_path, now):
    published = publish_sample(session, tmp_path, now)
    since = (now - timedelta(days=12)).date()
    assert journey(Random(1), published, Goal(0, 1.0, 10), zone="Asia/Makassar", since=since, until=now) is None


# ------------------------------------------------------------------ bulk rows against the actions


def _finisher(session, tmp_path, now, seed=3):
    published = publish_sample(session, tmp_path, now - timedelta(days=HISTORY_DAYS))
    with write_tx(session):
        save_settings(
            session, agency_name="Pemkot Contoh", agency_place="Contoh", signatory_name="Budi", signatory_position="Kepala"
        )
        person = make_person(session, unit=make_unit(session, time_zone="Asia/Jayapura"), nip="198609262015051001", grade="III/d")
    since = (now - timedelta(days=400)).date()
    made = journey(Random(seed), published, Goal(0, 1.0, 40), zone="Asia/Jayapura", since=since, until=now)
    assert made is not None
    return Learner(person.id, made)


def _rows(session, table, *left_out):
    columns = [column for column in table.__table__.columns if column.name not in left_out]
    return [tuple(row) for row in session.execute(select(*columns).order_by(*columns[:3]))]


def _awarded(session):
    certificates = [row.snapshot | {"code": ""} for row in session.scalars(select(Certificate))]
    return {
        "completion": _rows(session, Completion),
        "jp": _rows(session, JpEntry, "id"),
        "certificate": _rows(session, Certificate, "id", "code", "snapshot"),
        "snapshot": certificates,
        "counter": _rows(session, CertificateCounter),
        "audit": _rows(session, AuditEntry, "id"),
    }


def test_awards_in_bulk_equal_those_of_settle(session, tmp_path, now):
    learner = _finisher(session, tmp_path, now)
    with write_tx(session):
        finished = BulkWriter(Random(1)).write(session, [learner])
    assert len(finished) == 1
    with pytest.raises(_Undo), write_tx(session):
        settle(session, enrolment_id=finished[0].enrolment_id, now=finished[0].at)
        expected = _awarded(session)
        raise _Undo
    with write_tx(session):
        awards = Awards(agency_settings(session), finished)
        assert (awards.pay(session, finished[0].at - timedelta(seconds=1)), awards.paid) == (False, 0)
        assert (awards.pay(session), awards.paid) == (False, 1)
        assert _awarded(session) == expected


def test_history_in_bulk_has_the_shape_of_the_played_one(session, tmp_path, now):
    learner = _finisher(session, tmp_path, now)
    shapes = []
    for write in (_play, _write):
        with pytest.raises(_Undo), write_tx(session):
            write(session, learner)
            shapes.append(
                {
                    "enrolment": _rows(session, Enrolment, "id"),
                    "lessons": sorted(row[:1] + row[1:] for row in _rows(session, LessonDone, "enrolment_id")),
                    "attempts": sorted(
                        (row.quiz_key, row.try_number, row.state, row.started_at, row.closed_at, row.passed)
                        for row in session.scalars(select(Attempt))
                    ),
                    "asked": len(session.scalars(select(AttemptQuestion)).all()),
                    "answered": len(session.scalars(select(AnswerRow).where(AnswerRow.score.is_not(None))).all()),
                    "summary": _rows(session, EnrolmentSummary, "enrolment_id", "version"),
                }
            )
            raise _Undo
    assert shapes[0] == shapes[1]


def _play(session, learner):
    play(session, Random(1), events([learner]), lambda at: None, lambda number: None)


def _write(session, learner):
    BulkWriter(Random(1)).write(session, [learner])


# ------------------------------------------------------------------ courses


def test_broken_course_is_refused_with_its_problems(tmp_path):
    (tmp_path / "rusak").mkdir()
    (tmp_path / "rusak" / "course.yml").write_text("judul: 7\n", encoding="utf-8")
    with pytest.raises(Refused, match=r"rusak.* galat(.|\n)*course\.yml:\d+: K\d+"):
        list(compiled(shipped(tmp_path), lambda text: None))


def test_folder_without_courses_is_refused(tmp_path):
    with pytest.raises(Refused, match="Tidak ada pelatihan"):
        shipped(tmp_path)


# ------------------------------------------------------------------ work that people mark


@pytest.mark.parametrize("kind", [QuestionKind.ESSAY, QuestionKind.FILE, QuestionKind.LINK])
def test_some_work_waits_for_the_demos_author_and_surveys_have_results(session, tmp_path, now, kind):
    published = publish_people(session, tmp_path, now - timedelta(days=60), kind=kind)
    keep_samples(tmp_path)
    with write_tx(session):
        author = make_person(session, roles=(Role.AUTHOR,))
        people = [make_person(session).id for _ in range(9)]
        leave_waiting(session, Random(1), people, [published], now)
    session.rollback()
    found = queue.waiting(session, marker_id=author.id, is_author=True, now=now)
    assert (found.own_count, surveys.results(session, published)[0].respondents) == (3, 7)
    assert [one.is_hidden for one in surveys.results(session, published)[0].questions] == [False] * 3
    assert all(mediastore.path_of(tmp_path, sha256, mediastore.UPLOADS).is_file() for sha256 in files.hashes(session))
    assert verify(session) == []


def test_marked_work_in_bulk_is_what_the_actions_would_have_written(session, tmp_path, now):
    published = publish_people(session, tmp_path, now - timedelta(days=HISTORY_DAYS))
    with write_tx(session):
        author = make_person(session, roles=(Role.AUTHOR,))
        learners = []
        for seed in range(6):
            made = journey(
                Random(seed), published, Goal(0, 1.0, 20), zone="Asia/Makassar", since=published.published_at.date(), until=now
            )
            learners.append(Learner(make_person(session).id, made))
        finished = BulkWriter(Random(1)).write(session, learners, author.id)
    session.rollback()
    assert len(finished) == 6 and verify(session) == []
    for token, score in session.execute(select(Attempt.token, Attempt.score).where(Attempt.passed.is_(True))):
        row, rules = circle.work_for_staff(session, marker_id=author.id, is_author=True, token=token, now=now)
        assert score == 100 * queue.work(session, row).answers[0].given[-1].score and rules.hand_in is not None
