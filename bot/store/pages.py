"""What the pager was sent."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Engine, select

from bot.services.incidents.notices import Pages
from bot.services.incidents.ports import PagerEvent
from bot.store.engine import reading, writing
from bot.store.tables import PAGES
from bot.store.upsert import upsert


class SqlPages(Pages):
    """The last event of each incident."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def paged(self, incident_id: int) -> PagerEvent | None:
        with reading(self._engine) as connection:
            event = connection.execute(select(PAGES.c.event).where(PAGES.c.incident_id == incident_id)).scalar()
        return None if event is None else PagerEvent(event)

    def note(self, incident_id: int, event: PagerEvent, at: datetime) -> None:
        with writing(self._engine) as connection:
            upsert(connection, PAGES, {"incident_id": incident_id, "event": event.value, "at": at})
