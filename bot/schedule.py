"""The table of timed tasks and one guarded runner: a task that fails is logged and counted, and runs again."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.interval import IntervalTrigger

from bot.clock import utc_now
from bot.services.ports import Unavailable

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


def start(
    tasks: Sequence[Task], *, failed: Callable[[str], None], clock: Callable[[], datetime] = utc_now
) -> BackgroundScheduler:
    """Run every task now and then at its pace, one run of a task at a time. Stop it with `.shutdown()`."""
    scheduler = BackgroundScheduler(timezone="UTC")
    for task in tasks:
        scheduler.add_job(
            guarded(task, failed=failed, clock=clock),
            IntervalTrigger(seconds=int(task.every.total_seconds())),
            id=task.name,
            name=task.name,
            next_run_time=utc_now(),
            coalesce=True,
            max_instances=1,
            misfire_grace_time=None,
        )
    scheduler.start()
    return scheduler
