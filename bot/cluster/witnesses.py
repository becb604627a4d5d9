"""Who can say why a pod was ended from outside: its node, whether it was lost or only emptied for maintenance, and its
Job, whether it was stopped or missed its deadline. Asked when the pod is seen to end, since both change and go away."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from time import monotonic
from typing import TypeVar

from bot.cluster.api import Refused
from bot.cluster.life import Life
from bot.cluster.pods import Job, Node, OwnerReference, Pod, when
from bot.cluster.reads import Reads
from bot.cluster.runs import have_ended
from bot.domain.workload.job_end import JOB_DELETED, JobCondition, JobEnd, end_by_event, job_end
from bot.domain.workload.killed import BY_TAINT
from bot.services.errors import Unavailable

T = TypeVar("T")
log = logging.getLogger(__name__)
REMEMBERED_SECONDS = 10.0
"""A gang is deleted at once, and its Job need not be asked five hundred times."""
_MOST_REMEMBERED = 10_000
_NOT_FOUND = 404
_LATE = timedelta(minutes=1)
"""A Job ends its pods within this time of saying so."""
_WITHOUT_END = frozenset({"ReplicaSet", "StatefulSet", "DaemonSet", "Node", "ReplicationController"})
"""Owners of pods that never come to an end of their own."""


class Witnesses:
    """Asks one cluster, and remembers the answers for a while. For one thread."""

    def __init__(self, reads: Reads, *, remembered: float = REMEMBERED_SECONDS) -> None:
        self._reads, self._seconds = reads, remembered
        self._known: dict[tuple[str, ...], tuple[float, object]] = {}

    def heard(self, pod: Pod, life: Life, *, gone: bool) -> Life:
        """What is known of the pod, with what its node and its Job say now, where that matters and is not known yet."""
        if life.over or not (life.acted_on or gone):
            return life
        if life.disruption == BY_TAINT and life.node_ready is None and (name := pod.spec.node_name):
            node = self._remembered(("node", name), lambda: self._node(name))
            return replace(life, node_ready=None if node is None else was_ready(node, life.disrupted_at))
        ends = gone or have_ended(pod)
        if not ends or life.disruption is not None or life.job is not None or pod.status.reason:
            return life
        owner = next((each for each in pod.metadata.owner_references or () if each.controller), None)
        if owner is None or owner.kind in _WITHOUT_END or not owner.name:
            return life
        end, sure = self._job_end(pod.metadata.namespace or "", owner)
        if end is not None and end.at is not None and life.asked_at is not None and end.at - life.asked_at > _LATE:
            end = None
        return replace(life, job=end, unsure=not sure)

    def _node(self, name: str) -> Node | None:
        try:
            return self._reads.node(name)
        except Unavailable as error:
            log.info("whether node %s was ready stays unknown: %s", name, error)
            return None

    def _job_end(self, namespace: str, owner: OwnerReference) -> tuple[JobEnd | None, bool]:
        """Why the owner ended its pods, as far as is known, and whether it will say no more."""
        key = ("job", namespace, owner.uid or owner.name or "")
        return self._remembered(key, lambda: self._asked(namespace, owner))

    def _asked(self, namespace: str, owner: OwnerReference) -> tuple[JobEnd | None, bool]:
        if owner.kind == "Job":
            try:
                return _end_of(self._reads.job(namespace, owner.name or ""), owner), True
            except Refused as error:
                if error.status == _NOT_FOUND:
                    return JobEnd(JOB_DELETED), True
            except Unavailable as error:
                log.info("why Job %s/%s ended its pods stays unknown: %s", namespace, owner.name, error)
        try:
            events = self._reads.events_of(namespace, owner.uid or "") if owner.uid else []
        except Unavailable:
            events = []
        ends = (end_by_event(each.reason or "", each.said) for each in events)
        end = next((end for end in ends if end is not None), None)
        return end, end is not None or owner.kind != "Job"

    def _remembered(self, key: tuple[str, ...], ask: Callable[[], T]) -> T:
        at, answer = self._known.get(key, (0.0, None))
        if at and monotonic() - at < self._seconds:
            return answer  # type: ignore[return-value]  # a key is always asked for the same kind of answer
        found = ask()
        if len(self._known) >= _MOST_REMEMBERED:
            self._known.clear()
        self._known[key] = (monotonic(), found)
        return found


def was_ready(node: Node, at: datetime | None) -> bool | None:
    """Whether the node was well at a time, or is now where that is None; None where it does not say. It may have come
    back, or have been switched off for its maintenance, since: the condition has the time of its last change."""
    ready = next((each for each in node.status.conditions or () if each.type == "Ready"), None)
    if ready is None:
        return None
    changed = when(ready.last_transition_time)
    has_changed_since = at is not None and changed is not None and changed > at
    return (ready.status == "True") is not has_changed_since


def _end_of(job: Job, owner: OwnerReference) -> JobEnd | None:
    if owner.uid and job.metadata.uid and job.metadata.uid != owner.uid:
        return JobEnd(JOB_DELETED)
    found = job_end(
        JobCondition(each.type or "", each.status or "", each.reason, each.message, when(each.last_transition_time))
        for each in job.status.conditions or ()
    )
    return found or (JobEnd(JOB_DELETED) if job.metadata.deletion_timestamp else None)
