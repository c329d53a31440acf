"""A finished course as SIASN's *kursus* record: its own field names ("Sertipikat" is theirs), dates dd-mm-yyyy, hours whole. Pure."""

from collections.abc import Sequence
from datetime import date

from lms.recognition.types import Snapshot

NAME_LENGTH = 255
FUNCTIONAL, TECHNICAL, PRACTICAL, OTHER = "F", "T", "P", "-"
KIND_OF_FORM = {
    2: FUNCTIONAL,
    3: TECHNICAL,
    4: PRACTICAL,
    5: OTHER,
    6: OTHER,
    7: PRACTICAL,
    8: PRACTICAL,
    9: PRACTICAL,
    10: PRACTICAL,
}
LABELS = {
    "namaKursus": "Nama Kursus",
    "nomorSertipikat": "Nomor Sertipikat",
    "institusiPenyelenggara": "Institusi Penyelenggara",
    "tanggalKursus": "Tanggal Kursus",
    "tanggalSelesaiKursus": "Tanggal Selesai Kursus",
    "tahunKursus": "Tahun Kursus",
    "jumlahJam": "Jumlah Jam",
    "jenisDiklatId": "Jenis Diklat",
    "jenisKursusSertipikat": "Jenis Kursus Sertipikat",
}


def course_record(snapshot: Snapshot) -> dict[str, str | int]:
    """The record by SIASN's field names (D54). Year and dates are those of completion; jumlahJam is 0 when nothing was earned,
    and such a record is not to be sent."""
    completed = date.fromisoformat(snapshot.completed_on)
    return {
        "namaKursus": snapshot.course_title[:NAME_LENGTH],
        "nomorSertipikat": snapshot.number,
        "institusiPenyelenggara": snapshot.organizer[:NAME_LENGTH],
        "tanggalKursus": f"{date.fromisoformat(snapshot.started_on):%d-%m-%Y}",
        "tanggalSelesaiKursus": f"{completed:%d-%m-%Y}",
        "tahunKursus": completed.year,
        "jumlahJam": snapshot.jp,
        "jenisDiklatId": snapshot.learning_form,
        "jenisKursusSertipikat": kind_of(snapshot),
    }


def kind_of(snapshot: Snapshot) -> str:
    """SIASN's letter: by form where the form decides, else by the competency; managerial and socio-cultural ones have "-"."""
    return kind_of_form(snapshot.learning_form, snapshot.competencies)


def kind_of_form(learning_form: int, competencies: Sequence[str]) -> str:
    """The letter for a form (SIASN id) and the competencies of a course."""
    if learning_form in KIND_OF_FORM:
        return KIND_OF_FORM[learning_form]
    words = " ".join(competencies).casefold()
    if "teknis" not in words and ("manajerial" in words or "sosial" in words):
        return OTHER
    return TECHNICAL


def myasn_card(snapshot: Snapshot) -> list[tuple[str, str]]:
    """(label, value) in the order of MyASN's form, each value ready to be copied (D55)."""
    record = course_record(snapshot)
    values = {name: str(value) for name, value in record.items()}
    values["jenisDiklatId"] = f"{snapshot.learning_form} ({snapshot.form})"
    return [(label, values[name]) for name, label in LABELS.items()]
