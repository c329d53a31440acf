"""The compiled course: order, keys apart from what is shown, hashes, minutes, media."""

import contextlib
import io
import random
from pathlib import Path

import pytest
from PIL import Image

from lms.content.assignments import Criterion, RubricLevel
from lms.content.compile import Cache, CannotCompile, compile_course, render_warnings
from lms.content.media import MediaRefused, clean_picture
from lms.content.parse import load_course
from lms.content.types import (
    BlankKind,
    CompletionPart,
    DoneWhen,
    Draw,
    FeedbackPolicy,
    ItemKind,
    QuestionKey,
    QuestionKind,
    Scale,
)
from lms.shared.codec import decode, encode
from tests.content.course_files import quiz, write_course

GOLDEN = Path(__file__).with_name("all_kinds.md").read_text("utf-8")
TEST = "---\njudul: {0}\njenis: {0}\n---\n\n## Kelompok: Etika (ambil 1 dari bank/etika.md)\n"
LESSON = """---
tujuan: [Menyebut asas]
selesai-bila: soal-benar
---

# Dua *belas* asas

Awal, lihat [bawah](#bagian-dua), [kuis](03-kuis.md), [judul](01-materi.md), [luar](https://contoh.go.id), [formulir](../berkas/f.pdf).

### Soal: Siapa? {#siapa}

- [x] Penyelenggara
- [ ] Masyarakat

## Bagian dua

![Loket](media/loket.png "Gambar 1. Loket")

[▶ Video: Sambutan (4 menit)](media/lengkap.mp4)

[Tabel: Rekap](../data/ikm.csv)
"""


@pytest.fixture(scope="module")
def compiled(tmp_path_factory):
    files = {
        "01-asas/02-asas.md": LESSON,
        "01-asas/03-kuis.md": GOLDEN,
        "pretest.md": TEST.format("pretest"),
        "posttest.md": TEST.format("posttest"),
        "berkas/f.pdf": b"%PDF-1.4",
        "data/ikm.csv": "Unsur;Nilai\nWaktu;3,2\n",
        "README.md": "# Selamat datang\n\nUntuk siapa.\n",
    }
    return compile_course(load_course(write_course(tmp_path_factory.mktemp("kursus"), files)))


def test_items_come_pretest_first_and_posttest_last(compiled):
    assert [(item.key, item.kind) for item in compiled.outline.items] == [
        ("pretest", ItemKind.PRETEST),
        ("asas/materi", ItemKind.LESSON),
        ("asas/asas", ItemKind.LESSON),
        ("asas/kuis", ItemKind.QUIZ),
        ("posttest", ItemKind.POSTTEST),
    ]


def test_rules_follow_the_kind(compiled):
    rules = {item.key: item.quiz for item in compiled.outline.items if item.quiz}
    assert (rules["pretest"].pass_mark, rules["pretest"].tries, rules["pretest"].feedback) == (0, 1, FeedbackPolicy.NEVER)
    assert (rules["posttest"].pause_seconds, rules["posttest"].feedback) == (86400, FeedbackPolicy.AFTER_PASS)
    assert rules["pretest"].draws == (Draw(("b-gratifikasi", "b-penerima"), 1, "Etika"),)
    assert (rules["asas/kuis"].question_count, rules["asas/kuis"].points_total, rules["asas/kuis"].tries) == (13, 2900, 3)
    assert len(compiled.questions) == 13 + 1 + 2


def test_work_that_people_mark_is_compiled_with_its_rubric(compiled):
    essay, upload = compiled.questions["esai-antrean"].public, compiled.questions["unggah-standar"].public
    assert (essay.kind, essay.points, essay.stem, essay.fewest_words, essay.most_words) == (
        QuestionKind.ESSAY, 1000, ("<p>Uraikan tiga perbaikan antrean di unit Anda.</p>",), 100, 300,
    )  # fmt: skip
    assert [(each.name, each.weight) for each in essay.rubric] == [
        ("Ketepatan analisis", 4000), ("Kelayakan usulan", 4000), ("Bahasa", 2000),
    ]  # fmt: skip
    assert (upload.kind, upload.file_types, upload.most_bytes) == (QuestionKind.FILE, ("pdf", "docx"), 5_000_000)
    assert upload.rubric == (
        Criterion(
            "Kelengkapan <em>komponen</em>", 6000,
            (
                RubricLevel(400, "Sangat baik: Semua komponen"), RubricLevel(300), RubricLevel(200, "Sebagian"), RubricLevel(100),
                RubricLevel(0),
            ),
        ),
        Criterion(
            "Keterbacaan", 4000,
            (
                RubricLevel(400, "Sangat baik: Dipahami | diingat warga"), RubricLevel(300), RubricLevel(200), RubricLevel(100),
                RubricLevel(0),
            ),
        ),
    )  # fmt: skip


