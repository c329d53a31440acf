"""The block structure of Markdown as GitHub sees it (CommonMark with tables), laid out so that Python-Markdown cannot see another.

Python-Markdown wants four spaces a level, blank lines around everything, and lets raw HTML swallow the Markdown inside. So the
lines are read by CommonMark's own rules into a tree, and written again: every block apart, every level four spaces, code and raw
HTML as marks that come back after the rendering, byte for byte. Footnotes, abbreviations and definition lists stay as they are.
"""

import html
import re
from dataclasses import dataclass, field

OPEN, CLOSE, TIGHT, PIPE = "\ue0f2", "\ue0f3", "\ue0f4", "\ue0f5"
"""Marks: around the number of a kept block, the end of a paragraph that gets no <p>, a pipe inside a table cell."""
MARKS = OPEN + CLOSE + TIGHT + PIPE
_DEEPEST = 20
_FENCE = re.compile(r"^( {0,3})(`{3,}(?=[^`]*$)|~{3,})(.*)$")
_QUOTE = re.compile(r"^ {0,3}> ?")
_RULE = re.compile(r"^ {0,3}([-*_])(?: *\1){2,} *$")
_HEADING = re.compile(r"^ {0,3}(#{1,6})(?: +(.*?))??(?: +#+)? *$")
_UNDERLINE = re.compile(r"^ {0,3}(=+|-+) *$")
_ITEM = re.compile(r"^( {0,3})([-*+]|\d{1,9}[.)])( +|$)(.*)$")
_FOOTNOTE = re.compile(r"^ {0,3}(\[\^[^\]\s]+\]:) *(.*)$")
_REFERENCE = re.compile(r"^\[[^\]^][^\]]*\]: *\S")
_DEFINED = re.compile(r"^: {1,3}\S")
_ROUND = re.compile(r"(?<![\w(<\[\"'=/])https?://[^\s<>()]*\([^\s<>()]*\)(?:[^\s<>()]*[\w/])?")
"""A bare address with a pair of brackets, as Wikipedia has them, which belongs to it."""
_RULE_CELL = re.compile(r":?-+:?")
_ATTRIBUTES = r"(?:\s+[a-zA-Z_:][\w.:-]*(?:\s*=\s*(?:[^\s\"'=<>`]+|'[^']*'|\"[^\"]*\"))?)*"
_HTML = (
    (re.compile(r"<(?:script|pre|style|textarea)(?:[\s>]|$)", re.I), re.compile(r"</(?:script|pre|style|textarea)>", re.I)),
    (re.compile(r"<!--"), re.compile(r"-->")),
    (re.compile(r"<\?"), re.compile(r"\?>")),
    (re.compile(r"<!\[CDATA\["), re.compile(r"\]\]>")),
    (re.compile(r"<![A-Za-z]"), re.compile(r">")),
    (re.compile(
        r"</?(?:address|article|aside|base|basefont|blockquote|body|caption|center|col|colgroup|dd|details|dialog|dir|div|dl|dt|"
        r"fieldset|figcaption|figure|footer|form|frame|frameset|h[1-6]|head|header|hr|html|iframe|legend|li|link|main|menu|"
        r"menuitem|nav|noframes|ol|optgroup|option|p|param|search|section|summary|table|tbody|td|tfoot|th|thead|title|tr|track|"
        r"ul)(?:\s|/?>|$)", re.I), None),
    (re.compile(rf"(?:<[a-zA-Z][\w-]*{_ATTRIBUTES}\s*/?>|</[a-zA-Z][\w-]*\s*>)\s*$"), None),
)  # fmt: skip
"""(beginning, end) of CommonMark's seven kinds of HTML block; None = the next blank line. The last kind interrupts no paragraph."""


@dataclass(slots=True)
class _Block:
    """`kind`: page, quote, list, item, footnote (these hold blocks), text, heading, code, html, rule, table (these hold lines)."""

    kind: str
    lines: list[str] = field(default_factory=list)
    children: list["_Block"] = field(default_factory=list)
    after_blank: bool = False
    marker: str = ""
    """Bullet, mark behind the number, fence, or name of the footnote."""
    column: int = 0
    """Indent of what belongs to an item; of a fence; level of a heading; first number of a list."""
    info: str = ""
    end: re.Pattern[str] | None = None


