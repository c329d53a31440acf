"""Rubrics: the lines below `Rubrik:`, a list (the form to write) or a table, to criteria with weights and levels.

A criterion is a bullet with its weight, `- Ketepatan (40%)`; its levels are bullets below it, `- 4: Data lengkap`. In a table
the first column names the criterion, one column is headed `Bobot`, and every other heading holds the points of a level.
"""

import re

from lms.content.keywords import setting_line
from lms.content.nodes import CriterionNode, LevelNode, Span
from lms.content.problems import Reporter
from lms.shared.numbers import parse_number

WHOLE = 10_000
"""100 % in hundredths of a per cent."""
_WORD = r"(?:Rubrik|Rubric)(?: penilaian)?"
_OPENING = re.compile(rf"^ {{0,3}}(?:\*\*|__)?{_WORD}(?:\*\*|__)?\s*:(?:\*\*|__)?\s*(?P<value>.*)$", re.IGNORECASE)
_HEADING = re.compile(rf"^ {{0,3}}#{{1,6}} +{_WORD}\b(?P<value>.*)$", re.IGNORECASE)
_ITEM = re.compile(r"^(\s*)(?:[-*+]|\d{1,9}[.)])\s++(?!\[[ xX]?\])(.*)$")
_RULE = re.compile(r"^\s*\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?\s*$")
_AMOUNT = r"(\d{1,3}(?:[.,]\d{1,2})?)"
_PERCENT = r"(?:%|persen|percent)"
_WEIGHT = re.compile(
    rf"[(\[]\s{{0,3}}(?:bobot|weight)?\s{{0,3}}:?\s{{0,3}}{_AMOUNT}\s{{0,3}}({_PERCENT})?\s{{0,3}}[)\]]", re.IGNORECASE
)
_BARE_WEIGHT = re.compile(rf"\b{_AMOUNT}\s{{0,3}}{_PERCENT}$", re.IGNORECASE)
_LEVEL = re.compile(
    r"^(?:\*\*)?(?:(?:skor|nilai|level|tingkat|score) +|(?P<label>[^\d:|()]{1,40})\()?"
    rf"{_AMOUNT}\)?\s{{0,3}}(?:\((?P<after>[^()]{{1,40}})\))?(?:\*\*)?$",
    re.IGNORECASE,
)
_LEVEL_TITLE = re.compile(rf"^(?:\*\*)?{_AMOUNT}\s{{0,3}}[-–—=:.]?\s{{1,3}}(?P<label>[^\d|]{{1,40}}?)(?:\*\*)?$")
_NAME_COLUMN = re.compile(r"kriteria|criteri|aspek|aspect|unsur|indikator|komponen", re.IGNORECASE)
_WEIGHT_COLUMN = re.compile(r"bobot|weight|^%$", re.IGNORECASE)
_TOTAL = re.compile(r"(?:\*\*)?(?:total|jumlah)(?:\*\*)?\W*$", re.IGNORECASE)
_LIST_ADVICE = "tulis kriteria `- Ketepatan (40%)`, dan di bawahnya, menjorok, tingkat `- 4: Data lengkap`"


def cut_rubric(lines: list[Span], code: frozenset[int]) -> tuple[Span | None, list[Span], list[Span]]:
    """(what stands behind `Rubrik:`, the lines of the rubric, all other lines). Without `Rubrik:` (None, [], lines)."""
    start, opening = next(
        (
            (index, match)
            for index, span in enumerate(lines)
            if "ubri" in span.text and span.line not in code and (match := _opening(span.text))
        ),
        (0, None),
    )
    if opening is None:
        return None, [], lines
    end, after_blank = start + 1, True
    for index in range(start + 1, len(lines)):
        text = lines[index].text
        if not text.strip():
            after_blank = True
            continue
        if lines[index].line in code or not _continues(text, begun=end > start + 1, after_blank=after_blank):
            break
        end, after_blank = index + 1, False
    value = "" if lines[start].text.lstrip().startswith("#") else opening["value"]
    place = Span(lines[start].line, opening.start("value") + 1, value)
    return place, [span for span in lines[start + 1 : end] if span.text.strip()], lines[:start] + lines[end:]


