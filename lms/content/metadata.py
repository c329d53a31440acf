"""Front matter and course.yml: YAML composed (nodes with positions), never constructed; every scalar stays raw text."""

import difflib
import re
from collections.abc import Sequence

import yaml

from lms.content.nodes import Metadata, Setting, Source, Span
from lms.content.problems import Reporter
from lms.content.schemas import FILE_KEYS, WEIGHT_NAMES, Key

LARGEST = 20_000
"""Characters of YAML; front matter is ten lines, so more is a mistake or an attack."""
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_PAIR = re.compile(r"^(\s*(?:- +)?(?:[^\s:#'\"\[\]{}][^:#'\"\[\]{}]*:(?= |$) *)?)(.*)$")
_KEY_LINE = re.compile(r"^[^\s:#-][^:]*:(?: |$)")
_FOREIGN = frozenset(
    re.findall(
        r"[a-z-]+",
        """aliases author bibliography categories category challengetype class comment comments cover css custom-edit-url dashedname
    date description editor email excerpt execute exercises format forumtopicid grand-parent has-children hide-title icon image
    import jupyter jupytext kernelspec keypoints keywords lang last-modified-at lastmod layout link logo marp narrator nav-order
    next output paginate parent permalink prev previous published questions script series sidebar-label sidebar-position slug
    style subtitle teaching template theme thumbnail toc updated url weight""",
    )
)
"""Keys that Jekyll, Hugo, Docusaurus, Quarto, Carpentries, freeCodeCamp, Marp and LiaScript use and Pelita does not."""
_SHARED = ("judul", "penulis", "tag", "tujuan", "sembunyi")
"""What means the same elsewhere. Not `id`, which would become an address here."""
_DEEP = re.compile(r"(?:[\[{]\s*){6}|(?:[-?] +){6}")


def front_matter(source: Source, reporter: Reporter) -> tuple[list[Span], int]:
    """The lines between the two `---`, and the number of the first body line. No front matter gives ([], 1)."""
    lines = source.lines
    first = next((number for number, line in enumerate(lines, start=1) if line.strip()), 0)
    if first and lines[first - 1] == "+++" and "+++" in lines[first:]:
        end = lines.index("+++", first) + 1
        return [_from_toml(Span(inner, 1, lines[inner - 1])) for inner in range(first + 1, end)], end + 1
    if not first or lines[first - 1] != "---":
        return [], 1
    for number in range(first + 1, len(lines) + 1):
        if lines[number - 1] in ("---", "..."):
            if not _has_keys(lines[first : number - 1]):
                return [], first + 1  # two rules with text between
            return [Span(inner, 1, lines[inner - 1]) for inner in range(first + 1, number)], number + 1
    following = next((line for line in lines[first:] if line.strip()), "")
    if not _KEY_LINE.match(following):
        return [], first + 1  # a rule at the top of a page, not front matter
    reporter.add("K004", first, 1, 3)
    end = first + 1
    while end <= len(lines) and (_KEY_LINE.match(lines[end - 1]) or lines[end - 1].startswith((" ", "-"))):
        end += 1
    return [Span(inner, 1, lines[inner - 1]) for inner in range(first + 1, end)], end


def _has_keys(lines: Sequence[str]) -> bool:
    """Whether lines between two `---` are front matter, and no text between two rules: that begins with a blank line or a heading."""
    written = [line for line in lines if line.strip() and not line.startswith("#")]
    if not written:
        return not any(line.strip() for line in lines)
    return bool(lines[0].strip()) or _KEY_LINE.match(written[0]) is not None


def _from_toml(span: Span) -> Span:
    """`title = "x"` of a Hugo page as `title: "x"`; tables and everything longer than a line are left out."""
    match = re.match(r"^([\w-]+)\s*=\s*(.*)$", span.text)
    return Span(span.line, span.column, f"{match[1]}: {match[2]}" if match and not match[2].startswith(('"""', "'''")) else "")


