"""How an attempt really ended. An exit code alone does not tell: a deleted pod exits with 143, a preempted one with
137, and neither is a failure of the job.

Kubernetes makes that hard to see. A pod is deleted twice: whoever wants it gone asks first, with a grace period; when
its containers have ended the kubelet asks again, without one, and the time of the first request is no longer in the pod
(kubernetes/kubernetes#122646). Controllers mark pods that had ended long before. So a container's end is compared with
the first thing that was done to its pod from outside: by what was seen in order where somebody watched, else by times.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto

from bot.domain.workload.attempt import Outcome

NODE_LOST = "NodeLost"
ERROR = "Error"
OOM = "OOMKilled"
DEADLINE = "DeadlineExceeded"
DELETED = "Deleted"
"""Why an attempt was killed where nothing else is known: somebody deleted its pod."""
BY_TAINT = "DeletionByTaintManager"
RESTARTED = "RestartingAllContainers"
"""How the kubelet ends a container because of another one's restart rule (Kubernetes 1.35)."""
_STOP_SIGNALS = frozenset({129, 130, 137, 143})
"""128 + SIGHUP, SIGINT, SIGKILL, SIGTERM: what a container exits with when it is told to stop."""
_LEAVES_WITHIN = timedelta(minutes=2)
"""A pod that is being deleted is gone this soon after its containers' end; one that is there longer ended by itself."""
_GRACE = timedelta(seconds=60)
"""Containers that are ended together end this close to each other: twice the usual grace period."""

_KUBELET_FAILED = frozenset(
    {"Evicted", DEADLINE, NODE_LOST, "NodeShutdown", "Shutdown", "Terminated", "UnexpectedAdmissionError"}
)
_KUBELET_KILLED = frozenset({"Preempting", "Preempted"})
_SAID_AS = {"Shutdown": "NodeShutdown", "Terminated": "NodeShutdown"}
"""The kubelet has had three words for a node that shuts down."""
_STOPPED_BY = frozenset({"PreemptionByScheduler", "PreemptionByKubeScheduler", "EvictionByEvictionAPI"})
"""Reasons of the condition DisruptionTarget that are nobody's failure; DeletionByTaintManager is left to the node."""
_FAILED_BY = {
    "DeletionByPodGC": NODE_LOST,
    "DeletionByDeviceTaintManager": "DeletionByDeviceTaintManager",
    "TerminationByKubelet": "Evicted",
}
_EVICTED_BY_KUEUE = "WorkloadEvictedDueTo"


class Then(Enum):
    """How a container was when its pod was first acted on from outside."""

    UNSEEN = auto()
    """Nobody watched, or nothing was done to it."""
    ENDED = auto()
    RAN = auto()
    NOT_BEGUN = auto()


@dataclass(frozen=True, slots=True)
class Ended:
    """A container's end as Kubernetes shows it: exit code 0-255, its reason, times in UTC."""

    exit_code: int | None = None
    reason: str | None = None
    at: datetime | None = None
    started_at: datetime | None = None
    then: Then = Then.UNSEEN


@dataclass(frozen=True, slots=True)
class PodEnd:
    """What the pod as a whole says of its end, with what was seen of it before. Times are in UTC."""

    reason: str | None = None
    """`status.reason`, the kubelet's word: `Evicted`, `DeadlineExceeded` ..."""
    disruption: str | None = None
    """Reason of the first true DisruptionTarget (or Kueue's TerminationTarget) condition."""
    disrupted_at: datetime | None = None
    message: str | None = None
    """What Kubernetes says beside these reasons."""
    delete_requested: datetime | None = None
    """When somebody first asked for its deletion; None where that is not known."""
    deleted_by: datetime | None = None
    """The latest time of that request, where the request itself was not seen."""
    over_at: datetime | None = None
    """When the last of its containers ended."""
    node_ready: bool | None = None
    """Whether its node was well when the pod was taken from it; None where that is not known."""
    job: str | None = None
    """Why its Job ended it: `DeadlineExceeded`, `JobSuspended` ..."""
    gone: bool = False
    """Whether the pod was removed from the API server."""

    @property
    def acted_at(self) -> datetime | None:
        """When something was first done to it from outside, as far as that is known."""
        disrupted = self.disrupted_at if self.disruption is not None else None
        return min((at for at in (self.delete_requested, disrupted) if at is not None), default=None)


@dataclass(frozen=True, slots=True)
class ReasonedOutcome:
    """An outcome, and the word of Kubernetes that decided it; None where it is plain success."""

    outcome: Outcome
    reason: str | None = None


class _When(Enum):
    BY_ITSELF = auto()
    """It ended before anything was done to its pod, or nothing was."""
    BROUGHT_DOWN = auto()
    UNSURE = auto()
    """Within the same second, or at an unknown time."""


def verdict(ended: Ended, pod: PodEnd) -> ReasonedOutcome:
    """How a container that has ended came to its end."""
    match _when(ended, pod):
        case _When.BY_ITSELF:
            return _by_itself(ended, pod)
        case _When.BROUGHT_DOWN:
            return _brought_down(ended, pod)
        case _When.UNSURE:
            if ended.exit_code in _STOP_SIGNALS and ended.reason != OOM:
                return _brought_down(ended, pod)
            outside = None if ended.exit_code == 0 or ended.reason == OOM else pod_verdict(pod)
            return outside or _by_itself(ended, pod)


