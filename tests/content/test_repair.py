"""Repairs take away what they promise and nothing else; stamps change one line, byte for byte."""

import pytest

from lms.content.check import check_course
from lms.content.compile_questions import joined
from lms.content.parse import load_course
from lms.content.problems import registry
from lms.content.repair import repair
from lms.content.slugs import QUESTION_ID
from lms.content.stamp import missing_ids, stamp_ids
from lms.content.types import Level
from tests.content.course_files import quiz, write_course
from tests.content.test_codes import LESSON, QUIZ, TOLD, snippet_files

FIXABLE = [name for name, code in registry().items() if code.fixable and name != "K032"]


@pytest.mark.parametrize("name", FIXABLE)
def test_fixable_code_is_gone_after_the_repair_and_no_error_comes(tmp_path, name):
    code = registry()[name]
    root = write_course(tmp_path, TOLD[name][0] if code.place == "uraian" else snippet_files(code.place, code.bad))
    loaded = load_course(root)
    before = check_course(loaded)
    repair(loaded, before)
    after = check_course(load_course(root))
    errors = {problem.code for problem in after if problem.level is Level.ERROR} - {problem.code for problem in before}
    assert (name in {problem.code for problem in before}, name in {problem.code for problem in after}, errors) == (
        True,
        False,
        set(),
    )


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
