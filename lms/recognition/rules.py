"""Pure rules of certificates: codes, numbers, file names, predicates and the words of learning forms. No database, no clock."""

import re
from datetime import date

from lms.content.types import ItemKind, Outline
from lms.progress.rules import is_done, is_tested_out
from lms.progress.types import Facts
from lms.recognition.types import Subject, SubjectResult

CODE_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford base 32: no I, L, O, U."""
CODE_LENGTH = 16
DEFAULT_PATTERN = "{no:04}/{kode}/{unit}/{bulan_romawi}/{tahun}"
NUMBER_LENGTH = 120
ROMAN_MONTHS = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII")
PREDICATES = ((9000, "Sangat Memuaskan"), (8000, "Memuaskan"), (7000, "Baik"))
"""A score above the limit earns the word (LAN's usual bands, not verified against the regulation); passing below earns "Cukup"."""
SMALL_WORDS = frozenset({"dan", "di", "ke", "dari", "pada", "untuk", "atau", "yang", "serta"})
FORMS = {
    1: "Pelatihan Struktural Kepemimpinan", 2: "Pelatihan Fungsional", 3: "Pelatihan Teknis", 4: "Workshop/Lokakarya",
    5: "Pelatihan Manajerial", 6: "Pelatihan Sosial Kultural", 7: "Sosialisasi", 8: "Bimbingan Teknis",
    9: "Seminar/Konferensi/Sarasehan", 10: "Magang/Praktik Kerja", 11: "Kursus", 12: "Penataran", 13: "Klasikal lainnya",
    14: "Coaching", 15: "Mentoring", 16: "E-learning", 17: "Pelatihan Jarak Jauh", 18: "Detasering",
    19: "Pembelajaran Alam Terbuka", 20: "Patok Banding", 21: "Pertukaran dengan pegawai swasta/BUMN/BUMD",
    22: "Belajar Mandiri", 23: "Komunitas Belajar", 24: "Bimbingan di Tempat Kerja", 25: "Nonklasikal lainnya",
}  # fmt: skip
"""Names of the 25 forms by SIASN id (Peraturan LAN 10/2018)."""

_FIELD = re.compile(r"\{(no|kode|unit|bulan_romawi|bulan|tahun)(?::0?([1-9]))?\}")


def form_name(learning_form: int) -> str:
    return FORMS.get(learning_form, FORMS[25])


def make_code(random_bits: int) -> str:
    """Code from 80 random bits."""
    return "".join(CODE_ALPHABET[(random_bits >> shift) & 31] for shift in range(5 * (CODE_LENGTH - 1), -1, -5))


def parse_code(text: str) -> str | None:
    """The code in what someone typed or scanned: case, blanks and hyphens do not matter, O reads as 0, I and L as 1.
    None when it cannot be a code."""
    if len(text) > 200:
        return None
    plain = re.sub(r"[\s\-‐-―−]+", "", text).upper().translate(str.maketrans("OIL", "011"))
    return plain if len(plain) == CODE_LENGTH and set(plain) <= set(CODE_ALPHABET) else None


def grouped_code(code: str) -> str:
    """ "7K3M-9QXT-2B4D-HZ8W"."""
    return "-".join(code[start : start + 4] for start in range(0, len(code), 4))


def certificate_number(pattern: str, *, sequence: int, course_key: str, unit_name: str, issued_on: date) -> str:
    """The printed number (D49). Fields: {no} {kode} {unit} {bulan} {bulan_romawi} {tahun}, with a width as in {no:04}.

    Numbers must differ, so a pattern without {no} or {tahun} gets what it lacks; one that comes out too long or empty is
    replaced by the default one. Anything else in the pattern is printed as it is.
    """
    values = {
        "no": str(sequence),
        "kode": course_key.upper(),
        "unit": unit_abbreviation(unit_name),
        "bulan_romawi": ROMAN_MONTHS[issued_on.month - 1],
        "bulan": str(issued_on.month),
        "tahun": str(issued_on.year),
    }

    def fill(text: str) -> str:
        return _FIELD.sub(lambda found: values[found[1]].rjust(int(found[2] or 0), "0"), text)

    names = {found[1] for found in _FIELD.finditer(pattern)}
    whole = ("" if "no" in names else "{no:04}/") + pattern.strip() + ("" if "tahun" in names else "/{tahun}")
    number = " ".join(fill(whole).split())
    return number if len(number) <= NUMBER_LENGTH else fill(DEFAULT_PATTERN)


def unit_abbreviation(name: str) -> str:
    """Initials of a unit's name, small words left out: "Dinas Kependudukan dan Pencatatan Sipil" = "DKPS". A single word
    and words that are abbreviations already stay whole: "UPT Puskesmas Kalumata" = "UPT-PK"."""
    words = [word for word in re.findall(r"[^\W_]+", name) if word.casefold() not in SMALL_WORDS]
    if len(words) == 1:
        return words[0][:12].upper()
    whole = [word for word in words if len(word) > 1 and word.isupper()]
    if not whole or len(whole) == len(words):
        return "".join(word[0] for word in words)[:12].upper() or "UNIT"
    first = words[0] if words[0] in whole else ""
    rest = words[1:] if first else words
    initials = "".join(word[0] for word in rest).upper()
    return f"{first[:6]}-{initials}"[:12] if first else initials[:12]


def file_name(number: str, name: str = "") -> str:
    """A safe file name of the PDF: "/" becomes "-" (D49), and nothing a file system or header would trip over remains."""
    plain = re.sub(r"[^\w.]+|_+", "-", f"Sertifikat {number} {name}", flags=re.ASCII)
    return re.sub(r"-*\.[.-]+|--+", "-", plain)[:120].strip("-.") + ".pdf"


def predicate(score: int | None) -> str:
    """The word for a passing final score in hundredths; "" when nothing was graded."""
    if score is None:
        return ""
    return next((word for limit, word in PREDICATES if score > limit), "Cukup")


def rank_line(rank_name: str, grade: str) -> str:
    """ "Penata Tk. I, III/d"; PPPK have a grade without a rank name: "IX"."""
    return grade if rank_name in ("", f"Golongan {grade}") else ", ".join(part for part in (rank_name, grade) if part)


def subjects(outline: Outline, facts: Facts) -> tuple[Subject, ...]:
    """Rows of the back page: everything that was done or recognised, in course order. Pre-tests and practice are no subjects."""
    titles = {module.key: module.title for module in outline.modules}
    rows = []
    for item in outline.items:
        if item.kind in (ItemKind.PRETEST, ItemKind.PRACTICE) or not is_done(item, facts):
            continue
        if is_tested_out(item, facts.modules_tested_out):
            result = SubjectResult.TESTED_OUT
        else:
            result = SubjectResult.FINISHED if item.kind is ItemKind.LESSON else SubjectResult.PASSED
        rows.append(Subject(item.title, item.minutes, result, titles.get(item.module_key, "")))
    return tuple(rows)


def jp_note(course_jp: int, jp: int, tested_out: int) -> str:
    """Why someone earned fewer JP than the course offers; "" when they earned them all."""
    if jp >= course_jp:
        return ""
    if tested_out and not jp:
        return (
            "Seluruh materi diakui melalui tes awal. Kelulusan tercatat; JP tidak bertambah karena JP menghitung waktu belajar."
        )
    if tested_out:
        return f"{tested_out} modul diakui melalui tes awal. JP dihitung dari materi yang dipelajari, {jp} dari {course_jp} JP."
    return f"JP dihitung dari menit belajar edisi ini, {jp} dari {course_jp} JP."
