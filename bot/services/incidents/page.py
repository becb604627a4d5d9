"""Keeps a pager (PagerDuty, Opsgenie) at the state of the incidents. Every event names the incident by its key, so one
that is sent twice, after a crash, changes nothing there."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from bot.domain.incidents.card import IncidentCard
from bot.domain.incidents.incident import IncidentKind, IncidentState
from bot.domain.incidents.maintenance import under
from bot.domain.scope import Scope
from bot.services.incidents.notices import Pages
from bot.services.incidents.notify import ENDED_WITHIN
from bot.services.incidents.ports import Incidents, Pager, PagerEvent, Subscriptions

_PAGES: Mapping[IncidentState, PagerEvent] = {
    IncidentState.OPEN: PagerEvent.TRIGGER,
    IncidentState.ACKNOWLEDGED: PagerEvent.ACKNOWLEDGE,
    IncidentState.SNOOZED: PagerEvent.ACKNOWLEDGE,
    IncidentState.RESOLVED: PagerEvent.RESOLVE,
}


def page(
    incidents: Incidents,
    pages: Pages,
    subscriptions: Subscriptions,
    pager: Pager,
    *,
    scope: Scope,
    time_zone: str,
    now: datetime,
) -> int:
    """Send what the pager does not know of the alerts about all projects; how many events that were. Raises
    Undelivered; the next sweep goes on there."""
    sent = 0
    windows = subscriptions.windows(scope, now)
    for incident in incidents.live(scope, ended_since=now - ENDED_WITHIN):
        finding = incident.finding
        if incident.id is None or finding.kind is IncidentKind.FAILURES or finding.project is not None:
            continue
        wanted, known = _PAGES[incident.state], pages.paged(incident.id)
        quiet = wanted is not PagerEvent.TRIGGER or under(windows, finding, now)
        if (known is None and quiet) or known == wanted:
            continue
        pager.send(wanted, IncidentCard(incident=incident, time_zone=time_zone), key=incident.key)
        pages.note(incident.id, wanted, now)
        sent += 1
    return sent
