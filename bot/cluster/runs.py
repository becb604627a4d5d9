"""The runs of a pod's containers that have ended, read from its status, each with its verdict. A pod shows at most two
runs of a container: the current one and the one before."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.cluster.pods import Condition, ContainerStatus, Pod, State, Stopped, when
from bot.domain.workload.attempt import Outcome
from bot.domain.workload.killed import Ended, PodEnd, ReasonedOutcome, cut_short, pod_verdict, verdict
from bot.domain.workload.sidecars import main_containers

_NOT_YET_RUN = frozenset({"ContainerCreating", "PodInitializing"})
_OVER = frozenset({"Failed", "Succeeded"})
_NO_STATE = State()


@dataclass(frozen=True, slots=True)
class Run:
    """One ended run of one container."""

    container: str
    restart: int
    verdict: ReasonedOutcome
    exit_code: int | None = None
    message: str | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    waiting: str | None = None
    """Why the container does not run again: `CrashLoopBackOff`."""


def ended_runs(pod: Pod, *, gone: bool, now: datetime) -> list[Run]:
    """Every run that is over, and that counts as an attempt; empty for a pod that just runs."""
    end = pod_end(pod, gone=gone)
    mains = [each for each in pod.status.container_statuses or () if each.name in main_names(pod)]
    runs = [*_earlier(mains), *_init_failures(pod, end)]
    last = _last_of(mains, end)
    if last is None and not any(run.verdict.outcome is Outcome.FAILED for run in _init_failures(pod, end)):
        last = _whole_pod(pod, mains, end, now)
    return [*runs, last] if last is not None else runs


def main_names(pod: Pod) -> frozenset[str]:
    """The containers that do the job."""
    names = [each.name or "" for each in pod.spec.containers or pod.status.container_statuses or ()]
    return main_containers(names) if len(names) > 1 else frozenset(names)


def main_container(pod: Pod) -> str:
    """The first of the containers that do the job."""
    mains = main_names(pod)
    return next((each.name for each in pod.spec.containers or () if each.name in mains), None) or min(mains, default="")


def pod_end(pod: Pod, *, gone: bool) -> PodEnd:
    """What the pod as a whole says of its end."""
    disruption = condition(pod, "DisruptionTarget")
    return PodEnd(
        reason=pod.status.reason or None,
        disruption=disruption.reason if disruption is not None and disruption.status == "True" else None,
        message=pod.status.message or (disruption.message if disruption is not None else None) or None,
        delete_requested=_delete_requested(pod),
        gone=gone,
    )


def condition(pod: Pod, kind: str) -> Condition | None:
    """The pod's condition of this type."""
    return next((each for each in pod.status.conditions or () if each.type == kind), None)


def _delete_requested(pod: Pod) -> datetime | None:
    """`deletionTimestamp` is when the grace period will be over."""
    until = when(pod.metadata.deletion_timestamp)
    if until is None:
        return None
    grace = pod.metadata.deletion_grace_period_seconds or 0
    return until - timedelta(seconds=min(max(grace, 0), 86_400))


def _earlier(mains: list[ContainerStatus]) -> Iterator[Run]:
    """The runs before the current ones. They ended by themselves: a pod that is brought down restarts nothing."""
    for status in mains:
        stopped = (status.last_state or _NO_STATE).terminated
        if stopped is None:
            continue
        run = _run(status, stopped, _earlier_restart(status), PodEnd())
        if run.verdict.outcome is Outcome.FAILED or len(mains) == 1:
            yield run


def _earlier_restart(status: ContainerStatus) -> int:
    """Which run `lastState` is. While a container waits for its restart, the run that ended last is `lastState`, and
    `restartCount` still counts up to that run only."""
    state, count = status.state or _NO_STATE, status.restart_count or 0
    if state.running is None and state.terminated is None:
        reason = state.waiting.reason if state.waiting is not None else None
        if reason not in _NOT_YET_RUN:
            return max(count, 0)
    return max(count - 1, 0)


