"""`jenis: tugas`: one question with its brief, rules of handing in, and an id as permanent as the item."""

import re
from pathlib import Path

import pytest

from lms.content.assignments import Grader, HandIn
from lms.content.check import check_course
from lms.content.compile import compile_course
from lms.content.handins import question_id
from lms.content.parse import load_course
from lms.content.types import CompiledCourse, CompletionPart, Draw, FeedbackPolicy, ItemKind, PagePart, QuestionKind, QuizRules
from tests.content.course_files import write_course

FILE = "02-standar/02-rencana-aksi.md"
KEY = "standar/rencana-aksi"
RUBRIC = "Rubrik:\n\n- Ketepatan (40%)\n    - 4: Lengkap\n- Kelayakan (60%)\n"
HEAD = "judul: Rencana aksi unit\njenis: tugas\n"


def assignment(head: str = "", body: str = f"# Rencana aksi\n\nSusun rencana.\n\n{RUBRIC}") -> str:
    return f"---\n{HEAD}{head}---\n\n{body}"


def compiled(tmp_path: Path, text: str, course: str = "") -> CompiledCourse:
    return compile_course(
        load_course(write_course(tmp_path, {FILE: text, "course.yml": f"kode: contoh\njudul: Contoh\n{course}"}))
    )


def codes(tmp_path: Path, text: str, course: str = "") -> list[tuple[str, int]]:
    root = write_course(tmp_path, {FILE: text, "course.yml": f"kode: contoh\njudul: Contoh\n{course}"})
    problems = check_course(load_course(root))
    return [(problem.code, problem.line) for problem in problems if problem.file == FILE]


def test_assignment_is_one_question_worth_a_hundred_points(tmp_path):
    course = compiled(tmp_path, assignment())
    item = course.outline.item(KEY)
    id = question_id(KEY)
    assert (item.kind, item.title, item.required, item.minutes) == (ItemKind.ASSIGNMENT, "Rencana aksi unit", True, 30)
    assert item.quiz == QuizRules(
        pass_mark=7000, tries=3, draws=(Draw((id,), 1),), question_count=1, points_total=10_000, feedback=FeedbackPolicy.AFTER_SUBMIT,
        shuffle_options=False, hand_in=HandIn(),
    )  # fmt: skip
    question = course.questions[id].public
    assert (question.kind, question.points, question.stem) == (QuestionKind.FILE, 10_000, ("<p>Rencana aksi unit</p>",))
    assert (question.file_types, question.most_bytes) == (("pdf", "docx", "xlsx", "pptx", "jpg", "png"), 10_000_000)
    assert [(each.name, each.weight) for each in question.rubric] == [("Ketepatan", 4000), ("Kelayakan", 6000)]
    assert course.pages[KEY].parts == (PagePart(html="<p>Susun rencana.</p>"),)


RULES = [
    ("kumpul: teks\nkata: 100-300\n", QuestionKind.ESSAY, (100, 300, (), 0), HandIn()),
    ("hand-in: link\n", QuestionKind.LINK, (0, 0, (), 0), HandIn()),
    ("berkas: pdf, docx\nmaks: 5 MB\n", QuestionKind.FILE, (0, 0, ("pdf", "docx"), 5_000_000), HandIn()),
    ("berkas: [pdf, jpg]\n", QuestionKind.FILE, (0, 0, ("pdf", "jpg"), 10_000_000), HandIn()),
    ("kumpul: teks\ntenggat: 14 hari\n", QuestionKind.ESSAY, (0, 0, (), 0), HandIn(due_seconds=14 * 86400)),
    ("kumpul: teks\ntenggat: 2026-12-01\n", QuestionKind.ESSAY, (0, 0, (), 0), HandIn(due_on="2026-12-01")),
    ("kumpul: teks\ndue: 1 Desember 2026\n", QuestionKind.ESSAY, (0, 0, (), 0), HandIn(due_on="2026-12-01")),
    ("kumpul: teks\nkelompok: ya\n", QuestionKind.ESSAY, (0, 0, (), 0), HandIn(is_group=True)),
    ("kumpul: teks\npenilai: atasan\n", QuestionKind.ESSAY, (0, 0, (), 0), HandIn(Grader.SUPERIOR)),
    ("kumpul: teks\npenilai: sejawat 2\n", QuestionKind.ESSAY, (0, 0, (), 0), HandIn(Grader.PEER, 2)),
]


