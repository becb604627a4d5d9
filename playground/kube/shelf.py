"""The objects of one resource, and the bounded history of their changes that watches read. Not thread-safe: the
cluster holds the lock. Objects are kept as the JSON bytes they are served as, encoded once."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from itertools import takewhile

Selects = Callable[["Stored"], bool]


class Expired(Exception):
    """A resource version, or a page of a list, that the server does not remember any more; it answers 410."""


class ChangeType(StrEnum):
    """What a watch event says happened."""

    ADDED = "ADDED"
    MODIFIED = "MODIFIED"
    DELETED = "DELETED"


@dataclass(frozen=True, slots=True)
class Stored:
    """One version of one object, with what selectors look at."""

    namespace: str
    name: str
    uid: str
    resource_version: int
    labels: dict[str, str]
    fields: dict[str, str]
    body: bytes

    @property
    def key(self) -> tuple[str, str]:
        """Where it stands in a list."""
        return (self.namespace, self.name)


@dataclass(frozen=True, slots=True)
class Change:
    """One version following another; `before` is None for a new object, `gone` says that this was the last."""

    before: Stored | None
    after: Stored
    gone: bool = False

    def seen_by(self, selects: Selects) -> ChangeType | None:
        """What a watch with this selection is told. An object that leaves the selection counts as deleted in it."""
        was = self.before is not None and selects(self.before)
        is_there = not self.gone and selects(self.after)
        if is_there:
            return ChangeType.MODIFIED if was else ChangeType.ADDED
        return ChangeType.DELETED if was else None


class Shelf:
    """Objects by (namespace, name), and their latest changes."""

    def __init__(self, *, history: int, snapshots: int = 8) -> None:
        self._objects: dict[tuple[str, str], Stored] = {}
        self._changes: deque[Change] = deque(maxlen=history)
        self._forgotten = 0
        self._snapshots: dict[str, list[Stored]] = {}
        self._most_snapshots = snapshots

    def get(self, namespace: str, name: str) -> Stored | None:
        """The object as it is now."""
        return self._objects.get((namespace, name))

    def select(self, selects: Selects) -> list[Stored]:
        """The selected objects in the order of their keys."""
        return sorted((stored for stored in self._objects.values() if selects(stored)), key=lambda stored: stored.key)

    def put(self, stored: Stored) -> Change:
        """Add an object, or replace its older version."""
        change = Change(self._objects.get(stored.key), stored)
        self._objects[stored.key] = stored
        return self._note(change)

    def remove(self, last: Stored) -> Change:
        """Take an object away; `last` is what the watches are shown of it."""
        return self._note(Change(self._objects.pop(last.key), last, gone=True))

    def _note(self, change: Change) -> Change:
        if len(self._changes) == self._changes.maxlen:
            self._forgotten = self._changes[0].after.resource_version
        self._changes.append(change)
        return change

    def since(self, resource_version: int) -> list[Change]:
        """All changes after this version, oldest first. Raises Expired where some of them are forgotten."""
        if resource_version < self._forgotten:
            raise Expired(f"too old resource version: {resource_version} ({self._forgotten})")
        newer = list(
            takewhile(lambda change: change.after.resource_version > resource_version, reversed(self._changes))
        )
        newer.reverse()
        return newer

    def keep_page(self, token: str, rest: list[Stored]) -> None:
        """Remember the rest of a list under the token that its reader will come back with."""
        while len(self._snapshots) >= self._most_snapshots:
            del self._snapshots[next(iter(self._snapshots))]
        self._snapshots[token] = rest

    def page(self, token: str) -> list[Stored]:
        """The list that a token stands for. Raises Expired."""
        if token not in self._snapshots:
            raise Expired("The provided continue parameter is too old to display a consistent list result.")
        return self._snapshots[token]

    def forget(self, resource_version: int) -> None:
        """Lose the history up to this version, and every list that was not read to its end."""
        self._changes.clear()
        self._forgotten = resource_version
        self._snapshots.clear()
