"""Dynamic Resource Allocation: a pod claims devices by name of a claim, or of a template that a claim is made from for
it alone. The pod then asks for no `nvidia.com/gpu` at all: what it has stands in the claim's status, once the scheduler
has chosen devices from what drivers publish (ResourceSlices) of the node. A device with a NoSchedule or NoExecute taint
is not chosen.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from playground.kube.cluster import Body, NotThere
from playground.kube.control.plane import ControlPlane, Observed
from playground.kube.devices import requests_of
from playground.kube.resources import CLAIM_TEMPLATES, CLAIMS, DEVICE_TAINT_RULES, PODS, SLICES

_Pod = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Device:
    """One device of a node, as its driver published it."""

    driver: str
    pool: str
    name: str


class Claims:
    """Makes claims from templates, and finds devices for the scheduler."""

    resources = (PODS,)

    def __init__(self, plane: ControlPlane) -> None:
        self._plane = plane

    def changed(self, seen: Observed) -> None:
        """A new pod that names templates gets its claims."""
        pod = seen.after
        if seen.gone or seen.before is not None or "resourceClaimStatuses" in pod["status"]:
            return
        asked = [each for each in pod["spec"].get("resourceClaims", ()) if "resourceClaimTemplateName" in each]
        made = [{"name": each["name"], "resourceClaimName": self._make(pod, each)} for each in asked]
        if made:
            self._plane.edit(PODS, pod, lambda body: body["status"].update(resourceClaimStatuses=made))

    def _make(self, pod: Body, asked: Body) -> str:
        metadata = pod["metadata"]
        template = self._plane.cluster.get(CLAIM_TEMPLATES, metadata["namespace"], asked["resourceClaimTemplateName"])
        owner = {
            "apiVersion": "v1",
            "kind": "Pod",
            "name": metadata["name"],
            "uid": metadata["uid"],
            "controller": True,
        }
        body = {
            "metadata": {
                "generateName": f"{metadata['name']}-{asked['name']}-",
                "namespace": metadata["namespace"],
                "ownerReferences": [owner],
            },
            "spec": template["spec"]["spec"],
        }
        return str(self._plane.create(CLAIMS, body)["metadata"]["name"])

    def of(self, pod: _Pod) -> list[Body] | None:
        """The claims of a pod; None while one of them is not there yet."""
        made = {each["name"]: each["resourceClaimName"] for each in pod["status"].get("resourceClaimStatuses", ())}
        found = []
        for each in pod["spec"].get("resourceClaims", ()):
            name = each.get("resourceClaimName") or made.get(each["name"])
            try:
                found.append(self._plane.cluster.get(CLAIMS, pod["metadata"]["namespace"], name or ""))
            except NotThere:
                return None
        return found

    def choose(self, pod: _Pod, node: str) -> list[tuple[Body, list[tuple[str, Device]]]] | None:
        """Devices on the node for each claim of the pod that has none yet, by the claim's requests; None where they do
        not suffice, or a claim has devices on another node."""
        claims = self.of(pod)
        if claims is None:
            return None
        free, chosen = [each for each, taints in self.published(node) if not taints], []
        for claim in claims:
            held = devices_of(claim)
            if held and all(each.pool != node for _, each in held):
                return None
            wanted: list[tuple[str, Device]] = []
            for request, driver, count in () if held else requests_of(claim):
                fitting = [each for each in free if each.driver == driver][:count]
                if len(fitting) < count:
                    return None
                free = [each for each in free if each not in fitting]
                wanted += [(request, each) for each in fitting]
            chosen.append((claim, wanted))
        return chosen

    def allocate(self, pod: _Pod, chosen: Sequence[tuple[Body, list[tuple[str, Device]]]]) -> None:
        """Give the claims their devices, for this pod."""
        user = {"resource": "pods", "name": pod["metadata"]["name"], "uid": pod["metadata"]["uid"]}
        for claim, wanted in chosen:
            results = [
                {"request": request, "driver": each.driver, "pool": each.pool, "device": each.name}
                for request, each in wanted
            ]

            def give(body: Body, results: list[dict[str, str]] = results) -> None:
                status = body.setdefault("status", {})
                status.setdefault("reservedFor", []).append(user)
                if results:
                    status["allocation"] = {"devices": {"results": results}}

            self._plane.edit(CLAIMS, claim, give)

    def published(self, node: str | None = None) -> Iterator[tuple[Device, list[Body]]]:
        """The devices of a node, or of all, that nobody has, each with the taints that keep pods away; those that
        somebody has only where all are asked for."""
        taken = {device for claim in self._plane.all_of(CLAIMS) for _, device in devices_of(claim)}
        rules = [each["spec"] for each in self._plane.all_of(DEVICE_TAINT_RULES)]
        for body in self._plane.all_of(SLICES):
            spec = body["spec"]
            if node is not None and spec.get("nodeName") != node:
                continue
            for each in spec.get("devices", ()):
                device = Device(spec["driver"], spec["pool"]["name"], each["name"])
                if node is None or device not in taken:
                    yield (
                        device,
                        [*each.get("taints", ()), *(rule["taint"] for rule in rules if _is_meant(rule, device))],
                    )


def devices_of(claim: _Pod) -> list[tuple[str, Device]]:
    """The devices that a claim has, by its requests."""
    results = ((claim.get("status") or {}).get("allocation") or {}).get("devices", {}).get("results", ())
    return [(each["request"], Device(each["driver"], each["pool"], each["device"])) for each in results]


def _is_meant(rule: _Pod, device: Device) -> bool:
    wanted = rule.get("deviceSelector") or {}
    found = {"driver": device.driver, "pool": device.pool, "device": device.name}
    return all(wanted.get(key) in {None, value} for key, value in found.items())
