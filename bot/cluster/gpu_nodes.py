"""What nodes say of their accelerators, as far as counts and types of GPUs need it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

import msgspec

from bot.cluster.pods import Node, Quantities
from bot.cluster.salvage import Decoder, Undecodable
from bot.domain.workload.accelerator_units import GpuNode

_KEPT = re.compile(
    r"(?:nvidia|amd|intel|habana|aliyun|volcano|huawei|aws|karpenter)\..*|cloud\.google\.com/gke-.*"
    r"|gpu\.(?:nvidia|intel)\.com/.*|run\.ai/type|accelerator"
)
"""Labels and resources that tell of accelerators."""


def gpu_nodes(raws: Iterable[msgspec.Raw]) -> Mapping[str, GpuNode]:
    """Each node by its name."""
    decoder, nodes = Decoder(Node), {}
    for raw in raws:
        try:
            node = decoder.decode(raw)
        except Undecodable:
            continue
        if node.metadata.name:
            nodes[node.metadata.name] = gpu_node(node)
    return nodes


def gpu_node(node: Node) -> GpuNode:
    """What this node says."""
    return GpuNode(_kept(node.metadata.labels), _kept(node.status.capacity))


def _kept(said: Quantities | dict[str, str]) -> dict[str, str]:
    return {key: str(value) for key, value in (said or {}).items() if _KEPT.fullmatch(key)}
