"""The unit of evidence: a job on a node, or a job with an image. However often a job is retried there, it is one pair,
and the pair failed or it did not.

A pair counts as failed where it has a failure event that is no gang victim's, else as run well where an attempt
succeeded. Killed attempts say neither: a pair that has nothing else does not count at all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from bot.domain.analysis.attempt_table import (
    HOUR_MS,
    SUCCEEDED,
    Codes,
    Events,
    Flags,
    Numbers,
    PeriodEvidence,
    Places64,
    Runs,
    milliseconds,
)
from bot.domain.analysis.grouping import distinct, grouped, numbered, sampled

N = TypeVar("N", bound=np.generic)
Places = NDArray[np.intp]

_CLUMP_HOURS = 24
_SPARSE = 2
_MANY = 500_000
_KNUTH = np.uint64(0x9E3779B97F4A7C15)
UNKNOWN = -1
"""The subject of what is charged to nothing: no node known, or a whole gang of them."""


@dataclass(frozen=True, slots=True)
class Pairs:
    """Distinct (job, subject) pairs, ordered by job."""

    subject: Codes
    job: Codes
    """A number for each job, rising."""
    family: Places64
    """A number for each job family."""
    hour: Codes
    """Hours since the period began: of its first failure, else of its first success."""
    clump: Places64
    """A number for the jobs that ended on the subject in the same 24 hours and may belong together: of one project and
    owner where these are known, else of one family, else of any jobs whose names have nothing in common."""
    failed: Flags

    def __len__(self) -> int:
        return len(self.subject)

    def where(self, mask: Flags) -> Self:
        """Some of them."""
        return type(self)(*(getattr(self, each.name)[mask] for each in fields(self)))


@dataclass(frozen=True, slots=True)
class Subjects:
    """What pairs are with: nodes or images. `runs` and `events` say which one each attempt and event is charged to."""

    names: tuple[tuple[str, str], ...]
    """(cluster, node), or ("", image)."""
    runs: Codes
    events: Codes


@dataclass(frozen=True, slots=True)
class Kin:
    """Whose jobs are whose, of the attempts that succeeded and the failure events; of very many jobs a sample."""

    events: Places
    runs: Places
    """Which ones, as places in the evidence."""
    family: Places64
    together: Numbers
    """Of those events, then of those runs: a number for the family, and 64 mixed bits for who may have sent it together
    with others, as Pairs.clump says."""


def nodes(evidence: PeriodEvidence) -> Subjects:
    """The nodes; a gang recorded as one attempt is charged to none of its nodes."""
    names: dict[tuple[str, str], int] = {}
    members = [
        [names.setdefault((place.cluster, node), len(names)) for node in place.nodes] for place in evidence.names.places
    ]
    codes = [nodes[0] if len(nodes) == 1 else UNKNOWN for nodes in members]
    return _subjects(names, codes, evidence, lambda rows: rows.place)


def images(evidence: PeriodEvidence) -> Subjects:
    """The images."""
    names: dict[tuple[str, str], int] = {}
    codes = [UNKNOWN if name is None else names.setdefault(("", name), len(names)) for name in evidence.names.images]
    return _subjects(names, codes, evidence, lambda rows: rows.image)


def pairs(evidence: PeriodEvidence, subjects: Subjects, kin: Kin, charged: Flags) -> Pairs:
    """The pairs of jobs and subjects; only the events in `charged` count, what the others concern is left out. Of very
    many jobs these are a sample."""
    runs, events = evidence.runs, evidence.events
    of_bad = np.flatnonzero(
        charged[kin.events] & (events.first_fault[kin.events] != 0) & (subjects.events[kin.events] != UNKNOWN)
    )
    of_fine = np.flatnonzero(subjects.runs[kin.runs] != UNKNOWN)
    bad, fine = kin.events[of_bad], kin.runs[of_fine]
    bits = np.uint64(max(1, len(subjects.names).bit_length()))
    keys = np.concatenate(
        (_key(events.job[bad], subjects.events[bad], bits), _key(runs.job[fine], subjects.runs[fine], bits) | _FINE)
    )
    order = np.argsort(keys)
    keys = keys[order]
    first, job = _distinct(keys, bits)
    chosen = order[first]
    at = _earliest(np.concatenate((events.at[bad], runs.ended[fine]))[order], keys, first)
    at -= milliseconds(evidence.period.since)

    def both(of_events: NDArray[N], of_runs: NDArray[N]) -> NDArray[N]:
        return np.concatenate((of_events[bad], of_runs[fine]))[chosen]

    subject = both(subjects.events, subjects.runs)
    related = np.concatenate((of_bad, of_fine + len(kin.events)))[chosen]
    clump = _clumps(subject, at // (_CLUMP_HOURS * HOUR_MS), kin.together[related])
    return Pairs(subject, job, kin.family[related], (at // HOUR_MS).astype(np.int32), clump, chosen < len(bad))


def exact(evidence: PeriodEvidence, subjects: Subjects, subject: int, charged: Flags) -> tuple[int, int]:
    """How many jobs a subject had, and how many of them failed there; of all jobs, not of a sample."""
    runs, events = evidence.runs, evidence.events
    fine = runs.job[(subjects.runs == subject) & (runs.outcome == SUCCEEDED)]
    bad = distinct(events.job[(subjects.events == subject) & charged & (events.first_fault != 0)])
    return len(distinct(np.concatenate((fine, bad)))), len(bad)


def kin_of(evidence: PeriodEvidence) -> Kin:
    """Which attempts and events have to do with each other."""
    runs, events = evidence.runs, evidence.events
    bad = np.flatnonzero(sampled(events.job, len(runs)))
    fine = np.flatnonzero((runs.outcome == SUCCEEDED) & sampled(runs.job, len(runs)))
    family = numbered(np.concatenate((events.family[bad], runs.family[fine])))
    team = np.concatenate(
        [teams(rows.project[some], rows.owner[some], evidence) for rows, some in ((events, bad), (runs, fine))]
    )
    alone = np.bincount(family, minlength=1) == 1
    unnamed = np.where(alone[family], 0, family + 1)
    together = np.where(team != 0, team + (1 << 62), unnamed).astype(np.uint64) * _KNUTH
    return Kin(bad, fine, family, together)


def teams(project: Codes, owner: NDArray[np.uint32], evidence: PeriodEvidence) -> Places64:
    """A number for each project and owner; 0 where both are unknown."""
    known = np.array([0 if name is None else code + 1 for code, name in enumerate(evidence.names.projects)] or [0])
    return np.asarray(known[project] << 32 | owner)


def _clumps(subject: Codes, span: Places64, kin: Numbers) -> Places64:
    """See Pairs. Of very many pairs, kin that share their upper bits are taken for one: that spares a sort."""
    spans = int(span.max(initial=0)) + 1
    cell = subject.astype(np.int64) * spans + span
    room = (_SPARSE * len(cell) // (int(cell.max(initial=0)) + 1)).bit_length() - 1
    if len(cell) >= _MANY and room > 0:
        return np.asarray(cell << room | (kin >> np.uint64(64 - room)).astype(np.int64))
    return grouped((cell.astype(np.uint64) ^ kin) * _KNUTH)[1]


_FINE = np.uint64(1)
"""The lowest bit of a key: of equal pairs the failed one sorts first."""


def _key(job: Numbers, subject: Codes, bits: np.uint64) -> Numbers:
    """A pair in one number: the job's upper bits, the subject, and a bit to spare."""
    upper = (job >> (bits + _FINE)) << bits
    return np.asarray((upper | subject.astype(np.uint64)) << _FINE)


