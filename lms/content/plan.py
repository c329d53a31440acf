"""What publishing a compiled course would change, told before it happens (COURSE-FORMAT.md 2.10, 8). Reads only."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from itertools import zip_longest
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lms.content import library
from lms.content.editions import reasons_for_new_edition
from lms.content.identity import ReusedId, lost_items, lost_questions, maybe_former, reused_ids
from lms.content.likeness import Lookalike
from lms.content.models import CourseAlias, CourseRow, EditionRow, PageRow, QuestionVersion
from lms.content.types import MARKED_BY_MACHINE, CompiledCourse, CompiledQuestion, Item, Outline, QuestionKey, QuestionPublic
from lms.shared.codec import decode, encode
from lms.store.base import canonical_json


class Change(StrEnum):
    ADDED = "added"
    REMOVED = "removed"
    """Items only; learners who did it keep the fact."""
    RENAMED = "renamed"
    """Same key, other title."""
    MOVED = "moved"
    """Other place in the course order, or other module."""
    EDITED = "edited"
    """Items: text or rules differ."""
    RETIRED = "retired"
    """Questions only: no longer asked, still shown in old attempts."""
    WORDING = "wording"
    """Questions: equal meaning hash, so no score can depend on it."""
    MEANING = "meaning"
    """Questions: options, points or blanks differ, the right answer does not."""
    KEY = "key"
    """Questions: the right answer differs; closed answers may be regraded."""


@dataclass(frozen=True, slots=True)
class ItemChange:
    change: Change
    key: str
    title: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class QuestionChange:
    change: Change
    question_id: str
    text: str
    """Plain stem, for people to recognise it."""
    place: str = ""
    """file:line in the folder; "" for a retired question."""
    detail: str = ""
    """For KEY: "B → C"."""
    version_id: int | None = None
    """The version that learners get now."""
    question: CompiledQuestion | None = None
    """The version that would replace it."""


@dataclass(frozen=True, slots=True)
class PublicationPlan:
    course_key: str
    title: str
    before: library.Published | None
    """What learners get now; None for a first publication."""
    changed: bool
    is_correction: bool
    number: int
    revision: int
    reasons: tuple[str, ...] = ()
    """Why it is a new edition, as sentences; empty for a correction."""
    items: tuple[ItemChange, ...] = ()
    questions: tuple[QuestionChange, ...] = ()
    details: tuple[str, ...] = ()
    """Other changes of the course page."""
    lost_questions: tuple[Lookalike, ...] = ()
    """New questions that look like vanished ones: their ids were probably lost (K033)."""
    lost_items: tuple[Lookalike, ...] = ()
    """New lessons that look like vanished ones: files renamed without `id:` (K035)."""
    maybe_former: str = ""
    """A first publication whose questions another course already has: its key, in case the course was renamed (K110)."""
    renamed_to: str = ""
    """The key is the former one of a renamed course, whose key is this now: publishing would be refused (K110)."""
    reused: tuple[ReusedId, ...] = ()
    """Ids for which publishing would be refused (K034)."""


def plan(session: Session, compiled: CompiledCourse, before: library.Published | None = None) -> PublicationPlan:
    """Compare a compiled course with what learners get now, or with another edition `before`. Nothing is written."""
    new = compiled.outline
    row = session.execute(select(CourseRow.id, CourseRow.current_edition_id).where(CourseRow.key == new.key)).first()
    if row is None or row.current_edition_id is None:
        alias = select(CourseRow.key).join(CourseAlias, CourseAlias.course_id == CourseRow.id).where(CourseAlias.key == new.key)
        renamed_to = session.scalar(alias) or ""
        former = "" if renamed_to else maybe_former(session, compiled)
        return PublicationPlan(new.key, new.title, None, True, False, 1, 1, maybe_former=former, renamed_to=renamed_to)
    before = before or library.edition(session, row.current_edition_id)
    pages = _pages(session, before.edition_id)
    items = _item_changes(before.outline, new, _edited_pages(pages, encode(compiled.pages)))
    asked_now = _asked_now(session, before)
    questions = _question_changes(asked_now, compiled)
    details = _course_details(before.outline, new)
    reasons = reasons_for_new_edition(before.outline, new)
    newest = session.execute(select(func.max(EditionRow.number)).where(EditionRow.course_id == row.id)).scalar_one()
    return PublicationPlan(
        course_key=new.key,
        title=new.title,
        before=before,
        changed=fingerprint(compiled) != before.sha256,
        is_correction=not reasons,
        number=newest + 1 if reasons else before.number,
        revision=1 if reasons else before.revision + 1,
        reasons=reasons,
        items=items,
        questions=questions,
        details=details,
        lost_questions=lost_questions(before.outline, asked_now, compiled),
        lost_items=lost_items(before.outline, asked_now, pages, compiled),
        reused=tuple(reused_ids(session, row.id, asked_now, compiled)),
    )


def fingerprint(compiled: CompiledCourse) -> str:
    """SHA-256 of the canonical form: outline, pages, question hashes and media hashes. Places in files do not count."""
    return sha256_of(
        {
            "outline": encode(compiled.outline),
            "pages": encode(compiled.pages),
            "questions": {question_id: question.full_hash for question_id, question in compiled.questions.items()},
            "media": sorted([file.name, file.sha256] for file in compiled.media),
        }
    )


def sha256_of(value: Any) -> str:
    """SHA-256 of the canonical JSON of a value."""
    return hashlib.sha256(canonical_json(value).encode()).hexdigest()


def _pages(session: Session, edition_id: int) -> dict[str, Any]:
    wanted = select(PageRow.item_key, PageRow.page).where(PageRow.edition_id == edition_id).order_by(PageRow.item_key)
    return {row.item_key: row.page for row in session.execute(wanted)}


def _edited_pages(old: Mapping[str, Any], new: Mapping[str, Any]) -> set[str]:
    return {key for key in old.keys() & new.keys() if old[key] != new[key]}


def _item_changes(old: Outline, new: Outline, edited: set[str]) -> tuple[ItemChange, ...]:
    before, after = {item.key: item for item in old.items}, {item.key: item for item in new.items}
    moved = _moved([key for key in before if key in after], [key for key in after if key in before])
    found = [ItemChange(Change.REMOVED, key, item.title) for key, item in before.items() if key not in after]
    for key, item in after.items():
        was = before.get(key)
        if was is None:
            found.append(ItemChange(Change.ADDED, key, item.title))
            continue
        if was.title != item.title:
            found.append(ItemChange(Change.RENAMED, key, item.title, f"dari {was.title}"))
        if was.module_key != item.module_key:
            found.append(ItemChange(Change.MOVED, key, item.title, f"ke modul {_module_title(new, item)}"))
        elif key in moved:
            found.append(ItemChange(Change.MOVED, key, item.title, f"kini urutan ke-{[*after].index(key) + 1}"))
        edits = _edits(was, item, key in edited)
        if edits:
            found.append(ItemChange(Change.EDITED, key, item.title, ", ".join(edits)))
    return tuple(found)


def _moved(old: list[str], new: list[str]) -> set[str]:
    """The fewest keys whose place differs: all but those in the longest common order."""
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    kept = {key for block in matcher.get_matching_blocks() for key in old[block.a : block.a + block.size]}
    return set(new) - kept


def _module_title(outline: Outline, item: Item) -> str:
    module = outline.module(item.module_key)
    return f'"{module.title}"' if module else "(di luar modul)"


LABELS = (
    ("kind", "jenis"),
    ("required", "wajib atau tidak"),
    ("done_when", "syarat selesai"),
    ("minutes", "perkiraan waktu"),
    ("objectives", "tujuan"),
    ("prerequisites", "prasyarat"),
    ("question_ids", "soal di dalamnya"),
    ("attachments", "lampiran"),
    ("quiz", "aturan pengerjaan"),
)


def _edits(old: Item, new: Item, page_differs: bool) -> list[str]:
    found = ["teks"] if page_differs else []
    return found + [label for name, label in LABELS if getattr(old, name) != getattr(new, name)]


def _course_details(old: Outline, new: Outline) -> tuple[str, ...]:
    labels = {
        "title": "judul pelatihan", "summary": "ringkasan", "landing": "halaman depan", "version": "versi", "organizer": "penyelenggara",
        "authors": "penulis", "audience": "sasaran", "prerequisites": "prasyarat pelatihan", "in_order": "urutan wajib",
        "learning_form": "bentuk pembelajaran", "competencies": "kompetensi", "tags": "tag", "reviewed_on": "tanggal tinjau",
        "modules": "judul atau pengantar modul", "language": "bahasa", "minutes": "perkiraan waktu",
    }  # fmt: skip
    return tuple(label for name, label in labels.items() if getattr(old, name) != getattr(new, name))


def _asked_now(session: Session, before: library.Published) -> dict[str, Any]:
    """Rows of the question versions that learners get now, by question id."""
    now_asked = library.version_ids(session, before.edition_id)
    version = QuestionVersion
    columns = (version.id, version.question_id, version.full_hash, version.meaning_hash, version.public, version.key)
    wanted = select(*columns, version.text)
    wanted = wanted.where(version.course_id == before.course_id).order_by(version.id)
    return {row.question_id: row for row in session.execute(wanted) if now_asked.get(row.question_id) == row.id}


def _question_changes(rows: Mapping[str, Any], compiled: CompiledCourse) -> tuple[QuestionChange, ...]:
    found = [
        QuestionChange(Change.RETIRED, question_id, plain(decode(QuestionPublic, row.public)), version_id=row.id)
        for question_id, row in rows.items()
        if question_id not in compiled.questions
    ]
    for question_id, question in compiled.questions.items():
        text, place = plain(question.public), f"{question.file}:{question.line}"
        row = rows.get(question_id)
        if row is None:
            found.append(QuestionChange(Change.ADDED, question_id, text, place, question=question))
        elif row.full_hash != question.full_hash:
            change, detail = _difference(row, question)
            found.append(QuestionChange(change, question_id, text, place, detail, row.id, question))
    return tuple(found)


def _difference(row: Any, question: CompiledQuestion) -> tuple[Change, str]:
    if row.meaning_hash == question.meaning_hash:
        return Change.WORDING, ""
    old_public, old_key = decode(QuestionPublic, row.public), decode(QuestionKey, row.key)
    old, new = _right_answer(old_public, old_key), _right_answer(question.public, question.key)
    kinds = {old_public.kind, question.public.kind}
    if not kinds <= set(MARKED_BY_MACHINE) or (old == new and len(kinds) == 1):
        labels = (label for name, label in PARTS if getattr(old_public, name) != getattr(question.public, name))
        return Change.MEANING, next(labels, "pilihan")
    return Change.KEY, f"{shown_key(old_public, old_key)} → {shown_key(question.public, question.key)}"


PARTS = (
    ("kind", "jenis soal"), ("points", "poin"), ("rubric", "rubrik"), ("file_types", "jenis berkas"), ("most_bytes", "ukuran berkas"),
    ("fewest_words", "jumlah kata"), ("most_words", "jumlah kata"), ("scale", "skala"), ("statements", "pernyataan"),
)  # fmt: skip
"""What of a question may change without any key to regrade by; without any of these it is the options."""


def _right_answer(public: QuestionPublic, key: QuestionKey) -> Any:
    """What decides right or wrong, free of the order in which things stand in the file."""
    return (
        sorted(public.options[ordinal] for ordinal in key.correct),
        key.texts, key.match, key.numbers, key.blanks, key.all_or_nothing,
        [public.rights[ordinal] for ordinal in key.pairs],
        [public.steps[ordinal] for ordinal in key.order],
    )  # fmt: skip


def shown_key(public: QuestionPublic, key: QuestionKey) -> str:
    """A key in a few characters for the terminal: letters of options, texts, ranges, or the kind."""
    if key.correct:
        return ", ".join(chr(ord("A") + ordinal) if ordinal < 26 else str(ordinal + 1) for ordinal in sorted(key.correct))
    if key.texts:
        return " | ".join(key.texts)
    if key.numbers:
        return " | ".join(span.low if span.low == span.high else f"{span.low}..{span.high}" for span in key.numbers)
    if key.order:
        return " > ".join(plain_text(public.steps[ordinal]) for ordinal in key.order)
    if key.pairs:
        return "; ".join(
            f"{plain_text(left)} = {plain_text(public.rights[right])}"
            for left, right in zip(public.lefts, key.pairs, strict=False)
        )
    return "rumpang" if key.blanks else "(tanpa kunci)"


def plain(public: QuestionPublic) -> str:
    """The stem as one line of text, gaps as dots."""
    return plain_text(" … ".join(public.stem))


def texts_of(public: QuestionPublic) -> tuple[str, ...]:
    """A question as plain lines, to set beside another wording of it: its stem, then options, pairs or steps."""
    pairs = (f"{left} … {right}" for left, right in zip_longest(public.lefts, public.rights, fillvalue=""))
    parts = (*public.options, *pairs, *public.steps, *public.statements)
    return (plain(public), *(plain_text(part) for part in parts))


def plain_text(html_text: str) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", html_text).split())
