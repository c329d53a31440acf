"""The pages of `lms pratinjau`, asked without a browser: what is shown to whom, what is graded, who is refused."""

import re

import pytest
from flask import Flask

from lms.authoring.preview import CoursePreview
from lms.authoring.watch import Watch
from lms.web.preview_app import at_width, create_preview_app
from tests import seen
from tests.content.course_files import quiz, write_course, write_files
from tests.web_fixtures import BYTECODE, inspect

LESSON = "01-asas/01-materi.md"
TEXT = """# Materi

Isi materi. ![Loket](media/loket.png)

## Soal: Apa? {#apa}

- [x] Ini
    > Tepat.
- [ ] Itu
    > Keliru.

Pembahasan: sebab.
"""
QUIZ = """Petunjuk kuis.

## Soal 1: Berapa? {#berapa}

Jawaban: 70,8

Pembahasan: hitung.

## Kelompok: Etika (ambil 1 dari bank/etika.md)
"""
HOME, LESSON_URL, QUIZ_URL = "/pelatihan/contoh", "/pelatihan/contoh/asas/materi", "/pelatihan/contoh/kuis/asas/kuis"
KEYED = ("Tepat.", "sebab.", "hitung.")


@pytest.fixture
def folder(tmp_path):
    files = {
        LESSON: TEXT,
        "01-asas/02-kuis.md": quiz(QUIZ, "nilai-lulus: 50\n"),
        "01-asas/03-tersembunyi.md": "---\nsembunyi: ya\n---\n\n# Tersembunyi\n\nBelum terbit.\n",
        "istilah.md": "# Istilah\n\n**Suap**\n: Pemberian.\n",
        "README.md": "# Contoh\n\nKeterangan pelatihan.\n",
    }
    return write_course(tmp_path / "contoh", files)


@pytest.fixture
def previews(folder, tmp_path):
    other = write_course(tmp_path / "lain")
    made = {"contoh": CoursePreview(folder), "lain": CoursePreview(other)}
    yield made
    for preview in made.values():
        preview.close()


def make_app(previews) -> Flask:
    app = create_preview_app(Watch(previews))
    app.jinja_env.bytecode_cache = BYTECODE
    app.testing = True
    seen.watch(app)
    return app


@pytest.fixture
def app(previews):
    return make_app(previews)


@pytest.fixture
def client(app):
    return app.test_client()


def page(client, url: str, status: int = 200) -> str:
    answer = client.get(url, follow_redirects=True)
    assert (answer.status_code, inspect(answer.text)) == (status, [])
    return answer.text


def article(html: str) -> str:
    return html.partition('<main class="isi"')[2]


def action(html: str, question_id: str) -> str:
    """Where the form of a question sends its answer."""
    form = html.partition(f'id="periksa-{question_id}"')[2].partition("</form>")[0]
    return re.search(r'<form method="post" action="([^"]+)"', form)[1]


def token(html: str, words: str) -> str:
    return re.search(rf'value="([^"]+)"[^>]*><span>{words}', html)[1]


@pytest.mark.parametrize("view", ["peserta", "penulis"])
@pytest.mark.parametrize(
    "url", ["/", HOME, LESSON_URL, QUIZ_URL, f"{HOME}/asas/tersembunyi", f"{HOME}/bank/etika.md", f"{HOME}/istilah.md", f"{HOME}/01-asas/README.md"]
)  # fmt: skip
def test_page_is_whole_for_learner_and_author(client, url, view):
    client.get(f"/?sebagai={view}")
    html = page(client, url)
    assert ('<link rel="stylesheet"' in html, "<style" in html, "data-version=" in html) == (True, False, True)


def test_list_and_outline_lead_to_every_page(client):
    listed = page(client, "/")
    outline = page(client, HOME)
    assert [url in listed for url in (HOME, "/pelatihan/lain")] == [True, True]
    places = (
        LESSON_URL,
        QUIZ_URL,
        f"{HOME}/asas/tersembunyi",
        f"{HOME}/bank/etika.md",
        f"{HOME}/istilah.md",
        f"{HOME}/01-asas/README.md",
    )
    assert [place for place in places if f'href="{place}"' not in outline] == []
    assert ("Disembunyikan" in outline, "Keterangan pelatihan." in outline) == (True, True)


def test_style_of_the_phone_column_keeps_no_rule_for_wide_screens(client):
    style = client.get("/gaya.css")
    assert (style.status_code, style.mimetype) == (200, "text/css")
    assert ("body{" in style.text, "min-width:48em" in style.text) == (True, False)


def test_single_course_needs_no_list(previews):
    client = make_app({"contoh": previews["contoh"]}).test_client()
    assert (client.get("/").status_code, client.get("/").location) == (303, HOME)


