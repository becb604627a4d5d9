"""Devices as Dynamic Resource Allocation has them: what a driver publishes of a node, and what a pod claims."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from playground.kube.times import rfc3339
from playground.kube.workloads import DEFAULT_GPU

DRIVER = "gpu.nvidia.com"
"""Also the name of its device class."""


def resource_slice(
    node: str, *, gpus: int = 8, product: str = DEFAULT_GPU, taints: dict[str, dict[str, str]] | None = None
) -> dict[str, Any]:
    """The ResourceSlice of a node: one device for each GPU, `gpu-0` and on; taints by the name of the device, each with
    key, value and effect."""
    devices = [_device(f"gpu-{number}", product, (taints or {}).get(f"gpu-{number}")) for number in range(gpus)]
    pool = {"name": node, "generation": 1, "resourceSliceCount": 1}
    return {
        "metadata": {"name": f"{node}-{DRIVER}"},
        "spec": {"driver": DRIVER, "nodeName": node, "pool": pool, "devices": devices},
    }


def _device(name: str, product: str, taint: dict[str, str] | None) -> dict[str, Any]:
    device: dict[str, Any] = {
        "name": name,
        "attributes": {"productName": {"string": product}, "type": {"string": "gpu"}},
        "capacity": {"memory": {"value": "80Gi"}},
    }
    return device if taint is None else {**device, "taints": [taint]}


def claim_template(name: str, namespace: str, *, count: int = 1) -> dict[str, Any]:
    """A ResourceClaimTemplate for so many GPUs."""
    asked = {"name": "gpu", "exactly": {"deviceClassName": DRIVER, "allocationMode": "ExactCount", "count": count}}
    return {
        "metadata": {"name": name, "namespace": namespace},
        "spec": {"spec": {"devices": {"requests": [asked]}}},
    }


def taint_rule(name: str, device: str, pool: str, *, at: datetime) -> dict[str, Any]:
    """A DeviceTaintRule by which an admin takes one device out of use."""
    taint = {"key": "example.com/unhealthy", "value": "xid-79", "effect": "NoExecute", "timeAdded": rfc3339(at)}
    selector = {"driver": DRIVER, "pool": pool, "device": device}
    return {"metadata": {"name": name}, "spec": {"deviceSelector": selector, "taint": taint}}


def requests_of(claim: dict[str, Any]) -> Sequence[tuple[str, str, int]]:
    """Name, device class and count of what a claim asks for."""
    found = []
    for each in claim["spec"]["devices"]["requests"]:
        asked = each.get("exactly") or (each.get("firstAvailable") or [{}])[0]
        found.append((str(each["name"]), str(asked.get("deviceClassName", "")), int(asked.get("count", 1))))
    return found
