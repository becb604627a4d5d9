"""The clock of the demo: its course is written into a file, so that the bot's process shows the same time as the
playground's. A visitor hurries it and sets it forward (`hands.py`); it never runs backwards."""

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
