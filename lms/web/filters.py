"""A list page's drop-downs, as templates/_parts draw them."""

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Option:
    value: str
    label: str
    selected: bool


@dataclass(frozen=True)
class Filter:
    name: str
    label: str
    options: list[Option] = dataclasses.field(default_factory=list)


def choice(name: str, label: str, options: Iterable[tuple[str, str]], chosen: str) -> Filter:
    """A filter from (value, label) pairs; an unknown `chosen` selects nothing, so the browser shows the first."""
    return Filter(name, label, [Option(value, text, value == chosen) for value, text in options])
