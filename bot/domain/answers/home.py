"""The Home tab as a value: how the clusters and the bot are, what is open, what fails, and what is still to set up."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from bot.domain.analysis.report import ProjectFinding, Report
from bot.domain.answers.causes import Cause
from bot.domain.incidents.incident import Incident
from bot.domain.incidents.outage import Outage, SlackAway
from bot.domain.incidents.subscription import Subscription
from bot.domain.incidents.usefulness import Judged


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterHealth:
    """How the watch of one cluster is."""

    name: str
    alive_at: datetime | None = None
    """When it was last heard of (UTC)."""
    event_at: datetime | None = None
    """When anything happened to a pod of it last (UTC)."""
    told_at: datetime | None = None
    """When a channel was last told of an incident of it (UTC)."""
    trouble: str | None = None
    """Why it cannot be watched now, in words; None where all is well."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """How the bot itself is."""

    clusters: tuple[ClusterHealth, ...] = ()
    delivered_at: datetime | None = None
    """When Slack last took a message of a duty (UTC)."""
    undelivered_since: datetime | None = None
    """Since when Slack takes none; None where all is well."""


class SetupStep(StrEnum):
    """What makes the bot useful, step by step."""

    WATCH = "watch"
    ALERTS = "alerts"
    DIGEST = "digest"
    ON_CALL = "on call"


@dataclass(frozen=True, slots=True, kw_only=True)
class Todo:
    """One step of the set-up."""

    done: bool
    step: SetupStep


@dataclass(frozen=True, slots=True, kw_only=True)
class MyProject:
    """A project that one person cares for, in the last seven days."""

    project: str
    numbers: ProjectFinding | None = None
    """None where nothing failed."""
    worst: Cause | None = None
    """What failed most jobs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """What one person reads on the app's Home tab."""

    at: datetime
    health: Health
    report: Report
    incidents: tuple[Incident, ...] = ()
    projects: tuple[MyProject, ...] = ()
    """Those that this person chose, else those in which jobs of theirs failed."""
    chosen: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    """All projects there are to choose from."""
    subscriptions: tuple[Subscription, ...] = ()
    """Those that this person made."""
    blind: tuple[Outage, ...] = ()
    """Outage spells of the last week."""
    away: tuple[SlackAway, ...] = ()
    """When Slack took no messages, in the last week."""
    judged: Judged = field(default_factory=Judged)
    """What was found in four weeks, and how people judged it."""
    setup: tuple[Todo, ...] = field(default_factory=tuple)
