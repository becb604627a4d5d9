"""Hot nodes among gangs that were recorded as one attempt on many nodes: nobody knows which of them failed first, so a
failed gang puts all of them under suspicion and charges none. A node is found only where its gangs fail far more than
other gangs of the same families do, and no other node could be the one instead."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.domain.analysis.attempt_table import SUCCEEDED, Codes, Flags, PeriodEvidence
from bot.domain.analysis.attribution import Q_VALUE, retried
from bot.domain.analysis.grouping import distinct, grouped, summed
from bot.domain.analysis.hot_node import Case
from bot.domain.analysis.mantel_haenszel import MATTERS, Tables, moments, p_values
from bot.domain.analysis.statistics import benjamini_hochberg, odds, wilson
from bot.domain.analysis.strata import ENOUGH

_ROUNDS = 6

Nodes = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Suspects:
    """Distinct (job, node) pairs of gangs; all arrays have shape (pairs,)."""

    job: Codes
    family: Codes
    node: Codes
    failed: Flags

    def where(self, mask: Flags) -> Suspects:
        """Some of them."""
        return Suspects(self.job[mask], self.family[mask], self.node[mask], self.failed[mask])

    def without(self, node: int) -> Suspects:
        """Only the jobs that this node had no part in."""
        return self.where(~np.isin(self.job, self.job[self.node == node]))


def hot_in_gangs(
    evidence: PeriodEvidence, names: Nodes, charged: Flags, *, threshold: int, nameless: bool = False
) -> dict[tuple[str, str], Case]:
    """The nodes found, by (cluster, node). `charged` are the failure events that no other finding explains."""
    left = suspects(evidence, names, charged, nameless=nameless)
    found: dict[tuple[str, str], Case] = {}
    for _ in range(_ROUNDS):
        if not left.failed.any():
            break
        likely = sorted(_likely(left, len(names), threshold), key=lambda each: each[1])
        guilty = next(((node, case) for node, _, case in likely if _alone(left, node, threshold)), None)
        if guilty is None:
            break
        found[names[guilty[0]]] = guilty[1]
        left = left.without(guilty[0])
    return found


def suspects(evidence: PeriodEvidence, names: Nodes, charged: Flags, *, nameless: bool = False) -> Suspects:
    """The pairs of jobs and nodes in gangs. A job that also failed without the node says nothing against it."""
    known = {name: code for code, name in enumerate(names)}
    members = [[known[place.cluster, node] for node in place.nodes] for place in evidence.names.places]
    size = np.array([len(nodes) for nodes in members] or [0])
    gang = size > 1
    runs, events = evidence.runs, evidence.events
    fine = runs.where((runs.outcome == SUCCEEDED) & gang[runs.place])
    bad = events.where(charged & (events.first_fault != 0) & gang[events.place])
    number = np.concatenate((bad.job, fine.job))
    _, job = np.unique(number, return_inverse=True)
    _, family = np.unique(np.concatenate((bad.family, fine.family)), return_inverse=True)
    place = np.concatenate((bad.place, fine.place))
    row = np.repeat(np.arange(len(place)), size[place])
    starts = (np.cumsum(size) - size)[place[row]]
    within = np.arange(len(row)) - (np.cumsum(size[place]) - size[place])[row]
    node = np.array([node for nodes in members for node in nodes], dtype=np.int64)[starts + within]
    table = np.column_stack((job[row], family[row], node, row < len(bad)))
    if nameless:
        table = table[_proven(job[: len(bad)], job[len(bad) :])[table[:, 0]]]
    return _distinct(table, np.bincount(job[: len(bad)], minlength=len(number) + 1))


def _proven(failed: NDArray[np.intp], fine: NDArray[np.intp]) -> Flags:
    """By job, whether to ask it: of jobs that nobody knows the users of only those that ran well at last, as in
    `attribution`, if enough of the failed ones did."""
    jobs = np.zeros(max(failed.max(initial=-1), fine.max(initial=-1)) + 1, dtype=bool)
    jobs[fine] = True
    lost = distinct(failed)
    return jobs if retried(int(jobs[lost].sum()), len(lost)) else np.ones_like(jobs)


def _distinct(table: NDArray[np.int64], failures: NDArray[np.intp]) -> Suspects:
    """One row for each job and node; `failures` says how many gangs of each job failed in all."""
    key = table[:, 0] << 32 | table[:, 2]
    _, first, place = np.unique(key, return_index=True, return_inverse=True)
    with_node = np.bincount(place, table[:, 3]) if len(key) else np.empty(0)
    job = table[first, 0]
    says = (with_node == failures[job]) | (with_node == 0) & (failures[job] == 0)
    return Suspects(job, table[first, 1], table[first, 2].astype(np.int32), with_node > 0).where(says)


def _likely(pairs: Suspects, size: int, threshold: int) -> list[tuple[int, float, Case]]:
    """The nodes whose gangs fail more than those of the same families without it, each with its p-value."""
    _, first = np.unique(pairs.job, return_index=True)
    lost = np.bincount(pairs.job[pairs.failed], minlength=int(pairs.job.max()) + 1) > 0
    family = _families(pairs, first)
    families = int(family.max()) + 1
    of_all = summed(family[first], np.ones(len(first)), families)
    all_lost = summed(family[first], lost[pairs.job[first]], families)
    cell, place = grouped(family * size + pairs.node)
    stratum, node = cell // size, (cell % size).astype(np.int32)
    here, failed = (summed(place, each, len(cell)) for each in (np.ones(len(place)), pairs.failed))
    tables = Tables(node, here, failed, of_all[stratum], all_lost[stratum])
    p_value = p_values(tables, size, moments(tables, size).empirical_null)
    jobs, jobs_failed, due = (summed(node, each, size) for each in (here, failed, here * tables.elsewhere()))
    q_value = np.ones(size)
    q_value[jobs > 0] = benjamini_hochberg(p_value[jobs > 0])
    found = np.flatnonzero((q_value < Q_VALUE) & (jobs_failed >= threshold))
    return [
        (int(one), float(p_value[one]), Case(float(q_value[one]), float(due[one] / jobs[one])))
        for one in found
        if _matters(jobs_failed[one], jobs[one], due[one])
    ]


def _families(pairs: Suspects, first: NDArray[np.intp]) -> NDArray[np.int64]:
    """The stratum of each pair: its job's family, if that has enough jobs; else all other jobs."""
    jobs = np.bincount(pairs.family[first])
    return grouped(np.where(jobs[pairs.family] >= ENOUGH, pairs.family.astype(np.int64), -1))[1]


def _matters(failed: float, jobs: float, due: float) -> bool:
    low, _ = wilson(failed, jobs)
    return odds(low) >= MATTERS * odds(due / jobs)


def _alone(pairs: Suspects, node: int, threshold: int) -> bool:
    """Whether, whichever other node one suspects, enough failed jobs are left that it had no part in."""
    failed = pairs.failed & np.isin(pairs.job, pairs.job[pairs.failed & (pairs.node == node)])
    rivals = np.bincount(pairs.node[failed])
    total = int(rivals[node])
    rivals[node] = 0
    return total - int(rivals.max(initial=0)) >= threshold
