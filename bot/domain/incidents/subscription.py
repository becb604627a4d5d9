"""Subscriptions: what a channel wants to be told without asking, and for which project."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.domain.incidents.incident import Finding, IncidentKind


class Wants(StrEnum):
    """What a channel can subscribe to."""

    ALERTS = "alerts"
    """Hot nodes, bad images, spikes, storms, new failure types."""
    DIGEST = "digest"
    FAILURES = "failures"
    """Single failures, one message for each cause."""


FROM_SETTINGS = "settings"
"""Who made a subscription that stands in the settings: nobody can end it in Slack."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """That a channel wants something. `hour` and `weekday` (1 is Monday) are in `time_zone`, and for digests only."""

    channel: str
    wants: Wants
    project: str | None = None
    """None is all projects."""
    threshold: int | None = None
    """Failed jobs from which an alert is worth telling here; None leaves it to the analysis."""
    weekday: int = 1
    hour: int = 9
    time_zone: str = "UTC"
    daily: bool = False
    skip_empty: bool = True
    """Whether a digest about nothing is left out."""
    created_by: str = FROM_SETTINGS
    created_at: datetime | None = None
    id: int | None = None

    def covers(self, finding: Finding) -> bool:
        """Whether the channel wants to hear of a finding."""
        single = finding.kind is IncidentKind.FAILURES
        if self.wants is Wants.FAILURES:
            return single and self.project in {None, finding.project}
        return self.wants is Wants.ALERTS and not single and self.project == finding.project


def alerted_projects(subscriptions: Iterable[Subscription]) -> list[str | None]:
    """The projects to look at for alerts, each once; None is all of them together."""
    wanted = {one.project for one in subscriptions if one.wants is Wants.ALERTS}
    return sorted(wanted, key=lambda project: project or "")


def effective(made: Sequence[Subscription], settings: Sequence[Subscription]) -> list[Subscription]:
    """All subscriptions: those that people made, and those of the settings that no channel has made itself. A channel
    that hears of all projects needs no project's alerts beside them."""
    known = {(one.channel, one.wants, one.project) for one in made}
    both = [*made, *(one for one in settings if (one.channel, one.wants, one.project) not in known)]
    all_of = {(one.channel, one.wants) for one in both if one.project is None}
    return [one for one in both if one.project is None or (one.channel, one.wants) not in all_of]
