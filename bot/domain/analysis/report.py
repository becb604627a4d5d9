"""The Report: what the analysis of a period stands behind. A frozen value that every template reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from bot.domain.period import Period


class Severity(StrEnum):
    """How bad; drawn as 🔴, ⚠️ and ℹ️, never by colour alone."""

    CRITICAL = "critical"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """The period in numbers. `gpu_hours_*` and the times are None where unknown, never zero for unknown."""

    attempts: int = 0
    failed_attempts: int = 0
    failures: int = 0
    """Failure events: episodes, not restarts."""
    jobs: int = 0
    jobs_failed: int = 0
    """Jobs that failed and were not rescued by a retry of their own controller."""
    projects_affected: int = 0
    failure_types: int = 0
    failures_per_100_jobs: float | None = None
    gpu_hours_lost: float | None = None
    gpu_hours_killed: float | None = None
    cost_lost: float | None = None
    """`gpu_hours_lost` in the currency of the setting `gpu_prices`; None where no price is set."""
    mttr_median_minutes: float | None = None
    mttr_p90_minutes: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeCount:
    """How often one failure type occurred."""

    type: str
    failures: int
    jobs: int
    signatures: Mapping[str, int] = field(default_factory=dict)
    last_at: datetime | None = None
    """When the newest of them began."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectFinding:
    """A project's failures beside its jobs. More than INFO only where its jobs fail more often than those of the other
    projects, or than its own did before."""

    project: str | None
    failures: int
    jobs_failed: int
    jobs: int
    types: Mapping[str, int]
    severity: Severity
    rate_low: float = 0.0
    rate_high: float = 1.0
    """95 % interval of the share of its jobs that failed, 0 to 1; wider where failures come in bursts."""
    others_rate: float | None = None
    """Share of the other projects' jobs that failed, 0 to 1; None where there are none."""
    previous_rate: float | None = None
    """Share of its own jobs that failed in the period before, 0 to 1; None where there were none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeFinding:
    """A node that fails the jobs it gets more often than the same jobs fail elsewhere."""

    node: str
    cluster: str
    failures: int
    jobs_failed: int
    jobs: int
    rate: float
    rate_low: float
    rate_high: float
    """95 % interval of the rate."""
    expected_rate: float
    q_value: float
    severity: Severity
    evidence: tuple[str, ...] = ()
    """In words: hard faults, the projects and types involved, since when."""
    projects: int = 0
    since: datetime | None = None
    hours: int | None = None
    """Where only so many hours of the period show it, and all counts are of those; else None."""
    ended: datetime | None = None
    """When those hours ended, where that was before the end of the period."""
    last_at: datetime | None = None
    """When the newest of these failures began."""
    successes_since_failure: int = 0
    """Jobs that went well on it after that."""
    hard: bool = False
    """Whether the hardware itself said so."""
    fine_since_fault: int = 0
    """Where it did: jobs that went well on it after the hardware said so last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageFinding:
    """An image whose jobs fail more often than they should; the commonest errors first."""

    image: str
    failures: int
    jobs_failed: int
    jobs: int
    rate: float
    expected_rate: float
    q_value: float
    severity: Severity
    common_errors: tuple[tuple[str, int], ...] = ()
    since: datetime | None = None
    last_at: datetime | None = None
    """When its first and its newest failure of the period began."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours:
    """Whether jobs that start at some hours fail more often. `job_failure_share` has 24 places, None without jobs."""

    peaks: tuple[int, ...] = ()
    p_value: float = 1.0
    time_zone: str = "UTC"
    job_failure_share: tuple[float | None, ...] = (None,) * 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Spike:
    """Hours with far more failures than usual; a retry storm where one or two jobs carry it."""

    period: Period
    failures: int
    expected: float
    retry_storm_jobs: tuple[str, ...] = ()
    last_at: datetime | None = None
    """When its newest failure began."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trend:
    """Failures against the period before: the ratio with its 95 % interval; None where it has no meaning."""

    previous_failures: int = 0
    change_ratio: float | None = None
    ratio_low: float | None = None
    ratio_high: float | None = None
    previous_jobs: int = 0
    previous_jobs_failed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Something that changed just before failures rose, and more than they rose for others."""

    what: str
    """ "driver", "kernel" ... of nodes, "rollout" of a service, "image" or "node" in use for the first time."""
    name: str
    """The new version, the service, the image, the node."""
    at: datetime
    """When it was first seen."""
    failures: int
    """Jobs that failed since (of a rollout: pods), or failure events of an image or a node."""
    replaced: str | None = None
    """The version before it, if all had the same."""
    also: tuple[str, ...] = ()
    """What changed with it: "kernel 6.8.0-87"."""
    cluster: str | None = None
    project: str | None = None
    """Of a rollout."""
    nodes: tuple[str, ...] = ()
    """Those that got it."""
    of_nodes: int | None = None
    """How many nodes there are."""
    jobs: int = 0
    """That ended since on these nodes, or with it; of a rollout: pods."""
    jobs_failed: int = 0
    jobs_before: int = 0
    jobs_failed_before: int = 0
    expected_rate: float | None = None
    """If only that had happened to it which happened to others, 0 to 1."""
    others_rate: float | None = None
    others_rate_before: float | None = None
    """Share of the others' jobs that failed over the same time; None where there were none."""
    q_value: float | None = None
    severity: Severity = Severity.WARNING

    @property
    def rate(self) -> float | None:
        """Share that failed since."""
        return self.jobs_failed / self.jobs if self.jobs else None

    @property
    def rate_before(self) -> float | None:
        """Share that failed before; None where there was none."""
        return self.jobs_failed_before / self.jobs_before if self.jobs_before else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Recommendation:
    """What to do, about what, and how urgently."""

    severity: Severity
    subject: str
    """ "node/gpu-node-03", "image/…", "project/ml-team", "type/OOMKilled" """
    text: str
    """Plain text; templates escape it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What the analysis found in a period. Lists are in order of weight, heaviest first."""

    period: Period
    project: str | None = None
    cluster: str | None = None
    clusters: tuple[str, ...] = ()
    """Those that anything was recorded of in the period."""
    summary: Summary = field(default_factory=Summary)
    types: tuple[TypeCount, ...] = ()
    projects: tuple[ProjectFinding, ...] = ()
    nodes: tuple[NodeFinding, ...] = ()
    images: tuple[ImageFinding, ...] = ()
    hours: Hours = field(default_factory=Hours)
    spikes: tuple[Spike, ...] = ()
    trend: Trend = field(default_factory=Trend)
    new_types: tuple[str, ...] = ()
    returning_types: tuple[str, ...] = ()
    changes: tuple[Change, ...] = ()
    daily_failures: tuple[int, ...] = ()
    """By day, from the beginning of the period on."""
    previous_daily_failures: tuple[int, ...] = ()
    """The same of the period before."""
    recommendations: tuple[Recommendation, ...] = ()
    notes: tuple[str, ...] = ()
    """Why nothing was found, or what is unknown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """One row of the raw statistics."""

    name: str
    failures: int
    jobs_failed: int
    attempts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Stats:
    """Raw counts of a period, most failures first."""

    period: Period
    project: str | None = None
    cluster: str | None = None
    types: tuple[Count, ...] = ()
    projects: tuple[Count, ...] = ()
    nodes: tuple[Count, ...] = ()
    images: tuple[Count, ...] = ()
