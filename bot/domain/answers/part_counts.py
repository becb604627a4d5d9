"""What is told of one node's or one image's part of the evidence beside its numbers (`analysis.counts`)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

import numpy as np

from bot.domain.analysis.attempt_table import SUCCEEDED, PeriodEvidence, moment
from bot.domain.analysis.counts import Part, Totals, distinct_jobs, of_all_images, of_all_nodes, successes_since
from bot.domain.analysis.exposure import UNKNOWN, nodes
from bot.domain.analysis.grouping import distinct, grouped
from bot.domain.analysis.statistics import wilson
from bot.domain.answers.node_or_image import CauseCount, Fault, OnNode, Share

_MOST_TIMES = 50
_CARRIES = 0.5
"""Share of an image's failed jobs that makes one of several nodes worth a look."""
_FEWEST_CARRIED = 2


class Newest(NamedTuple):
    """A job's newest failure in a part: the job by its number, milliseconds since 1970, and how many failures."""

    job: int
    at: int
    failures: int


def on_any_node(evidence: PeriodEvidence) -> Share:
    """What ran on nodes: each job once for each of them."""
    return _added(of_all_nodes(evidence).values())


def other_images(this: Part) -> Share:
    """What ran with other images in the projects of this image: each job once for each of them."""
    evidence, runs, events = this.evidence, this.evidence.runs, this.evidence.events
    projects = np.zeros(len(evidence.names.projects) or 1, dtype=bool)
    projects[distinct(np.concatenate((runs.project[this.runs], events.project[this.events])))] = True
    run, event = ~this.runs & projects[runs.project], ~this.events & projects[events.project]
    others = replace(evidence, runs=runs.where(run), events=events.where(event & (events.first_fault != 0)))
    return _added(of_all_images(others).values())


def share(this: Part) -> Share:
    """How many of its jobs failed."""
    return _share(this.totals)


def causes(this: Part) -> tuple[CauseCount, ...]:
    """What its failures were, by signature where it is known, of most jobs first."""
    names, events = this.evidence.names, this.evidence.events.where(this.events)
    cells, cause = grouped(events.type.astype(np.int64) * max(1, len(names.signatures)) + events.signature)
    failures, jobs = np.bincount(cause, minlength=len(cells)), distinct_jobs(events.job, cause, len(cells))
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


def newest(this: Part, most: int) -> list[Newest]:
    """The jobs that failed last, the newest first."""
    events = this.evidence.events.where(this.events)
    job, place = grouped(events.job)
    last = np.full(len(job), np.iinfo(np.int64).min)
    np.maximum.at(last, place, events.at)
    failures = np.bincount(place, minlength=len(job))
    order = np.argsort(-last, kind="stable")[:most]
    return [Newest(int(job[one]), int(last[one]), int(failures[one])) for one in order]


def failed_between(this: Part) -> tuple[datetime, datetime] | None:
    """When its first and its last failure of the period began; None without any."""
    at = this.evidence.events.at[this.events]
    return (moment(int(at.min())), moment(int(at.max()))) if len(at) else None


def successes_since_failure(this: Part) -> int:
    """Jobs that went well after its last failure."""
    at = this.evidence.events.at[this.events]
    return successes_since(this, int(at.max())) if len(at) else 0


def seen_between(this: Part) -> tuple[datetime, datetime] | None:
    """When its first attempt ended or failure began, and its last; None where there is nothing."""
    times = np.concatenate((this.evidence.runs.ended[this.runs], this.evidence.events.at[this.events]))
    return (moment(int(times.min())), moment(int(times.max()))) if len(times) else None


def faults(this: Part, titles: dict[str, str]) -> tuple[Fault, ...]:
    """What its hardware said: those of these signatures, each with its title."""
    names, events = this.evidence.names.signatures, this.evidence.events.where(this.events)
    times: dict[str, list[int]] = {}
    for code, at in zip(events.signature.tolist(), events.at.tolist(), strict=True):
        if (name := names[code]) is not None and name in titles:
            times.setdefault(name, []).append(at)
    told = [
        Fault(
            signature=name,
            title=titles[name],
            count=len(ms),
            times=tuple(moment(at) for at in sorted(ms)[-_MOST_TIMES:]),
        )
        for name, ms in times.items()
    ]
    return tuple(sorted(told, key=lambda one: (-one.count, one.signature)))


def by_node(this: Part) -> tuple[int, OnNode | None]:
    """How many nodes it ran on, and the one that carries its failures, if it ran on others too."""
    evidence, subjects = this.evidence, nodes(this.evidence)
    size = len(subjects.names)
    bad = this.events & (subjects.events != UNKNOWN)
    fine = this.runs & (evidence.runs.outcome == SUCCEEDED) & (subjects.runs != UNKNOWN)
    of_bad, bad_job = subjects.events[bad], evidence.events.job[bad]
    used = np.concatenate((of_bad, subjects.runs[fine]))
    number, failed = len(distinct(used)), distinct_jobs(bad_job, of_bad, size)
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


def _added(each: Iterable[Totals]) -> Share:
    """All of them together."""
    several = list(each)
    return _share(Totals(*(sum(getattr(one, name) for one in several) for name in Totals.__slots__)))


def _share(of: Totals) -> Share:
    low, high = wilson(of.jobs_failed, of.jobs)
    return Share(attempts=of.attempts, failures=of.failures, jobs=of.jobs, failed=of.jobs_failed, low=low, high=high)
