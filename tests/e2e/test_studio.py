"""Authors in the browser: a course from nothing to learners, two people in one file, a line that is cut, every page looked at."""

import re
import shutil
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from config import ROOT
from lms.people.types import Role
from tests.e2e.agency import Agency, Someone
from tests.e2e.looks import THEMES, look_closely, shoot
from tests.e2e.visitor import DESKTOP, Visitor

pytestmark = pytest.mark.browser
COURSE = "anggaran-transparan-akuntabel"
LESSON = "01-janji/01-janji-di-balik-angka.md"
PICTURE = ROOT / "static" / "img" / "icon-192.png"
FIRST = """\
---
judul: Menyambut Lansia
---

# Menyambut Lansia

Berdiri, sapa, dan tawarkan kursi sebelum bertanya keperluannya.

## Periksa pemahaman

### Soal: Apa yang dilakukan lebih dulu?

- [ ] Menyapa dan menawarkan kursi
- [ ] Meminta fotokopi

> **Pembahasan:** Orang dulu, berkas kemudian.
"""
SECOND = """\
---
judul: Menjelaskan Syarat
---

# Menjelaskan Syarat

Tulis syaratnya dengan huruf besar, satu baris satu syarat.

![Papan syarat di loket](media/papan-syarat.png)
"""
QUIZ = """\
---
judul: Kuis Lansia
jenis: kuis
nilai-lulus: tujuh puluh
---

# Kuis Lansia

## Soal 1: Siapa yang didahulukan?

- [x] Lansia
- [ ] Yang datang terakhir

> **Pembahasan:** Loket prioritas untuk lansia.
"""


@pytest.fixture
def author(agency: Agency) -> Someone:
    return agency.newcomer("Yusuf Tandi", roles=(Role.AUTHOR,))


@pytest.fixture
def desk(visit, author) -> Visitor:
    """The author at a desk, signed in."""
    visitor: Visitor = visit(**DESKTOP)
    visitor.sign_in(author)
    return visitor


@pytest.fixture
def course(agency: Agency) -> Path:
    """A course folder in the workspace."""
    folder = agency.data_dir / "courses" / COURSE
    if not folder.exists():
        shutil.copytree(ROOT / "courses" / COURSE, folder)
    return folder


@pytest.fixture
def lesson(course: Path) -> Path:
    """A file of its own for the test, and its address."""
    count = len(list((course / "01-janji").glob("9*-catatan*.md")))
    path = course / "01-janji" / f"9{count}-catatan-{count}.md"
    path.write_text(
        f"---\njudul: Catatan {count}\n---\n\n# Catatan {count}\n\nKalimat pertama.\n\nKalimat kedua.\n", encoding="utf-8"
    )
    return path


def address(path: Path) -> str:
    return f"/studio/{COURSE}/berkas/01-janji/{path.name}"


def sheet(page: Page):
    return page.locator("#teks")


def state(page: Page, words: str | re.Pattern[str]) -> None:
    expect(page.locator(".simpan")).to_have_text(words, timeout=30_000)


def write(page: Page, text: str) -> None:
    sheet(page).fill(text)


def preview(page: Page):
    return page.frame_locator("[data-bingkai] iframe:not(.menyusul)")


def findings(page: Page) -> list[str]:
    return page.locator("[data-findings] .pesan").all_inner_texts()


def save(page: Page) -> None:
    sheet(page).press("Control+s")
    state(page, re.compile(r"^Tersimpan \d\d\.\d\d$"))


def test_text_is_shown_beside_its_preview_and_saved_whole(desk, lesson):
    page = desk.go(address(lesson))
    expect(preview(page).get_by_text("Kalimat kedua.")).to_be_visible()
    write(page, sheet(page).input_value().replace("kedua", "yang baru ditulis"))
    state(page, "Belum disimpan")
    expect(preview(page).get_by_text("Kalimat yang baru ditulis.")).to_be_visible()
    assert "yang baru ditulis" not in lesson.read_text(encoding="utf-8")
    save(page)
    assert lesson.read_text(encoding="utf-8").endswith("Kalimat pertama.\n\nKalimat yang baru ditulis.\n")
    with page.expect_navigation():
        page.reload()
    expect(page.locator("[data-offer]")).to_be_hidden()


