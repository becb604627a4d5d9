"""Incidents as values: what a detector sees, what became of it, and each step that people may want to hear of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bot.domain.analysis.report import Severity


class IncidentKind(StrEnum):
    """What an incident is about: the cause in its key."""

    HOT_NODE = "hot node"
    BAD_IMAGE = "bad image"
    SPIKE = "spike"
    STORM = "retry storm"
    NEW_TYPE = "new failure type"
    FAILURES = "failures"
    """Failures of one project with one cause; told where a channel asked for them."""


class IncidentState(StrEnum):
    """Where an incident is in its life. Each is drawn with a colour and a word."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    SNOOZED = "snoozed"
    RESOLVED = "resolved"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What a detector sees just now. Times are UTC; None is unknown."""

    kind: IncidentKind
    subject: str
    """What it is about: a node, an image, a job, a failure type or signature."""
    severity: Severity
    failures: int
    jobs: int
    """Jobs that failed."""
    cluster: str | None = None
    project: str | None = None
    """The project whose failures alone were looked at; None for all of them."""
    of_jobs: int | None = None
    """Jobs there were in all: the denominator of `jobs`."""
    rate_low: float | None = None
    rate_high: float | None = None
    """95 % interval of the rate, 0 to 1."""
    expected: float | None = None
    """The rate of the same jobs elsewhere, 0 to 1; for a spike the failures that are usual."""
    since: datetime | None = None
    last_at: datetime | None = None
    """When the newest failure of it happened: one that was resolved comes back only with a newer one."""
    hard: bool = False
    """Whether the hardware itself said so."""
    hours: int = 24
    """The last so many hours are what it rests on."""
    successes_since_failure: int = 0
    """For a node: jobs that went well on it since its last failure."""
    lines: tuple[str, ...] = ()
    """What else speaks for it, in words."""
    job_names: tuple[str, ...] = ()

    @property
    def rate(self) -> float:
        """The share of its jobs that failed, 0 to 1."""
        return self.jobs / self.of_jobs if self.of_jobs else 1.0

    @property
    def key(self) -> str:
        """Subject and cause: the same key is the same incident, whatever its numbers."""
        return f"{self.kind}/{self.project or '*'}/{self.cluster or '*'}/{self.subject}"


class Because(StrEnum):
    """Why something is no problem."""

    WRONG = "wrong"
    """The finding is wrong: nothing was broken."""
    EXPECTED = "expected"
    """It is so and is meant to be so: a test, a known limit."""
    MAINTENANCE = "maintenance"
    """Somebody was working on it."""


CLEARLY_MORE = 2
"""Times the failed jobs an hour that were dismissed, from which the same thing is told again."""
DISMISSED_FOR: Mapping[Because, timedelta] = {
    Because.WRONG: timedelta(days=28),
    Because.EXPECTED: timedelta(days=28),
    Because.MAINTENANCE: timedelta(days=1),
}
"""For how long a dismissal counts: work is over sooner than a habit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dismissal:
    """That somebody called an incident no problem, and how much there was of it then: the detector's record."""

    because: Because
    by: str
    at: datetime
    jobs: int
    hours: int = 24
    hard: bool = False

    @property
    def told_from(self) -> int:
        """The failed jobs in `hours` from which it is told again."""
        return CLEARLY_MORE * max(1, self.jobs)

    @property
    def until(self) -> datetime:
        """When it no longer counts (UTC)."""
        return self.at + DISMISSED_FOR[self.because]

    def silences(self, finding: Finding, now: datetime) -> bool:
        """Whether nobody is told of a finding for its sake: there is not clearly more of it an hour than was
        dismissed, and the hardware says nothing new."""
        if now >= self.until or (finding.hard and not self.hard):
            return False
        return finding.jobs * self.hours < self.told_from * finding.hours


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """A finding and its life. Times are UTC."""

    finding: Finding
    state: IncidentState = IncidentState.OPEN
    opened_at: datetime
    seen_at: datetime
    """When a detector saw it last."""
    loud_at: datetime
    """When people were last to hear of it reply_broadcast: at its opening, or since."""
    loud_failures: int
    """How many failures it had then."""
    episode: int = 1
    """Counts up when it comes back long after it was resolved; each episode has its own message."""
    acknowledged_at: datetime | None = None
    acknowledged_by: str | None = None
    snoozed_until: datetime | None = None
    snoozed_by: str | None = None
    resolved_at: datetime | None = None
    resolved_by: str | None = None
    """None where it ended by itself."""
    dismissed: bool = False
    """Whether it ended because somebody said that it was no problem."""
    dismissal: Dismissal | None = None
    """What was said then; it stays when the incident is back, until somebody calls it a problem after all."""
    id: int | None = None

    @property
    def key(self) -> str:
        """See `Finding.key`."""
        return self.finding.key

    @property
    def is_live(self) -> bool:
        """Whether it is not resolved."""
        return self.state is not IncidentState.RESOLVED


class Did(StrEnum):
    """What happened to an incident."""

    OPENED = "opened"
    WORSE = "worse"
    REPEATED = "repeated"
    ACKNOWLEDGED = "acknowledged"
    SNOOZED = "snoozed"
    WOKEN = "woken"
    RESOLVED = "resolved"
    DISMISSED = "dismissed"
    REOPENED = "reopened"


LOUD = frozenset({Did.WORSE, Did.REPEATED, Did.WOKEN, Did.REOPENED})
"""Steps that are worth a notification, beside the opening, which has the message itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Something that happened to an incident: one line in its thread."""

    did: Did
    at: datetime
    by: str | None = None
    """A Slack user id; None for the bot itself."""
    said: str = ""
    """What there is to say beside it, in words."""
    id: int | None = None
    """The store's number; later steps have higher ones."""
