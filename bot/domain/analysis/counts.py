"""What is counted of a node or an image: the one definition that every answer, report, digest and incident uses.

An attempt is a node's if it ran there, alone or as part of a gang that was recorded as one attempt. A failure is what
failed there first: the victims of a gang are nobody's. A job that failed there counts once, however often it was tried
and whether or not it ran well afterwards; it is one of the jobs that failed or ran well there. Killed attempts say
neither."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from bot.domain.analysis.attempt_table import (
    SUCCEEDED,
    Codes,
    Counts,
    Flags,
    Numbers,
    PeriodEvidence,
    Places64,
    milliseconds,
)
from bot.domain.analysis.grouping import distinct
from bot.domain.period import Period

K = TypeVar("K", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Totals:
    """The numbers of one thing."""

    attempts: int = 0
    failures: int = 0
    jobs: int = 0
    jobs_failed: int = 0


@dataclass(frozen=True, slots=True)
class TotalsOfMany:
    """The numbers of many things; all arrays have shape (subjects,)."""

    attempts: Counts
    failures: Counts
    jobs: Counts
    jobs_failed: Counts

    def __getitem__(self, subject: int) -> Totals:
        """Those of one."""
        return Totals(*(int(getattr(self, name)[subject]) for name in self.__slots__))


@dataclass(frozen=True, slots=True)
class Part:
    """Which attempts and failures are one thing's."""

    evidence: PeriodEvidence
    runs: Flags
    events: Flags

    def during(self, period: Period) -> Part:
        """What ended or failed in this time."""
        since, until = milliseconds(period.since), milliseconds(period.until)
        ended, at = self.evidence.runs.ended, self.evidence.events.at
        return Part(
            self.evidence,
            self.runs & (ended >= since) & (ended < until),
            self.events & (at >= since) & (at < until),
        )

    def but(self, events: Flags) -> Part:
        """Without these failures."""
        return Part(self.evidence, self.runs, self.events & ~events)

    @property
    def totals(self) -> Totals:
        """Its numbers."""
        runs, events = np.flatnonzero(self.runs), np.flatnonzero(self.events)
        ours = np.zeros(len(runs), np.int64), np.zeros(len(events), np.int64)
        return totals_of_many(self.evidence, (runs, ours[0]), (events, ours[1]), 1)[0]


def of_node(evidence: PeriodEvidence, cluster: str, node: str) -> Part:
    """What ran on a node."""
    here = flags(place.cluster == cluster and node in place.nodes for place in evidence.names.places)
    return part(evidence, here[evidence.runs.place], here[evidence.events.place])


def of_image(evidence: PeriodEvidence, image: str) -> Part:
    """What ran with an image."""
    this = flags(name == image for name in evidence.names.images)
    return part(evidence, this[evidence.runs.image], this[evidence.events.image])


def part(evidence: PeriodEvidence, runs: Flags, events: Flags) -> Part:
    """These attempts, and those of these failure events that are no victims'."""
    return Part(evidence, runs, events & (evidence.events.first_fault != 0))


def of_all_nodes(evidence: PeriodEvidence) -> dict[tuple[str, str], Totals]:
    """The numbers of each node, (cluster, node)."""
    names: dict[tuple[str, str], int] = {}
    members = [
        [names.setdefault((place.cluster, node), len(names)) for node in place.nodes] for place in evidence.names.places
    ]
    return _named(list(names), members, evidence, evidence.runs.place, evidence.events.place)


def of_all_images(evidence: PeriodEvidence) -> dict[str, Totals]:
    """The numbers of each image."""
    names = [name for name in evidence.names.images if name is not None]
    number = {name: code for code, name in enumerate(names)}
    members = [[] if name is None else [number[name]] for name in evidence.names.images]
    return _named(names, members, evidence, evidence.runs.image, evidence.events.image)


def totals_of_many(
    evidence: PeriodEvidence, runs: tuple[Places64, Places64], events: tuple[Places64, Places64], subjects: int
) -> TotalsOfMany:
    """The numbers of these subjects: of `runs` and `events`, no victims' among these, the places in the evidence and
    which subject each belongs to."""
    fine = evidence.runs.outcome[runs[0]] == SUCCEEDED
    well, lost = evidence.runs.job[runs[0][fine]], evidence.events.job[events[0]]
    return TotalsOfMany(
        attempts=np.bincount(runs[1], minlength=subjects),
        failures=np.bincount(events[1], minlength=subjects),
        jobs=distinct_jobs(np.concatenate((lost, well)), np.concatenate((events[1], runs[1][fine])), subjects),
        jobs_failed=distinct_jobs(lost, events[1], subjects),
    )


def distinct_jobs(job: Numbers, subject: Codes | Places64, subjects: int) -> Counts:
    """How many different jobs each subject has. Of a job's number the lowest bits give way to the subject's."""
    low = np.uint64((1 << (subjects - 1).bit_length()) - 1) if subjects else np.uint64(0)
    ordered = distinct((job & ~low) | subject.astype(np.uint64))
    return np.bincount((ordered & low).astype(np.int64), minlength=subjects)


def successes_since(this: Part, at: int) -> int:
    """Jobs that went well after a moment, given in milliseconds since 1970."""
    runs = this.evidence.runs
    return len(distinct(runs.job[this.runs & (runs.outcome == SUCCEEDED) & (runs.ended > at)]))


def flags(each: Iterable[bool]) -> Flags:
    """One for each name; never without any, so that it can be asked with an empty array of codes."""
    return np.array([*each] or [False], dtype=bool)


def _named(
    names: list[K], members: list[list[int]], evidence: PeriodEvidence, run: Codes, event: Codes
) -> dict[K, Totals]:
    """The numbers of each name; `members` says which names each code of a run or an event stands for."""
    runs, of_run = _expanded(members, run)
    events, of_event = _expanded(members, event)
    own = evidence.events.first_fault[events] != 0
    counted = totals_of_many(evidence, (runs, of_run), (events[own], of_event[own]), len(names))
    return {name: counted[code] for code, name in enumerate(names)}


def _expanded(members: list[list[int]], codes: Codes) -> tuple[Places64, Places64]:
    """For each row and each thing that its code stands for: the row and the thing."""
    size = np.array([len(each) for each in members] or [0])
    flat = np.array([one for each in members for one in each], dtype=np.int64)
    if (size == 1).all():
        return np.arange(len(codes)), flat[codes]
    row = np.repeat(np.arange(len(codes)), size[codes])
    first = (np.cumsum(size) - size)[codes[row]]
    within = np.arange(len(row)) - (np.cumsum(size[codes]) - size[codes])[row]
    return row, flat[first + within]
