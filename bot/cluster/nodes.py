"""Reads which versions each node runs: of its GPU driver by the labels of feature discovery, of all else by what the
kubelet says. It lists the nodes now and then and watches nothing."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime

import msgspec

from bot.cluster.client import ClusterClient
from bot.cluster.pods import Metadata, Text
from bot.cluster.salvage import Decoder, Undecodable
from bot.domain.text.masking import masked_line
from bot.domain.workload.accelerators import gpu_type
from bot.domain.workload.version import DRIVER, GPU, INSTANCE, KERNEL, KUBELET, RUNTIME, SYSTEM, VersionSeen

log = logging.getLogger(__name__)
_LONGEST = 100
_NEW, _OLD = "nvidia.com/cuda.driver-version", "nvidia.com/cuda.driver"
"""How NVIDIA's GPU feature discovery names the driver, and how it named it first."""
_DRIVER = (f"{_NEW}.full", "amd.com/gpu.driver-version")
_DRIVER_PARTS = (
    (f"{_NEW}.major", f"{_NEW}.minor", f"{_NEW}.revision"),
    (f"{_OLD}.major", f"{_OLD}.minor", f"{_OLD}.rev"),
)
_INSTANCE = ("node.kubernetes.io/instance-type", "beta.kubernetes.io/instance-type")


class _NodeInfo(msgspec.Struct, rename="camel", gc=False):
    kernel_version: Text = None
    os_image: Text = None
    container_runtime_version: Text = None
    kubelet_version: Text = None


class _Status(msgspec.Struct, rename="camel"):
    node_info: _NodeInfo = msgspec.field(default_factory=_NodeInfo)


class _Node(msgspec.Struct):
    metadata: Metadata = msgspec.field(default_factory=Metadata)
    status: _Status = msgspec.field(default_factory=_Status)


Labels = Mapping[str, str]


class NodeVersions:
    """The versions on the nodes of one cluster; satisfies `bot.services.recording.node_versions.Nodes`."""

    def __init__(self, client: ClusterClient, cluster: str) -> None:
        self._client, self._cluster = client, cluster

    def seen(self, at: datetime) -> list[VersionSeen]:
        """What the nodes run at this time. Raises Unavailable."""
        return list(versions(self._client.nodes(), self._cluster, at))


def versions(nodes: Iterable[msgspec.Raw], cluster: str, at: datetime) -> Iterator[VersionSeen]:
    """What these nodes say of themselves; what one does not say is left out, and one that is none is skipped."""
    decoder = Decoder(_Node)
    for raw in nodes:
        try:
            node = decoder.decode(raw)
        except Undecodable:
            log.warning("%s lists something that is no node: %.200r", cluster, bytes(raw)[:200])
            continue
        for what, read in _READ.items():
            value = masked_line(read(node.metadata.labels or {}, node.status.node_info) or "", _LONGEST)
            if node.metadata.name and value:
                yield VersionSeen(cluster=cluster, what=what, subject=node.metadata.name, value=value, at=at)


def _driver(labels: Labels) -> str | None:
    in_parts = (".".join(labels[key] for key in keys if labels.get(key)) for keys in _DRIVER_PARTS)
    return _first(labels, _DRIVER) or next(filter(None, in_parts), None)


def _first(labels: Labels, keys: Iterable[str]) -> str | None:
    return next((labels[key] for key in keys if labels.get(key)), None)


_READ: Mapping[str, Callable[[Labels, _NodeInfo], str | None]] = {
    DRIVER: lambda labels, _: _driver(labels),
    KERNEL: lambda _, info: info.kernel_version,
    SYSTEM: lambda _, info: info.os_image,
    RUNTIME: lambda _, info: info.container_runtime_version,
    KUBELET: lambda _, info: info.kubelet_version,
    GPU: lambda labels, _: gpu_type(labels),
    INSTANCE: lambda labels, _: _first(labels, _INSTANCE),
}
