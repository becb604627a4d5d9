from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.workload.attempt import Outcome
from bot.domain.workload.killed import Ended, PodEnd, ReasonedOutcome, Then, cut_short, never_began, verdict

ASKED = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
BEFORE, AFTER = ASKED - timedelta(seconds=1), ASKED + timedelta(seconds=1)
LONG_AGO = ASKED - timedelta(hours=1)
FAILED, KILLED, SUCCEEDED = Outcome.FAILED, Outcome.KILLED, Outcome.SUCCEEDED
TAINT = "DeletionByTaintManager"


def marked(reason: str, **more: object) -> PodEnd:
    """A pod that was marked for disruption, and then deleted."""
    return PodEnd(disruption=reason, disrupted_at=ASKED, delete_requested=ASKED, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("ended", "pod", "expected"),
    [
        (Ended(0, "Completed", AFTER), PodEnd(), ReasonedOutcome(SUCCEEDED)),
        (Ended(1, "Error", AFTER), PodEnd(), ReasonedOutcome(FAILED, "Error")),
        (Ended(1, None, None), PodEnd(), ReasonedOutcome(FAILED, "Error")),
        (Ended(137, "OOMKilled", AFTER), PodEnd(), ReasonedOutcome(FAILED, "OOMKilled")),
        (Ended(0, "OOMKilled", AFTER), PodEnd(), ReasonedOutcome(SUCCEEDED, "OOMKilled")),
        (Ended(137, "Error", AFTER), PodEnd(), ReasonedOutcome(FAILED, "Error")),
        (Ended(137, "RestartingAllContainers", AFTER), PodEnd(), ReasonedOutcome(KILLED, "RestartingAllContainers")),
        (Ended(137, "Error", AFTER), PodEnd(reason="Evicted"), ReasonedOutcome(FAILED, "Evicted")),
        (Ended(143, "Error", AFTER), PodEnd(reason="DeadlineExceeded"), ReasonedOutcome(FAILED, "DeadlineExceeded")),
        (Ended(0, None, ASKED), PodEnd(reason="DeadlineExceeded"), ReasonedOutcome(FAILED, "DeadlineExceeded")),
        (
            Ended(0, None, LONG_AGO),
            PodEnd(reason="DeadlineExceeded", over_at=ASKED),
            ReasonedOutcome(SUCCEEDED),
        ),
        (Ended(143, "Error", AFTER), PodEnd(reason="Terminated"), ReasonedOutcome(FAILED, "NodeShutdown")),
        (
            Ended(None, None, None),
            PodEnd(reason="OutOfnvidia.com/gpu"),
            ReasonedOutcome(FAILED, "OutOfnvidia.com/gpu"),
        ),
        (Ended(137, "Error", AFTER), PodEnd(reason="Preempting"), ReasonedOutcome(KILLED, "Preempting")),
        (
            Ended(143, "Error", AFTER),
            marked("PreemptionByScheduler"),
            ReasonedOutcome(KILLED, "PreemptionByScheduler"),
        ),
        (
            Ended(0, "Completed", AFTER),
            marked("EvictionByEvictionAPI"),
            ReasonedOutcome(KILLED, "EvictionByEvictionAPI"),
        ),
        (
            Ended(1, "Error", AFTER),
            marked("WorkloadEvictedDueToPreempted"),
            ReasonedOutcome(KILLED, "WorkloadEvictedDueToPreempted"),
        ),
        (
            Ended(143, "Error", AFTER),
            marked("DeletionByDeviceTaintManager"),
            ReasonedOutcome(FAILED, "DeletionByDeviceTaintManager"),
        ),
        (Ended(137, "Error", AFTER), marked("DeletionByPodGC"), ReasonedOutcome(FAILED, "NodeLost")),
        (Ended(143, "Error", AFTER), marked(TAINT, node_ready=False), ReasonedOutcome(FAILED, "NodeLost")),
        (Ended(143, "Error", AFTER), marked(TAINT, node_ready=True), ReasonedOutcome(KILLED, TAINT)),
        (Ended(143, "Error", AFTER), marked(TAINT), ReasonedOutcome(KILLED, TAINT)),
        (Ended(143, "Error", AFTER), marked("SomethingNew"), ReasonedOutcome(KILLED, "SomethingNew")),
        (
            Ended(137, "Error", AFTER),
            PodEnd(reason="Evicted", disruption="TerminationByKubelet", disrupted_at=ASKED),
            ReasonedOutcome(FAILED, "Evicted"),
        ),
        (
            Ended(0, "Completed", AFTER),
            PodEnd(reason="Evicted", disruption="TerminationByKubelet", disrupted_at=ASKED),
            ReasonedOutcome(FAILED, "Evicted"),
        ),
        (
            Ended(143, "Error", AFTER),
            PodEnd(delete_requested=ASKED, job="DeadlineExceeded"),
            ReasonedOutcome(FAILED, "DeadlineExceeded"),
        ),
        (
            Ended(143, "Error", AFTER),
            PodEnd(delete_requested=ASKED, job="JobSuspended"),
            ReasonedOutcome(KILLED, "JobSuspended"),
        ),
        (
            Ended(137, "OOMKilled", BEFORE),
            PodEnd(delete_requested=ASKED, job="DeadlineExceeded"),
            ReasonedOutcome(FAILED, "OOMKilled"),
        ),
    ],
)
def test_the_end_of_a_container_is_read_together_with_its_pod(
    ended: Ended, pod: PodEnd, expected: ReasonedOutcome
) -> None:
    assert verdict(ended, pod) == expected


