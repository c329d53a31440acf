"""`--rapikan`: tables in line, byte for byte nothing else, and nothing said differently."""

import re

import pytest

from lms.content.parse import load_course
from lms.content.pipe_tables import align_tables
from lms.content.render import Renderer
from lms.content.worker import Fragment
from tests.content.course_files import write_course

FILE = "01-asas/02-uji.md"
WILD = (
    "# M\n\nTeks | bukan tabel  \n\n|a|b|c\n|-|:-:|--:|\n|satu| dua\\|tiga |4,5|\n| 窓口 | é | 10|\n|kurang|\n\nLalu.\n\n"
    "> |q|r|\n> |---|---|\n> |1|222|\n\n- butir\n\n    |x|y|\n    |-|-|\n    |`k`|2|\n\n```\n|a|b|\n|-|-|\n```\n\n"
    "    |kode|menjorok|\n    |-|-|\n\n|k|l|\n|-|-|\n|`a|b`|2|\n\n<!--\n|m|n|\n|-|-|\n-->\n"
)
ALIGNED = (
    "# M\n\nTeks | bukan tabel  \n\n| a      |     b     |   c |\n| ------ | :-------: | --: |\n| satu   | dua\\|tiga | 4,5 |\n"
    "| 窓口   |     é     |  10 |\n| kurang |\n\nLalu.\n\n> | q   | r   |\n> | --- | --- |\n> | 1   | 222 |\n\n- butir\n\n"
    "    | x   | y   |\n    | --- | --- |\n    | `k` | 2   |\n\n```\n|a|b|\n|-|-|\n```\n\n    |kode|menjorok|\n    |-|-|\n\n"
    "|k|l|\n|-|-|\n|`a|b`|2|\n\n<!--\n|m|n|\n|-|-|\n-->\n"
)


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_tables_are_aligned_and_everything_else_keeps_its_bytes(tmp_path, end, mark):
    root = write_course(tmp_path, {FILE: mark + WILD.replace("\n", end).encode()})
    assert align_tables(load_course(root)) == [FILE]
    assert (root / FILE).read_bytes() == mark + ALIGNED.replace("\n", end).encode()
    assert align_tables(load_course(root)) == []


def test_aligned_tables_look_the_same_to_learners():
    renderer = Renderer()
    plain = [re.sub(r"\s+", " ", renderer.render(Fragment(text, "page"))) for text in (WILD, ALIGNED)]
    assert plain[0] == plain[1]