def _opening(text: str) -> re.Match[str] | None:
    """`Rubrik:`, or a heading of that word alone."""
    heading = _HEADING.match(text)
    is_bare = heading is not None and not re.sub(r"\{#[^{}]*\}$", "", heading["value"]).strip(" :")
    return heading if is_bare else _OPENING.match(text)


def _continues(text: str, *, begun: bool, after_blank: bool) -> bool:
    """Whether a line below `Rubrik:` still belongs to it: an item, a row, an indented line, or the rest of the line above."""
    if _ITEM.match(text) or ("|" in text and (not begun or not after_blank or text.lstrip().startswith("|"))):
        return True
    return begun and (
        text.startswith("  ") or (not after_blank and not text.startswith((">", "#")) and setting_line(text) is None)
    )


def read_rubric(place: Span, lines: list[Span], reporter: Reporter) -> list[CriterionNode]:
    """The criteria, in the author's order. Reports K080, K082 and K083."""
    if place.text.strip():
        wanted = "daftar kriteria di bawah `Rubrik:`"
        reporter.add("K044", place.line, place.column, len(place.text), key="Rubrik", value=place.text, wanted=wanted)
    is_table = bool(lines) and "|" in lines[0].text and not _ITEM.match(lines[0].text)
    criteria = _from_table(lines, reporter) if is_table else _from_list(lines, reporter)
    if not criteria and not place.text.strip():
        reporter.add("K083", place.line, 1, what="`Rubrik:` tanpa kriteria", advice=_LIST_ADVICE)
    _check_weights(place, criteria, reporter)
    for criterion in criteria:
        if not criterion.name[0].text:
            reporter.add("K083", criterion.line, criterion.column, what="kriteria tanpa nama", advice=_LIST_ADVICE)
        _check_levels(criterion, reporter)
    return criteria


def _check_weights(place: Span, criteria: list[CriterionNode], reporter: Reporter) -> None:
    nameless = [criterion for criterion in criteria if criterion.weight is None]
    for criterion in nameless:
        share = f"{100 // len(criteria)}%"
        width = max(len(criterion.name[0].text), 1)
        reporter.add("K080", criterion.line, criterion.column, width, name=criterion.name[0].text, share=share)
    total = sum(criterion.weight or 0 for criterion in criteria)
    if criteria and not nameless and total != WHOLE:
        reporter.add("K082", place.line, 1, 7, total=f"{total / 100:g}".replace(".", ","))


def _check_levels(criterion: CriterionNode, reporter: Reporter) -> None:
    seen: dict[int, int] = {}
    for level in criterion.levels:
        if level.points in seen:
            what = f"tingkat {level.points / 100:g} kriteria ini ditulis dua kali".replace(".", ",")
            reporter.add(
                "K083", level.line, level.column, what=what, advice=f"lihat baris {seen[level.points]}; hapus salah satu"
            )
        seen.setdefault(level.points, level.line)
    if seen and not max(seen):
        reporter.add("K083", criterion.line, criterion.column, what="semua tingkat kriteria ini bernilai 0", advice=_LIST_ADVICE)


def _from_list(lines: list[Span], reporter: Reporter) -> list[CriterionNode]:
    criteria: list[CriterionNode] = []
    edge = 0
    text: list[Span] = []
    """Where the rest of an item goes."""
    for span in lines:
        item = _ITEM.match(span.text)
        if item is None:
            text.append(Span(span.line, 1, span.text.strip()))
            continue
        content = Span(span.line, item.start(2) + 1, item[2])
        edge = edge if criteria else len(item[1])
        level = _level(content) if criteria else None
        if criteria and level is None and len(item[1]) >= edge + 2:
            what = f"tingkat rubrik `{item[2]}` tidak diawali satu angka"
            reporter.add(
                "K083", span.line, content.column, len(item[2]) or 1, what=what, advice="tulis misalnya `- 4: Data lengkap`"
            )
            text = []
        elif criteria and level is not None and (len(item[1]) >= edge + 2 or _weight(content)[1] is None):
            criteria[-1].levels.append(level)
            text = level.text
        else:
            name, weight = _weight(content)
            criteria.append(CriterionNode(span.line, content.column, [name], weight))
            text = criteria[-1].name
    return criteria


def _level(span: Span) -> LevelNode | None:
    """`4: Data lengkap`, `4 - …`, `4`, `Baik (3): …`, `3 (Baik): …`."""
    match = re.match(r"(.{1,60}?)\s*(?::|\s[–—=-]\s|$)\s*(.*)$", span.text)
    head = _level_head(match[1]) if match else None
    if match is None or head is None:
        return None
    return _level_node(Span(span.line, span.column + match.start(2), match[2]), *head)


