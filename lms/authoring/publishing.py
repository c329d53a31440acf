"""From a course folder to an edition, for the terminal and for the studio alike. Prints nothing; opens no transaction.

examine(folder)              read, check, render                          no database
propose(session, examined)   what publishing would change and mean        reads
doubts(session, proposal)    lost ids that only the author can decide     reads
write_ids / write_item_ids   the author's answers, written into the files no database
ready(order)                 media and source on disk, stored form        no database
publish(session, order, …)   the edition, in the caller's `write_tx`; what is left to do: lms.authoring.follow_up
roll_back(session, …)        an older edition again, the same way
"""

import dataclasses
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session

from lms.authoring import sources
from lms.authoring.findings import findings
from lms.content import actions, library
from lms.content.actions import Prepared, Publication
from lms.content.check import check_course, visible
from lms.content.compile import Cache, CannotCompile, compile_course
from lms.content.likeness import Lookalike
from lms.content.nodes import CourseNode, LoadedCourse, QuestionNode
from lms.content.parse import MANIFEST, load_course, read_manifest
from lms.content.plan import Change, PublicationPlan, texts_of
from lms.content.repair import keep_id
from lms.content.stamp import Stamp, missing_ids, stamp_ids
from lms.content.types import MARKED_BY_MACHINE, CompiledCourse, Level, Problem
from lms.errors import NotFound, Refused
from lms.progress.reach import Reach, reach
from lms.quizzes.regrading import choose, regrade_effect
from lms.quizzes.types import QuestionEffect, RegradeMode

Say = Callable[[str], None]
Place = tuple[str, int]
"""(file, line) of a question's heading."""


@dataclass(frozen=True)
class Examined:
    """A folder as it stands. `compiled` is None when there are errors: then nothing of it can be published."""

    folder: Path
    fingerprint: str
    """Of the bytes of all its files, to notice that it changed since somebody looked."""
    loaded: LoadedCourse
    problems: tuple[Problem, ...]
    compiled: CompiledCourse | None
    without_id: frozenset[Place] = frozenset()
    """Headings of questions that have no permanent id in the file yet; publishing writes them."""
    may_leave_folder: bool = False
    """As in `load_course`."""

    @property
    def key(self) -> str:
        return self.loaded.course.code

    @property
    def has_errors(self) -> bool:
        return any(problem.level is Level.ERROR for problem in self.problems)


@dataclass(frozen=True)
class Consequences:
    """What publishing something would do."""

    compiled: CompiledCourse
    plan: PublicationPlan
    effects: dict[str, QuestionEffect]
    """By question id: what the new meanings do to old answers."""
    reach: Reach

    @property
    def changes_meaning(self) -> bool:
        """Whether old answers can be judged again, so that the author has something to choose."""
        return any(
            change.change in (Change.KEY, Change.MEANING)
            and change.question is not None
            and change.question.public.kind in MARKED_BY_MACHINE
            for change in self.plan.questions
        )


@dataclass(frozen=True)
class Proposal(Consequences):
    """The same of an examined folder. `problems` are all of it, those found against the published course included."""

    examined: Examined
    problems: tuple[Problem, ...]
    recognised: tuple[tuple[Place, str], ...] = ()
    """Questions that lost their id, are surely the same, and get it back: (place, id)."""
    former: str = ""
    """The key it was published under until now; "" = unchanged."""

    @property
    def is_blocked(self) -> bool:
        return any(problem.level is Level.ERROR for problem in self.problems)


# ------------------------------------------------------------------ looking


def examine(folder: Path, *, may_leave_folder: bool = False, cache: Cache | None = None) -> Examined:
    """Read, check and render a course folder. Raises Refused for one that cannot be read or is no course."""
    try:
        loaded = load_course(folder, may_leave_folder=may_leave_folder)
        fingerprint = _fingerprint(loaded.course)
    except OSError as problem:
        raise Refused(
            f"Folder pelatihan {folder} tidak dapat dibaca ({problem.strerror or problem}). Periksa jalurnya."
        ) from problem
    if not loaded.course.is_course:
        raise Refused(f"{folder} bukan pelatihan: tidak ada {MANIFEST} di dalamnya.")
    without_id = frozenset(missing_ids(loaded))
    problems = check_course(loaded)
    examined = Examined(folder, fingerprint, loaded, tuple(problems), None, without_id, may_leave_folder)
    return examined if examined.has_errors else _compiled(examined, cache)


def _compiled(examined: Examined, cache: Cache | None) -> Examined:
    try:
        return dataclasses.replace(examined, compiled=compile_course(examined.loaded, cache))
    except CannotCompile as failure:
        problems = visible(examined.loaded, [*examined.problems, *failure.problems])
        return dataclasses.replace(examined, problems=tuple(problems), compiled=None)


def _fingerprint(course: CourseNode) -> str:
    digest = hashlib.sha256()
    for name in sorted(course.known_paths):
        content = (Path(course.root) / name).read_bytes()
        digest.update(f"{name}\0{len(content)}\0".encode() + content)
    for name, bank in sorted(course.banks.items()):
        if name not in course.known_paths:  # it lies outside the folder
            digest.update("\n".join((name, *bank.source.original)).encode())
    return digest.hexdigest()


