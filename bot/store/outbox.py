"""What is about to be said."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Engine, delete, insert, select

from bot.services.incidents.notices import Outbox
from bot.store.engine import writing
from bot.store.storable import clean
from bot.store.tables import OUTBOX


class SqlOutbox(Outbox):
    """Messages that are about to be said."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def begin(self, key: str, channel: str, at: datetime) -> bool:
        of = OUTBOX.c
        with writing(self._engine) as connection:
            known = connection.execute(select(of.at).where(of.key == clean(key), of.channel == channel)).first()
            if known is None:
                connection.execute(insert(OUTBOX).values(key=clean(key), channel=channel, at=at))
            return known is None

    def done(self, key: str, channel: str) -> None:
        with writing(self._engine) as connection:
            connection.execute(delete(OUTBOX).where(OUTBOX.c.key == clean(key), OUTBOX.c.channel == channel))
