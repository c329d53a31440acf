"""Writes markings, and what follows from the last one that was needed: score, pass and state. Runs inside `write_tx`.

A marking is a fact: marking again adds a row. Once a score is out, a marking that changes it adds a `regrade` row beside the
attempt, audited; a pass once granted stays (law 3). `progress.actions` carries the result on to summaries and completion.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, insert, select, update
from sqlalchemy.orm import Session

from lms.content.types import WITHOUT_KEY
from lms.errors import Conflict, Invalid
from lms.quizzes import circle, markings, peers
from lms.quizzes.attempts import as_closed, attempts, pass_mark_of, questions_of
from lms.quizzes.grading import FULL_SCORE, awaits_marker, criteria_of, most_for, rubric_score, score_of
from lms.quizzes.markings import Given
from lms.quizzes.models import AnswerRow, Attempt, GroupMember, Marking, Regrade
from lms.quizzes.regrading import catch_up
from lms.quizzes.types import AttemptQuestionView, AttemptState, ClosedAttempt
from lms.store import audit

LONGEST_COMMENT = 5000


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a marker fills in for one answer. `levels`: hundredths for each criterion, in the rubric's order."""

    levels: tuple[int, ...]
    comment: str = ""


@dataclass(frozen=True, slots=True)
class Marked:
    """What a marking brought. `closed` are the attempts, every group member's among them, whose score or pass is new."""

    closed: tuple[ClosedAttempt, ...] = ()
    is_waiting: bool = False
    """Further markings are needed."""


class MarkedMeanwhile(Conflict):
    """Somebody else has marked this work since the page was opened; nothing was saved. Look at theirs, then save again."""


def mark_as_staff(
    session: Session,
    *,
    marker_id: int,
    is_author: bool,
    token: str,
    sheets: Mapping[int, Sheet],
    seen: int,
    now: datetime,
) -> Marked:
    """Mark a piece of work as author, mentor or superior: a sheet for every answer that waits, by position.

    `seen` is the id of the newest marking that the marker was shown (0 = none). Raises NotFound for work of others' circles,
    MarkedMeanwhile when another member of staff was quicker, Invalid for marks that the rubric does not know.
    """
    row, rules = circle.work_for_staff(session, marker_id=marker_id, is_author=is_author, token=token, now=now, for_update=True)
    known = markings.given(session, row.id)
    theirs = [one for one in known if not one.is_peer]
    if theirs and theirs[-1].id > seen and theirs[-1].marker_id != marker_id:
        raise MarkedMeanwhile(
            "Rekan Anda baru saja menilai pekerjaan ini, jadi penilaian Anda belum disimpan. Isian Anda masih ada di bawah; "
            "lihat dulu nilai darinya, lalu simpan lagi bila tetap ingin mengganti."
        )
    return _mark(session, row, known, marker_id, False, sheets, markings.peers_wanted(rules), now)


def mark_as_peer(
    session: Session, *, person_id: int, own_token: str, token: str, sheets: Mapping[int, Sheet], now: datetime
) -> Marked:
    """Mark another learner's work, coming from one's own hand-in. Raises NotFound for work that is not theirs to mark, Conflict
    when it has been marked enough already."""
    row, wanted = peers.work_for_peer(session, person_id=person_id, own_token=own_token, token=token, for_update=True)
    if row.state != AttemptState.SUBMITTED:
        raise Conflict(
            "Pekerjaan ini sudah selesai dinilai orang lain, jadi penilaian Anda tidak diperlukan lagi. Terima kasih; "
            "buka lagi halaman tugas Anda untuk melihat yang masih menunggu."
        )
    return _mark(session, row, markings.given(session, row.id), person_id, True, sheets, wanted, now)


def _mark(
    session: Session,
    row: Row[Any],
    known: Sequence[Given],
    marker_id: int,
    is_peer: bool,
    sheets: Mapping[int, Sheet],
    wanted: int,
    now: datetime,
) -> Marked:
    questions = questions_of(session, row.id)
    answered = [question for question in questions if awaits_marker(question.public, question.answer)]
    if not answered:
        raise circle.no_work()
    before = markings.counted(known, wanted)
    mine = {one.position: one for one in markings.newest(known) if one.marker_id == marker_id and one.is_peer is is_peer}
    added = [_row(row.id, question, marker_id, is_peer, sheets.get(question.position), now) for question in answered]
    latest = {one.position: one.id for one in known if one.is_peer is is_peer}
    added = [one for one in added if not _repeats(one, mine.get(one["position"]), latest)]
    if added:
        session.execute(insert(Marking), added)
    after = markings.counted(markings.given(session, row.id), wanted)
    if any(question.position not in after for question in answered):
        return Marked(is_waiting=True)
    if row.state == AttemptState.SUBMITTED:
        return Marked(_grade(session, row, questions, after, now))
    return Marked(_grade_again(session, row, questions, before, after, marker_id, now))