class _Reader:
    """CommonMark's way: each line passes through the open containers, may open new ones, and ends in a leaf."""

    def __init__(self) -> None:
        self.page = _Block("page")
        self.open = [self.page]
        self.leaf: _Block | None = None
        self.after_blank = False

    def read(self, line: str) -> None:
        if "\t" in line and (len(self.open) > 1 or self.leaf is None or not self.leaf.marker):
            line = line.expandtabs(4)  # tabs stay inside a fence, where a Makefile needs them
        rest, matched = self._through_containers(line)
        is_inside = matched == len(self.open)
        if self.leaf is not None and is_inside and self._goes_on(self.leaf, rest):
            return
        if self.leaf is not None and self.leaf.kind in ("code", "html"):
            self.leaf = None
        if not rest.strip():
            del self.open[matched:]
            self.leaf, self.after_blank = None, True
            return
        while (following := self._start(rest, matched, is_inside)) is not None:
            if not following:
                return
            rest, matched, is_inside = following, len(self.open), True
        self._text(rest, matched, is_inside)

    def _through_containers(self, line: str) -> tuple[str, int]:
        """What is left of the line inside the open containers that it belongs to, and how many those are."""
        for number, block in enumerate(self.open[1:], start=1):
            if block.kind == "quote":
                match = _QUOTE.match(line)
                if match is None:
                    return line, number
                line = line[match.end() :]
            elif not line.strip():
                if not block.children:  # an item begins with one blank line at most
                    return "", number
            elif len(line) - len(line.lstrip()) >= block.column:
                line = line[block.column :]
            else:
                return line, number
        return line, len(self.open)

    def _goes_on(self, leaf: _Block, rest: str) -> bool:
        """Whether the line is one more of a code or HTML block."""
        if leaf.kind == "code" and leaf.marker:
            fence = _FENCE.match(rest)
            if fence and fence[2][0] == leaf.marker[0] and len(fence[2]) >= len(leaf.marker) and not fence[3].strip():
                self.leaf = None
            else:
                leaf.lines.append(rest[min(leaf.column, len(rest) - len(rest.lstrip(" "))) :])
            self.after_blank = False
            return True
        if leaf.kind == "code":
            if rest.startswith("    ") or not rest.strip():
                leaf.lines.append(rest[4:])
                self.after_blank = not rest.strip()
                return True
        elif leaf.kind == "html" and (leaf.end is not None or rest.strip()):
            leaf.lines.append(rest)
            if leaf.end is not None and leaf.end.search(rest):
                self.leaf = None
            return True
        return False

    def _add(self, block: _Block, matched: int) -> _Block:
        """Put a block into the innermost container that the line belongs to; those it does not belong to end."""
        del self.open[matched:]
        block.after_blank, self.after_blank = self.after_blank, False
        parent = self.open[-1]
        if block.kind == "item":
            last = parent.children[-1] if parent.children else None
            if last is None or last.kind != "list" or last.marker != block.marker:
                last = _Block("list", marker=block.marker, column=int(block.info or 1), after_blank=block.after_blank)
                parent.children.append(last)
            last.children.append(block)
        else:
            parent.children.append(block)
        if block.kind in ("quote", "item", "footnote"):
            self.open.append(block)
            self.leaf = None
        else:
            self.leaf = block if block.kind in ("text", "code", "html", "table") else None
        return block

    def _start(self, rest: str, matched: int, is_inside: bool) -> str | None:
        """Open the block that begins here: what is left of the line for a container, "" when it is used up, None when none does."""
        text = self.leaf if self.leaf is not None and self.leaf.kind == "text" else None
        above = text if is_inside else None
        if rest.startswith("    "):
            if text is None:
                self._indented(rest, matched)
            return None if text is not None else ""
        if len(self.open) < _DEEPEST:
            inner = self._start_container(rest, matched, above)
            if inner is not None:
                return inner
        if (heading := _HEADING.match(rest)) and (heading[2] or rest.strip("# ") == ""):
            self._add(_Block("heading", [heading[2] or ""], column=len(heading[1])), matched)
        elif fence := _FENCE.match(rest):
            self._add(_Block("code", marker=fence[2], column=len(fence[1]), info=fence[3].strip()), matched)
        elif above and _UNDERLINE.match(rest) and not all(map(_REFERENCE.match, above.lines)):
            above.kind, above.column = "heading", 1 if "=" in rest else 2
            self.leaf = None
        elif above and self._is_table(above, rest):
            header = above.lines.pop()
            if not above.lines:
                self.open[-1].children.remove(above)
            self._add(_Block("table", [header, rest]), matched)
        elif _RULE.match(rest):
            self._add(_Block("rule"), matched)
        elif rest.lstrip().startswith("<") and (kind := _html_kind(rest.lstrip(), text is not None)):
            block = self._add(_Block("html", [rest], end=kind[1]), matched)
            if block.end is not None and block.end.search(rest):
                self.leaf = None
        else:
            return None
        return ""

    def _start_container(self, rest: str, matched: int, above: _Block | None) -> str | None:
        if quote := _QUOTE.match(rest):
            self._add(_Block("quote"), matched)
            return _or_nothing(rest[quote.end() :])
        if (item := _ITEM.match(rest)) and not _RULE.match(rest) and not (above and _UNDERLINE.match(rest)):
            number = item[2][:-1]
            if above is not None and (not item[4].strip() or number not in ("", "1")):
                return None
            blanks = len(item[3]) if 1 <= len(item[3]) <= 4 and item[4] else 1
            column = len(item[1]) + len(item[2]) + blanks
            self._add(_Block("item", marker=item[2][-1], column=column, info=number), matched)
            return _or_nothing(rest[column:])
        if note := _FOOTNOTE.match(rest):
            self._add(_Block("footnote", marker=note[1], column=4), matched)
            return _or_nothing(note[2])
        return None

    def _indented(self, rest: str, matched: int) -> None:
        """Code; but below a definition a further paragraph of it."""
        siblings = self.open[matched - 1].children
        if siblings and siblings[-1].kind == "text" and any(map(_DEFINED.match, siblings[-1].lines)):
            self._add(_Block("text", [rest.strip()], info="    "), matched)
        else:
            self._add(_Block("code", [rest[4:]]), matched)

    def _is_table(self, above: _Block, rest: str) -> bool:
        cells = split_row(rest)
        is_rule = all(map(_RULE_CELL.fullmatch, cells)) and ("|" in rest or ":" in rest)
        return is_rule and "|" in above.lines[-1] + rest and len(split_row(above.lines[-1])) == len(cells)

    def _text(self, rest: str, matched: int, is_inside: bool) -> None:
        """A line of the open paragraph, even outside its containers (GitHub's lazy lines); a row; else a new paragraph."""
        leaf = self.leaf
        if leaf is not None and (leaf.kind == "text" or (leaf.kind == "table" and is_inside)):
            leaf.lines.append(rest.lstrip())
        else:
            self._add(_Block("text", [rest.lstrip()]), matched)