def test_line_numbers_stand_beside_their_lines_when_long_lines_wrap(desk, lesson):
    page = desk.go(address(lesson))
    write(page, "---\njudul: A\n---\n\n# A\n\n" + "kata " * 80 + "\n\nterakhir\n")
    tops = page.evaluate("""() => {
      const rows = Array.from(document.querySelectorAll('.alas > div'));
      return [rows.length, rows[8].getBoundingClientRect().top - rows[6].getBoundingClientRect().top, rows[7].getBoundingClientRect().height,
        document.getElementById('teks').scrollHeight <= document.getElementById('teks').clientHeight + 1];
    }""")
    assert tops[0] == 10
    assert tops[1] > 5 * tops[2]
    assert tops[3]


def test_finding_is_marked_at_its_line_and_leads_there(desk, lesson):
    page = desk.go(address(lesson))
    text = sheet(page).input_value() + "\n## Soal: Apa ini?\n\n- [ ] Satu\n- [ ] Dua\n"
    write(page, text)
    expect(page.locator("[data-summary]")).to_contain_text("1 galat")
    assert findings(page)[0] == "Tidak ada pilihan benar"
    line = text[: text.index("## Soal")].count("\n") + 1
    marked = page.locator('.alas > [data-level="galat"]')
    assert page.evaluate("node => Array.from(node.parentNode.children).indexOf(node) + 1", marked.element_handle()) == line
    page.get_by_role("link", name=f"Baris {line}", exact=True).first.click()
    assert page.evaluate("() => [document.activeElement.id, document.activeElement.value.slice(document.activeElement.selectionStart).split('\\n')[0]]") == [
        "teks", "## Soal: Apa ini?",
    ]  # fmt: skip
    page.get_by_text("Penjelasan K062").click()
    expect(page.locator(".benar").first).to_be_visible()
    write(page, text.replace("- [ ] Satu", "- [x] Satu"))
    expect(marked).to_have_count(0)


def test_certain_repairs_are_made_in_what_is_on_the_screen(desk, lesson):
    page = desk.go(address(lesson))
    write(page, "# Catatan\n\n## Soal: Apa?\n\n-[x] Satu\n- [ ]Dua\n")
    desk.press("Perbaiki otomatis yang pasti")
    assert sheet(page).input_value() == "# Catatan\n\n## Soal: Apa?\n\n- [x] Satu\n- [ ] Dua\n"
    expect(page.locator("[data-offer]")).to_be_hidden()


def test_keyboard_leaves_the_text_and_blanks_come_only_when_asked(desk, lesson):
    page = desk.go(address(lesson))
    before = sheet(page).input_value()
    sheet(page).press("Tab")
    assert page.evaluate("document.activeElement.id") != "teks"
    assert sheet(page).input_value() == before
    page.get_by_label("Tab menyisipkan spasi").check()
    sheet(page).press("Control+Home")
    sheet(page).press("Tab")
    assert sheet(page).input_value() == "    " + before
    sheet(page).press("Escape")
    sheet(page).press("Tab")
    assert page.evaluate("document.activeElement.id") != "teks"


def test_pieces_are_inserted_as_text_and_undone(desk, lesson):
    page = desk.go(address(lesson))
    before = sheet(page).input_value()
    sheet(page).press("Control+End")
    page.locator(".alat summary", has_text="Soal").click()
    page.get_by_role("button", name="Rumpang").click()
    assert "### Soal: Lengkapi kalimat ini." in sheet(page).input_value()
    assert (
        page.evaluate("() => { const t = document.activeElement; return t.value.slice(t.selectionStart, t.selectionEnd); }")
        == "Lengkapi kalimat ini."
    )
    expect(preview(page).get_by_text("Lengkapi kalimat ini.")).to_be_visible()
    sheet(page).press("Control+z")
    assert sheet(page).input_value() == before


