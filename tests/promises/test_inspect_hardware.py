"""What nodes and devices say is wrong, told by `failures inspect` of objects as `kubectl get -o json` prints them."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from typer.testing import CliRunner

from bot.cli import app

END = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
XID = "ErrorCode:79 PCI:0000:3b:00 GPU_UUID:GPU-1 kernel: NVRM: Xid (PCI:0000:3b:00): 79, pid=1, GPU has fallen off"


def at(minutes: float) -> str:
    return (END + timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%SZ")


def node(*conditions: dict[str, Any], **metadata: Any) -> dict[str, Any]:
    ready = {"type": "Ready", "status": "True", "reason": "KubeletReady", "lastTransitionTime": at(-9999)}
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": "n1", **metadata},
        "status": {"conditions": [ready, *conditions]},
    }


def xid_condition(minutes: float) -> dict[str, Any]:
    return {
        "type": "SysLogsXIDError",
        "status": "True",
        "reason": "SysLogsXIDErrorIsNotHealthy",
        "message": XID,
        "lastTransitionTime": at(minutes),
    }


def pod(name: str, *, gpus: int, reason: str = "Error", code: int = 1, **more: Any) -> dict[str, Any]:
    resources = {"requests": {"nvidia.com/gpu": str(gpus)}} if gpus else {}
    ended = {"exitCode": code, "reason": reason, "startedAt": at(-120), "finishedAt": at(0)}
    status = {"name": "main", "restartCount": 0, "state": {"terminated": ended}, **more.pop("container", {})}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": "ml", "uid": name, "creationTimestamp": at(-121)},
        "spec": {"nodeName": "n1", "restartPolicy": "Never", "containers": [{"name": "main", "resources": resources}]}
        | more.pop("spec", {}),
        "status": {"phase": "Failed", "startTime": at(-121), "containerStatuses": [status]} | more,
    }


def inspected(*items: dict[str, Any]) -> dict[str, Any]:
    text = json.dumps({"apiVersion": "v1", "kind": "List", "items": items})
    done = CliRunner().invoke(app, ["inspect", "-", "--json"], input=text)
    assert done.exit_code == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def causes(*items: dict[str, Any]) -> dict[str, str | None]:
    return {each["pod"]: each["signature"] for each in inspected(*items)["failures"]}


def test_a_gpu_that_broke_while_the_job_ran_is_its_cause_with_its_device() -> None:
    told = inspected(pod("train", gpus=8), node(xid_condition(-2)))
    assert [each["signature"] for each in told["failures"]] == ["gpu-xid-79"]
    (hard,) = told["nodes"][0]["hard"]
    assert (hard["signature"], hard["device"]) == ("gpu-xid-79", "GPU-1")


@pytest.mark.parametrize(
    "other",
    [
        pod("etl", gpus=0),
        pod("etl", gpus=0, reason="OOMKilled", code=137),
        pod("etl", gpus=8, reason="OOMKilled", code=137),
        pod("etl", gpus=8, reason="Evicted", message="The node was low on resource: memory. "),
    ],
)
def test_a_broken_gpu_explains_neither_a_cpu_job_nor_what_kubernetes_ended_itself(other: dict[str, Any]) -> None:
    assert causes(other, node(xid_condition(-2)))["etl"] != "gpu-xid-79"


def test_a_condition_that_has_stood_for_days_is_about_the_node() -> None:
    told = inspected(pod("train", gpus=8), node(xid_condition(-60 * 48)))
    assert [each["signature"] for each in told["failures"]] == [None]
    assert [each["signature"] for each in told["nodes"][0]["hard"]] == ["gpu-xid-79"]


def test_a_healthy_node_gives_no_evidence() -> None:
    healthy = [
        {"type": kind, "status": status, "reason": reason, "message": "all is well", "lastTransitionTime": at(-2)}
        for kind, status, reason in (
            ("AcceleratedHardwareReady", "True", "NvidiaGPUIsReady"),
            ("StorageReady", "True", "DiskIsReady"),
            ("GpuMemWatch", "False", "GpuMemWatchIsHealthy"),
            ("GPUMissing", "False", "NoGPUMissing"),
            ("NobodyKnowsThis", "True", "ItIsSo"),
        )
    ]
    told = inspected(pod("train", gpus=8), node(*healthy))
    assert told["nodes"] == [{"node": "n1", "hard": []}]
    assert [(each["signature"], each["evidence_line"]) for each in told["failures"]] == [(None, "Error")]


def health(state: str) -> dict[str, Any]:
    resources = [{"resourceID": "GPU-7", "health": state}, {"resourceID": "GPU-8", "health": "Healthy"}]
    return {"allocatedResourcesStatus": [{"name": "nvidia.com/gpu", "resources": resources}]}


def test_a_device_that_the_kubelet_calls_unhealthy_is_the_cause_of_its_pods_failure() -> None:
    assert causes(pod("train", gpus=2, container=health("Unhealthy"))) == {"train": "device-unhealthy"}
    assert causes(pod("train", gpus=2, container=health("Healthy"))) == {"train": None}
    oom = pod("train", gpus=2, reason="OOMKilled", code=137, container=health("Unhealthy"))
    assert causes(oom) == {"train": "oom-killed"}


def test_a_fault_of_another_device_than_the_pods_is_not_its_cause() -> None:
    other = pod("train", gpus=2, container=health("Healthy"))
    assert causes(other, node(xid_condition(-2))) == {"train": None}


def of_devices(device: str, taint: dict[str, Any]) -> list[dict[str, Any]]:
    """A claim on gpu-0 of n1, and a slice of that node of which one device is tainted."""
    result = {"request": "g", "driver": "gpu.nvidia.com", "pool": "n1", "device": "gpu-0"}
    devices = [{"name": name, "taints": [taint] if name == device else []} for name in ("gpu-0", "gpu-1")]
    return [
        {
            "apiVersion": "resource.k8s.io/v1",
            "kind": "ResourceClaim",
            "metadata": {"name": "gpus", "namespace": "ml"},
            "status": {"allocation": {"devices": {"results": [result]}}},
        },
        {
            "apiVersion": "resource.k8s.io/v1",
            "kind": "ResourceSlice",
            "metadata": {"name": "n1-gpus"},
            "spec": {"driver": "gpu.nvidia.com", "nodeName": "n1", "pool": {"name": "n1"}, "devices": devices},
        },
    ]


CLAIMS = {"resourceClaims": [{"name": "g", "resourceClaimName": "gpus"}]}


@pytest.mark.parametrize(
    ("device", "effect", "minutes", "cause"),
    [
        ("gpu-0", "NoSchedule", -2, "gpu-xid-79"),
        ("gpu-1", "NoSchedule", -2, None),
        ("gpu-0", "None", -2, None),
        ("gpu-0", "NoSchedule", -60 * 48, None),
    ],
)
def test_a_tainted_device_speaks_for_the_pods_that_had_it(
    device: str, effect: str, minutes: float, cause: str | None
) -> None:
    taint = {"key": "gpu.nvidia.com/xid", "value": "79", "effect": effect, "timeAdded": at(minutes)}
    told = inspected(pod("train", gpus=0, spec=CLAIMS), node(), *of_devices(device, taint))
    assert [each["signature"] for each in told["failures"]] == [cause]
    assert [each["gpu_count"] for each in told["pods"]] == [1.0]
    hard = [each["device"] for each in told["nodes"][0]["hard"]]
    assert hard == ([] if effect == "None" else [f"gpu.nvidia.com/n1/{device}"])


def test_a_taint_that_people_put_on_a_device_counts_as_well() -> None:
    rule = {
        "apiVersion": "resource.k8s.io/v1beta2",
        "kind": "DeviceTaintRule",
        "metadata": {"name": "bad"},
        "spec": {
            "deviceSelector": {"driver": "gpu.nvidia.com", "pool": "n1", "device": "gpu-0"},
            "taint": {"key": "example.com/broken-fan", "effect": "NoExecute", "timeAdded": at(-2)},
        },
    }
    told = inspected(pod("train", gpus=0, spec=CLAIMS), node(), *of_devices("none", {}), rule)
    assert told["nodes"][0]["hard"][0]["device"] == "gpu.nvidia.com/n1/gpu-0"


def test_a_warning_about_the_node_at_that_time_is_evidence() -> None:
    event = {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {"name": "n1.17a", "namespace": "default"},
        "involvedObject": {"kind": "Node", "name": "n1", "uid": "n1"},
        "type": "Warning",
        "reason": "XIDError",
        "message": "Caught XID error, XID=48",
        "lastTimestamp": at(-1),
    }
    assert causes(pod("train", gpus=8), node(), event) == {"train": "gpu-xid-48"}
    event["lastTimestamp"] = at(-60 * 24)
    assert causes(pod("train", gpus=8), node(), event) == {"train": None}
