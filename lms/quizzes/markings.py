"""What people gave: the markings of a piece of work, and the score that counts out of them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from lms.content.assignments import Grader
from lms.content.types import QuizRules
from lms.quizzes.attempts import rules_at, work_id
from lms.quizzes.grading import round_half_up
from lms.quizzes.models import Marking


@dataclass(frozen=True, slots=True)
class Given:
    """One marking of one answer. `levels` and `score` as in the table: hundredths a criterion, hundredths of a point in all."""

    id: int
    position: int
    marker_id: int
    is_peer: bool
    levels: tuple[int, ...]
    score: int
    comment: str
    marked_at: datetime


def given(session: Session, attempt_id: int) -> list[Given]:
    """All markings of a piece of work, oldest first. `attempt_id` is the attempt that holds the work."""
    columns = (Marking.id, Marking.position, Marking.marker_id, Marking.is_peer, Marking.levels, Marking.score)
    wanted = select(*columns, Marking.comment, Marking.marked_at).where(Marking.attempt_id == attempt_id).order_by(Marking.id)
    return [
        Given(row.id, row.position, row.marker_id, row.is_peer, tuple(row.levels), row.score, row.comment, row.marked_at)
        for row in session.execute(wanted)
    ]


def given_for(session: Session, attempt_id: int) -> list[Given]:
    """All markings behind one's own attempt: those of the group's work when a group handed in."""
    return given(session, work_id(session, attempt_id))


def peers_wanted(rules: QuizRules | None) -> int:
    """How many other learners must mark each piece of work; 0 where staff do."""
    hand_in = rules.hand_in if rules else None
    return max(1, hand_in.peers) if hand_in and hand_in.grader is Grader.PEER else 0


def newest(markings: Iterable[Given]) -> list[Given]:
    """The newest marking of each marker and answer, in the order in which the markers came."""
    found: dict[tuple[int, int], Given] = {}
    for one in markings:
        found[one.position, one.marker_id] = one  # a key keeps the place of its first entry
    return list(found.values())


def counted(markings: Sequence[Given], peers: int) -> dict[int, int]:
    """Position to the score that counts, in hundredths of a point; positions that still wait are left out.

    The newest marking by an author, mentor or superior counts. Without one, and with `peers` > 0, the mean of what the first
    `peers` learners gave, rounded half up, as soon as there are so many.
    """
    scores: dict[int, int] = {}
    for position in sorted({one.position for one in markings}):
        here = [one for one in markings if one.position == position]
        by_staff = [one for one in here if not one.is_peer]
        by_peers = [one for one in newest(here) if one.is_peer][:peers]
        if by_staff:
            scores[position] = by_staff[-1].score
        elif peers and len(by_peers) == peers:
            scores[position] = round_half_up(sum(one.score for one in by_peers), peers)
    return scores


def scores_given(session: Session, attempt_id: int, edition_id: int, quiz_key: str) -> dict[int, int]:
    """`counted` for an attempt; a group member's is that of the group's work."""
    return counted(given_for(session, attempt_id), peers_wanted(rules_at(session, edition_id, quiz_key)))
