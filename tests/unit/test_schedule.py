"""Timed tasks run at their pace, and where the shown clock jumps ahead, what has become due runs at once, and once."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta, tzinfo

import pytest

from bot.clock import utc_now
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


def test_intervals_go_on_when_the_machines_clock_is_set_back(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Bench()
    back = timedelta(0)

    class SetBack:
        """The machine's time, an hour ago from some moment on."""

        @staticmethod
        def now(_: tzinfo | None = None) -> datetime:
            return utc_now() - back

    monkeypatch.setattr("apscheduler.schedulers.base.datetime", SetBack)
    monkeypatch.setattr("bot.schedule.utc_now", SetBack.now)
    failed: list[str] = []
    scheduler = start([bench.task("sweep", timedelta(seconds=1))], failed=failed.append, clock=lambda: bench.now)
    try:
        bench.wait(2)
        back = timedelta(hours=1)
        ran = len(bench.runs)
        bench.wait(ran + 2)
        assert scheduler.late() == []
    finally:
        scheduler.shutdown()


def test_a_task_that_has_not_begun_for_three_intervals_is_late(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.schedule._SOONEST_LATE", 0.2)
    bench, go = Bench(), threading.Event()

    def hangs(_: datetime) -> None:
        go.wait(10)

    tasks = [Task("sweep", timedelta(seconds=0.1), hangs), bench.task("digests", timedelta(days=1))]
    failed: list[str] = []
    scheduler = start(tasks, failed=failed.append, clock=lambda: bench.now)
    try:
        bench.wait(1)
        threading.Event().wait(0.6)
        (late,) = scheduler.late()
        assert late.startswith("task sweep: has not begun for ")
    finally:
        go.set()
        scheduler.shutdown()
