"""Gangs: pods that run together and fail together. The first to fail is the fault, the rest are its victims."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.workload.failure import Failure
from bot.domain.workload.job_identity import JobIdentity, marked, workload_of
from bot.domain.workload.pod_meta import PodMeta

FALLOUT = timedelta(minutes=10)
"""How long after the first fault a member's failure is still its consequence. NCCL's watchdog waits that long by
default before it gives up on a peer that is gone."""

_GROUP_ANNOTATIONS = (
    "pod-group-name",
    "scheduling.k8s.io/group-name",
    "scheduling.volcano.sh/group-name",
    "yunikorn.apache.org/task-group-name",
)
_GROUP_LABELS = ("scheduling.x-k8s.io/pod-group", "pod-group.scheduling.sigs.k8s.io", "kueue.x-k8s.io/pod-group-name")
_GANG_KINDS = (
    "PyTorchJob",
    "TFJob",
    "MPIJob",
    "XGBoostJob",
    "PaddleJob",
    "JAXJob",
    "MXJob",
    "TrainJob",
    "ElasticJob",
    "JobSet",
    "VolcanoJob",
    "RayJob",
    "RayCluster",
    "RayService",
    "DaskJob",
    "DaskCluster",
    "SkyPilotCluster",
    "PodGroup",
)
"""A vendor's kind ends in the one that it is made after: HyperPodPyTorchJob."""
_SINGLE_KINDS = frozenset({"Job", "CronJob", "Deployment", "StatefulSet", "DaemonSet", "Pod", "Notebook", "Workflow"})
_UNKNOWN_TO_SOME = "MPIJob"
"""Its launcher belongs to a batch Job, and does not know the MPIJob's uid as the workers do."""
_PARTS = ("leaderworkerset.sigs.k8s.io/group-index", "grove.io/podgang")
"""Labels that name the gang within a workload that has several."""
_REPLICA_TYPES = ("training.kubeflow.org/replica-type", "replica-type", "sagemaker.amazonaws.com/replica-type")
"""Labels of members of a gang whose operator is not known."""
_RESTART = "jobset.sigs.k8s.io/restart-attempt"
_INDEX = "batch.kubernetes.io/job-completion-index"


def gang_of(pod: PodMeta) -> str | None:
    """The name of the gang a pod belongs to; None for a pod that stands alone.

    The members of a distributed workload are one gang, those that launch, submit or lead it included. A batch Job's
    pods follow one another, or work on their own shares; only an Indexed one whose pods have a subdomain is a gang,
    since the pods need it to find each other. A scheduler's own grouping is no sign of a gang there: KAI and Volcano
    put every job's pods into a group.
    """
    workload = _distributed(pod)
    submission = f"{pod.namespace}/{workload.name}/{_uid(workload) or ''}".rstrip("/")
    if part := pod.first(_PARTS):
        return f"{submission}/{part}"
    if _is_distributed(workload) or (pod.first(_REPLICA_TYPES) and workload.kind not in _SINGLE_KINDS):
        restart = pod.labels.get(_RESTART)
        return f"{submission}/{restart}" if restart else submission
    together = _INDEX in pod.labels or _INDEX in pod.annotations
    stands_alone = workload.kind in _SINGLE_KINDS and not (together and pod.has_subdomain)
    group = (
        pod.scheduling_group or pod.first(_GROUP_LABELS) or (None if stands_alone else pod.first(_GROUP_ANNOTATIONS))
    )
    if group:
        return f"{pod.namespace}/{group}"
    return submission if workload.kind in {"Job", "CronJob"} and not stands_alone else None


def _distributed(pod: PodMeta) -> JobIdentity:
    """The pod's workload, or what it wraps, the first whose pods run together."""
    workload = workload_of(pod)
    if _is_distributed(workload):
        return workload
    return next(filter(_is_distributed, marked(pod)), workload)


def _is_distributed(workload: JobIdentity) -> bool:
    return (workload.kind or "").endswith(_GANG_KINDS)


def _uid(workload: JobIdentity) -> str | None:
    return None if workload.kind == _UNKNOWN_TO_SOME else workload.uid


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
