"""Taints of devices (dynamic resource allocation): drivers put them into the ResourceSlices of their node, people into
DeviceTaintRules."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

import msgspec

from bot.cluster.pods import Metadata, Taint, Text, when
from bot.cluster.salvage import Decoder, Undecodable
from bot.domain.workload.accelerator_units import of_device_class
from bot.domain.workload.node_signs import Sign, taint_sign

T = TypeVar("T", bound=msgspec.Struct)


class _Basic(msgspec.Struct):
    taints: list[Taint] | None = None


class _Device(msgspec.Struct):
    name: Text = None
    taints: list[Taint] | None = None
    basic: _Basic | None = None
    """Of v1beta1, which had the device's own fields here."""

    @property
    def all_taints(self) -> Sequence[Taint]:
        """Its taints, in either shape."""
        return self.taints or (self.basic.taints if self.basic is not None else None) or ()


class _Pool(msgspec.Struct):
    name: Text = None


class _SliceSpec(msgspec.Struct, rename="camel"):
    driver: Text = None
    node_name: Text = None
    pool: _Pool = msgspec.field(default_factory=_Pool)
    devices: list[_Device] | None = None


class ResourceSlice(msgspec.Struct):
    """The devices that a driver offers, mostly of one node."""

    metadata: Metadata = msgspec.field(default_factory=Metadata)
    spec: _SliceSpec = msgspec.field(default_factory=_SliceSpec)


class _Selected(msgspec.Struct):
    driver: Text = None
    pool: Text = None
    device: Text = None


class _RuleSpec(msgspec.Struct, rename="camel"):
    device_selector: _Selected | None = None
    taint: Taint = msgspec.field(default_factory=Taint)


class DeviceTaintRule(msgspec.Struct):
    """A taint that a person puts on the devices that fit."""

    metadata: Metadata = msgspec.field(default_factory=Metadata)
    spec: _RuleSpec = msgspec.field(default_factory=_RuleSpec)


def device_signs(slices: Iterable[ResourceSlice], rules: Sequence[DeviceTaintRule]) -> Iterator[Sign]:
    """What the taints of the accelerators in these slices say is wrong, each with its device as driver/pool/device."""
    for each in slices:
        driver, pool = each.spec.driver or "", each.spec.pool.name or ""
        if not of_device_class(driver):
            continue
        for device in each.spec.devices or ():
            name = device.name or ""
            by_rules = [rule.spec.taint for rule in rules if _fits(rule.spec.device_selector, driver, pool, name)]
            for taint in (*device.all_taints, *by_rules):
                if sign := _sign(taint, f"{driver}/{pool}/{name}"):
                    yield sign


def _sign(taint: Taint, device: str) -> Sign | None:
    return taint_sign(taint.key or "", taint.value or "", taint.effect or "", when(taint.time_added), device=device)


def _fits(selected: _Selected | None, driver: str, pool: str, device: str) -> bool:
    """Whether a rule is about this device. One that selects by other means is left aside."""
    if selected is None or not (selected.driver or selected.pool or selected.device):
        return False
    asked = ((selected.driver, driver), (selected.pool, pool), (selected.device, device))
    return all(want in {None, has} for want, has in asked)


def slices(raws: Iterable[msgspec.Raw]) -> list[ResourceSlice]:
    """The slices, without what is none."""
    return list(_decoded(raws, Decoder(ResourceSlice)))


def taint_rules(raws: Iterable[msgspec.Raw]) -> list[DeviceTaintRule]:
    """The rules, without what is none."""
    return list(_decoded(raws, Decoder(DeviceTaintRule)))


def _decoded(raws: Iterable[msgspec.Raw], decoder: Decoder[T]) -> Iterator[T]:
    for raw in raws:
        try:
            yield decoder.decode(raw)
        except Undecodable:
            continue
