"""One node's or one image's part of the evidence, counted: the numbers beside the finding of the report, if any."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import numpy as np

from bot.domain.analysis.attempt_table import SUCCEEDED, Codes, Counts, Flags, Numbers, PeriodEvidence, Places64, moment
from bot.domain.analysis.exposure import UNKNOWN, nodes
from bot.domain.analysis.grouping import distinct, grouped
from bot.domain.analysis.hot_node import places_of
from bot.domain.analysis.statistics import wilson
from bot.domain.answers.node_or_image import CauseCount, Fault, OnNode, Share

_KNUTH = np.uint64(0x9E3779B97F4A7C15)
_MOST_TIMES = 50
_CARRIES = 0.5
"""Share of an image's failed jobs that makes one of several nodes worth a look."""
_FEWEST_CARRIED = 2


@dataclass(frozen=True, slots=True)
class Part:
    """Which attempts and failure events are a thing's; gang victims' are nobody's."""

    evidence: PeriodEvidence
    runs: Flags
    events: Flags


class Newest(NamedTuple):
    """A job's newest failure in a part: the job by its number, milliseconds since 1970, and how many failures."""

    job: int
    at: int
    failures: int


def of_node(evidence: PeriodEvidence, cluster: str, node: str) -> Part:
    """What ran on a node, alone or as part of a gang."""
    here = places_of(evidence, (cluster, node))
    return _part(evidence, here[evidence.runs.place], here[evidence.events.place])


def of_image(evidence: PeriodEvidence, image: str) -> Part:
    """What ran with an image."""
    this = _flags(name == image for name in evidence.names.images)
    return _part(evidence, this[evidence.runs.image], this[evidence.events.image])


def on_any_node(evidence: PeriodEvidence) -> Share:
    """What ran on nodes that are known: each job once for each of them."""
    known = _flags(bool(place.nodes) for place in evidence.names.places)
    part = _part(evidence, known[evidence.runs.place], known[evidence.events.place])
    return _of_pairs(part, evidence.runs.place, evidence.events.place)


def other_images(part: Part) -> Share:
    """What ran with other images in the projects of this image: each job once for each of them."""
    evidence, runs, events = part.evidence, part.evidence.runs, part.evidence.events
    projects = np.zeros(len(evidence.names.projects) or 1, dtype=bool)
    projects[distinct(np.concatenate((runs.project[part.runs], events.project[part.events])))] = True
    known = _flags(name is not None for name in evidence.names.images)
    others = _part(
        evidence,
        ~part.runs & projects[runs.project] & known[runs.image],
        ~part.events & projects[events.project] & known[events.image],
    )
    return _of_pairs(others, runs.image, events.image)


def share(part: Part) -> Share:
    """How many of its jobs failed."""
    fine, bad = _fine(part), part.evidence.events.job[part.events]
    return _share(part, len(distinct(np.concatenate((fine, bad)))), len(distinct(bad)))


