"""What the store tells the analysis is what was recorded, in whatever order, batches and repetitions that happened."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.domain.analysis.attempt_table import FAILED, OUTCOMES, SUCCEEDED, Placement, moment
from bot.domain.analysis.identity import job_number, small_number
from bot.domain.period import Period
from bot.domain.scope import Scope
from bot.domain.workload.attempt import Attempt, Outcome
from bot.domain.workload.failure import Failure
from bot.store.store import Store
from tests.contract.seen import T0, at, attempt, failure, success

ALWAYS = Period(T0 - timedelta(days=400), T0 + timedelta(days=400))
FAST = settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def told(store: Store, period: Period = ALWAYS) -> Counter[tuple[object, ...]]:
    """The attempts that the evidence tells of."""
    found = store.evidence.evidence(Scope(), period)
    runs, names = found.runs, found.names
    return Counter(
        (
            int(runs.job[row]),
            int(runs.submission[row]),
            names.places[runs.place[row]],
            names.images[runs.image[row]],
            OUTCOMES[runs.outcome[row]],
            moment(int(runs.ended[row])),
        )
        for row in range(len(runs))
    )


def expected(attempts: list[Attempt]) -> Counter[tuple[object, ...]]:
    return Counter(
        (
            job_number(one.cluster, one.project, one.job),
            small_number(one.job_uid),
            Placement(one.cluster, (one.node,) if one.node else one.nodes),
            one.image,
            one.outcome,
            one.ended_at,
        )
        for one in attempts
    )


attempts_of_some_days = st.lists(
    st.builds(
        attempt,
        pod=st.sampled_from([f"pod-{number}" for number in range(8)]),
        outcome=st.sampled_from(Outcome),
        end=st.sampled_from([10, 20, 1500, 3000, 4400]),
        node=st.sampled_from([None, "n1", "n2"]),
        image=st.sampled_from([None, "image:1"]),
        job=st.sampled_from(["train", "eval-1"]),
    ),
    min_size=1,
    max_size=40,
)


@given(attempts_of_some_days, st.integers(1, 7))
@FAST
def test_the_evidence_is_what_the_rows_say_whatever_was_seen_in_what_order(
    store: Store, seen: list[Attempt], batch: int
) -> None:
    for start in range(0, len(seen), batch):
        store.recorder.record(seen[start : start + batch], [])
    rows = [one for job in ("train", "eval-1") for one in store.history.job_attempts(Scope(), job, limit=1000)]
    assert told(store) == expected(rows)


def test_the_evidence_ends_where_the_period_ends(store: Store) -> None:
    store.recorder.record([success(f"pod-{end}", end=end) for end in (0, 10, 20, 30)], [])
    ends = [key[-1] for key in told(store, Period(at(10), at(30)))]
    assert sorted(map(str, ends)) == [str(at(10)), str(at(20))]


def test_many_small_batches_of_a_day_are_joined_and_still_all_there(store: Store) -> None:
    for number in range(60):
        store.recorder.record([success(f"pod-{number}", end=number)], [failure(f"bad-{number}", begin=number)])
    found = store.evidence.evidence(Scope(), ALWAYS)
    assert (len(found.runs), len(found.events)) == (60, 60)
    assert sum(told(store).values()) == 60


def test_an_attempt_whose_outcome_is_known_better_is_counted_once(store: Store) -> None:
    store.recorder.record([attempt("pod-1", Outcome.KILLED, finished_at=None)], [])
    store.recorder.record([attempt("pod-1", Outcome.FAILED, node="n1")], [])
    runs = store.evidence.evidence(Scope(), ALWAYS).runs
    assert runs.outcome.tolist() == [FAILED]


def test_a_first_fault_that_turns_out_a_victim_is_told_as_one(store: Store) -> None:
    store.recorder.record([], [failure("rank-0", gang="g"), failure("rank-1", gang="g")])
    first, victim = (one.id for one in store.recorder.gang_failures("prod", ["g"]))
    assert first is not None
    assert victim is not None
    store.recorder.set_first_faults([first], [victim])
    assert sorted(store.evidence.evidence(Scope(), ALWAYS).events.first_fault.tolist()) == [0, 1]
    store.recorder.set_first_faults([victim], [first])
    store.recorder.set_first_faults([first, victim], [])
    assert store.evidence.evidence(Scope(), ALWAYS).events.first_fault.tolist() == [1, 1]


def test_more_occurrences_of_an_episode_are_the_same_event(store: Store) -> None:
    for times in range(1, 5):
        store.recorder.record([], [failure(occurrences=times)])
    assert len(store.evidence.evidence(Scope(), ALWAYS).events) == 1


def test_names_and_gangs_come_back_as_they_were(store: Store) -> None:
    gang = attempt("gang", node=None, nodes=("n1", "n2"), image=None, gpu_count=8.0, gpu_type="H100", project=None)
    store.recorder.record([gang, success("alone", node="n3", image="a:1")], [])
    names = store.evidence.evidence(Scope(), ALWAYS).names
    assert set(names.places) == {Placement("prod", ("n1", "n2")), Placement("prod", ("n3",))}
    assert set(names.images) == {None, "a:1"}
    assert set(names.projects) == {None, "ml-team"}
    assert {(one.number, one.type) for one in names.gpus} == {(8.0, "H100"), (None, None)}


def test_hostile_names_come_back_harmless(store: Store) -> None:
    odd = success("odd", node="n\x1f\0\ud800\u202e", image="i" * 5000, project="<!channel>")
    store.recorder.record([odd], [failure("odd-2", failure_type="\ud800" * 300, node="\x1f")])
    found = store.evidence.evidence(Scope(), ALWAYS)
    assert (len(found.runs), len(found.events)) == (1, 1)
    assert found.runs.outcome.tolist() == [SUCCEEDED]


def test_the_jobs_behind_a_spike_have_names_again(store: Store) -> None:
    store.recorder.record(
        [], [failure("a", begin=10), failure("b", begin=99), failure("c", begin=12, project="research")]
    )
    assert sorted(store.evidence.failing_jobs(Scope(), Period(at(5), at(20)))) == [
        ("prod", "ml-team", "train-bert"),
        ("prod", "research", "train-bert"),
    ]
    assert store.evidence.failing_jobs(Scope(frozenset({"research"})), ALWAYS) == [("prod", "research", "train-bert")]


def test_the_last_time_of_a_type_before_the_period_is_known(store: Store) -> None:
    store.recorder.record([], [failure("a", begin=10), failure("b", begin=20), failure("c", begin=30)])
    assert store.evidence.types_before(Scope(), ["OOMKilled", "Evicted"], at(30)) == {"OOMKilled": at(20)}
    assert store.evidence.types_before(Scope(project="research"), ["OOMKilled"], at(30)) == {}


def test_the_oldest_record_is_known(store: Store) -> None:
    assert store.evidence.recorded_since(Scope()) is None
    store.recorder.record([success(end=30)], [failure(begin=10)])
    assert store.evidence.recorded_since(Scope()) == at(10)


def test_a_lost_failure_event_may_lie_years_away(store: Store) -> None:
    far: Failure = replace(failure("far"), timestamp=T0 + timedelta(days=365 * 100))
    store.recorder.record([], [far])
    assert len(store.evidence.evidence(Scope(), ALWAYS).events) == 0
