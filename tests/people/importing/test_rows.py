"""Staff files as people save them: headings, dates, grades, kinds, numbers; each problem names its row and column (D18-D25)."""

from datetime import date

import pytest

from lms.errors import Invalid
from lms.people.importing.rows import read_date, read_file, read_kept, read_upload
from lms.people.importing.types import UnitWish
from lms.people.types import EmploymentKind, UnitCategory

PNS, PPPK = "198609262015051001", "200012312024211001"


def read(*rows, sheet=""):
    """The file of a table whose first row holds the headings."""
    return read_file([(sheet, [(line, list(cells), []) for line, cells in enumerate(rows, start=1)])])


def one(headings, cells):
    (row,) = read(headings, cells).rows
    return row


@pytest.mark.parametrize(
    "headings",
    [
        ["NIP", "Nama", "Unit Kerja", "Jabatan", "Golongan", "Tanggal Lahir", "Gelar Belakang"],
        ["nip_baru", "nama", "unor_nama", "jabatan_nama", "gol_akhir_nama", "tanggal_lahir", "gelar_belakang"],
        ["nipBaru", "nama", "unorNama", "jabatanNama", "golRuangAkhir", "tglLahir", "gelarBelakang"],
        ["nip baru", "NAMA LENGKAP", "UNIT KERJA", "NAMA JABATAN", "PANGKAT/GOLONGAN", "TGL. LAHIR", "GELAR  BELAKANG"],
    ],
)
def test_headings_of_every_source_are_known(headings):
    row = one(headings, [PNS, "Sitti", "Dinas", "Arsiparis", "III-d", "26-09-1986", "S.E."])
    assert row.problems == ()
    assert row.values == {
        "nip": PNS,
        "name": "Sitti",
        "position": "Arsiparis",
        "grade": "III/d",
        "birth_date": date(1986, 9, 26),
        "title_suffix": "S.E.",
    }
    assert row.wish == UnitWish("", ("Dinas",))


def test_heading_row_may_stand_anywhere_and_decoration_is_passed_over():
    headings = ["No", "NIP", "Nama", "Unit Kerja"]
    found = read(
        ["DAFTAR PEGAWAI"],
        ["Nama instansi: Pemkot"],
        headings,
        ["(1)", "(2)", "(3)", "(4)"],
        ["1", PNS, "Sitti", "Dinas"],
        headings,
        ["2", PPPK, "Budi", "Dinas"],
    )
    assert (found.header_line, [(row.line, row.name) for row in found.rows]) == (3, [(5, "Sitti"), (7, "Budi")])
    assert found.ignored == ("No",)


def test_first_sheet_with_a_table_is_read():
    cover = ("Sampul", [(1, ["Daftar"], [])])
    table = ("Data", [(1, ["NIP", "Nama", "Unit Kerja"], []), (2, [PNS, "Sitti", "Dinas"], [])])
    file, kept = read_upload([cover, table])
    assert (file.sheet, len(file.rows)) == ("Data", 1)
    assert read_kept(kept) == file


def test_missing_columns_are_said_with_what_was_found():
    with pytest.raises(Invalid, match=r"Kolom NIP dan Unit Kerja tidak ditemukan di baris 1. .*Nama, Jabatan, NIK"):
        read(["Nama", "Jabatan", "NIK"], ["a", "b", "c"])
    with pytest.raises(Invalid, match=r"tidak ditemukan. Yang terbaca: “apel”, “jeruk”"):
        read(["apel", "jeruk"], ["1", "2"])
    with pytest.raises(Invalid, match="tidak ada satu pun pegawai"):
        read(["NIP", "Nama", "Unit Kerja"])


