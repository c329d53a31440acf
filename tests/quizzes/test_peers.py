"""Learners who mark each other: the least marked first, N each, the mean of the first N, and a mentor above them."""

import pytest

from lms.content.assignments import Grader
from lms.errors import Conflict, NotFound
from lms.people.types import Role
from lms.quizzes import peers
from lms.quizzes.marking import Sheet
from lms.quizzes.types import AttemptState
from lms.store.engine import write_tx
from tests.factories import marking as make
from tests.factories.marking import FULL, HALF, publish_people
from tests.factories.people import make_person


@pytest.fixture
def published(session, tmp_path, now):
    return publish_people(session, tmp_path, now, hand_in={"grader": Grader.PEER, "peers": 2})


@pytest.fixture
def four(session, published, now):
    """Four learners and the tokens of what they handed in, in that order."""
    people = [make.learner(session, published, now) for _ in range(4)]
    return [(person, make.hand_in(session, person, published, now).token) for person in people]


def task(session, person, token):
    session.rollback()
    return peers.peer_task(session, person_id=person.id, own_token=token)


def test_each_is_offered_the_foreign_work_that_fewest_have_marked(session, four, now):
    (ani, a), (budi, b), (_, c), (_, d) = four
    assert task(session, ani, a) == peers.PeerTask(2, (), (b, c))
    make.mark_as_peer(session, ani, a, b, now)
    assert task(session, ani, a) == peers.PeerTask(2, (b,), (c,))
    make.mark_as_peer(session, ani, a, c, now)
    assert task(session, ani, a) == peers.PeerTask(2, (b, c), ())
    assert task(session, budi, b) == peers.PeerTask(2, (), (a, d))


def test_score_is_the_mean_of_the_first_two_rounded_half_up(session, published, four, now):
    (ani, a), (budi, b), (citra, c), _ = four
    assert make.mark_as_peer(session, budi, b, a, now, Sheet((400, 10000))) == ()
    assert make.stands(session, ani, published, now).history[0].state is AttemptState.SUBMITTED
    assert len(make.mark_as_peer(session, citra, c, a, now, Sheet((200, 3300)))) == 1
    assert make.stands(session, ani, published, now).score == 7200  # 100 and 43 hundredths of a point: 71.5, upwards


def test_newest_marking_of_a_peer_counts_and_the_order_of_the_first(session, published, four, now):
    (ani, a), (budi, b), (citra, c), _ = four
    make.mark_as_peer(session, budi, b, a, now, HALF)
    make.mark_as_peer(session, budi, b, a, now, FULL)
    make.mark_as_peer(session, citra, c, a, now, FULL)
    assert make.stands(session, ani, published, now).score == 10000


def test_nobody_marks_own_work_more_than_asked_or_before_handing_in(session, published, four, now):
    (ani, a), (_, b), (_, c), (_, d) = four
    waits = make.learner(session, published, now)
    token = make.begin(session, waits, published, now)
    assert task(session, waits, token) is None
    for own, foreign in ((a, a), (token, b), (b, c)):
        with pytest.raises(NotFound):
            make.mark_as_peer(session, waits if own == token else ani, own, foreign, now)
    make.mark_as_peer(session, ani, a, b, now)
    make.mark_as_peer(session, ani, a, c, now)
    with pytest.raises(NotFound):
        make.mark_as_peer(session, ani, a, d, now)
    make.mark_as_peer(session, ani, a, c, now, HALF)  # changing one's mind is no further marking


def test_work_of_another_course_is_not_there(session, published, four, tmp_path, now):
    other = publish_people(session, tmp_path, now, key="kursus-lain", hand_in={"grader": Grader.PEER, "peers": 2})
    foreign = make.hand_in(session, make.learner(session, other, now), other, now).token
    (ani, a), *_ = four
    with pytest.raises(NotFound):
        make.mark_as_peer(session, ani, a, foreign, now)


def test_mentor_settles_what_peers_left_over_and_overrides_them(session, published, four, now):
    (ani, a), (budi, b), (citra, c), (dewi, d) = four
    with write_tx(session):
        author = make_person(session, roles=(Role.AUTHOR,))
    make.mark_as_peer(session, budi, b, a, now, HALF)
    make.mark(session, author, a, now, FULL)
    assert make.stands(session, ani, published, now).score == 10000
    with pytest.raises(Conflict, match="sudah selesai dinilai"):
        make.mark_as_peer(session, citra, c, a, now)
    assert a not in task(session, dewi, d).offered
    make.mark_as_peer(session, ani, a, b, now, FULL)
    make.mark_as_peer(session, citra, c, b, now, FULL)
    make.mark(session, author, b, now, HALF)
    assert make.stands(session, budi, published, now).score == 5000
