"""The cases handed over by those who tried the bot on real logs: a text, and beside it what is right and what must
never be said. Some say it in prose; what that means in signatures stands here."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "cases"

IN_SIGNATURES: dict[str, tuple[str, tuple[str, ...]]] = {
    "dask-killed-worker": ("dask-worker-over-memory", ("python-exception", "oom-killed")),
    "dataloader-worker-exit-code": ("dataloader-worker-exited", ("dataloader-worker-killed", "oom-killed")),
    "gloo-timeout-no-nccl": ("gloo-timeout", ("nccl-timeout",)),
    "java-heap-oom": ("java-heap-out-of-memory", ("python-exception", "oom-killed")),
    "jax-cpu-oom": ("jax-out-of-memory", ("cuda-out-of-memory",)),
    "killed-in-entrypoint-no-reason": ("killed-by-sigkill", ("oom-killed",)),
    "ray-actor-sigkill": ("ray-worker-died", ("segmentation-fault", "python-exception", "oom-killed")),
    "slurm-oom-new-words": ("oom-killed", ("cuda-out-of-memory",)),
    "source-line-comment": ("python-exception", ("disk-full",)),
    "source-line-pickle-weights-only": ("weights-only-refused", ("corrupt-checkpoint",)),
    "torchrun-exit-3-survivors-sigterm": ("exited-without-reason", ("sigterm",)),
    "torchrun-got-sigterm": ("sigterm", ("python-exception",)),
    "valueerror-unrecognized-model": ("model-not-found", ("bad-arguments",)),
}
"""What each case with prose is, and what it must never be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    name: str
    text: str
    reason: str | None
    exit_code: int | None
    types: frozenset[str]
    """Any is right; none: the type is not judged."""
    cause: re.Pattern[str]
    """Found in the signature that is right."""
    owner: str | None
    never: frozenset[str]


def all_cases() -> Iterator[Case]:
    for path in sorted(FOLDER.glob("*.json")):
        text = next(path.with_suffix(ending) for ending in (".txt", ".log") if path.with_suffix(ending).exists())
        yield _case(path.stem, text.read_text(encoding="utf-8"), json.loads(path.read_text(encoding="utf-8")))


def _case(name: str, text: str, said: dict[str, Any]) -> Case:
    signature, never = IN_SIGNATURES.get(name, (None, ()))
    return Case(
        name=name,
        text=text,
        reason=said.get("reason"),
        exit_code=said["exit_code"],
        types=frozenset(re.findall(r"[A-Z][A-Za-z]{2,}", said.get("expect_type", ""))),
        cause=re.compile(f"^{signature}$" if signature else said["expect_cause"]),
        owner=said.get("expect_owner"),
        never=frozenset((*said.get("never", ()), *never)),
    )
