"""`lms check` as a person and as a program see it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from lms.cli.main import main
from tests.content.course_files import quiz, write_course, write_files

BAD = "## Soal 2: Tidak ada yang benar? {#A B}\n\n- [x] satu\n- [ ] dua\n\nPembahsan: salah ketik\n"
ROOT = Path(__file__).resolve().parents[2]


def run(capsys, *words: str) -> tuple[int, str]:
    code = main(["check", *words])
    return code, capsys.readouterr().out


def test_clean_course_exits_0_and_says_so(tmp_path, capsys):
    write_course(tmp_path, {"01-asas/01-materi.md": "# M\n\n![a](media/loket.png)\n"})
    for name in ("sambutan.mp4", "bagan.svg", "lengkap.mp4", "lengkap.id.vtt", "formulir standar.pdf"):
        (tmp_path / "01-asas/media" / name).unlink()
    assert run(capsys, str(tmp_path)) == (0, "Bersih: 4 berkas diperiksa, tidak ada masalah.\n")


def test_text_quotes_the_line_with_carets(tmp_path, capsys):
    file = write_files(tmp_path, {"rusak.md": BAD}) / "rusak.md"
    code, text = run(capsys, str(file))
    assert code == 2
    assert text.startswith(
        f'galat[K031]: ID "A B" tidak sah ✎\n --> {file}:1:36\n  |\n1 | ## Soal 2: Tidak ada yang benar? {{#A B}}\n  |                                    ^^^\n'
    )
    assert f" --> {file}:6:1" in text and 'maksud Anda "Pembahasan:"?' in text
    assert text.endswith("1 galat, 1 peringatan di 1 berkas.\n2 bertanda ✎ dapat diperbaiki otomatis: lms check --perbaiki\n")


@pytest.mark.parametrize(
    ("line", "quoted", "carets"),
    [("\t-\t![](x.png)", "    -   ![](x.png)", "            ^^^^^"), ("窓口 ![](x.png) é", "窓口 ![](x.png) é", "         ^^^^^"),
     ("e\u0301 👍 ![](x.png)", "e\u0301 👍 ![](x.png)", "         ^^^^^"), ("\u200bA ![](窓.png)", "A ![](窓.png)", "      ^^^^^^")],
)  # fmt: skip
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_carets_stand_under_the_faulty_characters(tmp_path, capsys, line, quoted, carets, encoding):
    file = tmp_path / "a.md"
    file.write_bytes(f"# A\n\n{line}\n".encode(encoding))
    _, text = run(capsys, str(file))
    block = next(block for block in text.split("\n\n") if "[K100]" in block).split("\n")
    assert block[3:5] == [f"3 | {quoted}", f"  | {carets}"]


def test_columns_count_in_the_file_although_a_blank_is_read_after_a_bullet(tmp_path, capsys):
    file = write_files(tmp_path, {"a.md": "## Soal 1: A?\n\n•[✓] a\n- [ ] b\n"}) / "a.md"
    _, text = run(capsys, str(file))
    assert "3 | •[✓] a\n  |   ^\n" in text


def test_the_worst_findings_of_a_file_are_shown_when_there_are_too_many(tmp_path, capsys):
    file = write_files(tmp_path, {"a.md": "# A\n\n" + "![](http://x.id/a.png)\n\n" * 15 + "[x](javascript:y)\n"}) / "a.md"
    _, text = run(capsys, str(file))
    assert (text.count(" --> "), "galat[K015]" in text, "… dan 11 lagi di" in text) == (20, True, True)


def test_a_file_that_cannot_be_written_is_told_in_a_sentence(tmp_path, capsys, monkeypatch):
    file = write_files(tmp_path, {"a.md": "##Soal 1: A?\n"}) / "a.md"

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("lms.content.rawfile.write_whole", refuse)
    assert main(["check", str(file), "--perbaiki"]) == 2
    assert "tidak dapat dibaca atau ditulis (Permission denied)" in capsys.readouterr().err


def test_json_is_a_list_with_the_contract_s_fields(tmp_path, capsys):
    file = write_files(tmp_path, {"rusak.md": BAD}) / "rusak.md"
    code, text = run(capsys, str(file), "--format", "json")
    first, second = json.loads(text)
    assert (code, list(first)) == (2, ["file", "line", "column", "code", "level", "message", "help"])
    assert (first["file"], first["line"], first["column"], first["code"], first["level"]) == (str(file), 1, 36, "K031", "galat")
    assert (second["code"], second["level"]) == ("K040", "peringatan")


def test_github_lines_are_escaped(tmp_path, capsys):
    file = write_files(tmp_path, {"a.md": "## Soal 1: A?\n\nJawaban: 5 ± 1 %\n"}) / "a.md"
    _, text = run(capsys, str(file), "--format", "github")
    assert f"::error file={file},line=3,col=10,title=K075::`5 ± 1 %25`: tanda %25 pada toleransi bermakna ganda. tulis" in text


@pytest.mark.parametrize(("words", "code"), [((), 0), (("--ketat",), 1), (("--strict",), 1)])
def test_warnings_fail_only_when_strict(tmp_path, capsys, words, code):
    file = write_files(tmp_path, {"a.md": "# A\n\n#Tagar\n"}) / "a.md"
    assert run(capsys, str(file), *words)[0] == code


def test_whole_question_problem_sits_on_its_heading(tmp_path, capsys):
    file = write_files(tmp_path, {"a.md": "# A\n\nteks\n\n## Soal 1: A? {#a1}\n\n- [ ] a\n- [ ] b\n"}) / "a.md"
    _, text = run(capsys, str(file), "--format", "json")
    assert [(p["line"], p["column"]) for p in json.loads(text) if p["code"] == "K062"] == [(5, 1)]


def test_folder_of_courses_checks_each_and_names_files_as_given(tmp_path, capsys, monkeypatch):
    write_course(tmp_path / "courses" / "satu", {"01-asas/01-materi.md": "# M\n\n[x](tidak-ada.md)\n"})
    write_course(tmp_path / "courses" / "dua")
    monkeypatch.chdir(tmp_path)
    _, text = run(capsys, "courses", "--format", "json")
    assert [p["file"] for p in json.loads(text) if p["code"] == "K101"] == ["courses/satu/01-asas/01-materi.md"]


def test_single_file_of_a_course_knows_the_course_around_it(tmp_path, capsys):
    root = write_course(
        tmp_path, {"01-asas/02-x.md": "# X\n\n[m](01-materi.md) [t](../bank/etika.md)\n", "01-asas/03-y.md": "# Y\n\n[z](z.md)\n"}
    )
    _, text = run(capsys, str(root / "01-asas/02-x.md"), "--format", "json")
    assert [(p["file"], p["code"], p["line"]) for p in json.loads(text)] == [(str(root / "01-asas/02-x.md"), "K101", 3)]


def test_missing_path_is_a_problem_not_a_crash(tmp_path, capsys):
    code, text = run(capsys, str(tmp_path / "tidak-ada"), "--format", "json")
    assert (code, [p["code"] for p in json.loads(text)]) == (2, ["K100"])


def test_text_shows_20_problems_a_file(tmp_path, capsys):
    file = write_files(tmp_path, {"a.md": "# A\n\n" + "![](x.png)\n\n" * 15}) / "a.md"
    _, text = run(capsys, str(file))
    assert (text.count(" --> "), "… dan 10 lagi di" in text) == (20, True)


def test_fix_and_stamp_work_from_the_command_line(tmp_path, capsys):
    file = write_files(tmp_path, {"a.md": quiz("##Soal 1: A?\n\n-[x]satu\n- [ ] dua\n\n> **Pembahasan:** ya.")}) / "a.md"
    code, text = run(capsys, str(file), "--perbaiki", "--beri-id")
    assert (code, text.splitlines()[-1]) == (0, "Bersih: 1 berkas diperiksa, tidak ada masalah.")
    assert "## Soal 1: A? {#" in file.read_text()


def test_tables_and_rubrics_are_rewritten_on_request_in_the_file_named(tmp_path, capsys):
    text = "# T\n\n|a|b|\n|-|-|\n|1|2|\n\nRubrik:\n\n- Tepat (100%)\n    - 4: Ya\n"
    root = write_course(tmp_path, {"02-a.md": text, "03-b.md": text})
    _, said = run(capsys, str(root / "02-a.md"), "--rapikan", "--rubrik", "tabel")
    table = "| a   | b   |\n| --- | --- |\n| 1   | 2   |\n"
    rubric = "| Kriteria | Bobot | 4   |\n| -------- | ----- | --- |\n| Tepat    | 100%  | Ya  |\n"
    assert (root / "02-a.md").read_text() == f"# T\n\n{table}\nRubrik:\n\n{rubric}"
    assert (root / "03-b.md").read_text() == text
    assert said.splitlines()[:2] == ["rubrik ditulis sebagai tabel di 02-a.md", "tabel dirapikan di 02-a.md"]


def test_check_loads_neither_flask_nor_sqlalchemy_nor_markdown(tmp_path):
    write_course(tmp_path, {"01-asas/03-kuis.md": quiz(BAD)})
    script = (
        "import sys; from lms.cli.main import main; code = main(['check', sys.argv[1]]);"
        "heavy = {'flask', 'sqlalchemy', 'markdown', 'nh3', 'PIL', 'werkzeug'} & set(sys.modules); print('LOADED', sorted(heavy), code)"
    )
    made = subprocess.run([sys.executable, "-c", script, str(tmp_path)], cwd=ROOT, capture_output=True, text=True, check=True)
    assert made.stdout.splitlines()[-1] == "LOADED [] 2"


def test_closed_pipe_ends_quietly(tmp_path):
    write_files(tmp_path, {f"{n}.md": "![](x)\n\n" * 200 for n in range(20)})
    command = f"{sys.executable} -m lms.cli check {tmp_path} | head -1"
    made = subprocess.run(command, shell=True, cwd=ROOT, capture_output=True, text=True)
    assert (made.stderr, made.stdout.count("\n")) == ("", 1)