@pytest.mark.parametrize(
    ("exit_code", "at", "outcome"),
    [
        (143, AFTER, KILLED),
        (1, AFTER, KILLED),
        (0, AFTER, KILLED),
        (1, BEFORE, FAILED),
        (143, BEFORE, FAILED),
        (0, BEFORE, SUCCEEDED),
        (0, ASKED, SUCCEEDED),
        (1, ASKED, FAILED),
        (137, ASKED, KILLED),
        (143, None, KILLED),
        (1, None, FAILED),
    ],
)
def test_what_ends_after_somebody_asked_for_the_deletion_was_killed(
    exit_code: int, at: datetime | None, outcome: Outcome
) -> None:
    assert verdict(Ended(exit_code, None, at), PodEnd(delete_requested=ASKED)).outcome is outcome


@pytest.mark.parametrize(
    ("exit_code", "at", "outcome"),
    [
        (143, BEFORE, KILLED),
        (137, LONG_AGO, FAILED),
        (1, BEFORE, FAILED),
        (0, BEFORE, SUCCEEDED),
        (143, None, KILLED),
    ],
)
def test_where_only_the_last_word_of_the_kubelet_is_left_the_exit_code_tells(
    exit_code: int, at: datetime | None, outcome: Outcome
) -> None:
    assert verdict(Ended(exit_code, None, at), PodEnd(deleted_by=ASKED)).outcome is outcome


def test_a_disruption_counts_even_where_the_request_was_not_seen() -> None:
    pod = PodEnd(disruption="PreemptionByScheduler", disrupted_at=ASKED, deleted_by=AFTER)
    assert verdict(Ended(1, "Error", AFTER), pod) == ReasonedOutcome(KILLED, "PreemptionByScheduler")


@pytest.mark.parametrize("disruption", ["PreemptionByScheduler", TAINT, "DeletionByPodGC", None])
@pytest.mark.parametrize("at", [BEFORE, ASKED, AFTER])
def test_what_had_ended_before_anybody_acted_on_it_cannot_be_brought_down(disruption: str | None, at: datetime) -> None:
    pod = PodEnd(disruption=disruption, disrupted_at=ASKED, delete_requested=ASKED, node_ready=False)
    assert verdict(Ended(143, "Error", at, then=Then.ENDED), pod) == ReasonedOutcome(FAILED, "Error")
    assert verdict(Ended(0, "Completed", at, then=Then.ENDED), pod) == ReasonedOutcome(SUCCEEDED)


