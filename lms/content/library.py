"""Reads published courses. Everything an edition holds is immutable, so decoded parts are kept per process in bounded caches;
which edition is current is read from the database each time, so every process sees a publication at once (DESIGN.md 3.1)."""

import re
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, Select, bindparam, select
from sqlalchemy.orm import Session, aliased

from lms.content.models import CourseAlias, CourseRow, EditionRow, MediaRow, PageRow, QuestionVersion
from lms.content.types import Item, Outline, Page, QuestionKey, QuestionPublic
from lms.errors import NotFound
from lms.shared.codec import decode

MEDIA_ADDRESS = re.compile(r"/media/[0-9a-f]{64}")
IN_CHUNK = 500
"""Values in one `IN (…)`; well below every database's limit."""


@dataclass(frozen=True, slots=True)
class Published:
    """One revision of one edition of one course. `number` is what an enrolment stores, `revision` counts its corrections."""

    course_id: int
    course_key: str
    edition_id: int
    number: int
    revision: int
    sha256: str
    outline: Outline
    published_at: datetime
    is_retired: bool = False
    """Hidden from the catalogue and closed to new enrolments; those inside may finish."""


@dataclass(frozen=True, slots=True)
class Version:
    """A question as it was worded in some publication; `version_id` is what attempts point to."""

    version_id: int
    public: QuestionPublic


@dataclass(frozen=True, slots=True)
class Media:
    """What is needed to serve DATA/media/<sha256>. Sizes in bytes and pixels, 0 where a size means nothing."""

    sha256: str
    mime: str
    size: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Changes:
    """What a learner who knows one publication finds different in another. Items removed come from the older one."""

    new_items: tuple[Item, ...] = ()
    changed_items: tuple[Item, ...] = ()
    removed_items: tuple[Item, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.new_items or self.changed_items or self.removed_items)


def current(session: Session, course_key: str) -> Published:
    """The newest revision of the course's current edition. Former keys of a renamed course lead to it too. NotFound."""
    course_key = course_key if _is_key(course_key) else ""
    row = session.connection().execute(_CURRENT, {"course_key": course_key}).first()
    if row is None:
        renamed = select(CourseAlias.course_id).where(CourseAlias.key == course_key).scalar_subquery()
        row = session.execute(_editions().where(CourseRow.id == renamed, EditionRow.id == CourseRow.current_edition_id)).first()
    if row is None:
        raise NotFound("Pelatihan ini tidak ditemukan. Periksa alamatnya, atau pilih dari katalog pelatihan.")
    return _published(session, row)


def of_number(session: Session, course_id: int, number: int) -> Published:
    """The newest revision of that edition number: what an enrolment in it sees. NotFound."""
    wanted = _editions().where(EditionRow.course_id == course_id, EditionRow.number == number)
    row = session.execute(wanted.order_by(EditionRow.revision.desc()).limit(1)).first()
    if row is None:
        raise NotFound("Edisi pelatihan ini tidak ditemukan.")
    return _published(session, row)


def edition(session: Session, edition_id: int) -> Published:
    """Exactly that publication. NotFound."""
    row = session.execute(_editions().where(EditionRow.id == edition_id)).first()
    if row is None:
        raise NotFound("Edisi pelatihan ini tidak ditemukan.")
    return _published(session, row)


def by_ids(session: Session, edition_ids: Iterable[int]) -> dict[int, Published]:
    """Exactly those publications, by edition id, for lists over many courses. Unknown ids are left out."""
    wanted = sorted(set(edition_ids))
    rows = [
        row
        for start in range(0, len(wanted), IN_CHUNK)
        for row in session.connection().execute(_BY_IDS, {"edition_ids": wanted[start : start + IN_CHUNK]})
    ]
    return {published.edition_id: published for published in _all_published(session, rows)}


def editions(session: Session, course_id: int) -> list[Published]:
    """Every publication of a course, newest first: the history an author rolls back to."""
    rows = session.execute(_editions().where(EditionRow.course_id == course_id).order_by(EditionRow.id.desc())).all()
    return _all_published(session, rows)


def catalogue(session: Session) -> list[Published]:
    """Published courses that are not retired, by title. One SELECT once their outlines have been seen."""
    found = _all_published(session, session.connection().execute(_CATALOGUE).all())
    return sorted(found, key=lambda published: (published.outline.title.casefold(), published.course_key))


def retired(session: Session) -> list[Published]:
    """Published courses that were taken out of the catalogue, by title."""
    wanted = _editions().where(EditionRow.id == CourseRow.current_edition_id, CourseRow.retired_at.is_not(None))
    found = _all_published(session, session.execute(wanted.order_by(CourseRow.key)).all())
    return sorted(found, key=lambda published: (published.outline.title.casefold(), published.course_key))


