"""Survey questions in their own file and among graded ones; and which kinds of question may stand where."""

import pytest

from lms.content.check import check_course
from lms.content.compile import compile_course
from lms.content.parse import load_course
from lms.content.types import CompletionPart, Draw, FeedbackPolicy, ItemKind, QuestionKind, QuizRules, Scale
from tests.content.course_files import write_course

HEAD = "---\njudul: Evaluasi\njenis: evaluasi\n---\n\n"
QUESTION = {
    "pilihan": "- [x] a\n- [ ] b\n\nPembahasan: ya\n",
    "esai": "Jenis: esai\n\nRubrik:\n- Isi (100%)\n",
    "berkas": "Jenis: berkas\n\nRubrik:\n- Isi (100%)\n",
    "survei": "Jenis: survei\n\n- a\n- b\n",
    "skala": "Skala: 1-5\n\n- a\n",
}


def question_of(tmp_path, body, kind="evaluasi"):
    root = write_course(tmp_path, {"evaluasi.md": HEAD.replace("jenis: evaluasi", f"jenis: {kind}") + body})
    loaded = load_course(root)
    [question] = next(node for node in loaded.course.files if node.file == "evaluasi.md").questions()
    return question, [(p.code, p.line) for p in check_course(loaded) if p.file == "evaluasi.md"]


def test_survey_file_is_an_attempt_without_marks(tmp_path):
    body = "## Soal 1: Setuju? {#a1}\n\nSkala: 1-5\n\n## Soal 2: Hambatan? {#a2}\n\nJenis: survei\n"
    outline = compile_course(load_course(write_course(tmp_path, {"evaluasi.md": HEAD + body}))).outline
    item = outline.item("evaluasi")
    assert (item.kind, item.required, item.minutes, outline.completion) == (
        ItemKind.SURVEY, False, 1, (CompletionPart.ALL_LESSONS,),
    )  # fmt: skip
    assert item.quiz == QuizRules(
        pass_mark=0, tries=1, draws=(Draw(("a1",), 1), Draw(("a2",), 1)), question_count=2, points_total=0,
        feedback=FeedbackPolicy.NEVER, shuffle_options=False, is_anonymous=True,
    )  # fmt: skip


@pytest.mark.parametrize(("line", "is_anonymous"), [("", True), ("anonim: ya\n", True), ("anonymous: no\n", False)])
def test_survey_is_anonymous_unless_the_author_says_otherwise(tmp_path, line, is_anonymous):
    text = HEAD.replace("---\n\n", line + "---\n\n") + "## Soal 1: Hambatan? {#a2}\n"
    outline = compile_course(load_course(write_course(tmp_path, {"evaluasi.md": text}))).outline
    assert outline.item("evaluasi").quiz.is_anonymous is is_anonymous


KINDS = [
    ("Jenis: survei\n", QuestionKind.OPEN, [], []),
    ("", QuestionKind.OPEN, [], []),
    ("Jenis: survei\n\n- Loket\n- Kantor\n", QuestionKind.POLL, ["Loket", "Kantor"], []),
    ("Type: survey\n\n1. Loket\n2. Kantor\n", QuestionKind.POLL, ["Loket", "Kantor"], []),
    ("- Loket\n- Kantor\n", QuestionKind.POLL, ["Loket", "Kantor"], []),
    ("- [ ] Loket\n- [ ] Kantor\n", QuestionKind.POLL, ["Loket", "Kantor"], []),
    ("Skala: 1-5 Buruk – Baik\n\n- Materi\n- Contoh\n", QuestionKind.SCALE, [], ["Materi", "Contoh"]),
    ("- Materi\n- Contoh\n\nScale: 1-5\n", QuestionKind.SCALE, [], ["Materi", "Contoh"]),
    ("Skala: 1-5\n", QuestionKind.SCALE, [], []),
    ("Skala: 1-5\n\n- [ ] Materi\n- [ ] Contoh\n", QuestionKind.SCALE, [], ["Materi", "Contoh"]),
]


