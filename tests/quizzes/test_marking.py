"""Marking by people: who may, what counts, and what follows from the last marking that was needed."""

import dataclasses
import threading
from datetime import timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import exc, func, select, update

from lms.content.assignments import Grader
from lms.content.types import QuestionKind
from lms.errors import Conflict, Invalid, NotFound
from lms.people.models import Account, Unit
from lms.people.types import Role
from lms.quizzes import marking, markings, mentors, queries, regrading
from lms.quizzes.grading import rubric_score
from lms.quizzes.marking import MarkedMeanwhile, Sheet
from lms.quizzes.models import AnswerRow, Attempt, Marking, Regrade
from lms.quizzes.types import AttemptState, RegradeMode
from lms.store.audit import AuditEntry
from lms.store.engine import write_tx
from tests.factories import marking as make
from tests.factories.content import change_item, people_course, publish_course, quiz_rules, sample_course, sample_question
from tests.factories.marking import ESSAY, FULL, HALF, publish_people
from tests.factories.people import make_person, make_unit


@pytest.fixture
def published(session, tmp_path, now):
    return publish_people(session, tmp_path, now)


@pytest.fixture
def author(session):
    with write_tx(session):
        return make_person(session, roles=(Role.AUTHOR,))


def row_of(session, token):
    session.rollback()
    return session.scalars(select(Attempt).where(Attempt.token == token).execution_options(populate_existing=True)).one()


# ------------------------------------------------------------------ the arithmetic of a rubric


@pytest.mark.parametrize(
    ("levels", "score"),
    [((400, 10000), 100), ((200, 5000), 50), ((0, 0), 0), ((400, 0), 60), ((0, 10000), 40), ((200, 3333), 43), ((400, 1), 60)],
)
def test_rubric_scores_are_weighted_shares_of_the_best_level(levels, score):
    assert rubric_score(sample_question("esai", QuestionKind.ESSAY).public, levels) == score


def test_answer_without_a_rubric_is_marked_from_0_to_100():
    assert rubric_score(dataclasses.replace(sample_question("a", QuestionKind.LINK).public, points=300), (5050,)) == 152


# ------------------------------------------------------------------ waiting and being marked


def test_work_waits_for_its_marker_and_then_counts(session, published, author, now):
    person = make.learner(session, published, now)
    closed = make.hand_in(session, person, published, now)
    assert (closed.state, closed.score, closed.passed) == (AttemptState.SUBMITTED, None, False)
    stands = make.stands(session, person, published, now)
    assert (stands.may_start, stands.open_token, "menunggu dinilai" in stands.reason) == (False, None, True)
    make.mark(session, author, closed.token, now + timedelta(hours=1))
    row = row_of(session, closed.token)
    assert (row.state, row.score, row.passed, row.closed_at) == (AttemptState.GRADED, 10000, True, now)
    assert session.scalars(select(AnswerRow.score)).all() == [None]


def test_next_try_opens_only_after_the_marking_and_only_when_it_failed(session, published, author, now):
    person = make.learner(session, published, now)
    closed = make.hand_in(session, person, published, now)
    with pytest.raises(Conflict, match="menunggu dinilai"):
        make.begin(session, person, published, now)
    make.mark(session, author, closed.token, now, HALF)
    assert make.stands(session, person, published, now).score == 5000
    second = make.hand_in(session, person, published, now)
    assert second.try_number == 2
    make.mark(session, author, second.token, now)
    with pytest.raises(Conflict, match="sudah selesai"):
        make.begin(session, person, published, now)


def test_quiz_with_an_essay_keeps_the_machines_part_and_adds_the_persons(session, tmp_path, author, now):
    questions = {"esai": sample_question("esai", QuestionKind.ESSAY)}
    course = change_item(sample_course(questions=questions), "asas/kuis", quiz=quiz_rules("tunggal", "esai", "isian"))
    published = publish_course(session, tmp_path, now, course)
    person = make.learner(session, published, now)
    closed = make.hand_in(session, person, published, now, {"choice": 0}, ESSAY, {"text": "salah"}, key="asas/kuis")
    assert closed.state is AttemptState.SUBMITTED
    recorded = session.scalars(select(AnswerRow.score).order_by(AnswerRow.position)).all()
    assert recorded == [100, None, 0]
    make.mark(session, author, closed.token, now, None, HALF)
    assert row_of(session, closed.token).score == 5000  # one of one, half of one, none of one
    rules = published.outline.item("asas/kuis").quiz
    told = queries.result_view(session, person.id, closed.token, rules)
    assert [each.feedback.score for each in told.questions] == [100, 50, 0]


