"""The specs of attempts that matter: of pods that failed, and of those whose success answers a failure of their job.
They are few, so that what most attempts cost is one look whether a failure of theirs is open; no other is read."""

from __future__ import annotations

import json
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, bindparam, select, update

from bot.domain.knowledge.family import family
from bot.domain.knowledge.lesson import ANOTHER_NAME_WITHIN, LOOK_AHEAD
from bot.domain.knowledge.spec import SeenSpec, WorkloadSpec
from bot.store.bulk import insert_all
from bot.store.chunks import chunks
from bot.store.storable import bounded, clean, storable
from bot.store.tables import SPECS

_OF = SPECS.c
_COLUMNS = (
    "cluster", "pod_uid", "project", "family", "job", "job_uid", "owner", "failed", "answered", "began_at", "ended_at",
    "spec",
)  # fmt: skip
_MOST_TRIALS = 200
"""The newest tries of a family that are looked at together."""
_RECENT = timedelta(days=30)
_FIELDS = tuple(field.name for field in fields(WorkloadSpec))
_LISTS = ("command", "pull_secrets", "volumes", "tolerations")
_PAIRS = ("env", "node_selector")


def wanted(connection: Connection, seen: Sequence[SeenSpec]) -> list[SeenSpec]:
    """Those to be kept: of pods that are not known yet, and that failed or answer a failure."""
    tries = [_Try(each) for each in seen]
    failed = [each for each in tries if each.seen.failed]
    succeeded = [each for each in tries if not each.seen.failed]
    answering = _answering(succeeded, [*map(_failed, failed), *_open(connection, succeeded)])
    of_interest = [*failed, *answering]
    known = _known(connection, of_interest)
    return [each.seen for each in of_interest if (each.cluster, each.pod_uid) not in known]


def record(connection: Connection, seen: Sequence[SeenSpec]) -> int:
    """Keep those that are wanted; how many. The connection is inside a writing transaction."""
    latest = {(each.cluster, each.pod_uid): each for each in map(_Try, wanted(connection, seen))}
    kept = [(each, spec) for each in latest.values() if (spec := each.seen.read()) is not None]
    if kept:
        insert_all(connection, SPECS, _COLUMNS, [_row(each, spec) for each, spec in kept])
        answers = [each for each, _ in kept if not each.seen.failed]
        if answers:
            connection.execute(_ANSWERED, [_answer(each) for each in answers])
    return len(kept)


class _Try:
    """A seen spec with the names under which it is stored."""

    __slots__ = ("began_at", "cluster", "family", "job", "of", "owner", "pod_uid", "project", "seen")

    def __init__(self, seen: SeenSpec) -> None:
        of = storable(seen.attempt)
        self.seen, self.of = seen, of
        self.cluster, self.project, self.job = of.cluster, of.project, of.job
        self.family, self.owner, self.pod_uid = bounded("job", family(of.job)), of.owner, of.pod_uid
        began = of.created_at or of.started_at or of.ended_at
        self.began_at = began if began.tzinfo is UTC else began.astimezone(UTC)


Open = tuple[str, str | None, str, str, str | None, datetime]
"""A failed try without an answer: cluster, project, family, job, owner, end."""


def _failed(one: _Try) -> Open:
    return (one.cluster, one.project, one.family, one.job, one.owner, one.of.ended_at)


def _open(connection: Connection, succeeded: Sequence[_Try]) -> Iterator[Open]:
    """The failed tries that these successes may answer: of the same job, or of the family within a day."""
    if not succeeded:
        return
    first, last = min(each.began_at for each in succeeded), max(each.began_at for each in succeeded)
    columns = (_OF.cluster, _OF.project, _OF.family, _OF.job, _OF.owner, _OF.ended_at)
    pending = select(*columns).where(_OF.failed, ~_OF.answered, _OF.ended_at <= last)
    same = pending.where(_OF.ended_at >= first - LOOK_AHEAD)
    for some in chunks(sorted({each.job for each in succeeded})):
        for row in connection.execute(same.where(_OF.job.in_(some))):
            yield tuple(row)
    near = pending.where(_OF.ended_at >= first - ANOTHER_NAME_WITHIN)
    for some in chunks(sorted({each.family for each in succeeded if each.owner is not None})):
        for row in connection.execute(near.where(_OF.family.in_(some))):
            yield tuple(row)


def _answering(succeeded: Sequence[_Try], failed: Iterable[Open]) -> list[_Try]:
    """The successes that began after a failure of their job, or of their person's family of jobs within a day."""
    by_job: dict[tuple[object, ...], list[datetime]] = defaultdict(list)
    by_person: dict[tuple[object, ...], list[datetime]] = defaultdict(list)
    for cluster, project, name, job, owner, ended_at in sorted(failed, key=itemgetter(-1)):
        by_job[cluster, project, job].append(ended_at)
        if owner is not None:
            by_person[cluster, project, name, owner].append(ended_at)
    return [
        each
        for each in succeeded
        if _follows(each.began_at, by_job.get((each.cluster, each.project, each.job), ()), LOOK_AHEAD)
        or _follows(
            each.began_at, by_person.get((each.cluster, each.project, each.family, each.owner), ()), ANOTHER_NAME_WITHIN
        )
    ]


def _follows(began_at: datetime, ends: Sequence[datetime], within: timedelta) -> bool:
    """Whether the last of these ends, in order, before that was not longer ago."""
    before = bisect_right(ends, began_at)
    return before > 0 and began_at <= ends[before - 1] + within


_ANSWERED = (
    update(SPECS)
    .where(
        _OF.job == bindparam("of_job"),
        _OF.cluster == bindparam("of_cluster"),
        _OF.project.is_not_distinct_from(bindparam("of_project")),
        _OF.failed,
        ~_OF.answered,
        _OF.ended_at <= bindparam("until"),
    )
    .values(answered=True)
)


def _answer(one: _Try) -> dict[str, Any]:
    return {"of_job": one.job, "of_cluster": one.cluster, "of_project": one.project, "until": one.began_at}


def _known(connection: Connection, tries: Sequence[_Try]) -> set[tuple[str, str]]:
    pods: dict[str, set[str]] = defaultdict(set)
    for each in tries:
        pods[each.cluster].add(each.pod_uid)
    return {
        (cluster, uid)
        for cluster, uids in pods.items()
        for some in chunks(sorted(uids))
        for uid in connection.execute(
            select(_OF.pod_uid).where(_OF.cluster == cluster, _OF.pod_uid.in_(some))
        ).scalars()
    }


def _row(one: _Try, spec: WorkloadSpec) -> tuple[Any, ...]:
    of = one.of
    return (
        of.cluster, of.pod_uid, of.project, one.family, of.job, of.job_uid, of.owner, one.seen.failed, False,
        one.began_at, of.ended_at, _text(spec),
    )  # fmt: skip


def _text(spec: WorkloadSpec) -> str:
    return clean(json.dumps({name: value for name in _FIELDS if (value := getattr(spec, name))}, ensure_ascii=True))
