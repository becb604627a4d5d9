"""How a pod came to its end, by whatever mechanism of Kubernetes: what is a failure, and whose."""

from __future__ import annotations

import pytest

from bot.domain.answers.inspection import Inspection
from tests.truth.objects import (
    CREATED,
    ENDED,
    RUNNING,
    STARTED,
    Body,
    change,
    condition,
    container,
    deleted,
    ended,
    event,
    held,
    job,
    node,
    of_job,
    pod,
    recorded,
)

ASKED, UNTIL = "2026-11-23T11:00:00Z", "2026-11-23T11:00:30Z"
"""When a deletion with 30 s of grace is asked for, and its deletionTimestamp."""
STOPPED, LAST = "2026-11-23T11:00:03Z", "2026-11-23T11:00:04Z"
"""When the container has ended, and when the kubelet asks again."""
ALIVE, GOING = pod("p", container(RUNNING)), pod("p", container(RUNNING), metadata=deleted(UNTIL))


def outcomes(found: Inspection) -> list[str]:
    return [str(one.outcome) for one in found.attempts]


def types(found: Inspection) -> list[str]:
    return [one.failure.failure_type for one in found.failures]


def stopped(exit_code: int, *, grace: int, **parts: Body) -> Body:
    metadata = {**deleted(UNTIL if grace else LAST, grace), **parts.get("metadata", {})}
    phase = "Failed" if exit_code else "Succeeded"
    return pod("p", container(ended(exit_code, at=STOPPED)), phase=phase, **{**parts, "metadata": metadata})


@pytest.mark.parametrize("exit_code", [0, 1, 137, 143])
def test_a_pod_that_is_deleted_in_two_steps_was_stopped_whatever_its_exit_code(exit_code: int) -> None:
    states = [ALIVE, GOING, stopped(exit_code, grace=30), stopped(exit_code, grace=0)]
    found = recorded(*(change("MODIFIED", each) for each in states), change("DELETED", states[-1]))
    assert (outcomes(found), types(found)) == (["killed"], [])


@pytest.mark.parametrize(("exit_code", "outcome"), [(137, "killed"), (143, "killed"), (1, "failed"), (0, "succeeded")])
def test_of_the_last_step_alone_the_exit_code_tells(exit_code: int, outcome: str) -> None:
    assert outcomes(recorded(stopped(exit_code, grace=0))) == [outcome]


@pytest.mark.parametrize("exit_code", [1, 137, 143])
def test_what_failed_before_it_was_deleted_has_failed(exit_code: int) -> None:
    failed = pod("p", container(ended(exit_code, at=ASKED)), phase="Failed")
    gone = pod("p", container(ended(exit_code, at=ASKED)), phase="Failed", metadata=deleted(ASKED, 0))
    found = recorded(change("ADDED", ALIVE), change("MODIFIED", failed), change("DELETED", gone))
    assert (outcomes(found), types(found)) == (["failed"], ["Error"])


def test_a_pod_that_stands_there_long_after_its_end_was_not_stopped_by_its_deletion() -> None:
    later = pod("p", container(ended(143)), phase="Failed", metadata=deleted("2026-11-23T12:00:00Z", 0))
    assert outcomes(recorded(later)) == ["failed"]


def test_a_forced_deletion_stops_a_pod() -> None:
    forced = pod("p", container(RUNNING), metadata=deleted(ASKED, 0))
    assert outcomes(recorded(change("MODIFIED", forced), change("DELETED", forced))) == ["killed"]


LOST = condition("DisruptionTarget", "True", "DeletionByTaintManager", at=ASKED)


@pytest.mark.parametrize(("ready", "outcome"), [("True", "killed"), ("False", "failed"), ("Unknown", "failed")])
def test_a_taint_on_a_node_that_is_well_is_maintenance_and_on_another_one_a_loss(ready: str, outcome: str) -> None:
    found = recorded(
        node("n1", ready=ready),
        pod("p", container(RUNNING), status={"conditions": [LOST]}),
        pod("p", container(RUNNING), status={"conditions": [LOST]}, metadata=deleted(UNTIL)),
        stopped(143, grace=0, status={"conditions": [LOST]}),
    )
    assert outcomes(found) == [outcome]
    assert types(found) == (["NodeLost"] if outcome == "failed" else [])


def test_a_lost_nodes_pod_is_told_while_it_still_shows_as_running() -> None:
    found = recorded(node("n1", ready="Unknown"), pod("p", container(RUNNING), status={"conditions": [LOST]}))
    assert types(found) == ["NodeLost"]


