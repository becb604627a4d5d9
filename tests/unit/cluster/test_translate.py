from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.cluster.pods import Pod
from bot.cluster.submission import Place
from bot.cluster.translate import Seen, translate
from bot.domain.workload.accelerator_units import GpuNode
from bot.domain.workload.pod_evidence import Evidence
from tests.unit.cluster.pods import ENDED, RUNNING, condition, container, ended, held, pod

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
AT_END = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)


H100 = GpuNode({"nvidia.com/gpu.product": "H100"})


def seen(body: Pod, *, gone: bool = False) -> Seen:
    return translate(body, Place("prod", ("runai/queue",), {"n1": H100}), gone=gone, now=NOW)


@dataclass(frozen=True)
class Told:
    """What is told of a pod, in short."""

    attempts: tuple[tuple[str, int, str], ...] = ()
    failures: tuple[tuple[str, str | None, int], ...] = ()
    waits: bool = False


def told(body: Pod, *, gone: bool = False) -> Told:
    of = seen(body, gone=gone)
    return Told(
        tuple((each.container, each.restart, each.outcome.value) for each in of.attempts),
        tuple((each.attempt.container, each.evidence.reason, each.occurrences) for each in of.sightings),
        of.waiting is not None,
    )


FAILED_ONCE = Told((("main", 0, "failed"),), (("main", "Error", 1),))
SUCCEEDED = Told((("main", 0, "succeeded"),))
KILLED = Told((("main", 0, "killed"),))
DELETED = {"deletionTimestamp": ENDED, "deletionGracePeriodSeconds": 30}
SIDECAR = container(RUNNING, name="istio-proxy")


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (pod(container(RUNNING)), Told()),
        (pod(container(RUNNING), metadata=DELETED), Told()),
        (pod(container(ended(0, "Completed")), phase="Succeeded"), SUCCEEDED),
        (pod(container(ended()), phase="Failed"), FAILED_ONCE),
        (pod(container(ended(143)), phase="Failed", metadata=DELETED), KILLED),
        (pod(container(ended(0)), container(ended(1), name="istio-proxy"), phase="Failed"), SUCCEEDED),
        (pod(container(ended(0)), SIDECAR), SUCCEEDED),
        (pod(container(ended(1)), SIDECAR), FAILED_ONCE),
        (pod(container(ended(0)), container(RUNNING, name="second")), Told()),
        (
            pod(container(ended(0)), container(ended(3), name="second"), phase="Failed"),
            Told((("second", 0, "failed"),), (("second", "Error", 1),)),
        ),
        (pod(container(ended(0)), container(ended(0), name="second"), phase="Succeeded"), SUCCEEDED),
        (
            pod(container(RUNNING, last=ended(), restarts=3)),
            Told((("main", 2, "failed"),), (("main", "Error", 3),)),
        ),
        (
            pod(container(held("CrashLoopBackOff"), last=ended(137, "OOMKilled"), restarts=4)),
            Told((("main", 4, "failed"),), (("main", "OOMKilled", 5),)),
        ),
        (
            pod(container(ended(2), last=ended(1), restarts=1)),
            Told((("main", 0, "failed"), ("main", 1, "failed")), (("main", "Error", 2),)),
        ),
        (
            pod(container(RUNNING, last=ended(0, "Completed"), restarts=1)),
            Told((("main", 0, "succeeded"),)),
        ),
        (
            pod(container(held("PodInitializing")), init=[container(ended(), name="fetch")], phase="Failed"),
            Told((("fetch", 0, "failed"),), (("fetch", "Error", 1),)),
        ),
        (
            pod(
                container(held("PodInitializing")),
                init=[container(held("CrashLoopBackOff"), name="fetch", last=ended(2), restarts=3)],
                phase="Pending",
            ),
            Told((("fetch", 3, "failed"),), (("fetch", "Error", 4),), waits=True),
        ),
        (
            pod(
                container(RUNNING),
                init=[container(ended(), name="proxy")],
                spec={"initContainers": [{"name": "proxy", "restartPolicy": "Always"}]},
            ),
            Told(),
        ),
        (
            pod(container(held("ImagePullBackOff", "not found")), phase="Pending"),
            Told((), (("main", "ImagePullBackOff", 1),)),
        ),
        (pod(container(held("ImagePullBackOff")), phase="Pending", metadata=DELETED), Told()),
        (pod(container(held("ContainerCreating")), phase="Pending"), Told(waits=True)),
        (pod(phase="Failed", status={"reason": "Evicted"}), Told((("main", 0, "failed"),), (("main", "Evicted", 1),))),
        (
            pod(container(ended(137)), phase="Failed", status={"reason": "Evicted"}),
            Told((("main", 0, "failed"),), (("main", "Evicted", 1),)),
        ),
        (
            pod(phase="Failed", status={"reason": "UnexpectedAdmissionError"}),
            Told((("main", 0, "failed"),), (("main", "UnexpectedAdmissionError", 1),)),
        ),
        (pod(phase="Succeeded"), SUCCEEDED),
        (
            pod(
                container(RUNNING),
                status={"conditions": [condition("DisruptionTarget", "True", "DeletionByTaintManager")]},
            ),
            Told(),
        ),
        (
            pod(container(RUNNING), status={"conditions": [condition("DisruptionTarget", "True", "DeletionByPodGC")]}),
            Told((("main", 0, "failed"),), (("main", "NodeLost", 1),)),
        ),
        (
            pod(
                container(ended(143)),
                phase="Failed",
                metadata=DELETED,
                status={"conditions": [condition("DisruptionTarget", "True", "PreemptionByScheduler")]},
            ),
            KILLED,
        ),
    ],
)
def test_what_a_pod_tells(body: Pod, expected: Told) -> None:
    assert told(body) == expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (pod(container(RUNNING)), KILLED),
        (pod(container(RUNNING), metadata=DELETED), KILLED),
        (pod(container(ended())), FAILED_ONCE),
        (pod(container(ended(0))), SUCCEEDED),
        (pod(container(held("ImagePullBackOff")), phase="Pending"), Told()),
        (pod(phase="Pending", spec={"nodeName": None}), Told()),
        (
            pod(container(RUNNING), status={"conditions": [condition("DisruptionTarget", "True", "DeletionByPodGC")]}),
            Told((("main", 0, "failed"),), (("main", "NodeLost", 1),)),
        ),
    ],
)
def test_what_the_last_state_of_a_removed_pod_tells(body: Pod, expected: Told) -> None:
    assert told(body, gone=True) == expected


