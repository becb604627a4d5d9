"""Where the watch of each cluster is, and when it was last alive."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select

from bot.store.storable import bounded
from bot.store.tables import CURSORS
from bot.store.upsert import upsert


def resource_version(connection: Connection, cluster: str) -> str | None:
    """Where the cluster's watch was last known to be; None before the first list."""
    version: str | None = connection.execute(
        select(CURSORS.c.resource_version).where(CURSORS.c.cluster == bounded("cluster", cluster))
    ).scalar()
    return version


def last_seen(connection: Connection, cluster: str) -> datetime | None:
    """When the cluster's watch was last alive."""
    at: datetime | None = connection.execute(
        select(CURSORS.c.seen_at).where(CURSORS.c.cluster == bounded("cluster", cluster))
    ).scalar()
    return at


def save(connection: Connection, cluster: str, resource_version: str, seen_at: datetime) -> None:
    """Note where the watch is."""
    row = {"cluster": bounded("cluster", cluster), "resource_version": resource_version, "seen_at": seen_at}
    upsert(connection, CURSORS, row)
