"""Two sightings of one thing become one. The same pod is seen again and again: after a restart of the bot, by a list
and by a watch, in any order. Each rule here is commutative, associative and idempotent, so what ends up stored
depends on what was seen, never on the order or the number of times."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, TypeVar

from bot.domain.workload.attempt import Attempt, Outcome
from bot.domain.workload.failure import Failure

V = TypeVar("V")

_SURER = (Outcome.FAILED, Outcome.SUCCEEDED, Outcome.KILLED)
"""Which outcome to believe where two sightings tell of the same end: a failed pod that is deleted later has failed."""
_NEVER = datetime.max.replace(tzinfo=UTC)


def same_attempt(one: Attempt, other: Attempt) -> Attempt:
    """What both sightings of one attempt say together. The outcome comes from the sighting that knows when the attempt
    ended; where both know, from the earlier end, since nothing happens to a container after its end."""
    if one == other:
        return one
    end = min(one, other, key=_end)
    return Attempt(
        **_context(one, other),
        restart=one.restart,
        outcome=end.outcome,
        finished_at=end.finished_at,
        started_at=_earlier(one.started_at, other.started_at),
        created_at=_earlier(one.created_at, other.created_at),
    )


def same_failure(one: Failure, other: Failure) -> Failure:
    """What both sightings of one episode say together: it began at the earlier time, its occurrences only grow, and a
    text once known is never lost to a shorter one. What the store knows of it (id, resolution) is kept."""
    if one == other:
        return one
    known = one if one.resolution is not None or other.resolution is None else other
    return Failure(
        **_context(one, other),
        failure_type=one.failure_type,
        timestamp=min(one.timestamp, other.timestamp),
        phase=_fuller(one.phase, other.phase),
        exit_code=_fuller(one.exit_code, other.exit_code),
        signature=_fuller(one.signature, other.signature),
        error_message=_fuller(one.error_message, other.error_message),
        logs_snippet=_fuller(one.logs_snippet, other.logs_snippet),
        events_snippet=_fuller(one.events_snippet, other.events_snippet),
        first_fault=one.first_fault and other.first_fault,
        occurrences=max(one.occurrences, other.occurrences),
        id=one.id if one.id is not None else other.id,
        resolution=known.resolution,
        resolved_at=known.resolved_at,
        resolved_by=known.resolved_by,
    )


_CONTEXT = (
    "cluster", "job", "pod_uid", "container", "project", "kind", "owner", "job_uid", "gang", "pod_name", "node",
    "nodes", "image", "gpu_count", "gpu_type", "memory_request", "cpu_request",
)  # fmt: skip


def _context(one: Attempt | Failure, other: Attempt | Failure) -> dict[str, Any]:
    return {field: _fuller(getattr(one, field), getattr(other, field)) for field in _CONTEXT}


def _fuller(one: V | None, other: V | None) -> V | None:
    """The one that is known; of two that differ, always the same one: the longer, then the greater."""
    if one is None or one == other:
        return other
    if other is None:
        return one
    return max(one, other, key=_weight)


def _weight(value: Any) -> tuple[int, Any]:  # noqa: ANN401 a field's value: text, number or tuple of text
    return (len(value) if isinstance(value, str | tuple) else 0, value)


def _earlier(one: datetime | None, other: datetime | None) -> datetime | None:
    return min((at for at in (one, other) if at is not None), default=None)


def _end(attempt: Attempt) -> tuple[bool, datetime, int]:
    finished = attempt.finished_at
    return (finished is None, finished or _NEVER, _SURER.index(attempt.outcome))
