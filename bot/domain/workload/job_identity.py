"""Which job a pod belongs to: what a person submitted, read from the pod alone. A pod names only its direct owner, so
labels, annotations and the naming rules of controllers lead further up: to the workload whose pods run together, and
from there to what that workload is one run of."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bot.domain.workload.generated_names import RANDOM, without_minute
from bot.domain.workload.operators import MARKS, VOLCANO
from bot.domain.workload.pod_meta import Owner, PodMeta

_TOP_OWNER = ("kai.scheduler/top-owner-metadata", "kai.scheduler/top-owner-matadata", "run.ai/top-owner-metadata")
"""Annotations of KAI and Run:ai, in YAML or JSON; the second spelling is KAI's own."""
_TOP_OWNER_FIELD = re.compile(r"\b(name|kind|uid)\b[\"']?\s*:\s*[\"']?([A-Za-z0-9][A-Za-z0-9.-]*)")
_BATCH_JOB_NAME = ("batch.kubernetes.io/job-name", "job-name")
_BATCH_JOB_UID = ("batch.kubernetes.io/controller-uid", "controller-uid")
_REPLICA_SET_HASH = (("rollouts-pod-template-hash", "Rollout"), ("pod-template-hash", "Deployment"))
_RAY_NAME, _RAY_KIND, _RAY_CLUSTER = "ray.io/originated-from-cr-name", "ray.io/originated-from-crd", "ray.io/cluster"
_RAY_CRD = re.compile(r"kuberay_crd=(\w{3,40})")
_RAY_MADE = re.compile(rf"(.+?)(?:-raycluster-[a-z0-9]{{5}}|-{RANDOM})")
"""How KubeRay names the cluster of a RayJob or RayService: with `raycluster` up to 1.3, without it since 1.4."""


@dataclass(frozen=True, slots=True)
class JobIdentity:
    """A job's name, kind and, where known, the uid of this one submission."""

    name: str
    kind: str | None = None
    uid: str | None = None


def workload_of(pod: PodMeta) -> JobIdentity:
    """The workload that the pod is a part of: a Job, a PyTorchJob, one run of a workflow. A pod of nobody's is its
    own."""
    return _by_annotation(pod) or _by_ray(pod) or next(marked(pod), None) or _by_batch_job(pod) or _by_owner(pod)


def _by_annotation(pod: PodMeta) -> JobIdentity | None:
    for key in _TOP_OWNER:
        if text := pod.annotations.get(key):
            fields = dict(_TOP_OWNER_FIELD.findall(text))
            if fields.get("name") and fields.get("kind") not in {"Pod", "Node"}:
                return JobIdentity(fields["name"], fields.get("kind"), fields.get("uid"))
    return None


def _by_ray(pod: PodMeta) -> JobIdentity | None:
    """A RayJob's submitter names it; its head says only of which kind it is, and its workers not even that."""
    labels = pod.labels
    if name := labels.get(_RAY_NAME):
        kind = labels.get(_RAY_KIND) or "RayJob"
        return JobIdentity(name, kind, _uid_of(pod.owner, kind))
    cluster = labels.get(_RAY_CLUSTER)
    if not cluster:
        return None
    said = _RAY_CRD.search(pod.ray_tags or "")
    made = _RAY_MADE.fullmatch(cluster)
    if made is None or (said is not None and said[1] == "RayCluster"):
        return JobIdentity(cluster, "RayCluster", _uid_of(pod.owner, "RayCluster"))
    return JobIdentity(made[1], said[1] if said else "RayService" if "ray.io/serve" in labels else "RayJob")


def marked(pod: PodMeta) -> Iterator[JobIdentity]:
    """Every workload that a mark of an operator names, the outermost first."""
    for mark in MARKS:
        name = pod.said(mark.key)
        if name and mark.when(pod):
            kind = mark.kind_of(pod)
            yield JobIdentity(name, kind, (pod.said(mark.uid) if mark.uid else None) or _uid_of(pod.owner, kind))


def _by_batch_job(pod: PodMeta) -> JobIdentity | None:
    owner = pod.owner
    is_job = owner is not None and owner.kind == "Job"
    name = pod.first(_BATCH_JOB_NAME) or (owner.name if owner is not None and is_job else None)
    if not name or (owner is not None and not is_job):
        return None
    uid = (owner.uid if owner is not None else None) or pod.first(_BATCH_JOB_UID)
    cron = without_minute(name, pod.created_at)
    return JobIdentity(cron, "CronJob", uid) if cron else JobIdentity(name, "Job", uid)


def _by_owner(pod: PodMeta) -> JobIdentity:
    owner = pod.owner
    if owner is None or not owner.name:
        return JobIdentity(pod.name, "Pod")
    if owner.kind == "Node":
        return JobIdentity(pod.name.removesuffix(f"-{owner.name}"), "Pod")
    if owner.kind == "ReplicaSet":
        for label, kind in _REPLICA_SET_HASH:
            template = pod.labels.get(label)
            if template and owner.name.endswith(f"-{template}"):
                return JobIdentity(owner.name.removesuffix(f"-{template}"), kind, owner.uid)
    return JobIdentity(owner.name, owner.kind or None, owner.uid)


def _uid_of(owner: Owner | None, kind: str | None) -> str | None:
    """The owner's uid where the owner is the workload itself; a helper's uid changes with each retry."""
    return owner.uid if owner is not None and kind in {None, owner.kind, VOLCANO} else None
