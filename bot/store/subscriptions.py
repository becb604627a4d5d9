"""What channels subscribed to, and maintenance windows."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Engine, Update, delete, insert, or_, select, update

from bot.domain.incidents.maintenance import Maintenance, MaintenanceKind
from bot.domain.incidents.subscription import Subscription, Wants
from bot.domain.scope import Scope
from bot.services.incidents.ports import Subscriptions
from bot.store.engine import reading, writing
from bot.store.scoped import in_allowed
from bot.store.storable import bounded
from bot.store.tables import MAINTENANCE, SUBSCRIPTIONS

_WORK = MAINTENANCE.c
_SAME = ("channel", "weekday", "hour", "time_zone", "threshold", "daily", "skip_empty", "created_by", "created_at")


class SqlSubscriptions(Subscriptions):
    """What channels want, and maintenance windows."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def subscriptions(self, scope: Scope) -> list[Subscription]:
        of = SUBSCRIPTIONS.c
        with reading(self._engine) as connection:
            made = select(SUBSCRIPTIONS).where(in_allowed(scope, of.project)).order_by(of.id)
            found = connection.execute(made).mappings()
            return [
                Subscription(
                    **{name: row[name] for name in _SAME},
                    id=row["id"],
                    project=row["project"] or None,
                    wants=Wants(row["kind"]),
                )
                for row in found
            ]

    def subscribe(self, wanted: Subscription) -> None:
        with writing(self._engine) as connection:
            row: dict[str, Any] = {name: getattr(wanted, name) for name in _SAME}
            row |= {"project": bounded("project", wanted.project or ""), "kind": wanted.wants.value}
            if not connection.execute(update(SUBSCRIPTIONS).where(*_these(wanted)).values(row)).rowcount:
                connection.execute(insert(SUBSCRIPTIONS).values(row))

    def unsubscribe(self, scope: Scope, subscription_id: int) -> bool:
        of = SUBSCRIPTIONS.c
        this = delete(SUBSCRIPTIONS).where(of.id == subscription_id, in_allowed(scope, of.project))
        with writing(self._engine) as connection:
            return connection.execute(this).rowcount > 0

    def take_back(self, wanted: Subscription) -> None:
        with writing(self._engine) as connection:
            connection.execute(delete(SUBSCRIPTIONS).where(*_these(wanted)))

    def windows(self, scope: Scope, now: datetime) -> list[Maintenance]:
        these = select(MAINTENANCE).where(_WORK.until > now, _seen(scope)).order_by(_WORK.until)
        with reading(self._engine) as connection:
            found = connection.execute(these).mappings()
            return [Maintenance(**{**row, "part": MaintenanceKind(row["part"])}) for row in found]

    def begin(self, window: Maintenance) -> None:
        row = {"part": window.part.value, "name": window.name, "since": window.since, "until": window.until}
        with writing(self._engine) as connection:
            connection.execute(_end(window.part, window.name, window.since))
            connection.execute(insert(MAINTENANCE).values(by=window.by, **row))

    def end(self, scope: Scope, part: MaintenanceKind, name: str, now: datetime) -> bool:
        with writing(self._engine) as connection:
            return connection.execute(_end(part, name, now).where(_seen(scope))).rowcount > 0


def _end(part: MaintenanceKind, name: str, now: datetime) -> Update:
    these = (_WORK.part == part.value, _WORK.name == name, _WORK.until > now)
    return update(MAINTENANCE).where(*these).values(until=now)


def _seen(scope: Scope) -> ColumnElement[bool]:
    """Windows of projects that may be seen, and those that are of none."""
    return or_(_WORK.part != MaintenanceKind.PROJECT.value, in_allowed(scope, _WORK.name))


def _these(wanted: Subscription) -> tuple[ColumnElement[bool], ...]:
    of = SUBSCRIPTIONS.c
    project = bounded("project", wanted.project or "")
    return (of.channel == wanted.channel, of.project == project, of.kind == wanted.wants.value)
