"""What people submit, and how its pods show it: names, labels, annotations and owner references as the controllers of
each kind write them. One row a kind."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import NAMESPACE_URL, uuid5

SUFFIX_LETTERS = "bcdfghjklmnpqrstvwxz2456789"  # the ones Kubernetes uses for generated names
DEFAULT_IMAGE = "registry.example/pytorch:2.9-cuda12.8"
DEFAULT_GPU = "NVIDIA-A100-SXM4-80GB"


@dataclass(frozen=True, slots=True, kw_only=True)
class Workload:
    """One submission of a job. `kind` is one of `KINDS`; a resubmission under the same name counts `submission` up."""

    name: str
    project: str = "ml-team"
    kind: str = "Job"
    owner: str | None = None
    """The person, as Run:ai writes it beside each pod."""
    submission: int = 0
    pods: int = 1
    """How many run together; more than one is a gang, for the kinds that know gangs."""
    gpus: int = 1
    """Of each pod."""
    gpu_product: str = DEFAULT_GPU
    memory: str = "64Gi"
    cpu: str = "16"
    image: str = DEFAULT_IMAGE
    command: tuple[str, ...] = ("python", "train.py")
    env: tuple[str, ...] = ()
    """Names of further environment variables."""
    pull_secrets: tuple[str, ...] = ()
    sidecar: str | None = None
    """Name of a second container, as a service mesh injects it."""
    restart_policy: str = "Never"
    runs_under_runai: bool = True
    """Whether Run:ai's scheduler runs it: then the namespace is `runai-<project>` and the pods carry its labels."""

    @property
    def namespace(self) -> str:
        """Where its pods live."""
        return f"runai-{self.project}" if self.runs_under_runai else self.project

    @property
    def place(self) -> tuple[str, str]:
        """Where its own object is: namespace and name."""
        return self.namespace, self.name

    @property
    def uid(self) -> str:
        """The uid of this submission."""
        return str(uuid5(NAMESPACE_URL, f"{self.kind}/{self.namespace}/{self.name}/{self.submission}"))


@dataclass(frozen=True, slots=True)
class Member:
    """One pod of a workload: its rank, and which retry by the controller it is."""

    workload: Workload
    index: int = 0
    attempt: int = 0

    @property
    def suffix(self) -> str:
        """Five letters, as generated names end in."""
        return _letters(f"{self.workload.uid}/{self.index}/{self.attempt}", 5)

    @property
    def uid(self) -> str:
        """The pod's uid."""
        return str(uuid5(NAMESPACE_URL, f"{self.workload.uid}/{self.index}/{self.attempt}"))


@dataclass(frozen=True, slots=True)
class Identity:
    """What a kind's controller writes on a pod."""

    name: str
    owner_kind: str
    owner_api: str
    owner_name: str
    owner_uid: str
    labels: dict[str, str] = field(default_factory=dict)
    annotations: dict[str, str] = field(default_factory=dict)


def _letters(seed: str, length: int) -> str:
    digest = hashlib.blake2b(seed.encode(), digest_size=length).digest()
    return "".join(SUFFIX_LETTERS[byte % len(SUFFIX_LETTERS)] for byte in digest)


def _job(member: Member) -> Identity:
    job = member.workload
    labels = {
        "batch.kubernetes.io/job-name": job.name,
        "job-name": job.name,
        "batch.kubernetes.io/controller-uid": job.uid,
        "controller-uid": job.uid,
    }
    return Identity(f"{job.name}-{member.suffix}", "Job", "batch/v1", job.name, job.uid, labels)


def _pytorch_job(member: Member) -> Identity:
    job = member.workload
    role, rank = ("master", 0) if member.index == 0 else ("worker", member.index - 1)
    labels = {
        "training.kubeflow.org/job-name": job.name,
        "training.kubeflow.org/operator-name": "pytorchjob-controller",
        "training.kubeflow.org/replica-type": role,
        "training.kubeflow.org/replica-index": str(rank),
    }
    if role == "master":
        labels["training.kubeflow.org/job-role"] = "master"
    return Identity(f"{job.name}-{role}-{rank}", "PyTorchJob", "kubeflow.org/v1", job.name, job.uid, labels)


def _job_set(member: Member) -> Identity:
    job = member.workload
    child = f"{job.name}-workers-0"
    labels = {
        "jobset.sigs.k8s.io/jobset-name": job.name,
        "jobset.sigs.k8s.io/jobset-uid": job.uid,
        "jobset.sigs.k8s.io/replicatedjob-name": "workers",
        "jobset.sigs.k8s.io/job-index": "0",
        "jobset.sigs.k8s.io/restart-attempt": str(member.attempt),
        "batch.kubernetes.io/job-name": child,
        "job-name": child,
        "batch.kubernetes.io/job-completion-index": str(member.index),
    }
    child_uid = str(uuid5(NAMESPACE_URL, f"{job.uid}/{child}/{member.attempt}"))
    annotations = {"batch.kubernetes.io/job-completion-index": str(member.index)}
    name = f"{child}-{member.index}-{member.suffix}"
    return Identity(name, "Job", "batch/v1", child, child_uid, labels, annotations)


