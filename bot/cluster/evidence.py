"""Evidence at first sight: the last lines of a failed container's logs, its pod's events, its node's conditions. Pods
go away, so what is gone or may not be read is simply missing: a failure without evidence is still a failure."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from time import monotonic
from typing import TypeVar

from bot.cluster.api import Refused
from bot.cluster.pods import Event, Node
from bot.cluster.reads import Reads
from bot.domain.workload.no_log import log_of
from bot.domain.workload.phase_events import Phase, PodEvent, telling
from bot.domain.workload.pod_evidence import Evidence
from bot.domain.workload.sighting import Sighting
from bot.services.errors import Unavailable

T = TypeVar("T")
log = logging.getLogger(__name__)
_MOST_LOG = 64 * 1024
"""Bytes of one log that are kept."""
_MOST_EVENTS = 50
_LONGEST_MESSAGE = 1000
_NODE_SECONDS = 10.0
_MOST_NODES = 1_000
_NEVER = datetime.min.replace(tzinfo=UTC)


class Collector:
    """Fetches evidence from one cluster. Safe for several threads."""

    def __init__(self, client: Reads, *, log_lines: int) -> None:
        self._client, self._log_lines = client, log_lines
        self._nodes: dict[str, tuple[float, list[str]]] = {}

    def evidence(self, sighting: Sighting) -> Evidence:
        """The sighting's evidence with everything that can be had; never raises for the cluster's sake."""
        known = sighting.evidence
        lines = [f"{known.reason}: {known.message}"] if known.reason and known.message else []
        lines += [known.events] if known.events else []
        logs = previous_logs = ""
        try:
            lines += self._events_of(sighting)
            lines += self._conditions_of(sighting.attempt.node) if sighting.attempt.node else []
            logs = self._log(sighting, previous=sighting.runs_again)
            if not logs and not sighting.runs_again and sighting.occurrences > 1:
                previous_logs = self._log(sighting, previous=True)
        except Unavailable as error:
            log.info("the evidence of %s is cut short: %s", sighting.attempt.pod_name, error)
        return replace(known, logs=logs, previous_logs=previous_logs, events="\n".join(lines))

    def _events_of(self, sighting: Sighting) -> list[str]:
        attempt, none = sighting.attempt, list[Event]()
        events = _had(lambda: self._client.events_of(sighting.namespace, attempt.pod_uid), none)
        began_at = attempt.started_at if sighting.has_logs else None
        return _events(events, Phase(bool(attempt.node), began_at, attempt.finished_at))

    def _conditions_of(self, node: str) -> list[str]:
        """A gang fails at once, and need not ask for its node eight times."""
        asked_at, lines = self._nodes.get(node, (0.0, []))
        if monotonic() - asked_at > _NODE_SECONDS or not asked_at:
            lines = condition_lines(_had(lambda: self._client.node(node), Node()))
            if len(self._nodes) >= _MOST_NODES:  # nodes of an autoscaled cluster come and go under ever new names
                self._nodes = {}
            self._nodes[node] = (monotonic(), lines)
        return lines

    def _log(self, sighting: Sighting, *, previous: bool) -> str:
        attempt = sighting.attempt
        if not sighting.has_logs or not self._log_lines or not attempt.pod_name:
            return ""
        pod, container, lines = attempt.pod_name, attempt.container, self._log_lines
        text = _had(
            lambda: self._client.log(
                sighting.namespace, pod, container, lines=lines, previous=previous, most=_MOST_LOG
            ),
            "",
        )
        return log_of(text)


def _had(fetch: Callable[[], T], otherwise: T) -> T:
    """What was asked for, unless it is gone or may not be read. Raises Unavailable where nobody answers: then the rest
    need not be asked for either."""
    try:
        return fetch()
    except Refused as error:
        log.debug("no evidence from there: %s", error)
        return otherwise


def _events(events: list[Event], phase: Phase) -> list[str]:
    """One line for each different text that tells of this phase, the newest last."""
    ordered = sorted(events, key=lambda each: each.last_at or _NEVER)
    said = [PodEvent(each.reason or "Event", each.said, each.type == "Normal", each.last_at) for each in ordered]
    lines = [_line(each.reason, each.message) for each in telling(said, phase)]
    newest = {line: place for place, line in enumerate(lines)}
    return [line for place, line in enumerate(lines) if newest[line] == place][-_MOST_EVENTS:]


def condition_lines(node: Node) -> list[str]:
    """The node's conditions that are not as they should be: only Ready should be true."""
    return [
        _line("NodeNotReady" if each.type == "Ready" else each.type or "Node", f"{each.reason}: {each.message}")
        for each in node.status.conditions or ()
        if each.status != ("True" if each.type == "Ready" else "False")
    ]


def _line(about: str, message: str | None) -> str:
    return f"{about}: {' '.join((message or '').split())[:_LONGEST_MESSAGE]}"
