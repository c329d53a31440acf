"""istilah.md: one abbreviation a line, `*[ASN]: Aparatur Sipil Negara`."""

import re

from lms.content.nodes import FileNode

_ENTRY = re.compile(r"^\s{0,3}(?:[-*+]\s+)?\*\[([^\]]{1,60})\]\s*:\s*(\S.*)$")
MOST_ENTRIES = 300


def read_glossary(node: FileNode | None) -> dict[str, str]:
    """Abbreviation -> meaning."""
    if node is None:
        return {}
    entries: dict[str, str] = {}
    for line in node.source.lines[node.source.body_start - 1 :]:
        match = _ENTRY.match(line)
        if match and len(entries) < MOST_ENTRIES:
            entries[match[1].strip()] = match[2].strip()
    return entries
