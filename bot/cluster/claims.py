"""Claims on devices (dynamic resource allocation): which a pod has, and how many accelerators they are. A claim that
may not be read, or is gone, leaves the count unknown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TypeAlias

import msgspec

from bot.cluster.pods import Metadata, Pod, Text
from bot.cluster.register import Lookup
from bot.cluster.salvage import Decoder, Undecodable
from bot.domain.workload.accelerator_units import GpuNode, mig_share, of_device_class
from bot.domain.workload.accelerators import Count

_PROFILE = re.compile(r"(?:\dc\.)?\dg\.?\d{1,3}gb", re.IGNORECASE)


class _Selector(msgspec.Struct):
    cel: dict[str, str] | None = None


class _Exactly(msgspec.Struct, rename="camel"):
    device_class_name: Text = None
    count: int | None = None
    allocation_mode: Text = None
    selectors: list[_Selector] | None = None


class _Request(_Exactly, rename="camel"):
    name: Text = None
    exactly: _Exactly | None = None
    """Since v1beta2; before, its fields stood in the request itself."""


class _Result(msgspec.Struct, rename="camel"):
    request: Text = None
    driver: Text = None
    pool: Text = None
    device: Text = None
    admin_access: bool | None = None


class _Devices(msgspec.Struct, rename="camel"):
    requests: list[_Request] | None = None
    results: list[_Result] | None = None


class _Spec(msgspec.Struct):
    devices: _Devices = msgspec.field(default_factory=_Devices)


class _Consumer(msgspec.Struct, gc=False):
    resource: Text = None
    uid: Text = None


class _Status(msgspec.Struct, rename="camel"):
    allocation: _Spec | None = None
    reserved_for: list[_Consumer] | None = None


class ResourceClaim(msgspec.Struct):
    """A claim, and what was allocated for it."""

    metadata: Metadata = msgspec.field(default_factory=Metadata)
    spec: _Spec = msgspec.field(default_factory=_Spec)
    status: _Status = msgspec.field(default_factory=_Status)

    @property
    def devices(self) -> Iterator[str]:
        """The devices it got, as driver/pool/device."""
        for each in self._results:
            yield f"{each.driver}/{each.pool}/{each.device}"

    @property
    def _results(self) -> list[_Result]:
        return (self.status.allocation.devices.results if self.status.allocation else None) or []

    def count(self) -> Count:
        """Accelerators that one pod has by it: those it got, else those it asks for; shared ones in parts."""
        if self._results:
            counts = [0.0 if each.admin_access else self._of(each) for each in self._results]
        else:
            counts = [_asked(each.exactly or each) for each in self.spec.devices.requests or ()]
        if any(each is None for each in counts):
            return None
        return sum(each or 0.0 for each in counts) / max(len(self.status.reserved_for or ()), 1)

    def _of(self, result: _Result) -> Count:
        unit = of_device_class(result.driver or "")
        if not unit or "mig" not in (result.device or "").lower():
            return unit
        asked = next((each for each in self.spec.devices.requests or () if each.name == result.request), None)
        return _profile(result.device or "") or (_selected(asked.exactly or asked) if asked is not None else None)


def _asked(request: _Exactly) -> Count:
    name = request.device_class_name
    if not name or request.allocation_mode == "All":
        return None
    unit = of_device_class(name)
    unit = _selected(request) if unit is None else unit
    return None if unit is None else unit * (request.count or 1)


def _selected(request: _Exactly) -> Count:
    """The share that the selectors name: `device.attributes[...].profile == '1g.10gb'`."""
    text = " ".join(each.cel.get("expression", "") for each in request.selectors or () if each.cel)
    return _profile(text)


def _profile(text: str) -> Count:
    match = _PROFILE.search(text)
    profile = re.sub(r"g\.?(?=\d)", "g.", match[0].lower()) if match else ""
    return mig_share(profile, GpuNode())


ClaimKey: TypeAlias = tuple[str, str]
"""Namespace and name."""


def claims_by_name(raws: Iterable[msgspec.Raw]) -> Mapping[ClaimKey, ResourceClaim]:
    """Each claim by its namespace and name."""
    decoder, claims = Decoder(ResourceClaim), {}
    for raw in raws:
        try:
            claim = decoder.decode(raw)
        except Undecodable:
            continue
        claims[(claim.metadata.namespace or "", claim.metadata.name or "")] = claim
    return claims


def claims_of(pod: Pod, claims: Lookup[ClaimKey, ResourceClaim]) -> list[ResourceClaim | None]:
    """The pod's claims; None for each that is not known."""
    asked = pod.spec.resource_claims
    if not asked:
        return []
    made = {each.name: each.resource_claim_name for each in pod.status.resource_claim_statuses or ()}
    names = [each.resource_claim_name or made.get(each.name) for each in asked]
    return [claims.get((pod.metadata.namespace or "", name)) if name else None for name in names]


def claimed(found: Iterable[ResourceClaim | None]) -> Count:
    """Accelerators of all these claims; None where one of them is not known."""
    total = 0.0
    for claim in found:
        count = claim.count() if claim is not None else None
        if count is None:
            return None
        total += count
    return total