def causes(part: Part) -> tuple[CauseCount, ...]:
    """What its failures were, by signature where it is known, of most jobs first."""
    names, events = part.evidence.names, part.evidence.events.where(part.events)
    cells, cause = grouped(events.type.astype(np.int64) * max(1, len(names.signatures)) + events.signature)
    failures, jobs = np.bincount(cause, minlength=len(cells)), _jobs_of(cause, events.job, len(cells))
    counted = [
        CauseCount(
            failure_type=names.types[cell // len(names.signatures)],
            signature=names.signatures[cell % len(names.signatures)],
            jobs=int(jobs[place]),
            failures=int(failures[place]),
        )
        for place, cell in enumerate(cells.tolist())
    ]
    return tuple(sorted(counted, key=lambda one: (-one.jobs, -one.failures, one.name)))


def newest(part: Part, most: int) -> list[Newest]:
    """The jobs that failed last, the newest first."""
    events = part.evidence.events.where(part.events)
    job, place = grouped(events.job)
    last = np.full(len(job), np.iinfo(np.int64).min)
    np.maximum.at(last, place, events.at)
    failures = np.bincount(place, minlength=len(job))
    order = np.argsort(-last, kind="stable")[:most]
    return [Newest(int(job[one]), int(last[one]), int(failures[one])) for one in order]


def failed_between(part: Part) -> tuple[datetime, datetime] | None:
    """When its first and its last failure of the period began; None without any."""
    at = part.evidence.events.at[part.events]
    return (moment(int(at.min())), moment(int(at.max()))) if len(at) else None


def successes_since_failure(part: Part) -> int:
    """Jobs that went well after its last failure."""
    at, runs = part.evidence.events.at[part.events], part.evidence.runs
    last = at.max() if len(at) else 0
    return len(distinct(runs.job[part.runs & (runs.outcome == SUCCEEDED) & (runs.ended > last)])) if len(at) else 0


def seen_between(part: Part) -> tuple[datetime, datetime] | None:
    """When its first attempt ended or failure began, and its last; None where there is nothing."""
    times = np.concatenate((part.evidence.runs.ended[part.runs], part.evidence.events.at[part.events]))
    return (moment(int(times.min())), moment(int(times.max()))) if len(times) else None


def faults(part: Part, titles: dict[str, str]) -> tuple[Fault, ...]:
    """What its hardware said: those of these signatures, each with its title."""
    names, events = part.evidence.names.signatures, part.evidence.events.where(part.events)
    times: dict[str, list[int]] = {}
    for code, at in zip(events.signature.tolist(), events.at.tolist(), strict=True):
        if (name := names[code]) is not None and name in titles:
            times.setdefault(name, []).append(at)
    told = [
        Fault(signature=name, title=titles[name], times=tuple(moment(at) for at in sorted(ms)[-_MOST_TIMES:]))
        for name, ms in times.items()
    ]
    return tuple(sorted(told, key=lambda one: (-len(one.times), one.signature)))


def by_node(part: Part) -> tuple[int, OnNode | None]:
    """How many nodes it ran on, and the one that carries its failures, if it ran on others too."""
    evidence, subjects = part.evidence, nodes(part.evidence)
    size = len(subjects.names)
    bad = part.events & (subjects.events != UNKNOWN)
    fine = part.runs & (evidence.runs.outcome == SUCCEEDED) & (subjects.runs != UNKNOWN)
    of_bad, bad_job = subjects.events[bad], evidence.events.job[bad]
    used = np.concatenate((of_bad, subjects.runs[fine]))
    number, failed = len(distinct(used)), _jobs_of(of_bad, bad_job, size)
    if number < 2 or failed.max(initial=0) < max(_FEWEST_CARRIED, _CARRIES * len(distinct(bad_job))):
        return number, None
    node = int(failed.argmax())
    jobs = len(distinct(np.concatenate((bad_job, evidence.runs.job[fine]))[used == node]))
    cluster, name = subjects.names[node]
    return number, OnNode(node=name, cluster=cluster, jobs=jobs, failed=int(failed[node]))


def node_names(evidence: PeriodEvidence) -> set[tuple[str, str]]:
    """The nodes that anything of the period ran on, as (cluster, node). What the names stand for beside that may be
    others' whose jobs must not be seen."""
    used = distinct(np.concatenate((evidence.runs.place, evidence.events.place)))
    places = (evidence.names.places[code] for code in used)
    return {(place.cluster, node) for place in places for node in place.nodes}


def image_names(evidence: PeriodEvidence) -> set[str]:
    """The images that anything of the period ran with."""
    used = distinct(np.concatenate((evidence.runs.image, evidence.events.image)))
    return {name for code in used if (name := evidence.names.images[code]) is not None}


def _flags(each: Any) -> Flags:  # noqa: ANN401 any iterable of bools
    """One for each name; never without any, so that it can be asked with an empty array of codes."""
    return np.array([*each] or [False], dtype=bool)


def _part(evidence: PeriodEvidence, runs: Flags, events: Flags) -> Part:
    return Part(evidence, runs, events & (evidence.events.first_fault != 0))


def _fine(part: Part) -> Numbers:
    runs = part.evidence.runs
    return runs.where(part.runs & (runs.outcome == SUCCEEDED)).job


def _of_pairs(part: Part, of_run: Codes, of_event: Codes) -> Share:
    """The share of the pairs of jobs and things."""
    evidence = part.evidence
    ran = part.runs & (evidence.runs.outcome == SUCCEEDED)
    fine = _mixed(evidence.runs.job[ran], of_run[ran])
    bad = _mixed(evidence.events.job[part.events], of_event[part.events])
    return _share(part, len(distinct(np.concatenate((fine, bad)))), len(distinct(bad)))


def _mixed(job: Numbers, code: Codes | Places64) -> Numbers:
    """A pair in one number."""
    return np.asarray(job ^ ((code.astype(np.uint64) + np.uint64(1)) * _KNUTH))


def _share(part: Part, jobs: int, failed: int) -> Share:
    low, high = wilson(failed, jobs)
    return Share(attempts=int(part.runs.sum()), jobs=jobs, failed=failed, low=low, high=high)


def _jobs_of(code: Codes | Places64, job: Numbers, size: int) -> Counts:
    """How many jobs each code has."""
    _, first = np.unique(_mixed(job, code), return_index=True)
    return np.bincount(code[first], minlength=size)
