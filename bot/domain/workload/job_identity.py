"""Which job a pod belongs to: what a person submitted, read from the pod alone. A pod names only its direct owner, so
labels, annotations and the naming rules of Kubernetes' controllers lead further up. The table is easy to extend."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

_TOP_OWNER = ("kai.scheduler/top-owner-metadata", "kai.scheduler/top-owner-matadata", "run.ai/top-owner-metadata")
"""Annotations of KAI and Run:ai, in YAML or JSON; the second spelling is KAI's own."""
_TOP_OWNER_FIELD = re.compile(r"\b(name|kind|uid)\b[\"']?\s*:\s*[\"']?([A-Za-z0-9][A-Za-z0-9.-]*)")

_VOLCANO = "VolcanoJob"
"""Volcano's own kind is `Job` too; so called, it is not taken for a batch Job."""
_JOB_LABELS: tuple[tuple[str, str | None, str | None], ...] = (
    # label with the name · the kind, None for the direct owner's · label with the uid
    ("trainer.kubeflow.org/trainjob-name", "TrainJob", None),
    ("jobset.sigs.k8s.io/jobset-name", "JobSet", "jobset.sigs.k8s.io/jobset-uid"),
    ("training.kubeflow.org/job-name", None, None),
    ("pytorch-job-name", "PyTorchJob", None),
    ("tf-job-name", "TFJob", None),
    ("mpi-job-name", "MPIJob", None),
    ("volcano.sh/job-name", _VOLCANO, None),
    ("leaderworkerset.sigs.k8s.io/name", "LeaderWorkerSet", None),
    ("workflows.argoproj.io/workflow", "Workflow", None),
    ("tekton.dev/pipelineRun", "PipelineRun", None),
    ("sparkoperator.k8s.io/app-name", "SparkApplication", None),
    ("serving.knative.dev/service", "KnativeService", None),
    ("serving.kserve.io/inferenceservice", "InferenceService", None),
    ("notebook-name", "Notebook", None),
    ("run.ai/workload-name", None, None),
)
_KUBEFLOW_KINDS = ("PyTorchJob", "TFJob", "MPIJob", "XGBoostJob", "PaddleJob", "JAXJob")
_BATCH_JOB_NAME = ("batch.kubernetes.io/job-name", "job-name")
_BATCH_JOB_UID = ("batch.kubernetes.io/controller-uid", "controller-uid")
_TEMPLATE_HASH = "pod-template-hash"
_RAY_NAME, _RAY_KIND, _RAY_CLUSTER = "ray.io/originated-from-cr-name", "ray.io/originated-from-crd", "ray.io/cluster"
_RAY_JOB_OF_CLUSTER = re.compile(r"(.+)-raycluster-[a-z0-9]{5}")
_CRON_SUFFIX = re.compile(r"(.+)-(\d{8,9})")
_CRON_DRIFT = timedelta(days=7)
"""How far a pod's start may be from the minute in its CronJob's job name: it may queue, it may not be older."""


@dataclass(frozen=True, slots=True)
class Owner:
    """One ownerReference of a pod."""

    kind: str
    name: str
    uid: str | None = None
    controller: bool = False


@dataclass(frozen=True, slots=True)
class JobIdentity:
    """A job's name, kind and, where known, the uid of this one submission."""

    name: str
    kind: str | None = None
    uid: str | None = None


def identify(
    pod_name: str,
    *,
    labels: Mapping[str, str],
    annotations: Mapping[str, str],
    owners: Sequence[Owner],
    created_at: datetime | None,
) -> JobIdentity:
    """The top-level workload of a pod; a pod of nobody's is its own job."""
    owner = next((each for each in owners if each.controller), owners[0] if owners else None)
    return (
        _by_annotation(annotations)
        or _by_ray(labels, owner)
        or _by_label(labels, owner)
        or _by_batch_job(labels, owner, created_at)
        or _by_owner(pod_name, labels, owner)
    )


