"""Search finds the same lessons on both databases, only current lesson text, and no input breaks it."""

import dataclasses
from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import event, text
from sqlalchemy.orm import Session

from lms.content import actions, library, search
from lms.content.types import Item, ItemKind
from lms.store.engine import make_engine, write_tx
from lms.store.migrate import downgrade, upgrade
from tests.factories.content import COURSE_KEY, LESSONS, lesson_page, publish_course, publish_sample, sample_course

TEXTS = {
    "asas": "Pelayanan publik berasaskan kepentingan umum, kepastian hukum, kesamaan hak dan keterbukaan (UU 25/2009 Pasal 4).",
    "standar": "Penyelenggara wajib menyusun dan menetapkan standar pelayanan bersama masyarakat. Standar diumumkan di loket.",
    "antrean": "Antrean Dukcapil turun dari 120 menjadi 35 menit, 70,8 persen, setelah loket prioritas dibuka pukul 07.30.",
    "anggaran": "Menyusun anggaran: RKA-SKPD, DPA, dan laporan realisasi. Rp1.250.000 per kegiatan; lihat https://djpk.kemenkeu.go.id/a-b_c?x=1e5.",
    "etika": "Pegawai menilai dirinya: integritas, gratifikasi, benturan kepentingan. Penilaian oleh atasan. E-mail: lapor@kpk.go.id.",
    "asing": "Café naïve Ångström Straße 日本語 العربية ½ ① x² 3D 2e3 0x1F AB-12 l'État.",
    "kosong": "",
    "kode": "<script>alert('x')</script> tag skrip & \"kutip\" 'tunggal' NULL \\ backslash: and or not near",
}
QUERIES = (
    "pelayanan", "melayani", "layan", "standar pelayanan", "pelayanan standar", "stan", "st", "s", "loket prioritas", "25/2009", "UU 25", "25",
    "2009 pasal", "70,8", "07.30", "Rp1.250.000", "rp1", "menyusun", "susun", "disusun", "penilaian", "menilai", "nilai", "pegawai", "kepegawaian",
    "kepentingan umum", "rka-skpd", "djpk.kemenkeu.go.id", "lapor@kpk.go.id", "cafe", "CAFÉ", "naive", "angstrom", "strasse", "日本語", "日本",
    "العربية", "½", "1e5", "2e3", "0x1f", "1F", "ab-12", "ab12", "l'état", "etat", "x2", "x²", "3d", "script", "alert", "and", "or", "not", "near",
    "yang", "dan", "yang dan di", "dan menyusun", "tidak-ada-kata-ini", "mutu OR loket", "loket AND", "NEAR(loket standar)", "title:loket",
    "loket*", "*", '"', '"loket', "'", "':*", "a & b", "!loket", "(loket", "loket:*", "\\", "\x00", "loket\x00standar", "🙂", "loket 🙂", "",
    "   ", "-", "_", "a" * 5000, "loket " * 400, "ke", "ke mana", "judul", "asas", "materi etika", "\ud800", "{title}", "^loket", "loket--",
    "%", "_%", ";DROP TABLE lesson_search", "ﬁ", "kata kunci panjang sekali yang berisi lebih dari delapan kata biasa sehingga dipotong",
)  # fmt: skip


def course_of(texts, key="materi", **over):
    items = tuple(Item(f"bab/{name}", ItemKind.LESSON, f"Judul {name}", 5) for name in texts)
    pages = {f"bab/{name}": lesson_page(text) for name, text in texts.items()}
    return dataclasses.replace(sample_course(key=key, items=items, **over), pages=pages, questions={}, media=())


def found(session, query, **over):
    return {(hit.course_key, hit.item_key) for hit in search.search(session, query, limit=100, **over).hits}


@contextmanager
def selects_of(engine):
    """The SELECTs that run inside, as a list of texts."""
    seen = []

    def note(connection, cursor, statement, *_):
        if statement.lstrip().upper().startswith("SELECT"):
            seen.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    yield seen
    event.remove(engine, "before_cursor_execute", note)


@pytest.fixture
def both(tmp_path, postgres_server, postgres_template, now):
    """Sessions on a SQLite and a PostgreSQL database with the same course."""
    sqlite = make_engine(f"sqlite:///{tmp_path / 'search.sqlite3'}")
    upgrade(sqlite)
    postgres = make_engine(postgres_server.create("search_both", postgres_template))
    with Session(sqlite) as one, Session(postgres) as other:
        for session in (one, other):
            publish_course(session, tmp_path, now, course_of(TEXTS))
        yield one, other
    sqlite.dispose()
    postgres.dispose()
    postgres_server.drop("search_both")


def test_both_databases_find_the_same_lessons(both):
    one, other = both
    on_sqlite = {query: found(one, query) for query in QUERIES}
    on_postgres = {query: found(other, query) for query in QUERIES}
    assert on_sqlite == on_postgres
    assert len(QUERIES) > 30
    assert sum(bool(hits) for hits in on_sqlite.values()) > 40


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("melayani", {"asas", "standar"}),
        ("standar loket", {"standar"}),
        ("kepent", {"asas", "etika"}),
        ("kepent umum", set()),
        ("penyusunan", {"standar", "anggaran"}),
        ("Strasse", {"asing"}),
        ("1e5", {"anggaran"}),
        ("judul anggaran", {"anggaran"}),
        ("🙂", set()),
        ("yang", set()),
        ("dan", {"asas", "standar", "anggaran"}),
    ],
)
def test_query_finds_lessons_with_every_word(session, tmp_path, now, query, names):
    publish_course(session, tmp_path, now, course_of(TEXTS))
    assert found(session, query) == {("materi", f"bab/{name}") for name in names}


