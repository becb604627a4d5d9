"""What a watcher may see, in the tests of the store: an attempt and a failure with little to say."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from bot.domain.workload.attempt import Attempt, Outcome
from bot.domain.workload.failure import Failure

T0 = datetime(2026, 11, 2, 8, 0, tzinfo=UTC)


def at(minutes: float) -> datetime:
    return T0 + timedelta(minutes=minutes)


def attempt(pod: str = "pod-1", outcome: Outcome = Outcome.FAILED, end: float = 10, **facts: Any) -> Attempt:
    known: dict[str, Any] = {"cluster": "prod", "job": "train-bert", "project": "ml-team"}
    times = {"started_at": at(end - 5), "finished_at": at(end)}
    return Attempt(pod_uid=pod, outcome=outcome, **(known | times | facts))


def success(pod: str = "pod-2", end: float = 30, **facts: Any) -> Attempt:
    return attempt(pod, Outcome.SUCCEEDED, end, **facts)


def failure(pod: str = "pod-1", begin: float = 10, **facts: Any) -> Failure:
    known: dict[str, Any] = {"cluster": "prod", "job": "train-bert", "project": "ml-team", "failure_type": "OOMKilled"}
    return Failure(pod_uid=pod, timestamp=at(begin), **(known | facts))
