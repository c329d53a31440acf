"""LaTeX formulas to MathML, with only the elements and attributes we know, because nh3 has been before us."""

import html
import re
from xml.etree import ElementTree

from latex2mathml.converter import convert

_TAGS = frozenset(
    [
        "math",
        "mrow",
        "mi",
        "mn",
        "mo",
        "ms",
        "mtext",
        "mspace",
        "msup",
        "msub",
        "msubsup",
        "mfrac",
        "msqrt",
        "mroot",
        "mover",
        "munder",
        "munderover",
        "mtable",
        "mtr",
        "mtd",
        "mstyle",
        "mpadded",
        "mphantom",
        "menclose",
        "mmultiscripts",
        "none",
    ]
)
_ATTRIBUTES = frozenset(
    [
        "display",
        "mathvariant",
        "stretchy",
        "fence",
        "separator",
        "form",
        "lspace",
        "rspace",
        "width",
        "height",
        "depth",
        "linethickness",
        "columnalign",
        "rowspacing",
        "columnspacing",
        "accent",
        "movablelimits",
        "largeop",
        "symmetric",
        "notation",
        "displaystyle",
        "scriptlevel",
        "minsize",
        "maxsize",
    ]
)
LONGEST = 2_000


def formula(source: str, is_block: bool) -> tuple[str, list[str]]:
    """MathML and the macros nobody knows. A formula that cannot be read stays visible as code."""
    unknown: list[str] = []
    if len(source) > LONGEST:
        return _as_code(source), ["rumus terlalu panjang"]
    try:
        root = ElementTree.fromstring(convert(source, display="block" if is_block else "inline"))
    except Exception as error:  # the converter raises many kinds for half-typed formulas; the author gets all of them as K108
        return _as_code(source), [type(error).__name__]
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
        if element.tag not in _TAGS:
            element.tag = "mrow"
        element.attrib = {
            name: value
            for name, value in element.attrib.items()
            if name in _ATTRIBUTES and re.fullmatch(r"[\w.%# -]{0,40}", value)
        }
        if element.tag == "mi" and (element.text or "").startswith("\\"):
            unknown.append(element.text or "")
    return ElementTree.tostring(root, encoding="unicode"), unknown


def _as_code(source: str) -> str:
    return f"<code>{html.escape(source, quote=False)}</code>"
