"""Timed tasks run at their pace, and where the shown clock jumps ahead, what has become due runs at once, and once."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from bot.schedule import Task, start

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
LOOK = timedelta(seconds=0.02)


class Bench:
    """A clock that the test turns, and the times at which tasks ran by it."""

    def __init__(self) -> None:
        self.now = NOW
        self.runs: list[tuple[str, datetime]] = []
        self._ran = threading.Condition()

    def task(self, name: str, every: timedelta) -> Task:
        def run(now: datetime) -> None:
            with self._ran:
                self.runs.append((name, now))
                self._ran.notify_all()

        return Task(name, every, run)

    def wait(self, count: int) -> None:
        with self._ran:
            assert self._ran.wait_for(lambda: len(self.runs) >= count, 5), self.runs

    def settle(self) -> list[tuple[str, datetime]]:
        """What has run, after the clock was looked at a few times more."""
        threading.Event().wait(10 * LOOK.total_seconds())
        return sorted(self.runs)

    @contextmanager
    def running(self, *tasks: Task) -> Iterator[None]:
        failed: list[str] = []
        scheduler = start(tasks, failed=failed.append, clock=lambda: self.now, look_every=LOOK)
        try:
            yield
        finally:
            scheduler.shutdown()
        assert failed == []


def test_what_is_due_after_a_jump_of_the_clock_runs_once() -> None:
    bench = Bench()
    with bench.running(bench.task("digests", timedelta(minutes=1)), bench.task("prune", timedelta(days=1))):
        bench.wait(2)
        bench.now += timedelta(hours=21)
        bench.wait(3)
        assert bench.settle() == [("digests", NOW), ("digests", bench.now), ("prune", NOW)]


def test_a_clock_that_stands_still_hastens_nothing() -> None:
    bench = Bench()
    with bench.running(bench.task("digests", timedelta(minutes=1))):
        bench.wait(1)
        assert bench.settle() == [("digests", NOW)]


def test_a_task_that_is_at_it_is_not_started_again() -> None:
    bench, go = Bench(), threading.Event()
    sweep = bench.task("sweep", timedelta(minutes=1))

    def slow(now: datetime) -> None:
        sweep.run(now)
        go.wait(5)

    with bench.running(Task("sweep", sweep.every, slow)):
        bench.wait(1)
        bench.now += timedelta(hours=1)
        assert bench.settle() == [("sweep", NOW)]
        go.set()
        bench.wait(2)
