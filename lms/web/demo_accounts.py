"""The four accounts of a demo, shown on its sign-in page."""

import json
from dataclasses import dataclass

from config import Config

ROLE_NAMES = {"learner": "Peserta", "author": "Penulis", "supervisor": "Atasan", "admin": "Pengelola"}


@dataclass(frozen=True)
class DemoAccount:
    role: str
    identifier: str
    password: str


def of(config: Config) -> list[DemoAccount]:
    """What `lms demo` wrote into the folder; empty while it is still being made."""
    kept = json.loads((config.data_dir / "demo.json").read_text(encoding="utf-8"))
    return [DemoAccount(ROLE_NAMES[each["role"]], each["identifier"], each["password"]) for each in kept.get("accounts", [])]
