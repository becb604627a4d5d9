"""What people were told, in memory, under the contract of the store's."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from bot.domain.incidents.outage import Outage, SlackAway
from bot.services.incidents.notices import DigestNotice, IncidentNotice, OutageNotice, UnreachableChannel


@dataclass(slots=True)
class FakeOutbox:
    begun: set[tuple[str, str]] = field(default_factory=set)

    def begin(self, key: str, channel: str, at: datetime) -> bool:  # noqa: ARG002 nothing here is forgotten by age
        known = (key, channel) in self.begun
        self.begun.add((key, channel))
        return not known

    def done(self, key: str, channel: str) -> None:
        self.begun.discard((key, channel))


@dataclass(slots=True)
class FakeIncidentNotices:
    noted: dict[tuple[int, str], IncidentNotice] = field(default_factory=dict)

    def notice(self, incident_id: int, channel: str) -> IncidentNotice | None:
        return self.noted.get((incident_id, channel))

    def here(self, channel: str) -> list[IncidentNotice]:
        return [self.noted[key] for key in sorted(self.noted) if key[1] == channel]

    def note(self, notice: IncidentNotice) -> None:
        self.noted[notice.incident_id, notice.channel] = notice


@dataclass(slots=True)
class FakeUnreachableChannels:
    noted: dict[str, UnreachableChannel] = field(default_factory=dict)

    def refusal(self, channel: str) -> UnreachableChannel | None:
        return self.noted.get(channel)

    def note(self, refusal: UnreachableChannel) -> None:
        self.noted[refusal.channel] = refusal


@dataclass(slots=True)
class FakeOutages:
    over: dict[tuple[str, datetime], Outage] = field(default_factory=dict)
    of_slack: dict[datetime, SlackAway] = field(default_factory=dict)
    current: SlackAway | None = None
    noted: dict[tuple[datetime, str, str], OutageNotice] = field(default_factory=dict)

    def outages(self, ended_since: datetime) -> list[Outage]:
        return [self.over[key] for key in sorted(self.over) if self.over[key].until >= ended_since]

    def remember(self, outage: Outage) -> None:
        self.over[outage.cluster, outage.since] = outage

    def slack_outages(self, ended_since: datetime) -> list[SlackAway]:
        return [self.of_slack[since] for since in sorted(self.of_slack) if self.of_slack[since].until >= ended_since]

    def remember_slack(self, outage: SlackAway) -> None:
        self.of_slack[outage.since] = outage
        self.current = None

    def slack_away(self) -> SlackAway | None:
        return self.current

    def note_slack_away(self, outage: SlackAway | None) -> None:
        self.current = outage

    def told(self, channel: str) -> list[OutageNotice]:
        return [self.noted[key] for key in sorted(self.noted) if key[2] == channel]

    def note(self, notice: OutageNotice) -> None:
        self.noted[notice.since, notice.cluster or "", notice.channel] = notice


@dataclass(slots=True)
class FakeDigestNotices:
    noted: dict[tuple[str, str | None, str], DigestNotice] = field(default_factory=dict)

    def notice(self, place: str, project: str | None, week: str) -> DigestNotice | None:
        return self.noted.get((place, project, week))

    def note(self, notice: DigestNotice) -> None:
        self.noted[notice.place, notice.project, notice.week] = notice
