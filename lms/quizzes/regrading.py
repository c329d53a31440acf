"""Judges closed attempts again after a key was corrected: an explicit, audited act that adds rows and changes none (D46)."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, and_, exists, func, insert, select
from sqlalchemy.orm import Session, aliased

from lms.content import library
from lms.content.models import CourseRow
from lms.content.types import MARKED_BY_MACHINE, MARKED_BY_PERSON, WITHOUT_KEY, CompiledQuestion, QuestionKey, QuestionPublic
from lms.quizzes import markings
from lms.quizzes.attempts import as_closed, attempts, pass_mark_of
from lms.quizzes.grading import grade, is_answered, score_of
from lms.quizzes.judging import Choice, Judging, choices, judging
from lms.quizzes.models import AnswerRow, Attempt, AttemptQuestion, FollowUp, Regrade
from lms.quizzes.translate import translate
from lms.quizzes.types import (
    CLOSED,
    Answer,
    AttemptState,
    ClosedAttempt,
    FollowUpStep,
    QuestionEffect,
    RegradeMode,
    RegradeResult,
)
from lms.store import audit

_ANSWERED = and_(AnswerRow.attempt_id == AttemptQuestion.attempt_id, AnswerRow.position == AttemptQuestion.position)


def choose(
    session: Session, *, edition_id: int, mode: RegradeMode, now: datetime, by: int | None, since_id: int | None = None
) -> None:
    """Write down what this publication does to old answers, audited; with another choice than before the work begins anew.

    With `since_id` only questions are judged again whose meaning differs from that edition, as when it follows that edition; None
    = every question that was ever asked in another meaning, as when somebody asks for a regrade by itself.
    """
    row = session.get(FollowUp, edition_id, with_for_update=True)
    if row is None:
        row = FollowUp(edition_id=edition_id, course_id=library.edition(session, edition_id).course_id)
        session.add(row)
    row.mode, row.since_id, row.by = mode, since_id, by
    row.step, row.after_id = FollowUpStep.JUDGE, 0
    row.raised = row.lowered = row.newly_passed = 0
    audit.record(session, at=now, action="attempt.regrade_choice", actor_id=by, subject=f"edition:{edition_id}", mode=mode.value)
    session.flush()


def regrade(session: Session, *, edition_id: int, now: datetime, after: int = 0, limit: int | None = None) -> RegradeResult:
    """Judge the course's closed attempts as was chosen for this edition, audited.

    `tidak-turun`: scores may rise, never fall. `penuh`: they may fall too, and removed questions no longer count. `tidak`:
    nothing. A pass once granted stays in every mode (law 3). Running it twice adds nothing. Large courses go in batches: pass
    `limit`, then `after=result.last_attempt_id` until that is None, each in a transaction of its own. The caller refreshes the
    summaries of `person_ids`.
    """
    course_id = library.edition(session, edition_id).course_id
    session.execute(select(CourseRow.id).where(CourseRow.id == course_id).with_for_update(key_share=True))
    made: list[tuple[ClosedAttempt, ClosedAttempt]] = []
    rows: Sequence[Row[Any]] = []
    chosen = choices(session, course_id, until_id=edition_id)
    if _judges(chosen, edition_id):
        known = judging(session, course_id, chosen)
        rows = session.execute(_affected(course_id, known, after).order_by(Attempt.id).limit(limit)).all()
        judge = _Judge(session, known, rows)
        made = [(was, new) for row in rows if (new := judge.again(was := as_closed(row), chosen[-1].mode)) != was]
        _record(session, chosen[-1], made, now)
    return RegradeResult(
        **_counts(made),
        last_attempt_id=rows[-1].id if limit is not None and len(rows) == limit else None,
        person_ids=tuple(sorted({was.person_id for was, _ in made})),
    )


def to_judge(session: Session, edition_id: int, after: int) -> int:
    """How many attempts `regrade` has still to look at after that one."""
    course_id = library.edition(session, edition_id).course_id
    chosen = choices(session, course_id, until_id=edition_id)
    if not _judges(chosen, edition_id):
        return 0
    affected = _affected(course_id, judging(session, course_id, chosen), after)
    return session.scalar(select(func.count()).select_from(affected.subquery())) or 0


def _judges(chosen: Sequence[Choice], edition_id: int) -> bool:
    return bool(chosen) and chosen[-1].edition_id == edition_id and chosen[-1].mode is not RegradeMode.KEEP


def catch_up(session: Session, closed: ClosedAttempt, now: datetime) -> ClosedAttempt:
    """The same for one attempt that closed only now, begun before a publication whose author chose to judge old answers again:
    who sends a minute after it is not judged by a worse key than who sent a minute before. Call it in the closing transaction."""
    # a publication that has not committed yet would otherwise miss this attempt, and this attempt that publication
    session.execute(select(CourseRow.id).where(CourseRow.id == closed.course_id).with_for_update(read=True))
    later = choices(session, closed.course_id, closed.edition_id)
    if not later or closed.state not in (AttemptState.GRADED, AttemptState.EXPIRED):
        return closed
    row = session.execute(attempts().where(Attempt.id == closed.attempt_id)).one()
    for number, choice in enumerate(later, start=1):
        if choice.mode is not RegradeMode.KEEP:
            known = judging(session, closed.course_id, later[:number])
            new = _Judge(session, known, [row]).again(closed, choice.mode)
            _record(session, choice, [(closed, new)] if new != closed else [], now)
            closed = new
    return closed


def _record(session: Session, choice: Choice, made: list[tuple[ClosedAttempt, ClosedAttempt]], now: datetime) -> None:
    if not made:
        return
    shared = {"edition_id": choice.edition_id, "at": now, "by": choice.by}
    rows = [{"attempt_id": new.attempt_id, "score": new.score, "passed": new.passed} | shared for _, new in made]
    session.execute(insert(Regrade), rows)
    subject = f"edition:{choice.edition_id}"
    audit.record(
        session, at=now, action="attempt.regrade", actor_id=choice.by, subject=subject, mode=choice.mode.value, **_counts(made)
    )
    session.flush()


def _counts(made: list[tuple[ClosedAttempt, ClosedAttempt]]) -> dict[str, int]:
    return {
        "attempts": len(made),
        "raised": sum((new.score or 0) > (was.score or 0) for was, new in made),
        "lowered": sum((new.score or 0) < (was.score or 0) for was, new in made),
        "newly_passed": sum(new.passed and not was.passed for was, new in made),
    }


def _affected(course_id: int, known: Judging, after: int) -> Select[*tuple[Any, ...]]:
    """Graded attempts in which a question was asked that the newest choice judges anew: in another meaning, or, where the attempt
    was judged again before, in any."""
    newest = known.steps[-1][1]
    versions = [version_id for version_id, question_id in known.question_ids.items() if question_id in newest]
    other = [
        one for one in versions if newest[known.question_ids[one]] is None or known.differs(one, known.question_ids[one], newest)
    ]
    asked = exists().where(AttemptQuestion.attempt_id == Attempt.id)
    touched = asked.where(AttemptQuestion.version_id.in_(other)) | (
        Regrade.id.is_not(None) & asked.where(AttemptQuestion.version_id.in_(versions))
    )
    closed = (AttemptState.GRADED, AttemptState.EXPIRED)
    return attempts().where(Attempt.course_id == course_id, Attempt.state.in_(closed), Attempt.id > after, touched)


class _Judge:
    """Judges a batch of attempts: everything they need is read at once."""

    def __init__(self, session: Session, known: Judging, rows: Sequence[Row[Any]]) -> None:
        self._known = known
        self._asked: dict[int, list[Row[Any]]] = {row.id: [] for row in rows}
        wanted = (
            select(
                AttemptQuestion.attempt_id,
                AttemptQuestion.position,
                AttemptQuestion.question_id,
                AttemptQuestion.version_id,
                AnswerRow.value,
                AnswerRow.score,
            )
            .outerjoin(AnswerRow, _ANSWERED)
            .where(AttemptQuestion.attempt_id.in_(self._asked))
            .order_by(AttemptQuestion.attempt_id, AttemptQuestion.position)
        )
        for row in session.execute(wanted):
            self._asked[row.attempt_id].append(row)
        pairs = {(row.edition_id, row.quiz_key) for row in rows}
        self._pass_marks = {pair: pass_mark_of(session, *pair) for pair in pairs}
        self._judging = {row.edition_id: known.of(row.edition_id) for row in rows}
        new_ids = {
            new_id
            for row in rows
            for one in self._asked[row.id]
            if (new_id := known.differs(one.version_id, one.question_id, self._judging[row.edition_id]))
        }
        asked_ids = {one.version_id for found in self._asked.values() for one in found}
        self._publics = {id_: one.public for id_, one in library.versions(session, sorted(asked_ids | new_ids)).items()}
        self._keys = library.keys(session, sorted(new_ids))
        self._by_people = {
            row.id: markings.scores_given(session, row.id, row.edition_id, row.quiz_key)
            for row in rows
            if any(self._publics[one.version_id].kind in MARKED_BY_PERSON for one in self._asked[row.id])
        }

    def again(self, was: ClosedAttempt, mode: RegradeMode) -> ClosedAttempt:
        """The attempt with the score and pass it has now."""
        versions = self._judging[was.edition_id]
        earned = [
            self._earned(one, versions)
            for one in self._asked[was.attempt_id]
            if versions.get(one.question_id, 0) is not None and self._publics[one.version_id].kind not in WITHOUT_KEY
        ]
        old = was.score or 0
        score = score_of([one[0] for one in earned], [one[1] for one in earned]) if earned else old
        if mode is RegradeMode.NEVER_LOWER:
            score = max(score, old)
        passed = was.passed or score >= self._pass_marks[was.edition_id, was.quiz_key]
        return replace(was, score=score, passed=passed)

    def _earned(self, asked: Row[Any], versions: dict[str, int | None]) -> tuple[int, int]:
        """(earned, possible) hundredths of a point for one question."""
        public = self._publics[asked.version_id]
        new_id = self._known.differs(asked.version_id, asked.question_id, versions)
        if new_id is not None and _by_machine(public, self._publics[new_id]):
            new = self._publics[new_id]
            carried = translate(asked.value or {}, public, new)
            if carried is not None:
                return grade(new, self._keys[new_id], carried).score, new.points
        by_people = self._by_people.get(asked.attempt_id, {})
        return by_people.get(asked.position, asked.score or 0), public.points


def _by_machine(old: QuestionPublic, new: QuestionPublic) -> bool:
    return old.kind in MARKED_BY_MACHINE and new.kind in MARKED_BY_MACHINE


# ------------------------------------------------------------------ told before it happens


def regrade_effect(session: Session, *, course_id: int, questions: Mapping[str, CompiledQuestion]) -> list[QuestionEffect]:
    """What publishing these questions would do to old answers, for the plan the author sees before choosing (K036).

    One entry a question whose meaning changed and that closed attempts have answers to, by question id. An answer was right when
    it is shown as right today: by the version it was asked in, or by the one its attempt was judged again with.
    """
    known = judging(session, course_id, choices(session, course_id))
    asked_ids = sorted(id_ for id_, question_id in known.question_ids.items() if question_id in questions)
    versions, keys = library.versions(session, asked_ids), library.keys(session, asked_ids)
    effects: dict[str, QuestionEffect] = {}
    for row in _answers(session, course_id, asked_ids):
        asked, new = versions[row.version_id].public, questions[known.question_ids[row.version_id]]
        chosen = known.of(row.edition_id, row.judged_in) if row.judged_in else {}
        today_id = known.differs(row.version_id, asked.id, chosen) or row.version_id
        if known.meanings[today_id] == new.meaning_hash or not (_by_machine(asked, new.public) and is_answered(asked, row.value)):
            continue
        was_right = _is_right(asked, row.value, versions[today_id].public, keys[today_id])
        is_right = _is_right(asked, row.value, new.public, new.key)
        is_right = was_right if is_right is None else is_right
        before = effects.get(asked.id, QuestionEffect(asked.id, 0, 0, 0))
        effects[asked.id] = QuestionEffect(
            asked.id,
            before.answers + row.times,
            before.become_right + row.times * (is_right is True and not was_right),
            before.become_wrong + row.times * (was_right is True and not is_right),
        )
    return [effects[question_id] for question_id in sorted(effects)]


def _answers(session: Session, course_id: int, version_ids: Sequence[int]) -> Sequence[Row[Any]]:
    """How often each answer was given to each version, by the edition the attempt began in and the one it was last judged in."""
    newest = aliased(Regrade)
    last = (
        select(newest.edition_id)
        .where(newest.attempt_id == Attempt.id)
        .order_by(newest.id.desc())
        .limit(1)
        .correlate(Attempt)
        .scalar_subquery()
    )
    each = (
        select(AttemptQuestion.version_id, AnswerRow.value, Attempt.edition_id, last.label("judged_in"))
        .join(Attempt, Attempt.id == AttemptQuestion.attempt_id)
        .join(AnswerRow, _ANSWERED)
        .where(Attempt.course_id == course_id, Attempt.state.in_(CLOSED), AttemptQuestion.version_id.in_(version_ids))
        .subquery()
    )
    columns = (each.c.version_id, each.c.value, each.c.edition_id, each.c.judged_in)
    grouped = select(*columns, func.count().label("times")).group_by(*columns).order_by(*columns)
    return session.execute(grouped).all()


def _is_right(asked: QuestionPublic, value: Answer, public: QuestionPublic, key: QuestionKey) -> bool | None:
    """Whether an answer given to `asked` is right by another wording; None when the two cannot be compared."""
    carried = value if public is asked else translate(value, asked, public)
    return None if carried is None else grade(public, key, carried).is_correct
