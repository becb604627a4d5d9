"""The order, the number of times and the batches in which a history is seen make no difference."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from itertools import count

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.domain.scope import Scope
from bot.domain.workload.attempt import Attempt, Outcome
from bot.domain.workload.failure import Failure
from bot.services.recording.ports import Recorded
from bot.store.sightings import same_attempt, same_failure
from bot.store.store import Store
from tests.contract.seen import at

JOBS = ("train", "eval")
_clusters = count()

words = st.none() | st.sampled_from(["a", "b", "cc"])
minutes = st.integers(0, 5).map(at)
attempts = st.builds(
    Attempt,
    cluster=st.just("c"),
    job=st.sampled_from(JOBS),
    pod_uid=st.sampled_from(["p", "q"]),
    restart=st.integers(0, 1),
    outcome=st.sampled_from(Outcome),
    job_uid=words,
    node=words,
    nodes=st.sampled_from([(), ("a",), ("a", "b")]),
    gpu_count=st.none() | st.sampled_from([0.5, 8.0]),
    created_at=minutes,
    started_at=st.none() | minutes,
    finished_at=st.none() | minutes,
    reason=st.sampled_from([None, "DeadlineExceeded", "Deleted"]),
)
readings = st.sampled_from([(None, None), *((at(minute), "abc"[minute % 3] * 2) for minute in range(5))])
"""When the run ended whose evidence was read, and the cause that it has: the same however often it is read."""


def read(reading: tuple[datetime | None, str | None], **facts: object) -> Failure:
    evidence_at, signature = reading
    return Failure(evidence_at=evidence_at, signature=signature, **facts)  # type: ignore[arg-type]  # as above


failures = st.builds(
    read,
    reading=readings,
    cluster=st.just("c"),
    job=st.sampled_from(JOBS),
    pod_uid=st.sampled_from(["p", "q"]),
    failure_type=st.sampled_from(["Error", "OOMKilled"]),
    timestamp=minutes,
    job_uid=words,
    logs_snippet=words,
    exit_code=st.none() | st.sampled_from([1, 137]),
    first_fault=st.booleans(),
    occurrences=st.integers(1, 3),
)
sightings = st.lists(attempts | failures, max_size=10)


def record(store: Store, cluster: str, seen: Sequence[Attempt | Failure]) -> Recorded:
    here = [replace(one, cluster=cluster) for one in seen]
    return store.recorder.record(
        [one for one in here if isinstance(one, Attempt)], [one for one in here if isinstance(one, Failure)]
    )


def known(store: Store, cluster: str) -> tuple[set[Attempt], set[Failure]]:
    scope = Scope(cluster=cluster)
    return (
        {replace(one, cluster="c") for job in JOBS for one in store.history.job_attempts(scope, job)},
        {replace(one, cluster="c", id=None) for job in JOBS for one in store.history.job_failures(scope, job)},
    )


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seen=sightings, data=st.data())
def test_any_order_any_batches_and_any_replay_give_the_same_rows(
    store: Store, seen: list[Attempt | Failure], data: st.DataObject
) -> None:
    at_once, piecewise = f"once-{next(_clusters)}", f"piecewise-{next(_clusters)}"
    record(store, at_once, seen)
    assert record(store, at_once, seen) == Recorded()
    replayed = seen + (data.draw(st.lists(st.sampled_from(seen), max_size=3)) if seen else [])
    for one in data.draw(st.permutations(replayed)):
        record(store, piecewise, [one])
    assert known(store, piecewise) == known(store, at_once)


@given(st.lists(attempts, min_size=3, max_size=3))
def test_joining_attempts_is_commutative_associative_and_idempotent(three: list[Attempt]) -> None:
    one, two, other = (replace(each, pod_uid="p", restart=0) for each in three)
    assert same_attempt(one, two) == same_attempt(two, one)
    assert same_attempt(same_attempt(one, two), other) == same_attempt(one, same_attempt(two, other))
    assert same_attempt(one, one) == one


@given(st.lists(failures, min_size=3, max_size=3))
def test_joining_failures_is_commutative_associative_and_idempotent(three: list[Failure]) -> None:
    one, two, other = (replace(each, pod_uid="p", failure_type="Error") for each in three)
    assert same_failure(one, two) == same_failure(two, one)
    assert same_failure(same_failure(one, two), other) == same_failure(one, same_failure(two, other))
    assert same_failure(one, one) == one
