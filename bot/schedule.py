"""The table of timed tasks and one guarded runner: a task that fails is logged and counted, and runs again. Intervals
go by a monotonic clock, so that a machine whose time is set back stops nothing. Where the shown clock runs ahead of the
machine's, as in the demo, a task runs as soon as that clock says so."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from time import monotonic

from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.interval import IntervalTrigger

from bot.clock import utc_now
from bot.services.errors import Unavailable

log = logging.getLogger(__name__)
_PACE_SECONDS = 1.0
_SOONEST_LATE = 60.0
"""Seconds after which a task may count as late, however often it runs."""


@dataclass(frozen=True, slots=True)
class Task:
    """Something to do again and again. `run` is told the time and returns what came of it, for the log."""

    name: str
    every: timedelta
    run: Callable[[datetime], object]


def guarded(
    task: Task, *, failed: Callable[[str], None], clock: Callable[[], datetime] = utc_now
) -> Callable[[], None]:
    """The task as something that never raises: `failed` is told its name when it does."""

    def run() -> None:
        try:
            log.debug("task %s: %s", task.name, task.run(clock()))
        except Unavailable as error:
            log.warning("task %s: %s; it runs again in %s", task.name, error, task.every)
            failed(task.name)
        except Exception:  # the task runner is one of the three places that catch everything
            log.exception("task %s failed; it runs again in %s", task.name, task.every)
            failed(task.name)

    return run


@dataclass(slots=True)
class _Turn:
    """When a task ran last by the shown clock, and whether it is at it just now."""

    task: Task
    at: datetime
    busy: bool = False
    ran: float = field(default_factory=monotonic)

    def run(self, now: datetime) -> object:
        """Run the task, and keep note of it."""
        self.at, self.busy, self.ran = now, True, monotonic()
        try:
            return self.task.run(now)
        finally:
            self.busy = False


class Schedule:
    """Tasks that run. APScheduler goes by the machine's clock, which may be set back; this hastens what is due by a
    monotonic one."""

    def __init__(self, scheduler: BackgroundScheduler, turns: Sequence[_Turn]) -> None:
        self._scheduler, self._turns = scheduler, turns
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._pace, name="pace", daemon=True)
        self._thread.start()

    def late(self) -> list[str]:
        """The tasks that have not begun for three of their intervals, in words; those that hang are among them."""
        now = monotonic()
        return [
            f"task {turn.task.name}: has not begun for {now - turn.ran:.0f} s"
            for turn in self._turns
            if now - turn.ran > max(3 * turn.task.every.total_seconds(), _SOONEST_LATE)
        ]

    def shutdown(self) -> None:
        """Stop; tasks that are at work finish."""
        self._stop.set()
        self._thread.join()
        self._scheduler.shutdown()

    def _pace(self) -> None:
        while not self._stop.wait(_PACE_SECONDS):
            for turn in self._turns:
                if not turn.busy and monotonic() - turn.ran > turn.task.every.total_seconds() + _PACE_SECONDS:
                    self._scheduler.modify_job(turn.task.name, next_run_time=utc_now())


def start(
    tasks: Sequence[Task],
    *,
    failed: Callable[[str], None],
    clock: Callable[[], datetime] = utc_now,
    look_every: timedelta | None = None,
) -> Schedule:
    """Run every task now and then at its pace, one run of a task at a time. Stop it with `.shutdown()`. Where `clock`
    may run ahead of the machine's, it is looked at this often: what has become due by it runs at once, and once."""
    scheduler = BackgroundScheduler(timezone="UTC")
    turns = [_Turn(task, clock()) for task in tasks]
    for turn in turns:
        task = replace(turn.task, run=turn.run)
        _add(scheduler, task.name, task.every, guarded(task, failed=failed, clock=clock))
    if look_every is not None:
        _add(scheduler, "clock", look_every, partial(_hasten, scheduler, turns, clock))
    scheduler.start()
    return Schedule(scheduler, turns)


def _add(scheduler: BackgroundScheduler, name: str, every: timedelta, run: Callable[[], None]) -> None:
    scheduler.add_job(
        run,
        IntervalTrigger(seconds=every.total_seconds()),
        id=name,
        name=name,
        next_run_time=utc_now(),
        coalesce=True,
        max_instances=1,
        misfire_grace_time=None,
    )


def _hasten(scheduler: BackgroundScheduler, turns: Sequence[_Turn], clock: Callable[[], datetime]) -> None:
    """Let run now what is due by a clock that the scheduler does not know."""
    now = clock()
    for turn in turns:
        if not turn.busy and now - turn.at >= turn.task.every:
            scheduler.modify_job(turn.task.name, next_run_time=utc_now())
