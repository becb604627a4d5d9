"""The device taint manager (since 1.36): a driver, or an admin with a DeviceTaintRule, taints one device with
NoExecute, and the pods that have it must go. Their node is well, and they did nothing wrong: the device is broken.
(kubernetes pkg/controller/devicetainteviction)
"""

from __future__ import annotations

from functools import partial

from playground.kube.cluster import Body
from playground.kube.control.claims import Claims, devices_of
from playground.kube.control.disruption import DEVICE_TAINTED, disrupt
from playground.kube.control.plane import ControlPlane, Observed
from playground.kube.control.recorder import EventRecorder
from playground.kube.resources import DEVICE_TAINT_RULES, PODS, SLICES

_TO_EVICT = 0.5


class DeviceTaints:
    """Follows what is published of devices."""

    resources = (SLICES, DEVICE_TAINT_RULES)

    def __init__(self, plane: ControlPlane, claims: Claims) -> None:
        self._plane = plane
        self._claims = claims
        self._recorder = EventRecorder(plane, "device-taint-eviction")

    def changed(self, _: Observed) -> None:
        """Devices may have been tainted."""
        tainted = {
            device
            for device, taints in self._claims.published()
            if any(each["effect"] == "NoExecute" for each in taints)
        }
        for pod in self._plane.all_of(PODS) if tainted else ():
            held = {device for claim in self._claims.of(pod) or () for _, device in devices_of(claim)}
            if held & tainted and "deletionTimestamp" not in pod["metadata"]:
                self._plane.after(self._plane.rng.random() * _TO_EVICT, partial(self._evict, pod))

    def _evict(self, pod: Body) -> None:
        where = f"{pod['metadata']['namespace']}/{pod['metadata']['name']}"
        self._recorder.record(pod, "DeviceTaintManagerEviction", f"Marking for deletion Pod {where}")
        disrupt(self._plane, pod, DEVICE_TAINTED)
