"""What nodes say is wrong: their conditions, labels and taints, their devices' taints, and warnings about them."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from time import monotonic
from typing import TypeVar

from bot.cluster.api import Refused
from bot.cluster.device_taints import device_signs
from bot.cluster.pods import Event, Node, when
from bot.cluster.reads import Reads
from bot.domain.workload.node_signs import (
    Sign,
    condition_sign,
    event_sign,
    label_signs,
    taint_sign,
)

T = TypeVar("T")
log = logging.getLogger(__name__)
_SECONDS = 10.0
"""A gang fails at once, and need not ask for its node eight times."""
_MOST_NODES = 1_000


class NodeHealth:
    """Asks one cluster, and remembers the answers for a while. Safe for several threads."""

    def __init__(self, reads: Reads) -> None:
        self._reads = reads
        self._known: dict[tuple[str, bool, bool], tuple[float, list[Sign]]] = {}

    def signs(self, node: str, *, accelerators: bool, claimed: bool) -> list[Sign]:
        """What is wrong with this node now. Warnings about it are read for pods with accelerators only, and its devices
        for pods that claimed some. Raises Unavailable where nobody answers."""
        key = (node, accelerators, claimed)
        asked_at, signs = self._known.get(key, (0.0, []))
        if monotonic() - asked_at > _SECONDS or not asked_at:
            signs = list(self._asked(*key))
            if len(self._known) >= _MOST_NODES:  # nodes of an autoscaled cluster come and go under ever new names
                self._known = {}
            self._known[key] = (monotonic(), signs)
        return signs

    def _asked(self, node: str, accelerators: bool, claimed: bool) -> Iterator[Sign]:  # noqa: FBT001 the key's parts
        yield from node_signs(had(lambda: self._reads.node(node), Node()))
        if accelerators:
            yield from warnings(had(lambda: self._reads.events_about_node(node), list[Event]()))
        if claimed:
            yield from had(lambda: self._devices(node), list[Sign]())

    def _devices(self, node: str) -> list[Sign]:
        return list(device_signs(self._reads.slices_of(node), self._reads.taint_rules()))


def node_signs(node: Node) -> Iterator[Sign]:
    """What a node's conditions, labels and taints say is wrong."""
    for each in node.status.conditions or ():
        since = when(each.last_transition_time)
        if sign := condition_sign(each.type or "", each.status or "", each.reason or "", each.message or "", since):
            yield sign
    yield from label_signs(node.metadata.labels or {})
    for taint in node.spec.taints or ():
        if sign := taint_sign(taint.key or "", taint.value or "", taint.effect or "", when(taint.time_added)):
            yield sign


def warnings(events: list[Event]) -> Iterator[Sign]:
    """What warnings about a node say is wrong."""
    for each in events:
        if each.type != "Normal" and (sign := event_sign(each.reason or "", each.said, each.last_at)):
            yield sign


def had(fetch: Callable[[], T], otherwise: T) -> T:
    """What was asked for, unless it is gone or may not be read. Raises Unavailable where nobody answers: then the rest
    need not be asked for either."""
    try:
        return fetch()
    except Refused as error:
        log.debug("no evidence from there: %s", error)
        return otherwise
