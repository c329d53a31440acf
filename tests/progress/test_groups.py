"""Group work: naming members, handing in for all, one marking for all, and nothing anybody wrote is lost."""

import threading
from types import SimpleNamespace

import pytest
from sqlalchemy import select

from lms.content.types import QuestionKind
from lms.errors import Busy, Conflict, Invalid, NotFound
from lms.people.types import Role
from lms.progress import groups, queries
from lms.progress.types import State
from lms.quizzes import peers
from lms.quizzes import queries as quiz_queries
from lms.quizzes.models import AnswerRow, Attempt, GroupMember
from lms.quizzes.queue import waiting
from lms.quizzes.types import AttemptState
from lms.store.engine import write_tx
from tests.factories import marking as make
from tests.factories.marking import ESSAY, HALF, TASK, publish_people
from tests.factories.people import make_person

NIPS = [f"19860926201503100{number}" for number in range(1, 6)]


@pytest.fixture
def published(session, tmp_path, now):
    return publish_people(session, tmp_path, now, hand_in={"is_group": True})


@pytest.fixture
def trio(session, published, now):
    return [make.learner(session, published, now, nip=nip, name=f"Orang {nip[-1]}") for nip in NIPS[:3]]


@pytest.fixture
def author(session):
    with write_tx(session):
        return make_person(session, roles=(Role.AUTHOR,))


def add(session, person, token, number):
    with write_tx(session):
        groups.add_member(session, person_id=person.id, token=token, number=number)


def together(session, trio, published, now):
    """The first names the others and has a draft; nothing is handed in yet."""
    token = make.begin(session, trio[0], published, now)
    make.answer(session, trio[0], token, now, [ESSAY])
    for member in trio[1:]:
        add(session, trio[0], token, f" {member.nip[:8]} {member.nip[8:]} ")
    return token


def states(session, published, people, now):
    return [
        (tries.history[-1].state, tries.score, tries.passed)
        for tries in (make.stands(session, who, published, now) for who in people)
    ]


def test_one_hands_in_and_the_marking_counts_and_settles_for_all(session, published, trio, author, now):
    for person in trio:
        with write_tx(session):
            make.actions.mark_done(
                session, person_id=person.id, published=published, lesson_key=published.outline.items[0].key, now=now
            )
    token = together(session, trio, published, now)
    make.submit(session, trio[0], token, now)
    assert states(session, published, trio, now) == [(AttemptState.SUBMITTED, None, False)] * 3
    assert waiting(session, marker_id=author.id, is_author=True, now=now).own_count == 1
    assert len(make.mark(session, author, token, now)) == 3
    assert states(session, published, trio, now) == [(AttemptState.GRADED, 10000, True)] * 3
    cards = [queries.my_courses(session, person.id)[0] for person in trio]
    assert [(card.state, card.completed_at) for card in cards] == [(State.DONE, now)] * 3
    make.mark(session, author, token, now, HALF)
    assert states(session, published, trio, now) == [(AttemptState.GRADED, 5000, True)] * 3


def test_members_see_the_work_and_who_handed_it_in(session, published, trio, now):
    token = together(session, trio, published, now)
    closed = make.submit(session, trio[0], token, now)
    theirs = make.stands(session, trio[1], published, now).history[-1]
    rules = published.outline.item(TASK).quiz
    told = quiz_queries.result_view(session, trio[1].id, theirs.token, rules)
    assert [each.view.answer for each in told.questions] == [ESSAY]
    assert groups.handed_in_by(session, theirs.attempt_id) == groups.Member(trio[0].id, "Orang 1")
    assert groups.handed_in_by(session, closed.attempt_id) is None
    assert [member.name for member in groups.members(session, closed.attempt_id)] == ["Orang 2", "Orang 3"]


def test_nothing_is_sent_over_a_members_own_draft_until_it_is_empty(session, published, trio, now):
    draft = make.begin(session, trio[1], published, now)
    make.answer(session, trio[1], draft, now, [{"text": "Draf saya sendiri."}])
    token = together(session, trio, published, now)
    with pytest.raises(Conflict, match="Orang 2 sudah menulis drafnya sendiri.*belum dikirim"):
        make.submit(session, trio[0], token, now)
    session.rollback()
    assert session.scalars(select(Attempt.state)).all() == [AttemptState.OPEN] * 2
    assert session.scalars(select(AnswerRow.value).order_by(AnswerRow.attempt_id)).all() == [
        {"text": "Draf saya sendiri."},
        ESSAY,
    ]
    make.answer(session, trio[1], draft, now, [{"text": "  "}])
    make.submit(session, trio[0], token, now)
    assert [one.token for one in make.stands(session, trio[1], published, now).history] == [draft]


@pytest.mark.parametrize("case", ["unknown", "not enrolled", "oneself", "handed in", "empty", "junk"])
def test_one_sentence_for_everybody_who_cannot_be_named(session, published, trio, now, case):
    with write_tx(session):
        make_person(session, nip=NIPS[4])
    make.hand_in(session, trio[2], published, now)
    token = make.begin(session, trio[0], published, now)
    number = {
        "unknown": "199001012020121009",
        "not enrolled": NIPS[4],
        "oneself": NIPS[0],
        "handed in": NIPS[2],
        "empty": "  ",
        "junk": "x" * 500 + "\ud800",
    }[case]
    with pytest.raises(Invalid) as told:
        add(session, trio[0], token, number)
    assert str(told.value) == groups.NOT_ADDED
    assert groups.members(session, 1) == []


