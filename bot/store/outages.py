"""Times without sight of a cluster or without Slack, and who was told of them."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

from sqlalchemy import Engine, delete, select

from bot.domain.incidents.outage import Outage, SlackAway
from bot.services.incidents.notices import OutageNotice, Outages
from bot.store.engine import reading, writing
from bot.store.storable import bounded
from bot.store.tables import OUTAGE_NOTICES, OUTAGES, SLACK_OUTAGES
from bot.store.upsert import upsert

_IT, _SLACK, _SAID = OUTAGES.c, SLACK_OUTAGES.c, OUTAGE_NOTICES.c
_OF_SLACK = select(_SLACK.since, _SLACK.until, _SLACK.late).order_by(_SLACK.since)


class SqlOutages(Outages):
    """Outages of clusters and of Slack."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def outages(self, ended_since: datetime) -> list[Outage]:
        these = select(OUTAGES).where(_IT.until >= ended_since).order_by(_IT.cluster, _IT.since)
        with reading(self._engine) as connection:
            return [Outage(**row) for row in connection.execute(these).mappings()]

    def remember(self, outage: Outage) -> None:
        with writing(self._engine) as connection:
            upsert(connection, OUTAGES, asdict(outage) | {"cluster": bounded("cluster", outage.cluster)})

    def slack_outages(self, ended_since: datetime) -> list[SlackAway]:
        these = _OF_SLACK.where(_SLACK.over, _SLACK.until >= ended_since)
        with reading(self._engine) as connection:
            return [SlackAway(**row) for row in connection.execute(these).mappings()]

    def remember_slack(self, outage: SlackAway) -> None:
        with writing(self._engine) as connection:
            connection.execute(delete(SLACK_OUTAGES).where(~_SLACK.over))
            upsert(connection, SLACK_OUTAGES, asdict(outage) | {"over": True})

    def slack_away(self) -> SlackAway | None:
        with reading(self._engine) as connection:
            row = connection.execute(_OF_SLACK.where(~_SLACK.over).limit(1)).mappings().one_or_none()
        return None if row is None else SlackAway(**row)

    def note_slack_away(self, outage: SlackAway | None) -> None:
        with writing(self._engine) as connection:
            connection.execute(delete(SLACK_OUTAGES).where(~_SLACK.over))
            if outage is not None:
                upsert(connection, SLACK_OUTAGES, asdict(outage) | {"over": False})

    def told(self, channel: str) -> list[OutageNotice]:
        these = select(OUTAGE_NOTICES).where(_SAID.channel == channel).order_by(_SAID.since, _SAID.cluster)
        with reading(self._engine) as connection:
            found = connection.execute(these).mappings()
            return [OutageNotice(**{**row, "cluster": row["cluster"] or None}) for row in found]

    def note(self, notice: OutageNotice) -> None:
        cluster = "" if notice.cluster is None else bounded("cluster", notice.cluster)
        with writing(self._engine) as connection:
            upsert(connection, OUTAGE_NOTICES, asdict(notice) | {"cluster": cluster})