def test_hit_tells_where_it_is_and_shows_escaped_text(session, tmp_path, now):
    publish_course(session, tmp_path, now, course_of(TEXTS, title="Materi Uji"))
    page = search.search(session, "skrip")
    assert page.total == 1
    assert page.hits == [
        search.Hit(
            "materi", "Materi Uji", "bab/kode", "Judul kode",
            "&lt;script&gt;alert(&#x27;x&#x27;)&lt;/script&gt; tag <mark>skrip</mark> &amp; &quot;kutip&quot; &#x27;tunggal&#x27; NULL \\ backslash: and or not near",
        )
    ]  # fmt: skip


def test_title_weighs_more_than_text(session, tmp_path, now):
    texts = {"a": "cuti " * 3 + "pegawai " * 60, "cuti": "Hak pegawai untuk tidak masuk. " * 10}
    publish_course(session, tmp_path, now, course_of(texts))
    assert [hit.item_key for hit in search.search(session, "cuti").hits] == ["bab/cuti", "bab/a"]


def test_pages_of_hits_follow_each_other(session, tmp_path, now):
    publish_course(session, tmp_path, now, course_of({f"m{number:02d}": "isi yang sama" for number in range(30)}))
    pages = [search.search(session, "isi", limit=12, offset=offset) for offset in (0, 12, 24, 36)]
    assert [(len(page.hits), page.total) for page in pages] == [(12, 30), (12, 30), (6, 30), (0, 30)]
    assert [hit.item_key for page in pages for hit in page.hits] == [f"bab/m{number:02d}" for number in range(30)]
    assert len(search.search(session, "isi", limit=-5, offset=-5).hits) == 1


def test_only_current_lessons_of_offered_courses_are_found(session, tmp_path, now):
    publish_course(session, tmp_path, now, course_of({"lama": "kelapa sawit"}))
    publish_course(session, tmp_path, now + timedelta(days=1), course_of({"baru": "kelapa muda"}))
    publish_course(session, tmp_path, now, course_of({"lain": "kelapa parut"}, key="lain"))
    assert found(session, "kelapa") == {("materi", "bab/baru"), ("lain", "bab/lain")}
    assert found(session, "sawit") == set()
    with write_tx(session):
        actions.retire(session, "lain", now=now, by=None)
    assert found(session, "kelapa") == {("materi", "bab/baru")}
    first = library.editions(session, library.current(session, "materi").course_id)[-1]
    with write_tx(session):
        actions.roll_back(session, "materi", first.edition_id, now=now, by=None)
    assert found(session, "kelapa") == {("materi", "bab/lama")}


def test_questions_and_quizzes_are_never_found(session, tmp_path, now):
    publish_sample(session, tmp_path, now)
    assert found(session, "ramah") == {(COURSE_KEY, LESSONS[0])}
    for hidden in ("keuntungan", "ombudsman", "dukcapil", "empat soal", "senioritas"):
        assert found(session, hidden) == set()


def test_search_costs_the_same_selects_for_one_and_many_hits(session, engine, tmp_path, now):
    publish_course(session, tmp_path, now, course_of({f"m{number}": "isi " + "khusus" * (number == 0) for number in range(20)}))
    assert len(search.search(session, "isi").hits) == 20
    with selects_of(engine) as one:
        search.search(session, "khusus")
    with selects_of(engine) as many:
        search.search(session, "isi")
    assert len(one) == len(many) == 4


def test_index_is_rebuilt_from_editions(session, tmp_path, now):
    publish_course(session, tmp_path, now, course_of(TEXTS))
    before = {query: found(session, query) for query in ("loket", "melayani", "judul")}
    tables = ("lesson_search", "lesson_search_place") if session.get_bind().dialect.name == "sqlite" else ("lesson_search",)
    with write_tx(session):
        for table in tables:
            session.execute(text(f"DELETE FROM {table}"))
    assert found(session, "loket") == set()
    with write_tx(session):
        assert search.rebuild(session) == len(TEXTS)
    assert {query: found(session, query) for query in before} == before


def test_very_long_and_many_words_are_indexed(session, tmp_path, now):
    texts = {"panjang": "x" * 100_000 + " jarum", "banyak": " ".join(f"kata{number}" for number in range(40_000)) + " jarum"}
    publish_course(session, tmp_path, now, course_of(texts))
    assert found(session, "jarum") == {("materi", "bab/panjang"), ("materi", "bab/banyak")}
    assert found(session, "x" * 100) == {("materi", "bab/panjang")}


def test_search_tables_go_and_come_with_their_step(engine, session, tmp_path, now):
    publish_course(session, tmp_path, now, course_of(TEXTS))
    session.rollback()
    downgrade(engine, "0001")
    upgrade(engine)
    with write_tx(session):
        search.rebuild(session)
    assert len(found(session, "judul")) == len(TEXTS)