def test_unanswered_essay_counts_nothing_and_needs_nobody(session, tmp_path, now):
    questions = {"esai": sample_question("esai", QuestionKind.ESSAY)}
    course = change_item(sample_course(questions=questions), "asas/kuis", quiz=quiz_rules("tunggal", "esai"))
    published = publish_course(session, tmp_path, now, course)
    person = make.learner(session, published, now)
    closed = make.hand_in(session, person, published, now, {"choice": 0}, key="asas/kuis")
    assert (closed.state, closed.score) == (AttemptState.GRADED, 5000)


def test_attempt_whose_time_ran_out_waits_for_its_essay_too(session, tmp_path, author, now):
    questions = {"esai": sample_question("esai", QuestionKind.ESSAY)}
    rules = quiz_rules("esai", time_limit_seconds=600, pass_mark=5000)
    published = publish_course(session, tmp_path, now, change_item(sample_course(questions=questions), "asas/kuis", quiz=rules))
    person = make.learner(session, published, now)
    token = make.begin(session, person, published, now, "asas/kuis")
    make.answer(session, person, token, now, [ESSAY])
    later = now + timedelta(hours=1)
    assert make.stands(session, person, published, later, "asas/kuis").reason.endswith("dapat Anda lanjutkan.")
    with write_tx(session):
        [(_, closed_at)] = make.actions.close_due(session, now=later)
    assert (row_of(session, token).state, closed_at) == (AttemptState.SUBMITTED, now + timedelta(minutes=10))
    make.mark(session, author, token, later)
    assert (row_of(session, token).state, row_of(session, token).score) == (AttemptState.GRADED, 10000)


def test_empty_assignment_and_a_link_that_is_none_are_not_sent_and_nothing_is_lost(session, tmp_path, now):
    published = publish_people(session, tmp_path, now, kind=QuestionKind.LINK)
    person = make.learner(session, published, now)
    token = make.begin(session, person, published, now)
    with pytest.raises(Invalid, match="Belum ada yang dikumpulkan"):
        make.submit(session, person, token, now)
    make.answer(session, person, token, now, [{"text": "drive saya"}])
    with pytest.raises(Invalid, match="https://"):
        make.submit(session, person, token, now)
    assert queries.attempt_view(session, person.id, token).questions[0].answer == {"text": "drive saya"}
    make.answer(session, person, token, now, [{"text": " https://contoh.go.id/berkas?id=1 "}])
    assert make.submit(session, person, token, now).state is AttemptState.SUBMITTED


# ------------------------------------------------------------------ marks that cannot be taken


@pytest.mark.parametrize("levels", [(300, 0), (400,), (400, 10001), (-1, 0), (400, 0, 0), ("400", 0), (True, 0)])
def test_marks_outside_the_rubric_change_nothing(session, published, author, now, levels):
    closed = make.hand_in(session, make.learner(session, published, now), published, now)
    with pytest.raises(Invalid, match="belum disimpan"):
        make.mark(session, author, closed.token, now, Sheet(levels))
    assert row_of(session, closed.token).state is AttemptState.SUBMITTED
    assert session.scalar(select(func.count()).select_from(Marking)) == 0


def test_a_marking_without_its_answer_or_with_an_endless_comment_is_refused(session, published, author, now):
    closed = make.hand_in(session, make.learner(session, published, now), published, now)
    for sheets in ({}, {2: FULL}, {1: Sheet((400, 0), "x" * 5001)}):
        with pytest.raises(Invalid), write_tx(session):
            marking.mark_as_staff(
                session, marker_id=author.id, is_author=True, token=closed.token, sheets=sheets, seen=0, now=now
            )


# ------------------------------------------------------------------ who may


def test_only_the_circle_marks_and_never_its_own_work(session, tmp_path, now):
    published = publish_people(session, tmp_path, now, hand_in={"grader": Grader.SUPERIOR})
    with write_tx(session):
        office, other = make_unit(session), make_unit(session)
        head, stranger = make_person(session, unit=office), make_person(session, unit=other)
        office.head_id, other.head_id = head.id, stranger.id
        mentor = make_person(session)
    person = make.learner(session, published, now, unit=office)
    closed = make.hand_in(session, person, published, now)
    for marker in (person, stranger, mentor):
        with pytest.raises(NotFound):
            make.mark(session, marker, closed.token, now, is_author=marker is person)
    make.mark(session, head, closed.token, now, HALF, is_author=False)
    with write_tx(session):
        mentors.add_mentor(session, course_id=published.course_id, number=_identifier(session, mentor), by=head.id, now=now)
    make.mark(session, mentor, closed.token, now, FULL, is_author=False)
    assert make.stands(session, person, published, now).score == 10000


