"""One line of NDJSON as an attempt and, where it failed, its failure event. Lines are hostile: what cannot be used is a
BadLine with its reason."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Annotated, NamedTuple

import msgspec

from bot.domain.text.masking import mask
from bot.domain.workload.attempt import Attempt, Outcome
from bot.domain.workload.failure import Failure
from bot.domain.workload.pod_evidence import Diagnosis, Evidence

LONGEST_LINE = 1 << 20
"""Bytes; a longer line is bad. An edge that reads lines needs no more than one byte beyond."""
UNKNOWN_TYPE = "Error"
"""The failure type of a line that says nothing of its cause."""
_OLDEST, _NEWEST = 1970, 2200
"""Years; the last one is too late."""
_LONGEST_MESSAGE = 2_000
_LONGEST_SNIPPET = 20_000

Text = str | None
Count = Annotated[float, msgspec.Meta(ge=0, le=1_000_000)] | None


class BadLine(ValueError):
    """A line that cannot be used; the message says why."""


class AttemptLine(msgspec.Struct, gc=False):
    """One line as people write it. Null and missing are the same; other keys are ignored."""

    job: Annotated[str, msgspec.Meta(min_length=1)]
    outcome: Outcome
    attempt: str | int | None = None
    finished_at: Text = None
    started_at: Text = None
    cluster: Text = None
    project: Text = None
    kind: Text = None
    owner: Text = None
    pod: Text = None
    node: Text = None
    nodes: list[str] | None = None
    image: Text = None
    gpu_count: Count = None
    gpu_type: Text = None
    memory_request: Text = None
    cpu_request: Text = None
    failure_type: Text = None
    phase: Text = None
    exit_code: Annotated[int, msgspec.Meta(ge=-(2**31), lt=2**31)] | None = None
    error_message: Text = None
    logs_snippet: Text = None
    events_snippet: Text = None


_DECODER = msgspec.json.Decoder(AttemptLine)


class Reading(NamedTuple):
    """How lines are understood."""

    classify: Callable[[Evidence], Diagnosis]
    """Finds the cause in what a failed attempt left behind; its failure type is never empty."""
    cluster: str
    """Where lines belong that name none."""


def decoded(raw: bytes) -> AttemptLine:
    """The line's value. Raises BadLine."""
    if len(raw) > LONGEST_LINE:
        raise BadLine(f"the line is longer than {LONGEST_LINE // 1024} KiB")
    try:
        return _DECODER.decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise BadLine(f"it is not an attempt: {error}") from None
    except RecursionError:
        raise BadLine("it is nested too deeply") from None


def attempt_of(line: AttemptLine, cluster: str) -> Attempt:
    """The attempt that a line tells of. Raises BadLine."""
    started, finished = _time("started_at", line.started_at), _time("finished_at", line.finished_at)
    at = finished or started
    if at is None:
        raise BadLine("it has neither `finished_at` nor `started_at`")
    if started is not None and finished is not None and finished < started:
        raise BadLine("`finished_at` is before `started_at`")
    nodes = tuple(dict.fromkeys(line.nodes)) if line.nodes else ()
    alone = nodes[0] if len(nodes) == 1 else None
    return Attempt(
        cluster=line.cluster or cluster,
        job=line.job,
        pod_uid=_identity(line, at),
        outcome=line.outcome,
        project=line.project or None,
        kind=line.kind or None,
        owner=line.owner or None,
        pod_name=line.pod or None,
        node=alone or (None if nodes else line.node or None),
        nodes=() if alone else nodes,
        image=line.image or None,
        gpu_count=line.gpu_count,
        gpu_type=line.gpu_type or None,
        memory_request=line.memory_request or None,
        cpu_request=line.cpu_request or None,
        started_at=started,
        finished_at=finished,
    )


def _identity(line: AttemptLine, at: datetime) -> str:
    """The attempt's own id, else a digest of all the line says: two equal lines are one attempt. The day and hour come
    first, so that lines in the order of time come to lie side by side in the database's index: a fifth of the time of
    a large import."""
    if line.attempt is not None and line.attempt != "":
        return str(line.attempt)
    digest = blake2b(msgspec.json.encode(line), digest_size=16).hexdigest()
    return f"line-{at.isoformat()[:13]}-{digest}"


def _time(key: str, text: str | None) -> datetime | None:
    """A time in UTC. Raises BadLine."""
    if not text:
        return None
    try:
        at = datetime.fromisoformat(text)
        at = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError):
        raise BadLine(f"`{key}` is no ISO 8601 time: {text[:40]!r}") from None
    if not _OLDEST <= at.year < _NEWEST:
        raise BadLine(f"`{key}` is not between {_OLDEST} and {_NEWEST}: {text[:40]!r}")
    return at


def failure_of(line: AttemptLine, attempt: Attempt, reading: Reading) -> Failure:
    """The failure event of a failed attempt: its type is what the line says, else what its evidence shows."""
    said = (line.phase, line.exit_code, line.error_message, line.logs_snippet, line.events_snippet)
    diagnosis = reading.classify(_evidence(line)) if any(part is not None for part in said) else None
    found = diagnosis.failure_type if diagnosis is not None else UNKNOWN_TYPE
    message = line.error_message or (diagnosis.evidence_line if diagnosis is not None else None)
    return Failure(
        cluster=attempt.cluster,
        job=attempt.job,
        pod_uid=attempt.pod_uid,
        failure_type=line.failure_type or found,
        timestamp=attempt.ended_at,
        project=attempt.project,
        kind=attempt.kind,
        owner=attempt.owner,
        pod_name=attempt.pod_name,
        node=attempt.node,
        nodes=attempt.nodes,
        image=attempt.image,
        gpu_count=attempt.gpu_count,
        gpu_type=attempt.gpu_type,
        memory_request=attempt.memory_request,
        cpu_request=attempt.cpu_request,
        phase=line.phase or None,
        exit_code=line.exit_code,
        signature=diagnosis.recorded if diagnosis is not None else None,
        error_message=mask(message).first(_LONGEST_MESSAGE) if message else None,
        logs_snippet=mask(line.logs_snippet).last(_LONGEST_SNIPPET) if line.logs_snippet else None,
        events_snippet=mask(line.events_snippet).last(_LONGEST_SNIPPET) if line.events_snippet else None,
    )


def _evidence(line: AttemptLine) -> Evidence:
    return Evidence(
        phase=line.phase,
        reason=line.failure_type,
        message=line.error_message,
        exit_code=line.exit_code,
        logs=line.logs_snippet or "",
        events=line.events_snippet or "",
    )
