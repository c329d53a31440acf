"""Words, stems, queries and excerpts: any text may come in, only escaped text goes out."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.content.words import QueryWord, fold, query_of, snippet, stem, stems_of, words_of


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Pelayanan Publik", ["pelayanan", "publik"]),
        ("UU 25/2009, pasal 4(a)", ["uu", "25", "2009", "pasal", "4", "a"]),
        ("pela\u00adyanan\u200b", ["pelayanan"]),
        ("café cafe\u0301 CAFÉ", ["cafe", "cafe", "cafe"]),
        ("snake_case", ["snake", "case"]),
        ("ﬁle ½ ①", ["file", "12", "1"]),
        ("STRASSE Straße", ["strasse", "strasse"]),
        ("", []),
        ("\x00 🙂 -- * \"'", []),
    ],
)
def test_words_are_folded_letters_and_digits(text, words):
    assert words_of(text) == words


def test_stems_join_forms_of_a_word_and_leave_stop_words_out():
    assert {stem(word) for word in ("pelayanan", "melayani", "layani", "dilayani")} == {"layan"}
    assert stems_of(["yang", "pelayanan", "dan", "melayani"]) == ["layan"]


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("standar pelayanan", [QueryWord("standar", "standar"), QueryWord("pelayanan", "layan", True)]),
        ("pe", [QueryWord("pe", "pe")]),
        ("apa yang", [QueryWord("apa", "apa"), QueryWord("yang", "yang", True)]),
        ("standar yang", [QueryWord("standar", "standar")]),
        ("loket loket", [QueryWord("loket", "loket", True)]),
        ("", []),
        ('" AND * \x00', [QueryWord("and", "and", True)]),
    ],
)
def test_query_has_a_prefix_only_on_a_last_word_of_three_letters(text, query):
    assert query_of(text) == query


def test_query_is_capped():
    assert [wanted.word for wanted in query_of(" ".join(f"kata{number}" for number in range(100)))] == [
        f"kata{number}" for number in range(8)
    ]


@pytest.mark.parametrize(
    ("text", "query", "html"),
    [
        (
            "Standar <script>alert(1)</script> pelayanan",
            "pelayanan",
            "Standar &lt;script&gt;alert(1)&lt;/script&gt; <mark>pelayanan</mark>",
        ),
        (
            "<b>script</b> & \"kutip\" 'satu'",
            "script",
            "&lt;b&gt;<mark>script</mark>&lt;/b&gt; &amp; &quot;kutip&quot; &#x27;satu&#x27;",
        ),
        ("Petugas melayani warga.", "pelayanan", "Petugas <mark>melayani</mark> warga."),
        ("Standar pelayanan", "stan", "<mark>Standar</mark> pelayanan"),
        ("Tidak ada di sini", "judul", "Tidak ada di sini"),
        ("", "judul", ""),
    ],
)
def test_snippet_marks_hits_and_escapes_everything(text, query, html):
    assert snippet(text, query_of(query)) == html


def test_snippet_shows_where_most_words_stand_together():
    text = "pelayanan " + "isi " * 200 + "standar pelayanan minimal " + "isi " * 200
    assert "<mark>standar</mark> <mark>pelayanan</mark> <mark>minimal</mark>" in snippet(
        text, query_of("standar pelayanan minimal")
    )
    assert snippet(text, query_of("minimal")).startswith("…") and snippet(text, query_of("minimal")).endswith("…")


@given(st.text(max_size=600), st.text(max_size=40))
def test_snippet_never_lets_markup_through(text, query):
    shown = snippet(text, query_of(query))
    assert re.sub(r"</?mark>", "", shown).count("<") == 0
    assert shown.count("<mark>") == shown.count("</mark>")


@given(st.text(max_size=80))
def test_folding_settles_at_once(text):
    for word in words_of(text):
        assert word.isalnum()
        assert fold(word) == word
