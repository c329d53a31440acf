"""Rows of a staff file read as people: numbers, dates, grades, kinds and units, each problem with its column. Pure."""

import json
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from lms.errors import Invalid
from lms.people.grades import parse_grade
from lms.people.importing.headers import Row, Table, find_table
from lms.people.importing.template import EXAMPLE
from lms.people.importing.types import Finding, StaffFile, StaffRow, UnitWish
from lms.people.names import tidy_name
from lms.people.nip import Nip, parse_nip
from lms.people.types import EmploymentKind, UnitCategory

LONGEST = {"name": 200, "title_prefix": 60, "title_suffix": 100, "position": 200, "siasn_id": 60, "unit_code": 60}
DEEPEST = 12
"""Names in one path of units."""
NO_VALUE = frozenset(("", "-", "–", "—", "null", "none", "n/a", "#n/a", "nan"))
EARLIEST, LATEST = date(1900, 1, 1), date(2099, 12, 31)

_GIVEN_AS_TEXT = re.compile(r"^['’](?=[\d=+@'-])")
"""The apostrophe that tells a spreadsheet to leave a cell alone; a name may begin with one."""
_DAY_FIRST = re.compile(r"(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4})")
_YEAR_FIRST = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})")
_WITH_MONTH = re.compile(r"(\d{1,2})[-/. ]+([a-z]{3,9})\.?[-/. ]+(\d{4})")
_TIME = re.compile(r"[t ]\d{1,2}[:.]\d{2}.*$")
_FIRST_SERIAL = date(1899, 12, 30)
_MONTHS = ("jan", "feb", "mar", "apr", "mei|may", "jun", "jul", "agu|aug|ags", "sep", "okt|oct", "nov|nop", "des|dec")
_KINDS = (
    (re.compile(r"pppk|p3k|perjanjian kerja|paruh waktu"), EmploymentKind.PPPK),
    (re.compile(r"cpns|calon|^c$|^capeg"), EmploymentKind.CPNS),
    (re.compile(r"honor|kontrak|non.?asn|non.?pns|thl|ptt|gtt|pjlp|mitra|sukarela|outsourc|alih daya|lain|tni|polri"), EmploymentKind.OTHER),
    (re.compile(r"pns|pegawai negeri|^p$"), EmploymentKind.PNS),
)  # fmt: skip
_GONE = re.compile(
    r"pensiun|meninggal|wafat|berhenti|mencapai bup|tidak aktif|non.?aktif|mengundurkan|pindah (?:instansi|keluar)|mutasi keluar"
)
_STILL_HERE = re.compile(r"persiapan|sementara|masa persiapan|mpp")
_CATEGORIES = (
    (re.compile(r"kesehatan|puskes|rumah sakit|rsud|health"), UnitCategory.HEALTH),
    (re.compile(r"pendidikan|sekolah|education"), UnitCategory.EDUCATION),
    (re.compile(r"wilayah|kecamatan|kelurahan|distrik|territory"), UnitCategory.TERRITORY),
    (re.compile(r"dinas|badan|sekretariat|opd|kantor|office"), UnitCategory.OFFICE),
)
_EMAIL = re.compile(r"[^@\s,;<>]{1,64}@[^@\s,;<>]+\.[^@\s,;<>.]{2,}")
_PATH_MARK = re.compile(r"\s*[>»→\\]\s*|\s+/\s+")


def read_file(sheets: Iterable[tuple[str, list[Row]]]) -> StaffFile:
    """Everybody in the first sheet with known headings. Raises Invalid when there is no table; rows carry their own problems."""
    table = find_table(sheets)
    rows, cells = [], {}
    for place, (line, found, formulas) in enumerate(table.rows):
        if _is_decoration(found, table, place):
            continue
        rows.append(_read_row(table, line, found, formulas))
        cells[line] = found
    if not rows:
        raise Invalid("Di bawah judul kolom tidak ada satu pun pegawai. Isi berkasnya, lalu unggah lagi.", field="file")
    return StaffFile(
        table.sheet, table.header_line, table.headings, table.ignored, tuple(_with_twins(rows, table.heading("nip"))), cells
    )


def read_upload(sheets: Iterable[tuple[str, list[Row]]]) -> tuple[StaffFile, bytes]:
    """The same, and what to keep of the upload until it is taken over: the one sheet, for `read_kept`."""
    read: list[tuple[str, list[Row]]] = []

    def noted() -> Iterator[tuple[str, list[Row]]]:
        for sheet in sheets:
            read.append(sheet)
            yield sheet

    file = read_file(noted())
    return file, json.dumps([sheet for sheet in read if sheet[0] == file.sheet], ensure_ascii=False).encode()


def read_kept(content: bytes) -> StaffFile:
    """What `read_upload` kept, read again."""
    return read_file(json.loads(content))


