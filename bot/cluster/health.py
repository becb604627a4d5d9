"""What of a pod's devices and volumes is broken, as the node says in the pod itself: exact, and free."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bot.cluster.life import statuses
from bot.cluster.pods import Pod
from bot.domain.text.characters import one_line

_UNHEALTHY = "Unhealthy"
_LONGEST = 300


@dataclass(frozen=True, slots=True)
class BrokenDevice:
    """A device that a container was given, and that is unhealthy."""

    resource: str
    """`nvidia.com/gpu`, or `claim:NAME/REQUEST`."""
    device: str
    message: str = ""

    @property
    def line(self) -> str:
        """As a line of evidence."""
        return f"DeviceUnhealthy: {self.resource} {self.device} is {_UNHEALTHY}{_said(self.message)}"


def broken_devices(pod: Pod) -> Iterator[BrokenDevice]:
    """The devices of all its containers that are unhealthy, each once (`allocatedResourcesStatus`, Kubernetes 1.31)."""
    seen = set()
    for status in statuses(pod):
        for devices in status.allocated_resources_status or ():
            for each in devices.resources or ():
                broken = BrokenDevice(devices.name or "", each.resource_id or "", each.message or "")
                if each.health == _UNHEALTHY and broken not in seen:
                    seen.add(broken)
                    yield broken


def devices_of(pod: Pod, container: str) -> Iterator[str]:
    """The devices that a container was given, as far as the kubelet names them."""
    for status in statuses(pod):
        if status.name == container:
            for devices in status.allocated_resources_status or ():
                yield from (each.resource_id for each in devices.resources or () if each.resource_id)


def health_lines(pod: Pod) -> Iterator[str]:
    """What is broken, one a line of evidence."""
    yield from (one_line(each.line, _LONGEST) for each in broken_devices(pod))
    for volume in pod.status.volume_health or ():
        for each in volume.health_conditions or ():
            said = f"{each.status or 'not well'}{_said(each.reason)}{_said(each.message)}"
            yield one_line(f"VolumeUnhealthy: {volume.name} is {said}", _LONGEST)


def _said(text: str | None) -> str:
    return f": {text}" if text else ""