@pytest.mark.parametrize("reason", ["DeletionByTaintManager", "DeletionByPodGC"])
@pytest.mark.parametrize(("exit_code", "phase"), [(1, "Failed"), (0, "Succeeded")])
def test_a_pod_that_had_ended_is_not_lost_with_its_node(reason: str, exit_code: int, phase: str) -> None:
    marked = {"conditions": [condition("DisruptionTarget", "True", reason, at="2026-11-23T11:20:00Z")]}
    before = pod("p", container(ended(exit_code)), phase=phase)
    after = pod("p", container(ended(exit_code)), phase=phase, status=marked)
    for found in (
        recorded(node("n1", ready="Unknown"), change("ADDED", before), change("MODIFIED", after)),
        recorded(node("n1", ready="Unknown"), after),
    ):
        assert outcomes(found) == ["failed" if exit_code else "succeeded"]
        assert types(found) == (["Error"] if exit_code else [])


def test_an_orphan_that_the_garbage_collector_finds_running_is_lost() -> None:
    collected = {"conditions": [condition("DisruptionTarget", "True", "DeletionByPodGC", at=ASKED)]}
    found = recorded(pod("p", container(RUNNING), phase="Failed", status=collected, metadata=deleted(ASKED, 0)))
    assert types(found) == ["NodeLost"]


def test_a_pod_that_was_deleted_before_it_was_placed_is_no_attempt() -> None:
    found = recorded(pod("p", phase="Failed", spec={"nodeName": None}, metadata=deleted(ASKED, 0)))
    assert (outcomes(found), types(found)) == ([], [])


DEADLINE = condition("FailureTarget", "True", "DeadlineExceeded", "Job was active longer than specified deadline")
SUSPENDED = condition("Suspended", "True", "JobSuspended", "Job suspended")


@pytest.mark.parametrize(
    ("said", "outcome"),
    [
        (job("j", DEADLINE), "failed"),
        (job("j", SUSPENDED), "killed"),
        (job("j", condition("SuccessCriteriaMet", "True", "SuccessPolicy")), "killed"),
        (job("j", condition("FailureTarget", "True", "BackoffLimitExceeded")), "killed"),
        (job("j", condition("FailureTarget", "True", "PodFailurePolicy")), "killed"),
        (job("j", condition("FailureTarget", "True", "MaxFailedIndexesExceeded")), "killed"),
        (job("j"), "killed"),
        (change("DELETED", job("j")), "killed"),
        (event(job("j"), "DeadlineExceeded", "Job was active longer than specified deadline"), "failed"),
        (event(job("j"), "BackoffLimitExceeded", "Job has reached the specified backoff limit"), "killed"),
    ],
)
def test_of_what_a_job_ends_only_its_missed_deadline_is_a_failure(said: Body, outcome: str) -> None:
    states = [pod("p", container(RUNNING), metadata={**of_job("j"), **deleted(UNTIL)})]
    states += [stopped(143, grace=grace, metadata={**of_job("j"), **deleted(UNTIL, grace)}) for grace in (30, 0)]
    found = recorded(said, *(change("MODIFIED", each) for each in states), change("DELETED", states[-1]))
    assert outcomes(found) == [outcome]
    assert types(found) == (["DeadlineExceeded"] if outcome == "failed" else [])


def test_an_event_about_the_job_that_comes_after_the_pods_end_is_waited_for() -> None:
    late = event(job("j"), "DeadlineExceeded", "Job was active longer than specified deadline")
    owned = of_job("j")
    found = recorded(
        change("MODIFIED", pod("p", container(RUNNING), metadata={**owned, **deleted(UNTIL)})),
        change("MODIFIED", stopped(143, grace=30, metadata={**owned, **deleted(UNTIL)})),
        change("ADDED", late),
        change("MODIFIED", stopped(143, grace=0, metadata={**owned, **deleted(LAST, 0)})),
    )
    assert (outcomes(found), types(found)) == (["failed"], ["DeadlineExceeded"])


def test_any_operators_deadline_is_read_from_its_events() -> None:
    owner = {"kind": "PyTorchJob", "name": "bert", "uid": "uid-bert", "controller": True}
    about = {"kind": "PyTorchJob", "metadata": {"name": "bert", "uid": "uid-bert"}}
    said = "PyTorchJob bert has failed because it was active longer than specified deadline"
    metadata = {"ownerReferences": [owner]}
    found = recorded(
        event(about, "PyTorchJobFailed", said, kind="Normal"),
        pod("p", container(RUNNING), metadata={**metadata, **deleted(UNTIL)}),
        stopped(143, grace=0, metadata={**metadata, **deleted(LAST, 0)}),
    )
    assert types(found) == ["DeadlineExceeded"]