def _distinct(keys: Numbers, bits: np.uint64) -> tuple[Flags, Codes]:
    """Of sorted keys: which is the first of its pair, and the number of the job of each first one."""
    first = np.ones(len(keys), dtype=bool)
    first[1:] = (keys[1:] >> _FINE) != (keys[:-1] >> _FINE)
    job = keys[first] >> (bits + _FINE)
    changes = np.zeros(len(job), dtype=np.int32)
    changes[1:] = job[1:] != job[:-1]
    return first, np.cumsum(changes, dtype=np.int32)


def _earliest(at: Places64, keys: Numbers, first: Flags) -> Places64:
    """Of each pair, in the order of their sorted keys: when it failed first, or ran well first if it never failed."""
    begins = np.ones(len(keys), dtype=bool)
    begins[1:] = keys[1:] != keys[:-1]
    starts = np.flatnonzero(begins)
    return np.asarray(np.minimum.reduceat(at, starts)[first[starts]])


def _subjects(
    names: dict[tuple[str, str], int],
    codes: list[int],
    evidence: PeriodEvidence,
    column: Callable[[Runs | Events], Codes],
) -> Subjects:
    table = np.array(codes, dtype=np.int32)
    if not len(table):
        return Subjects((), np.empty(0, np.int32), np.empty(0, np.int32))
    return Subjects(tuple(names), table[column(evidence.runs)], table[column(evidence.events)])