def test_pasted_pictures_get_names_of_their_own(desk, lesson, course):
    page = desk.go(address(lesson))
    sheet(page).press("Control+End")
    paste = """(field, bytes) => {
      const transfer = new DataTransfer();
      transfer.items.add(new File([new Uint8Array(bytes)], 'image.png', { type: 'image/png' }));
      field.dispatchEvent(new ClipboardEvent('paste', { clipboardData: transfer, bubbles: true, cancelable: true }));
    }"""
    for _ in range(2):
        sheet(page).press("Control+End")
        with page.expect_response(lambda answer: answer.url.endswith("/unggah")):
            sheet(page).evaluate(paste, list(PICTURE.read_bytes()))
    expect(sheet(page)).to_have_value(re.compile(r"image.*image", re.S))
    found = re.findall(r"!\[\]\((media/image[^)]*\.png)\)", sheet(page).input_value())
    assert len(found) == len(set(found)) == 2
    expect(page.locator("[data-summary]")).to_contain_text("2 peringatan")


def test_two_authors_in_one_file_lose_nothing(desk, visit, agency, lesson):
    other = visit(**DESKTOP)
    other.sign_in(agency.newcomer("Siti Rahma", roles=(Role.AUTHOR,)))
    first, second = desk.go(address(lesson)), other.go(address(lesson))
    write(first, sheet(first).input_value() + "\nTambahan Yusuf.\n")
    write(second, sheet(second).input_value().replace("pertama", "awal"))
    save(second)
    desk.statuses.add(409)
    with first.expect_navigation():
        sheet(first).press("Control+s")
    expect(first.get_by_role("heading", level=1)).to_have_text("Ada dua versi berkas ini")
    expect(first.locator(".kabar")).to_contain_text("Siti Rahma")
    merged = first.get_by_label("Isi berkas setelah digabung").input_value()
    assert all(words in merged for words in ("Tambahan Yusuf.", "Kalimat awal.", "Kalimat pertama."))
    assert "Tambahan" not in lesson.read_text(encoding="utf-8")
    first.get_by_label("Isi berkas setelah digabung").fill(merged.replace("Kalimat pertama.\n", ""))
    desk.press("Simpan gabungan")
    stored = lesson.read_text(encoding="utf-8")
    assert "Kalimat awal." in stored and "Tambahan Yusuf." in stored and "Kalimat pertama." not in stored
    expect(first.locator("[data-offer]")).to_be_visible()
    first.get_by_role("button", name="Buang").click()
    expect(first.locator("[data-offer]")).to_be_hidden()


def test_second_tab_of_the_same_author_is_a_conflict_too(desk, lesson):
    page = desk.go(address(lesson))
    tab = desk.context.new_page()
    tab.goto(address(lesson))
    write(tab, sheet(tab).input_value() + "\nDari tab kedua.\n")
    save(tab)
    write(page, sheet(page).input_value() + "\nDari tab pertama.\n")
    desk.statuses.add(409)
    with page.expect_navigation():
        page.get_by_role("button", name="Simpan", exact=True).click()
    desk.press("Pakai ketikan saya")
    assert lesson.read_text(encoding="utf-8").endswith("Kalimat kedua.\n\nDari tab pertama.\n")


def test_cut_line_keeps_typing_and_saves_by_itself_when_it_is_back(desk, server, lesson):
    page = desk.go(address(lesson))
    desk.may_lose_line = True
    server.kill()
    write(page, sheet(page).input_value() + "\nDitulis tanpa sambungan.\n")
    sheet(page).press("Control+s")
    state(page, re.compile("Sambungan terputus"))
    server.start()
    state(page, re.compile(r"^Tersimpan"))
    assert lesson.read_text(encoding="utf-8").endswith("Ditulis tanpa sambungan.\n")