def _identifier(session, person):
    return session.scalar(select(Account.identifier).where(Account.person_id == person.id))


def test_a_superior_marks_only_what_the_course_gives_to_superiors(session, published, now):
    with write_tx(session):
        office = make_unit(session)
        head = make_person(session, unit=office)
        office.head_id = head.id
    closed = make.hand_in(session, make.learner(session, published, now, unit=office), published, now)
    with pytest.raises(NotFound):
        make.mark(session, head, closed.token, now, is_author=False)


def test_work_leaves_the_superior_with_the_unit(session, tmp_path, now):
    published = publish_people(session, tmp_path, now, hand_in={"grader": Grader.SUPERIOR})
    with write_tx(session):
        office = make_unit(session)
        before, after = make_person(session, unit=office), make_person(session, unit=office)
        office.head_id = before.id
    closed = make.hand_in(session, make.learner(session, published, now, unit=office), published, now)
    with write_tx(session):
        session.execute(update(Unit).where(Unit.id == office.id).values(head_id=after.id))
    with pytest.raises(NotFound):
        make.mark(session, before, closed.token, now, is_author=False)
    make.mark(session, after, closed.token, now, is_author=False)


@pytest.mark.parametrize("token", ["", "x", "tidak-ada", "' OR 1=1", "x" * 99])
def test_tokens_that_name_nothing_find_nothing(session, published, author, now, token):
    with pytest.raises(NotFound):
        make.mark(session, author, token, now)


def test_open_and_voided_work_is_nobodys_to_mark(session, published, author, now):
    person = make.learner(session, published, now)
    token = make.begin(session, person, published, now)
    make.answer(session, person, token, now, [ESSAY])
    with pytest.raises(NotFound):
        make.mark(session, author, token, now)
    make.submit(session, person, token, now)
    with write_tx(session):
        make.actions.void_attempt(session, token=token, by=author.id, reason="Salah unggah.", now=now)
    with pytest.raises(NotFound):
        make.mark(session, author, token, now)
    assert make.stands(session, person, published, now).may_start


# ------------------------------------------------------------------ two markers, marking again


def test_second_marker_is_told_before_anything_is_overwritten(session, published, author, now):
    closed = make.hand_in(session, make.learner(session, published, now), published, now)
    with write_tx(session):
        other = make_person(session, roles=(Role.AUTHOR,))
    make.mark(session, author, closed.token, now, HALF, seen=0)
    with pytest.raises(MarkedMeanwhile, match="baru saja menilai"):
        make.mark(session, other, closed.token, now, FULL, seen=0)
    assert row_of(session, closed.token).score == 5000
    newest = markings.given(session, row_of(session, closed.token).id)[-1].id
    make.mark(session, other, closed.token, now, FULL, seen=newest)
    assert session.scalars(select(Regrade.score)).all() == [10000]


def test_same_marking_sent_twice_is_one(session, published, author, now):
    closed = make.hand_in(session, make.learner(session, published, now), published, now)
    assert len(make.mark(session, author, closed.token, now, seen=0)) == 1
    assert make.mark(session, author, closed.token, now, seen=0) == ()
    assert session.scalar(select(func.count()).select_from(Marking)) == 1


def test_marking_again_changes_the_score_and_never_a_pass(session, published, author, now):
    person = make.learner(session, published, now)
    closed = make.hand_in(session, person, published, now)
    make.mark(session, author, closed.token, now, HALF)
    make.mark(session, author, closed.token, now, FULL)
    make.mark(session, author, closed.token, now, HALF)
    stands = make.stands(session, person, published, now)
    assert (stands.score, stands.passed, row_of(session, closed.token).score) == (5000, True, 5000)
    assert session.scalars(select(Regrade.passed).order_by(Regrade.id)).all() == [True, True]
    told = session.scalars(select(AuditEntry).where(AuditEntry.action == "attempt.mark_again").order_by(AuditEntry.id)).all()
    assert [(one.actor_id, one.detail["score_before"], one.detail["score_after"]) for one in told] == [
        (author.id, 5000, 10000),
        (author.id, 10000, 5000),
    ]


