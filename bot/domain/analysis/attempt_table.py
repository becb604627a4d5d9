"""PeriodEvidence: what was recorded in a period, in columns. Everything the analysis sees; made by the store, read by
all findings. An array has one element for each attempt or failure event; the order carries no meaning."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from bot.domain.period import Period
from bot.domain.workload.attempt import Outcome

Numbers = NDArray[np.uint64]
Floats = NDArray[np.float64]
Codes = NDArray[np.int32]
Flags = NDArray[np.bool_]
Places64 = NDArray[np.int64]
Counts = NDArray[np.integer[Any]]

OUTCOMES = (Outcome.SUCCEEDED, Outcome.FAILED, Outcome.KILLED)
SUCCEEDED, FAILED, KILLED = range(3)
"""How `Runs.outcome` says it: the places in OUTCOMES."""


class Placement(NamedTuple):
    """Where something ran: no node is unknown, several are a gang that was recorded as one attempt."""

    cluster: str
    nodes: tuple[str, ...] = ()


class Gpus(NamedTuple):
    """The GPUs of one attempt; None is unknown."""

    number: float | None = None
    type: str | None = None


@dataclass(frozen=True, slots=True)
class Runs:
    """Attempts. Codes point into `Names`."""

    job: Numbers
    """`identity.job_number`"""
    family: NDArray[np.uint32]
    """`identity.family_number`"""
    submission: NDArray[np.uint32]
    """`identity.small_number` of the job's uid; 0 unknown."""
    owner: NDArray[np.uint32]
    """`identity.small_number` of the owner; 0 unknown."""
    place: Codes
    image: Codes
    project: Codes
    gpus: Codes
    outcome: NDArray[np.uint8]
    ended: Places64
    """Milliseconds since 1970, UTC."""
    seconds: NDArray[np.float32]
    """From start to end; NaN unknown."""

    def __len__(self) -> int:
        return len(self.job)

    def where(self, mask: NDArray[np.bool_] | NDArray[np.intp]) -> Self:
        """Some of them."""
        return type(self)(*(getattr(self, each.name)[mask] for each in fields(self)))


@dataclass(frozen=True, slots=True)
class Events:
    """Failure events. Codes point into `Names`."""

    job: Numbers
    family: NDArray[np.uint32]
    submission: NDArray[np.uint32]
    owner: NDArray[np.uint32]
    place: Codes
    image: Codes
    project: Codes
    type: Codes
    signature: Codes
    first_fault: NDArray[np.uint8]
    """0 for the victims of a gang."""
    at: Places64
    """Milliseconds since 1970, UTC."""

    def __len__(self) -> int:
        return len(self.job)

    def where(self, mask: NDArray[np.bool_] | NDArray[np.intp]) -> Self:
        """Some of them."""
        return type(self)(*(getattr(self, each.name)[mask] for each in fields(self)))


@dataclass(frozen=True, slots=True)
class Names:
    """What the codes stand for."""

    places: tuple[Placement, ...] = ()
    images: tuple[str | None, ...] = ()
    projects: tuple[str | None, ...] = ()
    gpus: tuple[Gpus, ...] = ()
    types: tuple[str, ...] = ()
    signatures: tuple[str | None, ...] = ()


@dataclass(frozen=True, slots=True)
class PeriodEvidence:
    """All that is known of a period."""

    period: Period
    runs: Runs
    events: Events
    names: Names


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """What the time before the period was like: for trends, and for what is new."""

    recorded_since: datetime | None = None
    """When the oldest attempt or failure ended; None where nothing is recorded at all."""
    failures: int = 0
    """In the period of the same length just before."""
    daily_failures: tuple[int, ...] = ()
    """The same, by day."""
    jobs: int = 0
    jobs_failed: int = 0
    projects: Mapping[str | None, tuple[int, int]] = field(default_factory=dict)
    """How many jobs each project had, and how many of them failed."""
    types_seen: Mapping[str, datetime] = field(default_factory=dict)
    """When each failure type last occurred before the period; no place for one that never did."""
    images: frozenset[str | None] = frozenset()
    """The images in use."""
    nodes: frozenset[tuple[str, str]] = frozenset()
    """The nodes in use, as (cluster, node)."""


def milliseconds(at: datetime) -> int:
    """A time as the columns have it."""
    return (at - _EPOCH) // _MILLISECOND


def moment(at: int) -> datetime:
    """What a time in the columns means, in UTC."""
    return _EPOCH + at * _MILLISECOND


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
