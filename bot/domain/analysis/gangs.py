"""Hot nodes among gangs that were recorded as one attempt on many nodes: nobody knows which of them failed first, so a
failed gang puts all of them under suspicion and charges none. A node is found only where its gangs fail far more than
other gangs do, and no other node could be the one instead."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.domain.analysis.attempt_table import SUCCEEDED, Codes, Flags, Floats, PeriodEvidence
from bot.domain.analysis.excess import Excess, judged, retried
from bot.domain.analysis.expectation import Blocks, Expectation, no_singles
from bot.domain.analysis.grouping import distinct

_STRENGTH = 2.0
"""Gangs' worth of weight that the rate of all gangs has in a family's rate."""
_ROUNDS = 6

Nodes = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Suspects:
    """Distinct (job, node) pairs of gangs."""

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
    evidence: PeriodEvidence,
    names: Nodes,
    charged: Flags,
    since: int = 0,
    *,
    q_value: float,
    threshold: int,
    nameless: bool = False,
) -> dict[int, Excess]:
    """The nodes found, as places in `names` of (cluster, node), each with the test that found it.

    `charged` are the failure events that no other finding explains; what ran well before `since`, in milliseconds,
    counts for nothing.
    """
    left = suspects(evidence, names, charged, since, nameless=nameless)
    found: dict[int, Excess] = {}
    for _ in range(_ROUNDS):
        if not left.failed.any():
            break
        test = _test(left, len(names))
        likely = np.flatnonzero(test.stands_out(q_value) & (test.failed >= threshold))
        guilty = next((n for n in likely[np.argsort(test.p_value[likely])] if _alone(left, int(n), threshold)), None)
        if guilty is None:
            break
        found[int(guilty)] = test
        left = left.without(int(guilty))
    return found


def suspects(
    evidence: PeriodEvidence, names: Nodes, charged: Flags, since: int = 0, *, nameless: bool = False
) -> Suspects:
    """The pairs of jobs and nodes in gangs. A job that also failed without the node says nothing against it."""
    known = {name: code for code, name in enumerate(names)}
    members = [[known[place.cluster, node] for node in place.nodes] for place in evidence.names.places]
    size = np.array([len(nodes) for nodes in members] or [0])
    gang = size > 1
    runs, events = evidence.runs, evidence.events
    fine = runs.where((runs.outcome == SUCCEEDED) & gang[runs.place] & (runs.ended >= since))
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
    `excess`, if enough of the failed ones did."""
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


def _test(pairs: Suspects, size: int) -> Excess:
    """Each node's failed gang jobs against what the jobs of the same families did without it."""
    jobs = np.bincount(pairs.node, minlength=size).astype(np.float64)
    failed = np.bincount(pairs.node[pairs.failed], minlength=size).astype(np.float64)
    of_job, first = np.unique(pairs.job, return_index=True)
    job_failed = np.bincount(pairs.job[pairs.failed], minlength=int(of_job.max()) + 1)[of_job] > 0
    _, family = np.unique(pairs.family, return_inverse=True)
    all_jobs = np.bincount(family[first])
    all_failed = np.bincount(family[first][job_failed], minlength=len(all_jobs))
    cell = family.astype(np.int64) * size + pairs.node
    cells, place = np.unique(cell, return_inverse=True)
    here, here_failed = np.bincount(place), np.bincount(place[pairs.failed], minlength=len(cells))
    of, node = cells // size, (cells % size).astype(np.int32)
    base = (len(of_job) and job_failed.mean()) or 0.0
    rate = (job_failed.sum() - failed[node] + base) / (len(of_job) - jobs[node] + 1)
    weight = all_jobs[of] - here + _STRENGTH
    mean = _inside((all_failed[of] - here_failed + _STRENGTH * rate) / weight)
    return judged(jobs, failed, Expectation(no_singles(), Blocks(node, mean, 1 / (weight + 1), here.astype(float))))


def _inside(share: Floats) -> Floats:
    return np.clip(share, 1e-6, 1 - 1e-6)


def _alone(pairs: Suspects, node: int, threshold: int) -> bool:
    """Whether, whichever other node one suspects, enough failed jobs are left that it had no part in."""
    failed = pairs.failed & np.isin(pairs.job, pairs.job[pairs.failed & (pairs.node == node)])
    rivals = np.bincount(pairs.node[failed])
    total = int(rivals[node])
    rivals[node] = 0
    return total - int(rivals.max(initial=0)) >= threshold
