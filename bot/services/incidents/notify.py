"""The second part of the sweep: who has not been told what? Decide, speak, note. A crash at any point may repeat an
edit; it loses nothing and posts nothing twice (see saying.py)."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from concurrent.futures import Executor
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial

from bot.domain.incidents.card import IncidentCard, IncidentLine, Unreachable
from bot.domain.incidents.incident import LOUD, Incident, Step
from bot.domain.incidents.maintenance import Maintenance, under
from bot.domain.incidents.notify import Act, Decision, Reason, Told, decide, face, hurries
from bot.domain.incidents.subscription import Subscription
from bot.domain.scope import Scope
from bot.services.errors import Gone, Undelivered
from bot.services.incidents.notices import (
    IncidentNotice,
    IncidentNotices,
    Outbox,
    UnreachableChannel,
    UnreachableChannels,
)
from bot.services.incidents.ports import Incidents, Messenger
from bot.services.incidents.say_once import Said, said_once

log = logging.getLogger(__name__)
_KEY = "incident/"
"""What the key of every message about an incident begins with."""
ENDED_WITHIN = timedelta(days=14)
"""Incidents that ended so long ago are still looked at: Slack, or the bot, may have been away when they did."""
_OVER_FOR_GOOD = timedelta(hours=1)
"""What ended so long ago and was never told here is not decided on again."""
EDITS_APART = timedelta(seconds=29)
"""Slack takes about fifty edits a minute, so numbers alone are not edited in every sweep."""
_TRY_AGAIN = timedelta(hours=1)
"""How long a channel that refused the bot is left alone."""
_TELL_OWNER_EVERY = timedelta(days=1)
_SLACK_WAS_SLOW = timedelta(minutes=10)
"""Slack's clock and ours may differ by less than this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Speaker:
    """How incidents are told."""

    scope: Scope
    """What this installation may show at all."""
    incidents: Incidents
    notices: IncidentNotices
    outbox: Outbox
    unreachable: UnreachableChannels
    messenger: Messenger
    time_zone: str
    on_call: str | None = None
    """The user group to mention, in channels that subscribed to alerts by the settings or by a person."""
    owner: str | None = None
    """The channel or person that is told where another channel cannot be."""
    pool: Executor | None = None
    """Tells several channels at once; None tells one after the other."""


@dataclass(slots=True)
class _Sweep:
    """One sweep: what there is to tell, what it decided, and where Slack failed it."""

    now: datetime
    windows: Sequence[Maintenance]
    current: Sequence[tuple[int, Incident, Sequence[Step]]]
    decisions: list[tuple[int, str, Decision]] = field(default_factory=list)
    away: Undelivered | None = None


def tell(
    speaker: Speaker, subscriptions: Sequence[Subscription], windows: Sequence[Maintenance], *, now: datetime
) -> list[tuple[int, str, Decision]]:
    """Bring every subscribed channel up to date, in the order of the incidents; gives what was decided, which is kept.

    Raises Undelivered where Slack was away for a channel, after all others were told; the next sweep goes on there.
    """
    found = {
        one.id: one
        for one in speaker.incidents.live(speaker.scope, ended_since=now - ENDED_WITHIN)
        if one.id is not None
    }
    steps = speaker.incidents.steps(speaker.scope, found)
    sweep = _Sweep(now, windows, [(number, incident, steps[number]) for number, incident in found.items()])
    channels = dict.fromkeys(one.channel for one in subscriptions)
    here = [[one for one in subscriptions if one.channel == channel] for channel in channels]
    each = speaker.pool.map if speaker.pool is not None else map  # channels do not wait for each other's limits
    list(each(partial(_tell_channel, speaker, sweep), channels, here))
    speaker.incidents.keep(sweep.decisions, now=now)
    if sweep.away is not None:
        raise sweep.away
    return sweep.decisions


def _tell_channel(speaker: Speaker, sweep: _Sweep, channel: str, subscriptions: Sequence[Subscription]) -> None:
    """Bring one channel up to date, or remember why it cannot be."""
    try:
        _tell(speaker, sweep, channel, subscriptions)
    except Undelivered as error:
        if error.permanent:
            _refused(speaker, channel, error, sweep.now)
        else:
            sweep.away = error


def _tell(speaker: Speaker, sweep: _Sweep, channel: str, subscriptions: Sequence[Subscription]) -> None:
    refused = speaker.unreachable.refusal(channel)
    resting = refused is not None and sweep.now - refused.at < _TRY_AGAIN
    told = {notice.incident_id: notice for notice in speaker.notices.here(channel)}
    for number, incident, steps in sweep.current:
        threshold, known = _threshold(subscriptions, incident), told.get(number)
        if known is None and (threshold is None or _long_over(incident, sweep.now)):
            continue
        place = _Place(speaker, sweep, channel, incident, steps)
        decision = Decision(Act.NOTHING, Reason.UNREACHABLE) if resting else place.decided(known, threshold or 0)
        if incident.is_live or decision.reason is not Reason.KNOWN:
            sweep.decisions.append((number, channel, decision))
        if decision.act is not Act.NOTHING:
            place.speak(decision, known)


def _long_over(incident: Incident, now: datetime) -> bool:
    return incident.resolved_at is not None and now - incident.resolved_at >= _OVER_FOR_GOOD


def _threshold(subscriptions: Sequence[Subscription], incident: Incident) -> int | None:
    """The failed jobs from which the channel wants to hear of an incident; None where it did not ask for such."""
    wanted = [one.threshold or 0 for one in subscriptions if one.covers(incident.finding)]
    return min(wanted, default=None)


