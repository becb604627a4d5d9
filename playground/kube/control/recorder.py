"""Events, as kubelet and controllers record them: what happens again is counted on the event that is there, whose text,
first time and name stay; a `count` of 6 is six times, the last one at `lastTimestamp`."""

from __future__ import annotations

from typing import Any

from playground.kube.cluster import Body, NotThere
from playground.kube.control.plane import ControlPlane, place_of
from playground.kube.resources import EVENTS
from playground.kube.times import micro, rfc3339

NORMAL, WARNING = "Normal", "Warning"


class EventRecorder:
    """Records the events of one component, on one host where it runs on nodes."""

    def __init__(self, plane: ControlPlane, component: str) -> None:
        self._plane = plane
        self._component = component
        self._names: dict[tuple[str, ...], tuple[str, str]] = {}

    def record(
        self, about: Body, reason: str, message: str, *, kind: str = NORMAL, host: str = "", container: str = ""
    ) -> None:
        """Say something about an object, or one container of a pod."""
        key = (about["metadata"]["uid"], container, kind, reason, message, host)
        known = self._names.get(key)
        if known is not None and self._again(known):
            return
        event = self._new(about, reason, message, kind, container)
        source = {"component": self._component, **({"host": host} if host else {})}
        at = rfc3339(self._plane.now)
        event |= {"count": 1, "firstTimestamp": at, "lastTimestamp": at, "eventTime": None, "source": source}
        event["reportingInstance"] = host
        self._names[key] = place_of(self._plane.cluster.put(EVENTS, event))

    def record_once(self, about: Body, reason: str, message: str, *, action: str, kind: str = NORMAL) -> None:
        """Say something in the newer form of events, as the scheduler does: `eventTime` and `action`, without a count
        and the older times."""
        event = self._new(about, reason, message, kind, "")
        event |= {"action": action, "eventTime": micro(self._plane.now), "firstTimestamp": None, "lastTimestamp": None}
        event["source"] = {}
        self._plane.cluster.put(EVENTS, event)

    def _again(self, known: tuple[str, str]) -> bool:
        try:
            event = self._plane.cluster.get(EVENTS, *known)
        except NotThere:
            return False
        event |= {"count": event["count"] + 1, "lastTimestamp": rfc3339(self._plane.now)}
        self._plane.cluster.put(EVENTS, event)
        return True

    def _new(self, about: Body, reason: str, message: str, kind: str, container: str) -> dict[str, Any]:
        metadata = about["metadata"]
        namespace = metadata.get("namespace", "default")
        involved = {
            "apiVersion": about["apiVersion"],
            "kind": about["kind"],
            "namespace": namespace,
            "name": metadata["name"],
            "uid": metadata["uid"],
            "resourceVersion": metadata["resourceVersion"],
        }
        if container:
            involved["fieldPath"] = f"spec.containers{{{container}}}"
        name = f"{metadata['name']}.{self._plane.rng.getrandbits(64):016x}"
        created = rfc3339(self._plane.now)
        return {
            "metadata": {"name": name, "namespace": namespace, "creationTimestamp": created},
            "involvedObject": involved,
            "reason": reason,
            "message": message,
            "type": kind,
            "reportingComponent": self._component,
            "reportingInstance": f"{self._component}-0",
        }