def test_survey_questions_are_compiled_without_points_or_key(compiled):
    scale, poll, opinion = (compiled.questions[id] for id in ("kepuasan", "tempat-kerja", "hambatan"))
    assert (scale.public.scale, scale.public.statements, scale.public.points) == (
        Scale(1, 5, ("Sangat tidak setuju", "Sangat setuju")),
        ("Materi sesuai dengan <strong>pekerjaan</strong> saya", "Saya akan menerapkannya bulan ini"),
        0,
    )
    assert (poll.public.kind, poll.public.options, poll.public.shuffle) == (
        QuestionKind.POLL, ("Loket", "Kantor kelurahan", "Lainnya"), False,
    )  # fmt: skip
    assert (opinion.public.kind, opinion.public.stem) == (
        QuestionKind.OPEN, ("<p>Apa yang menghambat penerapan di unit Anda?</p>",),
    )  # fmt: skip
    assert [question.key for question in (scale, opinion)] == [QuestionKey(), QuestionKey()]


def test_lesson_page_has_no_title_and_the_question_in_its_place(compiled):
    page = compiled.pages["asas/asas"]
    assert [part.question_id or "html" for part in page.parts] == ["html", "siapa", "html"]
    assert page.headings == (("b-bagian-dua", "Bagian dua"),)
    assert "<h1" not in "".join(part.html for part in page.parts)
    assert "Penyelenggara" not in page.text and "Loket" in page.text


def test_links_lead_to_final_addresses(compiled):
    first = compiled.pages["asas/asas"].parts[0].html
    assert '<a href="#b-bagian-dua">bawah</a>' in first
    assert '<a href="/pelatihan/contoh/kuis/asas/kuis">kuis</a>' in first
    assert '<a href="/pelatihan/contoh/asas/materi">judul</a>' in first
    assert (
        '<a href="https://contoh.go.id" class="luar" rel="noopener noreferrer nofollow">luar<span class="sr"> (situs luar)</span></a>'
        in first
    )


def test_pictures_players_tables_and_attachments_are_dressed(compiled):
    last = compiled.pages["asas/asas"].parts[2].html
    by_name = {media.name: media for media in compiled.media}
    assert (
        f'<figure><img src="{by_name["loket.png"].url}" alt="Loket" width="40" height="20" loading="lazy" decoding="async">'
        in last
    )
    assert (
        f'<video controls preload="none"><source src="{by_name["lengkap.mp4"].url}" type="video/mp4"><track kind="captions"'
        in last
    )
    assert "<caption>Rekap</caption>" in last and '<th scope="col">Unsur</th>' in last
    item = compiled.outline.item("asas/asas")
    assert [(attachment.title, attachment.url) for attachment in item.attachments] == [("formulir", by_name["f.pdf"].url)]


def test_lesson_item_is_measured(compiled):
    item = compiled.outline.item("asas/asas")
    assert (item.minutes, item.done_when, item.objectives, item.question_ids) == (
        6,
        DoneWhen.CORRECT,
        ("Menyebut asas",),
        ("siapa",),
    )
    assert 4_000 < item.size_bytes < 8_000


def test_completion_defaults_to_everything_there_is(compiled):
    assert compiled.outline.completion == (CompletionPart.ALL_LESSONS, CompletionPart.ALL_QUIZZES, CompletionPart.POSTTEST)


def test_cloze_is_split_at_its_gaps(compiled):
    question = compiled.questions["rumpang-uu"]
    assert question.public.stem == (
        "<p>UU Nomor ",
        " Tahun ",
        " mengatur pelayanan publik. Pengaduan dapat diteruskan ke\n",
        ".</p>",
    )
    assert [blank.kind for blank in question.public.blanks] == [BlankKind.NUMBER, BlankKind.NUMBER, BlankKind.CHOICE]
    assert [blank.choice for blank in question.key.blanks] == [-1, -1, 0]