def test_killed_browser_gives_the_typing_back(chromium, visit, server, author, lesson, tmp_path):
    first = visit(**DESKTOP)
    first.sign_in(author)
    page = first.go(address(lesson))
    write(page, sheet(page).input_value() + "\nBelum sempat disimpan.\n")
    state(page, "Belum disimpan")
    kept = first.context.storage_state()
    first.context.close()
    again = Visitor(chromium, server.url, **DESKTOP, storage_state=kept)
    page = again.go(address(lesson))
    expect(page.locator("[data-offer]")).to_contain_text("Ada ketikan yang belum tersimpan dari")
    assert "Belum sempat" not in sheet(page).input_value()
    page.get_by_role("button", name="Pakai ketikan itu").click()
    assert sheet(page).input_value().endswith("Belum sempat disimpan.\n")
    save(page)
    assert lesson.read_text(encoding="utf-8").endswith("Belum sempat disimpan.\n")
    assert again.problems == []
    again.close()


def test_ended_session_says_so_and_gives_the_typing_back_after_signing_in(desk, author, lesson):
    page = desk.go(address(lesson))
    write(page, sheet(page).input_value() + "\nSesi habis di sini.\n")
    desk.context.clear_cookies()
    desk.statuses.update((400, 401, 403))
    sheet(page).press("Control+s")
    state(page, re.compile("Sesi sudah berakhir"))
    with page.expect_navigation():
        page.get_by_role("link", name="Masuk lagi").click()
    page.get_by_label("NIP").fill(author.identifier)
    page.get_by_label("Kata sandi").fill(author.password)
    desk.press("Masuk")
    page.get_by_role("link", name="Nanti saja").click()  # a second factor is offered first
    page.get_by_role("button", name="Pakai ketikan itu").click()
    save(page)
    assert lesson.read_text(encoding="utf-8").endswith("Sesi habis di sini.\n")


@pytest.fixture
def kept(lesson, tmp_path):
    """The module of `lesson`, put back as it was whatever the test does to it."""
    copy = shutil.copytree(lesson.parent, tmp_path / "modul")
    yield lesson.parent
    shutil.rmtree(lesson.parent)
    shutil.copytree(copy, lesson.parent)


def test_dragged_page_lands_where_it_was_dropped(visit, author, kept):
    mouse = visit(**DESKTOP | {"is_mobile": False, "has_touch": False})
    mouse.sign_in(author)
    page = mouse.go(f"/studio/{COURSE}")
    page.set_viewport_size({"width": 1366, "height": 6000})  # both ends of the way in view, however many pages other tests made
    module = page.locator("section", has=page.get_by_role("heading", name="Anggaran sebagai Janji kepada Warga"))
    rows = module.locator("li[data-path]")
    for source, target, place in (
        ("Kuis Modul 1", rows.first, rows.first),
        ("Kuis Modul 1", module.locator(".tambah").first, rows.last),
    ):
        with page.expect_navigation():
            rows.filter(has_text=source).drag_to(target)
        expect(place).to_contain_text(source)


def test_editor_works_without_script(visit, author, lesson):
    plain = visit(**DESKTOP, java_script_enabled=False)
    plain.sign_in(author)
    page = plain.go(address(lesson))
    sheet(page).fill(sheet(page).input_value() + "\n## Soal: Tanpa jawaban?\n")
    page.get_by_role("button", name="Perbarui pratinjau").click()
    expect(page.frame_locator("iframe[name=layar]").get_by_text("Kalimat kedua.")).to_be_visible()
    plain.press("Simpan")
    expect(page.locator(".pesan").first).to_be_visible()
    assert "Tanpa jawaban?" in lesson.read_text(encoding="utf-8")


def make(page: Page, title: str, kind: str = "") -> None:
    """Add a page to the only module and stay in its editor."""
    page.locator(".tambah summary", has_text="Tambah materi").click()
    if kind:
        page.get_by_label("Jenis").select_option(label=kind)
    page.locator(".tambah[open]").get_by_label("Judul").fill(title)
    with page.expect_navigation():
        page.get_by_role("button", name="Buat", exact=True).click()


def error(page: Page) -> tuple[int, str, str]:
    """(line, what is wrong, what to do) of the one error that is told."""
    row = page.locator('[data-findings] [data-level="galat"]')
    expect(row).to_have_count(1)
    return int(row.get_attribute("data-line") or 0), row.locator(".pesan").inner_text(), row.locator(".saran").inner_text()


