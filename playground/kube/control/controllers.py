"""All controllers of the simulated cluster, put together."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from playground.kube.cluster import SimulatedCluster
from playground.kube.control.kubelet import Kubelet
from playground.kube.control.plane import ControlPlane
from playground.kube.control.termination import Termination


@dataclass(frozen=True, slots=True)
class Controllers:
    """What runs in the cluster; nothing moves unless `plane` is stepped."""

    plane: ControlPlane
    kubelet: Kubelet
    termination: Termination


def controllers(cluster: SimulatedCluster, *, now: datetime, seed: int = 0) -> Controllers:
    """The controllers of this cluster, whose time begins `now`."""
    plane = ControlPlane(cluster, now=now, seed=seed)
    kubelet = Kubelet(plane)
    termination = Termination(plane, kubelet)
    plane.run(kubelet, termination)
    return Controllers(plane, kubelet, termination)
