"""The causes that matter in a period: in how many jobs each failed, more or less than before, and whose they were."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

_CLEARLY = 1.25
"""Times as many jobs, or as few, that make a trend; below that the number is what it was."""
_FEWEST = 2
"""Jobs by which a trend differs at least: one more is no trend."""


class Turn(StrEnum):
    """How it went against the period before."""

    UP = "up"
    DOWN = "down"
    SAME = "same"
    NEW = "new"


@dataclass(frozen=True, slots=True, kw_only=True)
class FailedJob:
    """A job that failed for one cause in a period, and how often."""

    cause: str
    """The signature, or the failure type where no signature is known."""
    job: str
    cluster: str
    project: str | None = None
    owner: str | None = None
    failures: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """What one cause did in a period."""

    cause: str
    jobs: int
    failures: int
    previous_jobs: int = 0
    owners: tuple[str, ...] = ()
    """Whose jobs failed, as the cluster calls them, those of most jobs first; without the unknown ones."""
    projects: tuple[str, ...] = ()
    person: str | None = None
    """The Slack user, where all of it is one person's and Slack knows them."""

    @property
    def turn(self) -> Turn:
        """How it went against the period before."""
        if not self.previous_jobs:
            return Turn.NEW
        if abs(self.jobs - self.previous_jobs) < _FEWEST:
            return Turn.SAME
        if self.jobs >= _CLEARLY * self.previous_jobs:
            return Turn.UP
        return Turn.DOWN if self.previous_jobs >= _CLEARLY * self.jobs else Turn.SAME


def heaviest(now: Iterable[FailedJob], before: Iterable[FailedJob], *, most: int = 5) -> tuple[Cause, ...]:
    """The causes that failed most jobs, the worst first. Jobs that two causes failed count for both."""
    failed, earlier = _by_cause(now), _by_cause(before)
    order = sorted(failed, key=lambda cause: (-len(failed[cause]), cause))[:most]
    return tuple(
        Cause(
            cause=cause,
            jobs=len(_jobs(failed[cause])),
            failures=sum(one.failures for one in failed[cause]),
            previous_jobs=len(_jobs(earlier.get(cause, []))),
            owners=_most([one.owner for one in failed[cause]]),
            projects=_most([one.project for one in failed[cause]]),
        )
        for cause in order
    )


def _by_cause(failed: Iterable[FailedJob]) -> dict[str, list[FailedJob]]:
    found: dict[str, list[FailedJob]] = defaultdict(list)
    for one in failed:
        found[one.cause].append(one)
    return found


def _jobs(failed: Iterable[FailedJob]) -> set[tuple[str, str | None, str]]:
    return {(one.cluster, one.project, one.job) for one in failed}


def _most(names: list[str | None]) -> tuple[str, ...]:
    known = [name for name in names if name]
    return tuple(sorted(set(known), key=lambda name: (-known.count(name), name)))