def _by_annotation(annotations: Mapping[str, str]) -> JobIdentity | None:
    for key in _TOP_OWNER:
        if text := annotations.get(key):
            fields = dict(_TOP_OWNER_FIELD.findall(text))
            if fields.get("name") and fields.get("kind") != "Pod":
                return JobIdentity(fields["name"], fields.get("kind"), fields.get("uid"))
    return None


def _by_ray(labels: Mapping[str, str], owner: Owner | None) -> JobIdentity | None:
    if name := labels.get(_RAY_NAME):
        return JobIdentity(name, labels.get(_RAY_KIND) or "RayJob", _uid_of(owner, labels.get(_RAY_KIND) or "RayJob"))
    cluster = labels.get(_RAY_CLUSTER)
    if not cluster:
        return None
    if match := _RAY_JOB_OF_CLUSTER.fullmatch(cluster):
        return JobIdentity(match[1], "RayJob", None)
    return JobIdentity(cluster, "RayCluster", _uid_of(owner, "RayCluster"))


def _by_label(labels: Mapping[str, str], owner: Owner | None) -> JobIdentity | None:
    for label, kind, uid_label in _JOB_LABELS:
        name = labels.get(label)
        if not name:
            continue
        if kind is None:
            kind = _direct_kind(labels, owner)  # noqa: PLW2901 the row leaves the kind open
        return JobIdentity(name, kind, (labels.get(uid_label) if uid_label else None) or _uid_of(owner, kind))
    return None


def _direct_kind(labels: Mapping[str, str], owner: Owner | None) -> str | None:
    """The owner's kind, unless that is a helper of the job's operator (an MPIJob's launcher is a batch Job)."""
    said = labels.get("training.kubeflow.org/operator-name", "").removesuffix("-controller")
    by_operator = next((kind for kind in _KUBEFLOW_KINDS if kind.lower() == said), None)
    if owner is not None and owner.kind not in {"Job", "StatefulSet", "ReplicaSet"}:
        return owner.kind
    return by_operator


def _by_batch_job(labels: Mapping[str, str], owner: Owner | None, created_at: datetime | None) -> JobIdentity | None:
    is_job = owner is not None and owner.kind == "Job"
    name = _first(labels, _BATCH_JOB_NAME) or (owner.name if owner is not None and is_job else None)
    if not name or (owner is not None and not is_job):
        return None
    uid = (owner.uid if owner is not None else None) or _first(labels, _BATCH_JOB_UID)
    cron = _cron_job(name, created_at)
    return JobIdentity(cron, "CronJob", uid) if cron else JobIdentity(name, "Job", uid)


def _cron_job(job: str, created_at: datetime | None) -> str | None:
    """The CronJob's name, if the job's name ends in its minute since 1970, as the CronJob controller names its jobs."""
    match = _CRON_SUFFIX.fullmatch(job)
    if match is None or created_at is None:
        return None
    drift = created_at.timestamp() - int(match[2]) * 60
    return match[1] if abs(drift) <= _CRON_DRIFT.total_seconds() else None


def _by_owner(pod_name: str, labels: Mapping[str, str], owner: Owner | None) -> JobIdentity:
    if owner is None or not owner.name:
        return JobIdentity(pod_name, "Pod")
    if owner.kind == "Node":
        return JobIdentity(pod_name.removesuffix(f"-{owner.name}"), "Pod")
    if owner.kind == "ReplicaSet":
        template = labels.get(_TEMPLATE_HASH)
        if template and owner.name.endswith(f"-{template}"):
            return JobIdentity(owner.name.removesuffix(f"-{template}"), "Deployment", owner.uid)
    return JobIdentity(owner.name, owner.kind or None, owner.uid)


def _uid_of(owner: Owner | None, kind: str | None) -> str | None:
    """The owner's uid where the owner is the job itself; a helper's uid changes with each retry."""
    return owner.uid if owner is not None and kind in {None, owner.kind, _VOLCANO} else None


def _first(values: Mapping[str, str], keys: Sequence[str]) -> str | None:
    return next((values[key] for key in keys if values.get(key)), None)
