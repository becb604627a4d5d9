"""What was in use and since when: the driver, kernel and so on of a node, the template of a service's pods. A change is
the first sight of a value where another one was before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

DRIVER, KERNEL, SYSTEM, RUNTIME = "driver", "kernel", "operating system", "container runtime"
KUBELET, GPU, INSTANCE = "kubelet", "GPU", "instance type"
OF_NODES = (DRIVER, KERNEL, SYSTEM, RUNTIME, KUBELET, GPU, INSTANCE)
"""What is recorded of a node; of several that change together, the first one names the change."""
ROLLOUT = "rollout"
"""The template of a Deployment's or StatefulSet's pods, by the hash that its controller gives it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionSeen:
    """A value that was in use at a time (UTC)."""

    cluster: str
    what: str
    """One of OF_NODES, or ROLLOUT."""
    subject: str
    """The node's name, or the job's."""
    value: str
    at: datetime
    project: str | None = None
    """The job's; None for a node."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """A value, and from when to when it was seen in use (UTC); its end is known to the hour."""

    cluster: str
    what: str
    subject: str
    value: str
    first_seen: datetime
    last_seen: datetime
    project: str | None = None
    replaced: str | None = None
    """The value before it; None where there was none."""
    replaced_seen: datetime | None = None
    """When that one was last seen: the change came after it, and not after `first_seen`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Inventory:
    """What the analysis is told of versions."""

    changed: tuple[Version, ...] = ()
    """Those that replaced another one and were first seen in the time that was asked for, oldest first."""
    nodes: Mapping[tuple[str, str], int] = field(default_factory=dict)
    """How many nodes say so, by (cluster, what)."""
    looked: Mapping[str, datetime] = field(default_factory=dict)
    """When the nodes of each cluster were last looked at."""
