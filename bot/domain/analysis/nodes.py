"""Hot nodes: nodes that fail more of the jobs they get than the same jobs fail elsewhere, or whose hardware said so."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import NamedTuple

import numpy as np

from bot.domain.analysis.evidence import (
    SUCCEEDED,
    Events,
    Flags,
    Numbers,
    PeriodEvidence,
    Places64,
    milliseconds,
    moment,
)
from bot.domain.analysis.excess import Excess, apart, excess
from bot.domain.analysis.exposure import Kin, Pairs, Subjects, exact, nodes, pairs, teams
from bot.domain.analysis.gangs import hot_in_gangs
from bot.domain.analysis.grouping import distinct
from bot.domain.analysis.report import NodeFinding
from bot.domain.analysis.severity import severity, weight
from bot.domain.analysis.statistics import binomial, upper_tail, wilson
from bot.domain.period import Period

Q_VALUE = 0.01
"""At most this share of the nodes found is found by chance."""
HARD_FAULTS = frozenset(
    {
        "gpu-xid-48",
        "gpu-xid-64",
        "gpu-xid-74",
        "gpu-xid-79",
        "gpu-xid-95",
        "gpu-xid-119",
        "gpu-xid-120",
        "gpu-ecc-uncorrectable",
        "node-not-ready",
    }
)
"""Signatures that convict a node at once: the GPU or the node itself is broken, whatever ran there."""
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


class _Case(NamedTuple):
    """What speaks against a node: the test, its jobs and the failed ones among them."""

    test: Excess
    jobs: int
    failed: int


def hot_nodes(evidence: PeriodEvidence, kin: Kin, charged: Flags, *, threshold: int) -> Hot:
    """The hot nodes, worst first: over the period, and in its last days or 24 hours where only those show one.

    A node has to fail at least `threshold` jobs, from two projects or owners where these are known. `charged` are the
    failure events that may count against a node at all.
    """
    subjects = nodes(evidence)
    everything = pairs(evidence, subjects, kin, charged)
    found = _convicted(everything, subjects, evidence, charged, threshold)
    findings = [_finding(node, case, subjects, evidence, charged) for node, case in found.items()]
    names = {(one.cluster, one.node) for one in findings}
    window = next((recent for recent in _RECENT if recent < evidence.period.length), None)
    if window is not None:
        later = hot_nodes(*_last(window, evidence, kin, charged), threshold=threshold).findings
        span = int(window.total_seconds() / 3600)
        findings += [replace(one, hours=one.hours or span) for one in later if (one.cluster, one.node) not in names]
    findings.sort(key=lambda one: (-weight(one.failures, one.jobs_failed), one.cluster, one.node))
    tested = len(distinct(everything.subject))
    return Hot(tuple(findings), tested, _explained(evidence, [(one.cluster, one.node) for one in findings]))


def _convicted(
    everything: Pairs, subjects: Subjects, evidence: PeriodEvidence, charged: Flags, threshold: int
) -> dict[int, _Case]:
    """The nodes found, by hard faults and by numbers, round by round; then those that ran gangs."""
    size = len(subjects.names)
    found: dict[int, _Case] = {}
    out = np.zeros(size, dtype=bool)
    left = everything
    faulty = _faulty(subjects, evidence, charged)
    for _ in range(_ROUNDS):
        test = excess(left, size)
        likely = np.flatnonzero(test.stands_out(Q_VALUE, threshold))
        new = [int(node) for node in likely if _shared(int(node), test, subjects, evidence, charged)]
        new += [node for node in faulty if node not in found and node not in new]
        if not new:
            break
        found |= {node: _Case(test, *exact(evidence, subjects, node, charged)) for node in new}
        out[new] = True
        if everything.failed[out[everything.subject]].sum() < _NEGLIGIBLE * everything.failed.sum():
            break
        left = apart(everything, out)
    unexplained = charged & ~_explained(evidence, [subjects.names[node] for node in found])
    in_gangs = hot_in_gangs(evidence, subjects.names, unexplained, q_value=Q_VALUE, threshold=threshold)
    cases = {node: _Case(test, int(test.jobs[node]), int(test.failed[node])) for node, test in in_gangs.items()}
    return cases | found


def _faulty(subjects: Subjects, evidence: PeriodEvidence, charged: Flags) -> list[int]:
    """Nodes with a hard fault."""
    hard = np.array([name in HARD_FAULTS for name in evidence.names.signatures] or [False])
    if not hard.any():
        return []
    events = evidence.events
    return [int(node) for node in distinct(subjects.events[charged & hard[events.signature]]) if node >= 0]


def _on(evidence: PeriodEvidence, name: tuple[str, str]) -> Flags:
    """The failure events on a node, alone or as part of a gang."""
    cluster, node = name
    here = np.array([place.cluster == cluster and node in place.nodes for place in evidence.names.places])
    return np.asarray(here[evidence.events.place] & (evidence.events.first_fault != 0))


def _explained(evidence: PeriodEvidence, names: Iterable[tuple[str, str]]) -> Flags:
    """The failure events on any of these nodes."""
    explained = np.zeros(len(evidence.events), dtype=bool)
    for name in names:
        explained |= _on(evidence, name)
    return explained


def _shared(node: int, test: Excess, subjects: Subjects, evidence: PeriodEvidence, charged: Flags) -> bool:
    """Whether the node still fails too much without the project and owner whose jobs fail most there.

    Jobs of unknown project and owner count as others'. Where the evidence has only one project and owner at all, there
    is nobody to compare with, and the node's number stands.
    """
    runs, events = evidence.runs, evidence.events
    here, fine = charged & (subjects.events == node), (subjects.runs == node) & (runs.outcome == SUCCEEDED)
    everyone = teams(events.project, events.owner, evidence)
    if len(distinct(everyone)) == 1:
        return True
    failed = _jobs_of(events.job[here], everyone[here])
    ran = _jobs_of(runs.job[fine], teams(runs.project[fine], runs.owner[fine], evidence))
    heaviest = Counter(team for team in failed.values() if team).most_common(1)
    if not heaviest:
        return True
    others = sum(team != heaviest[0][0] for team in failed.values())
    well = sum(team != heaviest[0][0] and job not in failed for job, team in ran.items())
    expected = test.expected[node] / test.jobs[node]
    return others > 0 and upper_tail(binomial(others + well, expected), others) < _STILL


def _jobs_of(jobs: Numbers, teams: Places64) -> dict[int, int]:
    """The team of each job."""
    return dict(zip(jobs.tolist(), teams.tolist(), strict=True))


def _finding(node: int, case: _Case, subjects: Subjects, evidence: PeriodEvidence, charged: Flags) -> NodeFinding:
    cluster, name = subjects.names[node]
    events = evidence.events.where(charged & _on(evidence, (cluster, name)))
    test, jobs, failed = case
    low, high = wilson(failed, jobs)
    projects = {evidence.names.projects[code] for code in distinct(events.project)} - {None}
    last = int(events.at.max()) if len(events) else None
    faults = events.at[[evidence.names.signatures[code] in HARD_FAULTS for code in events.signature]]
    return NodeFinding(
        node=name,
        cluster=cluster,
        failures=len(events),
        jobs_failed=failed,
        jobs=jobs,
        rate=failed / jobs if jobs else 0.0,
        rate_low=low,
        rate_high=high,
        expected_rate=float(test.expected[node] / test.jobs[node]) if test.jobs[node] else 0.0,
        q_value=float(test.q_value[node]),
        severity=severity(len(events), failed),
        evidence=_words(evidence, events, len(projects), failed),
        projects=len(projects),
        since=moment(int(events.at.min())) if len(events) else None,
        last_at=None if last is None else moment(last),
        fine_since=0 if last is None else _fine_since(evidence, (cluster, name), last),
        hard=len(faults) > 0,
        fine_since_fault=_fine_since(evidence, (cluster, name), int(faults.max())) if len(faults) else 0,
    )


def _fine_since(evidence: PeriodEvidence, name: tuple[str, str], last: int) -> int:
    """Jobs that went well on a node, alone or as part of a gang, after this moment."""
    runs = evidence.runs
    here = np.array([place.cluster == name[0] and name[1] in place.nodes for place in evidence.names.places])
    return len(np.unique(runs.job[here[runs.place] & (runs.outcome == SUCCEEDED) & (runs.ended > last)]))


def _words(evidence: PeriodEvidence, events: Events, projects: int, jobs: int) -> tuple[str, ...]:
    """What speaks against the node, in words: hard faults first, then where its failures come from."""
    causes = Counter(evidence.names.signatures[code] for code in events.signature)
    faults = [f"{name} {count}×" for name, count in causes.most_common() if name in HARD_FAULTS]
    kinds = Counter(evidence.names.types[code] for code in events.type)
    of = f"{jobs} failed jobs of {projects} projects" if projects > 1 else f"{jobs} failed jobs"
    return (*faults, f"{of}: " + ", ".join(f"{count} {name}" for name, count in kinds.most_common(3)))


def _last(window: timedelta, evidence: PeriodEvidence, kin: Kin, charged: Flags) -> tuple[PeriodEvidence, Kin, Flags]:
    """The last days of the period."""
    period = Period.last(window, until=evidence.period.until)
    since = milliseconds(period.since)
    runs, events = evidence.runs.ended >= since, evidence.events.at >= since
    day = PeriodEvidence(period, evidence.runs.where(runs), evidence.events.where(events), evidence.names)
    return day, kin.where(runs, events), charged[events]
