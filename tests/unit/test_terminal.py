from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.workload.attempt import Outcome
from bot.domain.workload.killed import Ended, PodEnd, ReasonedOutcome, cut_short, verdict

ASKED = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
BEFORE, AFTER = ASKED - timedelta(seconds=1), ASKED + timedelta(seconds=1)
FAILED, KILLED, SUCCEEDED = Outcome.FAILED, Outcome.KILLED, Outcome.SUCCEEDED


@pytest.mark.parametrize(
    ("ended", "pod", "expected"),
    [
        (Ended(0, "Completed", AFTER), PodEnd(), ReasonedOutcome(SUCCEEDED)),
        (Ended(1, "Error", AFTER), PodEnd(), ReasonedOutcome(FAILED, "Error")),
        (Ended(1, None, None), PodEnd(), ReasonedOutcome(FAILED, "Error")),
        (Ended(137, "OOMKilled", AFTER), PodEnd(), ReasonedOutcome(FAILED, "OOMKilled")),
        (Ended(0, "OOMKilled", AFTER), PodEnd(), ReasonedOutcome(FAILED, "OOMKilled")),
        (Ended(137, "Error", AFTER), PodEnd(), ReasonedOutcome(FAILED, "Error")),
        (Ended(137, "Error", AFTER), PodEnd(reason="Evicted"), ReasonedOutcome(FAILED, "Evicted")),
        (Ended(143, "Error", AFTER), PodEnd(reason="DeadlineExceeded"), ReasonedOutcome(FAILED, "DeadlineExceeded")),
        (Ended(143, "Error", AFTER), PodEnd(reason="Terminated"), ReasonedOutcome(FAILED, "NodeShutdown")),
        (Ended(None, None, None), PodEnd(reason="OutOfnvidia.com/gpu"), ReasonedOutcome(FAILED, "OutOfnvidia.com/gpu")),
        (Ended(137, "Error", AFTER), PodEnd(reason="Preempting"), ReasonedOutcome(KILLED, "Preempting")),
        (
            Ended(143, "Error", AFTER),
            PodEnd(disruption="PreemptionByScheduler", delete_requested=ASKED),
            ReasonedOutcome(KILLED, "PreemptionByScheduler"),
        ),
        (
            Ended(143, "Error", AFTER),
            PodEnd(disruption="DeletionByTaintManager", delete_requested=ASKED),
            ReasonedOutcome(FAILED, "NodeLost"),
        ),
        (
            Ended(137, "Error", AFTER),
            PodEnd(reason="Evicted", disruption="TerminationByKubelet"),
            ReasonedOutcome(FAILED, "Evicted"),
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


def test_a_preemption_does_not_excuse_what_failed_before_it() -> None:
    pod = PodEnd(disruption="PreemptionByScheduler", delete_requested=ASKED)
    assert verdict(Ended(1, "Error", BEFORE), pod) == ReasonedOutcome(FAILED, "Error")


@pytest.mark.parametrize(
    ("pod", "expected"),
    [
        (PodEnd(), None),
        (PodEnd(delete_requested=ASKED), None),
        (PodEnd(gone=True), ReasonedOutcome(KILLED)),
        (PodEnd(gone=True, disruption="PreemptionByScheduler"), ReasonedOutcome(KILLED, "PreemptionByScheduler")),
        (PodEnd(disruption="PreemptionByScheduler"), None),
        (PodEnd(disruption="DeletionByTaintManager"), ReasonedOutcome(FAILED, "NodeLost")),
        (PodEnd(gone=True, disruption="DeletionByPodGC"), ReasonedOutcome(FAILED, "NodeLost")),
    ],
)
def test_a_pod_still_running_when_last_seen(pod: PodEnd, expected: ReasonedOutcome | None) -> None:
    assert cut_short(pod) == expected
