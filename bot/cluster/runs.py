"""The runs of a pod's containers that have ended, read from its status, each with its verdict. A pod shows at most two
runs of a container: the current one and the one before."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from bot.cluster.life import DISRUPTION_TARGET, OVER, Life, pod_end, statuses
from bot.cluster.pods import ContainerStatus, Pod, State, Stopped, when
from bot.domain.workload.attempt import Outcome
from bot.domain.workload.killed import (
    ERROR,
    Ended,
    PodEnd,
    ReasonedOutcome,
    Then,
    cut_short,
    never_began,
    pod_verdict,
    verdict,
)
from bot.domain.workload.sidecars import main_containers

_CRASH_LOOP = "CrashLoopBackOff"
_NOT_YET_RUN = frozenset({"ContainerCreating", "PodInitializing"})
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
    runs_again: bool = False


def ended_runs(pod: Pod, life: Life, *, gone: bool, now: datetime) -> list[Run]:
    """Every run that is over, and that counts as an attempt; empty for a pod that just runs."""
    seen = _Seen(pod, life, pod_end(pod, life, gone=gone), now)
    mains = [each for each in pod.status.container_statuses or () if each.name in main_names(pod)]
    initial = _init_failures(seen)
    last = _last_of(mains, seen)
    if last is None and not initial:
        last = _whole_pod(mains, seen)
    runs = [*_earlier(mains), *initial]
    return [*runs, last] if last is not None else runs


@dataclass(frozen=True, slots=True)
class _Seen:
    """A state of a pod, with what is known of its end."""

    pod: Pod
    life: Life
    end: PodEnd
    now: datetime


def have_ended(pod: Pod) -> bool:
    """Whether the containers that do the job have ended."""
    mains = [each for each in pod.status.container_statuses or () if each.name in main_names(pod)]
    ended = (each.state is not None and each.state.terminated is not None for each in mains)
    return pod.status.phase in OVER or (bool(mains) and all(ended))


def main_names(pod: Pod) -> frozenset[str]:
    """The containers that do the job."""
    names = [each.name or "" for each in pod.spec.containers or pod.status.container_statuses or ()]
    return main_containers(names) if len(names) > 1 else frozenset(names)


def main_container(pod: Pod) -> str:
    """The first of the containers that do the job."""
    mains = main_names(pod)
    return next((each.name for each in pod.spec.containers or () if each.name in mains), None) or min(mains, default="")


def _earlier(mains: list[ContainerStatus]) -> Iterator[Run]:
    """The runs before the current ones. They ended by themselves: a pod that is brought down restarts nothing."""
    for status in mains:
        stopped = (status.last_state or _NO_STATE).terminated
        if stopped is None:
            continue
        run = _earlier_run(status, stopped)
        if run.verdict.outcome is not Outcome.SUCCEEDED or len(mains) == 1:
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


def _init_failures(seen: _Seen) -> list[Run]:
    """Failed runs of init containers; native sidecars are init containers that restart. They only stand beside, unless
    one crash-loops before the job could begin: then nothing else will ever happen."""
    pod = seen.pod
    if not pod.status.init_container_statuses:
        return []
    sidecars = {each.name for each in pod.spec.init_containers or () if each.restart_policy == "Always"}
    begun = any(_has_begun(each) for each in pod.status.container_statuses or ())
    runs = []
    for status in pod.status.init_container_statuses:
        last, current = (status.last_state or _NO_STATE).terminated, (status.state or _NO_STATE).terminated
        if status.name in sidecars:
            if last is not None and not begun and _waits_for(status) == _CRASH_LOOP:
                runs.append(_as_failure(_earlier_run(status, last)))
            continue
        if last is not None:
            runs.append(_earlier_run(status, last))
        if current is not None:
            runs.extend(_current_run(status, current, seen))
    return [run for run in runs if run.verdict.outcome is Outcome.FAILED]


def _has_begun(status: ContainerStatus) -> bool:
    """Whether a container runs or has run."""
    states = (status.state or _NO_STATE, status.last_state or _NO_STATE)
    return any(state.running is not None or state.terminated is not None for state in states)


def _as_failure(run: Run) -> Run:
    """The run, as one that should not have ended, however it did."""
    return replace(run, verdict=ReasonedOutcome(Outcome.FAILED, run.verdict.reason or ERROR))


def _last_of(mains: list[ContainerStatus], seen: _Seen) -> Run | None:
    """How the current runs of the main containers ended, as one attempt: of the container that failed first, else,
    when all are over, of the first that was not simply successful."""
    over = [
        run
        for each in mains
        if (stopped := (each.state or _NO_STATE).terminated) is not None
        for run in _current_run(each, stopped, seen)
    ]
    failed = [run for run in over if run.verdict.outcome is Outcome.FAILED]
    if failed:
        return min(failed, key=lambda run: run.finished_at.timestamp() if run.finished_at else 0.0)
    if not over or len(over) < len(mains):
        return None
    return next((run for run in over if run.verdict.outcome is Outcome.KILLED), over[0])


def _whole_pod(mains: list[ContainerStatus], seen: _Seen) -> Run | None:
    """The end of a pod whose containers do not tell: rejected, evicted, deleted or lost while they ran."""
    pod, end = seen.pod, seen.end
    running = [each for each in (*mains, *(pod.status.init_container_statuses or ())) if _runs(each)]
    said = _said_of_pod(pod, seen, running=bool(running))
    if said is None:
        return None
    status = next((each for each in mains if _runs(each)), mains[0] if mains else None)
    state = (running[0].state if running else None) or _NO_STATE
    return Run(
        container=(status.name if status is not None else None) or main_container(pod),
        restart=(status.restart_count or 0) if status is not None else 0,
        verdict=said,
        message=_message(said, end, seen.life),
        started_at=when(state.running.started_at) if state.running is not None else when(pod.status.start_time),
        finished_at=_pod_ended_at(seen),
    )


def _said_of_pod(pod: Pod, seen: _Seen, *, running: bool) -> ReasonedOutcome | None:
    end = seen.end
    if pod.status.phase == "Succeeded":
        return ReasonedOutcome(Outcome.SUCCEEDED)
    if pod.status.phase == "Failed":
        said = pod_verdict(end, reported=not running)
        failed = said is not None and said.outcome is Outcome.FAILED
        if not failed and not running and end.deleted_by is not None:
            ends = [run.verdict for run in _ended_now(seen)]
            killed = next((each for each in ends if each.outcome is Outcome.KILLED), None)
            if killed is not None or not ends:
                return killed  # a pod that is deleted before it begins is left so, also by the garbage collector
        return said or ReasonedOutcome(Outcome.FAILED, end.reason or ERROR)
    cut = cut_short(end)
    return cut if cut is not None and (running or end.reason == "NodeLost") else None


def _ended_now(seen: _Seen) -> Iterator[Run]:
    """The current runs of all its containers that are over, and did run."""
    for each in statuses(seen.pod):
        stopped = (each.state or _NO_STATE).terminated
        if stopped is not None:
            yield from _current_run(each, stopped, seen)


def _runs(status: ContainerStatus) -> bool:
    return status.state is not None and status.state.running is not None


def _pod_ended_at(seen: _Seen) -> datetime:
    """The best that is known of a pod's end; `now` only where nothing is, so that seeing it again changes nothing."""
    pod, end = seen.pod, seen.end
    if end.acted_at is not None:
        return end.acted_at
    if end.gone and pod.status.phase not in OVER:
        return seen.now
    changes = [
        at
        for each in pod.status.conditions or ()
        if each.type != DISRUPTION_TARGET and (at := when(each.last_transition_time)) is not None
    ]
    since = when(pod.status.start_time) or when(pod.metadata.creation_timestamp)
    return max(changes, default=None) or since or seen.now