def mend(page: Page, line: int, old: str, new: str) -> None:
    """Go to the line by its link, as the page offers, and write it anew."""
    page.get_by_role("link", name=f"Baris {line}", exact=True).first.click()
    page.keyboard.insert_text(
        page.evaluate(
            "() => { const t = document.activeElement; return t.value.slice(t.selectionStart, t.selectionEnd); }"
        ).replace(old, new)
    )
    expect(page.locator('[data-findings] [data-level="galat"]')).to_have_count(0)
    save(page)


def test_new_author_makes_a_course_mends_three_errors_and_a_learner_takes_it(desk, visit, agency):
    page = desk.go("/studio")
    desk.press("Buat pelatihan", "link")
    page.get_by_label("Judul pelatihan").fill("Melayani Lansia di Loket")
    desk.press("Buat pelatihan")
    key = desk.path.rsplit("/", 1)[1]
    tree = f"/studio/{key}"
    for name in ("Materi pertama", "Kuis modul 1"):
        page.get_by_text(f"Tindakan untuk {name}").locator("..").click()
        desk.press(re.compile("Ganti judul"), "link")
        desk.press("Hapus dari pelatihan")

    make(page, "Menyambut lansia")
    write(page, FIRST)
    line, wrong, advice = error(page)
    assert (wrong, advice) == ("Tidak ada pilihan benar", "Ganti [ ] menjadi [x] pada jawaban yang benar")
    write(page, FIRST.replace("- [ ] Menyapa", "- [x] Menyapa"))
    expect(page.locator('[data-findings] [data-level="galat"]')).to_have_count(0)
    sheet(page).evaluate("field => { const at = field.value.indexOf('## Periksa'); field.setSelectionRange(at, at); }")
    page.locator(".alat summary", has_text="Gambar").click()
    page.get_by_label("Gambar atau lampiran dari perangkat ini").set_input_files(str(PICTURE))
    page.get_by_label("Isi gambar, bagi yang tidak dapat melihatnya").fill("Lampu Pelita menyala")
    page.get_by_role("button", name="Sisipkan", exact=True).click()
    expect(sheet(page)).to_have_value(re.compile(r"!\[Lampu Pelita menyala\]\(media/icon-192\.png\)"))
    expect(preview(page).get_by_alt_text("Lampu Pelita menyala")).to_be_visible()
    save(page)

    desk.go(tree)
    make(page, "Menjelaskan syarat")
    write(page, SECOND)
    line, wrong, _ = error(page)
    assert line == SECOND[: SECOND.index("![")].count("\n") + 1
    assert "media/papan-syarat.png" in wrong and "tidak ada" in wrong
    mend(page, line, "![Papan syarat di loket](media/papan-syarat.png)", "Contohnya ada di loket satu.")

    desk.go(tree)
    make(page, "Kuis lansia", "Kuis")
    write(page, QUIZ)
    line, wrong, advice = error(page)
    assert "nilai-lulus" in wrong
    assert advice == "Tulis angka 0 sampai 100, misalnya 70"
    mend(page, line, "tujuh puluh", "70")

    desk.go(tree)
    expect(page.locator('.temuan[data-level="galat"]')).to_have_count(0)
    button = page.get_by_role("link", name="Terbitkan").last
    expect(button).to_have_class(re.compile("utama"))
    button.click()
    expect(page.locator("main")).to_contain_text("Terbitan pertama: edisi 1, revisi 1.")
    page.locator(".terbitkan button.utama").click()
    expect(page.locator("main")).to_contain_text("1.1")
    desk.go("/studio")
    expect(page.locator("li", has_text="Melayani Lansia di Loket")).to_contain_text("Terbit · edisi 1.1")

    learner = visit()
    learner.sign_in(agency.newcomer("Siti Rahma"))
    learner.go(f"/pelatihan/{key}")
    learner.press("Ikuti pelatihan ini")
    learner.go(f"/pelatihan/{key}/pembuka/menyambut-lansia")
    assert learner.page.get_by_alt_text("Lampu Pelita menyala").evaluate("picture => picture.naturalWidth") > 0
    learner.press("Tandai selesai")
    learner.go(f"/pelatihan/{key}/kuis/pembuka/kuis-lansia")
    learner.press(re.compile("Mulai"))
    learner.page.locator("label.pilih", has_text="Lansia").click()
    learner.press(re.compile("Simpan dan"))
    learner.press(re.compile("Kirim"))
    expect(learner.page.locator("main")).to_contain_text("Benar · 1 dari 1 poin")


