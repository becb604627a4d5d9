"""The resources that the simulated API server knows: their names, where they live, what they can be selected by."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Resource:
    """One resource of the API: `pods` of the kind `Pod` in the core group."""

    plural: str
    kind: str
    group: str = ""
    version: str = "v1"
    namespaced: bool = True
    fields: tuple[str, ...] = ()
    """Paths of the fields that can be selected by, beside the name and namespace."""
    has_status: bool = False
    """Whether its status is written apart, through the subresource."""

    @property
    def api_version(self) -> str:
        """`v1`, or `coordination.k8s.io/v1` outside the core group."""
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def root(self) -> str:
        """The path that the resource's own paths start with."""
        return f"/apis/{self.group}/{self.version}" if self.group else f"/api/{self.version}"

    @property
    def subresources(self) -> tuple[str, ...]:
        """Parts of an object that are written apart."""
        parts = ("status",) if self.has_status else ()
        return (*parts, "resize") if self.plural == "pods" else parts

    @property
    def selectable(self) -> tuple[str, ...]:
        """All paths that a field selector may name."""
        return ("metadata.name", "metadata.namespace", *self.fields)

    def qualified(self) -> str:
        """The name that the server's messages use: `pods`, `leases.coordination.k8s.io`."""
        return f"{self.plural}.{self.group}" if self.group else self.plural


PODS = Resource(
    "pods",
    "Pod",
    has_status=True,
    fields=(
        "spec.nodeName",
        "spec.restartPolicy",
        "spec.schedulerName",
        "spec.serviceAccountName",
        "status.phase",
        "status.podIP",
        "status.nominatedNodeName",
    ),
)
EVENTS = Resource(
    "events",
    "Event",
    fields=(
        "involvedObject.kind",
        "involvedObject.namespace",
        "involvedObject.name",
        "involvedObject.uid",
        "involvedObject.fieldPath",
        "reason",
        "type",
    ),
)
NODES = Resource("nodes", "Node", namespaced=False, has_status=True, fields=("spec.unschedulable",))
NAMESPACES = Resource("namespaces", "Namespace", namespaced=False, has_status=True, fields=("status.phase",))
LEASES = Resource("leases", "Lease", group="coordination.k8s.io")

JOBS = Resource("jobs", "Job", group="batch", has_status=True, fields=("status.successful",))
PDBS = Resource("poddisruptionbudgets", "PodDisruptionBudget", group="policy", has_status=True)

CLAIMS = Resource("resourceclaims", "ResourceClaim", group="resource.k8s.io", has_status=True)
CLAIM_TEMPLATES = Resource("resourceclaimtemplates", "ResourceClaimTemplate", group="resource.k8s.io")
SLICES = Resource(
    "resourceslices",
    "ResourceSlice",
    group="resource.k8s.io",
    namespaced=False,
    fields=("spec.nodeName", "spec.driver"),
)
DEVICE_TAINT_RULES = Resource(
    "devicetaintrules", "DeviceTaintRule", group="resource.k8s.io", version="v1beta2", namespaced=False
)

RESOURCES = (
    PODS, EVENTS, NODES, NAMESPACES, LEASES, JOBS, PDBS, CLAIMS, CLAIM_TEMPLATES, SLICES, DEVICE_TAINT_RULES
)  # fmt: skip
