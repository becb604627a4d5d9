"""Follows the blind spells of one cluster's watch, from the first trouble until the failures of that time are in."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.incidents.outage import Outage
from bot.services.recording.batch import Batch

log = logging.getLogger(__name__)
_WORTH_TELLING = timedelta(minutes=1)
_SETTLES_IN = timedelta(seconds=10)
"""What happened meanwhile comes in shortly after the watch is back."""


@dataclass(slots=True)
class Gaps:
    """Follows blind spells, from the first trouble until the failures of that time have come in."""

    cluster: str
    tell: Callable[[Outage], None]
    alive_at: datetime | None = None
    """When the watch was last noted to be alive: a restart within a spell finds the same beginning."""
    since: datetime | None = None
    until: datetime | None = None
    came_at: datetime | None = None
    """When the last failure of that time came in."""
    recovered: int = 0

    @property
    def lasting_since(self) -> datetime | None:
        """Since when it is blind just now; None where it can see."""
        return self.since if self.until is None else None

    def opened(self, since: datetime) -> None:
        """From now on it is blind, if it was not before."""
        self.since = self.since or since
        self.until = None

    def saw(self, batch: Batch, new_failures: Iterable[datetime]) -> None:
        """Take note of a batch and of the times of the failures that are new in it."""
        if batch.blind_since is not None:
            self.opened(min(batch.blind_since, self.alive_at or batch.blind_since))
        if self.since is None:
            return
        since = self.since
        came = sum(since <= at <= (self.until or batch.at) for at in new_failures)
        self.recovered += came
        self.came_at = batch.at if came else self.came_at
        if batch.resource_version is None:
            self.until = None  # a watch that began too late is followed by a list, which takes as long as it takes
            return
        self.until = self.until or batch.at
        if batch.at - max(self.until, self.came_at or self.until) >= _SETTLES_IN:
            self._closed(Outage(self.cluster, since, self.until, self.recovered))

    def _closed(self, spell: Outage) -> None:
        self.since, self.until, self.came_at, self.recovered = None, None, None, 0
        if spell.until - spell.since < _WORTH_TELLING:
            return
        log.warning(
            "%s: blind %s to %s, recovered %d failures", spell.cluster, spell.since, spell.until, spell.recovered
        )
        self.tell(spell)