@dataclass(frozen=True, slots=True)
class _Place:
    """One incident in one channel."""

    speaker: Speaker
    sweep: _Sweep
    channel: str
    incident: Incident
    steps: Sequence[Step]

    def decided(self, known: IncidentNotice | None, threshold: int) -> Decision:
        """What is to be done here."""
        told = None if known is None else known.told
        unsaid = self._unsaid(told)
        decision = decide(self.incident, told, unsaid, maintenance=self._in_maintenance, threshold=threshold)
        if decision.act is Act.EDIT and known is not None and told is not None and not unsaid:
            just_now = self.sweep.now - known.at < EDITS_APART
            return Decision(Act.NOTHING, Reason.SOON) if just_now and not hurries(self.incident, told) else decision
        return decision

    def speak(self, decision: Decision, known: IncidentNotice | None) -> None:
        """Do it: the message first, then the lines of its thread in their order; each is noted once it is said."""
        known = self._post() if known is None or decision.act is Act.POST else self._edit(known)
        unsaid = self._unsaid(known.told)
        loudest = max((step.id or 0 for step in unsaid if step.did in LOUD), default=0)
        for step in unsaid:  # after a while without Slack there are several, and one call is enough
            known = self._line(known, step, reply_broadcast=decision.act is Act.CALL and step.id == loudest)

    def _post(self) -> IncidentNotice:
        """The message of this episode; one that was posted before a crash is found again and edited."""
        key = f"{_KEY}{self.incident.id}/{self.incident.episode}"
        before = [step.id or 0 for step in self.steps if step.at < self.incident.opened_at]
        told = Told(face=self._face, step=max(before, default=0), episode=self.incident.episode)
        with self._said(self._card, key, since=self.incident.opened_at) as said:
            if said.found:
                self.speaker.messenger.update(self.channel, said.ts, self._card)
            notice = IncidentNotice(self.incident.id or 0, self.channel, said.ts, told, self.sweep.now)
            self.speaker.notices.note(notice)
        return notice

    def _edit(self, known: IncidentNotice) -> IncidentNotice:
        try:
            self.speaker.messenger.update(self.channel, known.ts, self._card)
        except Gone:  # somebody deleted it
            return self._post()
        return self._note(known, face=self._face)

    def _line(self, root: IncidentNotice, step: Step, *, reply_broadcast: bool) -> IncidentNotice:
        key = f"{_KEY}{self.incident.id}/step/{step.id}"
        line = IncidentLine(
            incident=self.incident,
            step=step,
            time_zone=self.speaker.time_zone,
            on_call=self.speaker.on_call if reply_broadcast else None,
        )
        with self._said(line, key, since=step.at, thread=root.ts, reply_broadcast=reply_broadcast):
            return self._note(root, step=step.id or 0)

    def _said(
        self, value: object, key: str, *, since: datetime, thread: str | None = None, reply_broadcast: bool = False
    ) -> AbstractContextManager[Said]:
        speaker, since = self.speaker, since - _SLACK_WAS_SLOW
        return said_once(
            speaker.outbox,
            speaker.messenger,
            self.channel,
            value,
            key=key,
            since=since,
            now=self.sweep.now,
            thread=thread,
            reply_broadcast=reply_broadcast,
        )

    def _note(self, known: IncidentNotice, *, face: str | None = None, step: int | None = None) -> IncidentNotice:
        told = known.told
        told = replace(told, face=told.face if face is None else face, step=told.step if step is None else step)
        noted = replace(known, told=told, at=self.sweep.now)
        self.speaker.notices.note(noted)
        return noted

    def _unsaid(self, told: Told | None) -> list[Step]:
        """The steps that the thread does not have yet."""
        return [] if told is None else [step for step in self.steps if (step.id or 0) > told.step]

    @property
    def _in_maintenance(self) -> bool:
        return under(self.sweep.windows, self.incident.finding, self.sweep.now)

    @property
    def _face(self) -> str:
        return face(self.incident, maintenance=self._in_maintenance)

    @property
    def _card(self) -> IncidentCard:
        return IncidentCard(
            incident=self.incident,
            time_zone=self.speaker.time_zone,
            on_call=self.speaker.on_call,
            maintenance=self._in_maintenance,
        )


def _refused(speaker: Speaker, channel: str, error: Undelivered, now: datetime) -> None:
    """A channel that does not take messages: its owner is told once in a while, and it is tried again later."""
    log.warning("channel %s cannot be told: %s", channel, error)
    before = speaker.unreachable.refusal(channel)
    told = (before.told_in, before.told_at) if before is not None else (None, None)
    refusal = UnreachableChannel(channel, str(error), now, *told)
    speaker.unreachable.note(refusal)
    if speaker.owner is None or speaker.owner == channel or _knows(speaker.owner, refusal):
        return
    try:
        key = f"unreachable/{channel}"
        speaker.messenger.post(speaker.owner, Unreachable(channel=channel, why=refusal.why), key=key)
    except Undelivered as undelivered:
        log.warning("the owner could not be told either: %s", undelivered)
    else:
        speaker.unreachable.note(replace(refusal, told_in=speaker.owner, told_at=now))


def _knows(owner: str, refusal: UnreachableChannel) -> bool:
    """Whether the owner was told lately."""
    lately = refusal.told_at is not None and refusal.at - refusal.told_at < _TELL_OWNER_EVERY
    return lately and refusal.told_in == owner
