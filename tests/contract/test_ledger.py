"""What failures cost adds up, whichever way one looks at it, and to what the report says."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.answers.ledger import LedgerSum, Spent, ledger
from bot.domain.period import Period
from bot.domain.scope import Scope
from bot.domain.workload.attempt import Attempt, Outcome
from bot.domain.workload.failure import Failure
from bot.services.answers.analyze import analyze
from bot.services.answers.cost import cost
from bot.store.store import Store

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
PERIOD = Period.last(timedelta(days=7), until=NOW)
PRICES = {"H100": 2.0, "default": 1.0}
names = st.sampled_from([None, "a", "b", "c"])
spent = st.builds(
    Spent,
    outcome=st.sampled_from(Outcome),
    gpu_hours=st.none() | st.floats(0, 500),
    gpu_type=st.sampled_from([None, "H100"]),
    cause=names,
    first_fault=st.booleans(),
    project=names,
    owner=names,
    node=names,
    image=names,
)


@settings(max_examples=200, deadline=None)
@given(st.lists(spent, max_size=30))
def test_every_view_of_the_ledger_adds_up_to_the_same(those: list[Spent]) -> None:
    made = ledger(those, PERIOD, None, PRICES)
    for view in (made.by_cause, made.by_project, made.by_owner, made.by_node, made.by_image):
        assert sum(one.attempts for one in view) == made.lost.attempts
        assert sum(one.unknown for one in view) == made.lost.unknown
        assert sum(one.gpu_hours for one in view) == pytest.approx(made.lost.gpu_hours)
        assert sum(one.money or 0 for one in view) == pytest.approx(made.lost.money or 0)
    assert made.victims.gpu_hours <= made.lost.gpu_hours + 1e-9
    assert made.effective_share is None or 0 <= made.effective_share <= 1


def _attempt(number: int, outcome: Outcome, project: str, gpus: float | None, hours: float) -> Attempt:
    end = NOW - timedelta(hours=number + 1)
    return Attempt(
        cluster="prod",
        job=f"job-{number}",
        pod_uid=f"pod-{number}",
        outcome=outcome,
        project=project,
        owner="ana",
        node=f"n{number % 2}",
        gpu_count=gpus,
        gpu_type="H100",
        started_at=end - timedelta(hours=hours),
        finished_at=end,
    )


def test_the_ledger_says_what_the_report_says(store: Store) -> None:
    attempts = [
        _attempt(0, Outcome.FAILED, "ml-team", 8, 2.5),
        _attempt(1, Outcome.FAILED, "vision", 1, 1),
        _attempt(2, Outcome.FAILED, "ml-team", None, 3),
        _attempt(3, Outcome.KILLED, "ml-team", 4, 1),
        _attempt(4, Outcome.SUCCEEDED, "ml-team", 2, 10),
    ]
    failures = [
        Failure(
            cluster="prod",
            job=f"job-{number}",
            pod_uid=f"pod-{number}",
            failure_type="OOMKilled" if number == 0 else "Error",
            signature="cuda-out-of-memory" if number == 1 else None,
            project="vision" if number == 1 else "ml-team",
            timestamp=NOW - timedelta(hours=number + 1),
            first_fault=number != 1,
        )
        for number in range(3)
    ]
    store.recorder.record(attempts, failures)
    made = cost(store.ledger, Scope(), PERIOD, None, PRICES)
    report = analyze(store.evidence, Scope(), PERIOD, pattern_threshold=3, gpu_prices=PRICES, time_zone="UTC", now=NOW)
    assert made.lost == LedgerSum(attempts=3, gpu_hours=21.0, money=42.0, unknown=1)
    assert report.summary.gpu_hours_lost == pytest.approx(made.lost.gpu_hours)
    assert report.summary.gpu_hours_killed == pytest.approx(made.killed.gpu_hours)
    assert [(one.name, one.gpu_hours) for one in made.by_cause] == [
        ("OOMKilled", 20.0), ("cuda-out-of-memory", 1.0), ("Error", 0.0),
    ]  # fmt: skip
    assert made.victims.gpu_hours == 1.0
    assert made.effective_share == pytest.approx(20 / 41)


def test_a_ledger_sees_only_what_may_be_seen(store: Store) -> None:
    store.recorder.record([_attempt(0, Outcome.FAILED, "hidden", 8, 1), _attempt(1, Outcome.FAILED, "seen", 1, 1)], [])
    made = cost(store.ledger, Scope.of(("seen",)), PERIOD, None, {})
    assert [one.name for one in made.by_project] == ["seen"]
    assert made.lost.attempts == 1