def read_metadata(lines: Sequence[Span], keys: Sequence[Key], kind: str, reporter: Reporter) -> Metadata:
    """Settings by canonical key. Reports K005-K008; what cannot be read is left out, the rest is kept. The front matter of
    another tool gives one note (K122) and lends what means the same here."""
    metadata = Metadata()
    if not any(span.text.strip() for span in lines):
        return metadata
    found = Reporter(reporter.file)
    foreign = _read_pairs(lines, keys, kind, metadata, found)
    if foreign and kind in FILE_KEYS:
        names = ", ".join(f"`{span.text}`" for span in foreign[:4]) + (" dan lainnya" if len(foreign) > 4 else "")
        reporter.add("K122", foreign[0].line, foreign[0].column, len(foreign[0].text), keys=names)
        metadata.settings = {name: metadata.settings[name] for name in _SHARED if metadata.get(name) is not None}
    else:
        reporter.problems += found.problems
    return metadata


def _read_pairs(lines: Sequence[Span], keys: Sequence[Key], kind: str, metadata: Metadata, reporter: Reporter) -> list[Span]:
    """Fill `metadata`. The unknown keys, when they say that another tool reads this file; else []."""
    by_name = {key.name: key for key in keys} | {key.alias: key for key in keys}
    unknown: list[Span] = []
    far = is_ours = 0
    for name_node, value_node in _compose(lines, reporter):
        name, line, column = _place(name_node, lines)
        canonical = name.strip().casefold().replace("_", "-").replace(" ", "-")
        key = by_name.get(canonical)
        is_ours += key is not None and canonical == key.name and key.name != key.alias
        if key is None:
            near = difflib.get_close_matches(canonical, by_name, 1, 0.6)
            unknown.append(Span(line, column, name))
            far += 2 if canonical in _FOREIGN else not near
            advice = {} if near else {"help": "kunci yang ada: " + ", ".join(known.name for known in keys), "fixable": False}
            reporter.add("K007", line, column, len(name), key=name, kind=kind, near=near[0] if near else "", **advice)
        elif key.name in metadata.settings:
            reporter.add("K005", line, column, len(name), message=f"kunci `{name}` ditulis dua kali", help="hapus salah satu")
        else:
            metadata.settings[key.name] = _convert(key, value_node, lines, reporter)
    return unknown if far > 1 and not is_ours else []


def _compose(lines: Sequence[Span], reporter: Reporter) -> list[tuple[yaml.Node, yaml.Node]]:
    """The pairs of the top mapping. A line YAML stumbles on is quoted (K006) or, when that does not help, left out (K005)."""
    texts = [_quoted_if_cut(span, reporter) for span in lines]
    quoted: set[int] = set()
    if sum(map(len, texts)) > LARGEST:
        reporter.add(
            "K005", lines[0].line, 1, message="kepala berkas terlalu panjang", help="kepala berkas cukup berisi belasan baris"
        )
        return []
    for index, text in enumerate(texts):
        if _DEEP.search(text):
            reporter.add(
                "K005",
                lines[index].line,
                1,
                message="nilai bersarang terlalu dalam",
                help="tulis nilai biasa atau daftar `[a, b]`",
            )
            texts[index] = ""
    for _ in range(2 * len(texts) + 1):
        try:
            root = yaml.compose("\n".join(texts) + "\n", Loader=_LOADER)
        except (yaml.YAMLError, RecursionError, ValueError) as error:
            _mend(error, texts, quoted, lines, reporter)
            continue
        if root is None:
            return []
        if not isinstance(root, yaml.MappingNode):
            reporter.add("K005", lines[0].line, 1, len(lines[0].text) or 1)
            return []
        return root.value
    return []


def _mend(error: Exception, texts: list[str], quoted: set[int], lines: Sequence[Span], reporter: Reporter) -> None:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    index = min(mark.line if mark is not None else 0, len(texts) - 1)
    while index > 0 and not texts[index].strip():
        index -= 1
    if not texts[index].strip():  # nothing sensible before the mark: give up on the first line that is left
        index = next((number for number, text in enumerate(texts) if text.strip()), 0)
    span = lines[index]
    match = _PAIR.match(texts[index])
    if index not in quoted and match and match[1].strip() and match[2]:
        quoted.add(index)
        reporter.add("K006", span.line, len(match[1]) + 1, len(match[2]), value=match[2])
        texts[index] = match[1] + _quote(match[2])
        return
    if index in quoted:  # quoting did not help: take the report back and say what is wrong
        reporter.problems[:] = [p for p in reporter.problems if not (p.code == "K006" and p.line == span.line)]
    reporter.add("K005", span.line, 1, len(span.text) or 1)
    texts[index] = ""


