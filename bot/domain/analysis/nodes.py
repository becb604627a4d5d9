"""Hot nodes: nodes that fail more of the jobs they get than the same jobs fail elsewhere, or whose hardware said so."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from bot.domain.analysis import counts
from bot.domain.analysis.attempt_table import DAY_MS, Flags, PeriodEvidence, moment
from bot.domain.analysis.attribution import Attribution, Inquiry, attributed
from bot.domain.analysis.exposure import Kin, Pairs, nodes, pairs, teams
from bot.domain.analysis.gangs import hot_in_gangs
from bot.domain.analysis.grouping import cells, distinct, summed
from bot.domain.analysis.hot_node import Case, finding
from bot.domain.analysis.mantel_haenszel import Tables, hypergeometric_sf
from bot.domain.analysis.report import NodeFinding
from bot.domain.analysis.severity import weight
from bot.domain.analysis.statistics import binomial, upper_tail
from bot.domain.period import Period
from bot.domain.workload.hard_faults import HARD_FAULTS

_STILL = 0.05
"""p-value of the other teams' failures on a node: what one team's bad jobs do to it is not the node's fault."""
_SAME_DAYS = 0.01
_FEWEST_DAYS = 3
"""A node that only one team uses has to fail its jobs on so many days on which the same jobs ran well elsewhere."""


@dataclass(frozen=True, slots=True)
class Hot:
    """The nodes found, and how many were looked at."""

    findings: tuple[NodeFinding, ...]
    tested: int
    explained: Flags
    """The failure events of the nodes found."""


def hot_nodes(evidence: PeriodEvidence, kin: Kin, charged: Flags, *, threshold: int) -> Hot:
    """The hot nodes, worst first: over the period, or over the part of it that shows one.

    A node has to fail at least `threshold` jobs, from two projects or owners where these are known. `charged` are the
    failure events that may count against a node at all; what hardware said always does.
    """
    subjects, events = nodes(evidence), evidence.events
    everything = pairs(evidence, subjects, kin, charged)
    several = len(distinct(teams(events.project, events.owner, evidence))) > 1
    inquiry = Inquiry(len(subjects.names), nameless=not several)
    found = attributed(
        everything, inquiry, lambda one, among: _holds(_in_time(one, among), one, threshold, several=several)
    )
    cases = {subjects.names[node]: _case(one, evidence.period) for node, one in found.items()}
    left = charged & ~_explained(evidence, cases)
    cases |= hot_in_gangs(evidence, subjects.names, left, threshold=threshold, nameless=not several)
    for name in _faulty(evidence):
        cases.setdefault(name, Case(1.0, _elsewhere(evidence, name)))
    findings = [finding(name, case, evidence, ~charged) for name, case in cases.items()]
    findings.sort(key=lambda one: (-weight(one.failures, one.jobs_failed), one.cluster, one.node))
    return Hot(tuple(findings), len(distinct(everything.subject)), _explained(evidence, cases))


def _in_time(one: Attribution, among: Pairs) -> Pairs:
    """The pairs of the time that shows it."""
    if one.window is None:
        return among
    return among.where((among.at >= one.window.since) & (among.at < one.window.until))


def _case(one: Attribution, period: Period) -> Case:
    worst = one.window
    if worst is None:
        return Case(one.q_value, one.elsewhere)
    window = Period(max(period.since, moment(worst.since)), min(period.until, moment(worst.until)))
    return Case(one.q_value, one.elsewhere, window, one.elsewhere_then)


def _explained(evidence: PeriodEvidence, names: Iterable[tuple[str, str]]) -> Flags:
    """The failure events on any of these nodes, alone or as part of a gang."""
    explained = np.zeros(len(evidence.events), dtype=bool)
    for name in names:
        explained |= counts.of_node(evidence, *name).events
    return explained


def _faulty(evidence: PeriodEvidence) -> list[tuple[str, str]]:
    """The nodes whose hardware reported a fault, whatever else explains the jobs that it failed."""
    names, events = evidence.names, evidence.events
    hard = np.array([name in HARD_FAULTS for name in names.signatures] or [False])
    places = distinct(events.place[hard[events.signature]]) if hard.any() else ()
    alone = (names.places[code] for code in places)
    return sorted({(place.cluster, place.nodes[0]) for place in alone if len(place.nodes) == 1})


def _elsewhere(evidence: PeriodEvidence, name: tuple[str, str]) -> float:
    """The share of jobs that failed on all other nodes together."""
    others = [totals for other, totals in counts.of_all_nodes(evidence).items() if other != name]
    return sum(one.jobs_failed for one in others) / max(1, sum(one.jobs for one in others))


def _holds(among: Pairs, one: Attribution, threshold: int, *, several: bool) -> bool:
    """Whether enough jobs failed, and still too many without the project and owner whose jobs fail most there.

    Jobs of unknown project and owner count as others'. Where the evidence has only one project and owner at all, there
    is nobody to compare with, and the node's number stands.
    """
    here = among.where(among.subject == one.subject)
    if here.failed.sum() < threshold:
        return False
    known = here.team[here.failed & (here.team > 0)]
    if not several or not len(known):
        return True
    others = here.where(here.team != int(np.bincount(known).argmax()))
    failed = int(others.failed.sum())
    elsewhere = one.elsewhere if one.window is None else one.elsewhere_then
    if failed and upper_tail(binomial(len(others), elsewhere), failed) < _STILL:
        return True
    return not failed and _on_same_days(among, one.subject)


def _on_same_days(among: Pairs, node: int) -> bool:
    """Whether one team's jobs failed on a node on days on which its jobs of the same families ran well elsewhere."""
    some = among.where(np.isin(among.kin, among.kin[among.subject == node]))
    stratum, here = cells(some.kin, some.at // DAY_MS), some.subject == node
    size = int(stratum.max()) + 1
    ran, lost, of_all, all_lost = (
        summed(stratum, mask, size) for mask in (here, here & some.failed, here | ~here, some.failed)
    )
    days = distinct(some.at[here & some.failed & (all_lost < of_all)[stratum]] // DAY_MS)
    tables = Tables(np.zeros(size, np.int32), ran, lost, of_all, all_lost)
    return len(days) >= _FEWEST_DAYS and hypergeometric_sf(tables) < _SAME_DAYS
