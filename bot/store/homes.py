"""Which projects people want to see on the Home tab."""

from __future__ import annotations

import json
from collections.abc import Sequence

from sqlalchemy import Engine, select

from bot.domain.scope import Scope
from bot.services.incidents.ports import Homes
from bot.store.engine import reading, writing
from bot.store.storable import bounded
from bot.store.tables import HOME_CHOICES
from bot.store.upsert import upsert


class SqlHomes(Homes):
    """Which projects people want to see on the Home tab."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def chosen(self, scope: Scope, user: str) -> tuple[str, ...]:
        with reading(self._engine) as connection:
            found = connection.execute(select(HOME_CHOICES.c.projects).where(HOME_CHOICES.c.user_id == user)).scalar()
            return () if found is None else tuple(each for each in json.loads(found) if scope.may_see(each))

    def choose(self, user: str, projects: Sequence[str]) -> None:
        with writing(self._engine) as connection:
            chosen = json.dumps([bounded("project", each) for each in projects])
            upsert(connection, HOME_CHOICES, {"user_id": user, "projects": chosen})
