"""Whether a channel has to be told of an incident, and why or why not. Pure; every answer is kept, so that
`/failures why` can give it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.domain.incidents.incident import LOUD, Did, Incident, IncidentState, Step


class Act(StrEnum):
    """What is done in the channel."""

    POST = "post"
    """A new message."""
    CALL = "call"
    """The message is edited, and a line in its thread is shown in the channel too."""
    EDIT = "edit"
    """The message is edited; nobody is notified."""
    NOTHING = "nothing"


class Reason(StrEnum):
    """Why."""

    NEW = "new"
    """Nobody here was told of it."""
    BACK = "back"
    """It was resolved and is back."""
    WORSE = "worse"
    """It became more severe, or has twice the failures that people heard of."""
    STILL = "still"
    """It holds for long and nobody has taken it."""
    WOKEN = "woken"
    """Its snooze is over."""
    CHANGED = "changed"
    """Its numbers or its state changed; that is worth no notification."""
    SOON = "soon"
    """Only its numbers changed, and those were edited just now."""
    KNOWN = "known"
    """The message says just this."""
    SNOOZED = "snoozed"
    MAINTENANCE = "maintenance"
    DISMISSED = "dismissed"
    """Somebody said that it is no problem."""
    OVER = "over"
    """It was over before anybody here was told."""
    BELOW = "below"
    """Fewer jobs failed than this channel wants to hear of."""
    UNREACHABLE = "unreachable"
    """Slack does not let the bot post here."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do in one channel about one incident, and why."""

    act: Act
    reason: Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a channel's message of an incident says, and the last step that its thread has."""

    face: str = ""
    step: int = 0
    episode: int = 1


_LOUD_REASONS = {
    Did.REOPENED: Reason.BACK,
    Did.WORSE: Reason.WORSE,
    Did.REPEATED: Reason.STILL,
    Did.WOKEN: Reason.WOKEN,
}


def face(incident: Incident, *, maintenance: bool = False) -> str:
    """All that the message shows and that changes: where two faces are equal, an edit would change nothing."""
    finding = incident.finding
    shown = (
        incident.state,
        finding.severity,
        finding.failures,
        finding.jobs,
        finding.of_jobs,
        incident.snoozed_until and incident.snoozed_until.timestamp(),
        incident.acknowledged_by,
        incident.resolved_by,
        incident.dismissed,
        maintenance,
    )
    return "|".join("" if part is None else str(part) for part in shown)


def decide(
    incident: Incident,
    told: Told | None,
    unsaid: Sequence[Step],
    *,
    maintenance: bool = False,
    threshold: int = 0,
) -> Decision:
    """What a channel is to be told. `unsaid` are the steps that its thread does not have yet; `threshold` the failed
    jobs from which this channel wants to hear of anything."""
    if told is None or told.episode != incident.episode:
        return _first(incident, maintenance=maintenance, threshold=threshold)
    silence = _silence(incident, maintenance=maintenance)
    loud = [step for step in unsaid if step.did in LOUD]
    if loud and silence is None:
        return Decision(Act.CALL, _LOUD_REASONS[loud[-1].did])
    if unsaid or told.face != face(incident, maintenance=maintenance):
        return Decision(Act.EDIT, silence or Reason.CHANGED)
    return Decision(Act.NOTHING, silence or Reason.KNOWN)


def hurries(incident: Incident, told: Told) -> bool:
    """Whether more has changed than numbers: then an edit does not wait for the next one."""
    return told.face.split("|", 1)[0] != incident.state or told.episode != incident.episode


def _first(incident: Incident, *, maintenance: bool, threshold: int) -> Decision:
    silence = _silence(incident, maintenance=maintenance)
    if not incident.is_live:
        return Decision(Act.NOTHING, silence or Reason.OVER)
    if silence is not None:
        return Decision(Act.NOTHING, silence)
    if incident.finding.jobs < threshold and not incident.finding.hard:
        return Decision(Act.NOTHING, Reason.BELOW)
    return Decision(Act.POST, Reason.BACK if incident.episode > 1 else Reason.NEW)


def _silence(incident: Incident, *, maintenance: bool) -> Reason | None:
    """Why nobody is notified of anything about it now."""
    if incident.dismissed:
        return Reason.DISMISSED
    if incident.state is IncidentState.SNOOZED:
        return Reason.SNOOZED
    return Reason.MAINTENANCE if maintenance else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A decision as it was kept: the same one again and again is one of these."""

    channel: str
    decision: Decision
    first_at: datetime
    last_at: datetime
    times: int = 1
