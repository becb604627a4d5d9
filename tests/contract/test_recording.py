from __future__ import annotations

import threading
from dataclasses import replace

import pytest

from bot.domain.scope import Scope
from bot.domain.workload.attempt import Attempt, Outcome
from bot.domain.workload.failure import Failure, Resolution
from bot.services.recording.ports import Recorded
from bot.store.store import Store, open_store
from tests.contract.seen import at, attempt, failure, success

ALL = Scope()


def only_attempt(store: Store, job: str = "train-bert") -> Attempt:
    (found,) = store.history.job_attempts(ALL, job)
    return found


def only_failure(store: Store, job: str = "train-bert") -> Failure:
    (found,) = store.history.job_failures(ALL, job)
    return found


def test_what_was_recorded_reads_back_whole(store: Store) -> None:
    one = attempt(
        kind="PyTorchJob",
        owner="ana",
        job_uid="uid-1",
        gang="gang-1",
        pod_name="train-bert-0",
        container="main",
        restart=3,
        node="gpu-node-03",
        nodes=("a", "b"),
        image="bert:2.1",
        gpu_count=0.5,
        gpu_type="H100",
        memory_request="16Gi",
        cpu_request="8",
        created_at=at(1.25),
    )
    other = failure(
        kind="PyTorchJob",
        node="gpu-node-03",
        nodes=("a", "b"),
        phase="CrashLoopBackOff",
        exit_code=137,
        signature="memory-limit",
        error_message="Container killed due to memory limit",
        logs_snippet="…loss ♥\n",
        events_snippet="OOMKilling",
        occurrences=4,
    )
    assert store.recorder.record([one], [other]) == Recorded(attempts=1, failures=1)
    assert only_attempt(store) == one
    stored = only_failure(store)
    assert stored.id is not None
    assert replace(stored, id=None) == other
    assert store.history.failure(ALL, stored.id) == stored


def test_the_same_seen_twice_is_recorded_once(store: Store) -> None:
    seen = [attempt(), success()], [failure()]
    store.recorder.record(*seen)
    before = store.history.job_attempts(ALL, "train-bert"), store.history.job_failures(ALL, "train-bert")
    assert store.recorder.record(*seen) == Recorded()
    assert (store.history.job_attempts(ALL, "train-bert"), store.history.job_failures(ALL, "train-bert")) == before


def test_the_same_twice_in_one_batch_is_recorded_once(store: Store) -> None:
    assert store.recorder.record([attempt(), attempt()], [failure(), failure(occurrences=2)]) == Recorded(
        attempts=1, failures=1
    )
    assert only_failure(store).occurrences == 2


def test_nothing_to_record_changes_nothing(store: Store) -> None:
    assert store.recorder.record([], []) == Recorded()


def test_a_later_sighting_adds_facts_and_takes_none_away(store: Store) -> None:
    store.recorder.record([attempt(node=None, image="bert:2.1", finished_at=None)], [])
    assert store.recorder.record([attempt(node="gpu-node-03", image=None)], []) == Recorded(changed=1)
    known = only_attempt(store)
    assert (known.node, known.image, known.finished_at) == ("gpu-node-03", "bert:2.1", at(10))


@pytest.mark.parametrize("order", [1, -1])
def test_an_attempt_once_seen_as_stopped_stays_so(store: Store, order: int) -> None:
    stopped = attempt(end=10, outcome=Outcome.KILLED, reason="PreemptionByScheduler")
    for one in [stopped, attempt(end=10, reason="Error"), attempt(end=10, outcome=Outcome.SUCCEEDED)][::order]:
        store.recorder.record([one], [])
    assert only_attempt(store) == stopped


@pytest.mark.parametrize("order", [1, -1])
def test_a_missed_deadline_is_surer_than_having_been_stopped(store: Store, order: int) -> None:
    sightings = [attempt(end=10, reason="DeadlineExceeded"), attempt(end=10, outcome=Outcome.KILLED)][::order]
    for one in sightings:
        store.recorder.record([one], [])
    assert only_attempt(store).outcome is Outcome.FAILED


@pytest.mark.parametrize("order", [1, -1])
def test_the_sighting_that_knows_the_end_knows_the_outcome(store: Store, order: int) -> None:
    vanished = attempt(outcome=Outcome.KILLED, finished_at=None)
    for one in [vanished, attempt(outcome=Outcome.SUCCEEDED, end=10)][::order]:
        store.recorder.record([one], [])
    assert only_attempt(store).outcome is Outcome.SUCCEEDED