def test_only_the_keeper_names_members_and_only_while_it_is_open(session, published, trio, now):
    token = together(session, trio, published, now)
    with pytest.raises(NotFound):
        add(session, trio[1], token, NIPS[2])
    add(session, trio[0], token, NIPS[1])  # twice is once
    with write_tx(session):
        groups.remove_member(session, person_id=trio[0].id, token=token, member_id=trio[2].id)
    make.submit(session, trio[0], token, now)
    assert make.stands(session, trio[2], published, now).history == ()
    with pytest.raises(Conflict):
        add(session, trio[0], token, NIPS[2])
    with pytest.raises(Conflict), write_tx(session):
        groups.leave(session, person_id=trio[1].id, token=token)


def test_who_was_named_sees_it_and_may_leave(session, published, trio, now):
    token = together(session, trio, published, now)
    assert groups.named_in(session, trio[1].id, published.course_id, TASK) == [groups.Named(token, "Orang 1")]
    with write_tx(session):
        groups.leave(session, person_id=trio[1].id, token=token)
    assert groups.named_in(session, trio[1].id, published.course_id, TASK) == []
    with pytest.raises(NotFound), write_tx(session):
        groups.leave(session, person_id=trio[1].id, token=token)


def test_nothing_is_sent_while_a_member_has_handed_in_otherwise(session, published, trio, now):
    token = together(session, trio, published, now)
    make.hand_in(session, trio[2], published, now)
    with pytest.raises(Conflict, match="Orang 3 sudah mengumpulkan"):
        make.submit(session, trio[0], token, now)
    assert make.stands(session, trio[0], published, now).open_token == token
    assert make.stands(session, trio[1], published, now).history == ()


def test_members_never_mark_the_groups_work(session, tmp_path, now):
    published = publish_people(session, tmp_path, now, key="lain", hand_in={"is_group": True, "grader": "sejawat", "peers": 1})
    people = [make.learner(session, published, now, nip=nip) for nip in NIPS[:3]]
    token = make.begin(session, people[0], published, now)
    make.answer(session, people[0], token, now, [ESSAY])
    add(session, people[0], token, NIPS[1])
    make.submit(session, people[0], token, now)
    other = make.hand_in(session, people[2], published, now).token
    member = make.stands(session, people[1], published, now).history[-1].token
    assert peers.peer_task(session, person_id=people[1].id, own_token=member).offered == (other,)
    assert peers.peer_task(session, person_id=people[2].id, own_token=other).offered == (token,)


def test_striking_out_the_work_strikes_it_out_for_all(session, published, trio, author, now):
    token = together(session, trio, published, now)
    make.submit(session, trio[0], token, now)
    with write_tx(session):
        make.actions.void_attempt(session, token=token, by=author.id, reason="Salah berkas.", now=now)
    assert [make.stands(session, who, published, now).may_start for who in trio] == [True] * 3


def test_work_done_alone_takes_no_members(session, tmp_path, now):
    published = publish_people(session, tmp_path, now, key="sendiri", kind=QuestionKind.LINK)
    person = make.learner(session, published, now)
    with pytest.raises(Conflict, match="sendiri-sendiri"):
        add(session, person, make.begin(session, person, published, now), "1")


@pytest.mark.long
def test_two_groups_naming_the_same_person_at_once_hand_in_once_for_them(session, new_session, published, now):
    for number in range(6):
        made = [make.learner(session, published, now, nip=f"1990010120201{number}100{place}") for place in range(3)]
        *pair, shared = [SimpleNamespace(id=person.id, nip=person.nip) for person in made]
        tokens = []
        for mine in pair:
            token = make.begin(session, mine, published, now)
            make.answer(session, mine, token, now, [ESSAY])
            add(session, mine, token, shared.nip)
            tokens.append(token)
        gate, results = threading.Barrier(2), [None, None]

        def send(place, pair=pair, tokens=tokens, gate=gate, results=results):
            with new_session() as mine:
                gate.wait()
                try:
                    results[place] = make.submit(mine, pair[place], tokens[place], now).state
                except (Conflict, Busy) as problem:
                    results[place] = type(problem)

        threads = [threading.Thread(target=send, args=(place,)) for place in range(2)]
        [thread.start() for thread in threads]
        [thread.join() for thread in threads]
        session.rollback()
        ids = [person.id for person in (*pair, shared)]
        closed = session.scalars(select(Attempt.state).where(Attempt.person_id.in_(ids))).all()
        assert sorted(closed) == [AttemptState.OPEN, AttemptState.SUBMITTED, AttemptState.SUBMITTED]
        links = session.scalars(
            select(GroupMember).join(Attempt, Attempt.id == GroupMember.attempt_id).where(Attempt.person_id.in_(ids))
        )
        assert sorted(link.member_attempt_id is not None for link in links) == [False, True]
        assert AttemptState.SUBMITTED in results
