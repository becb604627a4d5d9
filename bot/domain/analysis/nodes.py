"""Hot nodes: nodes that fail more of the jobs they get than the same jobs fail elsewhere, or whose hardware said so."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta

import numpy as np

from bot.domain.analysis.attempt_table import Flags, PeriodEvidence, milliseconds
from bot.domain.analysis.excess import Excess, apart, excess
from bot.domain.analysis.exposure import Kin, Pairs, Subjects, nodes, pairs, teams
from bot.domain.analysis.gangs import hot_in_gangs
from bot.domain.analysis.grouping import distinct
from bot.domain.analysis.hot_node import Case, case_of, finding, on
from bot.domain.analysis.report import NodeFinding
from bot.domain.analysis.severity import weight
from bot.domain.analysis.statistics import binomial, upper_tail
from bot.domain.period import Period
from bot.domain.workload.hard_faults import HARD_FAULTS

Q_VALUE = 0.01
"""At most this share of the nodes found is found by chance."""
_ROUNDS = 6
"""Each round leaves out the nodes found before, whose victims would else blame others."""
_NEGLIGIBLE = 0.02
"""A share of the failed pairs that changes nobody else's expectation enough to look again."""
_STILL = 0.05
"""p-value of the other teams' failures on a node: what one team's bad jobs do to it is not the node's fault."""
_RECENT = (timedelta(days=3), timedelta(days=1))
"""Ends of the period that are looked at by themselves: a node that has just turned bad has a good past to hide in."""


@dataclass(frozen=True, slots=True)
class Hot:
    """The nodes found, and how many were looked at."""

    findings: tuple[NodeFinding, ...]
    tested: int
    explained: Flags
    """The failure events of the nodes found."""


@dataclass(frozen=True, slots=True)
class _Court:
    """What a verdict rests on: the evidence, and at least how many failed jobs."""

    evidence: PeriodEvidence
    subjects: Subjects
    charged: Flags
    threshold: int
    teams: int
    """Projects and owners that had a failure; those not known count as one."""


def hot_nodes(evidence: PeriodEvidence, kin: Kin, charged: Flags, *, threshold: int) -> Hot:
    """The hot nodes, worst first: over the period, or over the part of it that shows one.

    A node has to fail at least `threshold` jobs, from two projects or owners where these are known. `charged` are the
    failure events that may count against a node at all.
    """
    subjects, events = nodes(evidence), evidence.events
    everything = pairs(evidence, subjects, kin, charged)
    several = len(distinct(teams(events.project, events.owner, evidence)))
    court = _Court(evidence, subjects, charged, threshold, several)
    found = _convicted(everything, evidence.period, court)
    for window in _recent(evidence.period):
        out = np.zeros(len(subjects.names), dtype=bool)
        out[list(found)] = True
        late = everything.hour >= (window.since - evidence.period.since) // timedelta(hours=1)
        found = _convicted(everything.where(late & ~out[everything.subject]), window, court) | found
    findings = [finding(node, case, evidence, subjects, charged) for node, case in found.items()]
    findings.sort(key=lambda one: (-weight(one.failures, one.jobs_failed), one.cluster, one.node))
    return Hot(tuple(findings), len(distinct(everything.subject)), _explained(court, found))


def _recent(period: Period) -> list[Period]:
    """The ends of the period that are looked at by themselves."""
    return [Period.last(length, until=period.until) for length in _RECENT if length < period.length]


def _convicted(everything: Pairs, window: Period, court: _Court) -> dict[int, Case]:
    """The nodes found, by hard faults and by numbers, round by round; then those that ran gangs."""
    size, whole = len(court.subjects.names), window == court.evidence.period
    found: dict[int, Case] = {}
    out = np.zeros(size, dtype=bool)
    left = everything
    faulty = _faulty(court) if whole else []
    for _ in range(_ROUNDS):
        test = excess(left, size, within=whole, nameless=court.teams == 1)
        new = {int(node): _case(int(node), test, window, court) for node in np.flatnonzero(test.stands_out(Q_VALUE))}
        new = {node: case for node, case in new.items() if _holds(node, case, court)}
        new |= {node: _case(node, test, window, court) for node in faulty if node not in found | new}
        if not new:
            break
        found |= new
        out[list(new)] = True
        if everything.failed[out[everything.subject]].sum() < _NEGLIGIBLE * everything.failed.sum():
            break
        left = apart(everything, out)
    return _in_gangs(window, court, ~_explained(court, found)) | found


def _case(node: int, test: Excess, window: Period, court: _Court) -> Case:
    """The case against a node: in the spell that shows it most, else in the whole window."""
    if test.spells is not None and test.spells.best[node]:
        since, until = (window.since + timedelta(hours=int(at[node])) for at in (test.spells.since, test.spells.until))
        window = Period(since, min(until, window.until))
    return case_of(node, test, window, evidence=court.evidence, subjects=court.subjects, charged=court.charged)


def _in_gangs(window: Period, court: _Court, unexplained: Flags) -> dict[int, Case]:
    """The nodes found by the gangs that failed on them."""
    since = milliseconds(window.since)
    left = court.charged & unexplained & (court.evidence.events.at >= since)
    names = court.subjects.names
    tests = hot_in_gangs(
        court.evidence, names, left, since,
        q_value=Q_VALUE, threshold=court.threshold, nameless=court.teams == 1,
    )  # fmt: skip
    return {
        node: replace(_case(node, test, window, court), counts=(int(test.jobs[node]), int(test.failed[node])))
        for node, test in tests.items()
    }


def _faulty(court: _Court) -> list[int]:
    """Nodes with a hard fault."""
    evidence, on_nodes = court.evidence, court.subjects.events
    hard = np.array([name in HARD_FAULTS for name in evidence.names.signatures] or [False])
    if not hard.any():
        return []
    return [int(node) for node in distinct(on_nodes[court.charged & hard[evidence.events.signature]]) if node >= 0]


def _explained(court: _Court, nodes: Iterable[int]) -> Flags:
    """The failure events on any of these nodes."""
    explained = np.zeros(len(court.evidence.events), dtype=bool)
    for node in nodes:
        explained |= on(court.evidence, court.subjects.names[node])
    return explained


def _holds(node: int, case: Case, court: _Court) -> bool:
    """Whether enough jobs failed, and still too many without the project and owner whose jobs fail most there.

    Jobs of unknown project and owner count as others'. Where the evidence has only one project and owner at all, there
    is nobody to compare with, and the node's number stands.
    """
    if len(case.jobs_failed) < court.threshold or court.teams == 1:
        return len(case.jobs_failed) >= court.threshold
    failed, ran = (
        dict(zip(rows.job.tolist(), teams(rows.project, rows.owner, court.evidence).tolist(), strict=True))
        for rows in (case.events, case.fine)
    )
    heaviest = Counter(team for team in failed.values() if team).most_common(1)
    if not heaviest:
        return True
    others = sum(team != heaviest[0][0] for team in failed.values())
    well = sum(team != heaviest[0][0] and job not in failed for job, team in ran.items())
    expected = case.test.expected[node] / case.test.jobs[node]
    return others > 0 and upper_tail(binomial(others + well, expected), others) < _STILL
