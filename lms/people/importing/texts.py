"""What a plan says to people: kinds, states, one line for each outcome, the file of problems. Pure."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from lms.people.importing.types import ImportState, Outcome, Plan, RowKind, StaffFile

KINDS = {
    RowKind.PROBLEM: "Bermasalah",
    RowKind.LEFT: "Berhenti",
    RowKind.RETURNED: "Kembali",
    RowKind.MOVED: "Pindah unit",
    RowKind.CHANGED: "Data berubah",
    RowKind.NEW: "Baru",
    RowKind.UNCHANGED: "Tetap",
}
"""In the order in which people should look at them."""
STATES = {
    ImportState.PLANNED: "Belum diterapkan",
    ImportState.APPLYING: "Sedang diterapkan",
    ImportState.DONE: "Selesai",
    ImportState.UNDOING: "Sedang dibatalkan",
    ImportState.UNDONE: "Dibatalkan",
}
LABELS = {
    "nip": "NIP", "name": "nama", "title_prefix": "gelar depan", "title_suffix": "gelar belakang", "employment_kind": "jenis pegawai",
    "grade": "golongan", "position": "jabatan", "birth_date": "tanggal lahir", "left_on": "tanggal berhenti", "siasn_id": "ID SIASN",
    "email": "email", "code": "kode", "category": "kategori",
}  # fmt: skip
"""Columns by their names for people."""
REASON = "Masalah"
DECISION = "Keputusan"


@dataclass(frozen=True, slots=True)
class Line:
    """An outcome in words. `place`: "Baris 12" or "" for somebody the file does not name."""

    place: str
    name: str
    texts: tuple[str, ...]


def told(outcome: Outcome, plan: Plan) -> Line:
    texts = [f"Kolom {finding.column}: {finding.text}" if finding.column else finding.text for finding in outcome.findings]
    old = outcome.before.post.unit_id if outcome.before and outcome.before.post else None
    if outcome.kind is RowKind.NEW and outcome.unit_id is not None:
        texts.insert(0, plan.unit_names[outcome.unit_id])
    elif outcome.unit_id is not None:
        texts.insert(0, f"{plan.unit_names.get(old or 0, 'tanpa unit')} → {plan.unit_names[outcome.unit_id]}")
    elif outcome.kind is RowKind.LEFT and old is not None:
        texts.insert(0, plan.unit_names[old])
    if outcome.before is not None and outcome.kind is not RowKind.LEFT:
        shown = [
            f"{LABELS[column]}: {_shown(outcome.before.values[column])} → {_shown(value)}"
            for column, value in outcome.changes.items()
            if column != "left_on"
        ]
        texts += ["; ".join(shown)] if shown else []
    return Line(f"Baris {outcome.line}" if outcome.line else "", outcome.name or "Tanpa nama", tuple(texts))


def _shown(value: Any) -> str:
    if isinstance(value, date):
        return f"{value:%d-%m-%Y}"
    return str(value) if value else "kosong"


def unit_lines(plan: Plan) -> list[str]:
    """New and changed units, one sentence each."""
    lines = []
    for change in plan.units:
        full, before = plan.unit_names[change.after.unit_id], change.before
        if before is None:
            lines.append(f"Unit baru: {full}")
        elif before.name != change.after.name:
            lines.append(f"Ganti nama: {before.name} menjadi {full}")
        elif before.code != change.after.code:
            lines.append(f"Diberi kode {change.after.code}: {full}")
        else:
            lines.append(f"Ganti kategori: {full}")
    return lines


def problem_table(file: StaffFile, plan: Plan) -> tuple[list[str], list[list[str]]]:
    """(headings, rows): the rows with problems as they stand in the file, with the reason and a column for decisions beside them."""
    width = len(file.headings)
    has_decision = any(heading.casefold() == DECISION.casefold() for heading in file.headings)
    extra = [] if has_decision else [DECISION]
    rows = []
    for outcome in plan.outcomes:
        if outcome.kind is RowKind.PROBLEM and outcome.line:
            cells = file.cells[outcome.line][:width]
            why = f"Baris {outcome.line}: {' '.join(told(outcome, plan).texts)}"
            rows.append([*cells, *[""] * (width - len(cells) + len(extra)), why])
    return [*file.headings, *extra, REASON], rows
