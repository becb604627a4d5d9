"""What people read of an incident: its one message, the lines in its thread, and what was decided about it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.incidents.incident import Dismissal, Incident, Step
from bot.domain.incidents.notify import Kept


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentCard:
    """An incident's message in a channel, edited through its life."""

    incident: Incident
    time_zone: str
    on_call: str | None = None
    """The Slack user group that is mentioned; None mentions nobody."""
    maintenance: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentLine:
    """One line in the thread of an incident's message."""

    incident: Incident
    step: Step
    time_zone: str
    on_call: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DismissForm:
    """The question why an incident is no problem."""

    incident: Incident
    told_from: int
    """The failed jobs from which it would be told again."""
    quiet_for: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class WhyTold:
    """Why a channel was told of an incident, or not: what `/failures why` answers."""

    incident: Incident
    decisions: tuple[Kept, ...]
    steps: tuple[Step, ...]
    here: str
    """The channel that asked."""
    dismissal: Dismissal | None = None
    """That it was called no problem, as long as that counts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenIncidents:
    """All that is open now, as `/failures incidents` and the Home tab list it."""

    incidents: tuple[Incident, ...]
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreachable:
    """A channel that cannot be told: what the bot's owner reads."""

    channel: str
    why: str