def _or_nothing(rest: str) -> str:
    return rest if rest.strip() else ""


def _html_kind(rest: str, in_text: bool) -> tuple[re.Pattern[str], re.Pattern[str] | None] | None:
    return next((kind for kind in (_HTML[:-1] if in_text else _HTML) if kind[0].match(rest)), None)


def split_row(line: str) -> list[str]:
    """The cells of a table row, trimmed. `\\|` does not split, even in code: that is GitHub's rule."""
    inner = line.strip().removeprefix("|")
    if inner.endswith("|") and not inner.endswith("\\|"):
        inner = inner[:-1]
    return [cell.strip() for cell in re.split(r"(?<!\\)\|", inner)]


class _Writer:
    """The tree as Markdown with one reading only."""

    def __init__(self) -> None:
        self.kept: list[str] = []

    def write(self, blocks: list[_Block], is_tight: bool = False) -> list[str]:
        lines: list[str] = []
        for number, block in enumerate(blocks):
            before = blocks[number - 1] if number else None
            if before is not None:
                lines.append("")
                if block.kind == before.kind == "list":  # Python-Markdown would make them one
                    lines += [self._keep(""), ""]
            lines += self._block(block, is_tight)
        return lines

    def _block(self, block: _Block, is_tight: bool) -> list[str]:
        kind = block.kind
        if kind == "text":
            return _text_lines(block, is_tight)
        if kind == "heading":
            text = " ".join(line.strip() for line in block.lines)
            text = text[:-1] + "\\#" if text.endswith("#") and not text.endswith("\\#") else text
            text += "\\" if re.search(r"(?<!\\)(?:\\\\)*\\$", text) else ""
            return [f"{'#' * block.column} {text}"] if text else []
        if kind == "quote":
            return [f"> {line}".rstrip() for line in self.write(block.children)] or [">"]
        if kind == "list":
            return self._list(block)
        if kind == "footnote":
            inner = self.write(block.children) or [""]
            return [f"{block.marker} {inner[0]}", *_indent(inner[1:])]
        if kind == "table":
            return _table(block.lines)
        if kind == "rule":
            return ["---"]
        return [self._keep(_code(block) if kind == "code" else "\n".join(block.lines))]

    def _list(self, block: _Block) -> list[str]:
        """Every item apart, its text marked when GitHub would give it no <p>."""
        items = block.children
        is_loose = any(item.after_blank for item in items[1:]) or any(
            child.after_blank for item in items for child in item.children[1:]
        )
        lines: list[str] = []
        for number, item in enumerate(items):
            mark = "-" if block.marker in "-*+" else f"{block.column + number}."
            inner = self.write(item.children, not is_loose)
            if not item.children or item.children[0].kind != "text":
                inner = [TIGHT, *([""] if inner else []), *inner]
            lines += ["", f"{mark} {inner[0]}", *_indent(inner[1:])]
        return lines[1:]

    def _keep(self, text: str) -> str:
        self.kept.append(text)
        return f"{OPEN}{len(self.kept) - 1}{CLOSE}"


