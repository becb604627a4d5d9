"""All controllers of the simulated cluster, put together."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from bot.clock import utc_now
from playground.kube.cluster import SimulatedCluster
from playground.kube.control.claims import Claims
from playground.kube.control.device_taints import DeviceTaints
from playground.kube.control.garbage import GarbageCollector
from playground.kube.control.jobs import Jobs
from playground.kube.control.kubelet import Kubelet
from playground.kube.control.node_lifecycle import NodeLifecycle
from playground.kube.control.plane import ControlPlane
from playground.kube.control.pod_gc import PodGc
from playground.kube.control.resizing import Resizing
from playground.kube.control.scheduler import Scheduler
from playground.kube.control.taint_eviction import TaintEviction
from playground.kube.control.termination import Termination

_STEP_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class Controllers:
    """What runs in the cluster; nothing moves unless `plane` is stepped."""

    plane: ControlPlane
    kubelet: Kubelet
    termination: Termination
    nodes: NodeLifecycle


def controllers(cluster: SimulatedCluster, *, now: datetime, seed: int = 0) -> Controllers:
    """The controllers of this cluster, whose time begins `now`."""
    plane = ControlPlane(cluster, now=now, seed=seed)
    kubelet = Kubelet(plane)
    termination = Termination(plane, kubelet)
    nodes = NodeLifecycle(plane, kubelet)
    claims = Claims(plane)
    plane.run(claims, kubelet, termination, Resizing(plane, kubelet), nodes, TaintEviction(plane), PodGc(plane))
    plane.run(Scheduler(plane, claims), Jobs(plane), GarbageCollector(plane), DeviceTaints(plane, claims))
    return Controllers(plane, kubelet, termination, nodes)


@contextmanager
def living(plane: ControlPlane, *, clock: Callable[[], datetime] = utc_now) -> Iterator[None]:
    """Let the time of the cluster follow a clock until the block ends, twenty steps a second: for whoever acts on it
    from outside and waits for what comes of it."""
    over = threading.Event()

    def live() -> None:
        while not over.wait(_STEP_SECONDS):
            plane.step(clock())

    thread = threading.Thread(target=live, name="control plane", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
