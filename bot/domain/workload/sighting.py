"""Sightings: failures as a watch sees them, before anybody has looked for the cause."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.domain.workload.attempt import Attempt
from bot.domain.workload.pod_evidence import Evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """One failing container of one pod, as the pod's own status tells it. Text is as it came, not yet masked."""

    attempt: Attempt
    """Who, what and where. Of a pod that cannot start it is the attempt that never began."""
    namespace: str
    evidence: Evidence
    timestamp: datetime
    """When the attempt ended, or since when the pod is stuck; UTC."""
    occurrences: int = 1
    """How many runs of this container have failed so far."""
    has_logs: bool = False
    """Whether the container ever ran, so that there may be a log."""
    runs_again: bool = False
    """Whether the container runs again by now, so that its log is another run's."""
    devices: frozenset[str] = frozenset()
    """The accelerators that the container had, as far as the kubelet or its claims name them."""
    unproven: bool = False
    """The pod is only slow so far: it is a failure if its events say what holds it up."""

    @property
    def key(self) -> tuple[str, str, str | None]:
        """Names the episode as far as the pod tells: (pod uid, container, reason)."""
        return (self.attempt.pod_uid, self.attempt.container, self.evidence.reason)


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A pod that has not started: no failure yet, and one if it goes on for too long."""

    sighting: Sighting
    since: datetime
