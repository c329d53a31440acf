"""Names for addresses: keys of files and anchors of headings."""

import re
import unicodedata

RESERVED = frozenset({"kuis", "tugas", "sertifikat", "daftar", "perubahan", "cetak"})
"""First segments of lesson keys that belong to pages under a course."""
QUESTION_ID = re.compile(r"[a-z0-9][a-z0-9-]{1,39}")
_MARK = re.compile(r"[\[<`_*~]")
_NO_WORD = re.compile(r"[^\w\s-]")
_NUMBER_PREFIX = re.compile(r"^\d+[a-z]?[-_. ]+(?=.)")


def plain_text(markdown: str) -> str:
    """Inline Markdown without its marks: what a reader sees."""
    if not _MARK.search(markdown):  # most lines have none
        return " ".join(markdown.split())
    text = re.sub(r"!?\[([^\[\]]*)\]\([^()]*\)", r"\1", markdown)
    text = re.sub(r"!?\[([^\[\]]*)\]\[[^\[\]]*\]", r"\1", text)
    text = re.sub(r"<[^<>]{1,200}>", "", text)
    text = text.replace("`", "")
    text = re.sub(r"(?<!\w)_+|(?<=[^\W_])_+(?!\w)", "", text)
    return " ".join(re.sub(r"\*+|~~", "", text).split())


def heading_slug(text: str) -> str:
    """GitHub's algorithm on plain text, without the page prefix: lower case, blanks to hyphens, other marks dropped."""
    lowered = unicodedata.normalize("NFC", text).strip().lower()
    kept = _NO_WORD.sub(lambda match: match[0] if unicodedata.category(match[0]) in ("Mn", "Mc", "Me") else "", lowered)
    return re.sub(r"\s", "-", kept)


def unique(slug: str, seen: dict[str, int]) -> str:
    """GitHub's numbering of equal headings: asas, asas-1, asas-2."""
    count = seen.get(slug, -1) + 1
    seen[slug] = count
    if not count:
        return slug
    numbered = f"{slug}-{count}"
    return unique(slug, seen) if numbered in seen else numbered


def without_prefix(name: str) -> str:
    """A file or folder name without its number prefix: `02b-asas` -> `asas`."""
    return _NUMBER_PREFIX.sub("", name) or name


def key_segment(name: str) -> str:
    """The `[a-z0-9-]{1,60}` segment for a file or folder name (no extension), or "" when nothing is left."""
    folded = unicodedata.normalize("NFKD", without_prefix(name)).encode("ascii", "ignore").decode().casefold()
    return re.sub(r"[^a-z0-9]+", "-", folded).strip("-")[:60].strip("-")


def sort_name(name: str) -> tuple[int, str, str]:
    """Order by number prefix, then by name; names without a number come after."""
    match = re.match(r"(\d{1,9})([a-z]?)", name)
    return (int(match[1]), match[2], name.casefold()) if match else (10**9, "", name.casefold())


def path_segments(path: str) -> list[str]:
    """The segments of a file's address, "" where a name leaves nothing: path without number prefixes and extension."""
    names = path.rpartition(".")[0] if "." in path.rpartition("/")[2] else path
    return [key_segment(name) for name in names.split("/")]
