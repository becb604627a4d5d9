"""What people were told, and where."""

from __future__ import annotations

from sqlalchemy import Engine, delete, select

from bot.services.incidents.ports import Notice, Notices
from bot.store.engine import reading, writing
from bot.store.storable import clean
from bot.store.tables import NOTICES
from bot.store.upsert import upsert


class SqlNotices(Notices):
    """What people were told, and where."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def notice(self, key: str, channel: str) -> Notice | None:
        with reading(self._engine) as connection:
            of = NOTICES.c
            found = connection.execute(select(NOTICES).where(of.key == clean(key), of.channel == channel)).mappings()
            row = found.one_or_none()
            return None if row is None else Notice(**row)

    def told(self, prefix: str, channel: str) -> list[Notice]:
        with reading(self._engine) as connection:
            of = NOTICES.c
            chosen = select(NOTICES).where(of.key.startswith(clean(prefix), autoescape=True), of.channel == channel)
            return [Notice(**row) for row in connection.execute(chosen.order_by(of.key)).mappings()]

    def note(self, notice: Notice) -> None:
        with writing(self._engine) as connection:
            row = {
                "key": clean(notice.key),
                "channel": notice.channel,
                "ts": notice.ts,
                "said": clean(notice.said),
                "at": notice.at,
            }
            upsert(connection, NOTICES, row)

    def forget(self, key: str, channel: str) -> None:
        with writing(self._engine) as connection:
            connection.execute(delete(NOTICES).where(NOTICES.c.key == clean(key), NOTICES.c.channel == channel))