@pytest.mark.parametrize(("body", "kind", "options", "statements"), KINDS)
def test_kind_of_a_survey_question_follows_from_its_form(tmp_path, body, kind, options, statements):
    question, problems = question_of(tmp_path, "## Soal 1: Apa? {#s1}\n\n" + body)
    assert (question.kind, question.points, problems) == (kind, 0, [])
    assert [option.text[0].text for option in question.options] == options
    assert [statement.text[0].text for statement in question.statements] == statements
    assert [span.text for span in question.stem] == ["Apa?"]


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("Skala: 1-5 Setuju\n", [("K044", 8)]),
        ("Jenis: skala\n\n- a\n", [("K060", 6)]),
        ("- [x] a\n- [ ] b\n", [("K084", 6), ("K090", 6)]),
        ("Jenis: survei\n\n- [x] a\n- [ ] b\n", [("K084", 10)]),
        ("Jawaban: 12\n", [("K084", 6), ("K090", 6)]),
        ("Jenis: survei\n\nJawaban: 12\n", [("K043", 6)]),
        ("Jenis: survei\n\nRubrik:\n- Isi (100%)\n", [("K043", 6)]),
        ("Jenis: esai\n\nRubrik:\n- Isi (100%)\n", [("K084", 6)]),
        ("- a -> b\n- c -> d\n", [("K084", 6), ("K090", 6)]),
        ("Jenis: survei\n\n- a\n", [("K064", 6)]),
        ("Jenis: survei\n\n- a\n- A\n", [("K066", 11)]),
        ("Skala: 1-5\n\n- a\n- a\n", [("K066", 11)]),
        ("Skala: 1-5\n\nPoin: 2\n", [("K086", 6)]),
        ("Jenis: survei\n\nKata: 100\n", [("K086", 10)]),
    ],
)
def test_faulty_survey_question_is_told(tmp_path, body, found):
    assert question_of(tmp_path, "## Soal 1: Apa? {#s1}\n\n" + body)[1] == found


def test_statements_may_stand_without_a_question_above_them(tmp_path):
    assert question_of(tmp_path, "## Soal 1 {#s1}\n\nSkala: 1-5\n\n- Materi sesuai\n")[1] == []
    assert question_of(tmp_path, "## Soal 1 {#s1}\n\nSkala: 1-5\n")[1] == [("K061", 6)]


def test_survey_question_in_a_quiz_never_changes_a_score(tmp_path):
    body = "## Soal 1 (2 poin): A? {#q1}\n\n- [x] a\n- [ ] b\n\n## Soal 2 (3 poin): B? {#q2}\n\nSkala: 1-5 Sulit – Mudah\n"
    root = write_course(tmp_path, {"01-asas/03-kuis.md": "---\njenis: kuis\n---\n" + body})
    loaded = load_course(root)
    assert [(p.code, p.line) for p in check_course(loaded) if p.file == "01-asas/03-kuis.md"] == [("K090", 4), ("K086", 9)]
    course = compile_course(loaded)
    rules = course.outline.item("asas/kuis").quiz
    assert (rules.question_count, rules.points_total) == (2, 200)
    assert (course.questions["q2"].public.points, course.questions["q2"].public.scale) == (0, Scale(1, 5, ("Sulit", "Mudah")))


PLACES = {
    "pelajaran": {"pilihan"},
    "latihan": {"pilihan", "survei", "skala"},
    "pretest": {"pilihan", "survei", "skala"},
    "kuis": {"pilihan", "esai", "berkas", "survei", "skala"},
    "posttest": {"pilihan", "esai", "berkas", "survei", "skala"},
    "evaluasi": {"survei", "skala"},
}


@pytest.mark.parametrize("form", QUESTION)
@pytest.mark.parametrize("kind", PLACES)
def test_question_stands_only_where_someone_can_answer_for_it(tmp_path, kind, form):
    body = "# Judul\n\n## Soal 1: Apa? {#s1}\n\n" + QUESTION[form]
    problems = question_of(tmp_path, body, kind)[1]
    assert [problem for problem in problems if problem[0] == "K084"] == ([] if form in PLACES[kind] else [("K084", 8)])


def test_pretest_may_not_draw_an_essay_from_a_bank(tmp_path):
    bank = "## Soal 1: Uraikan. {#b1}\n\n" + QUESTION["esai"]
    test = "---\njenis: {}\n---\n\n## Kelompok: X (ambil 1 dari bank/x.md)\n"
    files = {"bank/x.md": bank, "pretest.md": test.format("pretest"), "posttest.md": test.format("posttest")}
    problems = check_course(load_course(write_course(tmp_path, files)))
    assert [(p.file, p.line) for p in problems if p.code == "K084"] == [("pretest.md", 5)]


