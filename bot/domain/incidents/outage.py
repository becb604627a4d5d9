"""Spells in which the bot could not see a cluster, or could not speak: nobody should have to guess whether there was a
gap. All times are UTC."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Outage:
    """A cluster could not be watched from `since` to `until`; `recovered` failures of that time were found afterwards.
    A pod that failed and was removed in between left no trace."""

    cluster: str
    since: datetime
    until: datetime
    recovered: int = 0


@dataclass(frozen=True, slots=True)
class BlindNow:
    """A cluster cannot be watched since then, and why not, in words."""

    cluster: str
    since: datetime
    why: str


@dataclass(frozen=True, slots=True)
class SlackAway:
    """Slack took no messages from `since` to `until`; `late` of them were posted only then."""

    since: datetime
    until: datetime
    late: int = 0