def _level_node(text: Span, points: int, label: str) -> LevelNode:
    both = f"{label}: {text.text}" if label and text.text else label or text.text
    return LevelNode(text.line, text.column, points, [Span(text.line, text.column, both)])


def _level_head(text: str) -> tuple[int, str] | None:
    """(points in hundredths, label) of `4`, `Sangat baik (4)` or `4 (Sangat baik)`."""
    match = _LEVEL.match(text.strip())
    if match is None or (points := _hundredths(match[2])) is None:
        return None
    return points, (match["label"] or match["after"] or "").strip(" *-–—")


def _column_head(text: str) -> tuple[int, str] | None:
    """The same for the heading of a column, where `4 Sangat baik` will do."""
    match = _LEVEL_TITLE.match(text)
    return ((_hundredths(match[1]) or 0), match["label"].strip()) if match else _level_head(text)


def _hundredths(text: str) -> int | None:
    value = parse_number(text)
    return int(value * 100) if value is not None else None


def _weight(span: Span) -> tuple[Span, int | None]:
    """The name without its weight, and the weight."""
    found = list(_WEIGHT.finditer(span.text))
    match = next((one for one in reversed(found) if one[2] or one.end() == len(span.text)), None) or _BARE_WEIGHT.search(
        span.text
    )
    if match is None:
        return span, None
    before = re.sub(r"\b(?:bobot|weight)$", "", span.text[: match.start()].rstrip(" :–—-"), flags=re.IGNORECASE).rstrip(" :–—-")
    name = f"{before} {span.text[match.end() :].strip(' :')}".strip()
    return Span(span.line, span.column, name), _hundredths(match[1])


def _from_table(lines: list[Span], reporter: Reporter) -> list[CriterionNode]:
    header = _cells(lines[0])
    name_column = next((index for index, cell in enumerate(header) if _NAME_COLUMN.search(cell.text)), 0)
    weight_column = next((index for index, cell in enumerate(header) if _WEIGHT_COLUMN.search(cell.text)), -1)
    points: dict[int, tuple[int, str]] = {}
    for index, cell in enumerate(header):
        if index in (name_column, weight_column) or cell.text.strip("*. ").casefold() in ("no", "#", ""):
            continue
        head = _column_head(cell.text)
        if head is None:
            what = f"judul kolom `{cell.text}` tidak memuat satu angka"
            advice = "tulis misalnya `4` atau `Sangat baik (4)`; kolom lain hanya `Kriteria` dan `Bobot`"
            reporter.add("K083", cell.line, cell.column, len(cell.text), what=what, advice=advice)
        else:
            points[index] = head
    criteria = []
    for line in lines[1:]:
        cells = _cells(line)
        cells += [Span(line.line, 1, "")] * (max(len(header), 1) - len(cells))
        if _RULE.match(line.text) or _TOTAL.match(cells[name_column].text):
            continue
        name, weight = _weight(cells[name_column])
        if weight_column >= 0:
            number = re.fullmatch(rf"(?:\*\*)?{_AMOUNT}\s*(?:%|persen|percent)?(?:\*\*)?", cells[weight_column].text)
            weight = _hundredths(number[1]) if number else None
        levels = [_level_node(cells[index], *head) for index, head in points.items()]
        criteria.append(CriterionNode(line.line, name.column, [name], weight, levels))
    return criteria


def _cells(line: Span) -> list[Span]:
    """The cells of a table row; `\\|` does not divide."""
    text = line.text
    bars = [match.start() for match in re.finditer(r"(?<!\\)\|", text)]
    starts = [0, *(bar + 1 for bar in bars)]
    ends = [*bars, len(text)]
    pieces = [(start, text[start:end]) for start, end in zip(starts, ends, strict=True)]
    if pieces and not pieces[0][1].strip() and bars:
        pieces = pieces[1:]
    if pieces and not pieces[-1][1].strip() and bars:
        pieces = pieces[:-1]
    return [
        Span(line.line, start + len(piece) - len(piece.lstrip()) + 1, piece.strip().replace("\\|", "|"))
        for start, piece in pieces
    ]
