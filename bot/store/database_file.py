"""The file of a SQLite database while it is open. Where it is moved or deleted, the open connections go on writing to
what nobody can find, and a new one would make a new, empty file; so each transaction looks whether it is still there. A
lock beside the file keeps two bots from working on it; the operating system lets go of it whatever ends the bot."""

from __future__ import annotations

import fcntl
import logging
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from threading import Event
from typing import IO

from sqlalchemy.engine import make_url

from bot.services.errors import Unavailable

log = logging.getLogger(__name__)
_LOOK_AGAIN_SECONDS = 1.0


class DatabaseFile:
    """One file, by its path and by what it was when it was opened first."""

    def __init__(self, path: str) -> None:
        self._path = Path(path)
        self._opened: tuple[int, int] | None = None

    def note(self) -> None:
        """It was opened. The first time says what it is."""
        if self._opened is None:
            self._opened = self._now()

    def check(self) -> None:
        """Raise Unavailable where it is not there any more, or another one is. Nothing was opened yet: then all is
        well."""
        now = self._now() if self._opened is not None else None
        if now == self._opened:
            return
        what = "moved or deleted" if now is None else "replaced by another file"
        raise Unavailable(
            f"The database {self._path} was {what} while it was in use: put it back, or restart the bot to begin with"
            " what is there now.",
            permanent=True,
        )

    def _now(self) -> tuple[int, int] | None:
        try:
            found = self._path.stat()
        except OSError:
            return None
        return found.st_dev, found.st_ino


@contextmanager
def held(url: str, *, stop: Event, now: datetime) -> Iterator[bool]:
    """Hold the database for one bot, until the block ends: waits for the one that holds it, and says which that is.
    False where `stop` was set first. A database on a server has its own locks. Raises Unavailable."""
    path = _path(url)
    if path is None:
        yield True
        return
    try:
        with Path(f"{path}.lock").open("a+", encoding="utf-8") as lock:
            yield _taken(lock, path, stop, now)
    except PermissionError as error:
        raise Unavailable(f"The database {path} cannot be used: {error.filename} may not be written.") from error


def _taken(lock: IO[str], path: str, stop: Event, now: datetime) -> bool:
    said = ""
    while not _try(lock):
        lock.seek(0)
        if (holder := lock.read().strip() or "another bot") != said:
            log.warning("the database %s is held by %s; waiting until that ends", path, holder)
            said = holder
        if stop.wait(_LOOK_AGAIN_SECONDS):
            return False
    lock.seek(0)
    lock.truncate()
    lock.write(f"pid {os.getpid()} on {socket.gethostname()} since {now:%Y-%m-%d %H:%M:%S} UTC\n")
    lock.flush()
    return True


def _try(lock: IO[str]) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _path(url: str) -> str | None:
    address = make_url(url)
    of_file = address.get_backend_name() == "sqlite" and address.database not in {None, "", ":memory:"}
    return address.database if of_file else None
