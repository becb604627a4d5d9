"""What a node, a device or a monitor beside them says is wrong. A sign has a time and, where it is told, a device: it
speaks for the failures of that time, on that device or node, of pods that have accelerators; what has stood for long is
about the node. Polarity comes first: for some conditions True is good, and where that is not known, it says nothing."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.workload.attempt import Attempt

BEFORE, AFTER = timedelta(minutes=5), timedelta(minutes=10)
"""How long before an attempt began, and after it ended, a sign of it may have been given: monitors poll."""
LATEST = timedelta(hours=1)
"""How long before its end. A collective that hangs since a GPU broke is given up after ten minutes by default, and
after half an hour where people allow for more; a job that went on for longer did not fail of that."""
_NOT_GOOD = re.compile(r"Not(?:Ready|Healthy|Available|Running|Active)$")
_GOOD = re.compile(r"(?:Ready|Healthy|Available|Passed|Succeeded|Synced|Active|Running|Voter|OK)$")
_BAD = re.compile(
    r"Problem|Error|Fail|Pressure|Unavailable|Unhealthy|Missing|Inactive|Deadlock|Read-?[oO]nly|Frequent|Corrupt|Fatal"
    r"|Critical|Fault|Down$|Lost|Degraded|Hung|FallenOff|Flapping|Shutdown|BadBlock|Exhausted|Throttl|Unreachable|OutOf"
    r"|Quarantine|X[iI][dD]|Xgmi|Scheduled$|Exceeded|Mismatch|Damaged|Broken|Stuck"
)
_SAID_GOOD = re.compile(r"Is(?:Healthy|Ready|OK|Up)$|^No[A-Z]\w*$")
_SAID_BAD = re.compile(r"Is(?:NotHealthy|NotReady|Unhealthy|Down)$")
"""Reasons that say themselves whether all is well, as NVSentinel's do."""
_NOTHING_TO_DO = re.compile(r"Recommended Action=NONE\b")
"""What NVSentinel recommends for what it only counts."""
_ACCELERATOR = re.compile(
    r"gpu|nvidia|nvlink|nvswitch|s?xid|dcgm|rocm|xgmi|gaudi|habana|neuron|tpu|npu|accelerat|infiniband|\bib(?=[A-Z])|^IB"
    r"|\bhbm\b|\becc\b|nvsentinel|sagemaker\.amazonaws\.com/(?:node-health|deep-health|fault)",
    re.IGNORECASE,
)
_SICK = re.compile(r"unhealthy|faulty|failed|broken|degraded|quarantine|lost|xid|error|fault", re.IGNORECASE)
_SICK_LABELS = tuple(
    (re.compile(key, re.IGNORECASE), re.compile(value, re.IGNORECASE))
    for key, value in (
        (r"dgxc\.nvidia\.com/nvsentinel-state", r"quarantined|draining|drain-\w+|remediating|remediation-failed"),
        (r"sagemaker\.amazonaws\.com/node-health-status", r"Unschedulable\w*"),
        (r"sagemaker\.amazonaws\.com/deep-health-check-status", r"Failed"),
        (r"sagemaker\.amazonaws\.com/fault-(?:types?|reasons?)", r".+"),
        (
            r".*(?:gpu|nvidia|neuron|gaudi|habana|tpu|npu|accelerator).*(?:health|state|status)",
            r"unhealthy|faulty|failed|broken|degraded",
        ),
    )
)
"""Labels, and the values that they have on a sick node only."""
_DEVICE = re.compile(
    r"GPU_UUID:(?P<said>[\w-]{4,60})|\b(?P<uuid>(?:GPU|MIG)-[0-9a-f]{8}-[0-9a-f-]{20,40})\b"
    r"|\bPCI:(?P<pci>[0-9a-f]{4}:[0-9a-f]{2}:[0-9a-f]{2}(?:\.\d)?)|\bGPU[ :]{1,2}(?P<index>\d{1,2})\b",
    re.IGNORECASE,
)
_SPELLINGS = tuple(
    (name, re.compile(shape))
    for name, shape in (
        ("uuid", r"(?:GPU|MIG)-.+"),
        ("bus", r"[\da-fA-F]{1,8}:[\da-fA-F:.]+"),
        ("pool", r".+/.+"),
        ("number", r"\d+"),
    )
)
DECIDED = frozenset({"OOMKilled", "Evicted", "DeadlineExceeded", "Preempting", "Preempted"})
"""Ends of a pod that Kubernetes itself brought about and named: no sign of the node says more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign:
    """One thing that is said to be wrong."""

    line: str
    """In one line: "Type: reason: message". As it came: not masked."""
    since: datetime | None = None
    """Aware and in UTC; None where it does not say."""
    standing: bool = False
    """Whether it only says how things are, as a label does: then it is about the node, not about one failure."""
    device: str | None = None
    """The device it is about, as the sign names it."""
    accelerators: bool = False
    """Whether it is about accelerators, and so only about pods that have some."""


def condition_sign(kind: str, status: str, reason: str, message: str, since: datetime | None) -> Sign | None:
    """A node's condition, if it says that something is wrong."""
    if kind == "Ready":
        return None if status == "True" else Sign(line=f"NodeNotReady: {reason}: {message}", since=since)
    if not _is_bad(kind, status, reason) or _NOTHING_TO_DO.search(message):
        return None
    line = f"{kind}: {reason}: {message}"
    return Sign(line=line, since=since, device=device_in(line), accelerators=about_accelerators(f"{kind} {reason}"))


