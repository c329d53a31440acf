"""How wide text is where every character has a fixed width: terminals and editors."""

import unicodedata


def cells(text: str) -> int:
    """Columns that the text takes: Chinese letters and most emoji two, combining marks and invisible characters none."""
    if text.isascii():
        return len(text)
    total = 0
    for character in text:
        if unicodedata.category(character) not in ("Mn", "Me", "Cf"):
            total += 2 if unicodedata.east_asian_width(character) in "WF" else 1
    return total