def test_matching_and_ordering_are_sorted_by_text(compiled):
    matching, ordering = compiled.questions["jodoh-asas"], compiled.questions["urut-standar"]
    assert matching.public.rights == tuple(sorted(matching.public.rights))
    assert [matching.public.rights[index] for index in matching.key.pairs] == [
        "Biaya layanan ditempel di loket", "KTP selesai dalam satu hari kerja", "Tidak membedakan suku dan agama",
    ]  # fmt: skip
    assert ordering.public.steps == ("Identifikasi layanan", "Susun rancangan bersama masyarakat", "Tetapkan standar")
    assert [ordering.public.steps[index] for index in ordering.key.order] == [
        "Identifikasi layanan", "Susun rancangan bersama masyarakat", "Tetapkan standar",
    ]  # fmt: skip


def test_compiled_course_survives_json(compiled):
    assert decode(type(compiled.outline), encode(compiled.outline)) == compiled.outline
    for question in compiled.questions.values():
        assert decode(type(question), encode(question)) == question


def one(tmp_path, body, name):
    root = write_course(tmp_path / name, {"01-asas/03-kuis.md": quiz(body)})
    return compile_course(load_course(root)).questions["q1"]


KEYS = [
    ("## Soal 1: A? {#q1}\n\n- [x] a\n- [ ] b\n- [ ] c\n", "## Soal 1: A? {#q1}\n\n- [ ] a\n- [x] b\n- [ ] c\n"),
    ("## Soal 1: A? {#q1}\n\nJawaban: satu\n", "## Soal 1: A? {#q1}\n\nJawaban: dua\n"),
    ("## Soal 1: A? {#q1}\n\nJawaban: 1 ± 1\n", "## Soal 1: A? {#q1}\n\nJawaban: 5..9\n"),
    ("## Soal 1: A? {#q1}\n\n- a -> 1\n- b -> 2\n- -> 3\n", "## Soal 1: A? {#q1}\n\n- a -> 3\n- b -> 1\n- -> 2\n"),
    ("## Soal 1: A? {#q1}\n\nJenis: urutan\n\n1. a\n2. b\n3. c\n", "## Soal 1: A? {#q1}\n\nJenis: urutan\n\n1. c\n2. b\n3. a\n"),
    ("## Soal 1: A? {#q1}\n\nIa [[satu]] dan [[*a | b]].\n", "## Soal 1: A? {#q1}\n\nIa [[dua]] dan [[a | *b]].\n"),
]


@pytest.mark.parametrize(("left", "right"), KEYS)
def test_public_side_is_the_same_whatever_the_key(tmp_path, left, right):
    first, second = one(tmp_path, left, "a"), one(tmp_path, right, "b")
    assert encode(first.public) == encode(second.public)
    assert first.key != second.key
    assert first.full_hash != second.full_hash and first.meaning_hash != second.meaning_hash


def test_meaning_hash_ignores_wording_and_order_but_not_the_key(tmp_path):
    base = one(tmp_path, "## Soal 1: A? {#q1}\n\n- [x] satu\n    > baik\n- [ ] dua\n", "a")
    reworded = one(tmp_path, "## Soal 1: Apakah A? {#q1}\n\n- [ ] dua\n- [x] satu\n", "b")
    assert (base.meaning_hash == reworded.meaning_hash, base.full_hash == reworded.full_hash) == (True, False)


def test_trailing_blanks_and_place_change_no_hash(tmp_path):
    base = one(tmp_path, "## Soal 1: A? {#q1}\n\nTeks\nlanjut\n\n- [x] satu\n- [ ] dua\n", "a")
    moved = one(tmp_path, "Pengantar.\n\n## Soal 7: A? {#q1}\n\nTeks  \nlanjut \n\n\n- [X] satu  \n- [ ] dua\n", "b")
    assert (base.full_hash, base.text) == (moved.full_hash, moved.text)


@pytest.mark.parametrize(
    ("text", "html", "title"),
    [
        ("Tanpa judul.", "<p>Tanpa judul.</p>", "Polos"),
        ("Judul\n=====\n\nIsi.", "<p>Isi.</p>", "Judul"),
        ("## Dua\n\nIsi.", '<h2 id="b-dua">Dua</h2>\n<p>Isi.</p>', "Dua"),
        ("# Satu\n\n# Lagi {#x}", '<h2 id="b-lagi">Lagi</h2>', "Satu"),
        ("satu  \ndua", "<p>satu<br>\ndua</p>", "Polos"),
        ("", "", "Polos"),
    ],
)
def test_page_of_any_shape_has_its_title_apart(tmp_path, text, html, title):
    course = compile_course(load_course(write_course(tmp_path, {"01-asas/02-polos.md": text})))
    item = course.outline.item("asas/polos")
    assert (item.title, "".join(part.html for part in course.pages[item.key].parts)) == (title, html)


