"""The golden parse of the format's own example, the twelve ways Windows saves it, and the shape of a folder."""

from decimal import Decimal
from pathlib import Path

import pytest

from lms.content.check import check_course
from lms.content.compile_questions import joined
from lms.content.nodes import QuestionNode
from lms.content.parse import load_course
from lms.content.types import Level, QuestionKind, Scale
from tests.content.course_files import quiz, write_course, write_files

GOLDEN = Path(__file__).with_name("all_kinds.md")


def questions(text: str | bytes, tmp_path: Path) -> list[QuestionNode]:
    path = tmp_path / "kuis.md"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return list(load_course(path).course.files[0].questions())


def shape(question: QuestionNode) -> tuple[object, ...]:
    """Everything a question means, without places."""
    return (
        question.id, question.kind, question.points, question.unit, joined(question.stem).strip(),
        [(option.is_correct, joined(option.text).strip(), joined(option.feedback).strip(), option.is_pinned) for option in question.options],
        [(answer.text, answer.low, answer.high) for answer in question.answers],
        [(pair.left, pair.right) for pair in question.pairs],
        [joined(step.text).strip() for step in question.steps],
        [(blank.choices, blank.correct, [(answer.text, answer.low, answer.high) for answer in blank.answers]) for blank in question.blanks],
        joined(question.explanation).strip(),
        [(joined(each.name), each.weight, [(level.points, joined(level.text)) for level in each.levels]) for each in question.rubric],
        question.scale, [joined(statement.text).strip() for statement in question.statements],
        question.fewest_words, question.most_words, question.file_types, question.most_bytes,
    )  # fmt: skip


def test_golden_example_reads_every_kind(tmp_path):
    found = questions(GOLDEN.read_text("utf-8"), tmp_path)
    assert [(q.id, q.kind, q.points, q.line) for q in found] == [
        ("asas-utama", QuestionKind.SINGLE, 100, 10),
        ("asas-pilih", QuestionKind.MULTIPLE, 200, 20),
        ("standar-wajib", QuestionKind.TRUE_FALSE, 100, 28),
        ("dukcapil", QuestionKind.TEXT, 100, 33),
        ("turun-persen", QuestionKind.NUMBER, 200, 37),
        ("jodoh-asas", QuestionKind.MATCHING, 300, 43),
        ("urut-standar", QuestionKind.ORDERING, 200, 50),
        ("rumpang-uu", QuestionKind.CLOZE, 200, 58),
        ("esai-antrean", QuestionKind.ESSAY, 1000, 63),
        ("unggah-standar", QuestionKind.FILE, 500, 79),
        ("kepuasan", QuestionKind.SCALE, 0, 94),
        ("tempat-kerja", QuestionKind.POLL, 0, 101),
        ("hambatan", QuestionKind.OPEN, 0, 109),
    ]


def test_golden_example_reads_work_that_people_mark_and_survey_questions(tmp_path):
    found = {question.id: question for question in questions(GOLDEN.read_text("utf-8"), tmp_path)}
    assert shape(found["esai-antrean"])[3:] == (
        "", "Uraikan tiga perbaikan antrean di unit Anda.", [], [], [], [], [], "",
        [
            ("Ketepatan analisis", 4000, [(400, "Data antrean lengkap dan akar masalah tepat"), (200, "Sebagian data")]),
            ("Kelayakan usulan", 4000, [(400, "Dapat dijalankan tanpa anggaran baru")]),
            ("Bahasa", 2000, [(400, "Runtut dan jelas")]),
        ],
        None, [], 100, 300, (), 0,
    )  # fmt: skip
    assert shape(found["unggah-standar"])[11:] == (
        [
            ("Kelengkapan *komponen*", 6000, [(400, "Sangat baik: Semua komponen"), (200, "Sebagian")]),
            ("Keterbacaan", 4000, [(400, "Sangat baik: Dipahami | diingat warga"), (200, "")]),
        ],
        None, [], 0, 0, ("pdf", "docx"), 5_000_000,
    )  # fmt: skip
    assert shape(found["kepuasan"])[12:14] == (
        Scale(1, 5, ("Sangat tidak setuju", "Sangat setuju")),
        ["Materi sesuai dengan **pekerjaan** saya", "Saya akan menerapkannya bulan ini"],
    )
    assert [joined(option.text) for option in found["tempat-kerja"].options] == ["Loket", "Kantor kelurahan", "Lainnya"]


def test_golden_example_reads_options_feedback_and_explanation(tmp_path):
    first = questions(GOLDEN.read_text("utf-8"), tmp_path)[0]
    assert shape(first)[4:6] == (
        "Apa asas utama pelayanan publik menurut UU 25/2009?",
        [
            (True, "Kepentingan umum", "Tepat. Pasal 4 huruf a.", False),
            (False, "Keuntungan instansi", "Bukan. Pelayanan publik tidak berorientasi laba.", False),
            (False, "Kerahasiaan prosedur", "", False),
        ],
    )
    assert joined(first.explanation) == "Pasal 4 memuat dua belas asas."


