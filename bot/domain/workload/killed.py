"""How an attempt really ended. An exit code alone does not tell: a deleted pod exits with 143, a preempted one with
137, and neither is a failure of the job."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.domain.workload.attempt import Outcome

NODE_LOST = "NodeLost"
ERROR = "Error"
_OOM = "OOMKilled"
_STOP_SIGNALS = frozenset({129, 130, 137, 143})
"""128 + SIGHUP, SIGINT, SIGKILL, SIGTERM: what a container exits with when it is told to stop."""

_BY_POD_REASON: dict[str, Outcome] = {
    "Evicted": Outcome.FAILED,
    "DeadlineExceeded": Outcome.FAILED,
    "NodeLost": Outcome.FAILED,
    "NodeShutdown": Outcome.FAILED,
    "Shutdown": Outcome.FAILED,
    "Terminated": Outcome.FAILED,
    "UnexpectedAdmissionError": Outcome.FAILED,
    "Preempting": Outcome.KILLED,
    "Preempted": Outcome.KILLED,
}
_SAID_AS = {"Shutdown": "NodeShutdown", "Terminated": "NodeShutdown"}
"""The kubelet has had three words for a node that shuts down."""

_BY_DISRUPTION: dict[str, tuple[Outcome, str]] = {
    "PreemptionByScheduler": (Outcome.KILLED, "PreemptionByScheduler"),
    "PreemptionByKubeScheduler": (Outcome.KILLED, "PreemptionByKubeScheduler"),
    "EvictionByEvictionAPI": (Outcome.KILLED, "EvictionByEvictionAPI"),
    "DeletionByTaintManager": (Outcome.FAILED, NODE_LOST),
    "DeletionByPodGC": (Outcome.FAILED, NODE_LOST),
}
"""Reasons of the pod condition DisruptionTarget; TerminationByKubelet is left to the pod's own reason."""


@dataclass(frozen=True, slots=True)
class Ended:
    """A container's end as Kubernetes shows it: exit code 0-255, its reason, the time in UTC."""

    exit_code: int | None = None
    reason: str | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class PodEnd:
    """What the pod as a whole says of its end."""

    reason: str | None = None
    """`status.reason`: `Evicted`, `DeadlineExceeded` ..."""
    disruption: str | None = None
    """Reason of a true DisruptionTarget condition."""
    message: str | None = None
    """What Kubernetes says beside these reasons."""
    delete_requested: datetime | None = None
    """When somebody asked for its deletion, UTC; its containers get their grace period from then on."""
    gone: bool = False
    """Whether the pod was removed from the API server."""


@dataclass(frozen=True, slots=True)
class ReasonedOutcome:
    """An outcome, and the word of Kubernetes that decided it; None where it is plain success."""

    outcome: Outcome
    reason: str | None = None


def verdict(ended: Ended, pod: PodEnd) -> ReasonedOutcome:
    """How a container that has ended came to its end."""
    if ended.exit_code == 0 and ended.reason != _OOM:
        return ReasonedOutcome(Outcome.KILLED) if _after_the_request(ended, pod) else ReasonedOutcome(Outcome.SUCCEEDED)
    if ended.reason == _OOM and not _after_the_request(ended, pod):
        return ReasonedOutcome(Outcome.FAILED, _OOM)
    by_pod = pod_verdict(pod)
    if by_pod is not None and not _before_the_request(ended, pod):
        return by_pod
    if _after_the_request(ended, pod) or _stopped_at_the_request(ended, pod):
        return ReasonedOutcome(Outcome.KILLED, ended.reason)
    return ReasonedOutcome(Outcome.FAILED, ended.reason or ERROR)


def pod_verdict(pod: PodEnd) -> ReasonedOutcome | None:
    """How the whole pod was brought down from outside its containers; None where it was not."""
    if pod.disruption in _BY_DISRUPTION:
        outcome, reason = _BY_DISRUPTION[pod.disruption]
        return ReasonedOutcome(outcome, reason)
    if pod.reason in _BY_POD_REASON:
        return ReasonedOutcome(_BY_POD_REASON[pod.reason], _SAID_AS.get(pod.reason, pod.reason))
    if pod.reason is not None and pod.reason.startswith("OutOf"):
        return ReasonedOutcome(Outcome.FAILED, pod.reason)
    return None


def cut_short(pod: PodEnd) -> ReasonedOutcome | None:
    """How a container ended that was still running when last seen; None while nothing ended it."""
    by_pod = pod_verdict(pod)
    if by_pod is not None and (pod.gone or by_pod.reason == NODE_LOST):
        return by_pod
    return ReasonedOutcome(Outcome.KILLED) if pod.gone else None


def _after_the_request(ended: Ended, pod: PodEnd) -> bool:
    """Kubernetes' times are whole seconds: only a later second is surely after."""
    return pod.delete_requested is not None and ended.at is not None and ended.at > pod.delete_requested


def _before_the_request(ended: Ended, pod: PodEnd) -> bool:
    return pod.delete_requested is not None and ended.at is not None and ended.at < pod.delete_requested


def _stopped_at_the_request(ended: Ended, pod: PodEnd) -> bool:
    """Within the same second, or at an unknown time: then the exit code tells whether it was told to stop."""
    if pod.delete_requested is None or _before_the_request(ended, pod):
        return False
    return ended.exit_code in _STOP_SIGNALS
