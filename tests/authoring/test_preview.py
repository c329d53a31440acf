"""Pages that follow a folder: equal to what publishing makes, and never gone while somebody is writing."""

import os
import shutil
from datetime import date
from pathlib import Path

import pytest
from PIL import Image

from lms.authoring.preview import CoursePreview
from lms.content.check import check_course
from lms.content.compile import compile_course
from lms.content.parse import load_course
from lms.content.types import Level
from lms.errors import NotFound
from tests.content.course_files import write_course, write_files

ALL_KINDS = Path(__file__).parents[1].joinpath("content", "all_kinds.md").read_text("utf-8")
LESSON = "01-asas/01-materi.md"
KEY = "asas/materi"
GOOD = "# Materi\n\nIsi materi.\n\n## Soal: Apa? {#apa}\n\n- [x] Ini\n- [ ] Itu\n\nPembahasan: ya.\n"
TODAY = date(2026, 3, 5)


@pytest.fixture
def folder(tmp_path):
    files = {
        LESSON: GOOD,
        "01-asas/02-kuis.md": ALL_KINDS,
        "posttest.md": "---\njudul: Tes\njenis: posttest\n---\n\n## Kelompok: Etika (ambil 1 dari bank/etika.md)\n",
        "istilah.md": "# Istilah\n\n**Gratifikasi**\n: Pemberian.\n",
    }
    return write_course(tmp_path / "contoh", files)


@pytest.fixture
def preview(folder):
    preview = CoursePreview(folder)
    preview.refresh(TODAY)
    yield preview
    preview.close()


def save(folder: Path, path: str, text: str | bytes) -> None:
    write_files(folder, {path: text})


def words(shown) -> str:
    return " ".join(part.html for part in shown.page.parts)


def codes(problems) -> set[str]:
    return {problem.code for problem in problems if problem.level is Level.ERROR}


def test_pages_questions_and_outline_equal_those_of_publishing(preview, folder):
    published = compile_course(load_course(folder))
    shown = {item.key: preview.page(item.key) for item in published.outline.items}
    assert preview.outline == published.outline
    assert {key: page.item for key, page in shown.items()} == {item.key: item for item in published.outline.items}
    assert {key: page.page for key, page in shown.items() if page.page.parts} == published.pages
    quizzes = {id: question for page in shown.values() for id, question in page.questions.items()}
    assert quizzes == published.questions


def test_problems_equal_those_of_the_checker(preview, folder):
    save(folder, LESSON, GOOD + "\n[salah](tidak-ada.md)\n\n## Soal\n")
    preview.refresh(TODAY)
    assert preview.problems == check_course(load_course(folder), TODAY)


def test_refresh_reads_only_what_changed(preview, folder):
    before = {node.file: node for node in preview.course.all_files()}
    assert (preview.refresh(), preview.version) == (False, 1)
    save(folder, LESSON, GOOD.replace("Isi", "Isi baru"))
    assert (preview.refresh(), preview.version) == (True, 2)
    assert {node.file for node in preview.course.all_files() if node is not before[node.file]} == {LESSON}
    assert "Isi baru materi." in words(preview.page(KEY))


