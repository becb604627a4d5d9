"""Points in time as columns: aware and in UTC on the way in and out. PostgreSQL keeps them with their zone, SQLite as
text, in UTC, that sorts by time and that its own functions read."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from sqlalchemy.engine import Dialect
from sqlalchemy.types import DateTime, TypeDecorator

_Process = Callable[[datetime | None], object]


class UtcTime(TypeDecorator[datetime]):
    """An aware time. One without a zone is a mistake of the caller's and raises ValueError."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> _Process:
        """To the database. Our own way for SQLite: SQLAlchemy's takes five times as long, and each row has four."""
        return _to_text if dialect.name == "sqlite" else _to_utc

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[object], datetime | None]:  # noqa: ARG002 the signature is SQLAlchemy's
        """From the database."""
        return _from_text if dialect.name == "sqlite" else _from_zone


def _to_utc(at: datetime | None) -> datetime | None:
    if at is None or at.tzinfo is UTC:
        return at
    if at.tzinfo is None:
        raise ValueError(f"a time without a zone cannot be stored: {at.isoformat()}")
    return at.astimezone(UTC)


def _to_text(at: datetime | None) -> str | None:
    utc = _to_utc(at)
    return None if utc is None else utc.isoformat(" ", "microseconds")[: -len("+00:00")]


def _from_text(text: object) -> datetime | None:
    return None if text is None else datetime.fromisoformat(str(text)).replace(tzinfo=UTC)


def _from_zone(at: object) -> datetime | None:
    return at.astimezone(UTC) if isinstance(at, datetime) else None
