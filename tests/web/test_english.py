"""The interface in English: every sentence has one, pages never mix, data stay as people wrote them (D73)."""

import html
import json
import re
import sqlite3
from collections import Counter
from html.parser import HTMLParser

import pytest
from flask import Flask

from config import read_config
from lms.cli.demo import make_demo
from lms.progress.forms import read
from lms.web import language, translation
from lms.web.app import create_app
from tests import catalogue, seen
from tests.conftest import NOW

TELLING = frozenset(
    [
        "yang",
        "dan",
        "untuk",
        "dengan",
        "belum",
        "sudah",
        "anda",
        "atau",
        "dari",
        "ini",
        "tidak",
        "pada",
        "oleh",
        "akan",
        "bila",
        "supaya",
        "lalu",
        "setelah",
        "sebelum",
        "adalah",
        "jadi",
        "lagi",
        "semua",
        "boleh",
        "dapat",
        "bisa",
        "kembali",
        "lihat",
        "simpan",
        "hapus",
        "buka",
        "tulis",
        "pilih",
        "masuk",
        "keluar",
        "orang",
        "pegawai",
        "pelatihan",
        "materi",
        "soal",
        "nilai",
        "jawaban",
        "kerja",
        "selesai",
        "berjalan",
        "mulai",
        "tanggal",
        "tahun",
        "bulan",
        "hari",
        "menit",
        "jam",
        "nama",
        "kata",
        "sandi",
        "kode",
        "berkas",
        "unduh",
        "cari",
    ]
)
"""Words that no English sentence of ours uses."""
FORMS = catalogue.ROOT / "lms" / "progress" / "forms.yml"
"""The shipped rules, which an agency may rewrite: data like what people wrote."""
LEAST = {"learner": 15, "author": 30, "supervisor": 15, "admin": 15}
"""Pages that each account reaches at least."""
PAGES_EACH = 2
"""Pages visited of one endpoint by one person."""


def test_every_sentence_has_its_english():
    wanted = catalogue.template_sentences() | catalogue.code_sentences(catalogue.vocabulary())
    known = {message.id: message.string for message in catalogue.read() if message.id}
    assert sorted(text for text in wanted if not known.get(text)) == []
    assert sorted(known.keys() - wanted.keys()) == [], "gone from the interface: run python -m tests.catalogue"


def test_every_hole_is_filled_in_english_too():
    holes = re.compile(r"\{\d+\}|%\(\w+\)s")
    wrong = [m.id for m in catalogue.read() if m.id and sorted(holes.findall(m.id)) != sorted(holes.findall(str(m.string)))]
    assert wrong == []


@pytest.fixture
def in_english():
    translation.use("en")
    yield
    translation.use("id")


@pytest.mark.parametrize(
    ("said", "english"),
    [
        ("Beranda", "Home"),
        ("Berjalan 45 %", "In progress, 45 %"),
        ("sisa 2 dari 3", "2 of 3 left"),
        ("Selesai 5 March 2026", "Finished 5 March 2026"),
        ("12 dari 20 JP · ±7 menit", "12 of 20 JP · ±7 minutes"),
        ("Ani dari Buton", "Ani dari Buton"),
        ("Nilai kebersihan sungai", "Nilai kebersihan sungai"),
        ("Rata-rata waktu tunggu 28 menit", "Rata-rata waktu tunggu 28 menit"),
        ("Pelayanan Publik yang Ramah", "Pelayanan Publik yang Ramah"),
        ("", ""),
    ],
)
def test_sentence_is_found_whole_by_its_words_or_by_piece_and_data_are_left_alone(in_english, said, english):
    assert translation.translate(said) == english


def test_indonesian_is_untouched_without_a_choice():
    assert translation.translate("Beranda") == "Beranda"
    assert language.score(8250) == "82,5"


def test_figures_and_dates_follow_the_language(in_english):
    assert (language.score(8250), language.number(1250)) == ("82.5", "1,250")
    assert language.date_and_time(NOW) == "5 March 2026 at 14.30 WITA"


def test_language_is_chosen_by_a_form_and_kept(browser, agency):
    browser.sign_in("peserta", "lampu minyak di beranda")
    browser.get("/bahasa?lanjut=/pelatihan")
    response = browser.post("/bahasa", {"language": "en", "next": "/pelatihan"})
    assert response.headers["Location"] == "/pelatihan"
    browser.follow(response)
    assert '<html lang="en"' in browser.page and "Catalogue of courses" in browser.page
    browser.post("/bahasa", {"language": "xx", "next": "//evil.example"}, form_at="/bahasa")
    browser.get("/")
    assert '<html lang="id"' in browser.page


def test_page_in_another_language_is_another_version(signed_in):
    url = "/pelatihan/pelayanan-publik-dasar/asas/mengapa"
    first = signed_in.get(url).headers["ETag"]
    signed_in.client.set_cookie("bahasa", "en")
    assert signed_in.get(url).headers["ETag"] != first


