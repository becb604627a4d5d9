"""Failures that came to their end because their job succeeded. What resolves a failure is the earliest success of its
job that began after it: a peer that was already running when the failure happened is no retry. It is read from the
stored rows each time, so it does not matter what arrived first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    RowMapping,
    Select,
    and_,
    bindparam,
    exists,
    func,
    or_,
    select,
    update,
)

from bot.domain.workload.attempt import Attempt, Outcome
from bot.domain.workload.failure import Resolution
from bot.store.chunks import chunks
from bot.store.tables import ATTEMPTS, FAILURES

_JOBS_AT_ONCE = 500
"""Of jobs in order of time, so that what is asked of the database is narrow even if a history comes in disorder."""
_OF = FAILURES.c
_CLOSE = (
    update(FAILURES)
    .where(_OF.id == bindparam("failure"))
    .values(resolution=bindparam("how"), resolved_at=bindparam("when"), resolved_by=None)
)


def resolve(connection: Connection, *, failures: Sequence[int], attempts: Sequence[Attempt]) -> int:
    """Bring the resolutions up to date after these failures (by id) and attempts changed; how many failures were open
    and are not any more. What a person closed stays as it is."""
    touched = {*failures, *_reached_by(connection, [one for one in attempts if one.outcome is Outcome.SUCCEEDED])}
    found = [
        row for some in chunks(sorted(touched)) for row in connection.execute(_with_first_success(some)).mappings()
    ]
    closes = [close for row in found if (close := _close(row)) is not None]
    if closes:
        connection.execute(_CLOSE, closes)
    return sum(row["resolution"] is None and row["ended_at"] is not None for row in found)


def _close(row: RowMapping) -> dict[str, Any] | None:
    """The close that a failure should have, where it has another one."""
    if row["resolution"] == Resolution.FIXED.value:
        return None
    how: str | None = None
    if row["ended_at"] is not None:
        how = (Resolution.RETRIED if row["same_submission"] else Resolution.SUCCEEDED_LATER).value
    if (how, row["ended_at"]) == (row["resolution"], row["resolved_at"]):
        return None
    return {"failure": row["id"], "how": how, "when": row["ended_at"]}


def _reached_by(connection: Connection, successes: Sequence[Attempt]) -> set[int]:
    """Ids of the failures that these successes may resolve, or may have resolved before they changed: of the same job,
    begun before its latest success here, still open at its earliest."""
    spans: dict[str, tuple[datetime, datetime]] = {}
    for success in successes:
        first, last = spans.get(success.job, (success.ended_at, success.ended_at))
        spans[success.job] = (min(first, success.ended_at), max(last, success.ended_at))
    reached = set()
    for jobs in chunks(sorted(spans, key=spans.__getitem__), _JOBS_AT_ONCE):
        earliest, latest = spans[jobs[0]][0], max(spans[job][1] for job in jobs)
        open_then = or_(_OF.resolved_at.is_(None), _OF.resolved_at >= earliest)
        query = select(_OF.id, _OF.job_name, _OF.timestamp, _OF.resolved_at).where(
            _OF.job_name.in_(jobs), _OF.timestamp <= latest, open_then
        )
        for row in connection.execute(query):
            first, last = spans[row.job_name]
            if row.timestamp <= last and (row.resolved_at is None or row.resolved_at >= first):
                reached.add(row.id)
    return reached


def _with_first_success(ids: Sequence[int]) -> Select[Any]:
    """These failures, each with the end of the success that resolves it, if there is one, and whether it was the job's
    own controller that tried again: the same submission, or one of the two unknown."""
    ends = select(ATTEMPTS.c.ended_at).where(_resolves(FAILURES)).order_by(ATTEMPTS.c.ended_at).limit(1)
    failure = select(FAILURES, ends.correlate(FAILURES).scalar_subquery().label("ended_at"))
    of = failure.where(_OF.id.in_(ids)).subquery("failure")
    same = exists().where(
        _resolves(of),
        ATTEMPTS.c.ended_at == of.c.ended_at,
        func.coalesce(ATTEMPTS.c.job_uid == of.c.job_uid, True),
    )
    return select(of.c.id, of.c.resolution, of.c.resolved_at, of.c.ended_at, same.label("same_submission"))


def _resolves(failure: FromClause) -> ColumnElement[bool]:
    """Whether an attempt is a success of the failure's job that began after it."""
    by, of = ATTEMPTS.c, failure.c
    return and_(
        by.job == of.job_name,
        by.outcome == Outcome.SUCCEEDED.value,
        by.ended_at >= of.timestamp,
        func.coalesce(by.started_at, by.created_at, by.ended_at) >= of.timestamp,
        by.cluster == of.cluster,
        by.project.is_not_distinct_from(of.project),
    )
