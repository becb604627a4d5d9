"""How many GPUs a pod has, and of which type, from its resources and labels."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

_WHOLE = frozenset(
    {
        "nvidia.com/gpu",
        "amd.com/gpu",
        "gpu.intel.com/i915",
        "gpu.intel.com/xe",
        "habana.ai/gaudi",
        "aws.amazon.com/neuron",
        "google.com/tpu",
    }
)
_SLICE = re.compile(r"nvidia\.com/mig-(\d)g\.\d+gb.*")
_SLICES_OF_A_GPU = 7
"""NVIDIA's MIG cuts a GPU into seven compute slices."""
_FRACTION, _DEVICES = "gpu-fraction", "gpu-fraction-num-devices"
_TYPE_LABELS = (
    "nvidia.com/gpu.product",
    "amd.com/gpu.product-name",
    "run.ai/type",
    "cloud.google.com/gke-accelerator",
    "karpenter.k8s.aws/instance-gpu-name",
    "gpu.nvidia.com/class",
    "accelerator",
)


def gpu_count(requests: Iterable[Mapping[str, str | int | float]], annotations: Mapping[str, str]) -> float | None:
    """GPUs of all containers of a pod, shares as fractions (MIG by compute slices); None where it asks for none."""
    if (share := _number(annotations.get(_FRACTION))) is not None:
        return share * (_number(annotations.get(_DEVICES)) or 1.0)
    total = sum(_share(name) * (_number(amount) or 0.0) for each in requests for name, amount in each.items())
    return round(total, 3) or None


def gpu_type(*labels: Mapping[str, str]) -> str | None:
    """The GPU's product name from labels of the node or a pod's node selector, the first that is there."""
    return next((found[key] for found in labels for key in _TYPE_LABELS if found.get(key)), None)


def _share(resource: str) -> float:
    if resource in _WHOLE:
        return 1.0
    match = _SLICE.fullmatch(resource)
    return int(match[1]) / _SLICES_OF_A_GPU if match else 0.0


def _number(amount: str | float | None) -> float | None:
    """A count as Kubernetes writes it; None for what is no finite number above zero."""
    try:
        value = float(amount) if amount is not None else 0.0
    except ValueError:
        return None
    return value if 0.0 < value < 1e6 else None
