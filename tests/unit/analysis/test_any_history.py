"""Whatever was recorded, the report holds together."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.domain.period import Period
from bot.domain.scope import Scope
from bot.domain.workload.attempt import Attempt
from bot.store.store import Store
from tests.unit.analysis.history import NOON, failure_of, ran, raw, record, report

nodes = st.sampled_from([None, "n1", "n2", "n3"])
histories = st.lists(
    st.builds(
        lambda job, node, outcome, ago, minutes, gang, **known: ran(
            job,
            None if gang else node,
            outcome,
            at=NOON - timedelta(minutes=ago),
            minutes=minutes,
            nodes=gang,
            **known,
        ),
        job=st.sampled_from(["a-1", "a-2", "b", "c"]),
        node=nodes,
        outcome=st.sampled_from(["succeeded", "failed", "failed", "killed"]),
        ago=st.integers(0, 60 * 24 * 9),
        minutes=st.sampled_from([0, 5, 60 * 24 * 400]),
        gang=st.sampled_from([(), (), ("n1", "n2"), ("n2", "n3", "n4")]),
        project=st.sampled_from([None, "p", "q"]),
        owner=st.sampled_from([None, "o"]),
        image=st.sampled_from([None, "i:1", "i:2"]),
        job_uid=st.sampled_from([None, "u1", "u2"]),
        gpu_count=st.sampled_from([None, 0.0, 8.0]),
        gpu_type=st.sampled_from([None, "H100"]),
    ),
    max_size=60,
)


@given(
    histories,
    st.sampled_from([timedelta(hours=1), timedelta(hours=24), timedelta(days=7), timedelta(days=300)]),
    st.sampled_from([Scope(), Scope(project="p"), Scope(frozenset())]),
)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_counts_of_a_report_fit_together(
    new_store: Callable[[], Store], attempts: list[Attempt], length: timedelta, scope: Scope
) -> None:
    store = new_store()
    record(store, attempts)
    store.recorder.record([], [failure_of(one, first_fault=False) for one in attempts[::3]])
    period = Period.last(length, until=NOON)
    found = report(store, period, scope, pattern_threshold=2, gpu_prices={"default": 2.0})
    summary = found.summary
    assert summary.jobs_failed <= summary.jobs <= summary.attempts + summary.failures
    assert summary.failed_attempts <= summary.attempts
    assert sum(one.failures for one in found.types) == summary.failures
    assert sum(one.failures for one in found.projects) == summary.failures
    assert sum(one.jobs_failed for one in found.projects) == summary.jobs_failed
    for node in found.nodes:
        assert node.failures >= 1
        assert 0 <= node.rate_low <= node.rate <= node.rate_high <= 1
        assert node.jobs_failed <= node.jobs
    assert all(0 <= share <= 1 for share in found.hours.job_failure_share if share is not None)
    assert sum(one.failures for one in raw(store, period, scope).types) == summary.failures