@pytest.mark.parametrize(
    ("kind", "body", "message"),
    [
        ("kuis", "", "kuis tanpa soal"),
        ("kuis", "## Soal 1: Apa? {#s1}\n\nJenis: survei\n", "kuis tanpa soal yang dinilai"),
        ("evaluasi", "", "kuis tanpa soal"),
        ("evaluasi", "## Soal 1: Apa? {#s1}\n", None),
    ],
)
def test_file_without_questions_of_its_kind_is_an_error(tmp_path, kind, body, message):
    root = write_course(tmp_path, {"evaluasi.md": f"---\njenis: {kind}\n---\n\n{body}"})
    found = [problem.message for problem in check_course(load_course(root)) if problem.code == "K094"]
    assert found == ([message] if message else [])


ESSAY = "## Soal {0} ({1} poin): Uraikan. {{#e{0}}}\n\nJenis: esai\n\n"
CHOICE = "## Soal {0} ({1} poin): A? {{#c{0}}}\n\n- [x] a\n- [ ] b\n\n"


@pytest.mark.parametrize(
    ("head", "body", "found"),
    [
        ("", ESSAY.format(1, 4) + CHOICE.format(2, 6), ["nilai lulus 70 baru dapat dicapai setelah dinilai orang (tanpa itu paling tinggi 60)"]),
        ("nilai-lulus: 60\n", ESSAY.format(1, 4) + CHOICE.format(2, 6), []),
        ("", ESSAY.format(1, 3) + CHOICE.format(2, 7), []),
        ("", CHOICE.format(2, 7), []),
        ("nilai-lulus: 0\n", ESSAY.format(1, 1), []),
        ("", "## Kelompok: X (ambil 1)\n\n#" + ESSAY.format(1, 1) + "#" + CHOICE.format(2, 1), []),
    ],
)  # fmt: skip
def test_pass_that_waits_for_a_person_is_told(tmp_path, head, body, found):
    root = write_course(tmp_path, {"01-asas/03-kuis.md": f"---\njenis: kuis\n{head}---\n\n{body}"})
    assert [problem.message for problem in check_course(load_course(root)) if problem.code == "K095"] == found


@pytest.mark.parametrize(
    ("name", "keys"),
    [
        ("evaluasi.md", ["asas/materi", "posttest", "evaluasi"]),
        ("01-asas/09-evaluasi.md", ["asas/materi", "asas/evaluasi", "posttest"]),
        ("00-survei.md", ["survei", "asas/materi", "posttest"]),
    ],
)
def test_survey_of_the_whole_course_comes_after_the_post_test(tmp_path, name, keys):
    files = {name: HEAD + "## Soal 1: Apa? {#s1}\n", "posttest.md": "---\njenis: posttest\n---\n\n" + CHOICE.format(1, 1)}
    assert [node.key for node in load_course(write_course(tmp_path, files)).course.files] == keys


@pytest.mark.parametrize(
    ("kind", "body", "minutes"),
    [
        ("kuis", ESSAY.format(1, 1), 10),
        ("kuis", ESSAY.format(1, 1) + "Kata: 100-300\n", 20),
        ("kuis", ESSAY.format(1, 1) + CHOICE.format(2, 1) + CHOICE.format(3, 1), 13),
        ("kuis", "## Kelompok: X (ambil 1)\n\n#" + ESSAY.format(1, 1) + "#" + ESSAY.format(2, 1) + "Kata: 300\n", 15),
        ("evaluasi", "## Soal 1: S {#s1}\n\nSkala: 1-5\n\n" + "".join(f"- butir {n}\n" for n in range(7)), 4),
        ("evaluasi", "".join(f"## Soal {n}: S {{#s{n}}}\n\n" for n in range(10, 18)), 4),
    ],
)
def test_minutes_count_essays_and_statements(tmp_path, kind, body, minutes):
    root = write_course(tmp_path, {"01-asas/03-kuis.md": f"---\njenis: {kind}\n---\n\n{body}"})
    assert compile_course(load_course(root)).outline.item("asas/kuis").minutes == minutes
