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
    SUCCEEDED,
    Codes,
    Events,
    Flags,
    Numbers,
    PeriodEvidence,
    Places64,
    Runs,
)
from bot.domain.analysis.grouping import cells, grouped, numbered, runs_of, sampled

N = TypeVar("N", bound=np.generic)
Places = NDArray[np.intp]

UNKNOWN = -1
"""The subject of what is charged to nothing: no node known, or a whole gang of them."""
_MOMENT_MS = 60_000
_OF_A_KIND = 3
"""Nodes with GPUs of one type from which they are compared with each other alone."""


@dataclass(frozen=True, slots=True)
class Pairs:
    """Distinct (job, subject) pairs, ordered by kin, subject and time; all arrays have shape (pairs,). What failed on
    one subject within a minute is one event, a reboot or a lost node: of such pairs only one is here."""

    subject: Codes
    kin: Places64
    """A number for the job family and the type of the GPUs, if the family has more than one job; else for the project
    and owner and the type of the GPUs, if they are known; else `kind`."""
    team: Places64
    """A number for the project and owner; 0 unknown."""
    kind: Codes
    """A number for the type of the node's GPUs."""
    at: Places64
    """Milliseconds since 1970 (UTC): of its first failure, else of its first success."""
    failed: Flags
    proven: Flags
    """Whether its job ran well somewhere: nothing is wrong with such a job, whoever sent it."""

    def __len__(self) -> int:
        return len(self.subject)

    def where(self, mask: Flags | Places) -> Self:
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
    kin: Places64
    """Of those events, then of those runs, as are the next two: see Pairs."""
    team: Places64
    kind: Codes


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
    failed = chosen < len(bad)
    at = _earliest(np.concatenate((events.at[bad], runs.ended[fine]))[order], keys, first)
    subject = np.concatenate((subjects.events[bad], subjects.runs[fine]))[chosen]
    related = np.concatenate((of_bad, of_fine + len(kin.events)))[chosen]
    proven = np.zeros(int(job.max(initial=-1)) + 1, dtype=bool)
    proven[job[~failed]] = True
    found = Pairs(subject, kin.kin[related], kin.team[related], kin.kind[related], at, failed, proven[job])
    return found.where(_in_order(found, np.flatnonzero(_apart_in_time(found))))


def _apart_in_time(found: Pairs) -> Flags:
    """All but the pairs that failed on their subject in the same minute as another one of a lower number."""
    bad = np.flatnonzero(found.failed)
    moment = cells(found.subject[bad], found.at[bad] // _MOMENT_MS)
    order = np.argsort(moment, kind="stable")
    stays = np.ones(len(found), dtype=bool)
    stays[bad] = False
    stays[bad[order[runs_of(moment[order])]]] = True
    return stays


def _in_order(found: Pairs, some: Places) -> Places:
    """These, ordered by kin, subject and time (to the minute)."""
    kin, subject, minute = found.kin[some], found.subject[some].astype(np.int64), found.at[some] // 60_000
    key = kin * (int(subject.max(initial=0)) + 1) + subject
    minute -= minute.min(initial=0)
    return some[np.argsort(key * (int(minute.max(initial=0)) + 1) + minute)]


def kin_of(evidence: PeriodEvidence) -> Kin:
    """Which attempts and events have to do with each other."""
    runs, events = evidence.runs, evidence.events
    bad = np.flatnonzero(sampled(events.job, len(runs)))
    fine = np.flatnonzero((runs.outcome == SUCCEEDED) & sampled(runs.job, len(runs)))
    family = numbered(np.concatenate((events.family[bad], runs.family[fine])))
    job = np.concatenate((events.job[bad], runs.job[fine]))
    some = np.zeros(int(family.max(initial=-1)) + 1, np.intp)
    some[family] = np.arange(len(family))
    several = np.zeros(len(some), dtype=bool)
    several[family[job != job[some[family]]]] = True
    project = np.concatenate((events.project[bad], runs.project[fine]))[some]
    owner = np.concatenate((events.owner[bad], runs.owner[fine]))[some]
    names, code = grouped(teams(project, owner, evidence))
    team = np.where(names == 0, 0, np.arange(len(names)) + 1)[code]
    number = np.where(several, np.arange(len(some)) + len(names) + 1, team)
    kinds = _kinds(evidence)
    kind = kinds[np.concatenate((events.place[bad], runs.place[fine]))]
    return Kin(bad, fine, (number[family] * (int(kinds.max()) + 1) + kind).astype(np.int64), team[family], kind)


def teams(project: Codes, owner: NDArray[np.uint32], evidence: PeriodEvidence) -> Places64:
    """A number for each project and owner; 0 where both are unknown."""
    known = np.array([0 if name is None else code + 1 for code, name in enumerate(evidence.names.projects)] or [0])
    return np.asarray(known[project] << 32 | owner)


def _kinds(evidence: PeriodEvidence) -> Codes:
    """For each placement the number of its GPUs' type, 0 where it is unknown or hardly any node has it."""
    names, runs = evidence.names, evidence.runs
    types = sorted({gpus.type or "" for gpus in names.gpus} | {""})
    code = np.array([types.index(gpus.type or "") for gpus in names.gpus] or [0])
    if len(types) == 1 or not len(runs):
        return np.zeros(len(names.places) or 1, np.int32)
    cell = runs.place.astype(np.int64) * len(types) + code[runs.gpus]
    often = np.bincount(cell, minlength=len(names.places) * len(types)).reshape(-1, len(types))
    often[:, 0] = 0  # where any attempt knows the type, that one is right
    kind = often.argmax(axis=1)
    rare = np.bincount(kind, minlength=len(types)) < _OF_A_KIND
    return np.where(rare[kind], 0, kind).astype(np.int32)


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
