"""Finding the table in a staff file: its heading row, wherever it stands, and which column is what. Pure."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from lms.errors import Invalid

Row = tuple[int, list[str], list[int]]
"""(line, cells, places of formulas), as spreadsheets are read."""
LOOKED_AT = 40
"""Rows of each sheet among which the headings are looked for."""
FIELDS = {
    "nip": ("NIP", "nip nipbaru nippegawai nipppk nipppppk nippppk nipnippppk nipnipppk nippnspppk nomorindukpegawai niasn nipasn"),
    "name": ("Nama", "nama namalengkap namapegawai namaasn namatanpagelar namalengkaptanpagelar"),
    "title_prefix": ("Gelar Depan", "gelardepan gelardpn glrdepan"),
    "title_suffix": ("Gelar Belakang", "gelarbelakang gelarblk glrbelakang"),
    "birth_date": ("Tanggal Lahir", "tanggallahir tgllahir tgllhr tanggallhr"),
    "kind": ("Jenis Pegawai", "jenispegawai jenispegawainama jenispeg jenisasn statuspegawai statuskepegawaian status jenis"),
    "cpns": ("Status CPNS/PNS", "statuscpnspns cpnspns"),
    "standing": ("Kedudukan Hukum", "kedudukanhukum kedudukanhukumnama kedudukan kedudukanpegawai"),
    "grade": (
        "Golongan",
        "golongan golonganruang golonganpangkat pangkatgolongan pangkatgolonganruang pangkatgolruang pangkatgol golpangkat gol "
        "golruang golakhir golakhirnama golruangakhir golongannama golonganakhir",
    ),
    "rank": ("Pangkat", "pangkat pangkatakhir pangkatnama namapangkat"),
    "position": ("Jabatan", "jabatan jabatannama namajabatan"),
    "unit": ("Unit Kerja", "unitkerja unornama namaunor unit namaunit namaunitkerja unitorganisasi unor opd skpd perangkatdaerah satuankerja satker"),
    "unit_code": ("Kode Unit", "unorid idunor kodeunor kodeunit unitid kodeunitkerja"),
    "parent_unit": ("Unit Induk", "unitinduk unorinduknama unorinduk namaunorinduk unitkerjainduk indukunit atasanunit unitatasan unitkerjaatasan induk"),
    "office": ("Satuan Kerja Induk", "satuankerjainduknama satuankerjainduk satkerinduk satkerinduknama"),
    "agency": ("Instansi Induk", "instansiinduknama instansiinduk instansi namainstansi instansikerja instansikerjanama"),
    "unit_category": ("Kategori Unit", "kategoriunit kategoriunitkerja jenisunit jenisunor kategori"),
    "email_office": ("Email Dinas", "emailgov emaildinas emailkantor emailpemerintah"),
    "email": ("Email", "email surel alamatemail emailpribadi"),
    "siasn_id": ("ID SIASN", "pnsid idpns siasnid idsiasn"),
    "decision": ("Keputusan", "keputusan"),
}  # fmt: skip
"""Field to its name for people and to the headings it goes by, in small letters and digits only (DOMAIN 3.3)."""
_BY_HEADING = {heading: field for field, (_, headings) in FIELDS.items() for heading in headings.split()}


@dataclass(frozen=True, slots=True)
class Table:
    """Where everything stands in one sheet. `columns`: field to place, from 0."""

    sheet: str
    header_line: int
    headings: tuple[str, ...]
    columns: dict[str, int]
    rows: tuple[Row, ...]

    @property
    def ignored(self) -> tuple[str, ...]:
        known = set(self.columns.values())
        return tuple(heading for place, heading in enumerate(self.headings) if heading and place not in known)

    def heading(self, field: str) -> str:
        """How the file heads the column of a field."""
        return self.headings[self.columns[field]] if field in self.columns else FIELDS[field][0]


def plain(heading: str) -> str:
    """A heading reduced to small letters and digits: `nip_baru`, `nipBaru` and "NIP BARU" are one."""
    return re.sub(r"[^a-z0-9]", "", unicodedata.normalize("NFKC", heading).casefold())


def find_table(sheets: Iterable[tuple[str, list[Row]]]) -> Table:
    """The table of the first sheet that has one. Raises Invalid that says what was found and what is expected."""
    best: Table | None = None
    for name, rows in sheets:
        table = max((_table(name, rows, at) for at in range(min(LOOKED_AT, len(rows)))), key=_known, default=None)
        if table is not None and (best is None or _known(table) > _known(best)):
            best = table
        if best is not None and not _missing(best):
            return best
    if best is None or _known(best) < 2:
        seen = ", ".join(f"“{heading[:40]}”" for heading in best.headings if heading) if best is not None else ""
        raise Invalid(
            f"Baris judul kolom tidak ditemukan. Yang terbaca: {seen[:600] or 'tidak ada'}. Yang diperlukan: NIP, Nama, dan Unit Kerja; "
            "pakailah templat bila perlu.",
            field="file",
        )
    raise Invalid(
        f"Kolom {' dan '.join(_missing(best))} tidak ditemukan di baris {best.header_line}. Judul yang terbaca: "
        f"{', '.join(heading for heading in best.headings if heading)[:600]}. Tambahkan kolomnya atau ganti judulnya, lalu unggah lagi.",
        field="file",
    )


def _known(table: Table) -> int:
    return len(table.columns)


def _missing(table: Table) -> list[str]:
    """What is needed and not there: a name, a unit, and something to tell people apart by."""
    missing = [FIELDS[field][0] for field in ("name", "unit") if field not in table.columns]
    if not table.columns.keys() & {"nip", "siasn_id", "birth_date"}:
        missing.insert(0, FIELDS["nip"][0])
    return missing


def _table(sheet: str, rows: list[Row], at: int) -> Table:
    line, cells, _ = rows[at]
    columns: dict[str, int] = {}
    for place, cell in enumerate(cells):
        field = _BY_HEADING.get(plain(cell)) if len(cell) <= 60 else None
        if field is not None:
            columns.setdefault(field, place)
    below = tuple(rows[at + 1 :]) if columns else ()
    return Table(sheet, line, tuple(" ".join(cell.split()) for cell in cells), columns, below)