def _typed_faults(visitor: Visitor) -> None:
    page = visitor.page
    write(page, "---\njudul: Kuis\njenis: kuis\nnilai-lulus: tujuh\n---\n\n# Kuis\n\n## Soal: Apa?\n\n- [ ] Satu\n- [ ] Dua\n")
    expect(page.locator("[data-summary]")).to_contain_text("galat")


def _opened(selector: str):
    return lambda visitor: visitor.page.locator(selector).first.click()


def _two_versions(visitor: Visitor) -> None:
    visitor.statuses.add(409)
    page = visitor.page
    page.evaluate("document.querySelector('[name=version]').value = '0'")
    write(page, sheet(page).input_value().replace("a", "e"))
    with page.expect_navigation():
        page.get_by_role("button", name="Simpan", exact=True).click()


def _zip_for_this_course(visitor: Visitor) -> None:
    page = visitor.page
    with page.expect_download() as download:
        page.get_by_role("link", name="Unduh zip").click()
    page.locator("summary", has_text="Ganti seluruh isi").click()
    page.get_by_label("Berkas zip").set_input_files(str(download.value.path()))
    visitor.press("Lihat yang akan diganti")


EDITOR = f"/studio/{COURSE}/berkas/{LESSON}"
STOPS = (
    ("studio", "/studio", None),
    ("studio-baru", "/studio/baru", None),
    ("studio-isi", f"/studio/{COURSE}", None),
    ("studio-isi-laci", f"/studio/{COURSE}", _opened(".pohon .laci summary")),
    ("studio-isi-tambah", f"/studio/{COURSE}", _opened(".tambah summary")),
    ("studio-materi", EDITOR, None),
    ("studio-materi-lihat", EDITOR, lambda visitor: visitor.page.locator("[data-show=lihat]").dispatch_event("click")),
    ("studio-materi-temuan", EDITOR, _typed_faults),
    ("studio-materi-soal", EDITOR, _opened(".alat summary")),
    ("studio-materi-gambar", EDITOR, _opened("[data-picture] summary")),
    ("studio-pengaturan", f"/studio/{COURSE}/berkas/course.yml", None),
    ("studio-dua-versi", EDITOR, _two_versions),
    ("studio-atur", f"/studio/{COURSE}/atur/{LESSON}", None),
    ("studio-terhapus-kosong", f"/studio/{COURSE}/terhapus", None),
    ("studio-unggah", "/studio/unggah", None),
    ("studio-ganti", f"/studio/{COURSE}", _zip_for_this_course),
    ("studio-gambar", f"/studio/{COURSE}/lampiran/media/01-transparan-akuntabel.png", None),
)


@pytest.mark.parametrize(("name", "path", "act"), STOPS, ids=[stop[0] for stop in STOPS])
def test_page_is_accessible_and_fits_a_phone_in_both_themes(visit, author, course, name, path, act):
    visitor = visit()
    visitor.sign_in(author)
    visitor.go(path)
    if act is not None:
        act(visitor)
    assert look_closely(visitor.page, name) == []


@pytest.mark.parametrize(("name", "path", "act"), STOPS, ids=[stop[0] for stop in STOPS])
def test_page_uses_a_desk_without_sideways_scroll(desk, course, name, path, act):
    page = desk.go(path)
    if act is not None:
        act(desk)
    for theme in THEMES:
        page.emulate_media(color_scheme=theme)
        shoot(page, f"{name}-1366-{theme}")
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    page.set_viewport_size({"width": 683, "height": 384})
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), "at 200 %"