def _quoted_if_cut(span: Span, reporter: Reporter) -> str:
    """The line with its value quoted, when YAML would cut it at ` #` or fail at `: `."""
    match = _PAIR.match(span.text)
    if match is None or not match[1].strip() or not match[2] or match[2][0] in "\"'[{|>#":
        return span.text
    value = re.sub(r"\s+# .*$|\s+#$", "", match[2])
    if re.search(r"\s#\S", value) or re.search(r":(?:\s|$)", value) or value[0] in "@`%*&!":
        reporter.add("K006", span.line, len(match[1]) + 1, len(value), value=value)
        return match[1] + _quote(value)
    return span.text


def _quote(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def quoted(value: str) -> str:
    """The value as authors should write it: in double quotes, in single ones when it holds double ones itself."""
    return _quote(value) if '"' in value or "\\" in value else f'"{value}"'


def _place(node: yaml.Node, lines: Sequence[Span]) -> tuple[str, int, int]:
    """Raw text and place of a node; lists and maps have the text of their first line."""
    index = min(node.start_mark.line, len(lines) - 1)
    text = node.value if isinstance(node, yaml.ScalarNode) else ""
    return text, lines[index].line, node.start_mark.column + 1


def _convert(key: Key, node: yaml.Node, lines: Sequence[Span], reporter: Reporter) -> Setting:
    text, line, column = _place(node, lines)
    if key.shape == "map":
        return _convert_map(key, node, lines, reporter)
    if isinstance(node, yaml.ScalarNode):
        if key.shape == "list":
            return _convert_list(key, [Span(line, column, part) for part in [text] if part.strip()], line, column, reporter)
        value = key.read(text)
        if value is None:
            reporter.add("K008", line, column, len(text) or 1, key=key.name, wanted=key.wanted, value=text)
        return Setting(value, text, line, column)
    if key.shape == "list" and isinstance(node, yaml.SequenceNode):
        spans = []
        for entry in node.value:
            entry_text, entry_line, entry_column = _place(entry, lines)
            if isinstance(entry, yaml.ScalarNode):
                spans.append(Span(entry_line, entry_column, entry_text))
            elif (
                isinstance(entry, yaml.MappingNode) and entry.value and entry.value[-1][1].end_mark.line == entry.start_mark.line
            ):
                text = lines[entry.start_mark.line].text[entry.start_mark.column :]  # `- Menyebut: satu` was meant as text
                reporter.add("K006", entry_line, entry_column, len(text), value=text)
                spans.append(Span(entry_line, entry_column, text))
            else:
                reporter.add("K008", entry_line, entry_column, key=key.name, wanted="daftar teks biasa", value="…")
        return _convert_list(key, spans, line, column, reporter)
    reporter.add("K008", line, column, key=key.name, wanted=key.wanted, value="…")
    return Setting(None, "", line, column)


def _convert_list(key: Key, spans: list[Span], line: int, column: int, reporter: Reporter) -> Setting:
    values = []
    for span in spans:
        value = key.read(span.text)
        if value is None:
            reporter.add("K008", span.line, span.column, len(span.text) or 1, key=key.name, wanted=key.wanted, value=span.text)
        else:
            values.append(value)
    return Setting(tuple(values), "", line, column, tuple(spans))


def _convert_map(key: Key, node: yaml.Node, lines: Sequence[Span], reporter: Reporter) -> Setting:
    _, line, column = _place(node, lines)
    if not isinstance(node, yaml.MappingNode):
        reporter.add(
            "K008",
            line,
            column,
            key=key.name,
            wanted="pasangan seperti {kuis: 60, posttest: 40}",
            value=getattr(node, "value", ""),
        )
        return Setting(None, "", line, column)
    values = {}
    for name_node, value_node in node.value:
        name, name_line, name_column = _place(name_node, lines)
        text, value_line, value_column = _place(value_node, lines)
        value = key.read(text)
        if name not in WEIGHT_NAMES:
            advice = "pakai `kuis`, `tugas` atau `posttest`"
            reporter.add("K007", name_line, name_column, len(name) or 1, key=name, kind=key.name, help=advice, fixable=False)
        elif value is None:
            reporter.add("K008", value_line, value_column, len(text) or 1, key=key.name, wanted=key.wanted, value=text)
        else:
            values[WEIGHT_NAMES[name]] = value
    return Setting(values, "", line, column)
