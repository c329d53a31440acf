"""What the editor offers to insert is right as it stands: the checker finds no error in it."""

import pytest

from lms.content.check import check_course
from lms.content.parse import load_course
from lms.content.types import Level
from lms.web.studio import snippets

QUIZ = "---\njudul: Kuis\njenis: kuis\n---\n\n# Kuis\n\n"
QUESTIONS, CALLOUTS, PARTS = snippets.groups("##")


def errors(tmp_path, text):
    file = tmp_path / "01-latihan-bersama.md"
    file.write_text(text, encoding="utf-8")
    loaded = load_course(file)
    return loaded, [problem for problem in check_course(loaded) if problem.level is Level.ERROR]


@pytest.mark.parametrize("snippet", QUESTIONS.snippets, ids=lambda each: each.label)
def test_question_snippet_is_one_question_without_errors(tmp_path, snippet):
    loaded, found = errors(tmp_path, QUIZ + snippet.text)
    assert found == []
    assert len(list(loaded.course.files[0].questions())) == 1


def test_every_kind_of_question_has_its_own_snippet(tmp_path):
    loaded, _ = errors(tmp_path, QUIZ + "\n".join(each.text for each in QUESTIONS.snippets))
    kinds = [question.kind for question in loaded.course.files[0].questions()]
    assert len(set(kinds)) == len(kinds) == 9


@pytest.mark.parametrize("snippet", (*CALLOUTS.snippets, *PARTS.snippets[:3]), ids=lambda each: each.label)
def test_snippet_of_a_lesson_has_no_errors(tmp_path, snippet):
    assert errors(tmp_path, f"# Materi\n\nKalimat pembuka.\n\n{snippet.text}")[1] == []


@pytest.mark.parametrize("snippet", (*QUESTIONS.snippets, *CALLOUTS.snippets, *PARTS.snippets), ids=lambda each: each.label)
def test_marked_part_stands_in_the_snippet_once(snippet):
    assert snippet.text.count(snippet.pick) == 1


def test_questions_of_a_lesson_stand_one_level_lower():
    assert snippets.groups("###")[0].snippets[0].text.startswith("### Soal: ")