@pytest.mark.parametrize(("head", "kind", "limits", "hand_in"), RULES)
def test_front_matter_decides_what_is_handed_in_and_how(tmp_path, head, kind, limits, hand_in):
    course = compiled(tmp_path, assignment(head))
    question = course.questions[question_id(KEY)].public
    shown = (question.fewest_words, question.most_words, question.file_types, question.most_bytes)
    assert (question.kind, shown, course.outline.item(KEY).quiz.hand_in) == (kind, limits, hand_in)


@pytest.mark.parametrize(
    ("head", "course", "mark", "tries", "minutes"),
    [
        ("", "", 7000, 3, 30),
        ("", "nilai-lulus: 75\n", 7500, 3, 30),
        ("nilai-lulus: 65\npercobaan: 1\nmenit: 60\n", "nilai-lulus: 75\n", 6500, 1, 60),
        ("percobaan: tak terbatas\n", "", 7000, 0, 30),
    ],
)
def test_pass_mark_tries_and_minutes_have_their_defaults(tmp_path, head, course, mark, tries, minutes):
    item = compiled(tmp_path, assignment(head), course).outline.item(KEY)
    assert (item.quiz.pass_mark, item.quiz.tries, item.minutes) == (mark, tries, minutes)


@pytest.mark.parametrize(
    "head",
    [
        "kumpul: pos", "berkas: exe", "berkas: [pdf, exe]", "maks: 30 MB", "tenggat: besok", "kelompok: mungkin", "penilai: guru",
        "kumpul: teks\nkata: banyak", "percobaan: 0", "menit: lama", "nilai-lulus: 165",
    ],
)  # fmt: skip
def test_unreadable_front_matter_is_an_error_with_an_example(tmp_path, head):
    line = 4 + head.count("\n")
    root = write_course(tmp_path, {FILE: assignment(head + "\n")})
    [problem] = [problem for problem in check_course(load_course(root)) if problem.file == FILE]
    assert (problem.code, problem.line) == ("K008", line)
    assert problem.help.startswith("tulis ")


@pytest.mark.parametrize(
    ("head", "found"),
    [
        ("kumpul: tautan\nberkas: pdf\nmaks: 5 MB\nkata: 100", [("K086", 5), ("K086", 6), ("K086", 7)]),
        ("kata: 100", [("K086", 4)]),
        ("kumpul: teks\nkata: 100", []),
        ("tenggt: 14 hari", [("K007", 4)]),
    ],
)
def test_front_matter_without_effect_is_told(tmp_path, head, found):
    assert codes(tmp_path, assignment(head + "\n")) == found


def test_id_of_the_question_is_the_author_s_or_follows_from_the_key(tmp_path):
    written = assignment(body="# Rencana aksi {#rencana}\n\nSusun.\n")
    assert list(compiled(tmp_path / "a", written).questions) == ["rencana"]
    ids = [question_id(key) for key in ("standar/rencana-aksi", "standar-rencana/aksi", "a", "x" * 250, "modul/" + "9" * 60)]
    assert all(re.fullmatch(r"[a-z0-9][a-z0-9-]{1,39}", id) for id in ids)
    assert len(set(ids)) == 5
    renamed = {"03-lain/09-apa-saja.md": assignment(f"id: {KEY}\n", "# Judul lain\n\nUraian lain.\n")}
    assert list(compile_course(load_course(write_course(tmp_path / "b", renamed))).questions) == [ids[0]]


def test_id_of_the_question_is_checked_like_any_other(tmp_path):
    assert codes(tmp_path / "a", assignment(body=f"# Rencana {{#A B}}\n\n{RUBRIC}")) == [("K031", 6)]
    twin = {"01-asas/03-kuis.md": "---\njenis: kuis\n---\n## Soal 1: A? {#rencana}\n\nJawaban: 1\n\nPembahasan: ya\n"}
    root = write_course(tmp_path / "b", twin | {FILE: assignment(body=f"# Rencana {{#rencana}}\n\n{RUBRIC}")})
    assert [(p.code, p.file, p.line, p.column) for p in check_course(load_course(root)) if p.code == "K030"] == [
        ("K030", FILE, 6, 13)
    ]


