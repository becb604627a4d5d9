"""Kubernetes' reasons and the failure types they stand for. The order is by strength: where several are said, the first
one is what the failure is called."""

from __future__ import annotations

from collections.abc import Iterable

ERROR = "Error"
"""A container that ended with an exit code, when nothing says more."""
_REFUSED = "UnexpectedAdmissionError"
PENDING = "Pending"
STARTING = frozenset({"CreateContainerError", "RunContainerError", "StartError"})
"""The steps of starting a container: the kubelet's word tells which of them it was."""
"""A pod that waits, for a node or for what comes after it."""

_REASONS_OF_TYPE: dict[str, tuple[str, ...]] = {
    "OOMKilled": ("OOMKilled",),
    "Evicted": ("Evicted", "TerminationByKubelet", "EvictionByEvictionAPI", "DeletionByDeviceTaintManager"),
    "Preempted": ("Preempted", "Preempting", "PreemptionByScheduler", "PreemptionByKubeScheduler"),
    "NodeLost": (
        "NodeLost",
        "NodeNotReady",
        "NodeShutdown",
        "Unknown",
        "TaintManagerEviction",
        "DeletionByTaintManager",
    ),
    "DeadlineExceeded": ("DeadlineExceeded",),
    "UnexpectedAdmissionError": (
        "UnexpectedAdmissionError",
        "OutOfcpu",
        "OutOfmemory",
        "OutOfpods",
        "TopologyAffinityError",
        "NodeAffinity",
        "NodeName",
        "NodePorts",
        "node(s) had taints that the pod didn't tolerate",
        "EmptyPodSharedPoolError",
        "PodOSNotSupported",
        "PodOSSelectorNodeLabelDoesNotMatch",
        "SupplementalGroupsPolicyNotSupported",
        "PodLevelResourcesNotSupported",
        "PodFeatureUnsupported",
        "InitContainerRestartPolicyForbidden",
        "VolumeAttachmentLimitExceeded",
        "UnknownReason",
        "UnexpectedPredicateFailureType",
        "InvalidNodeInfo",
    ),
    "InvalidImageName": ("InvalidImageName", "InspectFailed"),
    "ImagePullBackOff": (
        "ImagePullBackOff",
        "ErrImagePull",
        "ErrImageNeverPull",
        "RegistryUnavailable",
        "ImageInspectError",
        "SignatureValidationFailed",
    ),
    "CreateContainerConfigError": ("CreateContainerConfigError",),
    "CreateContainerError": ("CreateContainerError", "PreCreateHookError", "PreStartHookError"),
    "RunContainerError": ("RunContainerError", "PostStartHookError"),
    "StartError": ("StartError", "ContainerCannotRun"),
    "FailedCreatePodSandBox": ("FailedCreatePodSandBox",),
    "FailedMount": ("FailedMount", "FailedAttachVolume", "FailedMapVolume"),
    ERROR: (ERROR, "ContainerStatusUnknown"),
    "CrashLoopBackOff": ("CrashLoopBackOff", "BackOff"),
    "BackoffLimitExceeded": ("BackoffLimitExceeded",),
    PENDING: ("Pending", "FailedScheduling", "Unschedulable", "FailedCreate", "ContainerCreating"),
}
TYPE_OF_REASON = {reason: kind for kind, reasons in _REASONS_OF_TYPE.items() for reason in reasons}
_SAID_IN_LINE: tuple[tuple[str, str], ...] = (
    ("failed to pull image", "ImagePullBackOff"),
    ("errimagepull", "ImagePullBackOff"),
    ("imagepullbackoff", "ImagePullBackOff"),
    ("pulling image", "ImagePullBackOff"),
    ("mountvolume", "FailedMount"),
    ("failedmount", "FailedMount"),
    ("failed to create pod sandbox", "FailedCreatePodSandBox"),
    ("createcontainerconfigerror", "CreateContainerConfigError"),
    ("crashloopbackoff", "CrashLoopBackOff"),
    ("back-off restarting failed container", "CrashLoopBackOff"),
)
_STRENGTH = {kind: place for place, kind in enumerate(_REASONS_OF_TYPE)}
_WEAKER_THAN_A_CAUSE = {ERROR, "CrashLoopBackOff", "BackoffLimitExceeded", PENDING}


_WAITING = frozenset(
    {
        *("ContainerCreating", "PodInitializing", "RestartingAllContainers", "SignatureValidationFailed"),
        *("KillContainerError", "CreatePodSandboxError", "ConfigPodSandboxError", "KillPodSandboxError"),
        *("ResizePodInPlaceError", "RemoveContainerError", "TopologyAffinityError", "EmptyPodSharedPoolError"),
    }
)
"""Reasons of the kubelet (Kubernetes 1.36: pkg/kubelet/container/sync_result.go) that are no type of their own."""


def is_reason(word: str) -> bool:
    """Whether this is a word of Kubernetes, however much it looks like an exception."""
    return word in TYPE_OF_REASON or word in _WAITING


def strongest_type(reasons: Iterable[str]) -> str | None:
    """The failure type that these reasons stand for; None where none of them is known."""
    known = (_type_of(each) for each in reasons)
    return min((each for each in known if each is not None), key=_STRENGTH.__getitem__, default=None)


def _type_of(reason: str) -> str | None:
    """The kubelet makes a reason of every resource that a node has too little of: `OutOfvpc.amazonaws.com/efa`."""
    return TYPE_OF_REASON.get(reason) or (_REFUSED if reason.startswith("OutOf") else None)


def type_said_in(line: str) -> str | None:
    """The failure type of the step of Kubernetes that a line reports on; None for a program's own line."""
    low = line.lower()
    return next((kind for part, kind in _SAID_IN_LINE if part in low), None)


def stands_beside_a_cause(failure_type: str | None) -> bool:
    """Whether the type says something that a cause in the log does not: `Evicted` does, `CrashLoopBackOff` does not."""
    return failure_type is not None and failure_type not in _WEAKER_THAN_A_CAUSE