class _Texts(HTMLParser):
    """What a person reads of a page: text and spoken attributes, without what is marked as Indonesian."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.links: list[str] = []
        self._skipping: list[str] = []

    def handle_starttag(self, tag, attrs):
        known = dict(attrs)
        if tag == "a" and known.get("href", "").startswith("/"):
            self.links.append(known["href"])
        if (
            self._skipping
            or tag in ("script", "style", "textarea", "template", "pre", "code", "abbr", "figure")
            or (known.get("lang") == "id" and tag not in ("a", "button"))
        ):
            if tag not in ("br", "img", "input", "link", "meta", "hr", "source", "track", "wbr", "col"):
                self._skipping.append(tag)
            return
        self.found += [known[name] for name in ("aria-label", "title", "placeholder", "alt") if known.get(name)]

    def handle_endtag(self, tag):
        if self._skipping and self._skipping[-1] == tag:
            self._skipping.pop()

    def handle_data(self, data):
        if not self._skipping and data.strip():
            self.found.append(" ".join(data.split()))


def _data(path) -> tuple[str, list[str]]:
    """Everything people wrote, as one text, and the short pieces of it that stand inside sentences."""
    with sqlite3.connect(path) as connection:
        connection.text_factory = lambda raw: raw.decode("utf-8", "replace")
        tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        cells = {str(cell) for table in tables for row in connection.execute(f'SELECT * FROM "{table}"') for cell in row if cell}
    short = {cell for cell in cells if len(cell) < 300}
    for cell in cells:
        if cell[:1] in "[{":
            try:
                short.update(_strings(json.loads(cell)))
            except ValueError:
                continue
    rules = FORMS.read_text(encoding="utf-8")
    cells.add(rules)
    short.update(name for _, name in read(rules).competencies)
    text = " ".join(html.unescape(re.sub(r"<[^>]+>", " ", cell.replace("\\n", " ").replace('\\"', '"'))) for cell in cells)
    return " ".join(text.split()), sorted((piece for piece in short if " " in piece or len(piece) > 3), key=len, reverse=True)


def _strings(value):
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from _strings(each)
    elif isinstance(value, list):
        for each in value:
            yield from _strings(each)


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    folder = tmp_path_factory.mktemp("inggris") / "data"
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("DATABASE_URL", raising=False)
        state = make_demo(folder, staff=60, now=NOW)
        config = read_config(folder)
    app = create_app(config)
    app.testing = True
    seen.watch(app)
    return app, {each["role"]: each for each in state["accounts"]}, _data(folder / "pelita.sqlite3")


def test_no_page_mixes_languages(demo):
    """One test for all four, since the demo agency takes longer than the walks."""
    app, accounts, (corpus, pieces) = demo
    judged: dict[str, bool] = {}  # most of a page stands on every page
    mixed, visited = {}, Counter()
    for role, account in accounts.items():
        client = app.test_client()
        token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/masuk").text)[1]
        sent = {"csrf_token": token, "identifier": account["identifier"], "password": account["password"]}
        assert client.post("/masuk", data=sent).status_code == 303
        client.set_cookie("bahasa", "en")
        for url, text in _walk(app, client):
            visited[role] += 1
            judged |= {each: _is_indonesian(each, corpus, pieces) for each in set(text) - judged.keys()}
            left = sorted({each for each in text if judged[each]})
            if left:
                mixed[f"{role} {url}"] = left
    assert json.dumps(mixed, indent=1, ensure_ascii=False) == "{}"
    assert {role: visited[role] >= least for role, least in LEAST.items()} == dict.fromkeys(accounts, True)


def _walk(app: Flask, client):
    """Pages reached by links, a few of each endpoint."""
    adapter = app.url_map.bind("127.0.0.1")
    waiting, known, counts = ["/"], {"/"}, Counter()
    while waiting:
        url = waiting.pop(0)
        try:
            endpoint, _ = adapter.match(url.partition("?")[0], method="GET")
        except Exception:
            continue
        if counts[endpoint] >= PAGES_EACH or endpoint.startswith(("learn.media", "public.system", "public.languages")):
            continue
        counts[endpoint] += 1
        response = client.get(url, buffered=True)
        if response.mimetype != "text/html" or response.status_code != 200:
            continue
        reader = _Texts()
        reader.feed(response.text)
        yield url, reader.found
        fresh = [link.partition("#")[0] for link in reader.links]
        waiting += [link for link in dict.fromkeys(fresh) if link not in known]
        known.update(fresh)


def _is_indonesian(text: str, corpus: str, pieces: list[str]) -> bool:
    """Words of ours in Indonesian. What people wrote stands in the database, whole or, in lists, cut short."""
    text = re.sub(r"\b[a-z0-9-]+\.(csv|md|png|pdf|txt|yml)\b", " ", text)  # files of a course on the disk
    text = re.sub(r"^(\d+\.|Question \d+:) (Picture )?|…$|^For example: Pelayanan Publik yang Ramah", "", text)
    if not _telling(text) or text in corpus or "____" in text or " …" in text:
        return False
    for piece in pieces:
        if piece in text:
            text = text.replace(piece, " ")
            if not _telling(text):
                return False
    return True


def _telling(text: str) -> bool:
    return any(word in TELLING for word in re.findall(r"[a-z]+", re.sub(r"\{[^}]*\}|Seminar/Konf\S*", "", text).casefold()))
