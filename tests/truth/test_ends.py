"""Every word by which Kubernetes ends a pod, or keeps it from starting, has an outcome, a cause, an owner and a fix."""

from __future__ import annotations

import pytest

from bot.catalogue import load
from bot.domain.answers.inspection import Inspection
from bot.domain.workload.attempt import Attempt
from bot.domain.workload.failure import Failure
from bot.domain.workload.pod_evidence import CauseOwner
from tests.truth import truth
from tests.truth.objects import ENDED, RUNNING, condition, container, deleted, ended, held, node, pod, recorded

FAILED = truth("pod_failed_reasons.tsv")
WAITING = truth("container_waiting_reasons.tsv")
TAKEN = truth("disruption_target_reasons.tsv")
NO_FAILURE = frozenset({"Preempting"})
HEALS = frozenset({"ContainerCreating", "PodInitializing", "RestartingAllContainers", "CrashLoopBackOff"})
"""Waiting reasons that pass by themselves, or that say nothing of the cause."""
OUTCOMES = {
    "DeletionByDeviceTaintManager": "failed",
    "DeletionByTaintManager": "killed",
    "DeletionByPodGC": "failed",
    "EvictionByEvictionAPI": "killed",
    "PreemptionByScheduler": "killed",
    "TerminationByKubelet": "failed",
}


def named(place: int) -> str:
    return f"p{place}"


@pytest.fixture(scope="module")
def rejected() -> Inspection:
    """All rows at once: a pod each."""
    return recorded(
        *(
            pod(named(place), phase="Failed", status={"reason": row["reason"], "message": row["message"]})
            for place, row in enumerate(FAILED)
        )
    )


@pytest.fixture(scope="module")
def waiting() -> Inspection:
    return recorded(
        *(pod(named(place), container(held(row["reason"])), phase="Pending") for place, row in enumerate(WAITING))
    )


def attempts(found: Inspection, place: int) -> list[Attempt]:
    return [one for one in found.attempts if one.pod_name == named(place)]


def failures(found: Inspection, place: int) -> list[Failure]:
    return [one.failure for one in found.failures if one.failure.pod_name == named(place)]


def owner_of(found: Inspection, place: int) -> CauseOwner:
    return next(one.owner for one in found.failures if one.failure.pod_name == named(place))


def has_fix(failure: Failure) -> bool:
    kind, cause = load().failure_type(failure.failure_type), load().signature(failure.signature or "")
    return bool((cause.rules if cause else ()) or (kind.rules if kind else ()))


@pytest.mark.parametrize("place", range(len(FAILED)), ids=[row["reason"] for row in FAILED])
def test_whatever_ends_a_pod_as_a_whole_has_a_cause_an_owner_and_a_fix(rejected: Inspection, place: int) -> None:
    (attempt,) = attempts(rejected, place)
    if FAILED[place]["reason"] in NO_FAILURE:
        assert (attempt.outcome, failures(rejected, place)) == ("killed", [])
        return
    (failure,) = failures(rejected, place)
    assert attempt.outcome == "failed"
    assert failure.failure_type not in {"Error", "Pending"}
    assert failure.signature is not None
    assert owner_of(rejected, place) is not CauseOwner.UNKNOWN
    assert has_fix(failure)


@pytest.mark.parametrize("place", range(len(WAITING)), ids=[row["reason"] for row in WAITING])
def test_whatever_keeps_a_container_from_starting_has_a_cause_an_owner_and_a_fix(
    waiting: Inspection, place: int
) -> None:
    assert attempts(waiting, place) == []
    if WAITING[place]["reason"] in HEALS:
        assert failures(waiting, place) == []
        return
    (failure,) = failures(waiting, place)
    assert failure.failure_type != "Error"
    assert failure.phase == WAITING[place]["reason"]
    assert owner_of(waiting, place) is not CauseOwner.UNKNOWN
    assert has_fix(failure)


@pytest.mark.parametrize("row", TAKEN, ids=[row["reason"] for row in TAKEN])
def test_whoever_takes_a_pod_away_decides_whether_that_was_a_failure(row: dict[str, str]) -> None:
    taken = {"conditions": [condition(row["condition"], "True", row["reason"])]}
    found = recorded(
        node("n1"),
        pod("p0", container(RUNNING), status=taken),
        pod("p0", container(RUNNING), status=taken, metadata=deleted("2026-11-23T11:00:30Z")),
        pod(
            "p0",
            container(ended(143, at="2026-11-23T11:00:03Z")),
            phase="Failed",
            status=taken,
            metadata=deleted("2026-11-23T11:00:04Z", grace=0),
        ),
    )
    (attempt,) = found.attempts
    assert attempt.outcome == OUTCOMES.get(row["reason"], "killed")
    assert bool(found.failures) is (attempt.outcome == "failed")


def test_a_device_that_was_tainted_is_the_hardwares_failure() -> None:
    taken = {"conditions": [condition("DisruptionTarget", "True", "DeletionByDeviceTaintManager")]}
    found = recorded(
        pod("p0", container(RUNNING), status=taken, metadata=deleted("2026-11-23T11:00:30Z")),
        pod("p0", container(ended(143)), phase="Failed", status=taken, metadata=deleted(ENDED, grace=0)),
    )
    ((failure, owner),) = ((one.failure, one.owner) for one in found.failures)
    assert (failure.failure_type, failure.signature, owner) == ("Evicted", "device-taken-away", CauseOwner.HARDWARE)
