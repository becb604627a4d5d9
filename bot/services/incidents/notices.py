"""What people were told, by the kind of message, and the ports that keep it. A sweep compares what is true with what
stands here, speaks, then notes that it spoke."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.domain.incidents.notify import Told
from bot.domain.incidents.outage import Outage, SlackAway
from bot.services.incidents.ports import PagerEvent


class Outbox(Protocol):
    """Messages that are about to be said: only what a crash left here is looked for in Slack."""

    def begin(self, key: str, channel: str, at: datetime) -> bool:
        """Note that this is about to be said; False where that was noted before, so that it may stand in Slack."""

    def done(self, key: str, channel: str) -> None:
        """It was said, and that is noted where it belongs."""


@dataclass(frozen=True, slots=True)
class IncidentNotice:
    """The message of an incident in one channel, by its ts, and what it and its thread say."""

    incident_id: int
    channel: str
    ts: str
    told: Told
    at: datetime
    """When it was posted or edited last."""


class IncidentNotices(Protocol):
    """The messages of incidents."""

    def notice(self, incident_id: int, channel: str) -> IncidentNotice | None:
        """The message of this incident in this channel."""

    def here(self, channel: str) -> list[IncidentNotice]:
        """All messages in a channel, by incident."""

    def note(self, notice: IncidentNotice) -> None:
        """Remember a message; the one of the same incident and channel is replaced."""


@dataclass(frozen=True, slots=True)
class UnreachableChannel:
    """A channel that refused the bot last at this time, why, and when its owner was told of it, and where."""

    channel: str
    why: str
    at: datetime
    told_in: str | None = None
    told_at: datetime | None = None


class UnreachableChannels(Protocol):
    """The channels that refuse the bot."""

    def refusal(self, channel: str) -> UnreachableChannel | None:
        """How a channel refused the bot last."""

    def note(self, refusal: UnreachableChannel) -> None:
        """Remember it; the one before is replaced."""


@dataclass(frozen=True, slots=True)
class OutageNotice:
    """The message of one outage, of a cluster or (`cluster` is None) of Slack, in one channel. `ts` is None where the
    channel refused it. `over` says whether it tells of the outage's end."""

    cluster: str | None
    since: datetime
    channel: str
    ts: str | None
    over: bool
    at: datetime


class Outages(Protocol):
    """Times in which a cluster could not be watched or Slack took no messages, and who was told of them."""

    def outages(self, ended_since: datetime) -> list[Outage]:
        """Those of clusters that ended since then, by cluster, the oldest first."""

    def remember(self, outage: Outage) -> None:
        """Keep one that is over; one of the same cluster and beginning is replaced."""

    def slack_outages(self, ended_since: datetime) -> list[SlackAway]:
        """Those of Slack that ended since then, the oldest first."""

    def remember_slack(self, outage: SlackAway) -> None:
        """Keep one of Slack that is over; it is not the current one any more."""

    def slack_away(self) -> SlackAway | None:
        """The current one of Slack, up to when it was noted last; None where Slack takes messages."""

    def note_slack_away(self, outage: SlackAway | None) -> None:
        """Keep the current one of Slack; None where there is none any more."""

    def told(self, channel: str) -> list[OutageNotice]:
        """What a channel was told of outages, the oldest first."""

    def note(self, notice: OutageNotice) -> None:
        """Remember a message; the one of the same outage and channel is replaced."""


class Pages(Protocol):
    """What the pager was sent."""

    def paged(self, incident_id: int) -> PagerEvent | None:
        """The last event of an incident."""

    def note(self, incident_id: int, event: PagerEvent, at: datetime) -> None:
        """Remember an event; the one before is replaced."""


@dataclass(frozen=True, slots=True)
class DigestNotice:
    """A digest that was sent to a place: a channel, or a mail address. `week` is an ISO week or day, as in `Due.week`;
    the project is None for all of them. A mail has no ts, and nothing in a thread."""

    place: str
    project: str | None
    week: str
    ts: str | None
    at: datetime
    detail_ts: str | None = None
    """The rest, in its thread; None until that is said."""


class DigestNotices(Protocol):
    """The digests that were sent."""

    def notice(self, place: str, project: str | None, week: str) -> DigestNotice | None:
        """The digest of this week and project at this place."""

    def note(self, notice: DigestNotice) -> None:
        """Remember one; the one of the same place, project and week is replaced."""
