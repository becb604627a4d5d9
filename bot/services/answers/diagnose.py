"""Diagnosing a log that a person hands over: bytes of any encoding and size, with what they know of the container."""

from __future__ import annotations

from bot.domain.diagnosis import Catalogue, diagnose
from bot.domain.diagnosis.log_lines import decoded
from bot.domain.workload.pod_evidence import Diagnosis, Evidence

MOST_BYTES = 10 * 1024 * 1024
"""Bytes of a log that are read; of a longer one, the beginning and more of the end."""
MOST_HEAD = MOST_BYTES // 4
MOST_END = MOST_BYTES - MOST_HEAD


def diagnosed(
    logs: bytes,
    *,
    catalogue: Catalogue,
    reason: str | None = None,
    exit_code: int | None = None,
    events: bytes = b"",
) -> Diagnosis:
    """What went wrong, from a log and whatever else is known. `exit_code` is 0 to 255; -9 counts as 137. Never raises
    on odd input; an empty log is simply unknown."""
    evidence = Evidence(
        reason=reason.strip() or None if reason else None,
        exit_code=_as_kubernetes_shows(exit_code),
        logs=decoded(_bounded(logs)),
        events=decoded(_bounded(events)),
    )
    return diagnose(evidence, catalogue)


def _as_kubernetes_shows(exit_code: int | None) -> int | None:
    """Python and launchers write the end by signal N as -N, shells and Kubernetes as 128 + N."""
    return 128 - exit_code if exit_code is not None and -64 <= exit_code < 0 else exit_code


def _bounded(raw: bytes) -> bytes:
    return raw if len(raw) <= MOST_BYTES else raw[:MOST_HEAD] + b"\n" + raw[-MOST_END:]
