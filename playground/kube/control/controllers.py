"""All controllers of the simulated cluster, put together."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

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
