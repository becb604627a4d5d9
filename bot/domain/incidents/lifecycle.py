"""How an incident lives: open → acknowledged or snoozed → resolved → reopened. Each function gives the incident as it
is afterwards and the step that was taken, or none where nothing changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import NamedTuple
from zoneinfo import ZoneInfo

from bot.domain.analysis.report import Severity
from bot.domain.incidents.detect import gone_well, has_gone_well
from bot.domain.incidents.incident import Because, Did, Dismissal, Finding, Incident, IncidentState, Step

SETTLES_IN = timedelta(minutes=5)
"""An incident ends when no detector has seen it for so long: numbers that hover at a bound do not flap."""
NEW_EPISODE = timedelta(hours=24)
"""What comes back later than this after its end is told in a new message; nobody looks that far up."""
CALLS_APART = timedelta(minutes=15)
"""Growing numbers call people no more often than this; a higher severity calls them at once."""
_SHORT_HOURS = 24
_WORSE = 2
"""Times the failures that people last heard of."""
_RANK = {Severity.INFO: 0, Severity.WARNING: 1, Severity.CRITICAL: 2}
_MORNING = time(9)


class Transition(NamedTuple):
    """An incident as it is now, and what happened to it."""

    incident: Incident
    step: Step | None = None


class Snooze(StrEnum):
    """How long to be quiet."""

    HOUR = "1h"
    FOUR_HOURS = "4h"
    TOMORROW = "tomorrow"
    """Until 9:00 of the next day, where the person is."""
    WEEK = "week"


_LENGTHS: Mapping[Snooze, timedelta] = {
    Snooze.HOUR: timedelta(hours=1),
    Snooze.FOUR_HOURS: timedelta(hours=4),
    Snooze.WEEK: timedelta(weeks=1),
}


def opened(finding: Finding, *, now: datetime) -> Transition:
    """A finding that was no incident before."""
    incident = Incident(finding=finding, opened_at=now, seen_at=now, loud_at=now, loud_failures=finding.failures)
    return Transition(incident, Step(did=Did.OPENED, at=now, said=" · ".join(finding.lines)))


def seen(incident: Incident, finding: Finding, *, repeat_after: timedelta, now: datetime) -> Transition:
    """The incident after a detector saw it again."""
    if incident.state is IncidentState.RESOLVED:
        return _seen_again(incident, finding, now)
    if finding.hours > incident.finding.hours:
        return _seen_longer(incident, finding, now)
    before, current = incident.finding, replace(incident, finding=finding, seen_at=now)
    if current.state is IncidentState.SNOOZED:
        return woken(current, now=now)
    doubled = finding.failures >= _WORSE * incident.loud_failures and now - incident.loud_at >= CALLS_APART
    if doubled or _rose(before, finding):
        return Transition(_loud(current, now), Step(did=Did.WORSE, at=now))
    if current.state is IncidentState.OPEN and now - incident.loud_at >= repeat_after:
        return Transition(_loud(current, now), Step(did=Did.REPEATED, at=now))
    return Transition(current)


def _seen_longer(incident: Incident, finding: Finding, now: datetime) -> Transition:
    """A window that reaches further back than the one it rests on still shows it: it holds, under its own numbers,
    until enough jobs went well at the rate it was told with."""
    if has_gone_well(finding.successes_since_failure, incident.finding.rate):
        return unseen(incident, said=gone_well(finding.successes_since_failure), now=now)
    return woken(replace(incident, seen_at=now), now=now)


def unseen(incident: Incident, *, said: str = "", now: datetime) -> Transition:
    """The incident after no detector saw it; it ends once that has lasted."""
    if not incident.is_live or now - incident.seen_at < SETTLES_IN:
        return Transition(incident)
    return _ended(incident, Step(did=Did.RESOLVED, at=now, said=said))


def woken(incident: Incident, *, now: datetime) -> Transition:
    """A snoozed incident once its time is over."""
    if incident.state is not IncidentState.SNOOZED or incident.snoozed_until is None or now < incident.snoozed_until:
        return Transition(incident)
    awake = replace(_loud(incident, now), state=IncidentState.OPEN, snoozed_until=None, snoozed_by=None)
    return Transition(awake, Step(did=Did.WOKEN, at=now))


def acknowledge(incident: Incident, *, by: str, now: datetime) -> Transition:
    """Somebody takes it."""
    if incident.state not in {IncidentState.OPEN, IncidentState.SNOOZED}:
        return Transition(incident)
    taken = replace(
        incident,
        state=IncidentState.ACKNOWLEDGED,
        acknowledged_by=by,
        acknowledged_at=now,
        snoozed_until=None,
        snoozed_by=None,
        dismissal=None,
    )
    return Transition(taken, Step(did=Did.ACKNOWLEDGED, at=now, by=by))


def snooze(incident: Incident, until: datetime, *, by: str, now: datetime) -> Transition:
    """Quiet until then; it still counts."""
    if not incident.is_live or until <= now:
        return Transition(incident)
    quiet = replace(incident, state=IncidentState.SNOOZED, snoozed_until=until, snoozed_by=by)
    return Transition(quiet, Step(did=Did.SNOOZED, at=now, by=by))


def unsnooze(incident: Incident, *, by: str, now: datetime) -> Transition:
    """Loud again before its time."""
    if incident.state is not IncidentState.SNOOZED:
        return Transition(incident)
    awake = replace(incident, state=IncidentState.OPEN, snoozed_until=None, snoozed_by=None)
    return Transition(awake, Step(did=Did.WOKEN, at=now, by=by))


def resolve(incident: Incident, *, by: str, now: datetime) -> Transition:
    """Somebody says that it is over."""
    return _ended(incident, Step(did=Did.RESOLVED, at=now, by=by))


def dismiss(incident: Incident, because: Because, *, by: str, now: datetime) -> Transition:
    """Somebody says that it is no problem, and why. What there was of it is remembered."""
    if incident.dismissed and not incident.is_live:
        return Transition(incident)
    finding = incident.finding
    said = Dismissal(because=because, by=by, at=now, jobs=finding.jobs, hours=finding.hours, hard=finding.hard)
    ended = replace(incident, state=IncidentState.OPEN) if not incident.is_live else incident
    change = _ended(ended, Step(did=Did.DISMISSED, at=now, by=by, said=because.value))
    return Transition(replace(change.incident, dismissed=True, dismissal=said), change.step)


def reopen(incident: Incident, *, by: str | None, now: datetime) -> Transition:
    """It is not over after all."""
    if incident.is_live:
        return Transition(incident)
    later = by is None and incident.resolved_at is not None and now - incident.resolved_at >= NEW_EPISODE
    again = replace(
        _loud(incident, now),
        state=IncidentState.OPEN,
        seen_at=now,
        episode=incident.episode + later,
        opened_at=now if later else incident.opened_at,
        acknowledged_at=None,
        acknowledged_by=None,
        resolved_at=None,
        resolved_by=None,
        dismissed=False,
        dismissal=incident.dismissal if by is None else None,
    )
    return Transition(again, Step(did=Did.REOPENED, at=now, by=by))


def until(choice: Snooze, *, now: datetime, time_zone: str) -> datetime:
    """When a snooze ends (UTC). `time_zone` is the person's."""
    if choice is not Snooze.TOMORROW:
        return now + _LENGTHS[choice]
    zone = ZoneInfo(time_zone)
    day = now.astimezone(zone).date() + timedelta(days=1)
    return datetime.combine(day, _MORNING, zone).astimezone(now.tzinfo)


def _seen_again(incident: Incident, finding: Finding, now: datetime) -> Transition:
    """What was resolved comes back with a newer failure only, and not by a window that still counts what was before its
    end; what was dismissed when there is clearly more of it, or much later."""
    ended = incident.resolved_at or now
    if finding.last_at is None or finding.last_at <= ended:
        return Transition(incident)
    if finding.hours > _SHORT_HOURS and now - timedelta(hours=finding.hours) < ended:
        return Transition(incident)
    if incident.dismissal is not None and incident.dismissal.silences(finding, now):
        return Transition(incident)
    return reopen(replace(incident, finding=finding), by=None, now=now)


def _ended(incident: Incident, step: Step) -> Transition:
    if not incident.is_live:
        return Transition(incident)
    over = replace(
        incident,
        state=IncidentState.RESOLVED,
        resolved_at=step.at,
        resolved_by=step.by,
        snoozed_until=None,
        snoozed_by=None,
    )
    return Transition(over, step)


def _rose(before: Finding, after: Finding) -> bool:
    return _RANK[after.severity] > _RANK[before.severity]


def _loud(incident: Incident, now: datetime) -> Incident:
    return replace(incident, loud_at=now, loud_failures=max(1, incident.finding.failures))