def test_same_size_and_time_but_other_bytes_is_a_change_of_its_neighbour_only(preview, folder):
    """A rewritten file with its old time is no news to a poll; the next save of anything brings it."""
    found = (folder / LESSON).stat()
    save(folder, LESSON, GOOD.replace("Isi", "Isa"))
    os.utime(folder / LESSON, ns=(found.st_atime_ns, found.st_mtime_ns))
    assert preview.refresh() is False
    save(folder, "istilah.md", "# Istilah\n\n**Suap**\n: Lain.\n")
    preview.refresh()
    assert "Isa materi." in words(preview.page(KEY))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (GOOD.replace("- [x]", "- [ ]").replace("Isi", "Baru"), "K062"),
        (GOOD.replace("{#apa}", "{#A P A}").replace("Isi", "Baru"), "K031"),
        ("---\njudul: Materi\nid: lain\n\n" + GOOD.replace("Isi", "Baru"), "K004"),
        ('---\njudul: "Mat', "K004"),
        (GOOD.replace("Isi", "Baru " + "*" * 3000 + " a " + "*" * 3000), "K019"),
        (GOOD.replace("Isi", "Baru " + "[" * 3000), "K019"),
        (GOOD.replace("Isi", "Baru\n\n```"), "K010"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20, "K001"),
        (GOOD.replace("Isi", "Baru " * 45_000), "K018"),
    ],
)
def test_faulty_text_leaves_the_last_good_page_with_its_problems_until_it_is_mended(preview, folder, text, code):
    good = preview.page(KEY)
    save(folder, LESSON, text)
    assert preview.refresh()
    broken = preview.page(KEY)
    assert (broken.page, broken.item, broken.questions, broken.is_stale) == (good.page, good.item, good.questions, True)
    assert code in codes(broken.problems)
    assert preview.page("asas/kuis").is_stale is False
    save(folder, LESSON, GOOD.replace("Isi", "Mulih"))
    preview.refresh()
    mended = preview.page(KEY)
    assert (mended.is_stale, codes(mended.problems), "Mulih materi." in words(mended)) == (False, set(), True)


def test_error_that_only_rendering_finds_leaves_the_last_page(preview, folder):
    good = preview.page(KEY)
    gap = '## Soal: Lengkapi! {#apa}\n\nLihat <a title="[[jawaban]]">ini</a>.\n\nPembahasan: ya.\n'
    save(folder, LESSON, "# Materi\n\nBaru.\n\n" + gap)
    preview.refresh()
    shown = preview.page(KEY)
    assert (codes(preview.problems), codes(shown.problems)) == (set(), {"K069"})
    assert (shown.page, shown.is_stale) == (good.page, True)


def test_faulty_link_or_picture_does_not_hide_the_text_around_it(preview, folder):
    save(folder, LESSON, GOOD.replace("Isi", "Baru ![Loket](media/hilang.png)"))
    preview.refresh()
    shown = preview.page(KEY)
    assert (shown.is_stale, codes(shown.problems), "<em>[Loket]</em>" in words(shown)) == (False, {"K100"}, True)


def test_file_that_never_was_good_shows_all_but_its_faulty_questions(folder):
    save(folder, LESSON, GOOD + "\n## Soal: Rusak? {#rusak}\n\n- [ ] Satu\n- [ ] Dua\n\n## Lanjut\n\nTeks sesudah.\n")
    preview = CoursePreview(folder)
    preview.refresh()
    shown = preview.page(KEY)
    assert (list(shown.questions), shown.is_stale, codes(shown.problems)) == (["apa"], False, {"K062"})
    assert "Teks sesudah." in words(shown)
    preview.close()


def test_broken_manifest_leaves_title_order_and_pages(preview, folder):
    save(folder, "course.yml", 'kode: contoh\njudul: "Pelatihan\nurutan\n')
    preview.refresh()
    assert (preview.course.meta.get("judul"), preview.course.is_course) == ("Pelatihan contoh", True)
    assert {problem.file for problem in preview.problems if problem.level is Level.ERROR} == {"course.yml"}
    assert preview.page(KEY).is_stale is False


def test_deleted_file_is_missing_and_renamed_file_has_a_new_key(preview, folder):
    preview.page(KEY)
    (folder / LESSON).rename(folder / "01-asas/01-baru.md")
    preview.refresh()
    assert (preview.item_of(LESSON), preview.item_of("01-asas/01-baru.md")) == ("", "asas/baru")
    with pytest.raises(NotFound):
        preview.page(KEY)
    (folder / "01-asas/01-baru.md").unlink()
    preview.refresh()
    assert [node.key for node in preview.course.files] == ["asas/kuis", "posttest"]