def test_an_episode_keeps_its_beginning_and_its_occurrences_only_grow(store: Store) -> None:
    store.recorder.record([], [failure(begin=10, occurrences=3, logs_snippet="CUDA out of memory")])
    store.recorder.record([], [failure(begin=20, occurrences=5, logs_snippet="")])
    store.recorder.record([], [failure(begin=30, occurrences=1, signature="cuda-out-of-memory")])
    known = only_failure(store)
    assert (known.timestamp, known.occurrences) == (at(10), 5)
    assert (known.logs_snippet, known.signature) == ("CUDA out of memory", "cuda-out-of-memory")


@pytest.mark.parametrize("order", [1, -1])
def test_the_newest_run_of_a_crash_loop_leads_and_the_change_is_kept(store: Store, order: int) -> None:
    first = failure(signature="connection-refused", logs_snippet="a long log of the first run", evidence_at=at(10))
    newest = failure(signature="module-not-found", logs_snippet="short", evidence_at=at(20), occurrences=2)
    for one in [first, failure(occurrences=3), newest][::order]:
        store.recorder.record([], [one])
    known = only_failure(store)
    assert (known.signature, known.logs_snippet) == ("module-not-found", "short")
    assert (known.earlier_signature, known.earlier_at) == ("connection-refused", at(10))
    assert known.occurrences == 3


@pytest.mark.parametrize("order", [1, -1])
def test_evidence_that_decides_nothing_adds_and_replaces_nothing(store: Store, order: int) -> None:
    decided = failure(signature="module-not-found", events_snippet="BackOff", evidence_at=at(10))
    poorer = failure(events_snippet="NodeNotReady: a very long line of an event that came much later")
    for one in [decided, poorer][::order]:
        store.recorder.record([], [one])
    known = only_failure(store)
    assert (known.signature, known.events_snippet, known.evidence_at) == ("module-not-found", "BackOff", at(10))
    assert store.recorder.evidence_at(decided) == at(10)
    assert store.recorder.evidence_at(failure("pod-2")) is None


def test_a_retry_that_succeeds_resolves_the_failure(store: Store) -> None:
    store.recorder.record([attempt()], [failure(job_uid="uid-1")])
    assert store.recorder.record([success(job_uid="uid-1")], []) == Recorded(attempts=1, resolved=1)
    known = only_failure(store)
    assert (known.resolution, known.resolved_at) == (Resolution.RETRIED, at(30))


def test_a_success_that_was_seen_first_resolves_the_failure_too(store: Store) -> None:
    store.recorder.record([success(job_uid="uid-2")], [])
    assert store.recorder.record([], [failure(job_uid="uid-1")]) == Recorded(failures=1, resolved=1)
    assert only_failure(store).resolution is Resolution.SUCCEEDED_LATER


def test_where_a_submission_is_unknown_a_later_success_counts_as_a_retry(store: Store) -> None:
    store.recorder.record([success(job_uid="uid-1")], [failure(job_uid=None)])
    assert only_failure(store).resolution is Resolution.RETRIED


def test_the_earliest_later_success_resolves_whatever_comes_first(store: Store) -> None:
    store.recorder.record([success("late", end=90)], [failure()])
    store.recorder.record([success("early", end=30)], [])
    store.recorder.record([success("latest", end=120)], [])
    assert only_failure(store).resolved_at == at(30)


@pytest.mark.parametrize(
    "other",
    [
        success(end=9),
        success(end=12, started_at=at(2)),
        success(job="train-bert-large"),
        success(project="research"),
        success(project=None),
        success(cluster="staging"),
        attempt("pod-2", Outcome.KILLED, 30),
    ],
    ids=["earlier", "a peer that ran already", "another job", "another project", "no project", "elsewhere", "killed"],
)
def test_nothing_else_resolves_a_failure(store: Store, other: Attempt) -> None:
    assert store.recorder.record([other], [failure()]).resolved == 0
    assert only_failure(store).resolution is None


def test_a_success_that_turns_out_to_be_a_failure_resolves_no_longer(store: Store) -> None:
    store.recorder.record([success("pod-2", finished_at=None, started_at=at(12))], [failure()])
    assert only_failure(store).resolution is Resolution.RETRIED
    store.recorder.record([attempt("pod-2", Outcome.FAILED, end=30, started_at=at(12))], [])
    assert only_failure(store).resolution is None