@pytest.mark.parametrize("disruption", ["PreemptionByScheduler", TAINT, "DeletionByPodGC"])
def test_a_disruption_does_not_excuse_what_failed_before_it(disruption: str) -> None:
    assert verdict(Ended(1, "Error", BEFORE), marked(disruption)) == ReasonedOutcome(FAILED, "Error")


@pytest.mark.parametrize(
    ("exit_code", "at", "outcome"),
    [(1, ASKED, KILLED), (0, ASKED, KILLED), (143, BEFORE, KILLED), (1, BEFORE, FAILED), (0, BEFORE, SUCCEEDED)],
)
def test_what_was_seen_to_run_when_its_deletion_was_asked_for_was_killed(
    exit_code: int, at: datetime, outcome: Outcome
) -> None:
    ended = Ended(exit_code, None, at, then=Then.RAN)
    assert verdict(ended, PodEnd(delete_requested=ASKED)).outcome is outcome


def test_a_person_who_asked_first_stopped_it_whatever_a_controller_finds_later() -> None:
    pod = PodEnd(delete_requested=ASKED, disruption="DeletionByPodGC", disrupted_at=AFTER, gone=True)
    assert cut_short(pod) == ReasonedOutcome(KILLED, "Deleted")
    assert verdict(Ended(137, "Error", AFTER), pod).outcome is KILLED


@pytest.mark.parametrize(
    ("ended", "pod", "expected"),
    [
        (Ended(143, "Error", AFTER, AFTER), PodEnd(), False),
        (Ended(143, "Error", AFTER, AFTER), PodEnd(delete_requested=ASKED), True),
        (Ended(143, "Error", AFTER, BEFORE), PodEnd(delete_requested=ASKED), False),
        (Ended(143, "Error", AFTER, ASKED), PodEnd(delete_requested=ASKED), False),
        (Ended(143, "Error", AFTER, ASKED, Then.NOT_BEGUN), PodEnd(delete_requested=ASKED), True),
        (Ended(137, "ContainerStatusUnknown"), PodEnd(deleted_by=ASKED), True),
        (Ended(137, "ContainerStatusUnknown", then=Then.RAN), PodEnd(deleted_by=ASKED), False),
        (Ended(137, "ContainerStatusUnknown"), PodEnd(), False),
    ],
)
def test_a_container_that_began_only_after_its_pod_was_deleted_never_ran(
    ended: Ended, pod: PodEnd, *, expected: bool
) -> None:
    assert never_began(ended, pod) is expected


@pytest.mark.parametrize(
    ("pod", "expected"),
    [
        (PodEnd(), None),
        (PodEnd(delete_requested=ASKED), None),
        (PodEnd(gone=True), ReasonedOutcome(KILLED, "Deleted")),
        (PodEnd(gone=True, job="JobDeleted"), ReasonedOutcome(KILLED, "JobDeleted")),
        (PodEnd(gone=True, job="DeadlineExceeded"), ReasonedOutcome(FAILED, "DeadlineExceeded")),
        (marked("PreemptionByScheduler", gone=True), ReasonedOutcome(KILLED, "PreemptionByScheduler")),
        (marked("PreemptionByScheduler"), None),
        (marked(TAINT), None),
        (marked(TAINT, node_ready=True), None),
        (marked(TAINT, node_ready=False), ReasonedOutcome(FAILED, "NodeLost")),
        (marked(TAINT, node_ready=True, gone=True), ReasonedOutcome(KILLED, TAINT)),
        (marked(TAINT, gone=True), ReasonedOutcome(FAILED, "NodeLost")),
        (marked("DeletionByPodGC"), ReasonedOutcome(FAILED, "NodeLost")),
        (marked("DeletionByPodGC", gone=True), ReasonedOutcome(FAILED, "NodeLost")),
        (PodEnd(reason="NodeLost"), ReasonedOutcome(FAILED, "NodeLost")),
    ],
)
def test_a_pod_still_running_when_last_seen(pod: PodEnd, expected: ReasonedOutcome | None) -> None:
    assert cut_short(pod) == expected