def _is_decoration(cells: list[str], table: Table, place: int) -> bool:
    """The numbers of columns under the headings, headings repeated on a new page, the template's example."""
    filled = [_clean(cell) for cell in cells if cell]
    numbers = [cell.strip("()") for cell in filled]
    first = int(numbers[0]) if numbers and re.fullmatch(r"[01]", numbers[0]) else None
    counts = first is not None and len(numbers) > 1 and numbers == [str(first + step) for step in range(len(numbers))]
    headings = [heading for heading in table.headings if heading]
    return (
        (counts and place == 0) or [" ".join(cell.split()) for cell in filled] == headings or filled == [c for c in EXAMPLE if c]
    )


class _Reader:
    """One row with what is being found out about it."""

    def __init__(self, table: Table, cells: list[str], formulas: list[int]):
        self.table = table
        self.problems: list[Finding] = []
        self.warnings: list[Finding] = []
        self.cells = {field: _clean(cells[place]) for field, place in table.columns.items() if place < len(cells)}
        for field, place in table.columns.items():
            if place in formulas:
                self.cells[field] = ""
                self.problem(field, "Sel ini berisi rumus. Salin kolomnya, lalu tempel sebagai nilai (Tempel Khusus – Nilai).")

    def __getitem__(self, field: str) -> str:
        return self.cells.get(field, "")

    def problem(self, field: str, text: str) -> None:
        self.problems.append(Finding(self.table.heading(field) if field else "", text))

    def warn(self, field: str, text: str) -> None:
        self.warnings.append(Finding(self.table.heading(field), text))

    def words(self, field: str) -> str:
        """A text of the file, cut where the database ends; a name that is too long is a problem."""
        text = tidy_name(self[field])
        if len(text) > LONGEST[field]:
            self.warn(field, f"Lebih dari {LONGEST[field]} huruf; yang disimpan hanya awalnya.")
        return text[: LONGEST[field]]


def _clean(cell: str) -> str:
    text = unicodedata.normalize("NFC", cell)
    if not text.isprintable():  # signs without width, of direction, ends of lines
        text = "".join(sign for sign in text if sign in "\t\n" or unicodedata.category(sign) not in ("Cc", "Cf"))
    text = _GIVEN_AS_TEXT.sub("", text.strip())
    return "" if text.casefold() in NO_VALUE else text


def _read_row(table: Table, line: int, cells: list[str], formulas: list[int]) -> StaffRow:
    row = _Reader(table, cells, formulas)
    name = tidy_name(row["name"])
    if not name:
        row.problem("name", "Nama kosong. Isi nama tanpa gelar.")
    elif len(name) > LONGEST["name"]:
        row.problem("name", f"Nama lebih dari {LONGEST['name']} huruf. Periksa kolomnya.")
    born = _birth_date(row)
    nip = _nip(row, born)
    siasn_id = row.words("siasn_id")
    if nip is None and not siasn_id and born is None and not row.problems:
        row.problem("nip", "Tanpa NIP. Isi NIP, atau ID SIASN, atau tanggal lahir, supaya orangnya dapat dikenali.")
    has_left = bool(_GONE.search(row["standing"].casefold()) and not _STILL_HERE.search(row["standing"].casefold()))
    values: dict[str, Any] = {"name": name, "nip": nip.value if nip else None, "siasn_id": siasn_id}
    values |= {field: row.words(field) for field in ("title_prefix", "title_suffix", "position")}
    values |= {"birth_date": born or (nip.birth_date if nip else None), "grade": _grade(row), "email": _email(row)}
    values["employment_kind"] = _kind(row, nip)
    decision = row["decision"].casefold().split()
    return StaffRow(
        line=line,
        name=name,
        nip=nip.value if nip else None,
        siasn_id=siasn_id,
        birth_date=values["birth_date"],
        values={field: value for field, value in values.items() if value},
        usual_kind=nip.kind if nip else EmploymentKind.OTHER,
        wish=None if has_left else _wish(row),
        has_left=has_left,
        decision=next((word for word in ("sama", "baru") if word in decision), ""),
        problems=tuple(row.problems),
        warnings=tuple(row.warnings),
    )


def _birth_date(row: _Reader) -> date | None:
    text = row["birth_date"]
    if not text:
        return None
    born = read_date(text)
    if born is None or not EARLIEST <= born <= LATEST:
        row.problem("birth_date", f"Tanggal “{text[:30]}” tidak terbaca. Tulis hari-bulan-tahun, misalnya 26-09-1986.")
        return None
    return born


def read_date(text: str) -> date | None:
    """26-09-1986, 26/09/1986, 1986-09-26, "26 September 1986", or a spreadsheet's serial number; None for anything else."""
    clean = _TIME.sub("", " ".join(text.casefold().split()))
    if clean.isascii() and clean.isdecimal() and len(clean) == 5:
        return _FIRST_SERIAL + timedelta(days=int(clean))
    year_first, day_first, with_month = _YEAR_FIRST.fullmatch(clean), _DAY_FIRST.fullmatch(clean), _WITH_MONTH.fullmatch(clean)
    try:
        if year_first:
            return date(*map(int, year_first.groups()))
        if day_first:
            day, month, year = map(int, day_first.groups())
            return date(year, month, day)
        if with_month:
            number = next((place for place, names in enumerate(_MONTHS, 1) if re.match(names, with_month[2])), 0)
            return date(int(with_month[3]), number, int(with_month[1]))
    except ValueError:
        return None
    return None


