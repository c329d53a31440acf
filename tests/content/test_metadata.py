"""Front matter and course.yml: what YAML would mangle stays what the author wrote."""

import pytest

from lms.content.metadata import front_matter, read_metadata
from lms.content.nodes import Source
from lms.content.parse import load_course
from lms.content.problems import Reporter
from lms.content.schemas import COURSE_KEYS, FILE_KEYS
from tests.content.course_files import write_course


def read(text, keys=FILE_KEYS["pelajaran"]):
    reporter = Reporter("a.md")
    lines = ("---", *text.split("\n"), "---")
    source = Source("a.md", lines, lines, frozenset())
    spans, _ = front_matter(source, reporter)
    return read_metadata(spans, keys, "pelajaran", reporter), [
        (problem.code, problem.line, problem.column) for problem in reporter.problems
    ]


@pytest.mark.parametrize(
    ("line", "key", "value"),
    [
        ("judul: No", "judul", "No"),
        ("judul: 12:30", "judul", "12:30"),
        ("judul: 1.10", "judul", "1.10"),
        ("judul: 2026-11-01", "judul", "2026-11-01"),
        ("judul: ~", "judul", "~"),
        ('judul: "a: b # c"', "judul", "a: b # c"),
        ("wajib: tidak", "wajib", False),
        ("ditinjau: 2026-11-01", "ditinjau", "2026-11-01"),
    ],
)
def test_scalar_stays_raw_text(line, key, value):
    metadata, problems = read(line)
    assert (metadata.get(key), problems) == (value, [])


def test_octal_looking_hours_stay_ten():
    metadata, problems = read("jp: 010", COURSE_KEYS)
    assert (metadata.get("jp"), problems) == (10, [])


@pytest.mark.parametrize(
    "value",
    ["Soal #2 revisi", "Tugas: rencana aksi", "*penting*", "@kantor", "[Baru] Pengantar", "{a} b", "'x' dan 'y'", "- a: b"],
)
def test_value_that_yaml_would_cut_is_kept_whole_with_a_warning(value):
    metadata, problems = read(f"judul: {value}\njp: 0,5")
    assert (metadata.get("judul"), [code for code, _, _ in problems]) == (value, ["K006"])
    assert metadata.get("jp") is not None


def test_comment_after_a_value_is_a_comment():
    metadata, problems = read("judul: Asas   # nama di katalog")
    assert (metadata.get("judul"), problems) == ("Asas", [])


def test_unknown_key_is_placed_and_the_rest_is_read():
    metadata, problems = read("judul: A\njdul: B\ntujuan:\n  - satu\n  - dua")
    assert (metadata.get("tujuan"), problems) == (("satu", "dua"), [("K007", 3, 1)])


def test_bad_value_in_a_list_is_placed():
    _, problems = read("prasyarat: [asas/satu, A B]")
    assert problems == [("K008", 2, 24)]


@pytest.mark.parametrize(
    "text",
    [
        "a: &a [1]\nb: *a",
        "[" * 5000,
        "{" * 5000,
        "- " * 5000,
        "? " * 5000,
        "judul: !!python/object/apply:os.system [id]",
        "judul: |\n  a\n  b",
        "\x00",
        ": :",
        "'",
    ],
)
def test_strange_yaml_never_raises(text):
    metadata, problems = read(text)
    assert all(line >= 1 and column >= 1 for _, line, column in problems)
    assert metadata.get("kode") is None


def test_billion_laughs_is_harmless():
    bomb = "tag: &a [x,x]\n" + "\n".join(f"k{n}: &b{n} [*a,*a,*a]" for n in range(50))
    metadata, _ = read(bomb)
    assert metadata.get("tag") == ("&a [x,x]",)  # kept as the text it is: nothing is ever expanded


def test_duration_and_tries_are_read_in_words(tmp_path):
    head = "percobaan: tak terbatas\njeda: 1 hari\nwaktu: 1 jam 30 menit\nnilai-diambil: rata-rata\numpan-balik: setelah-lulus\n"
    text = f"---\njenis: kuis\n{head}---\n## Soal 1: A?\n\n- [x] a\n- [ ] b\n"
    node = next(
        node for node in load_course(write_course(tmp_path, {"01-asas/03-kuis.md": text})).course.files if node.kind == "kuis"
    )
    assert {key: node.meta.get(key) for key in ("percobaan", "jeda", "waktu", "nilai-diambil", "umpan-balik")} == {
        "percobaan": 0, "jeda": 86400, "waktu": 5400, "nilai-diambil": "average", "umpan-balik": "after_pass",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("M.03-2", ["M.03-2"]),
        ("T.01.2", ["T.01.2"]),
        ("S1 Keperawatan", ["S1 Keperawatan"]),
        ("Teknis (data kesehatan)", ["Teknis (data kesehatan)"]),
        ("M.3-2", []),
        ("m.03-2", []),
        ("M03-2", []),
        ("M.03-6", []),
        ("M 03", []),
    ],
)
def test_competency_is_words_or_a_right_code(written, kept):
    found, problems = read(f"kompetensi: [{written}]", COURSE_KEYS)
    assert [value for value in found.get("kompetensi", []) if value] == kept
    assert [code for code, _, _ in problems] == ([] if kept else ["K008"])
