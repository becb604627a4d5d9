"""Channels that refuse the bot."""

from __future__ import annotations

from dataclasses import asdict

from sqlalchemy import Engine, select

from bot.services.incidents.notices import UnreachableChannel, UnreachableChannels
from bot.store.engine import reading, writing
from bot.store.storable import clean
from bot.store.tables import UNREACHABLE_CHANNELS
from bot.store.upsert import upsert


class SqlUnreachableChannels(UnreachableChannels):
    """How channels refused the bot last."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def refusal(self, channel: str) -> UnreachableChannel | None:
        this = select(UNREACHABLE_CHANNELS).where(UNREACHABLE_CHANNELS.c.channel == channel)
        with reading(self._engine) as connection:
            row = connection.execute(this).mappings().one_or_none()
        return None if row is None else UnreachableChannel(**row)

    def note(self, refusal: UnreachableChannel) -> None:
        with writing(self._engine) as connection:
            upsert(connection, UNREACHABLE_CHANNELS, asdict(refusal) | {"why": clean(refusal.why)})
