"""What a cluster is asked for beside its pods. An API server answers it, or the objects of a file."""

from __future__ import annotations

from typing import Protocol

from bot.cluster.device_taints import DeviceTaintRule, ResourceSlice
from bot.cluster.pods import Event, Job, Node


class Reads(Protocol):
    """Each raises Unavailable; Refused where the answer is no, with status 404 for what is not there."""

    def events_of(self, namespace: str, uid: str) -> list[Event]:
        """The events about one object, in no order."""

    def node(self, name: str) -> Node:
        """One node."""

    def events_about_node(self, name: str) -> list[Event]:
        """The events about one node, in no order."""

    def slices_of(self, node: str) -> list[ResourceSlice]:
        """The devices that drivers offer on one node."""

    def taint_rules(self) -> list[DeviceTaintRule]:
        """The taints that people put on devices."""

    def job(self, namespace: str, name: str) -> Job:
        """One batch Job."""

    def log(self, namespace: str, pod: str, container: str, *, lines: int, previous: bool, most: int) -> str:
        """The last lines of a container's log."""
