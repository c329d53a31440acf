"""K120 finds slips of the hand and common misspellings, and is silent about the shipped courses."""

from pathlib import Path

import pytest

from lms.content.parse import load_course
from lms.content.spelling import check_spelling
from tests.content.course_files import write_course

FILE = "01-asas/02-uji.md"
OFTEN = "Petugas menggunakan pelayanan di kecamatan.\n\n" * 6
COURSES = Path(__file__).parents[2] / "courses"


def found(root: Path) -> list[tuple[str, int, int, str, str]]:
    return [
        (problem.file, problem.line, problem.column, *problem.message.split("`")[1::2], problem.help.split("`")[1])
        for problem in check_spelling(load_course(root).course)
    ]


@pytest.mark.parametrize(
    ("wrong", "right"),
    [("mengguanakan", "menggunakan"), ("menggunkan", "menggunakan"), ("pelaaynan", "pelayanan"), ("kecanatan", "kecamatan"), ("resiko", "risiko"),
     ("silahkan", "silakan"), ("diantara", "di antara")],
)  # fmt: skip
def test_slip_of_a_word_used_often_or_a_common_misspelling_is_noted(tmp_path, wrong, right):
    root = write_course(tmp_path, {FILE: f"# M\n\n{OFTEN}Mereka {wrong} ini.\n"})
    assert found(root) == [(FILE, 15, 8, wrong, right)]


@pytest.mark.parametrize(
    "text",
    ["`mengguanakan`", "[x](mengguanakan.md)", "https://contoh.go.id/mengguanakan", "Mengguanakan", "mengguanakan dan mengguanakan",
     "penggunakan", "menggunakam", "```\nmengguanakan\n```", "<!-- mengguanakan -->", "pelayanan-resiko.md"],
)  # fmt: skip
def test_code_addresses_names_and_word_endings_are_left_alone(tmp_path, text):
    assert found(write_course(tmp_path, {FILE: f"# M\n\n{OFTEN}{text}\n"})) == []


def test_dictionary_of_the_course_and_a_comment_above_accept_a_word(tmp_path):
    files = {FILE: f"# M\n\n{OFTEN}Kami mengguanakan resiko.\n", "ejaan.txt": "# nama\nresiko  # istilah lama\n"}
    assert [word for _, _, _, word, _ in found(write_course(tmp_path, files))] == ["mengguanakan"]


def test_other_languages_and_folders_without_course_yml_are_not_judged(tmp_path):
    root = write_course(tmp_path, {FILE: f"# M\n\n{OFTEN}Kami mengguanakan resiko.\n", "course.yml": "judul: X\nbahasa: en\n"})
    assert found(root) == []
    (root / "course.yml").unlink()
    assert found(root) == []


@pytest.mark.parametrize("course", sorted(path.parent.name for path in COURSES.glob("*/course.yml")))
def test_shipped_courses_raise_no_alarm(course):
    assert found(COURSES / course) == []