def test_a_pod_that_never_began_before_its_jobs_deadline_is_a_failure_without_an_attempt() -> None:
    waits = pod("p", phase="Pending", spec={"nodeName": None}, metadata=of_job("j"))
    found = recorded(job("j", DEADLINE), change("ADDED", waits), change("DELETED", waits))
    assert (outcomes(found), types(found)) == ([], ["DeadlineExceeded"])


def test_a_person_who_stops_a_job_long_before_its_deadline_stopped_it() -> None:
    late = condition("Failed", "True", "DeadlineExceeded", at="2026-11-23T13:00:00Z")
    found = recorded(
        job("j", late),
        pod("p", container(RUNNING), metadata={**of_job("j"), **deleted(UNTIL)}),
        stopped(143, grace=0, metadata={**of_job("j"), **deleted(LAST, 0)}),
    )
    assert outcomes(found) == ["killed"]


SIDECAR = {"initContainers": [{"name": "proxy", "image": "proxy:1", "restartPolicy": "Always"}]}


def with_sidecar(sidecar: Body, main: Body, phase: str) -> Body:
    return pod("p", container(main), phase=phase, spec=SIDECAR, status={"initContainerStatuses": [sidecar]})


def test_a_sidecar_that_crash_loops_before_the_job_begins_is_a_failure() -> None:
    crashes = container(held("CrashLoopBackOff"), name="proxy", last=ended(1), restarts=3)
    found = recorded(with_sidecar(crashes, held("PodInitializing"), "Pending"))
    assert outcomes(found) == ["failed"]
    ((kind, container_name, occurrences),) = (
        (one.failure.failure_type, one.failure.container, one.failure.occurrences) for one in found.failures
    )
    assert (kind, container_name, occurrences) == ("Error", "proxy", 4)


def test_a_sidecar_that_fails_beside_a_running_job_is_not_the_jobs_failure() -> None:
    crashes = container(held("CrashLoopBackOff"), name="proxy", last=ended(1), restarts=3)
    assert outcomes(recorded(with_sidecar(crashes, RUNNING, "Running"))) == []


def test_an_init_container_that_fails_is_a_failure() -> None:
    fetch = container(ended(2), name="fetch")
    spec = {"initContainers": [{"name": "fetch", "image": "fetch:1"}]}
    status = {"initContainerStatuses": [fetch]}
    found = recorded(pod("p", container(held("PodInitializing")), phase="Failed", spec=spec, status=status))
    assert (outcomes(found), types(found)) == (["failed"], ["Error"])


def test_a_pod_that_is_deleted_while_it_initialises_was_stopped() -> None:
    spec = {"initContainers": [{"name": "fetch", "image": "fetch:1"}]}

    def state(fetch: Body, phase: str, metadata: Body) -> Body:
        status = {"initContainerStatuses": [container(fetch, name="fetch")]}
        main = container(held("PodInitializing"))
        return pod("p", main, phase=phase, spec=spec, status=status, metadata=metadata)

    last = state(ended(143, at=STOPPED), "Failed", deleted(LAST, 0))
    going = [state(RUNNING, "Pending", {}), state(RUNNING, "Pending", deleted(UNTIL)), last]
    found = recorded(*(change("MODIFIED", each) for each in going), change("DELETED", last))
    assert (outcomes(found), types(found)) == (["killed"], [])


def test_what_the_kubelet_restarts_with_another_container_was_stopped() -> None:
    restarted = ended(137, "RestartingAllContainers", at=STARTED)
    found = recorded(
        pod("p", container(held("RestartingAllContainers"), last=restarted, restarts=0)),
        pod("p", container({"running": {"startedAt": ENDED}}, last=restarted, restarts=1)),
    )
    assert (outcomes(found), types(found)) == (["killed"], [])


def test_the_exits_that_a_containers_restart_rule_takes_are_earlier_runs() -> None:
    spec = {"restartPolicy": "Never"}
    found = recorded(
        pod("p", container(RUNNING, last=ended(42, at=STARTED), restarts=1), spec=spec),
        pod(
            "p", container(ended(0, "Completed"), last=ended(42, at=STARTED), restarts=1), phase="Succeeded", spec=spec
        ),
    )
    assert outcomes(found) == ["failed", "succeeded"]


