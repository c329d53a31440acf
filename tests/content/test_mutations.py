"""Whatever happens to a course file on the way, checking it raises nothing and every finding has its place."""

import dataclasses
import os
import random
import re
from collections import Counter
from pathlib import Path

import pytest

from lms.content.check import check_course
from lms.content.compile import CannotCompile, compile_course
from lms.content.parse import load_course
from lms.content.problems import registry
from lms.content.types import Level
from tests.content.course_files import SKELETON, write_course

ROUNDS = 10_000 if os.environ.get("PELITA_PROVE") == "1" else 1_000
GOLDEN = Path(__file__).with_name("all_kinds.md").read_text("utf-8")
FILES = {
    "01-asas/03-kuis.md": GOLDEN
    + "\n## Kelompok: Etika (ambil 1 dari bank/etika.md tag suap) {#kel}\n\n### Soal 1: A?\n\nToleransi: 2% relatif\n",
    "course.yml": 'kode: contoh\njudul: "Contoh: x"\njp: 1\nbobot: {kuis: 40, posttest: 60}\nlulus-bila: [semua-pelajaran, posttest]\nurutan: [01-asas]\n',
    "01-asas/02-asas.md": '---\njudul: A\ntujuan:\n  - satu\nprasyarat: [asas/materi]\n---\n\n# A\n\n> [!NOTE]\n> x\n\n![a](media/loket.png "G")\n\n[x](01-materi.md#b)\n',
    "01-asas/04-tugas.md": "---\njudul: T\njenis: tugas\nkumpul: berkas\nberkas: pdf, docx\nmaks: 10 MB\ntenggat: 14 hari\npenilai: sejawat 2\n---\n\n# T {#tugas-t}\n\n"
    "Susun.\n\nRubrik:\n\n| Kriteria | Bobot | 4 | Baik (3) |\n|---|---|---|---|\n| Isi | 60% | a | b |\n| Bahasa | 40% | c | |\n\nAkhir.\n",
    "evaluasi.md": "---\njudul: E\njenis: evaluasi\n---\n\n## Soal 1: S {#s1}\n\nSkala: 1-5 Buruk – Baik\n\n- a\n- b\n\n## Soal 2: P {#s2}\n\nJenis: survei\n\n- a\n- b\n",
}
BITS = ["", " ", "\t", "#", "## Soal ", "- [x] ", "-[x]", "[[", "]]", "|", "->", "> ", "`", "```", "---", ": ", "Jawaban:", "±", "{#", "}", "<!--", "-->",
        "\ufeff", "\u00a0", "•", "0", "(ambil 9)", "Jenis: urutan", "1. ", "![](", "](x)", "<b", "\x00", "\ue0f0", "&", "..", "%", "Rubrik:", "(40%)", "Jenis: esai", "Skala: ", "    - 4: ", "| 4 |", '"', "'", "\r"]  # fmt: skip


def mutate(text: str, dice: random.Random) -> str:
    lines = text.split("\n")
    for _ in range(dice.randrange(1, 5)):
        index = dice.randrange(len(lines))
        line = lines[index]
        position = dice.randrange(len(line) + 1)
        kind = dice.randrange(7)
        if kind == 0:
            del lines[index]
            lines = lines or [""]
        elif kind == 1:
            lines.insert(dice.randrange(len(lines)), line)
        elif kind == 2:
            lines[index] = line[:position] + dice.choice(BITS) + line[position:]
        elif kind == 3:
            lines[index] = line[:position] + line[position + dice.randrange(4) :]
        elif kind == 4:
            lines[index] = " " * dice.randrange(7) + line
        elif kind == 5:
            other = dice.randrange(len(lines))
            lines[index], lines[other] = lines[other], lines[index]
        else:
            lines[index] = line * dice.randrange(2, 4)
    return "\n".join(lines)


def damage(data: bytes, dice: random.Random) -> bytes:
    """Now and then the bytes suffer too."""
    if dice.random() < 0.1:
        position = dice.randrange(len(data) + 1)
        return data[:position] + bytes(dice.randrange(256) for _ in range(3)) + data[position:]
    return data.decode().encode("utf-16") if dice.random() < 0.03 else data