def test_learner_sees_no_key_and_author_sees_keys_ids_points_and_places(client):
    learner = article(page(client, LESSON_URL)) + article(page(client, QUIZ_URL))
    assert [word for word in (*KEYED, "01-materi.md:5", "Keliru.") if word in learner] == []
    author = article(page(client, f"{LESSON_URL}?sebagai=penulis")) + article(page(client, QUIZ_URL))
    wanted = (
        *KEYED,
        "Keliru.",
        "01-asas/01-materi.md:5",
        "01-asas/02-kuis.md:9",
        "bank/etika.md:1",
        "<code>b-gratifikasi</code>",
        "1 poin",
        "70,8",
    )
    assert [word for word in wanted if word not in author] == []


def test_phone_is_the_default_and_wide_a_choice_that_stays(client):
    assert ('class="layar-ponsel"' in page(client, LESSON_URL), "/gaya.css" in page(client, LESSON_URL)) == (True, True)
    page(client, f"{LESSON_URL}?lebar=ya")
    assert ('class="layar-ponsel"' in page(client, QUIZ_URL), "/gaya.css" in page(client, QUIZ_URL)) == (False, False)


def test_phone_style_is_the_learners_style_at_360_pixels():
    style = "a{b:1}@media(max-width:40em){c{d:2}e{f:3}}@media(min-width:30em){g{h:4}}@media(max-width:20em){i{j:5}}@media print{k{l:6}}"
    assert at_width(style, 22.5) == "a{b:1}c{d:2}e{f:3}@media print{k{l:6}}"
    assert at_width(style, 64) == "a{b:1}g{h:4}@media print{k{l:6}}"


def test_check_in_a_lesson_is_graded_at_once_in_this_browser_only(app, client):
    html = page(client, LESSON_URL)
    answer = client.post(action(html, "apa"), data={"a": token(html, "Itu")})
    assert (answer.status_code, answer.location) == (303, f"{LESSON_URL}#periksa-apa")
    wrong = article(page(client, LESSON_URL))
    assert ("Belum tepat" in wrong, "Keliru." in wrong, "sebab." in wrong) == (True, True, False)
    client.post(action(html, "apa"), data={"a": token(html, "Ini")})
    right = article(page(client, LESSON_URL))
    assert ("Benar" in right, "Tepat." in right, "sebab." in right) == (True, True, True)
    assert "Tepat." not in article(page(app.test_client(), LESSON_URL))


def test_empty_and_too_long_answers_are_told_and_what_was_typed_stays(client):
    empty = client.post(f"{LESSON_URL}?soal=apa", data={})
    long = client.post(f"{QUIZ_URL}?soal=berapa", data={"t": "7" * 2001})
    assert (empty.status_code, "Belum ada jawaban yang diisi." in empty.text) == (400, True)
    assert (long.status_code, "paling banyak 2.000" in long.text, "7" * 2001 in long.text, inspect(long.text)) == (
        400,
        True,
        True,
        [],
    )


def test_quiz_lists_all_it_may_ask_and_is_graded_after_sending(client):
    html = page(client, QUIZ_URL)
    assert [html.count(f'id="periksa-{id}"') for id in ("berapa", "b-gratifikasi", "b-penerima")] == [1, 1, 1]
    assert "Etika: 1 dari 2 soal ini diambil" in html
    client.post(action(html, "berapa"), data={"t": "70,8"})
    client.post(action(html, "b-penerima"), data={"a": token(html, "Pegawai")})
    saved = article(page(client, QUIZ_URL))
    assert ("Tersimpan" in saved, "Benar" in saved) == (True, False)
    assert client.post(QUIZ_URL, data={"go": "kirim"}).location == f"{QUIZ_URL}#hasil"
    result = article(page(client, QUIZ_URL))
    assert ("Nilai 66,67" in result, "Lulus" in result, result.count("✓"), "hitung." in result) == (True, True, 2, True)
    client.post(QUIZ_URL, data={"go": "ulang"})
    again = article(page(client, QUIZ_URL))
    assert ("Nilai 66,67" in again, "Tersimpan" in again) == (False, False)


NEW_KINDS = {
    "01-asas/04-tugas.md": "---\njudul: Rencana aksi\njenis: tugas\ntenggat: 14 hari\n---\n\nSusun rencana.\n\n"
    "Rubrik:\n\n- Ketepatan (40%)\n    - 4: Lengkap\n- Kelayakan (60%)\n",
    "01-asas/05-evaluasi.md": "---\njudul: Umpan balik\njenis: evaluasi\n---\n\n## Soal: Bagaimana materinya? {#materi}\n\n"
    "Skala: 1-5 Buruk – Baik\n\n## Soal: Apa sarannya? {#saran}\n\nJenis: survei\n",
    "01-asas/06-esai.md": quiz(
        "## Soal 1: Jelaskan! {#jelas}\n\nJenis: esai\n\nRubrik:\n\n- Jelas (100%)\n    - 2: Terang\n\nPembahasan: ya.\n"
    ),
}


