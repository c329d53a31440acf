"""An administrator on a phone imports a spoiled file, is told exactly what is wrong, mends it, imports it, and takes it back."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from lms.people.types import Role
from tests.e2e.agency import Agency
from tests.e2e.looks import look_closely

pytestmark = pytest.mark.browser
HEAD = "nip_baru;nama;gelar_belakang;tanggal_lahir;gol_akhir_nama;unor_nama;unor_induk_nama;nik"
SPOILED = (
    "1,98609E+17;Sitti Rahma Daeng Tayang;S.Kom.;26-09-1986;III/d;Bidang Kepemudaan;Dinas Pemuda;7371",
    "199001022015062003;Yohanis Palimbong;;31-02-1990;III-c;Bidang Kepemudaan;Dinas Pemuda;7372",
    "198512242010011004;Andi Baso;;24-12-1985;Penata Tk. I / III-d;Bidang Kepemudaan;Dinas Pemuda;7373",
)
MENDED = (SPOILED[0].replace("1,98609E+17", "198609262015052901"), SPOILED[1].replace("31-02-1990", "02-01-1990"), SPOILED[2])


def write(path: Path, rows) -> Path:
    path.write_text("\n".join((HEAD, *rows)) + "\n", encoding="cp1252")
    return path


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_spoiled_file_is_mended_imported_and_taken_back(visit, agency: Agency, tmp_path: Path, script):
    admin = visit(java_script_enabled=script)
    admin.sign_in(agency.newcomer("Maria Pangaribuan", roles=(Role.ADMIN,)))
    page = admin.go("/admin/impor")
    if script:
        assert look_closely(page, "impor") == []
    page.get_by_label("Berkas pegawai").set_input_files(write(tmp_path / "pegawai.csv", SPOILED))
    admin.press("Unggah dan periksa")
    main = page.locator("main")
    expect(main.get_by_role("link", name="2 lihat: Bermasalah")).to_be_visible()
    expect(main).to_contain_text("Kolom nip_baru: Excel merusak NIP; ubah kolom menjadi Teks")
    expect(main).to_contain_text("Kolom tanggal_lahir: Tanggal “31-02-1990” tidak terbaca.")
    expect(main).to_contain_text("tidak disimpan: nik")
    if script:
        assert look_closely(page, "impor-rencana") == []
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Unduh 2 baris bermasalah").click()
    assert "1,98609E+17" in Path(waiting.value.path()).read_text(encoding="utf-8-sig")

    page = admin.go("/admin/impor")
    page.get_by_label("Berkas pegawai").set_input_files(write(tmp_path / "pegawai-benar.csv", MENDED))
    admin.press("Unggah dan periksa")
    expect(main.get_by_role("link", name="3 lihat: Baru")).to_be_visible()
    expect(main).not_to_contain_text("Bermasalah")
    admin.press("Terapkan")
    expect(main).to_contain_text("Impor selesai.")
    if script:
        assert look_closely(page, "impor-hasil") == []
    page.get_by_role("button", name="Batalkan impor ini").click()
    expect(main).to_contain_text("Impor ini sudah dibatalkan.")
    expect(main).to_contain_text("5 perubahan dikembalikan")
