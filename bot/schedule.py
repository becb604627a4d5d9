"""The table of timed tasks and one guarded runner: a task that fails is logged and counted, and runs again. Where the
shown clock runs ahead of the machine's, as in the demo, a task runs as soon as that clock says so."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.interval import IntervalTrigger

from bot.clock import utc_now
from bot.services.errors import Unavailable

log = logging.getLogger(__name__)


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

    def run(self, now: datetime) -> object:
        """Run the task, and keep note of it."""
        self.at, self.busy = now, True
        try:
            return self.task.run(now)
        finally:
            self.busy = False


def start(
    tasks: Sequence[Task],
    *,
    failed: Callable[[str], None],
    clock: Callable[[], datetime] = utc_now,
    look_every: timedelta | None = None,
) -> BackgroundScheduler:
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
    return scheduler


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
