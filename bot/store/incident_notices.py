"""The messages of incidents."""

from __future__ import annotations

from sqlalchemy import Engine, RowMapping, select

from bot.domain.incidents.notify import Told
from bot.services.incidents.notices import IncidentNotice, IncidentNotices
from bot.store.engine import reading, writing
from bot.store.storable import clean
from bot.store.tables import INCIDENT_NOTICES
from bot.store.upsert import upsert

_OF = INCIDENT_NOTICES.c


class SqlIncidentNotices(IncidentNotices):
    """The messages of incidents, and what they say."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def notice(self, incident_id: int, channel: str) -> IncidentNotice | None:
        this = select(INCIDENT_NOTICES).where(_OF.incident_id == incident_id, _OF.channel == channel)
        with reading(self._engine) as connection:
            row = connection.execute(this).mappings().one_or_none()
        return None if row is None else _notice(row)

    def here(self, channel: str) -> list[IncidentNotice]:
        these = select(INCIDENT_NOTICES).where(_OF.channel == channel).order_by(_OF.incident_id)
        with reading(self._engine) as connection:
            return [_notice(row) for row in connection.execute(these).mappings()]

    def note(self, notice: IncidentNotice) -> None:
        told = notice.told
        row = {
            "incident_id": notice.incident_id,
            "channel": notice.channel,
            "ts": notice.ts,
            "face": clean(told.face),
            "step": told.step,
            "episode": told.episode,
            "at": notice.at,
        }
        with writing(self._engine) as connection:
            upsert(connection, INCIDENT_NOTICES, row)


def _notice(row: RowMapping) -> IncidentNotice:
    told = Told(face=row["face"], step=row["step"], episode=row["episode"])
    return IncidentNotice(row["incident_id"], row["channel"], row["ts"], told, row["at"])