def test_what_a_person_closed_stays_closed_by_them(store: Store) -> None:
    store.recorder.record([], [failure()])
    failure_id = only_failure(store).id
    assert failure_id is not None
    store.knowledge.resolve(failure_id, Resolution.FIXED, by="U123", at=at(60))
    store.knowledge.resolve(failure_id, Resolution.FIXED, by="U456", at=at(70))
    assert store.recorder.record([success()], []).resolved == 0
    known = only_failure(store)
    assert (known.resolution, known.resolved_by, known.resolved_at) == (Resolution.FIXED, "U123", at(60))


def test_a_gang_has_its_failures_in_order_and_one_first_fault(store: Store) -> None:
    gang = [failure(f"pod-{rank}", begin=begin, gang="g") for rank, begin in enumerate((12, 10, 11))]
    store.recorder.record([], [*gang, failure("pod-9", gang="other"), failure("pod-8", cluster="staging", gang="g")])
    found = store.recorder.gang_failures("prod", ["g"])
    assert [one.pod_uid for one in found] == ["pod-1", "pod-2", "pod-0"]
    first, *victims = (one.id for one in found if one.id is not None)
    store.recorder.set_first_faults([first], victims)
    assert [one.first_fault for one in store.recorder.gang_failures("prod", ["g"])] == [True, False, False]
    assert store.recorder.record([], gang) == Recorded()
    assert [one.first_fault for one in store.recorder.gang_failures("prod", ["g"])] == [True, False, False]


def test_a_cursor_is_where_it_was_left(store: Store) -> None:
    assert store.recorder.resource_version("prod") is None
    assert store.recorder.last_seen("prod") is None
    store.recorder.save_cursor("prod", "4711", at(1))
    store.recorder.save_cursor("staging", "1", at(9))
    store.recorder.save_cursor("prod", "4712", at(2))
    assert store.recorder.resource_version("prod") == "4712"
    assert store.recorder.last_seen("prod") == at(2)


def test_two_writers_at_once_record_everything_once(store_url: str) -> None:
    seen = [attempt(f"pod-{number}", end=number) for number in range(300)]
    failed = [failure(f"pod-{number}", begin=number) for number in range(300)]
    stores = [open_store(store_url) for _ in range(2)]
    written: list[Recorded] = []

    def write(store: Store, step: int) -> None:
        starts = range(0, 300, 50)[::step]
        written.extend(
            [store.recorder.record(seen[start : start + 50], failed[start : start + 50]) for start in starts]
        )

    threads = [threading.Thread(target=write, args=(store, step)) for store, step in zip(stores, (1, -1), strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(one.attempts for one in written) == 300
    assert sum(one.failures for one in written) == 300
    assert len(stores[0].history.job_attempts(ALL, "train-bert", 1000)) == 300
    for store in stores:
        store.close()


HOSTILE = "\0\ud800\u202e<!channel>`" + "x" * 5000


def test_hostile_text_is_stored_harmlessly_and_only_once(store: Store) -> None:
    one = attempt(
        HOSTILE, job=HOSTILE, node=HOSTILE, nodes=(HOSTILE,), project=HOSTILE, restart=10**30, gpu_count=1e999
    )
    bad = failure(HOSTILE, job=HOSTILE, gang=HOSTILE, error_message=HOSTILE, exit_code=-(10**30))
    other = replace(one, pod_uid=HOSTILE + "y")
    assert store.recorder.record([one, other], [bad]) == Recorded(attempts=2, failures=1)
    assert store.recorder.record([one, other], [bad]) == Recorded()
    assert {known.gpu_count for known in store.history.job_attempts(ALL, HOSTILE)} == {None}
    assert len(store.recorder.gang_failures("prod", [HOSTILE])) == 1
    (known,) = store.history.job_failures(Scope(project="ml-team"), HOSTILE)
    assert known.error_message is not None
    assert known.error_message.endswith("<!channel>`" + "x" * 5000)
    assert store.history.job_names(ALL, HOSTILE[:40]) == [known.job]


def test_a_time_without_a_zone_is_refused(store: Store) -> None:
    with pytest.raises(ValueError, match="without a zone"):
        store.recorder.record([attempt(finished_at=at(10).replace(tzinfo=None))], [])
    assert store.history.job_attempts(ALL, "train-bert") == []


def test_a_store_that_was_closed_and_opened_again_knows_it_all(store_url: str) -> None:
    first = open_store(store_url)
    first.recorder.record([attempt()], [failure()])
    first.close()
    second = open_store(store_url)
    assert second.recorder.record([attempt()], [failure()]) == Recorded()
    second.close()
