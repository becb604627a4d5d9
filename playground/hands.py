"""The clock of the playground, which a visitor can hurry and set forward but never back. The simulated cluster, the
local Slack and the page show its time; the bot reads its course from a file."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from playground.clock import Course, FollowingClock

SPEEDS = (1, 10, 60)
_HOUR = 9


class Hands:
    """A clock that shows the machine's time until somebody turns it. Thread-safe."""

    def __init__(self, file: Path, *, time_zone: str, machine: Callable[[], float] = time.time) -> None:
        self._file, self._zone, self._machine = file, ZoneInfo(time_zone), machine
        self._lock = threading.Lock()
        self.course = Course(machine(), machine())
        """How it runs now; each turn makes a new one."""
        self.course.write(file)
        self._clock = FollowingClock(file, machine=machine)

    def __call__(self) -> datetime:
        """The time it shows, aware, in UTC."""
        return self._clock()

    def hurry(self, speed: int) -> None:
        """Run so many times as fast as the machine's clock from now on."""
        with self._lock:
            self._turn(self(), speed)

    def skip(self, to: datetime) -> None:
        """Show this time from now on; nothing happens where it has passed."""
        with self._lock:
            self._turn(max(self(), to), self.course.speed)

    def next_nine(self, weekday: int | None = None) -> datetime:
        """The next 9:00 in the visitors' time zone, of this day of the week (Monday is 0) if one is given; in UTC."""
        now = self().astimezone(self._zone)
        at = now.replace(hour=_HOUR, minute=0, second=0, microsecond=0)
        days = (at + timedelta(days=ahead) for ahead in range(9))
        nine = next(day for day in days if day > now and weekday in {None, day.weekday()})
        return nine.astimezone(UTC)

    def _turn(self, shown: datetime, speed: float) -> None:
        self.course = Course(self._machine(), shown.timestamp(), speed)
        self.course.write(self._file)