@pytest.mark.parametrize(
    ("text", "day"),
    [
        *((text, date(1986, 9, 26)) for text in ("26-09-1986", "26/09/1986", "26/9/1986", "1986-09-26", "1986/09/26", "26.09.1986")),
        *((text, date(1986, 9, 26)) for text in ("31681", "26 September 1986", "26 sep 1986", "1986-09-26 00:00:00", "1986-09-26T00:00:00Z")),
        ("1 Agustus 1990", date(1990, 8, 1)),
        ("5 Mei 1990", date(1990, 5, 5)),
        *((text, None) for text in ("09/26/1986", "31-02-1986", "26-09-86", "kemarin", "1986", "26 Foo 1986", "")),
    ],
)  # fmt: skip
def test_dates_of_the_field(text, day):
    assert read_date(text) == day


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (f"'{PNS}", PNS),
        ("19860926 201505 1 001", PNS),
        ("NIP. 198609262015051001", PNS),
        ("1986.0926.2015.0510.01", PNS),
        (PPPK, PPPK),
    ],
)
def test_nip_as_typed_in_the_field(typed, kept):
    row = one(["NIP", "Nama", "Unit Kerja"], [typed, "Sitti", "Dinas"])
    assert (row.nip, row.problems, row.warnings) == (kept, (), ())


@pytest.mark.parametrize(
    "damaged", ["1.98609E+17", "1,97E+17", "1.98609262015051E+17", "198609262015051000", "198609262015051000.0"]
)
def test_damaged_nip_is_told_with_row_and_column(damaged):
    row = one(["Nama", "Nomor Induk Pegawai", "Unit Kerja"], ["Sitti", damaged, "Dinas"])
    assert (row.line, row.nip, [finding.column for finding in row.problems]) == (2, None, ["Nomor Induk Pegawai"])
    assert row.problems[0].text.startswith("Excel merusak NIP; ubah kolom menjadi Teks")


@pytest.mark.parametrize(
    ("cells", "column", "text"),
    [
        (["", "Sitti", "Dinas", ""], "NIP", "Tanpa NIP."),
        ([PNS, "", "Dinas", ""], "Nama", "Nama kosong."),
        ([PNS, "Sitti", "", ""], "Unit Kerja", "Unit kerja kosong."),
        ([PNS, "Sitti", "Dinas", "27-09-1986"], "NIP", "Tanggal lahir pada NIP (26-09-1986) berbeda"),
        ([PNS, "Sitti", "Dinas", "27-13-1986"], "Tgl Lahir", "Tanggal “27-13-1986” tidak terbaca."),
        ([PNS[:-1], "Sitti", "Dinas", ""], "NIP", "NIP harus 18 angka; yang ini 17 angka."),
    ],
)
def test_problems_name_their_column(cells, column, text):
    row = one(["NIP", "Nama", "Unit Kerja", "Tgl Lahir"], cells)
    assert [finding.column for finding in row.problems] == [column]
    assert row.problems[0].text.startswith(text)


def test_odd_but_bearable_cells_only_warn():
    row = one(
        ["NIP", "Nama", "Unit Kerja", "Golongan", "Jenis Pegawai", "Email"],
        ["198609262015991001", "Sitti", "Dinas", "Z/9", "Bupati", "bukan email"],
    )
    assert (row.problems, [finding.column for finding in row.warnings]) == ((), ["NIP", "Golongan", "Email", "Jenis Pegawai"])
    assert row.values.keys() == {"nip", "name", "birth_date"}


@pytest.mark.parametrize(
    ("kind", "cpns", "expected"),
    [
        ("PNS", "", EmploymentKind.PNS),
        ("PNS Daerah Kab/Kota", "C", EmploymentKind.CPNS),
        ("", "CPNS", EmploymentKind.CPNS),
        ("", "P", EmploymentKind.PNS),
        ("PPPK", "", EmploymentKind.PPPK),
        ("PPPK Paruh Waktu", "", EmploymentKind.PPPK),
        ("P3K", "", EmploymentKind.PPPK),
        ("Honorer", "", EmploymentKind.OTHER),
        ("Tenaga Kontrak", "", EmploymentKind.OTHER),
        ("Lainnya", "", EmploymentKind.OTHER),
    ],
)
def test_kinds_of_the_field(kind, cpns, expected):
    row = one(["ID SIASN", "Nama", "Unit Kerja", "jenis_pegawai_nama", "status_cpns_pns"], ["x1", "Sitti", "Dinas", kind, cpns])
    assert row.values["employment_kind"] is expected


