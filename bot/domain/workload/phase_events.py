"""Which of a pod's events tell of what it failed of. Events stay for an hour, whatever became of the pod since: one
that waited for a node keeps saying so while it runs, and one that failed is told to be deleted long after."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

_OF_SCHEDULING = frozenset(
    {
        "FailedScheduling",
        "Unschedulable",
        "FailedBinding",
        "NotReady",
        "NotTriggerScaleUp",
        "TriggeredScaleUp",
        "FailedScaleUp",
        "FailedToScaleUp",
        "WaitingForPodScheduled",
        "PodGrouperWarning",
    }
)
"""Of the scheduler, Volcano, KAI, Karpenter and the cluster autoscaler: over once the pod has a node."""
_CLOCKS_DIFFER = timedelta(seconds=5)
_REPORTED_WITHIN = timedelta(seconds=30)
"""The kubelet reports an end within this time."""


@dataclass(frozen=True, slots=True)
class PodEvent:
    """One event about a pod; `at` is when it was last seen, UTC."""

    reason: str
    message: str
    normal: bool = False
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Phase:
    """How far a pod had come when it failed. Times are in UTC."""

    scheduled: bool = False
    began_at: datetime | None = None
    """When the run began that failed; None where none did."""
    ended_at: datetime | None = None


def telling(events: Iterable[PodEvent], phase: Phase) -> list[PodEvent]:
    """The events that may tell what went wrong in this phase. A normal event never does."""
    return [each for each in events if not each.normal and _belongs(each, phase)]


def _belongs(event: PodEvent, phase: Phase) -> bool:
    if phase.scheduled and event.reason in _OF_SCHEDULING:
        return False
    if phase.began_at is None or event.at is None:
        return True
    if event.at < phase.began_at - _CLOCKS_DIFFER:
        return False
    return phase.ended_at is None or event.at <= phase.ended_at + _REPORTED_WITHIN
