"""`lms ukur`."""

from pathlib import Path

from lms.cli.main import main

COURSE = """kode: {0}
judul: {0}
"""
QUIZ = """---
judul: Kuis
jenis: kuis
---

# Kuis

## Soal 1: Mana yang benar? {#satu}

- [ ] Pendek
- [x] Pilihan panjang
"""


def write(root: Path, code: str, quiz: str = "") -> None:
    (root / code).mkdir()
    (root / code / "course.yml").write_text(COURSE.format(code))
    (root / code / "01-materi.md").write_text("# Materi\n\nIni kalimat pendek.\n")
    if quiz:
        (root / code / "02-kuis.md").write_text(quiz)


def table(text: str) -> list[list[str]]:
    return [line.split() for line in text.split("\n\n")[0].splitlines()[1:]]


def test_courses_are_measured_apart_and_together(tmp_path, capsys):
    write(tmp_path, "satu", QUIZ)
    write(tmp_path, "dua")
    assert main(["ukur", str(tmp_path)]) == 0
    printed = capsys.readouterr().out
    assert table(printed) == [
        ["dua", "1", "3", "3,0", "0%", "36", "0", "-", "-", "-"],
        ["satu", "3", "3", "3,0", "0%", "36", "1", "2,00", "0,00", "-"],
        ["semua", "4", "6", "3,0", "0%", "36", "1", "2,00", "0,00", "-"],
    ]
    assert "Soal menurut jenis: pilihan tunggal 1\n" in printed


def test_one_course_has_no_sum(tmp_path, capsys):
    write(tmp_path, "satu")
    assert main(["measure", str(tmp_path / "satu")]) == 0
    assert [row[0] for row in table(capsys.readouterr().out)] == ["satu"]


def test_path_without_a_course_is_refused(tmp_path, capsys):
    assert main(["ukur", str(tmp_path / "tidak-ada")]) == 2
    assert capsys.readouterr().err.startswith("Tidak ada pelatihan di ")