def test_golden_example_reads_answers_of_the_other_kinds(tmp_path):
    found = {question.id: question for question in questions(GOLDEN.read_text("utf-8"), tmp_path)}
    assert [answer.text for answer in found["dukcapil"].answers] == ["Dukcapil", "Disdukcapil"]
    assert [(answer.low, answer.high) for answer in found["turun-persen"].answers] == [("70.3", "71.3")]
    assert found["turun-persen"].unit == "%"
    assert [(pair.left, pair.right) for pair in found["jodoh-asas"].pairs] == [
        ("Keterbukaan", "Biaya layanan ditempel di loket"),
        ("Ketepatan waktu", "KTP selesai dalam satu hari kerja"),
        ("Kesamaan hak", "Tidak membedakan suku dan agama"),
        ("", "Pegawai pulang lebih awal"),
    ]
    assert [joined(step.text).strip() for step in found["urut-standar"].steps] == [
        "Identifikasi layanan",
        "Susun rancangan bersama masyarakat",
        "Tetapkan standar",
    ]
    blanks = found["rumpang-uu"].blanks
    assert [(blank.choices, blank.correct) for blank in blanks] == [
        ((), -1),
        ((), -1),
        (("Ombudsman", "Mahkamah Agung", "BPK"), 0),
    ]


def _extra_blanks(text: str) -> str:
    head, _, body = text.partition("\n---\n")
    return head + "\n---\n" + body.replace("\n", "\n\n").replace("diteruskan ke\n\n", "diteruskan ke\n")


VARIANTS = {
    "crlf": lambda text: text.replace("\n", "\r\n"),
    "cr": lambda text: text.replace("\n", "\r"),
    "bom": lambda text: b"\xef\xbb\xbf" + text.encode(),
    "utf16": lambda text: text.encode("utf-16"),
    "nbsp": lambda text: (
        text.replace("- [", "-\u00a0[").replace("## Soal ", "##\u00a0Soal\u00a0").replace("Jawaban: ", "Jawaban:\u00a0")
    ),
    "tabs": lambda text: text.replace("    >", "\t>").replace("- [x] ", "-\t[x]\t").replace("    - 4", "\t- 4"),
    "trailing": lambda text: text.replace("\n", "   \n"),
    "stars": lambda text: text.replace("\n- ", "\n* "),
    "word": lambda text: text.replace("\n- [", "\n• [").replace("\n- K", "\n• K").replace("\n- ->", "\n• ->"),
    "blank": _extra_blanks,
    "capital": lambda text: text.replace("[x]", "[X]"),
    "narrow": lambda text: text.replace("    >", "  >"),
}


@pytest.mark.parametrize("name", VARIANTS)
def test_twelve_ways_of_saving_give_identical_questions(tmp_path, name):
    text = GOLDEN.read_text("utf-8")
    assert [shape(q) for q in questions(VARIANTS[name](text), tmp_path)] == [shape(q) for q in questions(text, tmp_path)]


ANSWERS = [
    ("10..15", QuestionKind.NUMBER, [("10", "15")]),
    ("Rp1.250.000", QuestionKind.NUMBER, [("1250000", "1250000")]),
    ("-5 ± 0,25", QuestionKind.NUMBER, [("-5.25", "-4.75")]),
    ("3 hari", QuestionKind.NUMBER, [("3", "3")]),
    ("10 | 20", QuestionKind.NUMBER, [("10", "10"), ("20", "20")]),
    ('"2009"', QuestionKind.TEXT, [("", "")]),
    ("5 Maret", QuestionKind.TEXT, [("", "")]),
    ("2009 | dua ribu sembilan", QuestionKind.TEXT, [("2009", "2009"), ("", "")]),
]


@pytest.mark.parametrize(("written", "kind", "bounds"), ANSWERS)
def test_answer_is_a_number_only_when_it_reads_as_one(tmp_path, written, kind, bounds):
    (question,) = questions(f"## Soal 1: Apa?\n\nJawaban: {written}\n", tmp_path)
    assert (question.kind, [(answer.low, answer.high) for answer in question.answers]) == (kind, bounds)


def test_relative_tolerance_widens_by_per_cent(tmp_path):
    (question,) = questions("## Soal 1: Berapa?\n\nJawaban: 200\n\nToleransi: 2% relatif\n", tmp_path)
    assert [(Decimal(answer.low), Decimal(answer.high)) for answer in question.answers] == [(196, 204)]


def test_answers_may_be_a_list_and_keywords_english(tmp_path):
    text = "## Question 1 (2 points): Apa?\n\nAnswer:\n\n- KTP\n- Kartu tanda penduduk\n\nMatch: similar 90\n\nHint: satu\n\nHint: dua\n"
    (question,) = questions(text, tmp_path)
    assert [answer.text for answer in question.answers] == ["KTP", "Kartu tanda penduduk"]
    assert (question.points, question.match, [joined(hint) for hint in question.hints]) == (200, "similar 90", ["satu", "dua"])


