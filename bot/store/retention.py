"""Forgets what is too old, by whole days, so that the columns of reports (see `counts`) always agree with the rows: a
pod that Kubernetes still lists after its day was forgotten is simply recorded anew. Solutions and their outcomes are
never too old."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import ColumnElement, Engine, Table, delete, select

from bot.domain.analysis.attempt_table import DAY_MS, milliseconds
from bot.store.engine import writing
from bot.store.tables import (
    ATTEMPTS,
    CHUNKS,
    DECISIONS,
    DIGEST_NOTICES,
    FAILURES,
    FIX_QUESTIONS,
    INCIDENT_NOTICES,
    INCIDENTS,
    MAINTENANCE,
    OUTAGE_NOTICES,
    OUTAGES,
    OUTBOX,
    PAGES,
    SLACK_OUTAGES,
    SPECS,
    STEPS,
    SUGGESTIONS,
    UNREACHABLE_CHANNELS,
    VERSIONS,
)

_NOTICES = (OUTBOX, UNREACHABLE_CHANNELS, OUTAGE_NOTICES, DIGEST_NOTICES, FIX_QUESTIONS)
_OF_INCIDENTS = (STEPS, DECISIONS, INCIDENT_NOTICES, PAGES)
"""What goes with its incident, however old."""
_AT_ONCE = 20_000
"""Rows of one transaction: about half a second on SQLite, so that nobody waits long for the lock."""


def prune(engine: Engine, before: datetime) -> int:
    """Delete attempts, failures, notices and ended incidents of the days (UTC) that ended before this time, and
    count them."""
    midnight = before.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    aged = (
        (ATTEMPTS, ATTEMPTS.c.ended_at),
        (FAILURES, FAILURES.c.timestamp),
        (SPECS, SPECS.c.ended_at),
        (SUGGESTIONS, SUGGESTIONS.c.at),
        *((table, table.c.at) for table in _NOTICES),
        (OUTAGES, OUTAGES.c.until),
        (SLACK_OUTAGES, SLACK_OUTAGES.c.until),
    )
    total = sum(_prune(engine, table, at, midnight) for table, at in aged)
    with writing(engine) as connection:
        over = select(INCIDENTS.c.id).where(INCIDENTS.c.resolved_at < midnight)
        for table in _OF_INCIDENTS:
            connection.execute(delete(table).where(table.c.incident_id.in_(over)))
        total += connection.execute(delete(INCIDENTS).where(INCIDENTS.c.id.in_(over))).rowcount
        connection.execute(delete(VERSIONS).where(VERSIONS.c.last_seen < midnight))
        connection.execute(delete(MAINTENANCE).where(MAINTENANCE.c.until < midnight))
        connection.execute(delete(CHUNKS).where(CHUNKS.c.day < milliseconds(midnight) // DAY_MS))
    return total


def _prune(engine: Engine, table: Table, at: ColumnElement[datetime], before: datetime) -> int:
    key = table.primary_key.columns.values()[0]
    old = select(key).where(at < before).limit(_AT_ONCE)
    total = 0
    while True:
        with writing(engine) as connection:
            deleted = connection.execute(delete(table).where(key.in_(old), at < before)).rowcount
        total += deleted
        if deleted == 0:
            return total
