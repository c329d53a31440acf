"""Repairs take away what they promise and nothing else; stamps change one line, byte for byte."""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from lms.content.check import check_course
from lms.content.compile_questions import joined
from lms.content.parse import load_course
from lms.content.problems import registry
from lms.content.repair import keep_id, repair, repair_folder
from lms.content.slugs import QUESTION_ID
from lms.content.stamp import missing_ids, stamp_ids
from lms.content.types import Level
from tests.content.course_files import quiz, write_course
from tests.content.test_codes import LESSON, QUIZ, TOLD, snippet_files

ROUNDS = 2_000 if os.environ.get("PELITA_PROVE") == "1" else 60
FIXABLE = [name for name, code in registry().items() if code.fixable and name != "K032" and code.place != "terbit"]
ENCODINGS = {
    "plain": str.encode,
    "mark": lambda text: b"\xef\xbb\xbf" + text.encode(),
    "utf-16": lambda text: text.encode("utf-16"),
}


def tree(root: Path) -> dict[str, bytes]:
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()}


@pytest.mark.parametrize("name", FIXABLE)
def test_fixable_code_is_gone_after_the_repair_and_no_error_comes(tmp_path, name):
    code = registry()[name]
    root = write_course(tmp_path, TOLD[name][0] if code.place == "uraian" else snippet_files(code.place, code.bad))
    before = check_course(load_course(root))
    assert name in {problem.code for problem in before if problem.fixable}
    repair_folder(root)
    after = check_course(load_course(root))
    errors = {problem.code for problem in after if problem.level is Level.ERROR} - {problem.code for problem in before}
    assert (name in {problem.code for problem in after}, errors) == (False, set())


PIECES = [
    "##Soal {n}: Apa {n}?\n\n- [x] satu {n}\n- [ ] dua {n}\n", "Soal {n}: Apa {n}?\n\n-[x] satu {n}\n- [] dua {n}\n",
    "## Soal {n}: Apa {n}? {{#Soal {n}}}\n\n• [✓] satu {n}\n•[ ]dua {n}\n> bukan {n}\n", "## Soal {n}: Berapa {n}?\n\nJawaban: {n}.5\n",
    "## Soal {n}: Apa {n}?\n\nJawabn: satu {n}\n\n- [x] satu {n}\n- [ ] dua {n}\n", "## {n}. Apa {n}?\n\n- [x] satu {n}\n- [ ] dua {n}\n",
    '!!! tip "Kiat {n}"\n    Isi {n}.\n', ":::note Judul {n}\nIsi {n}.\n:::\n", "Ada dua {n}:\n- satu\n- dua\n", "> kutipan {n}\n",
    "![Bagan {n}](Media/loket.PNG)\n", "Teks biasa {n} ± `kode`  \nbaris dua.\n", "```\n##Soal 1\n-[x]\n```\n", "\tTab {n}\n\n    spasi {n}\n",
]  # fmt: skip