def never_began(ended: Ended, pod: PodEnd) -> bool:
    """Whether a container is shown as ended that never ran: its pod was deleted before it could start."""
    if pod.acted_at is None and pod.deleted_by is None:
        return False
    if ended.started_at is None:
        return ended.then is Then.NOT_BEGUN or (ended.then is Then.UNSEEN and ended.at is None)
    if pod.acted_at is None:
        return False
    return ended.started_at > pod.acted_at or (ended.then is Then.NOT_BEGUN and ended.started_at >= pod.acted_at)


def pod_verdict(pod: PodEnd, *, reported: bool = True) -> ReasonedOutcome | None:
    """How the whole pod was brought down from outside its containers; None where it was not. `reported` says that its
    kubelet has told how the containers ended, as that of a lost node cannot."""
    return _by_kubelet(pod) or _by_disruption(pod, reported=reported)


def cut_short(pod: PodEnd) -> ReasonedOutcome | None:
    """How a container ended that was still running when last seen; None while nothing ended it."""
    outside = pod_verdict(pod, reported=False)
    if pod.gone:
        return outside or _by_its_job(pod) or ReasonedOutcome(Outcome.KILLED, DELETED)
    lost_for_sure = pod.reason == NODE_LOST or pod.disruption != BY_TAINT or pod.node_ready is False
    return outside if outside is not None and outside.reason == NODE_LOST and lost_for_sure else None


def _when(ended: Ended, pod: PodEnd) -> _When:
    acted_at = pod.acted_at
    if ended.then is Then.ENDED or (acted_at is None and pod.deleted_by is None):
        return _When.BY_ITSELF
    if acted_at is None:
        stayed = ended.at is not None and pod.deleted_by is not None and pod.deleted_by - ended.at > _LEAVES_WITHIN
        return _When.BY_ITSELF if stayed else _When.UNSURE
    if ended.then is Then.RAN and (ended.at is None or ended.at >= acted_at or ended.exit_code in _STOP_SIGNALS):
        return _When.BROUGHT_DOWN  # a node's clock may be behind the API server's
    if ended.at is None or ended.at == acted_at:  # Kubernetes' times are whole seconds
        return _When.UNSURE
    return _When.BY_ITSELF if ended.at < acted_at else _When.BROUGHT_DOWN


def _by_itself(ended: Ended, pod: PodEnd) -> ReasonedOutcome:
    by_kubelet = _by_kubelet(pod)
    if ended.exit_code == 0:
        if by_kubelet is not None and pod.reason == DEADLINE and _ended_with_the_pod(ended, pod):
            return by_kubelet
        return ReasonedOutcome(Outcome.SUCCEEDED, OOM if ended.reason == OOM else None)
    if ended.reason == OOM:
        return ReasonedOutcome(Outcome.FAILED, OOM)
    if ended.reason == RESTARTED:
        return ReasonedOutcome(Outcome.KILLED, RESTARTED)
    return by_kubelet or ReasonedOutcome(Outcome.FAILED, ended.reason or ERROR)


def _brought_down(ended: Ended, pod: PodEnd) -> ReasonedOutcome:
    said = ended.reason if ended.reason not in {None, ERROR, "Completed"} else None
    return pod_verdict(pod) or _by_its_job(pod) or ReasonedOutcome(Outcome.KILLED, pod.disruption or said or DELETED)


def _by_kubelet(pod: PodEnd) -> ReasonedOutcome | None:
    if pod.reason in _KUBELET_KILLED:
        return ReasonedOutcome(Outcome.KILLED, pod.reason)
    if pod.reason in _KUBELET_FAILED or (pod.reason or "").startswith("OutOf"):
        return ReasonedOutcome(Outcome.FAILED, _SAID_AS.get(pod.reason or "", pod.reason))
    return None


def _by_disruption(pod: PodEnd, *, reported: bool) -> ReasonedOutcome | None:
    reason = pod.disruption
    if reason is None or _somebody_asked_before(pod):
        return None
    if reason == BY_TAINT:
        lost = not pod.node_ready if pod.node_ready is not None else not reported
        return ReasonedOutcome(Outcome.FAILED, NODE_LOST) if lost else ReasonedOutcome(Outcome.KILLED, BY_TAINT)
    if reason in _FAILED_BY:
        return ReasonedOutcome(Outcome.FAILED, _FAILED_BY[reason])
    if reason in _STOPPED_BY or reason.startswith(_EVICTED_BY_KUEUE):
        return ReasonedOutcome(Outcome.KILLED, reason)
    return None


def _by_its_job(pod: PodEnd) -> ReasonedOutcome | None:
    if pod.job is None:
        return None
    return ReasonedOutcome(Outcome.FAILED if pod.job == DEADLINE else Outcome.KILLED, pod.job)


def _somebody_asked_before(pod: PodEnd) -> bool:
    """Whether its deletion had been asked for when a controller found it: whoever disrupts a pod marks it first."""
    asked, marked = pod.delete_requested, pod.disrupted_at
    return asked is not None and marked is not None and marked > asked


def _ended_with_the_pod(ended: Ended, pod: PodEnd) -> bool:
    return ended.at is None or pod.over_at is None or pod.over_at - ended.at <= _GRACE
