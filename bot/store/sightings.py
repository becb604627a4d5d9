"""Two sightings of one thing become one. The same pod is seen again and again: after a restart of the bot, by a list
and by a watch, in any order. Each rule here is commutative, associative and idempotent, so what ends up stored
depends on what was seen, never on the order or the number of times."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, TypeVar

from bot.domain.workload.attempt import Attempt, Outcome
from bot.domain.workload.failure import Failure
from bot.domain.workload.killed import DEADLINE

V = TypeVar("V")

_SURER = (Outcome.KILLED, Outcome.FAILED, Outcome.SUCCEEDED)
"""Which outcome to believe where two sightings tell of the same end. Who saw that a pod was stopped saw more than who
came later and found an exit code; only a Job's missed deadline is found later."""
_NEVER = datetime.max.replace(tzinfo=UTC)
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


def same_attempt(one: Attempt, other: Attempt) -> Attempt:
    """What both sightings of one attempt say together. The outcome comes from the sighting that knows when the attempt
    ended; where both know, from the earlier end, since nothing happens to a container after its end."""
    if one == other:
        return one
    end = min(one, other, key=_end)
    reasons = [each.reason for each in (one, other) if _end(each) == _end(end)]
    return Attempt(
        **_context(one, other),
        restart=one.restart,
        outcome=end.outcome,
        finished_at=end.finished_at,
        started_at=_earlier(one.started_at, other.started_at),
        created_at=_earlier(one.created_at, other.created_at),
        reason=_fuller(reasons[0], reasons[-1]),
    )


def same_failure(one: Failure, other: Failure) -> Failure:
    """What both sightings of one episode say together: it began at the earlier time, its occurrences only grow. The
    evidence of its newest run leads; of the same run, a text once known is never lost to a shorter one. What the store
    knows of it (id, resolution) is kept."""
    if one == other:
        return one
    known = one if one.resolution is not None or other.resolution is None else other
    return Failure(
        **_context(one, other),
        failure_type=one.failure_type,
        timestamp=min(one.timestamp, other.timestamp),
        phase=_fuller(one.phase, other.phase),
        exit_code=_fuller(one.exit_code, other.exit_code),
        **_evidence(one, other),
        first_fault=one.first_fault and other.first_fault,
        occurrences=max(one.occurrences, other.occurrences),
        id=one.id if one.id is not None else other.id,
        resolution=known.resolution,
        resolved_at=known.resolved_at,
        resolved_by=known.resolved_by,
    )


def _evidence(one: Failure, other: Failure) -> dict[str, Any]:
    """The evidence of the later run; of one and the same run, whatever is known of it. And the cause before."""
    newest = max(one, other, key=_read_at)
    told = [each for each in (one, other) if each.evidence_at == newest.evidence_at]
    found = {field: _fuller(getattr(told[0], field), getattr(told[-1], field)) for field in _EVIDENCE}
    found["evidence_at"] = newest.evidence_at
    return found | _earlier_cause(one, other, newest.evidence_at, found["signature"])


def _earlier_cause(one: Failure, other: Failure, newest: datetime | None, cause: str | None) -> dict[str, Any]:
    """The last other cause of the episode before the one that leads now, and when that was."""
    causes = [(each.evidence_at, each.signature) for each in (one, other) if each.evidence_at != newest]
    causes += [(each.earlier_at, each.earlier_signature) for each in (one, other)]
    others = [(at, name) for at, name in causes if at is not None and name is not None and name != cause]
    at, name = max(others, key=lambda each: (each[0], _weight(each[1])), default=(None, None))
    return {"earlier_signature": name, "earlier_at": at}


_EVIDENCE = ("signature", "error_message", "logs_snippet", "events_snippet")
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
    surest = attempt.outcome is Outcome.FAILED and attempt.reason == DEADLINE
    return (finished is None, finished or _NEVER, -1 if surest else _SURER.index(attempt.outcome))


def _read_at(failure: Failure) -> datetime:
    return failure.evidence_at or _LONG_AGO
