"""Imports attempts of the past: NDJSON in, attempts and failure events out. The same file read twice changes nothing.
A line that cannot be used is counted with its number and the reason, and skipped."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache, partial

from bot.domain.workload.attempt import Outcome
from bot.domain.workload.pod_evidence import Diagnosis, Evidence
from bot.services.recording.attempt_lines import LONGEST_LINE, BadLine, Reading, attempt_of, decoded, failure_of
from bot.services.recording.ports import Recorder

__all__ = ["LONGEST_LINE", "ImportedAttempts", "Problem", "import_attempts"]

BATCH = 20_000
"""Lines of one transaction."""
DEFAULT_CLUSTER = "default"
_MOST_BYTES = 32 * 1024 * 1024
"""Of one transaction's lines: some bring long logs."""
_MOST_REASONS = 100
_MOST_REMEMBERED, _LONGEST_REMEMBERED = 10_000, 500


@dataclass(frozen=True, slots=True)
class Problem:
    """A bad line."""

    number: int
    """The first line is 1."""
    reason: str


@dataclass(frozen=True, slots=True)
class ImportedAttempts:
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
    classify: Callable[[Evidence], Diagnosis],
    progress: Callable[[int], None] = lambda _: None,
    cluster: str = DEFAULT_CLUSTER,
) -> ImportedAttempts:
    """Record the attempts of these lines, in batches. `progress` is told the number of lines read so far; `cluster` is
    where lines belong that name none. Times without a zone are in UTC. Raises Unavailable; what was recorded stays.
    """
    done, reading = ImportedAttempts(), Reading(_remembering(classify), cluster)
    with _collecting_between_batches() as collect:
        for batch in _batches(lines):
            done = _record(batch, done, recorder, reading)
            collect()
            progress(batch[-1][0])
    return done


def _remembering(classify: Callable[[Evidence], Diagnosis]) -> Callable[[Evidence], Diagnosis]:
    """The same, but of evidence without logs and events, which is much the same for most failures, it asks once."""
    remembered = lru_cache(_MOST_REMEMBERED)(classify)

    def known(evidence: Evidence) -> Diagnosis:
        is_short = not evidence.logs and not evidence.events and len(evidence.message or "") <= _LONGEST_REMEMBERED
        return remembered(evidence) if is_short else classify(evidence)

    return known


@contextmanager
def _collecting_between_batches() -> Iterator[Callable[[], object]]:
    """Garbage collection by hand: nothing in a batch refers to itself, and to look for it there takes a third of the
    time of an import."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield partial(gc.collect, 1)
    finally:
        if enabled:
            gc.enable()


def _record(
    batch: list[tuple[int, bytes]], done: ImportedAttempts, recorder: Recorder, reading: Reading
) -> ImportedAttempts:
    """Record one batch, and add what came of it to what was done before."""
    attempts, failures, problems = [], [], []
    for number, raw in batch:
        try:
            line = decoded(raw)
            attempt = attempt_of(line, reading.cluster)
        except BadLine as error:
            problems.append(Problem(number, str(error)))
            continue
        attempts.append(attempt)
        if attempt.outcome is Outcome.FAILED:
            failures.append(failure_of(line, attempt, reading))
    recorded = recorder.record(attempts, failures)
    return ImportedAttempts(
        done.lines + len(batch),
        done.attempts + recorded.attempts,
        done.failures + recorded.failures,
        done.bad + len(problems),
        (*done.problems, *problems)[:_MOST_REASONS],
    )


def _batches(lines: Iterable[bytes]) -> Iterator[list[tuple[int, bytes]]]:
    """Lines with their numbers, without the empty ones."""
    batch: list[tuple[int, bytes]] = []
    size = 0
    for number, raw in enumerate(lines, start=1):
        stripped = raw.removeprefix(b"\xef\xbb\xbf").strip() if number == 1 else raw.strip()
        if stripped:
            batch.append((number, stripped))
            size += len(stripped)
        if len(batch) == BATCH or size >= _MOST_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch
