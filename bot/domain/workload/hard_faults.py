"""The signatures that convict a node at once: its accelerators, or the node itself, are broken, whatever ran there."""

from __future__ import annotations

HARD_FAULTS = frozenset(
    {
        "gpu-xid-46",
        "gpu-xid-48",
        "gpu-xid-62",
        "gpu-xid-64",
        "gpu-xid-74",
        "gpu-xid-79",
        "gpu-xid-95",
        "gpu-xid-119",
        "gpu-xid-120",
        "gpu-xid-140",
        "gpu-xid-143",
        "gpu-xid-158",
        "gpu-ecc-uncorrectable",
        "gpu-missing",
        "amdgpu-ecc-uncorrectable",
        "amdgpu-unhealthy",
        "intel-gpu-fault",
        "gaudi-fault",
        "tpu-fault",
        "neuron-fault",
        "device-unhealthy",
        "machine-check-error",
    }
)
"""Of NVIDIA's numbers those for which it asks for a reset or a restart, and that no program brings about by itself."""
