"""Frozen dataclasses to JSON values and back, by their type hints. Covers what the compiled course uses and nothing more."""

import dataclasses
import types
from enum import Enum
from functools import lru_cache
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

T = TypeVar("T")


def encode(value: Any) -> Any:
    """JSON value of a dataclass tree. Fields at their default are left out, so that adding a field changes no old text."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {
            field.name: encode(getattr(value, field.name))
            for field in dataclasses.fields(value)
            if getattr(value, field.name) != _default(field)
        }
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, list | tuple):
        return [encode(part) for part in value]
    if isinstance(value, dict):
        return {str(key): encode(part) for key, part in value.items()}
    return value


def decode(kind: type[T], value: Any) -> T:
    """The dataclass `kind` from what `encode` made. Unknown keys are ignored: an older program reads a newer row."""
    result: T = _decode(kind, value)
    return result


def _default(field: dataclasses.Field[Any]) -> Any:
    if field.default is not dataclasses.MISSING:
        return field.default
    if field.default_factory is not dataclasses.MISSING:
        return field.default_factory()
    return dataclasses.MISSING


@lru_cache(maxsize=256)
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


def _decode(kind: Any, value: Any) -> Any:
    origin = get_origin(kind)
    if origin in (Union, types.UnionType):
        if value is None:
            return None
        inner = next(part for part in get_args(kind) if part is not type(None))
        return _decode(inner, value)
    if origin is tuple:
        parts = get_args(kind)
        if len(parts) == 2 and parts[1] is Ellipsis:
            return tuple(_decode(parts[0], part) for part in value)
        return tuple(_decode(part_kind, part) for part_kind, part in zip(parts, value, strict=True))
    if origin is dict:
        _, value_kind = get_args(kind)
        return {key: _decode(value_kind, part) for key, part in value.items()}
    if isinstance(kind, type) and dataclasses.is_dataclass(kind):
        hints = _hints(kind)
        return kind(**{name: _decode(hints[name], part) for name, part in value.items() if name in hints})
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind(value)
    return value