@pytest.mark.parametrize(
    ("standing", "gone"),
    [("Aktif", False), ("Pensiun", True), ("Meninggal", True), ("Masa Persiapan Pensiun (MPP)", False), ("Pemberhentian Sementara", False),
     ("Diberhentikan", True), ("PPPK Aktif", False), ("Tidak Aktif", True), ("", False)],
)  # fmt: skip
def test_legal_standing_tells_who_has_left(standing, gone):
    assert one(["NIP", "Nama", "Unit Kerja", "kedudukan_hukum_nama"], [PNS, "Sitti", "Dinas", standing]).has_left is gone


def test_unit_comes_with_the_units_above_it():
    headings = [
        "NIP",
        "Nama",
        "instansi_induk_nama",
        "satuan_kerja_induk_nama",
        "unor_induk_nama",
        "unor_nama",
        "unor_id",
        "Kategori Unit",
    ]
    row = one(headings, [PNS, "Sitti", "Pemkot", "Dinkes", "DINKES", "Puskesmas  A", "u-7", "Kesehatan"])
    assert row.wish == UnitWish("u-7", ("Pemkot", "Dinkes", "Puskesmas A"), UnitCategory.HEALTH)
    assert one(["NIP", "Nama", "Unit"], [PNS, "Sitti", "Pemkot > Dinkes / Puskesmas A"]).wish == UnitWish(
        "", ("Pemkot", "Dinkes", "Puskesmas A")
    )


def test_empty_cells_and_dashes_erase_nothing():
    row = one(["NIP", "Nama", "Unit Kerja", "Gelar Depan", "Golongan", "Jabatan"], [PNS, "Sitti", "Dinas", "-", "", "NULL"])
    assert row.values.keys() == {"nip", "name", "birth_date"}


def test_formulas_are_refused_with_their_place_only_where_they_matter():
    rows = [(1, ["NIP", "Nama", "Unit Kerja", "Umur"], []), (2, [PNS, "=A1", "Dinas", "=B1"], [1, 3])]
    (row,) = read_file([("", rows)]).rows
    assert [(finding.column, finding.text[:21]) for finding in row.problems] == [
        ("Nama", "Sel ini berisi rumus."),
        ("Nama", "Nama kosong. Isi nama"),
    ]


def test_twins_in_the_file_name_each_other():
    headings = ["NIP", "ID SIASN", "Nama", "Unit Kerja", "Tanggal Lahir", "Keputusan"]
    found = read(
        headings,
        [PNS, "", "Sitti", "A", "", ""],
        [f"'{PNS}", "", "Sitti R", "B", "", ""],
        ["", "x1", "Budi", "A", "01-02-1990", ""],
        ["", "x1", "Budi", "A", "01-02-1990", ""],
        ["", "", "Cici", "A", "01-02-1990", ""],
        ["", "", "CICI ", "B", "01-02-1990", ""],
        ["", "", "Dodi", "A", "01-02-1990", ""],
        ["", "", "Dodi", "B", "01-02-1990", "orang baru"],
    )
    twins = {row.line: row.problems[0].text for row in found.rows if row.problems}
    assert twins == {
        2: "NIP yang sama ada juga di baris 3. Sisakan satu baris yang benar.",
        3: "NIP yang sama ada juga di baris 2. Sisakan satu baris yang benar.",
        4: "ID SIASN yang sama ada juga di baris 5. Sisakan satu baris yang benar.",
        5: "ID SIASN yang sama ada juga di baris 4. Sisakan satu baris yang benar.",
        6: "Orang yang sama ada juga di baris 7. Sisakan satu baris yang benar.",
        7: "Orang yang sama ada juga di baris 6. Sisakan satu baris yang benar.",
        8: "Orang yang sama ada juga di baris 9. Sisakan satu baris yang benar.",
    }