def _earlier_run(status: ContainerStatus, stopped: Stopped) -> Run:
    """The run before the current one. It ended by itself: a pod that is brought down restarts nothing."""
    ended = Ended(stopped.exit_code, stopped.reason or None, when(stopped.finished_at), when(stopped.started_at))
    run = _run(status, stopped, _earlier_restart(status), verdict(ended, PodEnd()), stopped.message)
    state = status.state or _NO_STATE
    return replace(run, runs_again=state.running is not None or state.terminated is not None)


def _current_run(status: ContainerStatus, stopped: Stopped, seen: _Seen) -> Iterator[Run]:
    """The current run, which is over; none where it never began."""
    ended = Ended(
        stopped.exit_code,
        stopped.reason or None,
        when(stopped.finished_at),
        when(stopped.started_at),
        seen.life.then.get(status.name or "", Then.UNSEEN),
    )
    if never_began(ended, seen.end):
        return
    said = verdict(ended, seen.end)
    message = stopped.message or (_message(said, seen.end, seen.life) if said.reason != stopped.reason else None)
    yield _run(status, stopped, status.restart_count or 0, said, message)


def _message(said: ReasonedOutcome, end: PodEnd, life: Life) -> str | None:
    """What Kubernetes says beside the reason that decided."""
    by_job = life.job is not None and said.reason == life.job.reason
    return (life.job.message if by_job and life.job is not None else end.message) or None


def _waits_for(status: ContainerStatus) -> str | None:
    waiting = (status.state or _NO_STATE).waiting
    return waiting.reason if waiting is not None else None


def _run(status: ContainerStatus, stopped: Stopped, restart: int, said: ReasonedOutcome, message: str | None) -> Run:
    return Run(
        container=status.name or "",
        restart=restart,
        verdict=said,
        exit_code=stopped.exit_code,
        message=message or None,
        started_at=when(stopped.started_at),
        finished_at=when(stopped.finished_at),
        waiting=_waits_for(status),
    )