def test_question_without_id_gets_the_same_one_each_time(tmp_path):
    root = write_course(tmp_path, {"01-asas/03-kuis.md": quiz("## Soal 1: A?\n\n- [x] a\n- [ ] b\n")})
    first, second = (compile_course(load_course(root)) for _ in range(2))
    assert list(first.questions) == list(second.questions)
    assert list(first.questions)[-1].startswith("p-")


def test_cache_gives_the_same_course_and_sees_changes(tmp_path):
    root = write_course(tmp_path, {"01-asas/02-asas.md": "# A\n\nlama ![x](media/loket.png)\n"})
    cache = Cache()
    assert (
        compile_course(load_course(root), cache) == compile_course(load_course(root), cache) == compile_course(load_course(root))
    )
    (root / "01-asas/02-asas.md").write_text("# A\n\nbaru\n")
    assert compile_course(load_course(root), cache).pages["asas/asas"].text == "baru"
    cache.close()


def test_bank_outside_the_folder_needs_permission(tmp_path):
    (tmp_path / "rahasia").mkdir()
    (tmp_path / "rahasia" / "lain.md").write_text("## Soal 1: A? {#lain}\n\n- [x] a\n- [ ] b\n")
    root = write_course(tmp_path / "kursus", {"course.yml": "judul: A\nbank: ../rahasia\n"})
    assert (sorted(load_course(root).course.banks), sorted(load_course(root, may_leave_folder=True).course.banks)) == (
        ["bank/etika.md"], ["bank/etika.md", "bank/lain.md"],
    )  # fmt: skip


@pytest.mark.parametrize("href", ["../../rahasia.pdf", "media/jalan.pdf"])
def test_files_outside_the_folder_are_never_published(tmp_path, href):
    (tmp_path / "rahasia.pdf").write_bytes(b"%PDF rahasia")
    root = write_course(tmp_path / "kursus", {"01-asas/02-asas.md": f"# A\n\n[x]({href})\n"})
    (root / "01-asas/media/jalan.pdf").symlink_to(tmp_path / "rahasia.pdf")
    (root / "course.yml").unlink()
    assert [problem.code for problem in render_warnings(load_course(root))] in ([], ["K100"])
    with contextlib.suppress(CannotCompile):
        assert compile_course(load_course(root)).media == ()


def test_whole_course_compiles_the_same_twice(tmp_path):
    root = write_course(
        tmp_path,
        {"01-asas/03-kuis.md": GOLDEN, "01-asas/02-asas.md": LESSON, "berkas/f.pdf": b"%PDF", "data/ikm.csv": "a;b\n1;2"},
    )
    assert compile_course(load_course(root)) == compile_course(load_course(root))


def picture(kind: str, **options: object) -> bytes:
    noise = random.Random(5)
    image = Image.frombytes("RGB", (64, 48), bytes(noise.randrange(256) for _ in range(64 * 48 * 3)))
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


def test_pictures_lose_camera_data_and_never_grow():
    exif = Image.Exif()
    exif[0x010F] = "Kamera rahasia"
    for kind in ("JPEG", "PNG", "WEBP"):
        content = picture(kind, exif=exif.tobytes())
        made, _, width, height = clean_picture(content)
        assert (b"Kamera rahasia" in made, len(made) <= len(content), width, height) == (False, True, 64, 48), kind


def test_turned_picture_is_turned_and_a_wide_one_made_smaller():
    exif = Image.Exif()
    exif[0x0112] = 6
    assert clean_picture(picture("JPEG", exif=exif.tobytes()))[2:] == (48, 64)
    stream = io.BytesIO()
    Image.new("RGB", (3200, 100)).save(stream, "PNG")
    assert clean_picture(stream.getvalue())[2:] == (1600, 50)


@pytest.mark.parametrize("content", [b"", b"<svg/>", b"\x89PNG\r\n\x1a\n" + b"x" * 99, picture("PNG")[:300]])
def test_broken_pictures_are_refused(content):
    with pytest.raises(MediaRefused):
        clean_picture(content)
