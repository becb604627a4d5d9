"""The jobs that changes are judged by: those on nodes that something changed on, the pods of services that were rolled
out, and of all others a sample, to compare with. Few, so that those of the time before can be kept beside them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields

import numpy as np
from numpy.typing import NDArray

from bot.domain.analysis.attempt_table import (
    DAY_MS,
    FAILED,
    SUCCEEDED,
    Codes,
    Events,
    Flags,
    Numbers,
    PeriodEvidence,
    Places64,
    Runs,
)
from bot.domain.analysis.identity import job_number
from bot.domain.workload.version import ROLLOUT, Version

OTHER, _LEFT_OUT = -1, -2
_MOST_OTHERS, _MOST_CHANGED = 20_000, 100_000
"""Rows from which jobs are sampled. The noise of the others is allowed for in the test."""
_BUCKETS = 1 << 16
_KNUTH = np.uint64(0x9E3779B97F4A7C15)
_FINE = np.uint64(1)
"""The lowest bit of a key: of equal units the failed one sorts first."""


@dataclass(frozen=True, slots=True)
class Units:
    """Jobs on nodes, or pods of services; each ran well or failed. In `of_nodes` a job counts once a day and node."""

    job: Numbers
    family: NDArray[np.uint32]
    node: Codes
    """Place in `Watchlist.nodes`, or OTHER."""
    cluster: Codes
    at: Places64
    """When it ended, or failed; of a service's pod that did not fail, when it began, since it ends with the next one's
    rollout. Milliseconds since 1970, UTC."""
    failed: Flags

    def __len__(self) -> int:
        return len(self.job)

    def where(self, mask: Flags | NDArray[np.intp]) -> Units:
        """Some of them."""
        return Units(*(getattr(self, each.name)[mask] for each in fields(self)))

    def __add__(self, other: Units) -> Units:
        return Units(*(np.concatenate((getattr(self, each.name), getattr(other, each.name))) for each in fields(self)))


NONE = Units(
    np.empty(0, np.uint64),
    np.empty(0, np.uint32),
    np.empty(0, np.int32),
    np.empty(0, np.int32),
    np.empty(0, np.int64),
    np.empty(0, np.bool_),
)


@dataclass(frozen=True, slots=True)
class Cohorts:
    """The units of a time; `one_in` says how many jobs on changed nodes each of them stands for."""

    of_nodes: Units = NONE
    of_services: Units = NONE
    one_in: int = 1

    def __add__(self, other: Cohorts) -> Cohorts:
        nodes, services = self.of_nodes + other.of_nodes, self.of_services + other.of_services
        return Cohorts(nodes, services, max(self.one_in, other.one_in))


@dataclass(frozen=True, slots=True)
class Watchlist:
    """What changed: the nodes, the services by their numbers, and the clusters that have them."""

    nodes: Mapping[tuple[str, str], int] = field(default_factory=dict)
    services: Mapping[tuple[str, str | None, str], np.uint64] = field(default_factory=dict)
    clusters: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, changed: Iterable[Version]) -> Watchlist:
        """All that these versions are about."""
        nodes: dict[tuple[str, str], int] = {}
        services: dict[tuple[str, str | None, str], np.uint64] = {}
        clusters: dict[str, int] = {}
        for one in changed:
            clusters.setdefault(one.cluster, len(clusters))
            if one.what == ROLLOUT:
                number = job_number(one.cluster, one.project, one.subject)
                services[one.cluster, one.project, one.subject] = np.uint64(number)
            else:
                nodes.setdefault((one.cluster, one.subject), len(nodes))
        return cls(nodes, services, clusters)


def cohorts(evidence: PeriodEvidence, watched: Watchlist) -> Cohorts:
    """The units of a period that tell something about what changed; nothing where nothing did."""
    if not watched.clusters:
        return Cohorts()
    nodes, clusters = _tables(evidence, watched)
    runs, events = evidence.runs, evidence.events
    has_changed = nodes >= 0
    of_runs, of_events = has_changed[runs.place], has_changed[events.place]
    every = _one_in(int(of_runs.sum() + of_events.sum()), _MOST_CHANGED)
    others = _one_in(len(runs), _MOST_OTHERS)
    fine = _drawn(runs, of_runs, every, others)
    fine = fine[(runs.outcome[fine] == SUCCEEDED) & (nodes[runs.place[fine]] != _LEFT_OUT)]
    bad = _drawn(events, of_events, every, others)
    bad = bad[(events.first_fault[bad] != 0) & (nodes[events.place[bad]] != _LEFT_OUT)]
    pairs = _fine(runs.where(fine), runs.ended[fine], nodes, clusters) + _bad(events.where(bad), nodes, clusters)
    return Cohorts(_once_a_day(pairs), _of_services(evidence, watched, nodes, clusters), every)


def _tables(evidence: PeriodEvidence, watched: Watchlist) -> tuple[Codes, Codes]:
    """By place: the node that a run there is charged to, and the cluster."""
    nodes, clusters = [], []
    for place in evidence.names.places:
        is_one = len(place.nodes) == 1 and place.cluster in watched.clusters
        nodes.append(watched.nodes.get((place.cluster, place.nodes[0]), OTHER) if is_one else _LEFT_OUT)
        clusters.append(watched.clusters.get(place.cluster, _LEFT_OUT))
    return np.array(nodes, dtype=np.int32), np.array(clusters, dtype=np.int32)


def _drawn(rows: Runs | Events, has_changed: Flags, every: int, others: int) -> NDArray[np.intp]:
    """The rows to look at: being hashes, jobs whose numbers end alike have nothing in common."""
    likely = np.flatnonzero(has_changed | ((rows.job & np.uint64(others - 1)) == 0))
    return np.asarray(likely[~has_changed[likely] | ((rows.job[likely] & np.uint64(every - 1)) == 0)])


def _one_in(rows: int, most: int) -> int:
    return 1 << (max(1, rows // most) - 1).bit_length()


def _fine(runs: Runs, at: Places64, nodes: Codes, clusters: Codes) -> Units:
    good = np.zeros(len(runs), dtype=bool)
    return Units(runs.job, runs.family, nodes[runs.place], clusters[runs.place], at, good)


def _bad(events: Events, nodes: Codes, clusters: Codes) -> Units:
    bad = np.ones(len(events), dtype=bool)
    return Units(events.job, events.family, nodes[events.place], clusters[events.place], events.at, bad)


def _of_services(evidence: PeriodEvidence, watched: Watchlist, nodes: Codes, clusters: Codes) -> Units:
    """The pods of services: those that failed, and those that ended otherwise; being replaced is no failure."""
    if not watched.services:
        return NONE
    numbers = np.array(list(watched.services.values()), dtype=np.uint64)
    runs, events = evidence.runs, evidence.events
    fine = np.flatnonzero(_among(runs.job, numbers))
    some = runs.where(fine[runs.outcome[fine] != FAILED])
    began = some.ended - np.nan_to_num(some.seconds.astype(np.float64) * 1000).astype(np.int64)
    return _fine(some, began, nodes, clusters) + _bad(events.where(_among(events.job, numbers)), nodes, clusters)


def _among(jobs: Numbers, numbers: Numbers) -> Flags:
    """Which jobs have one of these numbers; most are told apart without a search."""
    bucket = np.zeros(_BUCKETS, dtype=bool)
    bucket[numbers & np.uint64(_BUCKETS - 1)] = True
    likely = np.flatnonzero(bucket[jobs & np.uint64(_BUCKETS - 1)])
    found = np.zeros(len(jobs), dtype=bool)
    found[likely[np.isin(jobs[likely], numbers)]] = True
    return found


def _once_a_day(units: Units) -> Units:
    """Each job once a day and node; it failed there if it ever did on that day."""
    day = (units.at // DAY_MS).astype(np.uint64)
    key = (units.job ^ (day << np.uint64(32)) ^ (units.node + 2).astype(np.uint64)) * _KNUTH
    order = np.argsort(key & ~_FINE | (~units.failed).astype(np.uint64))
    ordered = key[order] | _FINE
    first = np.ones(len(order), dtype=bool)
    first[1:] = ordered[1:] != ordered[:-1]
    return units.where(order[first])
