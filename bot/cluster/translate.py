"""From a pod to attempts, sightings and waits: pure functions over the pod as it is now. The rules live in the domain;
here the pod is read, and only as far as there is something to tell, since most pods are just running."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from bot.cluster.claims import claims_of
from bot.cluster.health import devices_of, health_lines
from bot.cluster.life import Life, after, condition, just_runs
from bot.cluster.pods import Pod, State, when
from bot.cluster.runs import Run, ended_runs, main_container
from bot.cluster.submission import Place, attempt_of
from bot.domain.knowledge.spec import SeenSpec
from bot.domain.workload.attempt import Attempt, Outcome
from bot.domain.workload.killed import DEADLINE
from bot.domain.workload.pending import CANNOT_START
from bot.domain.workload.pod_evidence import Evidence
from bot.domain.workload.sighting import Sighting, Waiting
from bot.domain.workload.version import VersionSeen as Rollout

_NO_STATE = State()


@dataclass(frozen=True, slots=True)
class Seen:
    """What one pod tells."""

    attempts: tuple[Attempt, ...] = ()
    sightings: tuple[Sighting, ...] = ()
    waiting: Waiting | None = None
    spec: SeenSpec | None = None
    """What the pod was asked to be, once it has ended or cannot start."""
    rollout: Rollout | None = None
    """The template of a service that it was made from, where that is news."""


_NOTHING = Seen()


def translate(pod: Pod, place: Place, life: Life | None = None, *, gone: bool = False, now: datetime) -> Seen:
    """What the pod tells now; `life` is what was seen of it so far, this state included, `gone` says that this is its
    last state before it was removed."""
    if not gone and just_runs(pod):
        return _NOTHING
    life = after(Life(), pod) if life is None else life
    told = [(run, _attempt(pod, place, run, now)) for run in ended_runs(pod, life, gone=gone, now=now)]
    if life.unsure and not gone and pod.metadata.deletion_grace_period_seconds:
        told = [(run, attempt) for run, attempt in told if run.verdict.outcome is not Outcome.KILLED]
    going = gone or pod.metadata.deletion_timestamp is not None
    return Seen(
        attempts=tuple(attempt for _, attempt in told),
        sightings=(
            *_failures(pod, place, told),
            *(() if going else _cannot_start(pod, place, now)),
            *(_missed_deadline(pod, place, life, now) if gone and not told else ()),
        ),
        waiting=None if going else _waiting(pod, place, now),
    )


def _attempt(pod: Pod, place: Place, run: Run, now: datetime) -> Attempt:
    untimed = run.finished_at is None and run.started_at is None and when(pod.metadata.creation_timestamp) is None
    return attempt_of(
        pod,
        place,
        run.container,
        outcome=run.verdict.outcome,
        restart=run.restart,
        started_at=run.started_at,
        finished_at=now if untimed else run.finished_at,
        reason=run.verdict.reason,
    )


def _failures(pod: Pod, place: Place, told: Iterable[tuple[Run, Attempt]]) -> Iterator[Sighting]:
    """One sighting for each container that failed: of its last failed run, which counts the ones before."""
    broken = "\n".join(health_lines(pod))
    latest = {run.container: (run, attempt) for run, attempt in told if run.verdict.outcome is Outcome.FAILED}
    for run, attempt in latest.values():
        yield Sighting(
            attempt=attempt,
            namespace=pod.metadata.namespace or "",
            evidence=Evidence(
                phase=run.waiting or pod.status.phase,
                reason=run.verdict.reason,
                message=run.message,
                exit_code=run.exit_code,
                events=broken,
            ),
            devices=_devices(pod, place, run.container),
            timestamp=attempt.ended_at,
            occurrences=run.restart + 1,
            has_logs=run.started_at is not None,
            runs_again=run.runs_again,
        )


def _devices(pod: Pod, place: Place, container: str) -> frozenset[str]:
    """The devices that are known to be the container's: by the kubelet, and by its pod's claims."""
    claimed = (device for claim in claims_of(pod, place.claims) if claim is not None for device in claim.devices)
    return frozenset((*devices_of(pod, container), *claimed))


def _cannot_start(pod: Pod, place: Place, now: datetime) -> Iterator[Sighting]:
    """Containers that wait for something that will not come by itself."""
    for each in (*(pod.status.init_container_statuses or ()), *(pod.status.container_statuses or ())):
        stopped = (each.state or _NO_STATE).waiting
        if stopped is not None and stopped.reason in CANNOT_START:
            evidence = Evidence(phase=stopped.reason, reason=stopped.reason, message=stopped.message or None)
            since = when(pod.status.start_time) or when(pod.metadata.creation_timestamp) or now
            yield _stuck(pod, place, each.name or "", evidence, since)


def _missed_deadline(pod: Pod, place: Place, life: Life, now: datetime) -> Iterator[Sighting]:
    """A pod that never began, and whose Job has no time left."""
    if life.job is not None and life.job.reason == DEADLINE and not any(_cannot_start(pod, place, now)):
        evidence = Evidence(phase=pod.status.phase, reason=DEADLINE, message=life.job.message)
        yield _stuck(pod, place, main_container(pod), evidence, life.job.at or life.asked_at or now)


def _waiting(pod: Pod, place: Place, now: datetime) -> Waiting | None:
    """A pod without a node, or with a node and nothing going on yet; None for all others, and for those that are held
    back on purpose by a scheduling gate."""
    if pod.status.phase != "Pending":
        return None
    scheduled = condition(pod, "PodScheduled")
    since = when(pod.metadata.creation_timestamp) or now
    container = main_container(pod)
    if not pod.spec.node_name:
        reason = (scheduled.reason if scheduled is not None else None) or "Pending"
        if reason == "SchedulingGated":
            return None
        evidence = Evidence(phase="Pending", reason=reason, message=scheduled.message if scheduled else None)
        since = (when(scheduled.last_transition_time) if scheduled else None) or since
        return Waiting(sighting=_stuck(pod, place, container, evidence, since), since=since)
    if not _nothing_goes_on(pod):
        return None
    evidence = Evidence(phase="Pending", reason="ContainerCreating")
    since = when(pod.status.start_time) or since
    return Waiting(sighting=_stuck(pod, place, container, evidence, since, unproven=True), since=since)


def _nothing_goes_on(pod: Pod) -> bool:
    """Whether no container runs, has run, or says why it does not."""
    states = [each.state or _NO_STATE for each in pod.status.init_container_statuses or ()]
    states += [each.state or _NO_STATE for each in pod.status.container_statuses or ()]
    return all(
        state.running is None
        and state.terminated is None
        and (state.waiting is None or state.waiting.reason not in CANNOT_START)
        for state in states
    )


def _stuck(
    pod: Pod, place: Place, container: str, evidence: Evidence, since: datetime, *, unproven: bool = False
) -> Sighting:
    return Sighting(
        attempt=attempt_of(pod, place, container, outcome=Outcome.FAILED),
        namespace=pod.metadata.namespace or "",
        evidence=evidence,
        timestamp=since,
        unproven=unproven,
    )