@pytest.mark.parametrize("view", ["peserta", "penulis"])
def test_work_that_people_mark_is_shown_with_its_rubric_and_sent_nowhere(client, folder, view):
    write_files(folder, NEW_KINDS)
    client.get(f"/?sebagai={view}")
    shown = {key: article(page(client, f"{HOME}/kuis/asas/{key}")) for key in ("tugas", "evaluasi", "esai")}
    assert [
        word
        for word in ("Ketepatan", "40 %", "Lengkap", "14 hari sejak ikut", "mentor pelatihan", "docx")
        if word not in shown["tugas"]
    ] == []
    assert [word for word in ("Jelas", "Terang") if word not in shown["esai"]] == []
    assert ("Bagaimana materinya?" in shown["evaluasi"], "Kunci" in shown["evaluasi"]) == (True, False)
    for key, words in (("tugas", "penilai yang menilai"), ("evaluasi", "Terkirim"), ("esai", "penilai yang menilai")):
        client.post(f"{HOME}/kuis/asas/{key}", data={"go": "kirim"})
        assert words in article(page(client, f"{HOME}/kuis/asas/{key}"))


def test_key_stays_closed_to_a_learner_who_failed_with_tries_left(client):
    client.post(QUIZ_URL, data={"go": "kirim"})
    failed = article(page(client, QUIZ_URL))
    assert ("Belum lulus, perlu 50" in failed, "hitung." in failed, "belum terbuka" in failed) == (True, False, True)


def test_findings_stand_above_the_page_and_those_of_other_files_are_counted(client, folder):
    write_files(folder, {LESSON: TEXT + "\n[x](hilang.md)\n", "01-asas/02-kuis.md": quiz(QUIZ.replace("Jawaban: 70,8", ""))})
    html = page(client, LESSON_URL)
    above = html.partition('<main class="isi"')[0]
    assert ("01-asas/01-materi.md:14" in above, "K101" in above, "<details open>" in above) == (True, True, True)
    assert re.search(r'<a href="/pelatihan/contoh">Di berkas lain: \d+ galat', above)


def test_faulty_file_is_shown_as_it_last_was_and_says_so(client, folder, previews):
    page(client, LESSON_URL)
    write_files(folder, {LESSON: TEXT.replace("- [x]", "- [ ]").replace("Isi", "Baru")})
    previews["contoh"].refresh()
    html = page(client, LESSON_URL)
    assert ("Isi materi." in html, "tampilan terakhir yang tanpa galat" in html, "K062" in html) == (True, True, True)


@pytest.mark.parametrize(
    ("url", "words"),
    [
        (f"{HOME}/asas/hilang", "tidak ada di pelatihan ini"),
        ("/pelatihan/x", "tidak ada di pratinjau ini"),
        ("/media/0/x.png", "Berkas ini"),
    ],
)
def test_missing_page_is_the_nearest_list_with_the_reason(client, url, words):
    html = page(client, url, 404)
    assert words in html


def test_media_are_those_that_pages_show_and_can_do_nothing(client):
    address = re.search(r'src="(/media/[^"]+)"', page(client, LESSON_URL))[1]
    whole, part = client.get(address), client.get(address, headers={"Range": "bytes=0-3"})
    assert (whole.status_code, whole.mimetype, part.status_code, part.data) == (200, "image/png", 206, b"\x89PNG")
    assert whole.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert client.get("/media/../../../etc/passwd").status_code == 404


def test_headers_are_strict_and_nothing_is_kept(client):
    headers = client.get(LESSON_URL).headers
    assert "script-src 'self'; style-src 'self'; " in headers["Content-Security-Policy"]
    assert "require-trusted-types-for 'script'" in headers["Content-Security-Policy"]
    assert (headers["Cache-Control"], headers["X-Content-Type-Options"]) == ("no-store", "nosniff")


@pytest.mark.parametrize(("host", "status"), [("127.0.0.1:8001", 200), ("localhost:9", 200), ("jahat.contoh", 400)])
def test_only_names_of_this_computer_are_answered(client, host, status):
    assert client.get(LESSON_URL, headers={"Host": host}).status_code == status


@pytest.mark.parametrize("headers", [{"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://jahat.contoh"}])
def test_other_sites_cannot_answer_here(client, headers):
    assert client.post(f"{LESSON_URL}?soal=apa", data={"a": "x"}, headers=headers).status_code == 400


@pytest.mark.parametrize(
    "url", ["/versi?kursus=contoh&sejak=", "/versi?kursus=contoh&sejak=lama-99", "/versi?kursus=contoh&sejak=x"]
)
def test_page_of_another_run_is_told_the_version_at_once(client, url):
    version = re.search(r'data-version="([^"]+)"', page(client, HOME))[1]
    assert client.get(url).json == {"versi": version}


def test_junk_is_refused_in_a_sentence(client):
    assert [
        client.get("/%00").status_code,
        client.put(HOME).status_code,
        client.post(f"{QUIZ_URL}?soal=tidak-ada").status_code,
    ] == [400, 405, 303]
    assert client.post(QUIZ_URL, data={"go": "x" * 1_100_000}).status_code == 413
