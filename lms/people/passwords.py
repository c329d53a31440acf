"""Password hashing (R39) and the choice of a new password (R42). Knows no database; never call it inside a write transaction."""

import contextlib
import threading
import unicodedata
from collections.abc import Iterator

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from lms.errors import Busy

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
