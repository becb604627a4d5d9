"""What a pod says of where it comes from: the raw material of its job's name, its gang and its owner."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Owner:
    """One ownerReference of a pod."""

    kind: str
    name: str
    uid: str | None = None
    controller: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PodMeta:
    """A pod's own words. Labels and annotations are whatever people and operators wrote."""

    name: str
    namespace: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    annotations: Mapping[str, str] = field(default_factory=dict)
    owners: Sequence[Owner] = ()
    created_at: datetime | None = None
    containers: Sequence[str] = ()
    """Names of its containers."""
    scheduling_group: str | None = None
    """`spec.schedulingGroup.podGroupName` of Kubernetes 1.36, or `spec.workloadRef` of 1.35."""
    ray_tags: str | None = None
    """The environment variable RAY_USAGE_STATS_EXTRA_TAGS, which KubeRay gives to the heads of clusters."""
    has_subdomain: bool = False

    @property
    def owner(self) -> Owner | None:
        """The one that controls it."""
        return next((each for each in self.owners if each.controller), self.owners[0] if self.owners else None)

    def said(self, key: str) -> str | None:
        """An annotation, or the label of this name: a label's value may be cut, an annotation's is whole."""
        return self.annotations.get(key) or self.labels.get(key) or None

    def first(self, keys: Iterable[str]) -> str | None:
        """The first of these that it says."""
        return next((value for key in keys if (value := self.said(key))), None)
