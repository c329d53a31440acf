"""`--rubrik`: list and table say the same and turn into each other."""

import pytest

from lms.content.parse import load_course
from lms.content.rubric_form import convert_rubrics
from tests.content.course_files import write_course

FILE = "02-tugas.md"
HEAD = "---\r\njenis: tugas\r\n---\r\n\r\n# Tugas\r\n\r\nIsi.\r\n\r\nRubrik:\r\n\r\n"
LIST = "- Ketepatan | analisis (40%)\r\n    - 4: Data lengkap\r\n    - 2: Sebagian\r\n- Usulan (60%)\r\n    - 4: Dapat dijalankan\r\n"
TABLE = (
    "| Kriteria              | Bobot | 4                | 2        |\r\n| --------------------- | ----- | ---------------- | -------- |\r\n"
    "| Ketepatan \\| analisis | 40%   | Data lengkap     | Sebagian |\r\n| Usulan                | 60%   | Dapat dijalankan |          |\r\n"
)
TAIL = "\r\nTeks sesudahnya.  \r\n"


@pytest.mark.parametrize(("before", "to", "after"), [(LIST, "tabel", TABLE), (TABLE, "daftar", LIST)])
def test_rubric_changes_its_form_and_nothing_around_it(tmp_path, before, to, after):
    root = write_course(tmp_path, {FILE: (HEAD + before + TAIL).encode()})
    assert convert_rubrics(load_course(root), to) == [FILE]
    assert (root / FILE).read_bytes() == (HEAD + after + TAIL).encode()
    assert convert_rubrics(load_course(root), to) == []


@pytest.mark.parametrize(
    ("rubric", "to"),
    [("- Tanpa bobot\r\n    - 4: Baik\r\n", "tabel"), ("- A (40%)\r\n    - 4: Baik\r\n    kalimat lanjutan\r\n", "tabel"),
     ("- A (40%)\r\n    - 4: Baik\r\n    - 4: Dua kali\r\n", "tabel"), ("| A | B | baik |\r\n|---|---|---|\r\n| x | 40 | y |\r\n", "daftar")],
)  # fmt: skip
def test_rubric_with_more_than_the_other_form_can_say_stays(tmp_path, rubric, to):
    root = write_course(tmp_path, {FILE: (HEAD + rubric + TAIL).encode()})
    assert convert_rubrics(load_course(root), to) == []
    assert (root / FILE).read_bytes() == (HEAD + rubric + TAIL).encode()
