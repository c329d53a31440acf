"""Names as people write them: titles kept apart from the name (D25), single-word names valid. Pure."""

import re
from functools import lru_cache

_BLANKS = re.compile(r"\s+")


def tidy_name(text: str) -> str:
    """The name with single blanks, as typed otherwise: capitals and spelling are the person's own."""
    return _BLANKS.sub(" ", text).strip()


@lru_cache(maxsize=4096)
def display_name(title_prefix: str, name: str, title_suffix: str) -> str:
    """Titles and name as printed on a certificate: "Dr. Ir. Andi Tenri, S.T., M.Si."."""
    prefix, name, suffix = tidy_name(title_prefix), tidy_name(name), tidy_name(title_suffix).lstrip(", ")
    before = f"{prefix} {name}" if prefix else name
    return f"{before}, {suffix}" if suffix else before


def initials(name: str) -> str:
    """One or two capitals that stand for the name; "?" when it has no letter. Leading "H.", "Hj.", "A." count as words."""
    letters = [next((sign for sign in word if sign.isalnum()), "") for word in name.split()]
    letters = [letter for letter in letters if letter]
    if not letters:
        return "?"
    return (letters[0] if len(letters) == 1 else letters[0] + letters[-1]).upper()
