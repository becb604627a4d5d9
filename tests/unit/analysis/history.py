"""Histories for the tests, written as a few words: who ran where, and how it ended."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from bot.domain.analysis.attempt_table import PeriodEvidence
from bot.domain.analysis.report import Report, Stats
from bot.domain.period import Period
from bot.domain.scope import Scope
from bot.domain.workload.attempt import Attempt, Outcome
from bot.domain.workload.failure import Failure
from bot.services.answers.analyze import analyze, stats
from bot.store.store import Store

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
WEEK = Period.last(timedelta(days=7), until=NOON)
_numbers = count()


def ran(
    job: str,
    node: str | None,
    outcome: str = "succeeded",
    *,
    at: datetime = NOON - timedelta(hours=30),
    minutes: float = 60,
    **known: Any,
) -> Attempt:
    """One attempt that ended at this time."""
    nodes = known.pop("nodes", ())
    return replace(
        Attempt(
            cluster="prod",
            job=job,
            pod_uid=f"pod-{next(_numbers)}",
            outcome=Outcome(outcome),
            node=node,
            nodes=tuple(nodes),
            started_at=at - timedelta(minutes=minutes),
            finished_at=at,
        ),
        **known,
    )


def failure_of(attempt: Attempt, failure_type: str = "Error", **known: Any) -> Failure:
    """The failure event of a failed attempt."""
    return replace(
        Failure(
            cluster=attempt.cluster,
            job=attempt.job,
            pod_uid=attempt.pod_uid,
            failure_type=failure_type,
            timestamp=attempt.ended_at,
            project=attempt.project,
            owner=attempt.owner,
            job_uid=attempt.job_uid,
            node=attempt.node,
            nodes=attempt.nodes,
            image=attempt.image,
            gpu_count=attempt.gpu_count,
            gpu_type=attempt.gpu_type,
        ),
        **known,
    )


def record(store: Store, attempts: Iterable[Attempt], failures: Iterable[Failure] = ()) -> None:
    """Record attempts, each failed one with its failure event, and further failure events."""
    seen = list(attempts)
    store.recorder.record(seen, [*(failure_of(one) for one in seen if one.outcome is Outcome.FAILED), *failures])


def report(store: Store, period: Period = WEEK, scope: Scope = Scope(), **settings: Any) -> Report:  # noqa: B008 frozen
    """What `analyze` answers."""
    chosen: dict[str, Any] = {"pattern_threshold": 3, "gpu_prices": {}, "time_zone": "UTC"} | settings
    return analyze(store.evidence, scope, period, now=period.until, **chosen)


def raw(store: Store, period: Period = WEEK, scope: Scope = Scope()) -> Stats:  # noqa: B008 frozen
    """What `stats` answers."""
    return stats(store.evidence, scope, period)


def evidence(store: Store, period: Period = WEEK) -> PeriodEvidence:
    """What the store knows of a period."""
    return store.evidence.evidence(Scope(), period)
