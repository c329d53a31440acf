"""Reports that list people: members with their JP, certificates, evidence for IP-ASN. NIP are the office's only (R5, R86)."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Row

from lms.content import library
from lms.people.names import display_name
from lms.people.types import EmploymentKind
from lms.progress.jp import target_of
from lms.recognition import queries as recognition
from lms.recognition.siasn import OTHER, kind_of_form
from lms.shared.spreadsheet import Cell, Column, Kind, Table
from lms.teams import report_queries as queries
from lms.teams.report_frame import UNIT, Frame, Report, as_of, number, where

TECHNICAL_JP = 20
"""Technical JP in a year that IP-ASN asks for (D17)."""
UNDECIDED_FORM = 16
"""E-learning: its competencies say of what kind it is."""
KIND_WORDS = {
    EmploymentKind.PNS: "PNS",
    EmploymentKind.CPNS: "CPNS",
    EmploymentKind.PPPK: "PPPK",
    EmploymentKind.OTHER: "Lainnya",
}
NAME = Column("Nama", width=34)


def _who(of: Frame) -> tuple[Column, ...]:
    return (NAME, Column("NIP", Kind.NIP, 21)) if of.is_office else (NAME,)


def _named(of: Frame, name: str, nip: str | None) -> tuple[Cell, ...]:
    return (name, nip) if of.is_office else (name,)


def _name(row: Row[Any]) -> str:
    return display_name(row.title_prefix, row.name, row.title_suffix)


def members(of: Frame) -> Report:
    """Everybody with position, JP of the year against the target, and courses finished."""
    total = queries.count_people(of.session, of.team, of.day, *of.others)
    outside = queries.is_outside()
    figures = {
        "own": queries.jp_of_person(of.day, ~outside),
        "outside": queries.jp_of_person(of.day, outside),
        "finished": queries.finished_by_person(of.day),
    }
    targets = {kind: target_of(kind, of.settings, of.day.on.year)[0] or None for kind in EmploymentKind}
    table = Table(
        title=f"Anggota dan JP {of.day.on.year}: {where(of)}",
        columns=(
            *_who(of), UNIT, Column("Jabatan", width=34), Column("Jenis"), Column("Target JP", Kind.NUMBER),
            Column("JP LMS", Kind.NUMBER), Column("JP luar LMS", Kind.NUMBER), Column("Jumlah JP", Kind.NUMBER),
            Column("Pelatihan selesai", Kind.NUMBER),
        ),
        rows=[
            (*_named(of, _name(row), row.nip), row.unit_name or "", row.position, KIND_WORDS[row.employment_kind],
             targets[row.employment_kind], int(row.own), int(row.outside), int(row.own + row.outside), row.finished)
            for row in queries.people_page(of.session, of.team, of.day, figures, of.others, of.asked.limit, of.asked.offset)
        ],
        notes=(as_of(of), "Pelatihan selesai dihitung dari semua tahun."),
    )  # fmt: skip
    return Report(table, f"{number(total)} pegawai", total, people=total)


# ------------------------------------------------------------------ certificates


def certificates(of: Frame) -> Report:
    """Certificates numbered in a year. The whole agency's holds those of people who have left, too."""
    year = of.asked.year or of.day.on.year
    is_whole = of.is_office and of.unit is None
    people = None if is_whole else queries.seen_ids(of.team, of.day.on, *of.others)
    total = recognition.issued_count(of.session, year=year, people=people)
    found = recognition.issued(of.session, year=year, people=people, limit=of.asked.limit, offset=of.asked.offset)
    table = Table(
        title=f"Sertifikat {year}: {where(of)}",
        columns=(
            Column("Nomor", width=34), *_who(of), UNIT, Column("Pelatihan", width=44), Column("JP", Kind.NUMBER),
            Column("Selesai", Kind.DATE), Column("Terbit", Kind.DATE), Column("Keadaan"),
        ),
        rows=[
            (row.number, *_named(of, row.name, row.nip or None), row.unit, row.course_title, row.jp, row.completed_on,
             row.issued_on, row.state.label)
            for row in found
        ],
        notes=("Nama, unit, dan JP seperti tercetak di sertifikat.",),
    )  # fmt: skip
    return Report(table, f"{number(total)} sertifikat bernomor {year}", total, people=total)


# ------------------------------------------------------------------ evidence for IP-ASN (D17)


def ip_asn(of: Frame) -> Report:
    """Who has technical training of 20 JP in the year, and who has been to a seminar or workshop, with the trainings that show it."""
    editions = library.by_ids(of.session, queries.editions_in_ledger(of.session, of.day.on.year))
    managerial = [
        edition_id
        for edition_id, edition in editions.items()
        if kind_of_form(UNDECIDED_FORM, edition.outline.competencies) == OTHER
    ]
    technical, seminar = queries.is_technical(managerial), queries.is_seminar()
    total = queries.count_people(of.session, of.team, of.day, *of.others)
    enough = queries.count_people(
        of.session, of.team, of.day, *of.others, queries.jp_of_person(of.day, technical) >= TECHNICAL_JP
    )
    figures = {"technical": queries.jp_of_person(of.day, technical)}
    found = queries.people_page(of.session, of.team, of.day, figures, of.others, of.asked.limit, of.asked.offset)
    ids = [row.id for row in found]
    shown = queries.evidence(of.session, ids, of.day, technical)
    seen = queries.evidence(of.session, ids, of.day, seminar)
    table = Table(
        title=f"Bahan bukti IP-ASN {of.day.on.year} (bukan skor resmi): {where(of)}",
        columns=(
            *_who(of), UNIT, Column("JP teknis", Kind.NUMBER), Column(f"Teknis ≥ {TECHNICAL_JP} JP"),
            Column("Bukti teknis", width=50), Column("Seminar/lokakarya"), Column("Bukti seminar/lokakarya", width=50),
        ),
        rows=[
            (*_named(of, _name(row), row.nip), row.unit_name or "", int(row.technical),
             "Ada" if row.technical >= TECHNICAL_JP else "Belum", _told(shown.get(row.id, ())),
             "Ada" if row.id in seen else "Belum", _told(seen.get(row.id, ())))
            for row in found
        ],
        notes=(
            as_of(of),
            "Ini bahan bukti, bukan skor IP-ASN resmi. Nilai resmi dihitung BKN dari data yang tercatat di SIASN.",
            "Teknis dan seminar dibedakan menurut bentuk pelatihan; e-learning dan kursus menurut kompetensinya.",
        ),
    )  # fmt: skip
    headline = f"{number(enough)} dari {number(total)} pegawai punya {TECHNICAL_JP} JP teknis"
    return Report(table, headline, total, people=total)


def _told(rows: Iterable[Any]) -> str:
    """The trainings in one cell: "Arsip Rapi (5 JP); Anggaran (3 JP)"."""
    return "; ".join(f"{row.title} ({row.jp} JP)" for row in rows)
