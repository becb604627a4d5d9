"""What goes wrong in the simulated cluster: for each cause the pod's end, its log and its events, and what people
change before they submit the job again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from playground.kube import pods
from playground.kube.pods import Run
from playground.kube.workloads import Workload

HEALTHY_IMAGE = "registry.example/cuda:12.8"
MENDED_VISION_IMAGE = "registry.example/vision:1.5"
PEER_LOST = "peer-lost"
"""What the other members of a gang fail of when one of them has gone."""
_XID_79 = "NVRM: Xid (PCI:0000:4b:00): 79, pid=48211, name=python, GPU has fallen off the bus."


@dataclass(frozen=True, slots=True)
class Said:
    """One event about the pod."""

    reason: str
    message: str
    component: str = "kubelet"


def _as_it_was(workload: Workload) -> Workload:
    return workload


@dataclass(frozen=True, slots=True)
class Cause:
    """One way to fail. In its texts, {rank} {node} {image} {pod} stand for the run's own."""

    end: Callable[[Run], dict[str, Any]]
    log: str = ""
    events: tuple[Said, ...] = ()
    change: Callable[[Workload], Workload] = _as_it_was
    """What people change before they try again."""
    cured: float = 0.6
    """How often the next try then succeeds."""
    is_stuck: bool = False
    """The pod never ends; somebody deletes it."""


def _twice_the_memory(workload: Workload) -> Workload:
    size = int(workload.memory.removesuffix("Gi"))
    return replace(workload, memory=f"{size * 2}Gi")


def _with_option(option: str, workload: Workload) -> Workload:
    return workload if option in workload.command else replace(workload, command=(*workload.command, option))


def _on_image(image: str, workload: Workload) -> Workload:
    return replace(workload, image=image)


_TRACEBACK = 'Traceback (most recent call last):\n  File "/workspace/train.py", line 214, in <module>\n    main()\n'

