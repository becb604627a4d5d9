from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from bot.clock import utc_now
from bot.cluster.file_cluster import Shelf
from bot.cluster.submission import Place
from bot.cluster.translator import Translator
from bot.cluster.waiting import WaitingRoom
from bot.cluster.witnesses import Witnesses
from bot.domain.knowledge.spec import SeenSpec
from playground.kube.pods import Run, image_pull_backoff, oom_killed, running, succeeded, terminating
from playground.kube.workloads import Workload

RUN = Run(
    workload=Workload(
        name="bert",
        memory="8Gi",
        gpus=4,
        env=("HF_TOKEN", "NCCL_DEBUG"),
        pull_secrets=("ecr",),
        command=("python", "train.py", "--api-key", "s3cr3t-value-of-ana", "--lr=0.1"),
    ),
    created=utc_now() - timedelta(hours=2),
)


def seen(*pods: dict[str, Any]) -> tuple[SeenSpec, ...]:
    """What the watch tells of the specs of these pods."""
    lines = [json.dumps({"type": "MODIFIED", "object": pod}).encode() for pod in pods]
    return Translator(Place("prod-eu"), WaitingRoom(), Witnesses(Shelf())).lines(lines, "1", utc_now()).specs


def test_a_pod_that_ended_is_read_for_what_it_was_asked_to_be() -> None:
    (one,) = seen(oom_killed(RUN))
    spec = one.read()
    assert spec is not None
    assert one.failed
    assert (spec.memory, spec.cpu, spec.gpu_count, spec.shm) == ("8Gi", "16", 4, "unlimited")
    assert (spec.pull_secrets, spec.node) == (("ecr",), "gpu-node-01")
    assert dict(spec.env) == {"HF_TOKEN": None, "NCCL_DEBUG": "1"}
    assert spec.volumes == ("/data persistentVolumeClaim/ml-team-data",)
    assert "s3cr3t" not in " ".join(spec.command)
    assert "--lr=0.1" in spec.command


def test_only_pods_that_ended_by_themselves_or_cannot_start_are_read() -> None:
    assert [one.failed for one in seen(succeeded(RUN), image_pull_backoff(RUN))] == [False, True]
    assert seen(running(RUN), terminating(RUN)) == ()


@pytest.mark.parametrize(
    "spec",
    [
        {"containers": 7},
        {"containers": [None, {"name": 7, "env": "x", "command": {"a": 1}, "resources": []}]},
        {"containers": [{"name": "main", "env": [7, {"name": None}], "volumeMounts": [{"mountPath": 3}]}]},
        {"volumes": [None, 7, {"emptyDir": 3}], "imagePullSecrets": [{"name": {}}], "tolerations": "x"},
        {"nodeSelector": {"a": 7}},
    ],
)
def test_an_odd_spec_costs_its_odd_fields_alone(spec: dict[str, Any]) -> None:
    pod = oom_killed(RUN)
    pod["spec"] |= spec
    (one,) = seen(pod)
    assert one.read() is not None


@pytest.mark.parametrize("spec", [None, 7, [], "x"])
def test_what_is_no_spec_costs_nothing_but_the_spec(spec: object) -> None:
    (one,) = seen(oom_killed(RUN) | {"spec": spec})
    assert one.attempt.job == "bert"
    assert one.read() is None
