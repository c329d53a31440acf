"""The closed list of words that mean something in a question: setting lines, kinds, headings. Indonesian first, English aliases."""

import difflib
import re

from lms.content.types import QuestionKind

KEYWORDS = {
    "jawaban": "answer",
    "poin": "points",
    "jenis": "type",
    "acak": "shuffle",
    "petunjuk": "hint",
    "pembahasan": "explanation",
    "jika benar": "if correct",
    "jika salah": "if incorrect",
    "tag": "tags",
    "satuan": "unit",
    "toleransi": "tolerance",
    "cocok": "match",
    "kata": "words",
    "rubrik": "rubric",
    "skala": "scale",
    "penilaian": "scoring",
    "berkas": "files",
    "maks": "max",
    "sumber": "source",
    "modul": "module",
}
"""Canonical keyword -> English alias."""

_CANONICAL = {alias: name for name, alias in KEYWORDS.items()} | {name: name for name in KEYWORDS}
STRONG = frozenset(
    {"poin", "jenis", "jawaban", "acak", "pembahasan", "petunjuk", "jika benar", "jika salah", "modul", "tag", "toleransi"}
)
"""Keywords that are settings even when indented under an option."""

_SETTING = re.compile(r"^(\s*)(?:\*\*|__)?([A-Za-z][A-Za-z ]{1,18}?)\s*(?:\*\*|__)?\s*:\s*(?:\*\*|__)?(?:\s+|$|(?=\S))(.*)$")
_NEAR = re.compile(r"^(\s{0,3})(?:\*\*)?([A-Z][a-z]+(?: [a-z]+)?)(?:\*\*)?\s?:(?:\*\*)?(?:\s|$)")

KINDS = {
    **dict.fromkeys(("pilihan tunggal", "pilihan ganda", "tunggal", "single choice", "single"), QuestionKind.SINGLE),
    **dict.fromkeys(("pilihan jamak", "jamak", "pilihan ganda kompleks", "multiple choice", "multiple"), QuestionKind.MULTIPLE),
    **dict.fromkeys(("benar salah", "benar/salah", "true false", "true/false"), QuestionKind.TRUE_FALSE),
    **dict.fromkeys(("isian", "isian singkat", "teks", "text", "short answer"), QuestionKind.TEXT),
    **dict.fromkeys(("angka", "numerik", "number", "numeric"), QuestionKind.NUMBER),
    **dict.fromkeys(("menjodohkan", "jodohkan", "matching"), QuestionKind.MATCHING),
    **dict.fromkeys(("urutan", "mengurutkan", "urutkan", "ordering", "order"), QuestionKind.ORDERING),
    **dict.fromkeys(("rumpang", "isian rumpang", "cloze"), QuestionKind.CLOZE),
    **dict.fromkeys(("esai", "uraian", "essay"), QuestionKind.ESSAY),
    **dict.fromkeys(("berkas", "unggah", "unggah berkas", "file", "files", "upload"), QuestionKind.FILE),
    **dict.fromkeys(("survei", "survey"), QuestionKind.OPEN),
    **dict.fromkeys(("skala", "scale", "likert"), QuestionKind.SCALE),
}
KIND_NAMES = {kind: next(name for name, meant in KINDS.items() if meant is kind) for kind in dict.fromkeys(KINDS.values())} | {
    QuestionKind.LINK: "tautan",
    QuestionKind.POLL: "survei",
}
"""What a kind is called in messages: the first word that asks for it."""
TRUE_FALSE_PAIRS = (
    frozenset({"benar", "salah"}), frozenset({"true", "false"}), frozenset({"ya", "tidak"}), frozenset({"yes", "no"}),
)  # fmt: skip

QUESTION_HEADING = re.compile(
    r"(?:Soal|Question)\b(?:\s+(?P<label>\d+[A-Za-z]?|[A-Za-z]{1,2}\d*|[IVXLC]+))?"
    r"(?:\s*\((?P<points>[^()]{1,20}?)\s*(?:poin|points?)\))?\s*(?:(?:[:.–—]|-(?=\s))\s*(?P<stem>.*))?$",
    re.IGNORECASE,
)
GROUP_HEADING = re.compile(r"(?:Kelompok|Group)\s*:", re.IGNORECASE)
GROUP_DRAW = re.compile(
    r"\((?:ambil|pick)\s+(?P<pick>\d{1,4})(?:\s+soal)?(?:\s+(?:dari|from)\s+(?P<bank>[^\s()]+)(?:\s+tag\s+(?P<tag>[^()]+))?)?\s*\)",
    re.IGNORECASE,
)


def setting_line(text: str) -> tuple[int, str, str, int] | None:
    """(indent, canonical keyword, value, 1-based column of the value) when the line is `Kata: nilai` with a known keyword."""
    match = _SETTING.match(text)
    if match is None:
        return None
    name = _CANONICAL.get(" ".join(match[2].casefold().split()))
    if name is None:
        return None
    return len(match[1]), name, match[3], match.start(3) + 1


def nearest_keyword(text: str) -> tuple[str, str] | None:
    """(the word written, the keyword probably meant) for a line that begins like a misspelt setting."""
    match = _NEAR.match(text)
    if match is None:
        return None
    written = match[2]
    near = difflib.get_close_matches(written.casefold(), _CANONICAL, 1, 0.8)
    return (written, near[0].capitalize()) if near and near[0] != written.casefold() else None
