"""Evidence at first sight: the last lines of a failed container's logs, its pod's events, its node's conditions. Pods
go away, so what is gone or may not be read is simply missing: a failure without evidence is still a failure."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import TypeVar

from bot.cluster.api import Refused
from bot.cluster.node_health import NodeHealth
from bot.cluster.pods import Event
from bot.cluster.reads import Reads
from bot.domain.workload.no_log import log_of
from bot.domain.workload.node_signs import concerning
from bot.domain.workload.phase_events import Phase, PodEvent, telling
from bot.domain.workload.pod_evidence import Evidence
from bot.domain.workload.sighting import Sighting
from bot.services.errors import Unavailable

T = TypeVar("T")
log = logging.getLogger(__name__)
_GONE = frozenset({400, 404, 410})
"""A refusal that says there is nothing to be had."""
_MOST_LOG = 64 * 1024
"""Bytes of one log that are kept."""
_MOST_EVENTS = 50
_LONGEST_LINE = 1000
_NEVER = datetime.min.replace(tzinfo=UTC)


class Collector:
    """Fetches evidence from one cluster. Safe for several threads."""

    def __init__(self, client: Reads, *, log_lines: int) -> None:
        self._client, self._log_lines = client, log_lines
        self._nodes = NodeHealth(client)

    def evidence(self, sighting: Sighting) -> Evidence:
        """The sighting's evidence with everything that can be had; never raises for the cluster's sake."""
        known = sighting.evidence
        lines = [f"{known.reason}: {known.message}"] if known.reason and known.message else []
        lines += [known.events] if known.events else []
        logs = previous_logs = ""
        missed: list[Unavailable] = []
        try:
            lines += self._events_of(sighting, missed)
            lines += self._signs_of(sighting)
            logs = self._log(sighting, missed, previous=sighting.runs_again)
            if not logs and not sighting.runs_again and sighting.occurrences > 1:
                previous_logs = self._log(sighting, missed, previous=True)
        except Unavailable as error:
            missed.append(error)
        if missed:
            log.info("the evidence of %s is cut short: %s", sighting.attempt.pod_name, missed[0])
        return replace(
            known, logs=logs, previous_logs=previous_logs, events="\n".join(lines), unread=any(map(_may_pass, missed))
        )

    def _events_of(self, sighting: Sighting, missed: list[Unavailable]) -> list[str]:
        attempt, none = sighting.attempt, list[Event]()
        events = _had(missed, lambda: self._client.events_of(sighting.namespace, attempt.pod_uid), none)
        began_at = attempt.started_at if sighting.has_logs else None
        return _events(events, Phase(bool(attempt.node), began_at, attempt.finished_at))

    def _signs_of(self, sighting: Sighting) -> list[str]:
        """What the node says is wrong, and speaks for this failure."""
        attempt, devices = sighting.attempt, sighting.devices
        if not attempt.node:
            return []
        has_some, claimed = attempt.gpu_count != 0.0, any("/" in each for each in devices)
        signs = self._nodes.signs(attempt.node, accelerators=has_some, claimed=claimed)
        return [_bounded(sign.line) for sign in concerning(signs, attempt, sighting.evidence.reason, devices)]

    def _log(self, sighting: Sighting, missed: list[Unavailable], *, previous: bool) -> str:
        attempt = sighting.attempt
        if not sighting.has_logs or not self._log_lines or not attempt.pod_name:
            return ""
        pod, container, lines = attempt.pod_name, attempt.container, self._log_lines
        text = _had(
            missed,
            lambda: self._client.log(
                sighting.namespace, pod, container, lines=lines, previous=previous, most=_MOST_LOG
            ),
            "",
        )
        return log_of(text)


def _had(missed: list[Unavailable], fetch: Callable[[], T], otherwise: T) -> T:
    """What was asked for; where the server refuses, something else, and the refusal is kept. Raises Unavailable where
    nobody answers: then the rest need not be asked for either."""
    try:
        return fetch()
    except Refused as error:
        missed.append(error)
        return otherwise


def _may_pass(trouble: Unavailable) -> bool:
    """Whether it may be there all the same: it is not gone. A right may be given back, as after a hiccup of RBAC."""
    return not isinstance(trouble, Refused) or trouble.status not in _GONE


def _events(events: list[Event], phase: Phase) -> list[str]:
    """One line for each different text that tells of this phase, the newest last."""
    ordered = sorted(events, key=lambda each: each.last_at or _NEVER)
    said = [PodEvent(each.reason or "Event", each.said, each.type == "Normal", each.last_at) for each in ordered]
    lines = [_line(each.reason, each.message) for each in telling(said, phase)]
    newest = {line: place for place, line in enumerate(lines)}
    return [line for place, line in enumerate(lines) if newest[line] == place][-_MOST_EVENTS:]


def _line(about: str, message: str | None) -> str:
    return _bounded(f"{about}: {message or ''}")


def _bounded(line: str) -> str:
    return " ".join(line.split())[:_LONGEST_LINE]
