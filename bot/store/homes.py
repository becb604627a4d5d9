"""Which projects people want to see on the Home tab."""

from __future__ import annotations

import json
from collections.abc import Sequence

from sqlalchemy import Connection, select

from bot.store.storable import clean
from bot.store.tables import HOME_CHOICES
from bot.store.upsert import upsert


def chosen(connection: Connection, user: str) -> tuple[str, ...]:
    """What one person chose, in that order; nothing where they never did."""
    found = connection.execute(select(HOME_CHOICES.c.projects).where(HOME_CHOICES.c.user_id == user)).scalar()
    return () if found is None else tuple(json.loads(found))


def choose(connection: Connection, user: str, projects: Sequence[str]) -> None:
    """Remember it; what was chosen before is forgotten."""
    upsert(connection, HOME_CHOICES, {"user_id": user, "projects": json.dumps([clean(each) for each in projects])})
