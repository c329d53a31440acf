"""The table of verbs, `lms jelaskan` and `lms baru`."""

import importlib.util
import json

import pytest

from lms.cli.main import VERBS, main
from lms.content.check import check_course
from lms.content.compile import compile_course
from lms.content.parse import load_course
from lms.content.problems import registry

PRESENT = [verb for verb in VERBS if importlib.util.find_spec(verb.module)]


@pytest.mark.parametrize("name", [name for verb in PRESENT for name in (verb.name, verb.alias)])
def test_every_verb_has_help_with_an_example(capsys, name):
    with pytest.raises(SystemExit) as left:
        main([name, "--help"])
    text = capsys.readouterr().out
    assert (left.value.code, "Contoh" in text, text.startswith("Pemakaian: lms ")) == (0, True, True)


def test_unknown_verb_names_the_nearest(capsys):
    assert main(["chek"]) == 2
    assert capsys.readouterr().err.startswith("Perintah `chek` tidak dikenal. Maksud Anda `lms check`?")


def test_help_lists_every_present_verb_once(capsys):
    assert main(["--help"]) == 0
    text = capsys.readouterr().out
    assert [text.count(f"\n  {verb.name} ") for verb in PRESENT] == [1] * len(PRESENT)


def test_explain_shows_each_code_with_both_examples(capsys):
    assert main(["jelaskan", *registry()]) == 0
    text = capsys.readouterr().out
    assert (text.count("Belum benar"), text.count("Sudah benar:")) == (len(registry()), len(registry()))


def test_explain_takes_small_letters_and_refuses_unknown_codes(capsys):
    assert main(["explain", "k043", "K999"]) == 2
    out, err = capsys.readouterr()
    assert (out.startswith("K043 (galat): dua bentuk jawaban"), err.startswith("Kode K999 tidak ada.")) == (True, True)


def test_new_course_checks_clean_and_compiles(tmp_path, capsys):
    assert main(["baru", "kursus", 'Pelayanan: Publik "Dasar"', "--di", str(tmp_path)]) == 0
    root = tmp_path / "pelayanan-publik-dasar"
    assert main(["baru", "modul", "Standar #2: uji", "--di", str(root)]) == 0
    assert main(["new", "lesson", "Dua belas asas", "--in", str(root / "02-standar-2-uji")]) == 0
    assert main(["baru", "kuis", "Kuis modul 2", "--di", str(root / "02-standar-2-uji")]) == 0
    assert main(["baru", "tugas", "Rencana aksi", "--di", str(root / "02-standar-2-uji")]) == 0
    assert main(["new", "survey", "Kesan modul 2", "--in", str(root / "02-standar-2-uji")]) == 0
    assert main(["baru", "bank", "Standar", "--di", str(root / "bank")]) == 0
    loaded = load_course(root)
    assert check_course(loaded) == []
    assert [item.key for item in compile_course(loaded).outline.items] == [
        "pretest", "pembuka/materi-pertama", "pembuka/kuis", "standar-2-uji/materi-pertama", "standar-2-uji/dua-belas-asas",
        "standar-2-uji/kuis-modul-2", "standar-2-uji/rencana-aksi", "standar-2-uji/kesan-modul-2", "posttest", "evaluasi",
    ]  # fmt: skip
    capsys.readouterr()
    assert main(["check", str(root), "--ketat", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out) == []


def test_new_never_overwrites(tmp_path, capsys):
    assert main(["baru", "kursus", "Satu", "--di", str(tmp_path)]) == 0
    (tmp_path / "satu" / "README.md").write_text("milik saya")
    assert main(["baru", "kursus", "Satu", "--di", str(tmp_path)]) == 2
    assert (tmp_path / "satu" / "README.md").read_text() == "milik saya"
    assert "sudah ada" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "said"), [(["kursus", "!!!"], "nama berkas"), (["kuis", "A", "--di", "/tidak/ada"], "tidak ada")]
)
def test_new_refuses_in_a_sentence(capsys, words, said):
    assert main(["baru", *words]) == 2
    assert said in capsys.readouterr().err
