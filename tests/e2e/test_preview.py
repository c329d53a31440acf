"""`lms pratinjau` in a real browser: a save reloads the page in place, an error lies over the last good one, answers are graded."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from config import ROOT
from tests.content.course_files import quiz, write_course, write_files
from tests.e2e.looks import look_closely, shoot
from tests.e2e.server import free_port
from tests.e2e.visitor import DESKTOP, Visitor

pytestmark = pytest.mark.browser
LESSON = "01-asas/01-materi.md"
LONG = "\n\n".join(f"Alinea {number} yang cukup panjang untuk mengisi beberapa baris di layar ponsel." for number in range(60))
TEXT = f"# Materi\n\n{LONG}\n\n## Bagian akhir\n\nKalimat lama.\n\n## Soal: Apa? {{#apa}}\n\n- [x] Ini\n    > Tepat.\n- [ ] Itu\n\nPembahasan: sebab.\n"
QUIZ = "Petunjuk.\n\n## Soal 1: Berapa? {#berapa}\n\nJawaban: 70,8\n\nPembahasan: hitung.\n\n## Soal 2: Siapa? {#siapa}\n\n- [x] Pegawai\n- [ ] Warga\n\nPembahasan: ya.\n"
LESSON_URL, QUIZ_URL = "/pelatihan/contoh/asas/materi", "/pelatihan/contoh/kuis/asas/kuis"
PATIENCE_MS = 5_000


class Command:
    """The real command, as an author types it."""

    def __init__(self, folder: Path, log: Path):
        self.log = log
        environment = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"}
        words = [sys.executable, "-m", "lms.cli", "pratinjau", str(folder), "--port", str(free_port())]
        with log.open("wb") as out:
            self.process = subprocess.Popen(
                words, cwd=folder.parent, env=environment, stdout=out, stderr=out, start_new_session=True
            )
        until = time.monotonic() + 60
        while not (found := re.search(r"http://127\.0\.0\.1:\d+", log.read_text())):
            assert self.process.poll() is None and time.monotonic() < until, log.read_text()
            time.sleep(0.05)
        self.url = found[0]

    def children(self) -> list[str]:
        found = subprocess.run(["pgrep", "-P", str(self.process.pid)], capture_output=True, text=True, check=False)
        return found.stdout.split()

    def interrupt(self) -> int:
        """Ctrl+C."""
        os.killpg(self.process.pid, signal.SIGINT)
        return self.process.wait(20)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_course(tmp_path / "contoh", {LESSON: TEXT, "01-asas/02-kuis.md": quiz(QUIZ)})


@pytest.fixture
def command(folder: Path, tmp_path: Path) -> Iterator[Command]:
    command = Command(folder, tmp_path / "pratinjau.log")
    yield command
    if command.process.poll() is None:
        command.interrupt()
    assert "Traceback" not in command.log.read_text()


@pytest.fixture
def visitor(chromium: Browser, command: Command) -> Iterator[Visitor]:
    visitor = Visitor(chromium, command.url)
    yield visitor
    assert visitor.problems == []
    visitor.close()


def following(visitor: Visitor, url: str):
    page = visitor.go(url)
    expect(page.get_by_text("Mengikuti berkas")).to_be_visible(timeout=PATIENCE_MS)
    return page


def test_saved_file_is_shown_at_the_same_place_with_focus_choice_and_drawer_kept(visitor, folder):
    page = following(visitor, LESSON_URL)
    page.get_by_label("Itu").check()
    page.get_by_role("button", name="Periksa jawaban").focus()
    page.get_by_text("Kalimat lama.").scroll_into_view_if_needed()
    top = page.evaluate("scrollY")
    page.evaluate("window.mark = 1")
    write_files(folder, {LESSON: TEXT.replace("Kalimat lama.", "Kalimat baru yang disimpan.")})
    expect(page.get_by_text("Kalimat baru yang disimpan.")).to_be_visible(timeout=PATIENCE_MS)
    assert (page.evaluate("scrollY"), page.evaluate("window.mark"), top > 1000) == (top, 1, True)
    assert page.evaluate("document.activeElement.textContent") == "Periksa jawaban"
    assert page.get_by_label("Itu").is_checked()


def test_error_lies_over_the_last_good_page_until_it_is_mended(visitor, folder):
    page = following(visitor, LESSON_URL)
    write_files(folder, {LESSON: TEXT.replace("- [x]", "- [ ]").replace("Kalimat lama.", "Kalimat rusak.")})
    expect(page.get_by_text("tidak ada pilihan benar", exact=False)).to_be_visible(timeout=PATIENCE_MS)
    expect(page.get_by_text(f"{LESSON}:")).to_have_count(1)
    assert (page.get_by_text("Kalimat lama.").count(), page.get_by_text("Kalimat rusak.").count()) == (1, 0)
    assert look_closely(page, "pratinjau-galat") == []
    write_files(folder, {LESSON: TEXT.replace("Kalimat lama.", "Kalimat pulih.")})
    expect(page.get_by_text("Kalimat pulih.")).to_be_attached(timeout=PATIENCE_MS)
    assert page.get_by_text("tidak ada pilihan benar").count() == 0


def test_deleted_file_says_so_and_comes_back_by_itself(visitor, folder):
    visitor.statuses.add(404)
    page = following(visitor, LESSON_URL)
    (folder / LESSON).unlink()
    expect(page.get_by_text("dihapus atau berganti nama", exact=False)).to_be_visible(timeout=PATIENCE_MS)
    write_files(folder, {LESSON: TEXT})
    expect(page.get_by_text("Kalimat lama.")).to_be_attached(timeout=PATIENCE_MS)


def test_dangerous_file_is_named_and_the_next_save_is_seen(visitor, folder):
    page = following(visitor, LESSON_URL)
    write_files(folder, {LESSON: TEXT + "\n" + "[" * 5000})
    expect(page.locator(".kode", has_text="K019")).to_be_attached(timeout=20_000)
    write_files(folder, {LESSON: TEXT.replace("Kalimat lama.", "Kalimat aman.")})
    expect(page.get_by_text("Kalimat aman.")).to_be_attached(timeout=PATIENCE_MS)


def test_author_sees_keys_and_the_learner_does_not(visitor):
    page = following(visitor, LESSON_URL)
    assert page.get_by_text("sebab.").count() == 0
    visitor.press("Penulis", role="link")
    assert (page.get_by_text("sebab.").count(), page.get_by_text(f"{LESSON}:").count()) == (1, 1)
    visitor.press("Peserta", role="link")
    assert page.get_by_text("sebab.").count() == 0


def test_quiz_is_answered_one_by_one_and_graded(visitor):
    page = following(visitor, QUIZ_URL)
    page.get_by_label("Jawaban Anda (angka)").fill("70,8")
    visitor.press("Simpan jawaban")
    page.get_by_label("Pegawai").check()
    page.locator("#periksa-siapa").get_by_role("button", name="Simpan jawaban").click()
    expect(page.locator("#periksa-siapa .simpan")).to_have_text(re.compile("Tersimpan"))
    visitor.press("Kirim jawaban")
    expect(page.get_by_text("Nilai 100")).to_be_visible()
    assert page.get_by_text("✓ Benar").count() == 2


@pytest.mark.parametrize("view", ["peserta", "penulis"])
@pytest.mark.parametrize("url", ["/pelatihan/contoh", LESSON_URL, QUIZ_URL, "/pelatihan/contoh/bank/etika.md"])
def test_page_is_accessible_and_fits_a_phone_in_both_themes(visitor, url, view):
    visitor.page.goto(f"/?sebagai={view}")
    page = following(visitor, url)
    assert look_closely(page, f"pratinjau-{view}-{url.rsplit('/', 1)[1]}") == []


def test_phone_column_reads_like_a_phone_on_a_desk(chromium, command):
    desk, phone = Visitor(chromium, command.url, **DESKTOP), Visitor(chromium, command.url)
    measure = "(() => { const one = document.querySelector('article p:nth-of-type(3)'); return [one.clientWidth, one.clientHeight, getComputedStyle(one).fontSize]; })()"
    desk.go(LESSON_URL)
    phone.go(LESSON_URL)
    assert desk.page.evaluate(measure) == phone.page.evaluate(measure)
    desk.press("Lebar", role="link")
    assert desk.page.evaluate(measure)[0] > phone.page.evaluate(measure)[0]
    for theme in ("light", "dark"):
        desk.page.emulate_media(color_scheme=theme)
        shoot(desk.page, f"pratinjau-1366-{theme}")
    assert desk.problems + phone.problems == []
    desk.close()
    phone.close()


def test_without_javascript_a_link_reloads(chromium, command, folder):
    visitor = Visitor(chromium, command.url, java_script_enabled=False)
    visitor.go(LESSON_URL)
    write_files(folder, {LESSON: TEXT.replace("Kalimat lama.", "Kalimat baru.")})
    time.sleep(1)
    visitor.press("Muat ulang", role="link")
    assert (visitor.page.get_by_text("Kalimat baru.").count(), visitor.problems) == (1, [])
    visitor.close()


def test_end_of_the_command_is_quick_silent_and_told_on_the_page(visitor, command):
    page = following(visitor, LESSON_URL)
    assert len(command.children()) == 1
    children = command.children()
    visitor.may_lose_line = True
    assert command.interrupt() == 0
    expect(page.get_by_text("Pratinjau berhenti.")).to_be_visible(timeout=PATIENCE_MS)
    assert [child for child in children if Path(f"/proc/{child}").exists()] == []
    assert command.log.read_text().splitlines()[1:] == ["Pratinjau berhenti."]