def test_folder_that_vanishes_leaves_its_pages_and_may_come_back(preview, folder, tmp_path):
    good = preview.page(KEY)
    folder.rename(tmp_path / "pindah")
    assert preview.refresh()
    assert ([problem.code for problem in preview.problems], preview.page(KEY).page) == (["K100"], good.page)
    assert preview.refresh() is False
    (tmp_path / "pindah").rename(folder)
    assert (preview.refresh(), codes(preview.problems)) == (True, set())


def test_locked_file_leaves_the_last_page_and_is_tried_again_without_a_new_version(preview, folder, monkeypatch):
    """Windows locks a file that its editor is writing: it is there, but cannot be opened."""
    good, opened = preview.page(KEY), Path.open

    def refuse(self, *args, **more):
        if self.name == "01-materi.md":
            raise PermissionError(13, "in use")
        return opened(self, *args, **more)

    with monkeypatch.context() as patched:
        save(folder, LESSON, GOOD.replace("Isi", "Terkunci"))
        patched.setattr(Path, "open", refuse)
        assert preview.refresh()
        locked = preview.page(KEY)
        assert (locked.page, locked.is_stale, codes(locked.problems)) == (good.page, True, {"K100"})
        assert preview.refresh() is False
    assert preview.refresh()
    assert "Terkunci materi." in words(preview.page(KEY))


def test_hidden_lesson_is_shown_with_a_mark(preview, folder):
    save(folder, LESSON, "---\nsembunyi: ya\n---\n\n" + GOOD)
    preview.refresh()
    assert (preview.page(KEY).is_hidden, preview.page("asas/kuis").is_hidden) == (True, False)


def test_bank_readme_and_glossary_have_pages_by_their_path(preview):
    places = ("bank/etika.md", "01-asas/README.md", "istilah.md")
    assert [preview.item_of(place) for place in places] == list(places)
    bank, readme, glossary = (preview.page(place) for place in places)
    assert (list(bank.questions), bank.item.quiz.question_count) == (["b-gratifikasi", "b-penerima"], 2)
    assert ("Pengantar." in words(readme), "Pemberian." in words(glossary)) == (True, True)
    assert (preview.item_of("course.yml"), preview.item_of("tidak-ada.md")) == ("", "")


def test_addresses_are_those_of_the_site(preview):
    keys = (KEY, "asas/kuis", "bank/etika.md", "01-asas/README.md", "tidak-ada")
    assert [preview.address_of(key).removeprefix("/pelatihan/contoh") for key in keys] == [
        "/asas/materi",
        "/kuis/asas/kuis",
        "/bank/etika.md",
        "/01-asas/README.md",
        "",
    ]


def test_changed_bank_changes_the_page_of_a_test_that_draws_from_it(preview, folder):
    before = preview.page("posttest").questions["b-gratifikasi"]
    bank = (folder / "bank/etika.md").read_text()
    save(folder, "bank/etika.md", bank.replace("- [x] Pemberian", "- [x] Pemberian apa pun"))
    preview.refresh()
    after = preview.page("posttest").questions["b-gratifikasi"]
    assert (before.public.options[0], after.public.options[0]) == ("Pemberian", "Pemberian apa pun")


def test_id_that_the_preview_makes_up_stays_and_does_not_hide_that_one_is_missing(preview, folder):
    save(folder, LESSON, GOOD.replace(" {#apa}", ""))
    preview.refresh()
    first = list(preview.page(KEY).questions)
    save(folder, "istilah.md", "# Istilah\n")
    preview.refresh()
    shown = preview.page(KEY)
    assert (list(shown.questions), "K032" in {problem.code for problem in shown.problems}) == (first, True)


def test_draft_shows_unsaved_text_and_leaves_file_and_page_alone(preview, folder):
    before = sorted((path, path.stat().st_mtime_ns) for path in folder.rglob("*"))
    draft = preview.draft(LESSON, GOOD.replace("Isi", "Draf"))
    assert ("Draf materi." in words(draft.page), draft.page.is_stale, codes(draft.problems)) == (True, False, set())
    assert "Isi materi." in words(preview.page(KEY))
    assert (preview.refresh(), sorted((path, path.stat().st_mtime_ns) for path in folder.rglob("*"))) == (False, before)