@pytest.mark.parametrize(
    ("body", "html", "headings"),
    [
        ("", "", ()),
        ("Tanpa judul.", "<p>Tanpa judul.</p>", ()),
        (f"# T\n\nSatu.\n\n{RUBRIC}\n## Templat\n\nDua.", '<p>Satu.</p>\n<h2 id="b-templat">Templat</h2>\n<p>Dua.</p>', (("b-templat", "Templat"),)),
        (f"# T\n\n{RUBRIC.replace('Rubrik:', '## Rubrik')}\nDua.", "<p>Dua.</p>", ()),
        ("# T\n\n## Soal studi kasus\n\nSatu.", '<h2 id="b-soal-studi-kasus">Soal studi kasus</h2>\n<p>Satu.</p>', (("b-soal-studi-kasus", "Soal studi kasus"),)),
        ("# T\n\n## Soal 1: Hitung.\n\nSatu.", '<h2 id="b-soal-1-hitung">Soal 1: Hitung.</h2>\n<p>Satu.</p>', (("b-soal-1-hitung", "Soal 1: Hitung."),)),
    ],
)  # fmt: skip
def test_brief_is_the_body_without_title_and_rubric(tmp_path, body, html, headings):
    page = compiled(tmp_path, assignment(body=body)).pages[KEY]
    assert ("".join(part.html for part in page.parts), page.headings) == (html, headings)


def test_title_of_any_shape_stands_as_it_is(tmp_path):
    text = assignment().replace("Rencana aksi unit", '"1. Rencana *aksi* <b> & [x](y)"')
    assert compiled(tmp_path, text).questions[question_id(KEY)].public.stem == (
        "<p>1. Rencana *aksi* &lt;b&gt; &amp; [x](y)</p>",
    )


def test_question_with_an_answer_inside_a_brief_is_an_error(tmp_path):
    body = f"# T\n\n{RUBRIC}\n## Soal 1: A?\n\n- [x] a\n- [ ] b\n\nPembahasan: ya\n"
    assert codes(tmp_path, assignment(body=body)) == [("K032", 14), ("K084", 14)]


def test_assignment_without_rubric_is_told(tmp_path):
    assert codes(tmp_path, assignment(body="# T\n\nSusun.\n")) == [("K081", 6)]


@pytest.mark.parametrize(
    ("head", "course", "wanted"),
    [
        ("", "", [CompletionPart.ALL_LESSONS, CompletionPart.ASSIGNMENTS]),
        ("wajib: tidak\n", "", [CompletionPart.ALL_LESSONS]),
        ("", "lulus-bila: [tugas]\n", [CompletionPart.ASSIGNMENTS]),
    ],
)
def test_required_assignment_counts_for_completion(tmp_path, head, course, wanted):
    outline = compiled(tmp_path, assignment(head), course).outline
    assert list(outline.completion) == wanted


def test_parts_of_a_course_without_assignments_are_told(tmp_path):
    root = write_course(tmp_path, {"course.yml": "judul: A\nlulus-bila: [tugas]\nbobot: {kuis: 50, tugas: 50}\n"})
    found = [(problem.code, problem.line) for problem in check_course(load_course(root)) if problem.code in ("K086", "K115")]
    assert found == [("K115", 2), ("K086", 3), ("K086", 3)]


def test_links_lead_to_an_assignment_and_from_it(tmp_path):
    files = {FILE: assignment(body="# T\n\n[m](../01-asas/01-materi.md)\n"), "01-asas/01-materi.md": f"# M\n\n[t](../{FILE})\n"}
    course = compile_course(load_course(write_course(tmp_path, files)))
    assert course.pages["asas/materi"].parts[0].html == f'<p><a href="/pelatihan/contoh/kuis/{KEY}">t</a></p>'
    assert course.pages[KEY].parts[0].html == '<p><a href="/pelatihan/contoh/asas/materi">m</a></p>'
