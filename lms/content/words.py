"""Words of a text, for searching: tokens, Indonesian stems, stop words, and the excerpt that shows a hit. Pure.

Both databases are given words made here and nothing else, so that both find the same lessons.
"""

import html
import re
import threading
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import snowballstemmer

QUERY_CHARACTERS = 400
QUERY_WORDS = 8
PREFIX_LETTERS = 3
"""A last word of at least this many letters also finds words that begin with it; shorter ones would find everything."""
TOKEN_CHARACTERS = 64
SNIPPET_CHARACTERS = 180
SNIPPET_LEAD = 50
"""Characters shown before the first marked word."""
SNIPPET_SCAN = 60_000
"""How much of a lesson is read to find the best excerpt."""

TOKEN = re.compile(r"[^\W_](?:[^\W_]|[\u0300-\u036f])*")
INVISIBLE = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u2060\ufeff"))
"""Soft hyphens and zero-width characters, which Word leaves inside words."""
STOP_WORDS = frozenset(re.findall(r"\w+", """
ada adalah agar akan anda antara apa apabila apakah atas atau bagaimana bagi bahwa bila bisa boleh bukan dalam dan
dapat dari daripada dengan di dia hal hanya harus hingga ia ialah ini itu jadi jika juga kami kapan karena ke kepada
kita lagi lain lalu maka masih mereka oleh pada para per pula pun saat saja sambil sampai sangat saya sebab sebagai
sebelum sedang sehingga sejak selain selama seluruh semua seperti serta sesuai setelah setiap suatu sudah supaya tanpa
tapi telah tentang terhadap tersebut tetapi tidak untuk yaitu yakni yang
"""))  # fmt: skip

_stemmer = snowballstemmer.stemmer("indonesian")
_stemmer_lock = threading.Lock()


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """The stem of a folded word: "pelayanan" and "layani" give "layan"."""
    with _stemmer_lock:  # a stemmer object keeps its word in itself
        return str(_stemmer.stemWord(word))


def clean(text: str) -> str:
    """Composed characters, without the invisible ones that break words."""
    return unicodedata.normalize("NFC", text).translate(INVISIBLE)


def fold(token: str) -> str:
    """One spelling of a token: lower case, no diacritics, letters and digits only; "" when nothing is left."""
    if token.isascii():
        return token.lower()[:TOKEN_CHARACTERS]
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", token).casefold())
    return "".join(character for character in plain if character.isalnum())[:TOKEN_CHARACTERS]


def words_of(text: str) -> list[str]:
    """Folded words in order."""
    return [word for word in map(fold, TOKEN.findall(clean(text))) if word]


def stems_of(words: list[str]) -> list[str]:
    """Stems of the words that carry meaning, each once, in order of first appearance."""
    return list(dict.fromkeys(stem(word) for word in words if word not in STOP_WORDS))


@dataclass(frozen=True, slots=True)
class QueryWord:
    """One word that a lesson must have: as it stands (or beginning so, for `is_prefix`), or by its stem."""

    word: str
    stem: str
    is_prefix: bool = False

    def finds(self, word: str) -> bool:
        """Whether a folded word of a lesson answers to this one."""
        if word == self.word or (self.is_prefix and word.startswith(self.word)):
            return True
        return word not in STOP_WORDS and stem(word) == self.stem


def query_of(text: str) -> list[QueryWord]:
    """What to look for; empty for input without words. Stop words count only when there is nothing else."""
    words = words_of(text[:QUERY_CHARACTERS])
    chosen = list(dict.fromkeys([word for word in words if word not in STOP_WORDS] or words))[:QUERY_WORDS]
    if not chosen:
        return []
    last = chosen[-1]
    is_prefix = len(last) >= PREFIX_LETTERS and last == words[-1]
    return [*(QueryWord(word, stem(word)) for word in chosen[:-1]), QueryWord(last, stem(last), is_prefix)]


def snippet(text: str, query: list[QueryWord]) -> str:
    """HTML of the excerpt where most of the query's words stand close together; everything escaped, hits inside <mark>."""
    text = clean(text[:SNIPPET_SCAN])
    hits = list(_hits(text, query))
    start = _start(text, hits)
    end = min(len(text), start + SNIPPET_CHARACTERS)
    if end < len(text):
        space = text.rfind(" ", start, end + 1)
        end = space if space > start else end
    pieces, place = ["…" if start else ""], start
    for first, last, _ in hits:
        if first >= place and last <= end:
            pieces += [html.escape(text[place:first]), "<mark>", html.escape(text[first:last]), "</mark>"]
            place = last
    pieces += [html.escape(text[place:end]), "…" if end < len(text) else ""]
    return "".join(pieces).replace("\n", " ")


def _hits(text: str, query: list[QueryWord]) -> Iterator[tuple[int, int, int]]:
    """(start, end, number of the query word) of each word of the text that the query finds."""
    answers: dict[str, int] = {}
    for match in TOKEN.finditer(text):
        token = match.group()
        number = answers.get(token)
        if number is None:
            word = fold(token)
            number = next((number for number, wanted in enumerate(query) if word and wanted.finds(word)), -1)
            answers[token] = number
        if number >= 0:
            yield match.start(), match.end(), number


def _start(text: str, hits: list[tuple[int, int, int]]) -> int:
    """Where the excerpt begins: a little before the densest group of hits, at a word's beginning."""
    best, best_count = 0, 0
    for index, (first, _, _) in enumerate(hits):
        near = {number for start, end, number in hits[index : index + 40] if end <= first + SNIPPET_CHARACTERS - SNIPPET_LEAD}
        if len(near) > best_count:
            best, best_count = first, len(near)
    if best <= SNIPPET_LEAD:
        return 0
    space = text.find(" ", best - SNIPPET_LEAD, best)
    return best if space < 0 else space + 1