CAUSES: dict[str, Cause] = {
    "host-oom": Cause(
        pods.oom_killed,
        "[rank{rank}] epoch 2 step 1840 loss 1.7312 lr 3.0e-05\n[rank{rank}] epoch 2 step 1860 loss 1.7290\n"
        "[rank{rank}] building the shuffle buffer: 41943040 samples\n",
        (Said("OOMKilling", "Memory cgroup out of memory: Killed process 48211 (python)", "kernel-monitor"),),
        _twice_the_memory,
        0.86,
    ),
    "cuda-oom": Cause(
        pods.failed,
        "[rank{rank}] step 12 loss 2.4410\n" + _TRACEBACK + '  File "/workspace/model.py", line 88, in forward\n'
        "    scores = torch.matmul(query, key.transpose(-1, -2))\n"
        "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB. GPU 3 has a total capacity of "
        "79.15 GiB of which 1.20 GiB is free. Including non-PyTorch memory, this process has 77.93 GiB in use.\n",
        change=partial(_with_option, "--gradient-checkpointing"),
        cured=0.85,
    ),
    "xid-79": Cause(
        partial(pods.failed, exit_code=134),
        "[rank{rank}] step 911 loss 1.9021\n[health] {node}: "
        + _XID_79
        + "\n"
        + _TRACEBACK
        + "RuntimeError: CUDA error: unknown error\n",
        (Said("GpuUnhealthy", _XID_79, "node-problem-detector"),),
        cured=1.0,
    ),
    "nccl-hardware": Cause(
        pods.failed,
        "[rank{rank}] step 377 loss 2.1177\n"
        "{node}:48211:48390 [3] misc/socket.cc:71 NCCL WARN socketProgress: Connection closed by remote peer\n"
        "{node}:48211:48390 [3] proxy.cc:1521 NCCL WARN [Service thread] Could not receive type from localRank 3\n"
        + _TRACEBACK
        + "torch.distributed.DistBackendError: NCCL error in: ProcessGroupNCCL.cpp:3384, unhandled "
        "system error (run with NCCL_DEBUG=INFO for details), NCCL version 2.27.5\n",
        (Said("GpuUnhealthy", _XID_79, "node-problem-detector"),),
        cured=1.0,
    ),
    "nccl-timeout": Cause(
        partial(pods.failed, exit_code=134),
        "[rank{rank}] step 1203 loss 1.6640\n"
        "[rank{rank}]:[E1123 08:12:44.119 ProcessGroupNCCL.cpp:685] [Rank {rank}] Watchdog caught collective operation "
        "timeout: WorkNCCL(SeqNum=10233, OpType=ALLREDUCE, NumelIn=16777216, Timeout(ms)=600000) ran for 600021 "
        "milliseconds before timing out.\n"
        "terminate called after throwing an instance of 'c10::DistBackendError'\n",
        cured=0.9,
    ),
    PEER_LOST: Cause(
        partial(pods.failed, exit_code=1),
        "[rank{rank}] step 1203 loss 1.6640\n"
        "{node}:5120:5391 [0] transport/net_socket.cc:507 NCCL WARN socketProgress: Connection closed by remote peer\n"
        + _TRACEBACK
        + "torch.distributed.DistBackendError: NCCL error in: ProcessGroupNCCL.cpp:2251, remote process exited or "
        "there was a network error, NCCL version 2.27.5\n",
    ),
    "image-not-found": Cause(
        partial(pods.image_pull_backoff, why="failed to resolve reference: not found"),
        events=(
            Said(
                "Failed",
                'Failed to pull image "{image}": rpc error: code = NotFound desc = failed to pull and unpack '
                'image "{image}": failed to resolve reference "{image}": {image}: not found: manifest unknown',
            ),
            Said("BackOff", 'Back-off pulling image "{image}"'),
        ),
        change=partial(_on_image, HEALTHY_IMAGE),
        cured=1.0,
        is_stuck=True,
    ),
    "missing-libcudnn": Cause(
        pods.failed,
        _TRACEBACK + '  File "/opt/venv/lib/python3.12/site-packages/torch/__init__.py", line 405, in <module>\n'
        "    from torch._C import *\n"
        "ImportError: libcudnn.so.9: cannot open shared object file: No such file or directory\n",
        change=partial(_on_image, MENDED_VISION_IMAGE),
        cured=1.0,
    ),
    "connection-refused": Cause(
        pods.failed,
        "connecting to feature-store.production.svc:6566\n"
        + _TRACEBACK
        + "ConnectionRefusedError: [Errno 111] Connection refused\n",
        (Said("BackOff", "Back-off restarting failed container main in pod {pod}"),),
    ),
    "missing-module": Cause(pods.failed, _TRACEBACK + "ModuleNotFoundError: No module named 'flash_attn'\n", cured=0.7),
    "missing-file": Cause(
        pods.failed,
        _TRACEBACK + "FileNotFoundError: [Errno 2] No such file or directory: '/data/shards/train-00412.parquet'\n",
        cured=0.9,
    ),
    "disk-full": Cause(
        pods.failed,
        "saving checkpoint step_4000 to /data/checkpoints\n"
        + _TRACEBACK
        + "OSError: [Errno 28] No space left on device\n",
        cured=0.8,
    ),
    "nan-loss": Cause(
        pods.failed,
        "step 2210 loss nan grad_norm nan\n" + _TRACEBACK + "FloatingPointError: Loss is nan, stopping training\n",
        change=partial(_with_option, "--lr=1e-5"),
        cured=0.8,
    ),
    "segfault": Cause(partial(pods.failed, exit_code=139), "step 118 loss 3.0112\nSegmentation fault (core dumped)\n"),
    "no-licence": Cause(
        pods.failed,
        "checking out a licence\nlicence server lic-2.example did not answer within 30 s, giving up\n",
    ),
    "evicted": Cause(
        pods.evicted,
        events=(
            Said("Evicted", "The node was low on resource: memory. Threshold quantity: 100Mi, available: 61552Ki."),
        ),
        cured=0.9,
    ),
    "unschedulable": Cause(
        pods.unschedulable,
        events=(
            Said(
                "FailedScheduling",
                "0/16 nodes are available: 16 Insufficient nvidia.com/gpu. preemption: 0/16 nodes "
                "are available: 16 No preemption victims found for incoming pod.",
                "default-scheduler",
            ),
        ),
        cured=1.0,
        is_stuck=True,
    ),
}