def _nip(row: _Reader, born: date | None) -> Nip | None:
    text = row["nip"]
    if not text or not text.strip("0 "):
        return None
    try:
        nip = parse_nip(text, birth_date=born)
    except Invalid as problem:
        row.problem("nip", str(problem))
        return None
    for warning in nip.warnings:
        row.warn("nip", warning)
    return nip


def _grade(row: _Reader) -> str:
    field = "grade" if row["grade"] else "rank"
    try:
        return parse_grade(row[field])
    except Invalid as problem:
        row.warn(field, f"{problem} Golongan pegawai ini tidak diubah.")
        return ""


def _email(row: _Reader) -> str:
    field = "email_office" if row["email_office"] else "email"
    text = row[field].removeprefix("mailto:")
    if text and (len(text) > 200 or not _EMAIL.fullmatch(text)):
        row.warn(field, f"Alamat “{text[:60]}” bukan alamat email, jadi tidak disimpan.")
        return ""
    return text


def _kind(row: _Reader, nip: Nip | None) -> EmploymentKind | None:
    """What the columns say; None when they say nothing, and for words that nobody knows."""
    said = None
    for field in ("kind", "cpns"):
        text = row[field].casefold()
        found = next((kind for mark, kind in _KINDS if mark.search(text)), None) if text else None
        said = EmploymentKind.CPNS if found is EmploymentKind.CPNS and said in (None, EmploymentKind.PNS) else said or found
    if said is None and row["kind"]:
        row.warn("kind", f"Jenis pegawai “{row['kind'][:40]}” tidak dikenal. Tulis PNS, CPNS, PPPK, atau Lainnya.")
    is_pppk = said is EmploymentKind.PPPK
    if (
        nip is not None
        and said is not None
        and EmploymentKind.OTHER not in (nip.kind, said)
        and is_pppk != (nip.kind is EmploymentKind.PPPK)
    ):
        row.warn("nip", "Pola NIP ini tidak cocok dengan jenis pegawainya. Keduanya disimpan apa adanya; periksa sekali lagi.")
    return said


def _wish(row: _Reader) -> UnitWish | None:
    """The unit with the units above it, as far as the file names them, each once."""
    above = [row["agency"], row["office"], *_PATH_MARK.split(row["parent_unit"])]
    path: list[str] = []
    for part in (*above, *_PATH_MARK.split(row["unit"])):
        name = tidy_name(part)
        if name and (not path or name.casefold() != path[-1].casefold()):
            path.append(name)
    if not row["unit"]:
        row.problem("unit", "Unit kerja kosong. Isi nama unit tempat orang ini bekerja.")
        return None
    if not path or len(path) > DEEPEST or max(map(len, path)) > 200:
        row.problem("unit", "Nama unit kerja tidak terbaca: terlalu panjang, atau terlalu banyak tingkatnya.")
        return None
    text = row["unit_category"].casefold()
    category = next((category for mark, category in _CATEGORIES if mark.search(text)), UnitCategory.OTHER) if text else None
    return UnitWish(row.words("unit_code"), tuple(path), category)


def _with_twins(rows: list[StaffRow], heading: str) -> list[StaffRow]:
    """Rows that stand for one person more than once become problems that name each other."""
    groups: dict[Any, list[int]] = defaultdict(list)
    for row in rows:
        for key in {*_keys(row), _alike(row)}:
            groups[key].append(row.line)
    return [_with_twin(row, groups, heading) for row in rows]


def _keys(row: StaffRow) -> list[Any]:
    """What nobody else in the file may share. Somebody without a number may share the name and birth date when the file says so."""
    keys: list[Any] = [("NIP", row.nip)] if row.nip else []
    keys += [("ID SIASN", row.siasn_id)] if row.siasn_id else []
    if not keys and row.birth_date and row.wish:
        keys.append(("Orang", person_key(row.name), row.birth_date, row.wish.path))
        if row.decision != "baru":
            keys.append(_alike(row))
    return keys


def _alike(row: StaffRow) -> Any:
    return ("Orang", person_key(row.name), row.birth_date)


def _with_twin(row: StaffRow, groups: Mapping[Any, list[int]], heading: str) -> StaffRow:
    for key in _keys(row):
        others = [line for line in groups[key] if line != row.line]
        if others:
            listed = ", ".join(map(str, others[:5]))
            twin = Finding(heading, f"{key[0]} yang sama ada juga di baris {listed}. Sisakan satu baris yang benar.")
            return replace(row, problems=(*row.problems, twin))
    return row


def person_key(name: str) -> str:
    """A name reduced to what two spellings of it share."""
    return " ".join(re.sub(r"[^\w\s]", " ", unicodedata.normalize("NFKC", name).casefold()).split())