def _indent(lines: list[str]) -> list[str]:
    return [f"    {line}" if line else "" for line in lines]


def _text_lines(block: _Block, is_tight: bool) -> list[str]:
    """A paragraph. A line that ends in `\\` breaks; a number that opens no list is kept from opening one."""
    lines = []
    is_defined = False
    for number, line in enumerate(block.lines):
        if re.search(r"(?<!\\)(?:\\\\)*\\$", line) and number < len(block.lines) - 1:
            line = line[:-1] + "  "
        line = re.sub(r"^(\d+)(\. )", r"\1\\\2", line)
        if number and (_UNDERLINE.match(line) or _RULE.match(line) or re.match(r"[-*+] |>|#{1,6} ", line)):
            line = "\\" + line
        if "_(" in line and "`" not in line:
            line = _ROUND.sub(r"<\g<0>>", line)
        lines.append(block.info + ("    " if is_defined and not _DEFINED.match(line) else "") + line)
        is_defined = is_defined or bool(_DEFINED.match(line))
    lines[-1] = lines[-1].rstrip()
    return [*lines, TIGHT] if is_tight else lines


def _code(block: _Block) -> str:
    lines = list(block.lines)
    if not block.marker:
        while lines and not lines[-1].strip():
            lines.pop()
    language = re.match(r"\{?\s*\.?([\w+#.-]{1,40})", block.info)
    name = f' class="language-{language[1].rstrip(".")}"' if language else ""
    return f"<pre><code{name}>{html.escape(chr(10).join(lines), quote=False)}\n</code></pre>"


def _table(lines: list[str]) -> list[str]:
    rows = [split_row(line) for line in lines]
    count = len(rows[0])
    return ["| " + " | ".join(cell.replace("\\|", PIPE) for cell in (row + [""] * count)[:count]) + " |" for row in rows]


def lay_out(lines: list[str]) -> tuple[list[str], list[str]]:
    """The same Markdown in the layout Python-Markdown needs, and the blocks kept back for `put_back`."""
    reader = _Reader()
    for line in lines:
        reader.read(line)
    writer = _Writer()
    return writer.write(reader.page.children), writer.kept


def put_back(text: str, kept: list[str]) -> str:
    """Rendered HTML with the kept blocks in place, and without the <p> that GitHub does not write in tight lists."""
    pieces = text.split(TIGHT)
    for number in range(len(pieces) - 1):
        piece = pieces[number]
        start = piece.rfind("<p>")
        if start >= 0 and "</p>" not in piece[start:]:
            before = piece[:start].removesuffix("\n") if piece[:start].endswith("<li>\n") else piece[:start]
            pieces[number] = before + piece[start + 3 :].rstrip()
            pieces[number + 1] = re.sub(r"</p>(?:\n(?=</li>))?", "", pieces[number + 1], count=1)
        else:
            pieces[number] = piece.rstrip()
    text = re.sub(
        f"<p>{OPEN}(\\d+){CLOSE}</p>|{OPEN}(\\d+){CLOSE}", lambda match: kept[int(match[1] or match[2])], "".join(pieces)
    )
    return text.replace(PIPE, "|")