def test_numbered_list_in_a_stem_is_not_an_ordering(tmp_path):
    (question,) = questions("## Soal 1: Baca.\n\n1. satu\n2. dua\n3. tiga\n\nMana?\n\n- [x] a\n- [ ] b\n", tmp_path)
    assert question.kind is QuestionKind.SINGLE
    assert [line for line in joined(question.stem).split("\n") if line] == ["Baca.", "1. satu", "2. dua", "3. tiga", "Mana?"]


def test_option_with_several_blocks_keeps_them(tmp_path):
    text = "## Soal 1: Apa?\n\n- [x] satu\n  lanjut\n\n    alinea dua\n\n    > baik\n    > sekali\n- [ ] (terakhir) tidak ada\n"
    (question,) = questions(text, tmp_path)
    first, last = question.options
    assert joined(first.text) == "satu\nlanjut\n\nalinea dua"
    assert (joined(first.feedback), last.is_pinned, joined(last.text)) == ("baik\nsekali", True, "tidak ada")


def test_question_inside_code_or_comment_is_not_a_question(tmp_path):
    text = (
        "# K\n\n```\n## Soal 1: contoh\n```\n\n<!--\n## Soal 2: disimpan\n\n- [x] a\n-->\n\n## Soal 3: Apa?\n\n- [x] a\n- [ ] b\n"
    )
    assert [question.line for question in questions(text, tmp_path)] == [13]


def test_heading_that_only_begins_with_soal_stays_text(tmp_path):
    path = (
        write_files(
            tmp_path,
            {"a.md": "# A\n\n## Soal jawab dengan warga\n\nWarga bertanya.\n\n## Soal pilihan berikut\n\n- [x] a\n- [ ] b\n"},
        )
        / "a.md"
    )
    node = load_course(path).course.files[0]
    assert [question.line for question in node.questions()] == [7]


def test_group_takes_deeper_questions_and_a_draw_from_a_bank(tmp_path):
    body = "## Kelompok: Satu (ambil 1)\n\n### Soal 1: A?\n\n- [x] a\n- [ ] b\n\n### Soal 2: B?\n\n- [x] a\n- [ ] b\n\n"
    body += "## Kelompok: Dua (ambil 3 dari bank/etika.md tag suap) {#dua}\n\n## Soal 3: C?\n\n- [x] a\n- [ ] b\n"
    root = write_course(tmp_path, {"01-asas/03-kuis.md": quiz(body)})
    node = next(node for node in load_course(root).course.files if node.kind == "kuis")
    assert [(g.name, g.pick, g.bank, g.tag, g.id, len(g.questions)) for g in node.groups()] == [
        ("Satu", 1, "", "", "", 2),
        ("Dua", 3, "bank/etika.md", "suap", "dua", 0),
    ]


def test_kelompok_heading_in_a_lesson_is_an_ordinary_heading(tmp_path):
    path = write_files(tmp_path, {"a.md": "# A\n\n## Kelompok: petani (12 orang)\n\nIsi.\n"}) / "a.md"
    loaded = load_course(path)
    assert (list(loaded.course.files[0].groups()), check_course(loaded)) == ([], [])


def test_keys_leave_out_number_prefixes_and_items_come_in_order(tmp_path):
    extra = {
        "posttest.md": quiz("## Soal 1: A?\n\n- [x] a\n- [ ] b\n").replace("kuis", "posttest"),
        "02b-lanjut/10-z.md": "# Z\n",
        "02-tengah/2-a.md": "# A\n",
    }
    extra |= {
        "pretest.md": quiz("## Soal 1: A?\n\n- [x] a\n- [ ] b\n").replace("kuis", "pretest"),
        "02b-lanjut/9-b.md": "---\nid: lama/nama\n---\n# B\n",
    }
    course = load_course(write_course(tmp_path, extra)).course
    assert [node.key for node in course.files] == ["pretest", "asas/materi", "tengah/a", "lama/nama", "lanjut/z", "posttest"]


def test_strangers_folder_without_manifest_is_read(tmp_path):
    loaded = load_course(
        write_files(tmp_path, {"Readme.md": "# Hai\n", "Some Notes.md": "Title\n=====\n\ntext\n", "deep/er/x.md": "# X\n"})
    )
    assert (loaded.course.is_course, [(node.key, node.title) for node in loaded.course.files]) == (
        False,
        [("deep/er/x", "X"), ("some-notes", "Title")],
    )
    assert [problem for problem in check_course(loaded) if problem.level is Level.ERROR] == []


def test_suppression_comment_silences_the_next_line_only(tmp_path):
    text = "# M\n\n<!-- lms: abaikan K102 -->\n![](media/loket.png)\n\n![](media/loket.png)\n"
    root = write_course(tmp_path, {"01-asas/01-materi.md": text})
    assert [
        (problem.line, problem.code) for problem in check_course(load_course(root)) if problem.file.endswith("materi.md")
    ] == [(6, "K102")]