def page(session: Session, edition_id: int, item_key: str) -> Page:
    """A rendered lesson or quiz introduction. NotFound."""

    def load() -> Page:
        wanted = select(PageRow.page).where(PageRow.edition_id == edition_id, PageRow.item_key == item_key)
        value = session.execute(wanted).scalar() if _is_key(item_key) else None
        if value is None:
            raise NotFound("Halaman ini tidak ada dalam pelatihan. Buka daftar materi untuk memilih yang lain.")
        return decode(Page, value)

    return _kept(session, "page", (edition_id, item_key), load)


def questions(session: Session, edition_id: int, question_ids: Iterable[str]) -> dict[str, Version]:
    """The edition's versions of these questions, by question id, in the order asked for. Unknown ids are left out."""
    ids = version_ids(session, edition_id)
    wanted = {question_id: ids[question_id] for question_id in question_ids if question_id in ids}
    found = versions(session, wanted.values())
    return {question_id: found[version_id] for question_id, version_id in wanted.items()}


def version_ids(session: Session, edition_id: int) -> dict[str, int]:
    """Question id to version id of one edition. NotFound. Do not change the result: it is shared."""

    def load() -> dict[str, int]:
        value = session.execute(select(EditionRow.questions).where(EditionRow.id == edition_id)).scalar()
        if value is None:
            raise NotFound("Edisi pelatihan ini tidak ditemukan.")
        return {str(question_id): int(version_id) for question_id, version_id in value.items()}

    return _kept(session, "version_ids", edition_id, load)


def versions(session: Session, version_ids: Iterable[int]) -> dict[int, Version]:
    """Questions as they were asked, from any edition, by version id. Unknown ids are left out."""
    return _many(
        session,
        "version",
        version_ids,
        select(QuestionVersion.id, QuestionVersion.public),
        lambda row: Version(row.id, decode(QuestionPublic, row.public)),
    )


def keys(session: Session, version_ids: Iterable[int]) -> dict[int, QuestionKey]:
    """Answer keys by version id. Only for grading, and for results after the feedback policy allowed it (R10)."""
    return _many(
        session,
        "key",
        version_ids,
        select(QuestionVersion.id, QuestionVersion.key),
        lambda row: decode(QuestionKey, row.key),
    )


def media(session: Session, sha256: str) -> Media | None:
    """The served facts of a media file, None for an unknown hash."""
    wanted = select(MediaRow.sha256, MediaRow.mime, MediaRow.size, MediaRow.width, MediaRow.height)
    row = session.execute(wanted.where(MediaRow.sha256 == sha256)).first() if _is_key(sha256) else None
    return None if row is None else Media(*row)


def media_hashes(session: Session) -> set[str]:
    """Every file that an edition may name: the ones DATA/media must keep."""
    return set(session.scalars(select(MediaRow.sha256)))


def changes_between(session: Session, older: Published, newer: Published) -> Changes:
    """What is new, changed and gone from one publication to another of the same course: "2 materi baru sejak Anda lulus".

    A page counts as changed when its text, pictures or attachments differ, not when only its markup was made anew.
    """

    def load() -> Changes:
        edited = _edited_pages(session, older.edition_id, newer.edition_id)
        before, after = version_ids(session, older.edition_id), version_ids(session, newer.edition_id)
        new, changed = [], []
        for item in newer.outline.items:
            was = older.outline.item(item.key)
            if was is None:
                new.append(item)
            elif item.key in edited or _asked(was, before) != _asked(item, after):
                changed.append(item)
        gone = [item for item in older.outline.items if newer.outline.item(item.key) is None]
        return Changes(tuple(new), tuple(changed), tuple(gone))

    return Changes() if older.sha256 == newer.sha256 else _kept(session, "changes", (older.edition_id, newer.edition_id), load)


def _edited_pages(session: Session, older_id: int, newer_id: int) -> set[str]:
    old, new = aliased(PageRow), aliased(PageRow)
    both = select(new.item_key, old.page, new.page).join_from(old, new, old.item_key == new.item_key)
    both = both.where(old.edition_id == older_id, new.edition_id == newer_id, old.sha256 != new.sha256).order_by(new.item_key)
    return {key for key, before, after in session.execute(both) if _substance(before) != _substance(after)}


def _substance(page_json: dict[str, Any]) -> tuple[Any, ...]:
    """What a reader sees of a stored page: words, files, and where questions stand."""
    parts = page_json.get("parts", [])
    files = [found for part in parts for found in MEDIA_ADDRESS.findall(part.get("html", ""))]
    return page_json.get("text", ""), files, [part.get("question_id", "") for part in parts if "question_id" in part]


def _asked(item: Item, ids: dict[str, int]) -> tuple[Any, ...]:
    """What an item asks of the learner: questions in their wording, rules, condition of completion, attachments."""
    drawn = [question_id for draw in item.quiz.draws for question_id in draw.question_ids] if item.quiz else []
    asked = [ids.get(question_id) for question_id in (*item.question_ids, *drawn)]
    return item.kind, item.quiz, item.done_when, item.attachments, asked


def _is_key(text: str) -> bool:
    """Whether a text from an address can be a key at all; databases refuse some characters outright."""
    return text.isascii() and text.isprintable()


