"""The pod condition DisruptionTarget: who brings a pod down says so in the pod's status first, and deletes it next.

None of them looks whether the pod has ended already, so a failure of last week that lies on a node which is tainted
today gets the condition too, and is gone a moment later. The condition's reason is all that tells them apart.
Reasons and messages: kubernetes pkg/controller/tainteviction, podgc, devicetainteviction, registry/core/pod/storage,
pkg/scheduler/framework/preemption.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from playground.kube.cluster import Body
from playground.kube.control.plane import ControlPlane
from playground.kube.control.statuses import set_condition
from playground.kube.resources import PODS

DISRUPTION_TARGET = "DisruptionTarget"


@dataclass(frozen=True, slots=True)
class Disruption:
    """Why a pod is brought down, as its condition says it."""

    reason: str
    message: str


PREEMPTED = Disruption("PreemptionByScheduler", "default-scheduler: preempting to accommodate a higher priority pod")
EVICTED = Disruption("EvictionByEvictionAPI", "Eviction API: evicting")
TAINTED = Disruption("DeletionByTaintManager", "Taint manager: deleting due to NoExecute taint")
DEVICE_TAINTED = Disruption("DeletionByDeviceTaintManager", "Device Taint manager: deleting due to NoExecute taint")
OUT_OF_SERVICE = Disruption("DeletionByPodGC", "PodGC: node is out of service")
NODE_GONE = Disruption("DeletionByPodGC", "PodGC: node no longer exists")


def disrupt(plane: ControlPlane, pod: Body, why: Disruption) -> None:
    """Mark the pod, then delete it; it gets its grace period."""
    plane.edit(PODS, pod, lambda body: mark(body, why, plane.now))
    plane.delete(PODS, pod)


def mark(pod: Body, why: Disruption, now: datetime) -> None:
    """Set the condition on a pod's JSON."""
    set_condition(pod, DISRUPTION_TARGET, is_true=True, now=now, reason=why.reason, message=why.message)
