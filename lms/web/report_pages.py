"""Pages of the reports, the same for superiors and the office: which people they are about, the place says."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from flask import render_template, request, url_for
from werkzeug.wrappers import Response

from lms.content import library
from lms.people.exports import record_export
from lms.people.hierarchy import Team
from lms.people.nip import format_nip
from lms.recognition import queries as recognition
from lms.shared.spreadsheet import Cell, Column, Kind, Table
from lms.teams.report_frame import Asked, Frame, Report, Strip, frame
from lms.teams.reports import REPORTS, ReportKind, report_kind
from lms.web import agency, clock, downloads, fresh, language
from lms.web.extensions import reading, writing
from lms.web.filters import Filter, choice
from lms.web.identity import user

PAGE_ROWS = 50
PRINTED_ROWS = 1000
MOST_UPRIGHT = 9
"""Columns that fit an upright sheet of A4."""
MONTHS = 12
"""Month ends to choose from."""
FIRST_DAY = date(2000, 1, 1)
LONGEST_NUMBER = 9


@dataclass(frozen=True)
class Place:
    """One surface's reports. `look` gives whom it is about and the viewer (None = the office)."""

    endpoint: str
    look: Callable[[], tuple[Team, int | None]]
    links: Callable[[str], dict[str, Any]]


@dataclass(frozen=True)
class Card:
    label: str
    purpose: str
    headline: str
    url: str


@dataclass(frozen=True)
class CellText:
    text: str
    label: str
    look: str
    """"angka" for figures, "utuh" for what stays on one line, or ""."""
    url: str | None = None


@dataclass(frozen=True)
class Line:
    cells: list[CellText]
    parts: list[tuple[int, int, int]]
    """(start, width, level 0 … 3) of the heat strip; none without one."""
    size: int = 0
    label: str = ""


@dataclass(frozen=True)
class Group:
    heading: str
    lines: list[Line] = field(default_factory=list)


# ------------------------------------------------------------------ pages


def index(place: Place, more: tuple[Card, ...] = ()) -> str:
    seen = _frame(place, Asked(clock.today(user().time_zone), limit=0))
    cards = [
        Card(kind.label, kind.purpose, kind.build(seen).headline, url_for(f"{place.endpoint}.show", key=kind.key))
        for kind in REPORTS
    ]
    return render_template("team/reports/index.html", cards=[*cards, *more], **place.links("reports"))


