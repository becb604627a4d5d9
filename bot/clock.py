"""The one clock. Only the edges ask it; everything else is told `now`. `failures demo` lets it show another time than
the machine's, which a visitor can hurry and set forward; nothing else ever does."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import astuple, dataclass
from datetime import UTC, datetime
from pathlib import Path

DEMO_CLOCK = "FAILURES_DEMO_CLOCK"
"""The environment variable by which the demo tells the bot where the course of its clock is written."""


@dataclass(frozen=True, slots=True)
class Course:
    """How a clock runs: when the machine's shows `machine` it shows `shown`, and from there on it is `speed` times as
    fast. Both are in seconds since 1970."""

    machine: float
    shown: float
    speed: float = 1.0

    def at(self, machine: float) -> float:
        """What it shows when the machine's clock shows this."""
        return self.shown + max(0.0, machine - self.machine) * self.speed

    def write(self, file: Path) -> None:
        """Write it down, so that whoever reads the file finds the old course or this one, whole."""
        new = file.with_suffix(".new")
        new.write_text(json.dumps(astuple(self)), encoding="ascii")
        new.replace(file)


def read_course(file: Path) -> Course:
    """What `write` wrote. Raises OSError and ValueError."""
    machine, shown, speed = json.loads(file.read_text(encoding="ascii"))
    return Course(float(machine), float(shown), float(speed))


class FollowingClock:
    """Shows the time by the course that another process writes into a file. It never runs backwards, not even where
    a slower course is read late. Thread-safe. Raises OSError and ValueError where there is no course at first."""

    def __init__(self, file: Path, *, machine: Callable[[], float] = time.time) -> None:
        self._file, self._machine = file, machine
        self._lock = threading.Lock()
        self._course = read_course(file)
        self._newest = 0.0

    def __call__(self) -> datetime:
        """The time it shows, aware, in UTC."""
        with self._lock:
            with suppress(OSError, ValueError):  # the demo is ending: the last course holds
                self._course = read_course(self._file)
            self._newest = max(self._newest, self._course.at(self._machine()))
            return datetime.fromtimestamp(self._newest, UTC)


@dataclass(slots=True)
class _Shown:
    """What `utc_now` asks, where it is not the machine."""

    clock: FollowingClock | None = None


_SHOWN = _Shown()


def machine_now() -> datetime:
    """The machine's time, aware, in UTC: for what runs by it even in the demo."""
    return datetime.now(UTC)  # noqa: TID251 the one place


def utc_now() -> datetime:
    """The time, aware, in UTC: the machine's, in the demo the shown one."""
    return machine_now() if _SHOWN.clock is None else _SHOWN.clock()


def follow(file: Path) -> None:
    """From now on show the time by the course in this file: for the demo only. Raises OSError and ValueError."""
    _SHOWN.clock = FollowingClock(file)


def is_followed() -> bool:
    """Whether the shown time may be another than the machine's."""
    return _SHOWN.clock is not None
