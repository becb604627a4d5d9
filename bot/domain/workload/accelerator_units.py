"""What one unit of each resource is in accelerators: a whole card, or a share of one. Where a share depends on the node
(time slices, memory of the card), the node's labels and capacity tell. Sources: the device plugins and schedulers at
the versions in `tests/truth/gpu_resources.tsv`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from bot.domain.workload.quantity import amount

Asked = Mapping[str, str | int | float]
"""Resources that a container asks for."""


@dataclass(frozen=True, slots=True)
class GpuNode:
    """What a node, or a pod's node selector, says of the accelerators."""

    labels: Mapping[str, str] = field(default_factory=dict)
    capacity: Mapping[str, str | int | float] = field(default_factory=dict)

    def number(self, *labels: str) -> float | None:
        """The first of these labels that is a number above zero."""
        return next((value for key in labels if (value := amount(self.labels.get(key))) and value > 0), None)


_Unit = Callable[[re.Match[str], Asked, GpuNode], float | None]
_MIG = re.compile(r"(?:(?P<c>\d)c\.)?(?P<g>\d)g\.(?P<gb>\d{1,3})gb")
_FOUR_SLICES = frozenset({("1", "6"), ("2", "12"), ("4", "24"), ("2", "48"), ("4", "96")})
"""Profiles of cards with four slices, by slices and GB: the A30, and the RTX PRO 6000 Blackwell. Others have seven."""
_FOUR_SLICE_CARDS = re.compile(r"\bA30\b|RTX.PRO.6000", re.IGNORECASE)
_PRODUCT = ("nvidia.com/gpu.product", "cloud.google.com/gke-accelerator")
_REPLICAS = "nvidia.com/{}.replicas"
_SHARED_CLIENTS = "cloud.google.com/gke-max-shared-clients-per-gpu"
_PARTITION = "cloud.google.com/gke-gpu-partition-size"
_GPU_MEMORY = "nvidia.com/gpu.memory"
_PARTITIONS_OF_AMD = {"spx": 1.0, "dpx": 2.0, "tpx": 3.0, "qpx": 4.0}
_DIES_OF_AMD = ((re.compile(r"MI300A"), 6.0), (re.compile(r"MI3[0-9]{2}X"), 8.0))
"""Compute partitions of an AMD Instinct card; CPX cuts it by its dies, so the node has to say which card it is."""
_SINGLE_MIG = re.compile(r"-MIG-(?P<profile>(?:\dc\.)?\dg\.\d{1,3}gb)", re.IGNORECASE)


def mig_share(profile: str, node: GpuNode) -> float | None:
    """The share of a card that a MIG profile is, by its compute slices; None for what is no profile."""
    match = _MIG.match(profile)
    if match is None:
        return None
    product = next((node.labels[key] for key in _PRODUCT if node.labels.get(key)), "")
    four = (match["g"], match["gb"]) in _FOUR_SLICES or _FOUR_SLICE_CARDS.search(product) is not None
    return min(int(match["c"] or match["g"]) / (4 if four else 7), 1.0)


def _nvidia(_: re.Match[str], asked: Asked, node: GpuNode) -> float | None:
    """`nvidia.com/gpu` is a card, unless the node shares it under that name or HAMi hands out a part."""
    if (part := _part(asked, ("nvidia.com/gpucores", "nvidia.com/gpumem-percentage"))) is not None:
        return part
    if (memory := amount(str(asked.get("nvidia.com/gpumem", "")))) is not None:
        return _by_memory(memory, node)
    sliced = _SINGLE_MIG.search(node.labels.get(_PRODUCT[0], ""))
    share = mig_share(sliced["profile"] if sliced else node.labels.get(_PARTITION, ""), node) or 1.0
    clients = node.number(_REPLICAS.format("gpu"), _SHARED_CLIENTS) or 1.0
    return share / max(clients, 1.0)


def _shared(_: re.Match[str], __: Asked, node: GpuNode) -> float | None:
    """A time slice: the node says of how many."""
    replicas = node.number(_REPLICAS.format("gpu"))
    return 1 / replicas if replicas else None


def _mig(match: re.Match[str], _: Asked, node: GpuNode) -> float | None:
    share = mig_share(match["profile"], node)
    if share is None or not match["shared"]:
        return share
    replicas = node.number(_REPLICAS.format(f"mig-{match['profile']}"))
    return share / replicas if replicas else None


def _intel(_: re.Match[str], asked: Asked, __: GpuNode) -> float | None:
    millicores = amount(str(asked.get("gpu.intel.com/millicores", "")))
    count = sum(amount(str(asked.get(f"gpu.intel.com/{name}", 0))) or 0.0 for name in ("i915", "xe"))
    return millicores / 1000 / count if millicores and count else 1.0


def _amd(match: re.Match[str], _: Asked, node: GpuNode) -> float | None:
    product = node.labels.get("amd.com/gpu.product-name", "")
    dies = next((count for card, count in _DIES_OF_AMD if card.search(product)), None)
    parts = _PARTITIONS_OF_AMD.get(match["mode"], dies)
    return 1 / parts if parts else None


def _neuron_core(_: re.Match[str], asked: Asked, node: GpuNode) -> float | None:
    """Cores of a device, by what the node has of both; beside devices they are counted already."""
    if "aws.amazon.com/neuron" in asked or "aws.amazon.com/neurondevice" in asked:
        return 0.0
    devices, cores = (amount(str(node.capacity.get(f"aws.amazon.com/{name}", ""))) for name in ("neuron", "neuroncore"))
    return devices / cores if devices and cores else None