def show(place: Place, key: str) -> str:
    kind = report_kind(key)
    is_print = "cetak" in request.args
    rows = PRINTED_ROWS if is_print else PAGE_ROWS
    page = max(1, _number(request.args, "hal") or 1)
    seen = _frame(place, _asked(kind, request.args, rows, (page - 1) * rows))
    found = kind.build(seen)
    pages = max(1, -(-found.total // rows))
    return render_template(
        "team/reports/show.html",
        title=found.table.title,
        notes=found.table.notes,
        up_url=url_for(f"{place.endpoint}.index"),
        filters=list(_filters(kind, seen)),
        kept=_kept(kind, request.args),
        shapes=downloads.SHAPES,
        print_url=_address(place, kind, cetak="1") if not is_print and found.total > len(found.table.rows) else None,
        columns=heads(_shown(found, found.table.columns)),
        groups=_groups(place, kind, found),
        footer=[_line(found, row) for row in found.table.footer],
        has_strips=any(found.strips),
        is_wide=len(found.table.columns) > MOST_UPRIGHT,
        pager=_pager(place, kind, page, pages, is_print),
        action=url_for(f"{place.endpoint}.export", key=kind.key),
        **place.links("reports"),
    )


def export(place: Place, key: str) -> Response:
    """Every row of what the page shows, as a file. Noted before it leaves."""
    kind = report_kind(key)
    kept = _kept(kind, request.form)
    if asked := fresh.password_first(url_for(f"{place.endpoint}.show", key=kind.key, **kept)):
        return asked
    shape = downloads.checked_shape(request.form.get("bentuk", ""))
    seen = _frame(place, _asked(kind, request.form, None, 0))
    found = kind.build(seen)
    now = clock.now()
    named = {"named": list(seen.team.named)} if seen.team.named else {}
    with writing() as session:
        record_export(
            session,
            at=now,
            by=user().person_id,
            kind=kind.key,
            scope_paths=seen.scope_paths,
            people=found.people,
            rows=len(found.table.rows),
            shape=shape,
            filters=kept,
            **named,
        )
    return downloads.send_table(found.table, f"{kind.key}-{seen.asked.on.isoformat()}", shape, now)


# ------------------------------------------------------------------ what is asked


def _frame(place: Place, asked: Asked) -> Frame:
    team, viewer_id = place.look()
    return frame(reading(), team, asked, agency.current(), viewer_id=viewer_id)


def _asked(kind: ReportKind, values: Mapping[str, str], limit: int | None, offset: int) -> Asked:
    today = clock.today(user().time_zone)
    known = _kept(kind, values)
    on = _day(known.get("hari", ""), today)
    return Asked(
        on=on or today,
        is_past=on is not None,
        unit_id=_number(known, "unit"),
        course_id=_number(known, "pelatihan"),
        year=_number(known, "tahun"),
        limit=limit,
        offset=offset,
    )


def _kept(kind: ReportKind, values: Mapping[str, str]) -> dict[str, Any]:
    """What was chosen among the filters of a report."""
    return {name: values[name][:20] for name in kind.filters if values.get(name)}


def _number(values: Mapping[str, str], name: str) -> int | None:
    text = values.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) <= LONGEST_NUMBER else None


def _day(text: str, today: date) -> date | None:
    """A day that has ended; None for today and for anything that is no such day."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if FIRST_DAY <= day < today else None


def _address(place: Place, kind: ReportKind, **more: Any) -> str:
    return url_for(f"{place.endpoint}.show", key=kind.key, **(_kept(kind, request.args) | more))


def _filters(kind: ReportKind, seen: Frame) -> Iterator[Filter]:
    asked = seen.asked
    if "pelatihan" in kind.filters:
        courses = {str(each.course_id): each.outline.title for each in library.catalogue(reading())}
        if asked.course_id:
            courses.setdefault(str(asked.course_id), "Pelatihan yang sedang dibuka")
        yield choice("pelatihan", "Pelatihan", [("", "Semua pelatihan"), *courses.items()], str(asked.course_id or ""))
    if "unit" in kind.filters:
        units = {str(unit.unit_id): unit.name for unit in (*([seen.unit] if seen.unit else ()), *seen.units)}
        yield choice("unit", "Unit", [("", "Semua unit"), *units.items()], str(asked.unit_id or ""))
    if "hari" in kind.filters:
        days = [("", "Hari ini"), *_month_ends(clock.today(user().time_zone))]
        chosen = asked.on.isoformat() if asked.is_past else ""
        if all(chosen != value for value, _ in days):
            days.append((chosen, language.long_date(asked.on)))
        yield choice("hari", "Keadaan", days, chosen)
    if "tahun" in kind.filters:
        years = [(str(year), str(year)) for year in recognition.years_issued(reading())]
        yield choice("tahun", "Tahun", years or [("", str(asked.on.year))], str(asked.year or asked.on.year))


def _month_ends(today: date) -> Iterator[tuple[str, str]]:
    day = today
    for _ in range(MONTHS):
        day = day.replace(day=1) - timedelta(days=1)
        yield day.isoformat(), language.long_date(day)


def _pager(place: Place, kind: ReportKind, page: int, pages: int, is_print: bool) -> dict[str, Any] | None:
    if pages == 1:
        return None
    more = {"cetak": "1"} if is_print else {}
    return {
        "label": f"Halaman {language.number(page)} dari {language.number(pages)}",
        "previous_url": _address(place, kind, **more, hal=str(page - 1)) if page > 1 else None,
        "next_url": _address(place, kind, **more, hal=str(page + 1)) if page < pages else None,
    }


# ------------------------------------------------------------------ the table


def cell_text(cell: Cell, column: Column) -> str:
    """A cell as people read it; "–" for none."""
    if cell is None:
        return "–"
    if isinstance(cell, date):
        return language.long_date(cell)
    if isinstance(cell, str):
        return format_nip(cell) if column.kind is Kind.NIP else cell
    if column.kind is Kind.YEAR:
        return str(cell)
    return f"{language.number(cell)} %" if column.kind is Kind.PERCENT else language.number(cell)


def plain_lines(table: Table) -> list[Line]:
    """The rows of a table that is no report."""
    return [Line(_cells(row, table.columns), []) for row in table.rows]


def _shown(found: Report, row: tuple[Any, ...]) -> tuple[Any, ...]:
    """Without the group, which stands over its lines."""
    return row[1:] if found.is_grouped else row


def _groups(place: Place, kind: ReportKind, found: Report) -> list[Group]:
    groups: list[Group] = []
    for number, row in enumerate(found.table.rows):
        heading = str(row[0]) if found.is_grouped else ""
        if not groups or groups[-1].heading != heading:
            groups.append(Group(heading))
        link = found.links[number] if found.links else None
        name = "pelatihan" if "pelatihan" in kind.filters else "unit"
        url = _address(place, kind, **{name: str(link)}) if link is not None else None
        groups[-1].lines.append(_line(found, row, url, found.strips[number] if found.strips else None))
    return groups


def _line(found: Report, row: tuple[Cell, ...], url: str | None = None, strip: Strip | None = None) -> Line:
    shown = _shown(found, row)
    if found.is_grouped and not shown[0]:
        shown = (row[0], *shown[1:])  # a sum is called by its group
    cells = _cells(shown, _shown(found, found.table.columns), url)
    if strip is None:
        return Line(cells, [])
    parts, start = [], 0
    for level, width in enumerate((strip.none, strip.some, strip.half, strip.reached)):
        parts.append((start, width, level))
        start += width
    label = f"{strip.none} tanpa JP, {strip.some} kurang dari separuh, {strip.half} separuh atau lebih, {strip.reached} mencapai target"
    return Line(cells, parts, start, label)


def _cells(row: tuple[Cell, ...], columns: tuple[Column, ...], url: str | None = None) -> list[CellText]:
    return [
        CellText(cell_text(cell, column), column.title, _look(column), url if place == 0 else None)
        for place, (cell, column) in enumerate(zip(row, columns, strict=True))
    ]


def _look(column: Column) -> str:
    return "angka" if column.kind.is_number else "utuh" if column.kind in (Kind.NIP, Kind.DATE) else ""


def heads(columns: tuple[Column, ...]) -> list[tuple[str, str]]:
    """(title, look) of the columns."""
    return [(column.title, _look(column)) for column in columns]
