"""`lms jelaskan` in the terminal and as pages of the authors' guide."""

import re

from lms.cli.explain import guide_pages
from lms.cli.main import main
from lms.content.check import check_course
from lms.content.compile import compile_course
from lms.content.parse import load_course
from lms.content.problems import registry
from tests.content.course_files import write_files


def test_list_groups_every_code(capsys):
    assert main(["jelaskan"]) == 0
    text = capsys.readouterr().out
    assert re.findall(r"^  (K\d{3})  ", text, re.MULTILINE) == list(registry())
    assert re.findall(r"^(\S.*)$", text, re.MULTILINE)[0] == "Berkas dan kepalanya"


def test_codes_are_explained_with_examples_and_unknown_ones_named(capsys):
    assert main(["jelaskan", "k114", "K999"]) == 2
    made = capsys.readouterr()
    assert made.out.startswith("K114 (galat): bobot nilai tidak berjumlah 100\n")
    assert "Belum benar (di course.yml):\n    bobot: {kuis: 50, posttest: 40}\n" in made.out
    assert made.err.startswith("Kode K999 tidak ada.")


def test_guide_has_a_section_for_every_code(tmp_path, capsys):
    assert main(["jelaskan", "--panduan", str(tmp_path)]) == 0
    written = {path.name: path.read_text("utf-8") for path in sorted(tmp_path.iterdir())}
    assert written == guide_pages()
    assert re.findall(r"^### (K\d{3}) · ", "".join(written.values()), re.MULTILINE) == list(registry())


def test_guide_pages_are_clean_short_lessons_that_say_what_the_registry_says(tmp_path):
    files = {f"01-kode/{name}": text for name, text in guide_pages().items()}
    root = write_files(tmp_path, {"course.yml": "kode: panduan\njudul: Panduan\n", **files})
    loaded = load_course(root)
    assert check_course(loaded) == []
    compiled = compile_course(loaded)
    assert max(item.minutes for item in compiled.outline.items) <= 10
    text = "\n".join(page.text for page in compiled.pages.values())
    plain = [" ".join(code.explanation.replace("`", "").split()) for code in registry().values()]
    assert [sentence for sentence in plain if sentence not in " ".join(text.split())] == []


def test_guide_into_a_folder_that_is_not_there_is_refused(tmp_path, capsys):
    assert main(["jelaskan", "--panduan", str(tmp_path / "tidak-ada")]) == 2
    assert "bukan folder" in capsys.readouterr().err