def _vgpu(_: re.Match[str], asked: Asked, node: GpuNode) -> float | None:
    """Volcano's: a part of the cores; where only memory is asked for, a part of that."""
    if (part := _part(asked, ("volcano.sh/vgpu-cores", "volcano.sh/vgpu-memory-percentage"))) is not None:
        return part
    memory = amount(str(asked.get("volcano.sh/vgpu-memory", "")))
    return _by_memory(memory, node) if memory else 1.0


def _by_capacity(match: re.Match[str], _: Asked, node: GpuNode) -> float | None:
    """A unit of memory that is handed out in parts, by how much of it a card of the node has."""
    vendor = match["vendor"]
    whole = amount(str(node.capacity.get(match[0], "")))
    cards = amount(str(node.capacity.get(f"{vendor}/gpu-count", node.capacity.get(f"{vendor}/gpu-number", ""))))
    return cards / whole if whole and cards else None


def _device_class(match: re.Match[str], _: Asked, __: GpuNode) -> float | None:
    """The implicit extended resource of a DeviceClass (KEP-5004): GPUs, unless the class is of something else."""
    return of_device_class(match["cls"])


_WHOLE = re.compile(r"\b(?:gpus?|tpus?|npus?|xpus?|neuron|gaudi|hpus?|accelerators?)\b")
_SHARE = re.compile(r"\bmig\b|vgpu|shared|slice|partition")
_NONE = re.compile(r"\b(?:compute-domain|imex|nets?|nics?|rdma|sriov|dranet|dracpu|cpus?|memory)\b")


def of_device_class(name: str) -> float | None:
    """What a device of this DeviceClass, or of this DRA driver, is in accelerators; None where it does not tell."""
    if _SHARE.search(name):
        return None
    if _NONE.search(name):
        return 0.0
    return 1.0 if _WHOLE.search(name) else None


def _part(asked: Asked, percents: tuple[str, ...]) -> float | None:
    """The share by the first of these percentages that is asked for."""
    for name in percents:
        if (percent := amount(str(asked.get(name, "")))) and percent > 0:
            return min(percent / 100, 1.0)
    return None


def _by_memory(mebibytes: float, node: GpuNode) -> float | None:
    whole = node.number(_GPU_MEMORY)
    return min(mebibytes / whole, 1.0) if whole else None


def _whole(_: re.Match[str], __: Asked, ___: GpuNode) -> float | None:
    return 1.0


def _hundredth(_: re.Match[str], __: Asked, ___: GpuNode) -> float | None:
    return 0.01


def _unknown(_: re.Match[str], __: Asked, ___: GpuNode) -> float | None:
    return None


_UNITS: tuple[tuple[re.Pattern[str], _Unit], ...] = tuple(
    (re.compile(pattern), unit)
    for pattern, unit in (
        (r"nvidia\.com/gpu", _nvidia),
        (r"nvidia\.com/gpu\.shared", _shared),
        (r"nvidia\.com/mig-(?P<profile>(?:\dc\.)?\dg\.\d{1,3}gb(?:\.me)?(?:\.all|\.-me)?)(?P<shared>\.shared)?", _mig),
        (r"deviceclass\.resource\.kubernetes\.io/(?P<cls>.+)", _device_class),
        (r"gpu\.intel\.com/(?:i915|xe)", _intel),
        (r"amd\.com/(?P<mode>[sdtqc]px)_nps\d", _amd),
        (r"aws\.amazon\.com/neuroncore", _neuron_core),
        (r"aws\.amazon\.com/neuron(?:device)?", _whole),
        (r"volcano\.sh/vgpu-number", _vgpu),
        (r"volcano\.sh/gpu-number", _whole),
        (r"(?P<vendor>aliyun\.com|volcano\.sh)/gpu-mem(?:ory)?", _by_capacity),
        (r"aliyun\.com/gpu-core\.percentage|tencent\.com/vcuda-core|koordinator\.sh/gpu(?:-core)?", _hundredth),
        (r"huawei\.com/Ascend\w+-\d+c(?:\.\w+)*|nvidia\.com/GRID\S+", _unknown),
        (r"huawei\.com/(?:Ascend\w+|npu)", _whole),
        (r"habana\.ai/gaudi\d?|google\.com/tpu|cambricon\.com/mlu(?:\.\w+)?|hygon\.com/dcunum", _whole),
        (r"qualcomm\.com/qaic(?:-\w+)?|nvidia\.com/(?:pgpu|[A-Z][\w.-]+)|furiosa\.ai/(?:rngd|warboy)", _whole),
        (r"(?:tenstorrent\.com|rebellions\.ai)/\w+|graphcore\.ai/ipus?", _whole),
        (r"[\w.-]+/(?:v?gpus?|npus?|tpus?|xpus?|gcus?|mlus?|dcus?|hpus?|accelerators?)", _whole),
    )
)
"""The first that is the resource's whole name decides; a name of none of them is no accelerator."""


def unit_of(resource: str, asked: Asked, node: GpuNode) -> float | None:
    """What one unit of this resource is in accelerators; 0 for what is none, None where it cannot be known."""
    if "/" not in resource:
        return 0.0
    for pattern, unit in _UNITS:
        if match := pattern.fullmatch(resource):
            return unit(match, asked, node)
    return 0.0
