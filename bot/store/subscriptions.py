"""What channels subscribed to, and maintenance windows."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, insert, select, update

from bot.domain.incidents.maintenance import Maintenance, MaintenanceKind
from bot.domain.incidents.subscription import Subscription, Wants
from bot.store.storable import clean
from bot.store.tables import MAINTENANCE, SUBSCRIPTIONS

_SAME = ("channel", "weekday", "hour", "time_zone", "threshold", "daily", "skip_empty", "created_by", "created_at")


def subscriptions(connection: Connection) -> list[Subscription]:
    """All subscriptions, oldest first."""
    found = connection.execute(select(SUBSCRIPTIONS).order_by(SUBSCRIPTIONS.c.id)).mappings()
    return [
        Subscription(
            **{name: row[name] for name in _SAME},
            id=row["id"],
            project=row["project"] or None,
            wants=Wants(row["kind"]),
        )
        for row in found
    ]


def subscribe(connection: Connection, wanted: Subscription) -> None:
    """Store a subscription; one of the same channel, project and kind is replaced."""
    row: dict[str, Any] = {name: getattr(wanted, name) for name in _SAME}
    row |= {"project": clean(wanted.project or ""), "kind": wanted.wants.value}
    if not connection.execute(update(SUBSCRIPTIONS).where(*_these(wanted)).values(row)).rowcount:
        connection.execute(insert(SUBSCRIPTIONS).values(row))


def take_back(connection: Connection, wanted: Subscription) -> None:
    """End the subscription of this channel, project and kind, if there is one."""
    connection.execute(delete(SUBSCRIPTIONS).where(*_these(wanted)))


def _these(wanted: Subscription) -> tuple[ColumnElement[bool], ...]:
    of = SUBSCRIPTIONS.c
    project = clean(wanted.project or "")
    return (of.channel == wanted.channel, of.project == project, of.kind == wanted.wants.value)


def unsubscribe(connection: Connection, subscription_id: int) -> bool:
    """End a subscription; False where there was none."""
    gone = connection.execute(delete(SUBSCRIPTIONS).where(SUBSCRIPTIONS.c.id == subscription_id))
    return gone.rowcount > 0


def windows(connection: Connection, now: datetime) -> list[Maintenance]:
    """The maintenance windows that are not over."""
    of = MAINTENANCE.c
    found = connection.execute(select(MAINTENANCE).where(of.until > now).order_by(of.until)).mappings()
    return [Maintenance(**{**row, "part": MaintenanceKind(row["part"])}) for row in found]


def begin(connection: Connection, window: Maintenance) -> None:
    """Store a maintenance window; one of the same part that is not over is replaced."""
    end(connection, window.part, window.name, window.since)
    row = {"part": window.part.value, "name": clean(window.name), "since": window.since, "until": window.until}
    connection.execute(insert(MAINTENANCE).values(by=window.by, **row))


def end(connection: Connection, part: MaintenanceKind, name: str, now: datetime) -> bool:
    """End the maintenance of a part; False where there was none."""
    of = MAINTENANCE.c
    these = (of.part == part.value, of.name == clean(name), of.until > now)
    return connection.execute(update(MAINTENANCE).where(*these).values(until=now)).rowcount > 0
