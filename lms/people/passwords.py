"""Password hashing (R39) and the choice of a new password (R42). Knows no database; never call it inside a write transaction."""

import contextlib
import re
import threading
import unicodedata
from collections.abc import Iterable, Iterator
from datetime import date
from functools import cache
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from lms.errors import Busy, Invalid

MIN_LENGTH = 12
MAX_LENGTH = 128
_hasher = PasswordHasher(memory_cost=19456, time_cost=2, parallelism=1)
_slots = threading.BoundedSemaphore(2)
"""At most two hashes at a time in a process, so that a flood of sign-ins can eat neither memory nor processor."""

_DUMMY = "$argon2id$v=19$m=19456,t=2,p=1$QjZmuLlHJpYOuSvT81kvfQ$LmR/ArcmSVt03VH5ky055RAVwBtcWqHE9IrFJuD60vU"
"""Hash of a random text that nobody knows: checking it takes as long as checking a real one (R40)."""


@contextlib.contextmanager
def _slot() -> Iterator[None]:
    if not _slots.acquire(timeout=10):
        raise Busy("Banyak orang sedang masuk bersamaan. Belum ada yang berubah; silakan coba lagi sebentar lagi.")
    try:
        yield
    finally:
        _slots.release()


def _bytes(text: str) -> bytes:
    return unicodedata.normalize("NFKC", text).encode("utf-8", "surrogatepass")


def hash_password(text: str) -> str:
    """Argon2id hash of a password that `check_new_password` has let through."""
    if len(text) > MAX_LENGTH:
        raise ValueError("check_new_password comes first")
    with _slot():
        return _hasher.hash(_bytes(text))


def verify_password(password_hash: str | None, text: str) -> bool:
    """Whether the password belongs to the hash. Without a hash the same work is done and the answer is no.

    A text longer than any password can be is turned down before hashing, for every account alike.
    """
    if len(text) > MAX_LENGTH:
        return False
    with _slot():
        try:
            is_right = _hasher.verify(password_hash or _DUMMY, _bytes(text))
        except (Argon2Error, InvalidHashError):
            return False
    return is_right and password_hash is not None


def needs_rehash(password_hash: str) -> bool:
    """Whether the hash was made with other parameters than today's."""
    return _hasher.check_needs_rehash(password_hash)


# -- choosing a new password (R42): long enough and not easy to guess; no rules about kinds of signs, no forced change ------------

_SEQUENCES = (
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol",
)
_RUNS = tuple(part for row in _SEQUENCES for part in (row, row[::-1]))
_LOOKS_LIKE = str.maketrans("0134578@$!", "oieastbasi")
_LEAST_OWN = 6
"""Signs that must be left once well-known words, personal words and runs are taken out."""


def check_new_password(text: str, words: Iterable[str] = ()) -> None:
    """Raise Invalid unless the text can be a password. `words`: what others know about the person (`personal_words`).

    Refused are: under 12 or over 128 characters, digits alone, and what is made of at most two well-known or personal words,
    keyboard walks, repetitions and digits around them, also with 0 for o and the like.
    """
    if len(text) < MIN_LENGTH:
        raise _invalid(
            "Kata sandi minimal 12 karakter. Tiga atau empat kata yang tidak berhubungan mudah diingat dan sulit ditebak."
        )
    if len(text) > MAX_LENGTH:
        raise _invalid("Kata sandi paling banyak 128 karakter.")
    folded = unicodedata.normalize("NFKC", text).casefold()
    personal = {part for word in words for part in _parts(word)}
    if _is_short_of_own_signs(folded, personal) or any(_is_two_words(form, personal) for form in _readings(folded)):
        raise _invalid(
            "Kata sandi ini mudah ditebak: kata umum, nama, tanggal, atau urutan papan ketik. "
            "Sambunglah tiga atau empat kata yang tidak berhubungan."
        )


def personal_words(
    *, name: str = "", nip: str | None = None, identifier: str = "", birth_date: date | None = None, more: str = ""
) -> list[str]:
    """What others know about a person, for `check_new_password`; `more` for unit and agency names."""
    dates = [birth_date.strftime(form) for form in ("%Y%m%d", "%d%m%Y", "%d%m%y", "%y%m%d")] if birth_date else []
    return [word for word in (name, nip or "", identifier, more, *dates) if word]


def _invalid(message: str) -> Invalid:
    return Invalid(message, field="password")


@cache
def _common_words() -> frozenset[str]:
    lines = Path(__file__).with_name("common_passwords.txt").read_text(encoding="utf-8").splitlines()
    return frozenset(line for line in lines if not line.startswith("#"))


def _parts(word: str) -> list[str]:
    return [part for part in re.split(r"[\W_]+", unicodedata.normalize("NFKC", word).casefold()) if len(part) >= 3]


def _readings(text: str) -> list[str]:
    """The letters of a text, plain and with signs read as the letters they stand for; digits around a word are no letters."""
    tail_off = re.sub(r"[\W\d_]+$", "", text)
    both_off = re.sub(r"^[\W\d_]+", "", tail_off)
    return [_letters(form) for form in (_without_runs(text), tail_off.translate(_LOOKS_LIKE), both_off.translate(_LOOKS_LIKE))]


def _letters(text: str) -> str:
    return _once("".join(sign for sign in text if sign.isalnum() and not sign.isdecimal()))


def _without(text: str, words: set[str]) -> str:
    for word in sorted(words, key=len, reverse=True):
        text = text.replace(word, "")
    return text


def _is_short_of_own_signs(text: str, personal: set[str]) -> bool:
    signs = _without_runs(_without(_once("".join(sign for sign in text if sign.isalnum())), personal))
    return len(signs) < _LEAST_OWN or len(set(signs)) < _LEAST_OWN - 1


def _once(text: str) -> str:
    """ "sayasayasaya" is "saya": a text that repeats itself says no more than its unit."""
    start = (text + text).find(text, 1)
    return text[:start] if 0 < start < len(text) else text


def _without_runs(text: str) -> str:
    """The text without keyboard walks and alphabet or number runs of four signs and more, and without a sign three times over."""
    text = re.sub(r"(.)\1{2,}", "", text)
    kept, place = [], 0
    while place < len(text):
        end = place + 4
        while end <= len(text) and any(text[place:end] in run for run in _RUNS):
            end += 1
        if end > place + 4:
            place = end - 1
        else:
            kept.append(text[place])
            place += 1
    return "".join(kept)


def _is_two_words(letters: str, personal: set[str]) -> bool:
    """Whether nothing, one or two well-known or personal words make up all the letters."""
    words = _common_words() | personal
    rest = _without(letters, personal)
    if not rest or rest in words or letters in words:
        return True
    return any(letters[:cut] in words and letters[cut:] in words for cut in range(1, len(letters)))
