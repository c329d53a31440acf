"""Certificates as PDF: a typst template, the words as JSON beside it, so nothing a person is called can become markup.

Tagged PDF/A-2a and UA-1, unsigned and unencrypted (D52: a signature needs a file nobody has touched), the same bytes for the
same input. Made on demand, never stored.
"""

import json
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import segno
import typst

from lms.recognition.printing import face
from lms.recognition.types import Snapshot

TEMPLATE = Path(__file__).parent / "certificate.typ"


def render(snapshot: Snapshot, *, verify_url: str, logo: bytes = b"") -> bytes:
    """The certificate as PDF, A4 landscape: front, then as many pages of subjects as they need (D51). `logo`: the agency's mark
    as PNG in the place of the lamp; no word of the certificate depends on it."""
    pages = _compile(snapshot, verify_url, "pdf", logo=logo)
    assert isinstance(pages, bytes)
    return pages


def render_png(snapshot: Snapshot, *, verify_url: str, ppi: float = 96.0) -> list[bytes]:
    """The pages as pictures, for previews and for looking at the design."""
    pages = _compile(snapshot, verify_url, "png", ppi=ppi)
    return [pages] if isinstance(pages, bytes) else list(pages)


def _compile(snapshot: Snapshot, verify_url: str, kind: str, logo: bytes = b"", **options: Any) -> Any:
    data = asdict(face(snapshot, verify_url)) | {"logo": list(logo)}
    data["qr"] = segno.make(verify_url, error="m", micro=False).svg_inline(border=0, dark="#0c3d43", omitsize=True)
    issued = datetime.fromisoformat(snapshot.issued_on).replace(tzinfo=UTC)
    data["issued"] = [issued.year, issued.month, issued.day]
    common: dict[str, Any] = {
        "format": kind,
        "root": str(TEMPLATE.parent),
        "sys_inputs": {"data": json.dumps(data, ensure_ascii=False, sort_keys=True).encode("utf-8", "replace").decode()},
        "timestamp": int(issued.timestamp()),
        **options,
    }
    if kind != "pdf":
        return typst.compile(str(TEMPLATE), ignore_system_fonts=True, **common)
    try:
        return typst.compile(str(TEMPLATE), ignore_system_fonts=True, pdf_standards=["a-2a", "ua-1"], **common)
    except typst.TypstError:
        # A letter that the built-in font lacks breaks the archive standard. A certificate with the machine's own fonts beats none.
        return typst.compile(str(TEMPLATE), **common)