def test_faulty_draft_shows_the_last_good_draft_until_the_file_is_saved(preview, folder):
    preview.draft(LESSON, GOOD.replace("Isi", "Draf"))
    faulty = preview.draft(LESSON, GOOD.replace("- [x]", "- [ ]"))
    assert ("Draf materi." in words(faulty.page), faulty.page.is_stale, codes(faulty.problems)) == (True, True, {"K062"})
    save(folder, LESSON, GOOD.replace("Isi", "Tersimpan"))
    preview.refresh()
    assert "Tersimpan materi." in words(preview.draft(LESSON, GOOD.replace("- [x]", "- [ ]")).page)


def test_draft_of_a_new_file_has_a_page_and_one_of_the_manifest_only_problems(preview):
    assert "Halo." in words(preview.draft("01-asas/05-baru.md", "# Baru\n\nHalo.\n").page)
    assert preview.draft("course.yml", "judul: x\nentah: y\n").page is None
    assert codes(preview.draft("course.yml", "judul: x\nentah: y\n").problems) == {"K007"}


def test_draft_outside_the_folder_reads_nothing_there(preview, tmp_path):
    (tmp_path / "rahasia.md").write_text("# Rahasia\n")
    draft = preview.draft("../rahasia.md", "# Lain\n")
    assert draft.page is None or "Rahasia" not in words(draft.page) + draft.page.item.title


def test_replaced_picture_gets_a_new_address_and_the_old_one_a_name(preview, folder):
    save(folder, LESSON, GOOD.replace("Isi", "![Loket](media/loket.png)"))
    preview.refresh()
    before = words(preview.page(KEY))
    sha = before.partition("/media/")[2][:64]
    assert (preview.media(sha).mime, preview.media("0" * 64)) == ("image/png", None)
    Image.new("RGB", (60, 30), "orange").save(folder / "01-asas/media/loket.png")
    assert preview.refresh()
    assert words(preview.page(KEY)).partition("/media/")[2][:64] != sha


def test_file_beside_the_folder_is_no_media(preview, folder, tmp_path):
    Image.new("RGB", (8, 8)).save(tmp_path / "rahasia.png")
    os.symlink(tmp_path / "rahasia.png", folder / "01-asas/media/tautan.png")
    save(folder, LESSON, GOOD.replace("Isi", "![a](../../rahasia.png) ![b](media/tautan.png)"))
    preview.refresh()
    assert "/media/" not in words(preview.page(KEY))


def test_single_file_is_a_course_of_its_own(tmp_path):
    path = tmp_path / "lembar.md"
    path.write_text("# Lembar\n\nSatu.\n")
    preview = CoursePreview(path)
    preview.refresh()
    assert (preview.key, words(preview.page("lembar"))) == ("lembar", "<p>Satu.</p>")
    path.write_text("# Lembar\n\nDua.\n")
    assert (preview.refresh(), words(preview.page("lembar"))) == (True, "<p>Dua.</p>")
    preview.close()


def test_bank_elsewhere_is_followed_only_when_it_may_be(folder, tmp_path):
    bank = tmp_path / "luar"
    shutil.move(folder / "bank", bank)
    save(folder, "course.yml", 'kode: contoh\njudul: "Pelatihan contoh"\nbank: ../luar\n')
    here, free = CoursePreview(folder), CoursePreview(folder, may_leave_folder=True)
    assert [(preview.refresh(), list(preview.course.banks)) for preview in (here, free)] == [
        (True, []),
        (True, ["bank/etika.md"]),
    ]
    text = (bank / "etika.md").read_text()
    (bank / "etika.md").write_text(text.replace("Gaji", "Upah"))
    assert (here.refresh(), free.refresh()) == (False, True)


def test_close_ends_the_child_and_the_next_page_starts_another(preview):
    preview.page(KEY)
    child = preview._cache.worker.child
    preview.close()
    assert child.returncode is not None
    preview._cache.rendered.clear()
    assert "Isi materi." in words(preview.page(KEY))