def propose(
    session: Session, examined: Examined, *, former: str = "", is_new: bool = False, cache: Cache | None = None
) -> Proposal:
    """What publishing would change, why it is a correction or a new edition, and what it means for learners. Writes nothing.

    `former` is the key the course had until now; `is_new` says that it is another course in spite of its likeness (K110). A
    question that lost its id and surely is a published one is seen under that id. `examined` must be free of errors.
    """
    if former and _known_as(session, former) == examined.key:
        former = ""  # it was renamed before: asking again is harmless
    plan = _plan(session, _whole(examined), former)
    places = {id_: (question.file, question.line) for id_, question in _whole(examined).questions.items()}
    sure = {
        places[pair.new_id]: pair.old_id
        for pair in plan.lost_questions
        if pair.is_sure and places[pair.new_id] in examined.without_id
    }
    if sure:
        for node in _questions(examined.loaded):
            node.id = sure.get((node.file, node.line), node.id)
        examined = _compiled(examined, cache)
        plan = _plan(session, _whole(examined), former)
    if is_new or _is_copy(examined.folder, plan.maybe_former):
        plan = dataclasses.replace(plan, maybe_former="")
    compiled = _whole(examined)
    found = consequences(session, compiled, plan)
    problems = visible(examined.loaded, [*examined.problems, *findings(examined.loaded, compiled, plan, found.effects)])
    recognised = tuple(sorted(sure.items()))
    return Proposal(compiled, plan, found.effects, found.reach, examined, tuple(problems), recognised, former)


def consequences(session: Session, compiled: CompiledCourse, plan: PublicationPlan | None = None) -> Consequences:
    """What publishing a compiled course means for old answers and for learners; also for an older edition (`history.stored`)."""
    plan = plan or actions.plan(session, compiled)
    effects: dict[str, QuestionEffect] = {}
    learners = Reach(0, 0, 0)
    if plan.before is not None:
        changed = {change.question_id: change.question for change in plan.questions if change.question is not None}
        found = regrade_effect(session, course_id=plan.before.course_id, questions=changed)
        effects = {effect.question_id: effect for effect in found}
        learners = reach(session, plan.before.course_id, plan.before.number)
    return Consequences(compiled, plan, effects, learners)


def _whole(examined: Examined) -> CompiledCourse:
    assert examined.compiled is not None, "a folder with errors has no plan"
    return examined.compiled


def _known_as(session: Session, former: str) -> str:
    try:
        return library.current(session, former).course_key
    except NotFound as problem:
        raise NotFound(
            f'Tidak ada pelatihan terbit dengan kode "{former}". Periksa kode lamanya; tidak ada yang diterbitkan.'
        ) from problem


def _plan(session: Session, compiled: CompiledCourse, former: str) -> PublicationPlan:
    if not former:
        return actions.plan(session, compiled)
    under_former = dataclasses.replace(compiled, outline=dataclasses.replace(compiled.outline, key=former))
    return dataclasses.replace(actions.plan(session, under_former), changed=True)


def _is_copy(folder: Path, key: str) -> bool:
    """Whether the course with that key still has a folder of its own beside this one: then this is a copy, not a renamed course."""
    others = (path for path in folder.resolve().parent.glob(f"*/{MANIFEST}") if path.parent != folder.resolve()) if key else ()
    return any(path.parent.name == key or read_manifest(path.parent)[1].get("kode") == key for path in others)


def _questions(loaded: LoadedCourse) -> list[QuestionNode]:
    return [question for node in loaded.course.all_files() for question in node.questions()]


# ------------------------------------------------------------------ lost ids


@dataclass(frozen=True, slots=True)
class Doubt:
    """A question or lesson that may be a published one under a lost id. Both texts are plain, one part a line."""

    pair: Lookalike
    is_question: bool
    file: str
    line: int
    old_text: tuple[str, ...]
    new_text: tuple[str, ...]
    is_open: bool
    """Only the author can decide, and publishing decides; else the file says already, by an id of its own, that it is new."""


def doubts(session: Session, proposal: Proposal) -> list[Doubt]:
    """What to ask the author: questions alike by 60 % or more (COURSE-FORMAT.md 2.10, 3c), and lessons that may have been renamed."""
    plan, examined = proposal.plan, proposal.examined
    if plan.before is None:
        return []
    before = library.questions(session, plan.before.edition_id, [pair.old_id for pair in plan.lost_questions])
    found = []
    for pair in plan.lost_questions:
        new = proposal.compiled.questions[pair.new_id]
        is_open = (new.file, new.line) in examined.without_id
        texts = texts_of(before[pair.old_id].public), texts_of(new.public)
        found.append(Doubt(pair, True, new.file, new.line, *texts, is_open))
    files = {node.key: node for node in examined.loaded.course.files}
    for pair in plan.lost_items:
        old, new_item, node = (
            plan.before.outline.item(pair.old_id),
            proposal.compiled.outline.item(pair.new_id),
            files[pair.new_id],
        )
        assert old is not None and new_item is not None
        texts = (old.title, old.key), (new_item.title, new_item.key)
        found.append(Doubt(pair, False, node.file, 1, *texts, is_open="id" not in node.meta.settings))
    return found