def test_an_attempt_carries_who_what_and_where() -> None:
    resources = {"limits": {"nvidia.com/gpu": "8"}, "requests": {"memory": "16Gi", "cpu": 4}}
    (attempt,) = seen(
        pod(
            container(ended(0)),
            phase="Succeeded",
            metadata={
                "labels": {"runai/queue": "vision"},
                "annotations": {"run.ai/user": "ana"},
                "ownerReferences": [{"kind": "PyTorchJob", "name": "bert", "uid": "j", "controller": True}],
            },
            spec={"containers": [{"name": "main", "image": "repo/train:1", "resources": resources}]},
        )
    ).attempts
    assert (attempt.cluster, attempt.job, attempt.kind, attempt.job_uid) == ("prod", "bert", "PyTorchJob", "j")
    assert (attempt.project, attempt.owner, attempt.node, attempt.image) == ("vision", "ana", "n1", "repo/train:1")
    assert (attempt.gpu_count, attempt.gpu_type, attempt.gang) == (8.0, "H100", "ml/bert/j")
    assert (attempt.memory_request, attempt.cpu_request) == ("16Gi", "4")
    assert attempt.finished_at == AT_END
    assert attempt.started_at == datetime(2026, 11, 23, 10, 1, tzinfo=UTC)


def test_a_crash_loop_shows_the_root_before_the_symptom() -> None:
    body = pod(container(held("CrashLoopBackOff", "back-off 5m0s"), last=ended(137, "OOMKilled"), restarts=4))
    (sighting,) = seen(body).sightings
    assert sighting.evidence == Evidence(phase="CrashLoopBackOff", reason="OOMKilled", exit_code=137)
    assert sighting.has_logs
    assert sighting.timestamp == AT_END


def test_an_evicted_pod_says_why() -> None:
    message = "The node was low on resource: memory."
    status = {"reason": "Evicted", "message": message}
    (sighting,) = seen(pod(container(ended(137)), phase="Failed", status=status)).sightings
    assert (sighting.evidence.reason, sighting.evidence.message) == ("Evicted", message)


def test_a_pod_without_a_node_waits_since_it_was_refused_one() -> None:
    refused = condition("PodScheduled", "False", "Unschedulable", "0/3 nodes are available")
    waiting = seen(pod(phase="Pending", spec={"nodeName": None}, status={"conditions": [refused]})).waiting
    assert waiting is not None
    assert waiting.since == AT_END
    assert waiting.sighting.evidence.message == "0/3 nodes are available"
    assert not waiting.sighting.unproven


def test_a_gated_pod_is_held_back_on_purpose() -> None:
    gated = condition("PodScheduled", "False", "SchedulingGated")
    assert seen(pod(phase="Pending", spec={"nodeName": None}, status={"conditions": [gated]})).waiting is None


def test_a_pod_that_is_created_slowly_is_not_sure_to_be_a_failure() -> None:
    waiting = seen(pod(container(held("ContainerCreating")), phase="Pending")).waiting
    assert waiting is not None
    assert waiting.sighting.unproven


def test_seeing_a_pod_again_later_tells_the_same() -> None:
    bodies: list[Any] = [
        pod(container(ended()), phase="Failed"),
        pod(phase="Failed", status={"reason": "Evicted"}),
        pod(container(RUNNING), metadata=DELETED),
    ]
    later = datetime(2026, 12, 24, tzinfo=UTC)
    for body in bodies:
        for gone in (False, True):
            assert translate(body, Place("prod"), gone=gone, now=later) == translate(
                body, Place("prod"), gone=gone, now=NOW
            )


def test_an_attempt_has_a_time_even_if_its_pod_has_none() -> None:
    body = pod(container({"terminated": {"exitCode": 1}}), phase="Failed", metadata={"creationTimestamp": "soon"})
    (attempt,) = seen(body).attempts
    assert attempt.ended_at == NOW