def test_a_job_that_succeeded_although_a_child_process_was_killed_has_succeeded() -> None:
    found = recorded(pod("p", container(ended(0, "OOMKilled")), phase="Succeeded"))
    assert (outcomes(found), types(found)) == (["succeeded"], [])


def test_a_pod_at_its_own_deadline_has_failed_unless_the_job_was_done_before() -> None:
    late = {"reason": "DeadlineExceeded", "message": "Pod was active on the node longer than the specified deadline"}
    agent = container(ended(137), name="log-agent")
    assert types(recorded(pod("p", container(ended(0)), phase="Failed", status=late))) == ["DeadlineExceeded"]
    done = container(ended(0, "Completed", at=STARTED))
    assert outcomes(recorded(pod("p", done, agent, phase="Failed", status=late))) == ["succeeded"]


def test_a_gated_pod_is_held_back_on_purpose() -> None:
    gated = {"conditions": [condition("PodScheduled", "False", "SchedulingGated", at=CREATED)]}
    assert types(recorded(pod("p", phase="Pending", spec={"nodeName": None}, status=gated))) == []


def test_the_time_in_the_queue_says_nothing_of_the_end() -> None:
    failed = pod("p", container(ended(1)), phase="Failed")
    queued = event(failed, "FailedScheduling", "0/6 nodes are available: 6 Insufficient nvidia.com/gpu.", at=CREATED)
    pulled = event(failed, "Failed", "Failed to pull image: connection refused", at=CREATED)
    started = event(failed, "Started", "Container started", kind="Normal", at=STARTED)
    ((failure),) = (one.failure for one in recorded(queued, pulled, started, failed).failures)
    assert (failure.failure_type, failure.signature, failure.error_message) == ("Error", None, "Error")


def test_what_is_said_long_after_the_end_says_nothing_of_it() -> None:
    failed = pod("p", container(ended(1)), phase="Failed")
    later = event(failed, "TaintManagerEviction", "Marking for deletion", at="2026-11-23T11:30:00Z")
    assert [one.failure.signature for one in recorded(failed, later).failures] == [None]


def devices(health: str) -> list[Body]:
    device = {"resourceID": "GPU-1b2c", "health": health, "message": "row remapping failed"}
    return [{"name": "nvidia.com/gpu", "resources": [device]}]


def test_an_unhealthy_device_of_the_container_is_the_cause_and_hard_evidence_of_its_node() -> None:
    crashed = container(ended(134), allocatedResourcesStatus=devices("Unhealthy"))
    found = recorded(pod("p", crashed, phase="Failed"))
    ((failure, owner),) = ((one.failure, str(one.owner)) for one in found.failures)
    assert (failure.failure_type, failure.signature, owner) == ("Error", "device-unhealthy", "hardware")
    ((where, hard),) = ((one.node, one.hard) for one in found.nodes)
    assert (where, [(one.match.signature, one.device) for one in hard]) == ("n1", [("device-unhealthy", "GPU-1b2c")])


@pytest.mark.parametrize("health", ["Healthy", "Unknown"])
def test_a_device_that_is_well_or_unknown_is_no_evidence(health: str) -> None:
    found = recorded(pod("p", container(ended(134), allocatedResourcesStatus=devices(health)), phase="Failed"))
    assert [one.failure.signature for one in found.failures] != ["device-unhealthy"]
    assert found.nodes == ()


@pytest.mark.parametrize(
    ("state", "status", "kind"),
    [
        (ended(137, "OOMKilled"), {}, "OOMKilled"),
        (ended(137), {"reason": "Evicted", "message": "The node was low on resource: memory."}, "Evicted"),
    ],
)
def test_a_broken_device_explains_neither_a_lack_of_memory_nor_an_eviction(
    state: Body, status: Body, kind: str
) -> None:
    found = recorded(
        pod("p", container(state, allocatedResourcesStatus=devices("Unhealthy")), phase="Failed", status=status)
    )
    ((failure),) = (one.failure for one in found.failures)
    assert failure.failure_type == kind
    assert failure.signature != "device-unhealthy"


def test_a_volume_that_is_not_well_is_the_cause() -> None:
    slow = {"name": "data", "healthConditions": [{"status": "VolumeDegraded", "reason": "DiskSlow"}]}
    found = recorded(pod("p", container(ended(1)), phase="Failed", status={"volumeHealth": [slow]}))
    assert [one.failure.signature for one in found.failures] == ["volume-unhealthy"]