def _editions() -> Select[*tuple[Any, ...]]:
    """Course and edition side by side, without the outline: that is fetched only when its hash has not been seen."""
    return select(
        EditionRow.course_id,
        CourseRow.key,
        EditionRow.id,
        EditionRow.number,
        EditionRow.revision,
        EditionRow.sha256,
        EditionRow.published_at,
        CourseRow.retired_at,
    ).where(CourseRow.id == EditionRow.course_id)


_CURRENT = _editions().where(CourseRow.key == bindparam("course_key"), EditionRow.id == CourseRow.current_edition_id)
_BY_IDS = _editions().where(EditionRow.id.in_(bindparam("edition_ids", expanding=True))).order_by(EditionRow.id)
_CATALOGUE = (
    _editions().where(EditionRow.id == CourseRow.current_edition_id, CourseRow.retired_at.is_(None)).order_by(CourseRow.key)
)
"""Built once and run without entities: every page of a learner or superior begins with one of them."""


def _published(session: Session, row: Any) -> Published:
    return _all_published(session, [row])[0]


def _all_published(session: Session, rows: Iterable[Any]) -> list[Published]:
    """`rows` of `_editions` with their outlines, fetching the unknown ones in as few SELECTs as possible."""
    rows = list(rows)
    outlines = {row.sha256: _outlines.get(row.sha256) for row in rows}
    missing = sorted({row.id for row in rows if outlines[row.sha256] is None})
    for start in range(0, len(missing), IN_CHUNK):
        wanted = select(EditionRow.sha256, EditionRow.outline).where(EditionRow.id.in_(missing[start : start + IN_CHUNK]))
        for sha256, value in session.execute(wanted):
            outlines[sha256] = decode(Outline, value)
            _outlines.put(sha256, outlines[sha256])
    return [
        Published(
            row.course_id,
            row.key,
            row.id,
            row.number,
            row.revision,
            row.sha256,
            _named(outlines[row.sha256], row.key),
            row.published_at,
            row.retired_at is not None,
        )
        for row in rows
    ]


def _named(outline: Outline, course_key: str) -> Outline:
    """The outline under the key that the course has now: editions older than a renaming carry the former one."""
    return outline if outline.key == course_key else replace(outline, key=course_key)


class _Cache:
    """The last `size` values used, shared by threads."""

    def __init__(self, size: int):
        self._size = size
        self._values: OrderedDict[Hashable, Any] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable) -> Any:
        with self._lock:
            value = self._values.get(key)
            if value is not None:
                self._values.move_to_end(key)
            return value

    def put(self, key: Hashable, value: Any) -> None:
        with self._lock:
            self._values[key] = value
            self._values.move_to_end(key)
            if len(self._values) > self._size:
                self._values.popitem(last=False)


@dataclass(slots=True)
class _Shelf:
    """Decoded rows of one database, by their ids. Sizes keep a process small: about 15 kB a page, 2 kB a question."""

    page: _Cache = field(default_factory=lambda: _Cache(512))
    version_ids: _Cache = field(default_factory=lambda: _Cache(512))
    version: _Cache = field(default_factory=lambda: _Cache(4096))
    key: _Cache = field(default_factory=lambda: _Cache(4096))
    changes: _Cache = field(default_factory=lambda: _Cache(512))


_outlines = _Cache(512)
"""By the edition's hash, which covers the outline."""
_shelves: WeakKeyDictionary[Any, _Shelf] = WeakKeyDictionary()
"""By engine: ids mean something only within one database."""


def _shelf(session: Session) -> _Shelf:
    engine = session.get_bind()
    shelf = _shelves.get(engine)
    return _shelves.setdefault(engine, _Shelf()) if shelf is None else shelf


def _may_keep(session: Session) -> bool:
    """Rows seen inside a write transaction may still be rolled back and their ids given to others, so they are not kept."""
    return isinstance(session.get_bind(), Engine) and not session.connection().get_execution_options().get("lms_write")


def _kept(session: Session, kind: str, key: Hashable, load: Callable[[], Any]) -> Any:
    cache: _Cache = getattr(_shelf(session), kind)
    value = cache.get(key)
    if value is None:
        value = load()
        if _may_keep(session):
            cache.put(key, value)
    return value


def _many(
    session: Session, kind: str, ids: Iterable[int], wanted: Select[*tuple[Any, ...]], decoded: Callable[[Any], Any]
) -> dict[int, Any]:
    """Values by id in the order asked for, from the cache or in one SELECT per 500 unknown ones."""
    cache: _Cache = getattr(_shelf(session), kind)
    found = {id_: cache.get(id_) for id_ in ids}
    missing = sorted(id_ for id_, value in found.items() if value is None)
    keep = bool(missing) and _may_keep(session)
    for start in range(0, len(missing), IN_CHUNK):
        for row in session.execute(wanted.where(QuestionVersion.id.in_(missing[start : start + IN_CHUNK]))):
            found[row.id] = decoded(row)
            if keep:
                cache.put(row.id, found[row.id])
    return {id_: value for id_, value in found.items() if value is not None}
