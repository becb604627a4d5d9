"""Who submitted a pod, to where, asking for what: the part of an attempt that its end does not change."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import msgspec

from bot.cluster.claims import ClaimKey, ResourceClaim, claimed, claims_of
from bot.cluster.pods import Container, ContainerStatus, Pod, Resources, Text, when
from bot.cluster.register import Lookup
from bot.domain.workload.accelerator_units import Asked, GpuNode
from bot.domain.workload.accelerators import PodRequests, gpu_count, gpu_type
from bot.domain.workload.attempt import Attempt, Outcome
from bot.domain.workload.gang import gang_of
from bot.domain.workload.pod_meta import Owner, PodMeta
from bot.domain.workload.project import owner_of, project_of
from bot.domain.workload.submitted import identify

_RAY, _RAY_TAGS = "ray.io/cluster", "RAY_USAGE_STATS_EXTRA_TAGS"


@dataclass(frozen=True, slots=True)
class Place:
    """What has to be known of a cluster to translate its pods."""

    cluster: str
    project_labels: Sequence[str] = ()
    """Pod labels that name the project, the first that is there."""
    nodes: Lookup[str, GpuNode] = field(default_factory=dict)
    """What each node says of its accelerators."""
    claims: Lookup[ClaimKey, ResourceClaim] = field(default_factory=dict)


def attempt_of(
    pod: Pod,
    place: Place,
    container: str,
    *,
    outcome: Outcome,
    restart: int = 0,
    started_at: datetime | None = None,
    finished_at: datetime | None = None,
    reason: str | None = None,
) -> Attempt:
    """One run of this container, with all that the pod tells about itself."""
    meta, spec = meta_of(pod), pod.spec
    job, asked = identify(meta), _runs_with(pod, container)
    node = place.nodes.get(spec.node_name) if spec.node_name else None
    wish = spec.node_selector or {}
    return Attempt(
        cluster=place.cluster,
        job=job.name,
        pod_uid=uid_of(pod),
        outcome=outcome,
        project=project_of(meta.namespace, meta.labels, place.project_labels),
        kind=job.kind,
        owner=owner_of(meta),
        job_uid=job.uid,
        gang=gang_of(meta),
        pod_name=meta.name,
        container=container,
        restart=restart,
        node=spec.node_name or None,
        image=getattr(_container(pod, container), "image", None) or None,
        gpu_count=gpu_count(_request(pod, place), meta.annotations, node or GpuNode(wish)),
        gpu_type=gpu_type(node.labels if node else {}, wish),
        memory_request=_words(asked.get("memory")),
        cpu_request=_words(asked.get("cpu")),
        created_at=meta.created_at,
        started_at=started_at,
        finished_at=finished_at,
        reason=reason,
    )


def meta_of(pod: Pod) -> PodMeta:
    """What the pod says of where it comes from."""
    metadata, spec = pod.metadata, pod.spec
    group, ref = spec.scheduling_group, spec.workload_ref
    labels = metadata.labels or {}
    return PodMeta(
        name=metadata.name or "",
        namespace=metadata.namespace or "",
        labels=labels,
        annotations=metadata.annotations or {},
        owners=[
            Owner(each.kind or "", each.name or "", each.uid, bool(each.controller))
            for each in metadata.owner_references or ()
        ],
        created_at=when(metadata.creation_timestamp),
        containers=[each.name or "" for each in spec.containers or ()],
        scheduling_group=(group.pod_group_name if group is not None else None)
        or ("/".join(filter(None, (ref.name, ref.pod_group, ref.pod_group_replica_key))) if ref is not None else None)
        or None,
        ray_tags=_variable(spec.containers or (), _RAY_TAGS) if _RAY in labels else None,
        has_subdomain=bool(spec.subdomain),
    )


class _Variable(msgspec.Struct, gc=False):
    name: Text = None
    value: Text = None


_VARIABLES = msgspec.json.Decoder(list[_Variable])


def _variable(containers: Sequence[Container], name: str) -> str | None:
    """A variable of the environment, of the first container that has it."""
    for container in containers:
        try:
            variables = _VARIABLES.decode(container.env) if container.env else []
        except (msgspec.DecodeError, UnicodeDecodeError):
            continue
        if found := next((each.value for each in variables if each.name == name and each.value), None):
            return found
    return None


def uid_of(pod: Pod) -> str:
    """The pod's uid; of an odd pod without one, its name and start, which are as good as unique."""
    metadata = pod.metadata
    return metadata.uid or f"{metadata.namespace}/{metadata.name}/{metadata.creation_timestamp}"


def _container(pod: Pod, name: str) -> Container | None:
    of_pod = (*(pod.spec.containers or ()), *(pod.spec.init_containers or ()))
    return next((each for each in of_pod if each.name == name), None)


def _request(pod: Pod, place: Place) -> PodRequests:
    """What the pod asks for. Accelerators cannot be resized in place, so the spec holds."""
    spec = pod.spec
    return PodRequests(
        mains=[_asked(each.resources) for each in spec.containers or ()],
        inits=[(_asked(each.resources), each.restart_policy == "Always") for each in spec.init_containers or ()],
        pod=_asked(spec.resources),
        claimed=claimed(claims_of(pod, place.claims)) if spec.resource_claims else 0.0,
    )


def _runs_with(pod: Pod, name: str) -> Asked:
    """What a container has of memory and CPU: as its status says, which an in-place resize changes once it is done,
    else as it was asked for; where only the pod as a whole asks, that."""
    container = _container(pod, name)
    wanted = _asked(container.resources) if container is not None else {}
    has = next((_asked(each.resources) for each in _statuses(pod) if each.name == name), {})
    return {**_asked(pod.spec.resources), **wanted, **has}


def _statuses(pod: Pod) -> Iterator[ContainerStatus]:
    yield from pod.status.container_statuses or ()
    yield from pod.status.init_container_statuses or ()


def _asked(resources: Resources | None) -> Asked:
    """Requests, and limits where no request is made."""
    if resources is None:
        return {}
    return {**(resources.limits or {}), **(resources.requests or {})}


def _words(quantity: str | float | None) -> str | None:
    return str(quantity) if quantity is not None else None
