"""What is told of one node or one image: whether it is worse than others, what failed there, and what to do next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.domain.analysis.report import Change, ImageFinding, NodeFinding
from bot.domain.incidents.incident import Incident
from bot.domain.knowledge.solution import Ranked
from bot.domain.period import Period
from bot.domain.workload.version import Version

_FEWEST = 5
"""Jobs that it takes to say anything of a share."""


class Comparison(StrEnum):
    """How a thing stands beside others of its kind."""

    BAD = "bad"
    """The analysis stands behind it."""
    HIGHER = "higher"
    """More of its jobs fail than of others, but what its jobs do elsewhere, or chance, explains it."""
    ALIKE = "alike"
    FEW = "few"
    """Too few jobs to tell."""
    IDLE = "idle"
    """Nothing of it ended in the period."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """How many jobs failed of how many. A job counts once, however often it was tried; killed ones say neither."""

    attempts: int = 0
    jobs: int = 0
    failed: int = 0
    low: float = 0.0
    high: float = 1.0
    """95 % interval of the rate, 0 to 1."""

    @property
    def rate(self) -> float:
        """The share that failed, 0 to 1; 0 where there was no job."""
        return self.failed / self.jobs if self.jobs else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class CauseCount:
    """How much one cause did."""

    failure_type: str
    signature: str | None
    jobs: int
    failures: int

    @property
    def name(self) -> str:
        """The signature, or the failure type where no signature is known."""
        return self.signature or self.failure_type


@dataclass(frozen=True, slots=True, kw_only=True)
class LatestFailure:
    """A job that failed there: its newest failure, and how many failures it had there in the period."""

    job: str
    project: str | None
    cluster: str
    cause: str
    at: datetime
    failures: int
    node: str | None = None
    image: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What the hardware itself said, and when (UTC), oldest first."""

    signature: str
    title: str
    times: tuple[datetime, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Conduct:
    """What a node or an image did in the period. Times are UTC."""

    share: Share
    causes: tuple[CauseCount, ...] = ()
    """Those of most jobs first."""
    failed_jobs: tuple[LatestFailure, ...] = ()
    """The newest."""
    first_failed_at: datetime | None = None
    last_failed_at: datetime | None = None
    successes_since_failure: int = 0
    """Jobs that went well after the last failure."""
    last_seen: datetime | None = None
    """When the last attempt ended or failure began; of an idle one, before the period."""

    @property
    def worst(self) -> LatestFailure | None:
        """Of the newest failed jobs that with most failures."""
        return max(self.failed_jobs, key=lambda one: (one.failures, one.at), default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class AboutNode:
    """The story of a node in a period."""

    node: str
    cluster: str
    period: Period
    standing: Comparison
    conduct: Conduct
    finding: NodeFinding | None = None
    """The report's."""
    all_nodes: float | None = None
    """The share of jobs that failed on any node, 0 to 1; None where nothing ran."""
    faults: tuple[Fault, ...] = ()
    versions: tuple[Version, ...] = ()
    """What is in use, and since when it was seen."""
    changed: tuple[Version, ...] = ()
    """What replaced something shortly before its first failure, the newest first."""
    blamed: Change | None = None
    """The change that the report blames, where this node has it."""
    incident: Incident | None = None
    """The open incident about it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OnNode:
    """How many jobs of an image failed on a node."""

    node: str
    cluster: str
    jobs: int
    failed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AboutImage:
    """The story of an image in a period."""

    image: str
    cluster: str | None
    """The only cluster that was looked at; None for all of them."""
    period: Period
    standing: Comparison
    conduct: Conduct
    finding: ImageFinding | None = None
    """The report's."""
    others: Share | None = None
    """The other images of the projects that used it; None where there are none."""
    first_seen: datetime | None = None
    """When its first attempt ended, of those in the period and in one as long before (UTC)."""
    is_new: bool = False
    """Whether it was seen in the period first, and other things were seen before."""
    nodes: int = 0
    """How many nodes it ran on."""
    carrier: OnNode | None = None
    """The node that most of its failed jobs failed on, where it ran on others too."""
    best_fix: Ranked | None = None
    """For its commonest cause, by the lowest rate that can be vouched for."""
    incident: Incident | None = None


def standing(share: Share, others: float | None, *, found: bool) -> Comparison:
    """How it stands beside the share of others that failed; `found` says that the analysis stands behind it."""
    if found:
        return Comparison.BAD
    if not share.jobs:
        return Comparison.IDLE
    if share.jobs < _FEWEST or others is None:
        return Comparison.FEW
    return Comparison.HIGHER if share.low > others else Comparison.ALIKE
