"""What a certificate says, in finished words: one source for the PDF and for the HTML print page. Pure."""

from dataclasses import dataclass
from datetime import date
from itertools import groupby

from babel.dates import format_date

from lms.people.nip import format_nip
from lms.recognition.rules import grouped_code
from lms.recognition.types import Snapshot, SubjectResult


@dataclass(frozen=True, slots=True)
class SubjectLine:
    """A row of the subjects table, or, with `is_module`, a heading over the rows of one module."""

    number: str
    title: str
    minutes: str
    result: str
    is_module: bool = False


@dataclass(frozen=True, slots=True)
class Face:
    """Both sides of a certificate as they are printed. Pairs are (label, value); nothing is escaped."""

    agency: str
    heading: str
    number: str
    name: str
    identity: tuple[tuple[str, str], ...]
    statement: str
    course_title: str
    jp: int
    details: tuple[tuple[str, str], ...]
    place_and_date: str
    signatory_position: str
    signatory_name: str
    signatory_nip: str
    code: str
    verify_url: str
    verify_hint: str
    subjects_heading: str
    subjects: tuple[SubjectLine, ...]
    totals: tuple[tuple[str, str], ...]
    note: str
    description: str
    language: str


def day(iso: str) -> str:
    """ "5 Maret 2026" (D74)."""
    return format_date(date.fromisoformat(iso), format="d MMMM y", locale="id")


def period(started_on: str, completed_on: str) -> str:
    """ "5 Maret 2026", "2–5 Maret 2026", or both dates in full."""
    start, end = date.fromisoformat(started_on), date.fromisoformat(completed_on)
    if start >= end:
        return day(completed_on)
    if (start.year, start.month) == (end.year, end.month):
        return f"{start.day}–{day(completed_on)}"
    return f"{day(started_on)} – {day(completed_on)}"


def hours(minutes: int) -> str:
    """ "270 menit (4 jam 30 menit)"."""
    if minutes < 60:
        return f"{minutes} menit"
    whole, rest = divmod(minutes, 60)
    return f"{minutes} menit ({whole} jam {rest} menit)" if rest else f"{minutes} menit ({whole} jam)"


def face(snapshot: Snapshot, verify_url: str) -> Face:
    """The words of one certificate. `verify_url` is the full public address of its check page."""
    identity = (
        ("NIP", format_nip(snapshot.nip) if snapshot.nip else ""),
        ("Golongan" if snapshot.employment_kind == "pppk" else "Pangkat, golongan", snapshot.rank),
        ("Jabatan", snapshot.position),
        ("Unit kerja", snapshot.unit),
        ("Instansi", snapshot.agency),
    )
    edition = f"{snapshot.edition} (versi {snapshot.course_version})" if snapshot.course_version else str(snapshot.edition)
    details = (
        ("Bentuk", snapshot.form),
        ("Waktu", period(snapshot.started_on, snapshot.completed_on)),
        ("Penyelenggara", snapshot.organizer),
        ("Edisi", edition),
    )
    worth = f" setara {snapshot.jp} JP (jam pelajaran)" if snapshot.jp else ""
    totals = (
        ("Waktu belajar", hours(snapshot.minutes)),
        ("Jam pelajaran", f"{snapshot.jp} JP"),
        ("Hasil akhir", f"Lulus, predikat {snapshot.predicate}" if snapshot.predicate else "Lulus"),
    )
    return Face(
        agency=snapshot.agency,
        heading="Sertifikat",
        number=snapshot.number,
        name=snapshot.name,
        identity=tuple((label, value) for label, value in identity if value),
        statement=f"telah menyelesaikan dan dinyatakan LULUS pada pelatihan{worth}",
        course_title=snapshot.course_title,
        jp=snapshot.jp,
        details=tuple((label, value) for label, value in details if value),
        place_and_date=", ".join(part for part in (snapshot.place, day(snapshot.issued_on)) if part),
        signatory_position=snapshot.signatory_position,
        signatory_name=snapshot.signatory_name,
        signatory_nip=f"NIP {format_nip(snapshot.signatory_nip)}" if snapshot.signatory_nip else "",
        code=grouped_code(snapshot.code),
        verify_url=verify_url,
        verify_hint="Periksa keaslian dengan memindai kode ini atau membuka alamat di bawah.",
        subjects_heading="Daftar materi",
        subjects=subject_lines(snapshot),
        totals=totals,
        note=snapshot.jp_note,
        description=f"Sertifikat {snapshot.number} untuk {snapshot.name}: {snapshot.course_title}",
        language=snapshot.language,
    )


def subject_lines(snapshot: Snapshot) -> tuple[SubjectLine, ...]:
    """All subjects, numbered through, under their modules. Nothing is ever left out or shortened (D51)."""
    lines: list[SubjectLine] = []
    number = 0
    for module, rows in groupby(snapshot.subjects, key=lambda subject: subject.module):
        inside = list(rows)
        if module:
            learnt = sum(row.minutes for row in inside if row.result is not SubjectResult.TESTED_OUT)
            lines.append(SubjectLine("", module, f"{learnt} menit" if learnt else "–", "", is_module=True))
        for row in inside:
            number += 1
            skipped = row.result is SubjectResult.TESTED_OUT
            lines.append(SubjectLine(str(number), row.title, "–" if skipped else f"{row.minutes} menit", row.result.label))
    return tuple(lines)
