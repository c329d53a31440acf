"""Reports about groups: JP by unit and category, and how courses are finished."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from sqlalchemy import Row

from lms.content import library
from lms.errors import NotFound
from lms.people.types import EmploymentKind, UnitCategory
from lms.progress.jp import target_of
from lms.shared.spreadsheet import Cell, Column, Kind, Table
from lms.teams import report_queries as queries
from lms.teams.report_frame import UNIT, Frame, Report, Strip, as_of, number, where
from lms.teams.rules import SMALLEST_GROUP, hidden_lines, median, percent

CATEGORY_WORDS = {
    UnitCategory.OFFICE: "Dinas, badan, dan sekretariat",
    UnitCategory.HEALTH: "Kesehatan",
    UnitCategory.EDUCATION: "Pendidikan",
    UnitCategory.TERRITORY: "Kewilayahan",
    UnitCategory.OTHER: "Unit lain",
}


# ------------------------------------------------------------------ JP by unit (D76)


@dataclass(slots=True)
class _Tally:
    """People with a yearly target, gathered from the counts of the database."""

    staff: int = 0
    reached: int = 0
    none: int = 0
    some: int = 0
    own: int = 0
    outside: int = 0
    values: Counter[int] = field(default_factory=Counter)

    def add(self, row: Row[Any], target: int) -> None:
        self.staff += row.people
        self.reached += row.people if row.jp >= target else 0
        self.none += 0 if row.jp else row.people
        self.some += row.people if 0 < 2 * row.jp < target else 0
        self.own += int(row.own)
        self.outside += int(row.outside)
        self.values[int(row.jp)] += row.people

    def cells(self) -> tuple[Cell, ...]:
        figures = (self.reached, percent(self.reached, self.staff), median(self.values), self.none, self.own, self.outside)
        return (self.staff, *figures)

    def strip(self) -> Strip:
        return Strip(self.none, self.some, self.staff - self.none - self.some - self.reached, self.reached)


def jp_by_unit(of: Frame) -> Report:
    """The mayor's page: who reached the yearly target, by unit one step below and category. Two SELECTs, this one and the frame's."""
    names = of.names
    targets = {kind: target_of(kind, of.settings, of.day.on.year)[0] for kind in EmploymentKind}
    lines: dict[int | None, _Tally] = {key: _Tally() for key in names if key is not None}
    groups: dict[UnitCategory, _Tally] = {category: _Tally() for category in UnitCategory}
    whole = _Tally()
    for row in queries.jp_counts(of.session, of.in_units, of.day, [kind for kind, target in targets.items() if target]):
        key = of.line_of[row.unit_id]
        for tally in (lines.setdefault(key, _Tally()), groups[names[key][1]], whole):
            tally.add(row, targets[row.employment_kind])
    rows, links, strips = [], [], []
    for category in UnitCategory:
        inside = sorted(
            (key for key in lines if names[key][1] is category), key=lambda key: _best_first(lines[key], names[key][0])
        )
        hidden = set() if of.is_office else hidden_lines([lines[key].staff for key in inside])
        for place, key in enumerate(inside):
            shown, tally = place not in hidden, lines[key]
            rows.append((CATEGORY_WORDS[category], names[key][0], *(tally.cells() if shown else (tally.staff, *[None] * 6))))
            strips.append(tally.strip() if shown and tally.staff else None)
            links.append(None if key in (None, of.asked.unit_id) else key)
    table = Table(
        title=f"Capaian JP {of.asked.on.year}: {where(of)}",
        columns=(
            Column("Kategori", width=28), UNIT, Column("Pegawai bertarget", Kind.NUMBER), Column("Mencapai target", Kind.NUMBER),
            Column("Mencapai (%)", Kind.PERCENT), Column("Median JP", Kind.DECIMAL), Column("Tanpa JP", Kind.NUMBER),
            Column("JP LMS", Kind.NUMBER), Column("JP luar LMS", Kind.NUMBER),
        ),
        rows=rows,
        notes=(
            as_of(of),
            f"Target setahun: {of.settings.jp_target_pns} JP untuk PNS dan CPNS, {of.settings.jp_target_pppk} JP untuk PPPK. "
            "Kepala unit ikut dihitung; yang tidak bertarget tidak.",
            "Bandingkan unit hanya dalam kategori yang sama.",
            *(() if of.is_office else (f"Unit dengan kurang dari {SMALLEST_GROUP} pegawai tidak ditampilkan angkanya.",)),
        ),
        footer=(*_subtotals(of, groups), ("Seluruhnya", "", *_total(of, whole))),
    )  # fmt: skip
    headline = f"{number(percent(whole.reached, whole.staff))} % dari {number(whole.staff)} pegawai bertarget mencapai target JP"
    return Report(table, headline, len(rows), is_grouped=True, links=tuple(links), strips=tuple(strips))


def _best_first(tally: _Tally, name: str) -> tuple[Decimal, str]:
    return (-(percent(tally.reached, tally.staff) or Decimal(0)), name.casefold())


def _subtotals(of: Frame, groups: dict[UnitCategory, _Tally]) -> list[tuple[Cell, ...]]:
    there = [(category, tally) for category, tally in groups.items() if tally.staff]
    return (
        [(f"Jumlah untuk {CATEGORY_WORDS[category]}", "", *_total(of, tally)) for category, tally in there]
        if len(there) > 1
        else []
    )


def _total(of: Frame, tally: _Tally) -> tuple[Cell, ...]:
    few = not of.is_office and tally.staff < SMALLEST_GROUP
    return (tally.staff, *[None] * 6) if few else tally.cells()


# ------------------------------------------------------------------ completion of courses


@dataclass(slots=True)
class _Course:
    enrolled: int = 0
    begun: int = 0
    days: Counter[int] = field(default_factory=Counter)

    def cells(self, fewest: int) -> tuple[Cell, ...]:
        """`fewest`: a median of fewer people is not shown (D60)."""
        finished = sum(self.days.values())
        middle = median(self.days) if finished >= fewest else None
        return (self.enrolled, self.begun, finished, percent(finished, self.enrolled), middle)


def completion(of: Frame) -> Report:
    """Enrolled, begun, finished by course; by unit for one course. Raises NotFound for a course nobody offers."""
    course_id = of.asked.course_id
    rows = queries.enrolment_counts(of.session, of.in_units, of.day, course_id)
    titles = _titles(of, [course_id] if course_id else {row.key for row in rows})
    if course_id and course_id not in titles:
        raise NotFound("Pelatihan ini tidak ditemukan. Pilih pelatihan lain dari daftar.")
    labels = {key: name for key, (name, _) in of.names.items()} if course_id else titles
    lines: dict[int | None, _Course] = {}
    whole = _Course()
    for row in rows:
        key = of.line_of[row.key] if course_id else row.key
        for tally in (lines.setdefault(key, _Course()), whole):
            tally.enrolled += row.people
            tally.begun += row.people if row.is_begun else 0
            if row.days is not None:
                tally.days[max(0, int(row.days))] += row.people
    fewest = 1 if of.is_office else SMALLEST_GROUP
    keys = sorted(lines, key=lambda key: (labels[key].casefold(), key or 0))
    title = f"Penyelesaian {titles[course_id]}: {where(of)}" if course_id else f"Penyelesaian pelatihan: {where(of)}"
    table = Table(
        title=title,
        columns=(
            UNIT if course_id else Column("Pelatihan", width=44), Column("Terdaftar", Kind.NUMBER), Column("Mulai", Kind.NUMBER),
            Column("Selesai", Kind.NUMBER), Column("Selesai (%)", Kind.PERCENT), Column("Median hari", Kind.DECIMAL),
        ),
        rows=[(labels[key], *lines[key].cells(fewest)) for key in keys],
        notes=(
            as_of(of),
            "Pegawai yang kini bekerja di sini, dengan semua pendaftarannya. Median hari dihitung dari mendaftar sampai selesai.",
            *(() if of.is_office else (f"Median kurang dari {SMALLEST_GROUP} orang tidak ditampilkan.",)),
        ),
        footer=(("Seluruhnya", *whole.cells(fewest)),),
    )  # fmt: skip
    headline = f"{number(sum(whole.days.values()))} dari {number(whole.enrolled)} pendaftaran selesai"
    return Report(table, headline, len(keys), links=() if course_id else tuple(keys))


def _titles(of: Frame, course_ids: Collection[int]) -> dict[int | None, str]:
    newest = queries.newest_editions(of.session, course_ids)
    found = library.by_ids(of.session, newest.values())
    return {course_id: found[edition_id].outline.title for course_id, edition_id in newest.items()}
