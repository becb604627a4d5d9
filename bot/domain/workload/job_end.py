"""What a Job says of its own end: why its controller ended the pods that were still running."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from bot.domain.workload.killed import DEADLINE

JOB_DELETED = "JobDeleted"
_IN_ORDER = ("FailureTarget", "Failed", "SuccessCriteriaMet", "Complete", "Suspended")
"""Conditions of a Job that ends its pods, the first one that is true counts. The first and the third come before the
pods have ended, the others after."""
_ACTIVE_TOO_LONG = ("active longer than specified deadline", "active longer than the specified deadline")


@dataclass(frozen=True, slots=True)
class JobCondition:
    """One condition of a Job; its time is in UTC."""

    type: str
    status: str
    reason: str | None = None
    message: str | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class JobEnd:
    """Why a Job ended its pods, in Kubernetes' word."""

    reason: str
    message: str | None = None
    at: datetime | None = None


def job_end(conditions: Iterable[JobCondition]) -> JobEnd | None:
    """Why a Job with these conditions ends its pods; None while it does not."""
    true = {each.type: each for each in conditions if each.status == "True"}
    found = next((true[kind] for kind in _IN_ORDER if kind in true), None)
    return None if found is None else JobEnd(found.reason or found.type, found.message, found.at)


def end_by_event(reason: str, message: str) -> JobEnd | None:
    """The same from an event about a Job, or about the workload of any other operator; only a missed deadline is read
    from them."""
    missed = reason == DEADLINE or any(words in message for words in _ACTIVE_TOO_LONG)
    return JobEnd(DEADLINE, message or None) if missed else None
