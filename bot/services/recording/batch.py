"""What a watch hands over, and the port it comes through."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.domain.knowledge.spec import SeenSpec
from bot.domain.workload.attempt import Attempt
from bot.domain.workload.pod_evidence import Evidence
from bot.domain.workload.sighting import Sighting
from bot.domain.workload.version import VersionSeen


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """What a watch saw in one go; empty where nothing happened for a while."""

    at: datetime
    """When it was seen, UTC."""
    attempts: tuple[Attempt, ...] = ()
    sightings: tuple[Sighting, ...] = ()
    specs: tuple[SeenSpec, ...] = ()
    """What the pods that ended, or cannot start, were asked to be."""
    rollouts: tuple[VersionSeen, ...] = ()
    """Templates of services that were not known yet."""
    resource_version: str | None = None
    """Where the watch is after this batch; None within a list, and while the API server is away."""
    pods: int = 0
    """How many states of pods were seen."""
    odd: int = 0
    """How many of them had odd or missing fields."""
    lists: int = 0
    """How many lists this batch completes."""
    blind_since: datetime | None = None
    """Since when the API server cannot be watched; None where all is well."""
    trouble: str | None = None
    """Why it cannot be watched."""


class Source(Protocol):
    """A cluster to watch. Fakes are plain lists of batches."""

    def batches(self, stop: threading.Event) -> Iterator[Batch]:
        """What happens, endlessly, until `stop`; at least one batch a second. Never raises for a cluster's sake."""

    def evidence(self, sighting: Sighting) -> Evidence:
        """The sighting's evidence with what logs, events and conditions add; whatever cannot be had is empty."""
