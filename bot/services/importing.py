"""Imports attempts of the past: NDJSON in, attempts and failure events out. The same file read twice changes nothing.

Lines are hostile. A line that cannot be used is counted with its number and the reason, and skipped."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Annotated, Protocol

import msgspec

from bot.domain.attempt import Attempt, Outcome
from bot.domain.evidence import Diagnosis, Evidence
from bot.domain.failure import Failure
from bot.services.ports import Recorder

LONGEST_LINE = 1 << 20
"""Bytes; a longer line is bad. An edge that reads lines needs no more than one byte beyond."""
BATCH = 5_000
"""Lines of one transaction."""
UNKNOWN_TYPE = "Error"
"""The failure type of a line that says nothing of its cause."""
DEFAULT_CLUSTER = "default"
_OLDEST, _NEWEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
_MOST_REASONS = 100
_LONGEST_MESSAGE = 2_000
_LONGEST_SNIPPET = 20_000

Text = str | None
Count = Annotated[float, msgspec.Meta(ge=0, le=1_000_000)] | None


class BadLine(ValueError):
    """A line that cannot be used; the message says why."""


class _Line(msgspec.Struct):
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


class Classify(Protocol):
    """Finds the cause in what a failed attempt left behind."""

    def __call__(self, evidence: Evidence, /) -> Diagnosis:
        """The diagnosis; its failure type is never empty."""


@dataclass(frozen=True, slots=True)
class Problem:
    """A bad line."""

    number: int
    """The first line is 1."""
    reason: str


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did."""

    lines: int = 0
    """All lines that were not empty."""
    attempts: int = 0
    """Of the good ones, those that were not known before."""
    failures: int = 0
    bad: int = 0
    problems: tuple[Problem, ...] = ()
    """The first bad lines."""


def import_attempts(
    lines: Iterable[bytes],
    recorder: Recorder,
    *,
    classify: Classify,
    mask: Callable[[str], str],
    progress: Callable[[int], None] = lambda _: None,
    cluster: str = DEFAULT_CLUSTER,
) -> Imported:
    """Record the attempts of these lines, in batches. `progress` is told the number of lines read so far; `cluster` is
    where lines belong that name none. Times without a zone are in UTC. Raises Unavailable; what was recorded stays.
    """
    decoder = msgspec.json.Decoder(_Line)
    done = Imported()
    for batch in _batches(lines):
        attempts, failures, problems = [], [], []
        for number, raw in batch:
            try:
                line = _decoded(raw, decoder)
                attempt = _attempt(line, cluster)
            except BadLine as error:
                problems.append(Problem(number, str(error)))
                continue
            attempts.append(attempt)
            if attempt.outcome is Outcome.FAILED:
                failures.append(_failure(line, attempt, classify, mask))
        recorded = recorder.record(attempts, failures)
        done = Imported(
            done.lines + len(batch),
            done.attempts + recorded.attempts,
            done.failures + recorded.failures,
            done.bad + len(problems),
            (*done.problems, *problems)[:_MOST_REASONS],
        )
        progress(batch[-1][0])
    return done


def _batches(lines: Iterable[bytes]) -> Iterator[list[tuple[int, bytes]]]:
    """Lines with their numbers, without the empty ones."""
    batch: list[tuple[int, bytes]] = []
    for number, raw in enumerate(lines, start=1):
        stripped = raw.removeprefix(b"\xef\xbb\xbf").strip() if number == 1 else raw.strip()
        if stripped:
            batch.append((number, stripped))
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _decoded(raw: bytes, decoder: msgspec.json.Decoder[_Line]) -> _Line:
    """The line's value. Raises BadLine."""
    if len(raw) > LONGEST_LINE:
        raise BadLine(f"the line is longer than {LONGEST_LINE // 1024} KiB")
    try:
        return decoder.decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise BadLine(f"it is not an attempt: {error}") from None
    except RecursionError:
        raise BadLine("it is nested too deeply") from None


def _attempt(line: _Line, cluster: str) -> Attempt:
    """The attempt that a line tells of. Raises BadLine."""
    started, finished = _time("started_at", line.started_at), _time("finished_at", line.finished_at)
    if started is None and finished is None:
        raise BadLine("it has neither `finished_at` nor `started_at`")
    if started is not None and finished is not None and finished < started:
        raise BadLine("`finished_at` is before `started_at`")
    nodes = tuple(dict.fromkeys(line.nodes)) if line.nodes else ()
    alone = nodes[0] if len(nodes) == 1 else None
    return Attempt(
        cluster=line.cluster or cluster,
        job=line.job,
        pod_uid=_identity(line),
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


def _identity(line: _Line) -> str:
    """The attempt's own id, else a digest of all the line says: two equal lines are one attempt."""
    if line.attempt is not None and line.attempt != "":
        return str(line.attempt)
    return "line-" + blake2b(msgspec.json.encode(line), digest_size=16).hexdigest()


def _time(key: str, text: str | None) -> datetime | None:
    """A time in UTC. Raises BadLine."""
    if not text:
        return None
    try:
        at = datetime.fromisoformat(text)
        at = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError):
        raise BadLine(f"`{key}` is no ISO 8601 time: {text[:40]!r}") from None
    if not _OLDEST <= at < _NEWEST:
        raise BadLine(f"`{key}` is not between {_OLDEST.year} and {_NEWEST.year}: {text[:40]!r}")
    return at


def _failure(line: _Line, attempt: Attempt, classify: Classify, mask: Callable[[str], str]) -> Failure:
    """The failure event of a failed attempt: its type is what the line says, else what its evidence shows."""
    said = (line.phase, line.exit_code, line.error_message, line.logs_snippet, line.events_snippet)
    diagnosis = classify(_evidence(line)) if any(part is not None for part in said) else None
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
        signature=diagnosis.signature if diagnosis is not None else None,
        error_message=mask(message)[:_LONGEST_MESSAGE] if message else None,
        logs_snippet=mask(line.logs_snippet)[-_LONGEST_SNIPPET:] if line.logs_snippet else None,
        events_snippet=mask(line.events_snippet)[-_LONGEST_SNIPPET:] if line.events_snippet else None,
    )


def _evidence(line: _Line) -> Evidence:
    return Evidence(
        phase=line.phase,
        reason=line.failure_type,
        message=line.error_message,
        exit_code=line.exit_code,
        logs=line.logs_snippet or "",
        events=line.events_snippet or "",
    )
