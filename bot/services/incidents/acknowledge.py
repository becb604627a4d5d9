"""A person acknowledges, snoozes, resolves, dismisses or reopens an incident: rights and state are checked at the
press, not at the posting."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime

from bot.domain.commands.button import Handling
from bot.domain.incidents.card import DismissForm, IncidentCard, WhyTold
from bot.domain.incidents.handle import HANDLES, WHY, may_handle
from bot.domain.incidents.incident import CLEARLY_MORE, DISMISSED_FOR, Because, Incident
from bot.domain.incidents.maintenance import under
from bot.domain.incidents.subscription import Subscription
from bot.domain.scope import Scope
from bot.services.incidents.notices import IncidentNotices, Outages
from bot.services.incidents.ports import Homes, Incidents, Subscriptions
from bot.services.replies import Refusal, Why


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentContext:
    """What handling needs: where incidents are, and who may do it."""

    scope: Scope
    """What this installation may show at all."""
    incidents: Incidents
    notices: IncidentNotices
    outages: Outages
    subscriptions: Subscriptions
    homes: Homes
    responders: tuple[str, ...] = ("*",)
    """Slack user ids and user group ids; `"*"` is everybody."""
    on_call: str | None = None
    from_settings: tuple[Subscription, ...] = ()
    """Subscriptions that stand in the settings."""
    groups: Callable[[str], Collection[str]] = lambda _: ()
    """The members of a user group, by its id."""
    is_member: Callable[[str, str], bool] = lambda *_: True
    """Whether a channel has a user, by their ids. May raise Undelivered."""

    def may_handle(self, user: str) -> bool:
        """Whether a person may do anything to incidents."""
        return may_handle(user, self.responders, self.groups)


def handle(
    handling: Handling,
    context: IncidentContext,
    *,
    by: str,
    channel: str,
    time_zone: str,
    now: datetime,
) -> IncidentCard | WhyTold | Refusal:
    """Do what was pressed and give the incident's message as it is now; or say why nothing was done.

    `by` is a Slack user id, `time_zone` theirs. The lines in threads are the sweep's: it finds the step in the store.
    """
    incident = _told(handling, context, channel)
    if incident is None:
        return Refusal(Why.NO_INCIDENT)
    if handling.do == WHY:
        return why_told(context, incident, channel, now=now)
    if handling.do not in HANDLES:
        return Refusal(Why.MALFORMED, "it is from another version of me")
    if not context.may_handle(by):
        return Refusal(Why.NO_RIGHT)
    return _done(handling, context, by=by, time_zone=time_zone, now=now)


def dismissing(handling: Handling, context: IncidentContext, *, by: str, channel: str) -> DismissForm | Refusal:
    """The question why an incident is no problem; or why this person is not asked."""
    incident = _told(handling, context, channel)
    if incident is None:
        return Refusal(Why.NO_INCIDENT)
    if not context.may_handle(by):
        return Refusal(Why.NO_RIGHT)
    if incident.dismissed:
        return Refusal(Why.STALE, str(incident.state))
    told_from = CLEARLY_MORE * max(1, incident.finding.jobs)
    return DismissForm(incident=incident, told_from=told_from, quiet_for=DISMISSED_FOR[Because.WRONG])


def _told(handling: Handling, context: IncidentContext, channel: str) -> Incident | None:
    """The incident, where this channel was told of it and may be."""
    incident = context.incidents.incident(context.scope, handling.incident_id)
    told = context.notices.notice(handling.incident_id, channel)
    return None if told is None else incident


def why_told(context: IncidentContext, incident: Incident, channel: str, *, now: datetime) -> WhyTold:
    """Why channels were told of an incident, or not. Other channels than the one that asks stay unnamed."""
    number = incident.id or 0
    decisions = tuple(one for one in context.incidents.kept(context.scope, number) if one.channel == channel)
    said = incident.dismissal
    return WhyTold(
        incident=incident,
        decisions=decisions,
        steps=tuple(context.incidents.steps(context.scope, [number])[number]),
        here=channel,
        dismissal=said if said is not None and now < said.until else None,
    )


def _done(
    handling: Handling, context: IncidentContext, *, by: str, time_zone: str, now: datetime
) -> IncidentCard | Refusal:
    do = HANDLES[handling.do]
    change = context.incidents.change(
        context.scope, handling.incident_id, lambda incident: do(incident, by, now, time_zone), now=now
    )
    if change is None:
        return Refusal(Why.NO_INCIDENT)
    if change.step is None:
        return Refusal(Why.STALE, str(change.incident.state))
    maintenance = under(context.subscriptions.windows(context.scope, now), change.incident.finding, now)
    return IncidentCard(incident=change.incident, time_zone=time_zone, on_call=context.on_call, maintenance=maintenance)
