"""What people were told, and where."""

from __future__ import annotations

from sqlalchemy import Connection, delete, select

from bot.services.incidents.ports import Notice
from bot.store.storable import clean
from bot.store.tables import NOTICES
from bot.store.upsert import upsert


def notice(connection: Connection, key: str, channel: str) -> Notice | None:
    """What was last said under this key in this channel."""
    of = NOTICES.c
    found = connection.execute(select(NOTICES).where(of.key == clean(key), of.channel == channel)).mappings()
    row = found.one_or_none()
    return None if row is None else Notice(**row)


def told(connection: Connection, prefix: str, channel: str) -> list[Notice]:
    """All that was said in this channel under keys with this prefix, in the order of the keys."""
    of = NOTICES.c
    chosen = select(NOTICES).where(of.key.startswith(clean(prefix), autoescape=True), of.channel == channel)
    return [Notice(**row) for row in connection.execute(chosen.order_by(of.key)).mappings()]


def note(connection: Connection, said: Notice) -> None:
    """Remember that it was said; replaces what was said before under the same key and channel."""
    row = {"key": clean(said.key), "channel": said.channel, "ts": said.ts, "said": clean(said.said), "at": said.at}
    upsert(connection, NOTICES, row)


def forget(connection: Connection, key: str, channel: str) -> None:
    """Forget what was said under this key in this channel, if anything was."""
    connection.execute(delete(NOTICES).where(NOTICES.c.key == clean(key), NOTICES.c.channel == channel))