def write_ids(proposal: Proposal, same: Mapping[str, str]) -> list[Stamp]:
    """Write permanent ids into the files: those of `same` (new id to old id), those surely recognised, new ones for the rest.

    Raises Refused when a file cannot be written; then no question has lost an id it had.
    """
    places = {id_: (question.file, question.line) for id_, question in proposal.compiled.questions.items()}
    chosen = dict(proposal.recognised) | {places[new_id]: old_id for new_id, old_id in same.items()}
    root = proposal.examined.folder
    try:
        return stamp_ids(load_course(root, may_leave_folder=proposal.examined.may_leave_folder), chosen)
    except OSError as problem:
        raise Refused(
            f"ID soal tidak dapat ditulis ke {root} ({problem.strerror or problem}). Tidak ada yang diterbitkan; "
            "beri izin tulis pada berkasnya lalu ulangi, sebab tanpa ID jawaban peserta tidak dapat dikaitkan."
        ) from problem


def write_item_ids(proposal: Proposal, same: Mapping[str, str]) -> None:
    """Write `id: <old key>` into the files of renamed lessons, by new key; its own key for one that is new indeed. Raises Refused."""
    files = {node.key: node.file for node in proposal.examined.loaded.course.files}
    try:
        for new_key, old_key in same.items():
            keep_id(proposal.examined.folder, files[new_key], old_key)
    except OSError as problem:
        raise Refused(
            f"Kunci lama tidak dapat ditulis ke {proposal.examined.folder} ({problem.strerror or problem}). "
            "Tidak ada yang diterbitkan; beri izin tulis pada berkasnya lalu ulangi."
        ) from problem


# ------------------------------------------------------------------ publishing


@dataclass(frozen=True)
class Order:
    """What the author asked for, for one course."""

    compiled: CompiledCourse
    data_dir: Path
    mode: RegradeMode | None = None
    """None = never lower, and only for what this publication changes."""
    note: str = ""
    former: str = ""
    by: int | None = None
    source: bytes = b""
    """The course folder as a zip; b"" keeps none."""


@dataclass(frozen=True)
class Ready:
    prepared: Prepared
    source: sources.Kept | None


def ready(order: Order) -> Ready:
    """Everything that takes time, done before the transaction. Repeating it is cheap and changes nothing. Raises Refused."""
    kept = sources.keep(order.data_dir, order.source) if order.source else None
    return Ready(actions.prepare(order.compiled, order.data_dir), kept)


def publish(session: Session, order: Order, made: Ready, *, now: datetime) -> Publication:
    """The new edition with its source and the author's choice about old scores, in the caller's transaction.

    A course that stands exactly so already is left alone; with a `mode` its old answers are all judged again.
    """
    key = order.compiled.outline.key
    if order.former:
        actions.rename(session, order.former, key, now=now, by=order.by)
    before = _current(session, key)
    publication = actions.publish(
        session, order.compiled, data_dir=order.data_dir, now=now, published_by=order.by, note=order.note, prepared=made.prepared
    )  # fmt: skip
    if publication.changed and made.source is not None:
        sources.attach(session, publication.edition_id, made.source)
    _choose(session, publication, before, order.mode, now=now, by=order.by)
    return publication


def roll_back(
    session: Session, course_key: str, edition_id: int, *, mode: RegradeMode | None, note: str, now: datetime, by: int | None
) -> Publication:
    """Publish an older edition again, in the caller's transaction: its source and the choice about old scores go with it."""
    before = _current(session, course_key)
    publication = actions.roll_back(session, course_key, edition_id, now=now, by=by, note=note)
    kept = sources.of_edition(session, edition_id)
    if publication.changed and kept is not None:
        sources.attach(session, publication.edition_id, kept)
    _choose(session, publication, before, mode, now=now, by=by)
    return publication


def regrade(session: Session, edition_id: int, *, mode: RegradeMode, now: datetime, by: int | None) -> None:
    """Ask for all old answers to be judged again by this edition, without publishing anything; `follow_up` does it."""
    choose(session, edition_id=edition_id, mode=mode, now=now, by=by)


def _current(session: Session, course_key: str) -> int | None:
    try:
        return library.current(session, course_key).edition_id
    except NotFound:
        return None


def _choose(
    session: Session,
    publication: Publication,
    before: int | None,
    mode: RegradeMode | None,
    *,
    now: datetime,
    by: int | None,
) -> None:
    if publication.changed and before is not None:
        chosen = mode or RegradeMode.NEVER_LOWER
        choose(session, edition_id=publication.edition_id, mode=chosen, now=now, by=by, since_id=before)
    elif not publication.changed and mode is not None:
        regrade(session, publication.edition_id, mode=mode, now=now, by=by)
