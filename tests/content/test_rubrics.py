"""Rubrics as lists and as tables, as people write them, and what is said where they cannot be read."""

import time

import pytest

from lms.content.compile_questions import joined
from lms.content.nodes import Span
from lms.content.problems import Reporter
from lms.content.rubrics import cut_rubric, read_rubric

LIST = """Rubrik:

- Ketepatan analisis (40%)
    - 4: Data lengkap
      dan akar masalah tepat
    - 2: Sebagian data
- Kelayakan usulan (60%)
    - 4: Dapat dijalankan
"""
TABLE = """Rubrik:

| Kriteria | Bobot | 4 | 2 |
|---|---:|:---|---|
| Ketepatan analisis | 40% | Data lengkap dan akar masalah tepat | Sebagian data |
| Kelayakan usulan | 60 | Dapat dijalankan | |
"""
READ = [
    ("Ketepatan analisis", 4000, [(400, "Data lengkap dan akar masalah tepat"), (200, "Sebagian data")]),
    ("Kelayakan usulan", 6000, [(400, "Dapat dijalankan")]),
]


def read(text: str):
    """(criteria, (code, line) of every problem, the lines that are not the rubric's)."""
    lines = [Span(number, 1, line) for number, line in enumerate(text.split("\n"), start=1)]
    opening, rubric, rest = cut_rubric(lines, frozenset())
    reporter = Reporter("a.md")
    criteria = read_rubric(opening, rubric, reporter) if opening else []
    shapes = [
        (joined(each.name), each.weight, [(level.points, joined(level.text).replace("\n", " ")) for level in each.levels])
        for each in criteria
    ]
    return shapes, [(problem.code, problem.line) for problem in reporter.problems], [span.text for span in rest if span.text]


@pytest.mark.parametrize(
    "text",
    [
        LIST,
        LIST.replace("\n", "\n\n"),
        LIST.replace("    - ", "  - "),
        LIST.replace("    - ", "- "),
        LIST.replace("- ", "* "),
        LIST.replace("40%", "bobot: 40 %").replace("(60%)", "– 60 persen"),
        LIST.replace("Rubrik:", "**Rubrik:**"),
        LIST.replace("Rubrik:", "## Rubrik penilaian {#rubrik}"),
        LIST.replace("Rubrik:", "Rubric:"),
        LIST.replace(" 4:", " 4 –").replace(" 2:", " **2**:"),
    ],
)
def test_list_is_read_however_it_is_typed(text):
    assert read(text) == (READ, [], [])


@pytest.mark.parametrize(
    "text",
    [
        TABLE,
        TABLE.replace("\n| ", "\n").replace(" |\n", "\n"),
        TABLE.replace("Kriteria", "Criteria").replace("Bobot", "Weight"),
        TABLE + "| **Jumlah** | 100% | | |\n",
        TABLE.replace("| Kriteria", "| No | Kriteria").replace("\n|---|", "\n|---|---|").replace("\n| K", "\n| 1 | K")
        .replace("\n| 1 | Kriteria", "\n| No | Kriteria"),
        TABLE.replace("analisis | 40%", "analisis (40%) |").replace("usulan | 60", "usulan (60%) |").replace("| Bobot |", "| |")
        .replace("|---:|", "|---|"),
        TABLE.replace("| 4 | 2 |", "| Skor 4 | **2** |"),
    ],
)  # fmt: skip
def test_table_is_read_however_it_is_typed(text):
    wanted = [READ[0], (*READ[1][:2], [*READ[1][2], (200, "")])]
    assert read(text) == (wanted, [], [])


def test_name_of_a_level_stays_before_its_text():
    names = "Rubrik:\n\n| Kriteria (100%) | Sangat baik (4) | 3 Baik | 2 (Cukup) |\n|---|---|---|---|\n| Isi (100%) | Lengkap | | a |\n"
    assert read(names)[0] == [("Isi", 10000, [(400, "Sangat baik: Lengkap"), (300, "Baik"), (200, "Cukup: a")])]
    assert read("Rubrik:\n- Isi (100%)\n    - 4 (Sangat baik): Lengkap\n    - Baik (3)\n")[0] == [
        ("Isi", 10000, [(400, "Sangat baik: Lengkap"), (300, "Baik")])
    ]


def test_text_around_the_rubric_is_left_alone():
    text = "Awal.\n\nRubrik:\n- Isi (100%)\n\nAkhir.\n\n- butir"
    assert read(text) == ([("Isi", 10000, [])], [], ["Awal.", "Akhir.", "- butir"])
    assert read("Rubrik ini menilai isi.\n\n- butir") == ([], [], ["Rubrik ini menilai isi.", "- butir"])


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("- Isi\n- Bahasa (20%)", [("K080", 2)]),
        ("- Isi\n- Bahasa", [("K080", 2), ("K080", 3)]),
        ("- Isi (40%)\n- Bahasa (40%)", [("K082", 1)]),
        ("- Isi (33,33%)\n- Bahasa (33,33%)\n- Data (33,34%)", []),
        ("- Isi (100%)\n    - Data lengkap", [("K083", 3)]),
        ("- Isi (100%)\n    - 86-100: Data lengkap", [("K083", 3)]),
        ("- Isi (100%)\n    - 4: a\n    - 4: b", [("K083", 4)]),
        ("- Isi (100%)\n    - 0: a", [("K083", 2)]),
        ("- (100%)", [("K083", 2)]),
        ("", [("K083", 1)]),
        ("Tanpa daftar.", [("K083", 1)]),
        ("| Kriteria | Bobot | Baik |\n|---|---|---|\n| Isi | 100% | a |", [("K083", 2)]),
        ("| Kriteria | Bobot |\n|---|---|\n| Isi | banyak |", [("K080", 4)]),
        ("| Kriteria | Bobot |", [("K083", 1)]),
    ],
)
def test_faulty_rubric_is_told_at_its_place(body, found):
    assert read("Rubrik:\n" + body)[1] == found


def test_words_behind_rubrik_are_not_lost_in_silence():
    assert read("Rubrik: lihat lampiran")[1] == [("K044", 1)]


@pytest.mark.parametrize(
    "run", [" " * 190_000, "(" * 190_000, "|" * 190_000, "9" * 190_000, "-" * 190_000, "a " * 95_000, "** " * 60_000]
)
@pytest.mark.parametrize("frame", ["- {}x", "- Isi (100%)\n    - {}x", "{}|x", "| Kriteria | Bobot | {}x |\n|---|", "- x (4{}%)"])
def test_endless_lines_take_no_time(run, frame):
    started = time.process_time()
    read("Rubrik:\n" + frame.format(run))
    read("## Rubrik" + run + "x")
    assert time.process_time() - started < 20  # half a second; minutes, if it grew with the square of the line