def test_marking_again_keeps_what_a_corrected_key_gave(session, tmp_path, author, now):
    questions = {"esai": sample_question("esai", QuestionKind.ESSAY)}
    course = change_item(sample_course(questions=questions), "asas/kuis", quiz=quiz_rules("tunggal", "esai"))
    published = publish_course(session, tmp_path, now, course)
    person = make.learner(session, published, now)
    closed = make.hand_in(session, person, published, now, {"choice": 1}, ESSAY, key="asas/kuis")
    make.mark(session, author, closed.token, now, None, HALF)
    assert row_of(session, closed.token).score == 2500
    corrected = sample_course(questions=questions | {"tunggal": sample_question("tunggal", correct=(1,))})
    newer = publish_course(session, tmp_path, now, change_item(corrected, "asas/kuis", quiz=quiz_rules("tunggal", "esai")))
    with write_tx(session):
        regrading.choose(session, edition_id=newer.edition_id, mode=RegradeMode.NEVER_LOWER, now=now, by=author.id)
        assert regrading.regrade(session, edition_id=newer.edition_id, now=now).raised == 1
    assert make.stands(session, person, published, now, "asas/kuis").score == 7500
    make.mark(session, author, closed.token, now, None, FULL)
    assert make.stands(session, person, published, now, "asas/kuis").score == 10000


def test_work_marked_after_a_correction_is_judged_by_it(session, tmp_path, author, now):
    """It was handed in before: the machine's part is judged again as soon as there is a score."""
    questions = {"esai": sample_question("esai", QuestionKind.ESSAY)}
    course = change_item(sample_course(questions=questions), "asas/kuis", quiz=quiz_rules("tunggal", "esai"))
    published = publish_course(session, tmp_path, now, course)
    person = make.learner(session, published, now)
    closed = make.hand_in(session, person, published, now, {"choice": 1}, ESSAY, key="asas/kuis")
    corrected = sample_course(questions=questions | {"tunggal": sample_question("tunggal", correct=(1,))})
    newer = publish_course(session, tmp_path, now, change_item(corrected, "asas/kuis", quiz=quiz_rules("tunggal", "esai")))
    with write_tx(session):
        regrading.choose(
            session, edition_id=newer.edition_id, mode=RegradeMode.NEVER_LOWER, now=now, by=None, since_id=published.edition_id
        )
        assert regrading.regrade(session, edition_id=newer.edition_id, now=now).attempts == 0
    make.mark(session, author, closed.token, now, None, HALF)
    assert make.stands(session, person, published, now, "asas/kuis").score == 7500


def test_corrected_key_leaves_waiting_work_alone_and_never_touches_what_people_gave(session, tmp_path, author, now):
    published = publish_people(session, tmp_path, now)
    person, waits = (make.learner(session, published, now) for _ in range(2))
    marked = make.hand_in(session, person, published, now)
    make.hand_in(session, waits, published, now)
    make.mark(session, author, marked.token, now, HALF)
    other = people_course()
    question = sample_question("tugas-rencana", QuestionKind.ESSAY, text="Susun rencana lain.", if_correct="<p>x</p>")
    changed = dataclasses.replace(question, public=dataclasses.replace(question.public, points=200), meaning_hash="0" * 64)
    newer = publish_course(
        session, tmp_path, now, dataclasses.replace(other, questions=other.questions | {"tugas-rencana": changed})
    )
    with write_tx(session):
        regrading.choose(session, edition_id=newer.edition_id, mode=RegradeMode.FULL, now=now, by=None)
        found = regrading.regrade(session, edition_id=newer.edition_id, now=now)
    assert (found.attempts, make.stands(session, person, published, now).score) == (0, 5000)


@pytest.mark.parametrize("statement", ["UPDATE marking SET score = 1", "DELETE FROM marking"])
def test_marking_is_a_fact(session, published, author, now, statement):
    closed = make.hand_in(session, make.learner(session, published, now), published, now)
    make.mark(session, author, closed.token, now)
    with pytest.raises(exc.DatabaseError, match="fact"), write_tx(session):
        session.connection().exec_driver_sql(statement)


@pytest.mark.long
def test_two_markers_at_once_leave_one_score_and_one_warning(session, new_session, published, author, now):
    with write_tx(session):
        other = make_person(session, roles=(Role.AUTHOR,))
    markers = [SimpleNamespace(id=person.id) for person in (author, other)]
    for _ in range(8):
        closed = make.hand_in(session, make.learner(session, published, now), published, now)
        results = [None, None]
        gate = threading.Barrier(2)

        def run(number, closed=closed, results=results, gate=gate):
            with new_session() as mine:
                gate.wait()
                try:
                    results[number] = len(make.mark(mine, markers[number], closed.token, now, (FULL, HALF)[number], seen=0))
                except Exception as problem:
                    results[number] = type(problem)

        threads = [threading.Thread(target=run, args=(number,)) for number in range(2)]
        [thread.start() for thread in threads]
        [thread.join() for thread in threads]
        assert sorted(map(str, results)) == sorted(map(str, [1, MarkedMeanwhile]))
        assert row_of(session, closed.token).score == (10000 if results[0] == 1 else 5000)
