"""`sejawat N`: learners mark each other's work, N pieces each, without names either way. Reads; `marking` writes.

Nothing is dealt out beforehand. Who has handed in is offered the foreign work that fewest others have marked, until they have
marked N; so nobody waits for one certain colleague, and a mentor's marking settles what is left over.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, exists, func, select
from sqlalchemy.orm import Session

from lms.quizzes import circle
from lms.quizzes.attempts import attempt_row, attempts, rules_at
from lms.quizzes.markings import peers_wanted
from lms.quizzes.models import Attempt, Marking
from lms.quizzes.types import AttemptState

LOOKED_AT = 50
"""Pieces of work looked through for those that their own edition gives to peers."""


@dataclass(frozen=True, slots=True)
class PeerTask:
    """What a learner still has to mark for others. Tokens name the work, never the person."""

    wanted: int
    done: tuple[str, ...]
    offered: tuple[str, ...]


def peer_task(session: Session, *, person_id: int, own_token: str) -> PeerTask | None:
    """The peer's part behind a hand-in of one's own: None where learners do not mark each other, or nothing is handed in yet."""
    own = attempt_row(session, person_id, own_token)
    wanted = peers_wanted(rules_at(session, own.edition_id, own.quiz_key))
    if not wanted or own.state not in circle.MARKABLE:
        return None
    same = (Attempt.course_id == own.course_id, Attempt.quiz_key == own.quiz_key)
    by_me = exists().where(Marking.attempt_id == Attempt.id, Marking.marker_id == person_id, Marking.is_peer.is_(True))
    done = session.scalars(select(Attempt.token).where(*same, by_me).order_by(Attempt.id)).all()
    markers = select(func.count(Marking.marker_id.distinct())).where(Marking.attempt_id == Attempt.id, Marking.is_peer.is_(True))
    open_ones = (
        attempts()
        .where(*same, Attempt.state == AttemptState.SUBMITTED, circle.not_own(person_id), ~by_me)
        .order_by(markers.correlate(Attempt).scalar_subquery(), Attempt.closed_at, Attempt.id)
        .limit(LOOKED_AT)
    )
    left = max(0, wanted - len(done))
    tokens = [row.token for row in session.execute(open_ones) if peers_wanted(rules_at(session, row.edition_id, row.quiz_key))]
    return PeerTask(wanted, tuple(done), tuple(tokens[:left]))


def work_for_peer(
    session: Session, *, person_id: int, own_token: str, token: str, for_update: bool = False
) -> tuple[Row[Any], int]:
    """(row of `attempts` with the foreign work, markings it needs), for a learner who has handed in the same assignment and has
    marked it or may still mark one more. Else NotFound."""
    task = peer_task(session, person_id=person_id, own_token=own_token)
    row = circle.work_row(session, token, person_id, for_update=for_update)
    own = attempt_row(session, person_id, own_token)
    wanted = peers_wanted(rules_at(session, row.edition_id, row.quiz_key))
    is_same = (row.course_id, row.quiz_key) == (own.course_id, own.quiz_key)
    if task is None or not is_same or not wanted or (token not in task.done and len(task.done) >= task.wanted):
        raise circle.no_work()
    return row, wanted
