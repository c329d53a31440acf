"""Refusals (R93): who was told 403 where. A page that is only opened cannot write to the database, so they go to a file beside it."""

import contextlib
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from lms.shared.files import append_line

LOG = Path("jejak") / "ditolak.log"
LARGEST = 2_000_000
"""Bytes; then the file becomes ditolak.log.1, and the one before that goes."""


@dataclass(frozen=True, slots=True)
class Refusal:
    at: datetime
    person_id: int
    path: str


def note(data_dir: Path, at: datetime, person_id: int, method: str, path: str) -> None:
    """Append one line. The path without its query: addresses of ours hold no NIP and no words."""
    place = data_dir / LOG
    plain = "".join(character if character.isprintable() and character != " " else "?" for character in path[:200])
    with contextlib.suppress(OSError):  # a full disk must not turn a refusal into a failure
        if place.is_file() and place.stat().st_size > LARGEST:
            place.replace(place.with_suffix(".log.1"))
        append_line(place, f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ} {person_id} {method} {plain}")


def newest(data_dir: Path, count: int) -> list[Refusal]:
    """The last refusals, newest first; lines that cannot be read are passed over."""
    place = data_dir / LOG
    lines = place.read_text(encoding="utf-8", errors="replace").splitlines() if place.is_file() else []
    found: list[Refusal] = []
    for line in reversed(lines):
        parts = line.split(" ")
        if len(found) < count and len(parts) == 4 and parts[1].isdecimal():
            try:
                at = datetime.strptime(parts[0], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
            except ValueError:
                continue
            found.append(Refusal(at, int(parts[1]), parts[3]))
    return found
