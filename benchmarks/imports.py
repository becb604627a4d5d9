"""How long `failures import` takes: `python -m benchmarks.imports [lines]`, on SQLite in a temporary folder.

Bare lines say job, node, times and outcome, as public traces do; rich ones say all that a line can say, and a quarter
of them failed, a third of these with a log. Seconds of CPU are what to compare on a machine with other work going on.
"""

from __future__ import annotations

import json
import random
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

from bot.catalogue import load
from bot.domain.diagnosis import diagnose
from bot.services.recording.import_attempts import import_attempts
from bot.store.migrate import upgrade
from bot.store.store import open_store

BEGAN, SPAN = datetime(2026, 8, 1, tzinfo=UTC), timedelta(days=75)
ERRORS = (
    "RuntimeError: CUDA out of memory. Tried to allocate 2.00 GiB",
    "torch.distributed.DistBackendError: NCCL error: unhandled system error",
    "ValueError: expected 7 columns, got 8",
    "OSError: [Errno 28] No space left on device",
)


def main() -> None:
    lines = int(sys.argv[1]) if len(sys.argv) > 1 else 500_000
    catalogue = load()
    for name, tell in (("bare", bare), ("rich", rich)):
        with tempfile.TemporaryDirectory() as folder:
            path, url = Path(folder) / "attempts.ndjson", f"sqlite:///{folder}/failures.db"
            draw = random.Random(7)
            path.write_text("\n".join(json.dumps(tell(draw, n, n / lines)) for n in range(lines)), encoding="utf-8")
            upgrade(url)
            store = open_store(url)
            began, began_cpu = perf_counter(), process_time()
            with path.open("rb") as stream:
                classify = partial(diagnose, catalogue=catalogue)
                done = import_attempts(stream, store.recorder, classify=classify)
            seconds, cpu = perf_counter() - began, process_time() - began_cpu
            store.close()
        print(f"{name}: {done.attempts} attempts, {done.failures} failures in {seconds:.1f} s, {cpu:.1f} s of CPU:")
        print(f"  {lines / cpu:,.0f} a second of CPU, {cpu * 1_000_000 / lines:.0f} s of CPU for a million lines")


def bare(draw: random.Random, number: int, share: float) -> dict[str, Any]:
    ended = BEGAN + SPAN * share
    return {
        "job": f"job-{number // 3 + draw.randrange(200)}",
        "node": f"node-{draw.randrange(550):03d}",
        "started_at": (ended - timedelta(seconds=draw.expovariate(1 / 3600))).isoformat(),
        "finished_at": ended.isoformat(),
        "outcome": draw.choices(("succeeded", "failed", "killed"), (65, 25, 10))[0],
    }


def rich(draw: random.Random, number: int, share: float) -> dict[str, Any]:
    line, job = bare(draw, number, share), number // 3
    line |= {
        "attempt": f"attempt-{number}",
        "project": f"team-{job % 40}",
        "owner": f"user-{job % 300}",
        "kind": "PyTorchJob",
        "pod": f"job-{job}-worker-0",
        "image": f"registry.example/team/train:{job % 200}",
        "gpu_count": 8,
        "gpu_type": "H100",
        "memory_request": "64Gi",
        "cpu_request": "16",
    }
    if line["outcome"] == "failed":
        line |= {"exit_code": 1, "error_message": draw.choice(ERRORS)}
        if draw.random() < 1 / 3:
            steps = (f"step {step} loss 0.{draw.randrange(10_000)}" for step in range(30))
            line["logs_snippet"] = "\n".join((*steps, line["error_message"]))
    return line


if __name__ == "__main__":
    main()
