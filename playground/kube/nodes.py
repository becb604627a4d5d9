"""Nodes with GPUs, as a real cluster shows them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from playground.kube.times import rfc3339
from playground.kube.workloads import DEFAULT_GPU


def node(
    name: str,
    *,
    at: datetime,
    gpus: int = 8,
    product: str = DEFAULT_GPU,
    driver: str = "580.95.05",
    kernel: str = "6.8.0-87-generic",
    is_ready: bool = True,
    unschedulable: bool = False,
    gpu_trouble: str | None = None,
) -> dict[str, Any]:
    """A node as it is `at` this time; `gpu_trouble` is what a health checker says about its GPUs."""
    capacity = {"cpu": "128", "memory": "1056270420Ki", "pods": "110", "nvidia.com/gpu": str(gpus)}
    ready = "KubeletReady" if is_ready else "NodeStatusUnknown"
    said = "kubelet is posting ready status" if is_ready else "Kubelet stopped posting node status."
    conditions = [
        _condition("MemoryPressure", "False", "KubeletHasSufficientMemory", "kubelet has sufficient memory", at),
        _condition("DiskPressure", "False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure", at),
        _condition("Ready", "True" if is_ready else "Unknown", ready, said, at),
    ]
    if gpu_trouble is not None:
        conditions.append(_condition("GpuUnhealthy", "True", "XidCriticalError", gpu_trouble, at))
    labels = {
        "kubernetes.io/hostname": name,
        "kubernetes.io/arch": "amd64",
        "kubernetes.io/os": "linux",
        "nvidia.com/gpu.present": "true",
        "nvidia.com/gpu.product": product,
        "nvidia.com/gpu.count": str(gpus),
        "nvidia.com/cuda.driver-version.full": driver,
    }
    return {
        "metadata": {"name": name, "labels": labels, "annotations": {}, "creationTimestamp": rfc3339(at)},
        "spec": {"podCIDR": "10.244.0.0/24", **({"unschedulable": True} if unschedulable else {})},
        "status": {
            "capacity": capacity,
            "allocatable": capacity,
            "conditions": conditions,
            "addresses": [{"type": "InternalIP", "address": "10.0.0.1"}, {"type": "Hostname", "address": name}],
            "nodeInfo": {
                "kernelVersion": kernel,
                "osImage": "Ubuntu 24.04.3 LTS",
                "containerRuntimeVersion": "containerd://2.1.4",
                "kubeletVersion": "v1.34.2",
                "kubeProxyVersion": "",
                "operatingSystem": "linux",
                "architecture": "amd64",
                "machineID": name,
                "systemUUID": name,
                "bootID": name,
            },
        },
    }


def _condition(kind: str, status: str, reason: str, message: str, at: datetime) -> dict[str, str]:
    return {
        "type": kind,
        "status": status,
        "reason": reason,
        "message": message,
        "lastHeartbeatTime": rfc3339(at),
        "lastTransitionTime": rfc3339(at),
    }
