"""The reports of the office and of superiors: the same functions for both, over the people each may see. A page, its print, its CSV
and its XLSX are the rows of one table, so their numbers cannot differ."""

from collections.abc import Callable
from dataclasses import dataclass

from lms.errors import NotFound
from lms.teams import people_reports, unit_reports
from lms.teams.report_frame import Frame, Report


@dataclass(frozen=True, slots=True)
class ReportKind:
    key: str
    """In addresses and in the record of exports."""
    label: str
    purpose: str
    build: Callable[[Frame], Report]
    filters: tuple[str, ...]
    """Names of what may be chosen: hari, tahun, unit, pelatihan."""


REPORTS = (
    ReportKind(
        "capaian-jp",
        "Capaian JP per unit",
        "Berapa pegawai tiap perangkat daerah yang sudah mencapai target JP, untuk satu halaman laporan bulanan.",
        unit_reports.jp_by_unit,
        ("hari", "unit"),
    ),
    ReportKind(
        "penyelesaian",
        "Penyelesaian pelatihan",
        "Pelatihan mana yang diikuti sampai selesai, dan di unit mana pesertanya berhenti.",
        unit_reports.completion,
        ("pelatihan", "unit"),
    ),
    ReportKind(
        "anggota",
        "Anggota dan JP",
        "Setiap pegawai dengan target, JP dari LMS dan dari luar, serta pelatihan yang selesai.",
        people_reports.members,
        ("hari", "unit"),
    ),
    ReportKind(
        "sertifikat",
        "Sertifikat",
        "Sertifikat yang terbit, dengan nomor dan keadaannya.",
        people_reports.certificates,
        ("tahun", "unit"),
    ),
    ReportKind(
        "ip-asn",
        "Bahan bukti IP-ASN",
        "Siapa yang punya bukti 20 JP teknis dan seminar tahun ini. Bukan skor resmi.",
        people_reports.ip_asn,
        ("hari", "unit"),
    ),
)


def report_kind(key: str) -> ReportKind:
    """Raises NotFound."""
    found = next((kind for kind in REPORTS if kind.key == key), None)
    if found is None:
        raise NotFound("Laporan ini tidak ada. Pilih dari daftar laporan.")
    return found
