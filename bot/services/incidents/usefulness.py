"""How people judged the findings they were told of, for the digest and the Home tab."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from bot.domain.incidents.incident import Incident
from bot.domain.incidents.usefulness import Judged, judged
from bot.domain.scope import Scope
from bot.services.incidents.ports import Incidents


def judgement(
    incidents: Incidents, scope: Scope, *, since: datetime, of: Callable[[Incident], bool] = lambda _: True
) -> Judged:
    """The findings since then, of those incidents, as people judged them."""
    found = {one.id: one for one in incidents.live(scope, ended_since=since) if one.id is not None and of(one)}
    return judged(found.values(), incidents.steps(scope, found), since=since)
