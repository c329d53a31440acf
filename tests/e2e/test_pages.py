"""Every page in every state: axe finds nothing in either theme, nothing scrolls sideways, everything can be read and hit."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import pytest

from tests.e2e.agency import KINDS_COURSE, SHIPPED, TIMED_QUIZ
from tests.e2e.looks import THEMES, look_closely, shoot
from tests.e2e.visitor import DESKTOP, Visitor
from tests.factories.content import BANK, COURSE_KEY, LESSONS

pytestmark = pytest.mark.browser
SAMPLE = f"/pelatihan/{COURSE_KEY}"
RAMAH = f"/pelatihan/{SHIPPED[0]}"
ANGGARAN = f"/pelatihan/{SHIPPED[1]}"


@dataclass(frozen=True)
class Stop:
    """One page as one person sees it. `path` may be a name in `Agency.places`, then after a colon what follows it."""

    name: str
    who: str
    path: str
    status: int = 200
    act: Callable[[Visitor], object] | None = None


def _press(name: str) -> Callable[[Visitor], object]:
    return lambda visitor: visitor.press(name)


def _wrong_password(visitor: Visitor) -> None:
    visitor.statuses.add(401)
    visitor.page.get_by_label("NIP").fill("198001012005011001")
    visitor.page.get_by_label("Kata sandi").fill("bukan kata sandinya")
    visitor.press("Masuk")


def _bad_code(visitor: Visitor) -> None:
    visitor.statuses.add(400)
    visitor.page.get_by_label("NIP").fill("198001012005011001")
    visitor.page.get_by_label("Kode aktivasi").fill("salah")
    visitor.page.get_by_label("Kata sandi baru").fill("lampu di beranda rumah")
    visitor.press("Aktifkan dan masuk")


def _open_all(visitor: Visitor) -> None:
    visitor.page.evaluate("document.querySelectorAll('main details').forEach(box => { box.open = true; })")


def _finish_too_early(visitor: Visitor) -> None:
    visitor.statuses.add(400)
    visitor.press("Tandai selesai")


def _open_record(visitor: Visitor) -> None:
    visitor.page.get_by_role("searchbox", name="Nama atau NIP").fill("198609262015052001")
    visitor.press("Cari")
    visitor.page.locator("button[formaction]").first.click()


def _issue_code(visitor: Visitor) -> None:
    _open_record(visitor)
    visitor.page.get_by_role("button", name="Buat kode").click()


def _first_unit(then: str) -> Callable[[Visitor], object]:
    def act(visitor: Visitor) -> None:
        visitor.page.locator("tbody th a").first.click()
        if then:
            visitor.page.get_by_role("link", name=then).first.click()

    return act


def _print_slips(visitor: Visitor) -> None:
    visitor.press("Cetak untuk semua di unit ini")


def _reckon(visitor: Visitor) -> None:
    visitor.page.select_option("#cakupan", "instansi")
    visitor.page.locator("main form button").click()


def _open_story(visitor: Visitor) -> None:
    """Once a day is enough."""
    if visitor.page.get_by_role("button", name="Buka riwayat belajar").count():
        visitor.press("Buka riwayat belajar")


def _check_wish(visitor: Visitor) -> None:
    visitor.page.get_by_label("Pelatihan", exact=True).select_option(index=1)
    visitor.page.get_by_label("Sampai akhir hari").fill((date.today() + timedelta(days=60)).isoformat())
    visitor.press("Lihat berapa orang")


STOPS = (
    Stop("masuk", "", "/masuk"),
    Stop("masuk-salah", "", "/masuk", act=_wrong_password),
    Stop("masuk-sudah-keluar", "", "/masuk?pesan=keluar"),
    Stop("aktivasi", "", "/aktivasi"),
    Stop("aktivasi-salah", "", "/aktivasi", act=_bad_code),
    Stop("lupa-sandi", "", "/lupa-sandi"),
    Stop("tautan-lewat-waktu", "", "/pulihkan/lama", 400),
    Stop("tamu-404", "", "/tidak-ada", 404),
    Stop("verifikasi", "", "/verifikasi"),
    Stop("verifikasi-sah", "", "certificate"),
    Stop("verifikasi-diganti", "", "replaced"),
    Stop("verifikasi-dicabut", "", "revoked"),
    Stop("verifikasi-tidak-ada", "", "/verifikasi/AAAA-BBBB-CCCC-DDDD", 404),
    Stop("beranda-kosong", "new", "/"),
    Stop("katalog", "new", "/pelatihan"),
    Stop("katalog-tanpa-hasil", "new", "/pelatihan?q=tidakadayangbegini"),
    Stop("pelatihan-belum-ikut", "new", RAMAH),
    Stop("materi-belum-ikut", "new", f"{RAMAH}/sikap-melayani/lima-menit-yang-diingat"),
    Stop("kuis-belum-ikut", "new", f"{RAMAH}/kuis/sikap-melayani/kuis"),
    Stop("cari", "new", "/cari"),
    Stop("cari-hasil", "new", "/cari?q=pelayanan"),
    Stop("cari-tanpa-hasil", "new", "/cari?q=zzzzqqq"),
    Stop("keamanan", "new", "/akun/keamanan"),
    Stop("dua-langkah", "new", "/akun/dua-langkah"),
    Stop("perangkat", "new", "/akun/perangkat"),
    Stop("sandi", "new", "/akun/kata-sandi"),
    Stop("pesan-kosong", "new", "/pesan"),
    Stop("pesan-alamat", "new", "/pesan/alamat"),
    Stop("keluar", "new", "/keluar"),
    Stop("400", "", "/verifikasi?code=%00", 400),
    Stop("403", "new", "/studio", 403),
    Stop("404", "new", "/pelatihan/tidak-ada", 404),
    Stop("409", "new", f"{SAMPLE}/sertifikat", 409),
    Stop("beranda-berjalan", "running", "/"),
    Stop("katalog-berjalan", "running", "/pelatihan"),
    Stop("pelatihan-berjalan", "running", RAMAH, act=_open_all),
    Stop("pelatihan-judul-panjang", "running", f"/pelatihan/{KINDS_COURSE}"),
    Stop("perubahan", "running", f"{RAMAH}/perubahan"),
    Stop("materi", "running", f"{SAMPLE}/{LESSONS[0]}"),
    Stop("materi-selesai-ditolak", "running", f"{SAMPLE}/{LESSONS[1]}", act=_finish_too_early),
    Stop("kuis-percobaan-terbuka", "running", f"/pelatihan/{KINDS_COURSE}/kuis/asas/kuis"),
    *(Stop(f"soal-{kind}", "running", f"open:/soal/{number}") for number, kind in enumerate(BANK, 1)),
    Stop("soal-semua-terbuka", "running", "open:/soal/2", act=_open_all),
    Stop("periksa-sebelum-kirim", "running", "open:/periksa"),
    Stop("menu-akun", "running", "/", act=lambda visitor: visitor.page.locator(".menu summary").click()),
    Stop("soal-berwaktu", "timed", "timed"),
    Stop("hasil-habis-waktu", "timed", "expired"),
    Stop("kuis-latihan", "timed", f"{SAMPLE}/kuis/{TIMED_QUIZ}"),
    Stop("hasil-gagal", "failed", "failed"),
    Stop("kuis-sudah-dicoba", "failed", f"{SAMPLE}/kuis/asas/kuis"),
    Stop("hasil-percobaan-habis", "used-up", "used-up"),
    Stop("kuis-percobaan-habis", "used-up", f"{SAMPLE}/kuis/asas/kuis"),
    Stop("hasil-lulus", "trying", "passed"),
    Stop("hasil-tes-awal", "skipping", "pretest"),
    Stop("beranda-selesai", "finished", "/"),
    Stop("pelatihan-selesai", "finished", SAMPLE),
    Stop("selesai", "finished", f"{SAMPLE}/sertifikat"),
    Stop("sertifikat-cetak", "finished", f"{SAMPLE}/sertifikat/cetak"),
    Stop("tim", "head", "/tim"),
    Stop("tim-anggota", "head", "/tim/anggota", act=_open_all),
    Stop("tim-tanpa-hasil", "head", "/tim/anggota?q=tidakadayangbegini"),
    Stop("tim-buka-pegawai", "head", "unopened"),
    Stop("tim-pegawai", "head", "member", act=_open_story),
    Stop("tim-pelatihan", "head", "/tim/pelatihan"),
    Stop("tim-satu-pelatihan", "head", RAMAH.replace("/pelatihan", "/tim/pelatihan")),
    Stop("tim-banding", "head", "/tim/banding"),
    Stop("tim-penugasan", "head", "/tim/penugasan"),
    Stop("tim-minta", "head", "/tim/penugasan/baru", act=_open_all),
    Stop("tim-periksa", "head", "/tim/penugasan/baru", act=_check_wish),
    Stop("pengelola-penugasan", "admin", "/admin/penugasan/baru"),
    Stop("tim-laporan", "head", "/tim/laporan"),
    Stop("tim-laporan-jp", "head", "/tim/laporan/capaian-jp"),
    Stop("tim-laporan-anggota", "head", "/tim/laporan/anggota"),
    Stop("konfirmasi-sandi", "head", "/akun/konfirmasi"),
    Stop("kompetensi", "running", "/kompetensi"),
    Stop("klaim", "running", "/klaim"),
    Stop("klaim-bentuk", "running", "/klaim/baru"),
    Stop("klaim-isian", "running", "/klaim/baru?bentuk=1"),
    Stop("tim-klaim", "head", "/tim/klaim"),
    Stop("pengelola-klaim", "admin", "/admin/klaim"),
    Stop("pengelola-aturan", "admin", "/admin/aturan"),
    Stop("pengelola-aturan-ubah", "admin", "/admin/aturan/ubah"),
    Stop("studio", "author", "/studio", act=_open_all),
    Stop("pengelola", "admin", "/admin"),
    Stop("laporan", "admin", "/admin/laporan"),
    Stop("laporan-jp", "admin", "/admin/laporan/capaian-jp"),
    Stop("laporan-penyelesaian", "admin", "/admin/laporan/penyelesaian"),
    Stop("laporan-sertifikat", "admin", "/admin/laporan/sertifikat"),
    Stop("laporan-ip-asn", "admin", "/admin/laporan/ip-asn"),
    Stop("laporan-siasn", "admin", "/admin/laporan/siasn"),
    Stop("orang", "admin", "/admin/orang"),
    Stop("orang-tanpa-hasil", "admin", "/admin/orang?q=tidakadayangbegini"),
    Stop("orang-data", "admin", "/admin/orang", act=_open_record),
    Stop("orang-kode", "admin", "/admin/orang", act=_issue_code),
    Stop("orang-baru", "admin", "/admin/orang/baru"),
    Stop("unit", "admin", "/admin/unit"),
    Stop("unit-satu", "admin", "/admin/unit", act=_first_unit("")),
    Stop("unit-ubah", "admin", "/admin/unit", act=_first_unit("Ubah data unit")),
    Stop("unit-pindah", "admin", "/admin/unit", act=_first_unit("Pindahkan unit")),
    Stop("unit-tunjuk", "admin", "/admin/unit", act=_first_unit("Tunjuk kepala")),
    Stop("operator", "admin", "/operator"),
    Stop("operator-slip", "admin", "/operator", act=_print_slips),
    Stop("operator-kode", "admin", "/operator/kode"),
    Stop("pengelola-pengaturan", "admin", "/admin/pengaturan"),
    Stop("pengelola-pelatihan", "admin", "/admin/pelatihan", act=_open_all),
    Stop("pengelola-jejak", "admin", "/admin/jejak"),
    Stop("pengelola-jejak-tanpa-hasil", "admin", "/admin/jejak?sampai=2001-01-01&q=tidakadayangbegini"),
    Stop("pengelola-permintaan", "admin", "/admin/permintaan"),
    Stop("pengelola-penyamaran", "admin", "/admin/penyamaran/1"),
    Stop("pengelola-insiden", "admin", "/admin/insiden", act=_reckon),
    Stop("data-saya", "running", "/akun/data", act=_open_all),
    Stop("privasi", "running", "/privasi"),
    Stop("privasi-tamu", "", "/privasi"),
    Stop("pengelola-pesan", "admin", "/admin/pesan"),
    *(
        Stop(f"{course.rsplit('/', 1)[1].split('-')[0]}-{key.replace('/', '-')}", "running", f"{course}/{key}")
        for course, key in (
            (RAMAH, "sikap-melayani/lima-menit-yang-diingat"),
            (RAMAH, "komunikasi-ramah/lima-langkah-di-loket"),
            (RAMAH, "layanan-tanggap/menghitung-antrean"),
            (RAMAH, "pengaduan-perbaikan/membaca-skm-dan-ikm"),
            (ANGGARAN, "merencanakan/menyusun-rab"),
            (ANGGARAN, "melaporkan/membaca-selisih"),
        )
    ),
)


@pytest.fixture(scope="module")
def profiles() -> Iterator[dict[tuple[str, str], Visitor]]:
    """One signed-in profile for each person and screen, kept for the module."""
    kept: dict[tuple[str, str], Visitor] = {}
    yield kept
    for visitor in kept.values():
        visitor.close()


@pytest.fixture
def profile(profiles, chromium, server, agency):
    """Opens the profile of somebody, on a phone or a desk."""

    def of(who: str, screen: str) -> Visitor:
        if (who, screen) not in profiles:
            visitor = profiles[who, screen] = Visitor(chromium, server.url, **(DESKTOP if screen == "desk" else {}))
            if screen == "desk":
                visitor.context.set_extra_http_headers({})
            if who:
                visitor.sign_in(agency.people[who])
        return profiles[who, screen]

    return of


def arrive(visitor: Visitor, agency, stop: Stop) -> None:
    place, _, rest = stop.path.partition(":")
    path = stop.path if stop.path.startswith("/") else agency.places[place].removesuffix("/") + rest
    visitor.go(path, stop.status)
    if stop.act is not None:
        stop.act(visitor)


@pytest.mark.parametrize("stop", STOPS, ids=lambda stop: stop.name)
def test_page_is_accessible_and_fits_a_phone_in_both_themes(profile, agency, stop):
    visitor: Visitor = profile(stop.who, "phone")
    visitor.problems.clear()
    visitor.page.emulate_media(color_scheme="light")
    arrive(visitor, agency, stop)
    assert look_closely(visitor.page, stop.name) == []
    assert visitor.problems == []


@pytest.mark.parametrize("stop", STOPS, ids=lambda stop: stop.name)
def test_page_uses_a_desk_without_sideways_scroll(profile, agency, stop):
    visitor: Visitor = profile(stop.who, "desk")
    visitor.problems.clear()
    arrive(visitor, agency, stop)
    for theme in THEMES:
        visitor.page.emulate_media(color_scheme=theme)
        shoot(visitor.page, f"{stop.name}-1366-{theme}")
    assert visitor.page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    assert visitor.problems == []
