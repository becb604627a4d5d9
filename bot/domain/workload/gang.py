"""Gangs: pods that run together and fail together. The first to fail is the fault, the rest are its victims."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.workload.failure import Failure
from bot.domain.workload.job_identity import JobIdentity

FALLOUT = timedelta(minutes=10)
"""How long after the first fault a member's failure is still its consequence. NCCL's watchdog waits that long by
default before it gives up on a peer that is gone."""

_GROUP_ANNOTATIONS = ("pod-group-name", "scheduling.k8s.io/group-name", "scheduling.volcano.sh/group-name")
_GROUP_LABELS = ("scheduling.x-k8s.io/pod-group", "pod-group.scheduling.sigs.k8s.io", "kueue.x-k8s.io/pod-group-name")
_GANG_KINDS = frozenset(
    {
        "PyTorchJob",
        "TFJob",
        "MPIJob",
        "XGBoostJob",
        "PaddleJob",
        "JAXJob",
        "TrainJob",
        "JobSet",
        "VolcanoJob",
        "RayJob",
        "RayCluster",
    }
)
_SINGLE_KINDS = frozenset({"Job", "CronJob", "Deployment", "StatefulSet", "DaemonSet", "Pod", "Notebook"})
_REPLICA_GROUP = "leaderworkerset.sigs.k8s.io/group-index"
_RESTART = "jobset.sigs.k8s.io/restart-attempt"
_INDEX = "batch.kubernetes.io/job-completion-index"


def gang_of(
    namespace: str,
    job: JobIdentity,
    *,
    labels: Mapping[str, str],
    annotations: Mapping[str, str],
    has_subdomain: bool,
) -> str | None:
    """The name of the gang a pod belongs to; None for a pod that stands alone.

    A batch Job's pods follow one another, or work on their own shares; only an Indexed one whose pods have a
    subdomain is a gang, since the pods need it to find each other. A scheduler's own grouping is no sign of a gang
    there: KAI and Volcano put every job's pods into a group.
    """
    stands_alone = job.kind in _SINGLE_KINDS and not (_is_indexed(labels, annotations) and has_subdomain)
    group = next((labels[key] for key in _GROUP_LABELS if labels.get(key)), None)
    if group is None and not stands_alone:
        group = next((annotations[key] for key in _GROUP_ANNOTATIONS if annotations.get(key)), None)
    if group:
        return f"{namespace}/{group}"
    submission = f"{namespace}/{job.name}/{job.uid or ''}".rstrip("/")
    if _REPLICA_GROUP in labels:
        return f"{submission}/{labels[_REPLICA_GROUP]}"
    if job.kind in _GANG_KINDS:
        return f"{submission}/{labels[_RESTART]}" if labels.get(_RESTART) else submission
    return submission if job.kind == "Job" and not stands_alone else None


def _is_indexed(labels: Mapping[str, str], annotations: Mapping[str, str]) -> bool:
    return _INDEX in labels or _INDEX in annotations


@dataclass(frozen=True, slots=True)
class Faults:
    """The ids of failure events: those that began it, and those that only followed."""

    first: frozenset[int]
    victims: frozenset[int]


def first_faults(
    failures: Iterable[Failure],
    *,
    starts: Mapping[str, datetime],
    depth: Callable[[Failure], float] | None = None,
) -> Faults:
    """Split one gang's failure events into first faults and victims; the order of input does not matter.

    Events are taken in the order of time. One opens an episode; to it belongs what fails within `FALLOUT` of it, of
    pods that ran already by then: `starts` says since when, by pod uid. A pod that started later is the gang's next
    try. Within an episode the first event is the fault, unless `depth` finds another one nearer to the root (a smaller
    figure): a rank that ran out of memory may be reaped after its peers have given up on it.
    """
    first: set[int] = set()
    victims: set[int] = set()
    for episode in _episodes([each for each in failures if each.id is not None], starts):
        fault = min(episode, key=lambda each: (depth(each) if depth else 0.0, *_order(each)))
        for each in episode:
            (first if each.pod_uid == fault.pod_uid else victims).add(each.id or 0)
    return Faults(frozenset(first), frozenset(victims))


def _episodes(failures: Sequence[Failure], starts: Mapping[str, datetime]) -> list[list[Failure]]:
    episodes: list[list[Failure]] = []
    pods: dict[str, str] = {}
    for failure in sorted(failures, key=_order):
        name = failure.pod_name or failure.pod_uid
        began = starts.get(failure.pod_uid)
        opened_at = episodes[-1][0].timestamp if episodes else None
        if (
            opened_at is None
            or failure.timestamp - opened_at > FALLOUT
            or (began is not None and began > opened_at)
            or pods.get(name, failure.pod_uid) != failure.pod_uid  # the same rank once more, as a new pod
        ):
            episodes.append([])
            pods = {}
        episodes[-1].append(failure)
        pods[name] = failure.pod_uid
    return episodes


def _order(failure: Failure) -> tuple[float, int]:
    return (failure.timestamp.timestamp(), failure.id or 0)
