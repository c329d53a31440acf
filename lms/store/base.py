"""Declarative base and column types shared by every table. Knows SQLAlchemy, not Flask."""

import json
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Date, DateTime, Dialect, MetaData, String, Text, TypeDecorator
from sqlalchemy.orm import DeclarativeBase


class UtcDateTime(TypeDecorator[datetime]):
    """Aware UTC in Python; naive UTC in the database, because SQLite keeps no zone. A naive value is refused."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("naive datetime; pass aware UTC")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.replace(tzinfo=UTC)


class EnumText(TypeDecorator[Any]):
    """A StrEnum kept as plain text: readable in the database, the enum itself in Python, so that `is` comparisons hold."""

    impl = String
    cache_ok = True

    def __init__(self, kind: type[StrEnum], length: int = 20):
        super().__init__(length)
        self.kind = kind

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else str(self.kind(value))

    def process_result_value(self, value: str | None, dialect: Dialect) -> StrEnum | None:
        return None if value is None else self.kind(value)


class CanonicalJson(TypeDecorator[Any]):
    """JSON kept as text in canonical form (sorted keys, no spaces, UTF-8), so that equal values are equal bytes on every database."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else canonical_json(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        return None if value is None else json.loads(value)


def canonical_json(value: Any) -> str:
    """The one text form of a JSON value: sorted keys, no blanks, characters kept as they are."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_N_label)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {datetime: UtcDateTime, date: Date, dict[str, Any]: CanonicalJson, list[Any]: CanonicalJson}

    def __repr__(self) -> str:
        keys = ", ".join(f"{column.name}={getattr(self, column.name, None)!r}" for column in self.__mapper__.primary_key)
        return f"{type(self).__name__}({keys})"


__all__ = ["Base", "CanonicalJson", "EnumText", "UtcDateTime", "canonical_json"]