def _is_bad(kind: str, status: str, reason: str) -> bool:
    """By what the reason says itself, else by the type's polarity; what is neither says nothing, nor does `Unknown`."""
    if status not in {"True", "False"} or _SAID_GOOD.search(reason):
        return False
    if _SAID_BAD.search(reason):
        return True
    if _GOOD.search(kind) and not _NOT_GOOD.search(kind):
        return status == "False"
    return status == "True" and (_BAD.search(kind) is not None or _NOT_GOOD.search(kind) is not None)


def label_signs(labels: Mapping[str, str]) -> Iterator[Sign]:
    """What labels say is wrong; they say not since when."""
    for key, value in sorted(labels.items()):
        if any(name.fullmatch(key) and sick.fullmatch(value) for name, sick in _SICK_LABELS):
            yield Sign(line=f"Label {key}: {value}", standing=True, device=_device_of_label(key), accelerators=True)


def taint_sign(key: str, value: str, effect: str, since: datetime | None, *, device: str | None = None) -> Sign | None:
    """A taint of a node, or of an accelerator, if it says that something is sick. One that only informs, with the
    effect None, and one that merely keeps others away (`nvidia.com/gpu=present`), are no sign."""
    said = f"{key}={value}" if value else key
    if effect in {"", "None"} or not (device or about_accelerators(key)) or not _SICK.search(said):
        return None
    line = f"Taint {said}:{effect}{f' on {device}' if device else ''}"
    return Sign(line=line, since=since, standing=since is None, device=device, accelerators=True)


def event_sign(reason: str, message: str, at: datetime | None) -> Sign | None:
    """A warning about a node, if it is about accelerators: EKS's NvidiaXID13Warning, GKE's XIDError."""
    if not about_accelerators(reason):
        return None
    line = f"{reason}: {message}"
    return Sign(line=line, since=at, device=device_in(line), accelerators=True)


def about_accelerators(name: str) -> bool:
    """Whether the name of a condition, a taint or an event is about accelerators."""
    return _ACCELERATOR.search(name) is not None


def device_in(line: str) -> str | None:
    """The device that a line names: by its UUID, else by its place on the bus, else by its number."""
    found: dict[str, str] = {}
    for match in _DEVICE.finditer(line):
        for kind, value in match.groupdict().items():
            if value:
                found.setdefault(kind, value)
    return found.get("said") or found.get("uuid") or found.get("pci") or found.get("index")


def _device_of_label(key: str) -> str | None:
    match = re.search(r"gpu\.(\d{1,2})\.", key)
    return match[1] if match else None


def concerning(signs: Iterable[Sign], attempt: Attempt, reason: str | None, devices: Collection[str]) -> Iterator[Sign]:
    """The signs that speak for this failure. `devices` are those the pod had, as far as that is known."""
    has_some = reason not in DECIDED and attempt.gpu_count != 0.0
    for sign in signs:
        told = (has_some and not _is_other_device(sign.device, devices)) if sign.accelerators else True
        if told and not sign.standing and (sign.since is None or _at_that_time(sign.since, attempt)):
            yield sign


def _at_that_time(since: datetime, attempt: Attempt) -> bool:
    began, ended = attempt.started_at or attempt.created_at, attempt.finished_at
    if began is not None and since < began - BEFORE:
        return False
    return ended is None or ended - LATEST <= since <= ended + AFTER


def _is_other_device(device: str | None, devices: Collection[str]) -> bool:
    """Whether the sign names a device in the way that the pod's are known, and it is none of them."""
    if device is None or device in devices:
        return False
    return any(_spelling(device) == _spelling(each) for each in devices)


def _spelling(device: str) -> str:
    """How a device is named: by UUID, by its place on the bus, by pool, or by number."""
    return next((name for name, shape in _SPELLINGS if shape.fullmatch(device)), "name")
