"""What was seen of a pod before, and what its last state no longer says: when its deletion was first asked for, how its
containers were then, what marked it first. A pod that just runs has nothing worth remembering."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from bot.cluster.pods import Condition, ContainerStatus, Pod, when
from bot.domain.workload.job_end import JobEnd
from bot.domain.workload.killed import PodEnd, Then

OVER = frozenset({"Failed", "Succeeded"})
DISRUPTION_TARGET = "DisruptionTarget"
_OUTSIDE = (DISRUPTION_TARGET, "TerminationTarget")
"""Conditions of a pod that somebody takes away: Kubernetes' own, and Kueue's."""
_LONGEST_GRACE = 86_400


@dataclass(frozen=True, slots=True)
class Life:
    """What was seen of one pod so far. Times are in UTC."""

    acted_on: bool = False
    """Whether somebody asked for its deletion or marked it for disruption."""
    asked_at: datetime | None = None
    disruption: str | None = None
    disrupted_at: datetime | None = None
    over: bool = False
    """Whether it had ended before anybody acted on it."""
    then: Mapping[str, Then] = field(default_factory=dict)
    """How its containers were: when it was first acted on, and as long as nobody did, those that have ended."""
    node_ready: bool | None = None
    job: JobEnd | None = None
    unsure: bool = False
    """Whether its Job may still say more of its end."""


_NOTHING = Life()


class Lives:
    """The pods of one cluster that have ended or are about to, by uid. For one thread."""

    def __init__(self) -> None:
        self._known: dict[str, Life] = {}

    def seen(self, uid: str, pod: Pod) -> Life:
        """What is known of a pod after this state of it."""
        if just_runs(pod):
            self.forget(uid)
            return _NOTHING
        life = after(self._known.get(uid, _NOTHING), pod)
        self.keep(uid, life)
        return life

    def keep(self, uid: str, life: Life) -> None:
        """Remember this of a pod from now on."""
        if life is not _NOTHING:
            self._known[uid] = life
        elif uid in self._known:
            del self._known[uid]

    def forget(self, uid: str) -> None:
        """The pod is gone."""
        self._known.pop(uid, None)

    def forget_all_but(self, listed: set[str]) -> None:
        """Pods that were not in a list are gone."""
        self._known = {uid: life for uid, life in self._known.items() if uid in listed}


def after(life: Life, pod: Pod) -> Life:
    """What is known of a pod after one more state of it. Of a pod that nobody saw before, `life` is an empty one."""
    marked = _marked(pod)
    if marked is None and pod.metadata.deletion_timestamp is None:
        ended = {name: Then.ENDED for name, then in _now(pod, {}).items() if then is Then.UNSEEN}
        over = pod.status.phase in OVER
        return Life(over=over, then=ended) if over or ended else _NOTHING
    then = life.then if life.acted_on else _now(pod, life.then)
    if marked is not None and life.disruption is None:
        life = replace(life, disruption=marked.reason or marked.type, disrupted_at=when(marked.last_transition_time))
    return replace(life, acted_on=True, then=then, asked_at=life.asked_at or _asked_at(pod, then))


def just_runs(pod: Pod) -> bool:
    """The common case, told apart cheaply: nothing has ended, nothing is stuck."""
    if pod.status.phase != "Running" or pod.metadata.deletion_timestamp is not None or pod.status.reason:
        return False
    if pod.status.init_container_statuses or _marked(pod) is not None:
        return False
    return all(
        each.state is not None and each.state.running is not None and not each.restart_count
        for each in pod.status.container_statuses or ()
    )


def pod_end(pod: Pod, life: Life, *, gone: bool) -> PodEnd:
    """What the pod as a whole says of its end, with what was seen of it before. One that had ended before anybody acted
    on it can no longer be brought down."""
    marked = condition(pod, DISRUPTION_TARGET)
    alone = PodEnd(
        reason=pod.status.reason or None,
        message=pod.status.message or (marked.message if marked is not None else None) or None,
        over_at=max((at for each in statuses(pod) if (at := _ended_at(each)) is not None), default=None),
        gone=gone,
    )
    if life.over:
        return alone
    return replace(
        alone,
        disruption=life.disruption,
        disrupted_at=life.disrupted_at,
        delete_requested=life.asked_at,
        deleted_by=when(pod.metadata.deletion_timestamp),
        node_ready=life.node_ready,
        job=life.job.reason if life.job is not None else None,
    )


def condition(pod: Pod, kind: str) -> Condition | None:
    """The pod's condition of this type."""
    return next((each for each in pod.status.conditions or () if each.type == kind), None)


def statuses(pod: Pod) -> tuple[ContainerStatus, ...]:
    """All containers as they are, those that initialise first."""
    return (*(pod.status.init_container_statuses or ()), *(pod.status.container_statuses or ()))


def _marked(pod: Pod) -> Condition | None:
    marks = (each for each in pod.status.conditions or () if each.type in _OUTSIDE and each.status == "True")
    return next(marks, None)


def _now(pod: Pod, ended: Mapping[str, Then]) -> dict[str, Then]:
    """How each container is in this state, `ended` are those that had ended in the state before."""
    found = {}
    for each in statuses(pod):
        state, name = each.state, each.name or ""
        if state is not None and state.running is not None:
            found[name] = Then.RAN
        elif state is not None and state.terminated is not None:
            found[name] = ended.get(name, Then.UNSEEN)
        else:
            found[name] = Then.NOT_BEGUN
    return found


def _asked_at(pod: Pod, then: Mapping[str, Then]) -> datetime | None:
    """When the deletion was asked for. `deletionTimestamp` is when the grace period will be over. Without a grace
    period it is the kubelet's last word, or the deletion of a pod that had ended; of one that still runs, it is the
    request."""
    until, grace = when(pod.metadata.deletion_timestamp), pod.metadata.deletion_grace_period_seconds or 0
    if until is None:
        return None
    if grace > 0:
        return until - timedelta(seconds=min(grace, _LONGEST_GRACE))
    return until if Then.RAN in then.values() else None


def _ended_at(status: ContainerStatus) -> datetime | None:
    stopped = status.state.terminated if status.state is not None else None
    return when(stopped.finished_at) if stopped is not None else None