def _init_failures(pod: Pod, end: PodEnd) -> list[Run]:
    """Failed runs of init containers; native sidecars are init containers that restart, and only stand beside."""
    if not pod.status.init_container_statuses:
        return []
    sidecars = {each.name for each in pod.spec.init_containers or () if each.restart_policy == "Always"}
    runs = []
    for status in pod.status.init_container_statuses:
        if status.name in sidecars:
            continue
        last, current = (status.last_state or _NO_STATE).terminated, (status.state or _NO_STATE).terminated
        if last is not None:
            runs.append(_run(status, last, _earlier_restart(status), PodEnd()))
        if current is not None:
            runs.append(_run(status, current, status.restart_count or 0, end))
    return [run for run in runs if run.verdict.outcome is Outcome.FAILED]


def _last_of(mains: list[ContainerStatus], end: PodEnd) -> Run | None:
    """How the current runs of the main containers ended, as one attempt: of the container that failed first, else,
    when all are over, of the first that was not simply successful."""
    over = [
        _run(each, state.terminated, each.restart_count or 0, end)
        for each in mains
        if (state := each.state or _NO_STATE).terminated is not None
    ]
    failed = [run for run in over if run.verdict.outcome is Outcome.FAILED]
    if failed:
        return min(failed, key=lambda run: run.finished_at.timestamp() if run.finished_at else 0.0)
    if not over or len(over) < len(mains):
        return None
    return next((run for run in over if run.verdict.outcome is Outcome.KILLED), over[0])


def _whole_pod(pod: Pod, mains: list[ContainerStatus], end: PodEnd, now: datetime) -> Run | None:
    """The end of a pod whose containers do not tell: rejected, evicted, deleted or lost while they ran."""
    running = [each for each in (*mains, *(pod.status.init_container_statuses or ())) if _runs(each)]
    if pod.status.phase == "Succeeded":
        said = ReasonedOutcome(Outcome.SUCCEEDED)
    elif pod.status.phase == "Failed":
        said = pod_verdict(end) or ReasonedOutcome(Outcome.FAILED, pod.status.reason or "Error")
    elif (cut := cut_short(end)) is not None and (running or pod.status.reason == "NodeLost"):
        said = cut
    else:
        return None
    status = next((each for each in mains if _runs(each)), mains[0] if mains else None)
    state = (running[0].state if running else None) or _NO_STATE
    return Run(
        container=(status.name if status is not None else None) or main_container(pod),
        restart=(status.restart_count or 0) if status is not None else 0,
        verdict=said,
        message=end.message,
        started_at=when(state.running.started_at) if state.running is not None else when(pod.status.start_time),
        finished_at=_pod_ended_at(pod, end, now),
    )


def _runs(status: ContainerStatus) -> bool:
    return status.state is not None and status.state.running is not None


def _pod_ended_at(pod: Pod, end: PodEnd, now: datetime) -> datetime:
    """The best that is known of a pod's end; `now` only where nothing is, so that seeing it again changes nothing."""
    disruption = condition(pod, "DisruptionTarget")
    if disruption is not None and (at := when(disruption.last_transition_time)) is not None:
        return at
    if end.delete_requested is not None:
        return end.delete_requested
    if end.gone and pod.status.phase not in _OVER:
        return now
    changes = [at for each in pod.status.conditions or () if (at := when(each.last_transition_time)) is not None]
    return max(changes, default=None) or when(pod.status.start_time) or when(pod.metadata.creation_timestamp) or now


def _run(status: ContainerStatus, stopped: Stopped, restart: int, end: PodEnd) -> Run:
    finished_at = when(stopped.finished_at)
    state = status.state or _NO_STATE
    said = verdict(Ended(stopped.exit_code, stopped.reason or None, finished_at), end)
    return Run(
        container=status.name or "",
        restart=restart,
        verdict=said,
        exit_code=stopped.exit_code,
        message=stopped.message or (end.message if said.reason != stopped.reason else None) or None,
        started_at=when(stopped.started_at),
        finished_at=finished_at,
        waiting=state.waiting.reason if state.waiting is not None else None,
    )
