"""What changed before failures rose: a new driver or kernel of nodes, a service's rollout, an image or a node that was
not in use before. What rose for everybody at that time is nobody's change."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import numpy as np

from bot.domain.analysis import novelty
from bot.domain.analysis.attempt_table import DAY_MS, Before, Flags, PeriodEvidence, milliseconds
from bot.domain.analysis.cohorts import Cohorts, Units, Watchlist, cohorts
from bot.domain.analysis.difference import Ground, Table, Verdict, cells, counted, judged
from bot.domain.analysis.grouping import grouped
from bot.domain.analysis.moves import Move, Sides, moves, sides
from bot.domain.analysis.report import Change, ImageFinding, NodeFinding, Report
from bot.domain.analysis.severity import severity, weight
from bot.domain.analysis.statistics import benjamini_hochberg
from bot.domain.period import Period
from bot.domain.workload.version import DRIVER, ROLLOUT, Inventory, Version

Q_VALUE = 0.01
"""At most this share of the changes found is found by chance."""
FEWEST_BEFORE = 2
"""Runs before a change that it takes to say that anything rose."""
_SHORTLY = timedelta(days=3)
_LATE = np.iinfo(np.int64).max
_SAME = 0.5
"""Share of its nodes that another change shares from which they cannot be told apart: the surer one is named."""


@dataclass(frozen=True, slots=True)
class Past:
    """What the analysis keeps of the time before the period, to judge changes by."""

    inventory: Inventory
    cohorts: Cohorts

    @classmethod
    def of(cls, previous: PeriodEvidence, inventory: Inventory) -> Past:
        """What the period before and the inventory say."""
        return cls(inventory, cohorts(previous, Watchlist.of(inventory.changed)))


@dataclass(frozen=True, slots=True)
class _Case:
    """A change, and what speaks for it: nothing, where there is too little to test."""

    change: Change
    verdict: Verdict | None = None


def looked_at(period: Period) -> Period:
    """The time in which something may have changed that shows in the period: in it, or shortly before."""
    return Period(period.since - min(_SHORTLY, period.length / 2), period.until)


def changes(
    evidence: PeriodEvidence,
    before: Before,
    past: Past,
    *,
    images: Sequence[ImageFinding],
    nodes: Sequence[NodeFinding],
    threshold: int,
) -> tuple[Change, ...]:
    """The changes that the analysis stands behind, heaviest first, with at least `threshold` failed jobs since.

    `images` and `nodes` are those found to be bad. One of them that was not in use before is a change by itself: its
    own test, against the others of the same time, is the one that counts.
    """
    new = novelty.first_used(evidence, images, nodes, before)
    inventory = past.inventory
    if not inventory.changed:
        return new
    watched = Watchlist.of(inventory.changed)
    seen = past.cohorts + cohorts(evidence, watched)
    cases = [*_of_nodes(seen.of_nodes, watched, inventory, threshold)]
    cases += _of_services(seen, watched, inventory, threshold)
    told = {one.name for one in new if one.what == "image"}
    found = [one for one in _standing(cases) if one.what != ROLLOUT or not told & _images_of(one, evidence, watched)]
    return tuple(sorted((*found, *new), key=lambda one: (-weight(one.failures, one.jobs_failed), one.what, one.name)))


def unknown_versions(found: Report, past: Past) -> tuple[str, ...]:
    """What cannot be said of changes, in words; nothing where nobody misses it."""
    if not found.summary.failures:
        return ()
    silent = sorted(name for name in past.inventory.looked if (name, DRIVER) not in past.inventory.nodes)
    notes = [
        f"Driver versions are not reported by the nodes of {name}: GPU feature discovery would." for name in silent
    ]
    if past.cohorts.one_in > 1 and found.changes:
        notes.append(f"Changes of nodes were judged by one job in {past.cohorts.one_in}, drawn blindly; so they count.")
    return tuple(notes)


def _standing(cases: Sequence[_Case]) -> list[Change]:
    """Those beyond chance, and by an amount that matters; of several that share their nodes, the surest."""
    p_values = np.array([1.0 if one.verdict is None else one.verdict.p_value for one in cases])
    q_values = benjamini_hochberg(p_values)
    found: list[Change] = []
    for place in np.argsort(p_values, kind="stable"):
        change, verdict = cases[place].change, cases[place].verdict
        if verdict is None or not verdict.raised or q_values[place] >= Q_VALUE:
            continue
        if not any(_overlap(change, other) for other in found):
            found.append(replace(change, q_value=float(q_values[place]), expected_rate=verdict.expected_rate))
    return found


def _overlap(one: Change, other: Change) -> bool:
    shared = set(one.nodes) & set(other.nodes) if one.cluster == other.cluster else set()
    return len(shared) > _SAME * min(len(one.nodes), len(other.nodes))


def _of_nodes(units: Units, watched: Watchlist, inventory: Inventory, threshold: int) -> Iterator[_Case]:
    """The moves of nodes."""
    days = units.at // DAY_MS
    day = days - days.min(initial=_LATE)
    kin = grouped(units.family.astype(np.uint64) << np.uint64(32) | day.astype(np.uint64))[1]
    ground = Ground(units.failed, day, kin, grouped(units.job)[1])
    for move in moves(inventory):
        yield _case(_of_move(move, inventory), sides(move, units, watched, inventory.looked), ground, threshold)


def _of_services(seen: Cohorts, watched: Watchlist, inventory: Inventory, threshold: int) -> Iterator[_Case]:
    """The rollouts of services. Of one service its pods are what counts, each for itself."""
    units = seen.of_nodes + seen.of_services
    alike = np.zeros(len(units), np.int64)
    ground = Ground(units.failed, alike, alike, np.arange(len(units)))
    is_pod = ground.job >= len(seen.of_nodes)
    rollouts = [one for one in inventory.changed if one.what == ROLLOUT]
    for one in rollouts:
        later = [other.first_seen for other in rollouts if _service(other) == _service(one)]
        until = min((each for each in later if each > one.first_seen), default=None)
        change = Change(
            what=ROLLOUT, name=one.subject, at=one.first_seen, failures=0, cluster=one.cluster, project=one.project
        )
        yield _case(change, _around(one, until, units, is_pod, watched), ground, threshold)


def _around(rollout: Version, until: datetime | None, units: Units, is_pod: Flags, watched: Watchlist) -> Sides:
    """The pods of a service before and after its rollout, up to the next one, and everybody else in the cluster."""
    number, since = watched.services[_service(rollout)], milliseconds(rollout.first_seen)
    mine, others = units.job == number, units.cluster == watched.clusters[rollout.cluster]
    early, late = units.at < since, units.at >= since
    stays = late if until is None else late & (units.at < milliseconds(until))
    return Sides(
        before=mine & is_pod & early,
        after=mine & is_pod & stays,
        others_before=others & ~mine & early,
        others_after=others & ~mine & late,
    )


def _case(change: Change, where: Sides, ground: Ground, threshold: int) -> _Case:
    """A change with its counts and, where they suffice and anything rose at all, the test."""
    jobs, failed = counted(ground, where.after)
    jobs_before, failed_before = counted(ground, where.before)
    change = replace(
        change,
        failures=failed,
        jobs=jobs,
        jobs_failed=failed,
        jobs_before=jobs_before,
        jobs_failed_before=failed_before,
        severity=severity(failed, failed),
    )
    if failed < threshold or jobs_before < FEWEST_BEFORE or failed * jobs_before <= failed_before * jobs:
        return _Case(change)
    before, others_before = cells(ground, where.before, where.others_before)
    after, others_after = cells(ground, where.after, where.others_after)
    change = replace(change, others_rate_before=others_before.rate, others_rate=others_after.rate)
    return _Case(change, judged(Table(before, after, others_before, others_after)))


def _of_move(move: Move, inventory: Inventory) -> Change:
    lead = move.lead
    return Change(
        what=lead.what,
        name=lead.value,
        at=move.at,
        failures=0,
        replaced=move.replaced,
        also=move.also,
        cluster=lead.cluster,
        nodes=move.nodes,
        of_nodes=inventory.nodes.get((lead.cluster, lead.what)),
    )


def _service(of: Version) -> tuple[str, str | None, str]:
    return of.cluster, of.project, of.subject


def _images_of(rollout: Change, evidence: PeriodEvidence, watched: Watchlist) -> set[str | None]:
    """The images that a service's pods failed with."""
    number = watched.services[rollout.cluster or "", rollout.project, rollout.name]
    events = evidence.events
    return {evidence.names.images[code] for code in np.unique(events.image[events.job == number])}
