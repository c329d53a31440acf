"""Staff numbers (NIP, NI PPPK): reading, checking by pattern, grouping and masking. Text always, never a number (D18-D22). Pure.

PNS:  yyyymmdd birth · yyyymm appointment · sex · three-digit sequence from 001.
PPPK: yyyymmdd birth · yyyy appointment · 2 and a digit 1-9 · sex · sequence; the "21" is no month.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date

from lms.errors import Invalid
from lms.people.types import EmploymentKind

EXCEL_DAMAGE = "Excel merusak NIP; ubah kolom menjadi Teks di berkas asal, isi ulang angka yang hilang, lalu impor lagi."
_LABEL = re.compile(r"^\s*(?:NIP|NI\s*PPPK|NIPPPK)(?:\s*[.:]+|\s)\s*", re.IGNORECASE)
_SCIENTIFIC = re.compile(r"^[+]?\d+(?:[.,]\d*)?E[+]?\d+$", re.IGNORECASE)
_DECIMAL_TAIL = re.compile(r"^\d{15,18}[.,]0{1,2}$")
_QUOTES_AND_DASHES = "'’‘`´\"._-‐‑‒–—"
_YOUNGEST, _OLDEST = 15, 66
"""Years of age at appointment that need no second look."""


@dataclass(frozen=True, slots=True)
class Nip:
    """A NIP that may be stored. `warnings` are sentences for the person who types or imports it."""

    value: str
    kind: EmploymentKind
    """PNS or PPPK by pattern, OTHER when digits 13-14 are unknown."""
    birth_date: date
    warnings: tuple[str, ...] = ()


def parse_nip(text: str, *, birth_date: date | None = None) -> Nip:
    """Read a NIP as written in the field: blanks, dots, dashes, an apostrophe or "NIP." in front. Raises Invalid, field "nip".

    `birth_date` is the birth-date column beside it; it must agree (D19). An unknown code at digits 13-14 only warns.
    """
    value = _digits(text)
    born = _date(value[:8])
    if born is None:
        raise _invalid("Delapan angka pertama NIP harus tanggal lahir (tahun, bulan, tanggal), misalnya 19860926.")
    if birth_date is not None and birth_date != born:
        raise _invalid(f"Tanggal lahir pada NIP ({born:%d-%m-%Y}) berbeda dengan kolom tanggal lahir ({birth_date:%d-%m-%Y}).")
    kind = _kind(value)
    warnings = []
    if kind is EmploymentKind.OTHER:
        warnings.append(
            f"Kode {value[12:14]} pada angka ke-13 dan 14 tidak dikenal sebagai PNS atau PPPK. NIP tetap disimpan; periksa sekali lagi."
        )
    elif value[14] not in "12":
        raise _invalid("Angka ke-15 NIP harus 1 (laki-laki) atau 2 (perempuan). Periksa lagi NIP-nya.")
    if not _YOUNGEST <= int(value[8:12]) - born.year <= _OLDEST:
        warnings.append(
            f"Tahun pengangkatan {value[8:12]} tidak wajar untuk kelahiran {born.year}. NIP tetap disimpan; periksa sekali lagi."
        )
    return Nip(value, kind, born, tuple(warnings))


def format_nip(value: str) -> str:
    """Grouped for reading: 8-6-1-3 for PNS, 8-4-2-1-3 for PPPK. What is no 18-digit number comes back unchanged."""
    if not _is_nip(value):
        return value
    return " ".join(_groups(value))


def mask_nip(value: str) -> str:
    """For public pages: the appointment and the sequence stay comparable with the paper, birth date and sex do not show."""
    if not _is_nip(value):
        return "•" * len(value)
    groups = _groups(value)
    return " ".join("•" * len(group) if place in (0, len(groups) - 2) else group for place, group in enumerate(groups))


def nip_digits(text: str) -> str:
    """The beginning of a NIP as typed into a search, in any grouping: 4 to 18 digits. "" when it is not one."""
    clean = _LABEL.sub("", unicodedata.normalize("NFKC", text[:100]))
    digits = "".join(sign for sign in clean if not sign.isspace() and sign not in _QUOTES_AND_DASHES)
    return digits if digits.isascii() and digits.isdecimal() and 4 <= len(digits) <= 18 else ""


def _digits(text: str) -> str:
    """The 18 digits, or Invalid with what is wrong; a number that a spreadsheet has rounded is named as such (D20)."""
    clean = _LABEL.sub("", unicodedata.normalize("NFKC", text[:200]))
    clean = "".join(sign for sign in clean if not sign.isspace() and unicodedata.category(sign)[0] != "C")
    if _SCIENTIFIC.match(clean.strip("'\"")) or _DECIMAL_TAIL.match(clean):
        raise _invalid(EXCEL_DAMAGE)
    value = "".join(sign for sign in clean if sign not in _QUOTES_AND_DASHES)
    if not value:
        raise _invalid("NIP kosong. Isi 18 angka, atau biarkan tanpa NIP bila memang tidak punya.")
    if not (value.isascii() and value.isdecimal()):
        raise _invalid("NIP hanya berisi angka. Periksa lagi NIP-nya.")
    if len(value) == 9:
        raise _invalid("Ini NIP lama (9 angka). Pakai NIP baru yang 18 angka.")
    if len(value) != 18:
        raise _invalid(f"NIP harus 18 angka; yang ini {len(value)} angka.")
    if value.endswith("000"):
        raise _invalid(EXCEL_DAMAGE)
    return value


def _kind(value: str) -> EmploymentKind:
    if "01" <= value[12:14] <= "12":
        return EmploymentKind.PNS
    if value[12] == "2" and value[13] != "0":
        return EmploymentKind.PPPK
    return EmploymentKind.OTHER


def _groups(value: str) -> list[str]:
    cuts = (0, 8, 12, 14, 15, 18) if _kind(value) is EmploymentKind.PPPK else (0, 8, 14, 15, 18)
    return [value[start:end] for start, end in zip(cuts, cuts[1:], strict=False)]


def _is_nip(value: str) -> bool:
    return len(value) == 18 and value.isascii() and value.isdecimal()


def _date(text: str) -> date | None:
    try:
        day = date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        return None
    return day if 1900 <= day.year <= 2099 else None


def _invalid(message: str) -> Invalid:
    return Invalid(message, field="nip")
