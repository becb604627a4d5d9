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

from bot.domain.analysis.evidence import (
    DAY_MS,
    HOUR_MS,
    SUCCEEDED,
    Codes,
    Events,
    Flags,
    Numbers,
    PeriodEvidence,
    Places64,
    Runs,
)
from bot.domain.analysis.grouping import grouped

N = TypeVar("N", bound=np.generic)

_CLUMP_HOURS = 12
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
    """A number for each job family, rising."""
    day: Codes
    """Days since the first one: of a failure, else of a success."""
    clump: Places64
    """A number for the jobs that ended on the subject in the same 12 hours and may belong together: of one project and
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


def pairs(evidence: PeriodEvidence, subjects: Subjects, charged: Flags) -> Pairs:
    """The pairs of jobs and subjects; only the events in `charged` count, what the others concern is left out."""
    runs, events = evidence.runs, evidence.events
    fine = np.flatnonzero((runs.outcome == SUCCEEDED) & (subjects.runs != UNKNOWN))
    bad = np.flatnonzero(charged & (events.first_fault != 0) & (subjects.events != UNKNOWN))
    bits = np.uint64(max(1, len(subjects.names).bit_length()))
    keys = np.concatenate(
        (_key(events.job[bad], subjects.events[bad], bits), _key(runs.job[fine], subjects.runs[fine], bits) | _FINE)
    )
    order = np.argsort(keys)
    first, job = _distinct(keys[order], bits)
    chosen = order[first]

    def both(of_events: NDArray[N], of_runs: NDArray[N]) -> NDArray[N]:
        return np.concatenate((of_events[bad], of_runs[fine]))[chosen]

    subject = both(subjects.events, subjects.runs)
    _, family = grouped(both(events.family, runs.family))
    at = both(events.at, runs.ended)
    at -= at.min(initial=at[0]) if len(at) else 0
    team = teams(both(events.project, runs.project), both(events.owner, runs.owner), evidence)
    clump = _clumps(subject, at // (_CLUMP_HOURS * HOUR_MS), family, team)
    return Pairs(subject, job, family, (at // DAY_MS).astype(np.int32), clump, chosen < len(bad))


def teams(project: Codes, owner: NDArray[np.uint32], evidence: PeriodEvidence) -> Places64:
    """A number for each project and owner; 0 where both are unknown."""
    known = np.array([0 if name is None else code + 1 for code, name in enumerate(evidence.names.projects)] or [0])
    return np.asarray(known[project] << 32 | owner)


def _clumps(subject: Codes, span: Places64, family: Places64, team: Places64) -> Places64:
    """See Pairs."""
    alone = np.bincount(family) == 1
    kin = np.where(team != 0, team + (1 << 62), np.where(alone[family], 0, family + 1)) if len(family) else family
    _, clump = grouped(_mixed(_mixed(kin, span), subject.astype(np.int64)))
    return clump


def _mixed(one: Places64, other: Places64) -> Places64:
    """Two numbers as one; the multiplier is that of Knuth's multiplicative hashing in 64 bits."""
    with np.errstate(over="ignore"):
        return np.asarray((one.astype(np.uint64) * _KNUTH ^ other.astype(np.uint64)) * _KNUTH).view(np.int64)


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
