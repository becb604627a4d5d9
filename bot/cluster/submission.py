"""Who submitted a pod, to where, asking for what: the part of an attempt that its end does not change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from bot.cluster.pods import Container, Pod, when
from bot.domain.workload.accelerators import gpu_count, gpu_type
from bot.domain.workload.attempt import Attempt, Outcome
from bot.domain.workload.gang import gang_of
from bot.domain.workload.job_identity import Owner, identify
from bot.domain.workload.project import owner_of, project_of


@dataclass(frozen=True, slots=True)
class Place:
    """What has to be known of a cluster to translate its pods."""

    cluster: str
    project_labels: Sequence[str] = ()
    """Pod labels that name the project, the first that is there."""
    gpu_types: Mapping[str, str] = field(default_factory=dict)
    """GPU type by node."""


def attempt_of(
    pod: Pod,
    place: Place,
    container: str,
    *,
    outcome: Outcome,
    restart: int = 0,
    started_at: datetime | None = None,
    finished_at: datetime | None = None,
) -> Attempt:
    """One run of this container, with all that the pod tells about itself."""
    metadata, spec = pod.metadata, pod.spec
    labels, annotations = metadata.labels or {}, metadata.annotations or {}
    name, namespace = metadata.name or "", metadata.namespace or ""
    created_at = when(metadata.creation_timestamp)
    owners = [
        Owner(each.kind or "", each.name or "", each.uid, bool(each.controller))
        for each in metadata.owner_references or ()
    ]
    job = identify(name, labels=labels, annotations=annotations, owners=owners, created_at=created_at)
    asked = _resources(_container(pod, container))
    return Attempt(
        cluster=place.cluster,
        job=job.name,
        pod_uid=uid_of(pod),
        outcome=outcome,
        project=project_of(namespace, labels, place.project_labels),
        kind=job.kind,
        owner=owner_of(labels, annotations),
        job_uid=job.uid,
        gang=gang_of(namespace, job, labels=labels, annotations=annotations, has_subdomain=bool(spec.subdomain)),
        pod_name=name,
        container=container,
        restart=restart,
        node=spec.node_name or None,
        image=getattr(_container(pod, container), "image", None) or None,
        gpu_count=gpu_count(map(_resources, spec.containers or ()), annotations),
        gpu_type=place.gpu_types.get(spec.node_name or "") or gpu_type(spec.node_selector or {}),
        memory_request=_words(asked.get("memory")),
        cpu_request=_words(asked.get("cpu")),
        created_at=created_at,
        started_at=started_at,
        finished_at=finished_at,
    )


def uid_of(pod: Pod) -> str:
    """The pod's uid; of an odd pod without one, its name and start, which are as good as unique."""
    metadata = pod.metadata
    return metadata.uid or f"{metadata.namespace}/{metadata.name}/{metadata.creation_timestamp}"


def _container(pod: Pod, name: str) -> Container | None:
    of_pod = (*(pod.spec.containers or ()), *(pod.spec.init_containers or ()))
    return next((each for each in of_pod if each.name == name), None)


def _resources(container: Container | None) -> Mapping[str, str | int | float]:
    """Requests, and limits where no request is made."""
    if container is None or container.resources is None:
        return {}
    return {**(container.resources.limits or {}), **(container.resources.requests or {})}


def _words(quantity: str | float | None) -> str | None:
    return str(quantity) if quantity is not None else None