@given(
    chosen=st.lists(st.sampled_from(PIECES), min_size=1, max_size=6),
    head=st.sampled_from(
        ["", "---\njenis: kuis\njdul: Kuis: uji # nilai\n---\n\n", '---\njenis: kuis\njudul: "a" b # c\n---\n\n']
    ),
    end=st.sampled_from(["\n", "\r\n", "\r"]),
    encoding=st.sampled_from(sorted(ENCODINGS)),
)
@settings(max_examples=ROUNDS, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_planted_faults_are_repaired_once_and_for_all(tmp_path, chosen, head, end, encoding):
    text = (head + "\n".join(piece.format(n=number) for number, piece in enumerate(chosen, start=1))).replace("\n", end)
    root = write_course(tmp_path, {QUIZ: ENCODINGS[encoding](text)})
    repair_folder(root)
    first = tree(root)
    left = [problem for problem in check_course(load_course(root)) if problem.file == QUIZ and problem.fixable]
    assert [problem for problem in left if problem.code != "K032"] == []
    assert (repair_folder(root), tree(root)) == (0, first)
    if encoding != "utf-16":  # that alone is a fault which changes every byte
        untouched = {line for line in text.split(end) if "kode" in line or line in ("```", "##Soal 1", "-[x]", "baris dua.")}
        assert untouched <= set(first[QUIZ].decode("utf-8-sig").split(end))
        assert first[QUIZ].startswith(b"\xef\xbb\xbf") == (encoding == "mark")


def test_repair_keeps_bytes_that_are_no_utf8_until_they_are_repaired_themselves(tmp_path):
    root = write_course(tmp_path, {LESSON: "# M\r\n\r\nbiaya é dan ".encode() + b"\xb1 5 \x96\r\n"})
    repair_folder(root)
    assert (root / LESSON).read_bytes() == "# M\r\n\r\nbiaya é dan ± 5 –\r\n".encode()


def test_half_a_character_at_the_end_of_utf16_does_not_stop_the_repair(tmp_path):
    root = write_course(tmp_path, {LESSON: "# M\n\nIsi.\n".encode("utf-16-le") + b"x"})
    repair_folder(root)
    assert (root / LESSON).read_bytes() == b"# M\n\nIsi.\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [("urutan: [pretest.md, 01-asas/02-uji.md]  # dulu\n", "urutan: [01-asas/02-uji.md, 01-asas/01-materi.md]  # dulu\n"),
     ("urutan:\n  - hilang.md\n  # catatan\n  - 01-asas/02-uji.md\njp: 1\n", "urutan:\n  # catatan\n  - 01-asas/02-uji.md\n  - 01-asas/01-materi.md\njp: 1\n"),
     ("urutan: [\n  01-asas/02-uji.md,\n  hilang.md\n]\n", "urutan: [\n  01-asas/02-uji.md,\n  01-asas/01-materi.md\n]\n"),
     ("urutan: ['hilang.md']", "urutan: [01-asas/01-materi.md, 01-asas/02-uji.md]")],
)  # fmt: skip
def test_order_is_brought_in_line_entry_by_entry(tmp_path, before, after):
    head = "kode: contoh\njudul: Contoh\n"
    root = write_course(tmp_path, {"course.yml": head + before, LESSON: "# Uji\n\nIsi.\n"})
    repair_folder(root)
    assert (root / "course.yml").read_text("utf-8") == head + after
    assert "K112" not in {problem.code for problem in check_course(load_course(root))}


def test_heavy_picture_becomes_light_under_its_name(tmp_path):
    root = write_course(tmp_path, TOLD["K103"][0])
    before = tree(root)
    repair_folder(root)
    after = tree(root)
    changed = [name for name in after if after[name] != before.get(name)]
    assert changed == ["01-asas/media/besar.png"] and after.keys() == before.keys()
    with Image.open(root / changed[0]) as picture:
        assert (picture.format, picture.width <= 1600, len(after[changed[0]]) <= 500_000) == ("PNG", True, True)


def test_case_of_a_path_is_repaired_at_its_place_only(tmp_path):
    text = "# M\n\nMedia/Loket.PNG ![Media/Loket.PNG](Media/Loket.PNG) dan [lihat](02-UJI.md#m) serta ![x](tidak-ada.png)\n"
    root = write_course(tmp_path, {LESSON: text})
    repair_folder(root)
    wanted = "# M\n\nMedia/Loket.PNG ![Media/Loket.PNG](media/loket.png) dan [lihat](02-uji.md#m) serta ![x](tidak-ada.png)\n"
    assert (root / LESSON).read_text("utf-8") == wanted


@pytest.mark.parametrize(
    ("before", "after"),
    [(b"# Asas\n", b"---\nid: asas/lama\n---\n\n# Asas\n"),
     (b"\xef\xbb\xbf---\r\njudul: Asas\r\n---\r\n# Asas", b"\xef\xbb\xbf---\r\nid: asas/lama\r\njudul: Asas\r\n---\r\n# Asas"),
     (b"---\nid: baru\njudul: Asas\n---\n", b"---\nid: asas/lama\njudul: Asas\n---\n")],
)  # fmt: skip
def test_former_key_is_kept_in_the_front_matter(tmp_path, before, after):
    root = write_course(tmp_path, {LESSON: before})
    keep_id(root, LESSON, "asas/lama")
    assert (root / LESSON).read_bytes() == after
    assert next(node.key for node in load_course(root).course.files if node.file == LESSON) == "asas/lama"


