"""How many accelerators a pod has, and of which type, from what its containers and claims ask for and where it runs. A
share counts as a share, none is 0, and what cannot be known is None: never zero."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from bot.domain.workload.accelerator_units import Asked, GpuNode, unit_of
from bot.domain.workload.quantity import amount

Count: TypeAlias = float | None
_FRACTION, _DEVICES, _MEMORY = "gpu-fraction", "gpu-fraction-num-devices", "gpu-memory"
"""Annotations of KAI and Run:ai: a share of each of some devices, by compute or by MiB of memory."""
_GPU_MEMORY = "nvidia.com/gpu.memory"
_TYPE_LABELS = (
    "nvidia.com/gpu.product",
    "amd.com/gpu.product-name",
    "run.ai/type",
    "cloud.google.com/gke-accelerator",
    "cloud.google.com/gke-tpu-accelerator",
    "karpenter.k8s.aws/instance-gpu-name",
    "karpenter.k8s.aws/instance-accelerator-name",
    "gpu.nvidia.com/class",
    "gpu.intel.com/product",
    "accelerator",
)
_MOST = 1e6


@dataclass(frozen=True, slots=True, kw_only=True)
class PodRequests:
    """What the containers of a pod ask for."""

    mains: Sequence[Asked] = ()
    inits: Sequence[tuple[Asked, bool]] = ()
    """Each init container, in order, and whether it stays beside the others (a native sidecar)."""
    pod: Asked | None = None
    """`spec.resources`: what the pod as a whole asks for."""
    claimed: Count = 0.0
    """Accelerators of its DRA claims; None where it has claims that are not known."""


def gpu_count(request: PodRequests, annotations: Mapping[str, str], node: GpuNode) -> Count:
    """Accelerators of a pod; `node` is where it runs, else what its node selector says."""
    if (shared := _annotated(annotations, node)) is not None:
        return shared
    if annotations.get(_MEMORY):
        return None
    mains = _sum(_share(asked, node) for asked in request.mains)
    total = _at_most(_beside_inits(mains, request.inits, node), _share(request.pod or {}, node))
    if request.claimed is None:
        return _bounded(total or None)
    return _bounded(_sum((total, request.claimed)))


def gpu_type(*labels: Mapping[str, str]) -> str | None:
    """The GPU's product name from labels of the node or a pod's node selector, the first that is there."""
    return next((found[key] for found in labels for key in _TYPE_LABELS if found.get(key)), None)


def _annotated(annotations: Mapping[str, str], node: GpuNode) -> Count:
    devices = _number(annotations.get(_DEVICES)) or 1.0
    if (share := _number(annotations.get(_FRACTION))) is not None:
        return _bounded(share * devices)
    memory, whole = _number(annotations.get(_MEMORY)), node.number(_GPU_MEMORY)
    return _bounded(min(memory / whole, 1.0) * devices) if memory and whole else None


def _beside_inits(mains: Count, inits: Sequence[tuple[Asked, bool]], node: GpuNode) -> Count:
    """As the scheduler counts: sidecars stand beside everything that starts after them, and an init container has what
    it asks for before the others start (Kubernetes, "Sidecar containers": resource sharing)."""
    beside: Count = 0.0
    peak: Count = 0.0
    for asked, stays in inits:
        share = _share(asked, node)
        if stays:
            beside = _sum((beside, share))
        else:
            peak = _at_most(peak, _sum((beside, share)))
    return _at_most(_sum((mains, beside)), peak)


def _share(asked: Asked, node: GpuNode) -> Count:
    """Accelerators of one container."""
    return _sum(_product(unit_of(name, asked, node), quantity) for name, quantity in asked.items())


def _product(unit: Count, quantity: str | float) -> Count:
    """Some units; a quantity that is none leaves the count unknown."""
    count = amount(str(quantity)) if unit != 0.0 else 0.0
    if count == 0.0:
        return 0.0
    return None if unit is None or count is None or not 0.0 < count < _MOST else unit * count


def _sum(counts: Iterable[Count]) -> Count:
    total = 0.0
    for count in counts:
        if count is None:
            return None
        total += count
    return total


def _at_most(one: Count, other: Count) -> Count:
    """The greater one; unknown beside unknown."""
    return None if one is None or other is None else max(one, other)


def _bounded(count: Count) -> Count:
    return round(count, 3) if count is not None and count < _MOST else None


def _number(quantity: str | float | None) -> Count:
    """A quantity above zero; None for what is none."""
    value = amount(str(quantity)) if quantity is not None else None
    return value if value is not None and 0.0 < value < _MOST else None
