"""What waits for whom: oldest first, counted, and at the same cost however long the queue."""

from datetime import timedelta

import pytest
from sqlalchemy import event

from lms.content.assignments import Grader
from lms.people.models import CourseMentor
from lms.people.types import Role
from lms.quizzes import queue
from lms.quizzes.circle import work_for_staff
from lms.store.engine import write_tx
from tests.factories import marking as make
from tests.factories.marking import HALF, publish_people
from tests.factories.people import make_person, make_unit


@pytest.fixture
def author(session):
    with write_tx(session):
        return make_person(session, roles=(Role.AUTHOR,))


def waiting(session, marker, now, *, is_author=False, **over):
    session.rollback()
    return queue.waiting(session, marker_id=marker.id, is_author=is_author, now=now, **over)


def tokens(rows):
    return [row.token for row in rows]


def test_author_sees_the_oldest_first_and_nothing_that_is_done(session, tmp_path, author, now):
    published = publish_people(session, tmp_path, now)
    handed = [
        make.hand_in(session, make.learner(session, published, now, name=f"Ani {n}"), published, now - timedelta(days=n)).token
        for n in range(4)
    ]
    found = waiting(session, author, now, is_author=True)
    assert (tokens(found.own), found.own_count, found.others) == (handed[::-1], 4, ())
    assert (found.own[0].name, found.own[0].item_title) == ("Ani 3", "Tugas: Rencana aksi unit")
    make.mark(session, author, handed[3], now)
    make.mark(session, author, handed[2], now, HALF)
    assert tokens(waiting(session, author, now, is_author=True).own) == [handed[1], handed[0]]
    assert [token for token, *_ in queue.marked_by(session, author.id)] == [handed[2], handed[3]]


def test_mentors_see_their_courses_and_one_course_at_a_time(session, tmp_path, author, now):
    one = publish_people(session, tmp_path, now, title="Antrean")
    two = publish_people(session, tmp_path, now, key="kedua", title="Dua")
    three = publish_people(session, tmp_path, now, key="ketiga", title="Tiga")
    given = [make.hand_in(session, make.learner(session, each, now), each, now).token for each in (one, two, three)]
    with write_tx(session):
        session.add_all(CourseMentor(course_id=each.course_id, person_id=author.id) for each in (one, two))
    found = waiting(session, author, now)
    assert (sorted(tokens(found.own)), found.courses) == (
        sorted(given[:2]),
        ((one.course_key, "Antrean", 1), ("kedua", "Dua", 1)),
    )
    assert tokens(waiting(session, author, now, course_key="kedua").own) == [given[1]]
    assert waiting(session, author, now, course_key="ketiga").own_count == 0


def test_superiors_get_their_own_staff_and_mentors_stand_in(session, tmp_path, author, now):
    published = publish_people(session, tmp_path, now, hand_in={"grader": Grader.SUPERIOR})
    with write_tx(session):
        top = make_unit(session)
        part = make_unit(session, parent=top)
        boss, head = make_person(session, unit=top), make_person(session, unit=part)
        top.head_id, part.head_id = boss.id, head.id
    below, above = make.learner(session, published, now, unit=part), make.learner(session, published, now, unit=top)
    with write_tx(session):
        make.actions.enrol(session, person_id=head.id, published=published, now=now)
    given = [make.hand_in(session, person, published, now).token for person in (below, above, head)]
    assert tokens(waiting(session, head, now).own) == given[:1]
    assert tokens(waiting(session, boss, now).own) == given[1:]
    assert [queue.waiting_for_superior(session, who.id, now) for who in (head, boss, below)] == [1, 2, 0]
    found = waiting(session, author, now, is_author=True)
    assert (found.own, tokens(found.others), found.others_count) == ((), given, 3)


def test_own_work_is_never_in_ones_queue(session, tmp_path, author, now):
    published = publish_people(session, tmp_path, now)
    with write_tx(session):
        make.actions.enrol(session, person_id=author.id, published=published, now=now)
    make.hand_in(session, author, published, now)
    assert waiting(session, author, now, is_author=True) == queue.Queue((), 0, (), 0, ())


def test_work_shows_answers_and_earlier_markings(session, tmp_path, author, now):
    published = publish_people(session, tmp_path, now)
    closed = make.hand_in(session, make.learner(session, published, now), published, now)
    make.mark(session, author, closed.token, now, HALF)
    session.rollback()
    row, _ = work_for_staff(session, marker_id=author.id, is_author=True, token=closed.token, now=now)
    found = queue.work(session, row)
    [answered] = found.answers
    assert (found.score, answered.question.answer, answered.given[0].comment) == (5000, make.ESSAY, HALF.comment)
    assert found.newest == answered.given[0].id


@pytest.mark.parametrize("count", [1, 12])
def test_queue_costs_the_same_whatever_its_length(session, engine, tmp_path, author, now, count):
    published = publish_people(session, tmp_path, now, hand_in={"grader": Grader.SUPERIOR})
    with write_tx(session):
        office = make_unit(session)
        office.head_id = author.id
    for _ in range(count):
        make.hand_in(session, make.learner(session, published, now, unit=office), published, now)
    waiting(session, author, now)
    marker_id = author.id
    session.rollback()
    statements = []
    event.listen(engine, "before_cursor_execute", lambda *given: statements.append(given[2]))
    assert queue.waiting(session, marker_id=marker_id, is_author=False, now=now).own_count == count
    assert len([one for one in statements if one.startswith("SELECT")]) <= 12
