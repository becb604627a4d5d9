"""The fields of pods, nodes, Jobs, events and lists that we read, as msgspec structs: over a hundred times faster than
the client's models. Every field may be missing or null; times stay text until somebody needs them."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec

Text = str | None
Labels = dict[str, str] | None
Quantities = dict[str, str | int | float] | None


class OwnerReference(msgspec.Struct, gc=False):
    """Who made the pod."""

    kind: Text = None
    name: Text = None
    uid: Text = None
    controller: bool | None = None


class Metadata(msgspec.Struct, rename="camel"):
    """`metav1.ObjectMeta`, as far as we read it."""

    name: Text = None
    namespace: Text = None
    uid: Text = None
    resource_version: Text = None
    creation_timestamp: Text = None
    deletion_timestamp: Text = None
    deletion_grace_period_seconds: int | None = None
    labels: Labels = None
    annotations: Labels = None
    owner_references: list[OwnerReference] | None = None


class Resources(msgspec.Struct):
    """What a container asks for and may have, by resource name."""

    requests: Quantities = None
    limits: Quantities = None


class Container(msgspec.Struct, rename="camel"):
    """A container as it was asked for. Its environment is read by those who need it: most do not."""

    name: Text = None
    image: Text = None
    resources: Resources | None = None
    restart_policy: Text = None
    env: msgspec.Raw = msgspec.Raw()


class SchedulingGroup(msgspec.Struct, rename="camel", gc=False):
    """The gang that a pod is scheduled with, of Kubernetes 1.36."""

    pod_group_name: Text = None


class WorkloadRef(msgspec.Struct, rename="camel", gc=False):
    """The gang that a pod is scheduled with, of Kubernetes 1.35."""

    name: Text = None
    pod_group: Text = None
    pod_group_replica_key: Text = None


class PodClaim(msgspec.Struct, rename="camel", gc=False):
    """A claim of the pod on devices (DRA): of the spec, or of the status, which names the one made by a template."""

    name: Text = None
    resource_claim_name: Text = None


class Spec(msgspec.Struct, rename="camel"):
    """What the pod was asked to be."""

    node_name: Text = None
    restart_policy: Text = None
    subdomain: Text = None
    node_selector: Labels = None
    resources: Resources | None = None
    resource_claims: list[PodClaim] | None = None
    scheduling_group: SchedulingGroup | None = None
    workload_ref: WorkloadRef | None = None
    containers: list[Container] | None = None
    init_containers: list[Container] | None = None


class Stopped(msgspec.Struct, rename="camel", gc=False):
    """`waiting` and `terminated`: why a container does not run."""

    exit_code: int | None = None
    signal: int | None = None
    reason: Text = None
    message: Text = None
    started_at: Text = None
    finished_at: Text = None


class Running(msgspec.Struct, rename="camel", gc=False):
    """Since when a container runs."""

    started_at: Text = None


class State(msgspec.Struct):
    """One of three; none of them means waiting."""

    waiting: Stopped | None = None
    running: Running | None = None
    terminated: Stopped | None = None


class Device(msgspec.Struct, gc=False):
    """One device that a container was given, and how it is: `Healthy`, `Unhealthy` or `Unknown`."""

    resource_id: Text = msgspec.field(default=None, name="resourceID")
    health: Text = None
    message: Text = None


class Devices(msgspec.Struct):
    """The devices of one resource; those of a DRA claim are named `claim:NAME/REQUEST`."""

    name: Text = None
    resources: list[Device] | None = None


class ContainerStatus(msgspec.Struct, rename="camel"):
    """A container as it is: its current run and the one before, and what it has of what it asked for."""

    name: Text = None
    restart_count: int | None = None
    image: Text = None
    state: State | None = None
    last_state: State | None = None
    resources: Resources | None = None
    allocated_resources_status: list[Devices] | None = None


class Condition(msgspec.Struct, rename="camel", gc=False):
    """A condition of a pod or a node."""

    type: Text = None
    status: Text = None
    reason: Text = None
    message: Text = None
    last_transition_time: Text = None


class VolumeHealth(msgspec.Struct, rename="camel"):
    """What the storage driver on the node finds wrong with one volume of the pod (Kubernetes 1.37)."""

    name: Text = None
    health_conditions: list[Condition] | None = None


class Status(msgspec.Struct, rename="camel"):
    """What became of the pod."""

    phase: Text = None
    reason: Text = None
    message: Text = None
    start_time: Text = None
    conditions: list[Condition] | None = None
    container_statuses: list[ContainerStatus] | None = None
    init_container_statuses: list[ContainerStatus] | None = None
    resource_claim_statuses: list[PodClaim] | None = None
    volume_health: list[VolumeHealth] | None = None


class Pod(msgspec.Struct):
    """One pod."""

    metadata: Metadata = msgspec.field(default_factory=Metadata)
    spec: Spec = msgspec.field(default_factory=Spec)
    status: Status = msgspec.field(default_factory=Status)


class NodeStatus(msgspec.Struct):
    """What became of the node."""

    conditions: list[Condition] | None = None
    capacity: Quantities = None


class Taint(msgspec.Struct, rename="camel", gc=False):
    """What keeps pods away from a node or a device."""

    key: Text = None
    value: Text = None
    effect: Text = None
    time_added: Text = None


class NodeSpec(msgspec.Struct):
    """What is wanted of the node."""

    taints: list[Taint] | None = None


class Node(msgspec.Struct):
    """One node."""

    metadata: Metadata = msgspec.field(default_factory=Metadata)
    spec: NodeSpec = msgspec.field(default_factory=NodeSpec)
    status: NodeStatus = msgspec.field(default_factory=NodeStatus)


class JobStatus(msgspec.Struct):
    """What became of the Job."""

    conditions: list[Condition] | None = None


class Job(msgspec.Struct):
    """One batch Job."""

    metadata: Metadata = msgspec.field(default_factory=Metadata)
    status: JobStatus = msgspec.field(default_factory=JobStatus)


class Reference(msgspec.Struct, gc=False):
    """What an event is about."""

    kind: Text = None
    name: Text = None
    namespace: Text = None
    uid: Text = None


class Series(msgspec.Struct, rename="camel", gc=False):
    """How often an event came again."""

    last_observed_time: Text = None


class Event(msgspec.Struct, rename="camel"):
    """One event, as `v1` has it or, for what differs, as `events.k8s.io/v1` has it."""

    metadata: Metadata = msgspec.field(default_factory=Metadata)
    involved_object: Reference | None = None
    regarding: Reference | None = None
    type: Text = None
    reason: Text = None
    message: Text = None
    note: Text = None
    last_timestamp: Text = None
    deprecated_last_timestamp: Text = None
    event_time: Text = None
    series: Series | None = None

    @property
    def about(self) -> Reference:
        """What it is about."""
        return self.involved_object or self.regarding or Reference()

    @property
    def said(self) -> str:
        """Its message."""
        return self.message or self.note or ""

    @property
    def last_at(self) -> datetime | None:
        """When it was last seen; None where it does not say."""
        again = self.series.last_observed_time if self.series is not None else None
        times = (again, self.last_timestamp, self.deprecated_last_timestamp, self.event_time)
        return next((at for each in times if (at := when(each)) is not None), None)


class ListMetadata(msgspec.Struct, rename="camel"):
    """Where a list stands, and where it goes on."""

    resource_version: Text = None
    continue_: Text = msgspec.field(default=None, name="continue")


class Page(msgspec.Struct):
    """One page of a list; its items are decoded one by one."""

    metadata: ListMetadata = msgspec.field(default_factory=ListMetadata)
    items: list[msgspec.Raw] | None = None


class WatchEvent(msgspec.Struct):
    """One line of a watch."""

    type: str
    object: msgspec.Raw


class ApiStatus(msgspec.Struct):
    """`metav1.Status`: how the API server says no."""

    code: int | None = None
    reason: Text = None
    message: Text = None


def when(text: str | None) -> datetime | None:
    """A time of Kubernetes, aware and in UTC; None for what is none, and for the year 1 that means "never"."""
    if not text:
        return None
    try:
        at = datetime.fromisoformat(text)
        at = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return at if at.year > 1970 else None