@pytest.mark.long
def test_random_mutations_raise_nothing_and_every_problem_has_its_place(tmp_path):
    dice = random.Random(20260305)
    root = write_course(tmp_path, FILES)
    names = [*FILES, "bank/etika.md"]
    texts = {**SKELETON, **FILES}
    for round_number in range(ROUNDS):
        name = dice.choice(names)
        path = root / name
        original = texts[name]
        data = damage(mutate(original, dice).encode("utf-8", "replace"), dice)
        path.write_bytes(data)
        loaded = load_course(root)
        for problem in check_course(loaded):
            source = next((source for source in loaded.course.sources() if source.file == problem.file), None)
            assert problem.code in registry() and problem.message and problem.help, round_number
            assert problem.line >= 1 and problem.column >= 1 and problem.width >= 1, problem
            assert source is None or problem.line <= max(len(source.lines), 1), problem
        path.write_text(original, encoding="utf-8")


REAL = sorted(path for path in (Path(__file__).parents[2] / "courses").rglob("*.md") if "## Soal" in path.read_text("utf-8"))
REAL_ROUNDS = 3_000 if os.environ.get("PELITA_PROVE") == "1" else 300
KEYWORDS = re.compile(
    r"soal|question|kelompok|group|ambil|pick|dari|from|tag|poin|points?|terakhir|last|x|pembahasan|explanation|jawaban|jenis|modul|satuan|"
    r"toleransi|petunjuk|acak|cocok|penilaian|sumber|jika|benar|salah|relatif|relative|persen|"
    r"urutan|rumpang|[a-z]{0,3}\d+[a-z]?|\d+"
)
"""Words that are part of the notation, and labels of questions, which are not kept."""


def words_of_tree(value: object, found: Counter[str]) -> None:
    """Every word in a node and below it."""
    if isinstance(value, str):
        found.update(re.findall(r"\w+", value.casefold()))
    elif isinstance(value, list | tuple):
        for inner in value:
            words_of_tree(inner, found)
    elif isinstance(value, dict):
        words_of_tree(list(value.items()), found)
    elif dataclasses.is_dataclass(value):
        words_of_tree(
            [getattr(value, field.name) for field in dataclasses.fields(value) if field.name not in ("source", "file")], found
        )


def refused_lines(node, wrong):
    """The lines of questions that hold an error: nothing of them is published before the author has looked."""
    heads = sorted({heading.line for heading in node.headings} | {len(node.source.lines) + 1})
    for question in node.questions():
        inside = range(question.line, next((line for line in heads if line > question.line), question.line + 1))
        if wrong & set(inside):
            yield from inside


@pytest.mark.long
def test_nothing_that_an_author_wrote_vanishes_without_a_word(tmp_path):
    dice = random.Random(20260306)
    for round_number in range(REAL_ROUNDS):
        path = dice.choice(REAL)
        file = tmp_path / ("bank" if path.parent.name == "bank" else "x") / "uji.md"
        file.parent.mkdir(exist_ok=True)
        file.write_text(mutate(path.read_text("utf-8"), dice), encoding="utf-8")
        loaded = load_course(file)
        problems = check_course(loaded)
        told = {problem.line for problem in problems}
        (node,) = loaded.course.all_files()
        told |= set(refused_lines(node, {problem.line for problem in problems if problem.level is Level.ERROR}))
        lines = [(number, line) for number, line in enumerate(node.source.lines, start=1) if number >= node.source.body_start]
        kept: Counter[str] = Counter()
        words_of_tree((node.parts, node.headings), kept)
        lost = (
            Counter(word for number, line in lines if number not in told for word in re.findall(r"\w+", line.casefold())) - kept
        )
        assert {word for word in lost if not KEYWORDS.fullmatch(word)} == set(), (round_number, path.name)
        asked = [
            number
            for number, line in lines
            if re.match(r" {0,3}#{2,6}\s*(?:Soal|Question)\b", line) and number not in node.source.code
        ]
        read = {question.line for question in node.questions()} | {heading.line for heading in node.headings}
        assert [number for number in asked if number not in read | told] == [], (round_number, path.name)


def test_mutated_courses_compile_or_are_refused_with_places(tmp_path):
    dice = random.Random(7)
    names = ["01-asas/03-kuis.md", "01-asas/04-tugas.md", "evaluasi.md"]
    sound = {name: FILES[name] for name in names} | {"01-asas/03-kuis.md": GOLDEN}
    compiled = 0
    for number in range(60):
        name = names[number % 3]
        root = write_course(tmp_path, sound | {name: mutate(sound[name], dice)})
        loaded = load_course(root)
        if any(problem.level is Level.ERROR for problem in check_course(loaded)):
            continue
        try:
            compile_course(loaded)
            compiled += 1
        except CannotCompile as refused:
            assert all(problem.line >= 1 for problem in refused.problems)
    assert compiled >= 20