def _row(
    attempt_id: int, question: AttemptQuestionView, marker_id: int, is_peer: bool, sheet: Sheet | None, now: datetime
) -> dict[str, Any]:
    """A row for the table, checked against the rubric."""
    criteria = criteria_of(question.public)
    if sheet is None or len(sheet.levels) != len(criteria):
        raise Invalid("Masih ada kriteria yang belum dinilai. Penilaian belum disimpan; isi dulu semuanya, lalu simpan lagi.")
    for criterion, points in zip(criteria, sheet.levels, strict=True):
        known = {level.points for level in criterion.levels} | {0}
        if type(points) is not int or (criterion.levels and points not in known) or not 0 <= points <= most_for(criterion):
            raise Invalid("Nilai yang dikirim tidak ada di rubrik. Penilaian belum disimpan; pilih lagi, lalu simpan.")
    if len(sheet.comment) > LONGEST_COMMENT:
        raise Invalid(
            f"Komentar Anda {len(sheet.comment)} karakter; paling banyak {LONGEST_COMMENT}. Penilaian belum disimpan; ringkas dulu."
        )
    return {
        "attempt_id": attempt_id,
        "position": question.position,
        "marker_id": marker_id,
        "is_peer": is_peer,
        "levels": list(sheet.levels),
        "score": rubric_score(question.public, sheet.levels),
        "comment": sheet.comment,
        "marked_at": now,
    }


def _repeats(new: Mapping[str, Any], old: Given | None, latest: Mapping[int, int]) -> bool:
    """Whether the marker's newest marking says the same already, so that sending twice adds nothing. Staff who give the same
    again after somebody else's marking mean it: theirs must become the newest."""
    is_same = old is not None and (old.levels, old.comment) == (tuple(new["levels"]), new["comment"])
    return is_same and old is not None and (old.is_peer or old.id == latest[old.position])


def _total(session: Session, row: Row[Any], questions: Sequence[AttemptQuestionView], by_people: Mapping[int, int]) -> int:
    """Hundredths of 100 from the machine's scores, as recorded, and people's."""
    wanted = select(AnswerRow.position, AnswerRow.score).where(AnswerRow.attempt_id == row.id)
    recorded: dict[int, int] = {one.position: one.score or 0 for one in session.execute(wanted)} | dict(by_people)
    scored = [question for question in questions if question.public.kind not in WITHOUT_KEY]
    return score_of([recorded.get(one.position, 0) for one in scored], [one.public.points for one in scored])


def _with_members(session: Session, row: Row[Any]) -> list[Row[Any]]:
    """The row with the work and those of the group it was handed in for, locked."""
    ids = select(GroupMember.member_attempt_id).where(GroupMember.attempt_id == row.id)
    wanted = attempts().where(Attempt.id.in_(ids), Attempt.state.in_(circle.MARKABLE)).order_by(Attempt.id)
    return [row, *session.execute(wanted.with_for_update(of=Attempt))]


def _grade(
    session: Session, row: Row[Any], questions: Sequence[AttemptQuestionView], by_people: Mapping[int, int], now: datetime
) -> tuple[ClosedAttempt, ...]:
    """The last marking that was needed is here: the score comes out, for all who handed in together."""
    score = _total(session, row, questions, by_people)
    passed = score >= pass_mark_of(session, row.edition_id, row.quiz_key)
    ids = [one.id for one in _with_members(session, row)]
    session.execute(
        update(Attempt).where(Attempt.id.in_(ids)).values(state=AttemptState.GRADED, score=score, passed=passed),
        execution_options={"synchronize_session": False},
    )
    graded = session.execute(attempts().where(Attempt.id.in_(ids)).order_by(Attempt.id)).all()
    return tuple(catch_up(session, as_closed(one), now) for one in graded)


def _grade_again(
    session: Session,
    row: Row[Any],
    questions: Sequence[AttemptQuestionView],
    before: Mapping[int, int],
    after: Mapping[int, int],
    by: int,
    now: datetime,
) -> tuple[ClosedAttempt, ...]:
    """A marking after the score was out. What a corrected key changed about the score stays in it."""
    change = _total(session, row, questions, after) - _total(session, row, questions, before)
    changed = []
    for one in _with_members(session, row):
        was = as_closed(one)
        score = min(max((was.score or 0) + change, 0), FULL_SCORE)
        passed = was.passed or score >= pass_mark_of(session, row.edition_id, row.quiz_key)
        if (score, passed) == (was.score, was.passed):
            continue
        edition_id = one.new_edition_id or one.edition_id
        session.execute(
            insert(Regrade),
            {"attempt_id": one.id, "edition_id": edition_id, "score": score, "passed": passed, "at": now, "by": by},
        )
        detail = {"score_before": was.score, "score_after": score, "passed": passed}
        audit.record(session, at=now, action="attempt.mark_again", actor_id=by, subject=f"attempt:{one.id}", **detail)
        changed.append(one.id)
    session.flush()
    return tuple(as_closed(one) for one in session.execute(attempts().where(Attempt.id.in_(changed)).order_by(Attempt.id)))
