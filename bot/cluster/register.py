"""Things of a cluster that are known by name and change seldom: read as a whole now and then, and anew when one is
asked for that is not among them, since it may have come since."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from time import monotonic
from typing import Generic, Protocol, TypeVar

from bot.cluster.api import Refused
from bot.services.errors import Unavailable

log = logging.getLogger(__name__)
_EVERY = 1800.0
_AGAIN = 30.0
"""Seconds between two readings for the sake of one that is missing."""
K = TypeVar("K")
T = TypeVar("T")
K_contra = TypeVar("K_contra", contravariant=True)
T_co = TypeVar("T_co", covariant=True)


class Lookup(Protocol[K_contra, T_co]):
    """Whatever finds a thing by its name; a mapping does."""

    def get(self, key: K_contra, /) -> T_co | None:
        """The thing, None where there is none."""


class Register(Generic[K, T]):
    """The things that `read` finds. Where things come and go with each pod, `one` reads a single one that is missing
    meanwhile. For one thread; it never raises for the cluster's sake."""

    def __init__(
        self,
        what: str,
        read: Callable[[], Mapping[K, T]],
        *,
        one: Callable[[K], T | None] | None = None,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._what, self._read, self._one, self._clock = what, read, one, clock
        self._known: Mapping[K, T] = {}
        self._since: dict[K, T | None] = {}
        """Those that were asked for alone since; None for what was not there."""
        self._next = 0.0
        self._renew = 0.0

    def get(self, key: K) -> T | None:
        """The thing of this name."""
        now = self._clock()
        if now >= self._renew or (key not in self._known and now >= self._next):
            self._learn(now)
        if key in self._known or self._one is None:
            return self._known.get(key)
        if key not in self._since:
            self._since[key] = self._alone(self._one, key)
        return self._since[key]

    def _alone(self, one: Callable[[K], T | None], key: K) -> T | None:
        try:
            return one(key)
        except Unavailable as error:
            log.info("%s cannot be read one by one: %s", self._what, error)
            return None

    def _learn(self, now: float) -> None:
        self._since = {}
        self._renew, self._next = now + _EVERY, now + _AGAIN
        try:
            self._known = self._read()
        except Refused as error:
            self._next = self._renew
            log.info("%s stay unknown: %s", self._what, error)
        except Unavailable as error:
            log.info("%s cannot be read now: %s", self._what, error)
