"""Lets all engines of a test run share their compiled statements: each test has a database and an engine of its own, and SQLAlchemy
compiles every statement anew for each engine, which took a third of the time of the whole suite."""

from sqlalchemy import Connection, Engine, event, util
from sqlalchemy.engine import default

_compiled: dict[type, util.LRUCache] = {}


def share() -> None:
    """Compiled statements are kept by dialect; two dialects of one class, made by one `engine_options`, compile alike."""
    default.DefaultDialect.__hash__ = lambda self: hash(type(self))  # type: ignore[method-assign]
    default.DefaultDialect.__eq__ = lambda self, other: type(self) is type(other)  # type: ignore[method-assign]
    event.listen(Engine, "engine_connect", _use_shared)


def _use_shared(connection: Connection) -> None:
    engine = connection.engine
    engine._compiled_cache = _compiled.setdefault(type(engine.dialect), util.LRUCache(5000))