def test_repair_of_one_file_leaves_the_others(tmp_path):
    root = write_course(tmp_path, {LESSON: "# M\n\n!!! note\n    a\n", QUIZ: quiz("##Soal 1: A?\n\n- [x] a\n- [ ] b")})
    before = tree(root)
    assert repair_folder(root, only=LESSON) == 1
    assert [name for name, content in tree(root).items() if content != before[name]] == [LESSON]


def test_repair_of_many_faults_in_one_file(tmp_path):
    bad = "##Soal 1: A?\n-[x]satu\n> ya\n• [✓] dua\n- [] tiga\n"
    root = write_course(tmp_path, {QUIZ: quiz(bad)})
    loaded = load_course(root)
    repair(loaded, check_course(loaded))
    node = next(node for node in load_course(root).course.files if node.kind == "kuis")
    (question,) = node.questions()
    assert [(option.is_correct, joined(option.text).strip(), joined(option.feedback)) for option in question.options] == [
        (True, "satu", "ya"), (True, "dua", ""), (False, "tiga", ""),
    ]  # fmt: skip
    assert {problem.code for problem in check_course(load_course(root)) if problem.file == QUIZ} == {"K032", "K090"}


@pytest.mark.parametrize(
    "encode", [str.encode, lambda t: b"\xef\xbb\xbf" + t.encode(), lambda t: t.encode("utf-16"), lambda t: t.encode("cp1252")]
)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_stamp_changes_only_the_heading_line(tmp_path, encode, end):
    text = quiz("## Soal 1: Apa ± itu?\n\n-\t[x] a  \n- [ ] b\n\n##  Soal 2 ##\n\nApa?\n\n- [x] a\n- [ ] b").replace("\n", end)
    root = write_course(tmp_path, {QUIZ: encode(text)})
    stamps = stamp_ids(load_course(root))
    first, second = (stamp.id for stamp in stamps)
    wanted = text.replace("itu?", "itu? {#" + first + "}").replace("Soal 2 ##", "Soal 2 ## {#" + second + "}")
    assert (root / QUIZ).read_bytes() == encode(wanted)
    assert all(QUESTION_ID.fullmatch(stamp.id) for stamp in stamps)
    assert missing_ids(load_course(root)) == []
    assert stamp_ids(load_course(root)) == []


def test_stamp_never_takes_an_id_that_is_used(tmp_path, monkeypatch):
    draws = iter("aaaaa" + "b-gra" + "ccccc")
    monkeypatch.setattr("lms.content.stamp.secrets.choice", lambda alphabet: next(draws))
    body = "## Soal 1: A? {#aaaaa}\n\n- [x] a\n- [ ] b\n\n## Soal 2: B?\n\n- [x] a\n- [ ] b\n"
    root = write_course(tmp_path, {QUIZ: quiz(body)})
    assert [stamp.id for stamp in stamp_ids(load_course(root))] == ["b-gra"]


def test_repair_keeps_what_it_does_not_know(tmp_path):
    text = '# M\n\nIsi.\n!!! warning "Awas"\n    baris satu\n\n    baris dua\n\nLalu.\n'
    root = write_course(tmp_path, {LESSON: text})
    loaded = load_course(root)
    repair(loaded, check_course(loaded))
    assert (root / LESSON).read_text() == "# M\n\nIsi.\n> [!WARNING] Awas\n> baris satu\n>\n> baris dua\n\nLalu.\n"


def test_boxes_of_other_tools_become_quotes_inside_out(tmp_path):
    text = '# M\n\n:::::: challenge\n\n## Latihan\n\n::: {.solution}\nJawab.\n:::\n\n::::::\n\n!!! tip inline end "Kiat"\n    Isi.\n\n::: note\nterbuka\n'
    root = write_course(tmp_path, {LESSON: text})
    repair_folder(root)
    assert (root / LESSON).read_text("utf-8") == (
        "# M\n\n> [!NOTE]\n>\n> ## Latihan\n>\n> > [!NOTE]\n> > Jawab.\n>\n\n> [!TIP] Kiat\n> Isi.\n\n::: note\nterbuka\n"
    )
    left = [problem for problem in check_course(load_course(root)) if problem.code == "K016"]
    assert [(problem.line, problem.fixable, problem.message[:10]) for problem in left] == [(14, False, "`::: note`")]