def _ray_labels(member: Member, cluster: str) -> dict[str, str]:
    role = "head" if member.index == 0 else "worker"
    group = "headgroup" if member.index == 0 else "gpu-workers"
    return {
        "ray.io/cluster": cluster,
        "ray.io/is-ray-node": "yes",
        "ray.io/node-type": role,
        "ray.io/group": group,
        "ray.io/identifier": f"{cluster}-{role}",
        "app.kubernetes.io/name": "kuberay",
        "app.kubernetes.io/created-by": "kuberay-operator",
    }


def _ray_name(member: Member, cluster: str) -> str:
    return f"{cluster}-{'head' if member.index == 0 else 'gpu-workers-worker'}-{member.suffix}"


def _ray_job(member: Member) -> Identity:
    job = member.workload
    cluster = f"{job.name}-raycluster-{_letters(job.uid, 5)}"
    origin = {"ray.io/originated-from-cr-name": job.name, "ray.io/originated-from-crd": "RayJob"}
    labels = {**_ray_labels(member, cluster), **origin}
    cluster_uid = str(uuid5(NAMESPACE_URL, f"{job.uid}/{cluster}"))
    return Identity(_ray_name(member, cluster), "RayCluster", "ray.io/v1", cluster, cluster_uid, labels)


def _ray_cluster(member: Member) -> Identity:
    job = member.workload
    origin = {"ray.io/originated-from-cr-name": job.name, "ray.io/originated-from-crd": "RayCluster"}
    labels = {**_ray_labels(member, job.name), **origin}
    return Identity(_ray_name(member, job.name), "RayCluster", "ray.io/v1", job.name, job.uid, labels)


def _deployment(member: Member) -> Identity:
    job = member.workload
    template = _letters(f"{job.image}/{job.memory}", 9)
    replica_set = f"{job.name}-{template}"
    labels = {"app": job.name, "pod-template-hash": template}
    uid = str(uuid5(NAMESPACE_URL, f"{job.uid}/{template}"))
    return Identity(f"{replica_set}-{member.suffix}", "ReplicaSet", "apps/v1", replica_set, uid, labels)


def _training_workload(member: Member) -> Identity:
    job = member.workload
    top_owner = f"name: {job.name}\nuid: {job.uid}\ngroup: run.ai\nversion: v2alpha1\nkind: TrainingWorkload\n"
    labels = {"release": job.name, "workloadName": job.name, "run.ai/workload-name": job.name}
    annotations = {"run.ai/top-owner-metadata": top_owner}
    uid = str(uuid5(NAMESPACE_URL, f"{job.uid}/runaijob"))
    name = f"{job.name}-{member.attempt}-{member.index}"
    return Identity(name, "RunaiJob", "run.ai/v1", job.name, uid, labels, annotations)


_IDENTITIES: dict[str, Callable[[Member], Identity]] = {
    "Job": _job,
    "PyTorchJob": _pytorch_job,
    "JobSet": _job_set,
    "RayJob": _ray_job,
    "RayCluster": _ray_cluster,
    "Deployment": _deployment,
    "TrainingWorkload": _training_workload,
}
KINDS = tuple(_IDENTITIES)


def metadata_of(member: Member) -> dict[str, Any]:
    """The pod's metadata, but for its times; the same member always has the same uid."""
    job, identity = member.workload, _IDENTITIES[member.workload.kind](member)
    owner = {
        "apiVersion": identity.owner_api,
        "kind": identity.owner_kind,
        "name": identity.owner_name,
        "uid": identity.owner_uid,
        "controller": True,
        "blockOwnerDeletion": True,
    }
    labels, annotations = {**identity.labels}, {**identity.annotations}
    if job.runs_under_runai:
        labels |= {"runai/queue": job.project, "project": job.project}
        annotations["runai-job-id"] = job.uid
        if job.kind != "Deployment":
            annotations["pod-group-name"] = f"pg-{job.name}-{job.uid}"
    if job.owner is not None:
        annotations["run.ai/user" if job.runs_under_runai else "submitted-by"] = job.owner
    return {
        "name": identity.name,
        "namespace": job.namespace,
        "uid": member.uid,
        "labels": labels,
        "annotations": annotations,
        "ownerReferences": [owner],
    }
