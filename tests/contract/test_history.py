from __future__ import annotations

from datetime import timedelta

import pytest

from bot.domain.period import Period
from bot.domain.scope import Scope
from bot.domain.workload.attempt import Outcome
from bot.store.store import Store
from tests.contract.seen import at, attempt, failure, success

ALL = Scope()
NOBODY = Scope(frozenset())
ML = Scope(frozenset({"ml-team"}))


@pytest.fixture
def store(store: Store) -> Store:
    """Two projects and one unknown on two clusters; `stuck` never started, so it has no attempt."""
    store.recorder.record(
        [
            attempt("a", end=10),
            success("b", end=30),
            attempt("c", end=20, job="train_bert_large", cluster="staging"),
            attempt("d", end=50, job="Ranker", project="research"),
            attempt("e", end=60, job="orphan", project=None),
        ],
        [
            failure("a", begin=10),
            failure("c", begin=20, job="train_bert_large", cluster="staging", signature="memory-limit"),
            failure("d", begin=50, job="Ranker", project="research", failure_type="Error"),
            failure("d2", begin=51, job="Ranker", project="research", failure_type="Error"),
            failure("d3", begin=52, job="Ranker", project="research", failure_type="Error"),
            failure("s", begin=70, job="stuck", project="new-team", failure_type="ImagePullBackOff"),
        ],
    )
    return store


@pytest.mark.parametrize(
    ("scope", "names"),
    [
        (ALL, ["ml-team", "new-team", "research"]),
        (ML, ["ml-team"]),
        (Scope(ML.allowed, "research"), []),
        (Scope(None, "research"), ["research"]),
        (Scope(None, None, "staging"), ["ml-team"]),
        (NOBODY, []),
    ],
)
def test_the_projects_are_those_in_the_scope_even_if_no_job_ever_started(
    store: Store, scope: Scope, names: list[str]
) -> None:
    assert store.history.projects(scope) == names


@pytest.mark.parametrize(
    ("scope", "like", "names"),
    [
        (ALL, "", ["stuck", "orphan", "Ranker", "train-bert", "train_bert_large"]),
        (ALL, "BERT", ["train-bert", "train_bert_large"]),
        (ALL, "ranker", ["Ranker"]),
        (ALL, "n_b", ["train_bert_large"]),
        (ALL, "%", []),
        (ALL, "stuck", ["stuck"]),
        (ML, "ranker", []),
        (Scope(None, None, "staging"), "bert", ["train_bert_large"]),
    ],
)
def test_jobs_are_found_by_a_part_of_their_name_in_any_case_newest_first(
    store: Store, scope: Scope, like: str, names: list[str]
) -> None:
    assert store.history.job_names(scope, like) == names


def test_no_more_jobs_are_named_than_asked_for(store: Store) -> None:
    assert store.history.job_names(ALL, "", limit=2) == ["stuck", "orphan"]


def test_a_jobs_newest_attempts_come_oldest_first(store: Store) -> None:
    assert [one.outcome for one in store.history.job_attempts(ALL, "train-bert")] == [Outcome.FAILED, Outcome.SUCCEEDED]
    assert [one.pod_uid for one in store.history.job_attempts(ALL, "train-bert", limit=1)] == ["b"]
    assert [one.pod_uid for one in store.history.job_failures(ALL, "Ranker", limit=2)] == ["d2", "d3"]


def test_another_projects_job_is_not_seen(store: Store) -> None:
    assert store.history.job_attempts(ML, "Ranker") == []
    assert store.history.job_failures(ML, "Ranker") == []
    assert store.history.job_attempts(ML, "orphan") == []
    (hidden, *_) = store.history.job_failures(ALL, "Ranker")
    assert hidden.id is not None
    assert store.history.failure(ML, hidden.id) is None
    assert store.history.failure(ALL, hidden.id) == hidden
    assert store.history.failure(ALL, 10**9) is None


def test_similar_failures_are_counted_by_type_or_signature_in_the_period(store: Store) -> None:
    day = Period(at(0), at(1000))
    assert store.history.similar(ALL, day, "Error", None) == (3, 1)
    assert store.history.similar(ALL, day, "OOMKilled", None) == (2, 2)
    assert store.history.similar(ALL, day, "OOMKilled", "memory-limit") == (1, 1)
    assert store.history.similar(ML, day, "Error", None) == (0, 0)
    assert store.history.similar(ALL, Period(at(50), at(52)), "Error", None) == (2, 1)


def test_failure_types_come_most_frequent_first(store: Store) -> None:
    assert store.history.failure_types(ALL) == ["Error", "OOMKilled", "ImagePullBackOff"]
    assert store.history.failure_types(ML) == ["OOMKilled"]
    assert store.history.failure_types(NOBODY) == []


def test_failures_are_found_by_the_millisecond_in_which_they_began(store: Store) -> None:
    moments = [at(10), at(50), at(99)]
    assert [one.job for one in store.evidence.failures_at(ALL, moments)] == ["Ranker", "train-bert"]
    assert [one.job for one in store.evidence.failures_at(ML, moments)] == ["train-bert"]
    assert store.evidence.failures_at(ALL, [at(10) + timedelta(milliseconds=1)]) == []
    assert [one.job for one in store.evidence.failures_at(ALL, moments, limit=1)] == ["train-bert"]
    assert store.evidence.failures_at(ALL, []) == []
