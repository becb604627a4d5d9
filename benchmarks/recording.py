"""How many attempts a second the store records: `python -m benchmarks.recording [--url URL] [--attempts N]
[--batch N]`. Without a URL on SQLite in a temporary folder. One attempt in ten failed and is a failure event too. Then
the same history once more, which must change nothing, and a few questions people ask."""

from __future__ import annotations

import argparse
import random
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from time import perf_counter
from typing import TypeVar

from bot.domain.knowledge.spec import SeenSpec, WorkloadSpec
from bot.domain.period import Period
from bot.domain.scope import Scope
from bot.domain.workload.attempt import Attempt, Outcome
from bot.domain.workload.failure import Failure
from bot.store import migrate
from bot.store.store import Store, open_store

V = TypeVar("V")
UNTIL = datetime(2026, 11, 1, tzinfo=UTC)
SPAN = timedelta(days=30)
Batch = tuple[list[Attempt], list[Failure]]


def history(attempts: int, batch: int) -> Iterator[Batch]:
    """Thirty days of a large cluster, in order of time, in batches."""
    draw = random.Random(7)
    for start in range(0, attempts, batch):
        numbers = range(start, min(start + batch, attempts))
        seen = [attempt(draw, number, UNTIL - SPAN + SPAN * number / attempts) for number in numbers]
        yield seen, [failure(one) for one in seen if one.outcome is Outcome.FAILED]


def attempt(draw: random.Random, number: int, at: datetime) -> Attempt:
    job = number // 4 + draw.randrange(5_000)  # jobs come and go, some thousands at a time
    return Attempt(
        cluster="prod-eu",
        project=f"team-{job % 40}",
        job=f"train-model-{job}",
        kind="PyTorchJob",
        owner=f"user-{job % 300}",
        pod_uid=f"{draw.getrandbits(128):032x}",
        pod_name=f"train-model-{job}-worker-0",
        container="main",
        node=f"gpu-node-{draw.randrange(1000):04d}",
        image=f"registry.example/team/train:{job % 200}",
        gpu_count=8.0,
        gpu_type="H100",
        memory_request="64Gi",
        cpu_request="16",
        outcome=draw.choices((Outcome.SUCCEEDED, Outcome.FAILED, Outcome.KILLED), (80, 10, 10))[0],
        created_at=at - timedelta(minutes=33),
        started_at=at - timedelta(minutes=30),
        finished_at=at,
    )


def failure(of: Attempt) -> Failure:
    return Failure(
        cluster=of.cluster,
        project=of.project,
        job=of.job,
        kind=of.kind,
        owner=of.owner,
        pod_uid=of.pod_uid,
        pod_name=of.pod_name,
        container=of.container,
        node=of.node,
        image=of.image,
        failure_type="OOMKilled",
        signature="memory-limit",
        error_message="Container killed due to memory limit",
        logs_snippet="loss 0.12\n" * 100,
        timestamp=of.ended_at,
    )


def spec_of(attempt: Attempt) -> SeenSpec:
    spec = WorkloadSpec(
        memory="64Gi", image=attempt.image, command=("python", "train.py", "--lr=1e-4"), node=attempt.node
    )
    return SeenSpec(attempt=attempt, failed=attempt.outcome is Outcome.FAILED, read=lambda: spec)


def timed(what: str, rows: int, act: Callable[[], V]) -> V:
    start = perf_counter()
    result = act()
    seconds = perf_counter() - start
    print(f"{what:<40} {seconds:8.2f} s" + (f" {rows / seconds:12,.0f} a second" if rows else ""))
    return result


def run(store: Store, attempts: int, batch: int) -> None:
    batches = list(history(attempts, batch))
    changed = timed("first time", attempts, lambda: [store.recorder.record(*one) for one in batches])
    specs = [[spec_of(each) for each in seen if each.outcome is not Outcome.KILLED] for seen, _ in batches]
    kept = timed("their specs", attempts, lambda: [store.recorder.record_specs(one) for one in specs])
    print(f"  {sum(kept):,} kept of {sum(map(len, specs)):,}")
    timed("their specs again", attempts, lambda: [store.recorder.record_specs(one) for one in specs])
    print(f"  {sum(one.failures for one in changed):,} failures, {sum(one.resolved for one in changed):,} resolved")
    again = timed("the same again", attempts, lambda: [store.recorder.record(*one) for one in batches])
    print(f"  {sum(one.attempts + one.failures + one.resolved + one.changed for one in again):,} changes")
    period = Period(UNTIL - SPAN, UNTIL)
    timed("projects", 0, lambda: store.history.projects(Scope()))
    timed("jobs like", 0, lambda: store.history.job_names(Scope(), "model-77"))
    timed("jobs like, one project", 0, lambda: store.history.job_names(Scope(project="team-7"), "model-77"))
    timed("attempts of a job", 0, lambda: store.history.job_attempts(Scope(), "train-model-9000"))
    timed("failures of a job", 0, lambda: store.history.job_failures(Scope(), "train-model-9000"))
    timed("similar", 0, lambda: store.history.similar(Scope(), period, "OOMKilled", "memory-limit"))
    timed("failure types", 0, lambda: store.history.failure_types(Scope()))
    timed("prune half", attempts // 2, lambda: store.prune(UNTIL - SPAN / 2))


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--url")
    options.add_argument("--attempts", type=int, default=200_000)
    options.add_argument("--batch", type=int, default=5_000)
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = chosen.url or f"sqlite:///{folder}/failures.db"
        migrate.upgrade(url)
        store = open_store(url)
        run(store, chosen.attempts, chosen.batch)
        store.close()


if __name__ == "__main__":
    main()
