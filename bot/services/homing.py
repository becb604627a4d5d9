"""Puts together what a person reads on the app's Home tab."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.domain.home import Health, Home, Todo
from bot.domain.incidents.subscription import Subscription, Wants, effective
from bot.domain.period import Period
from bot.services.answering import Desk, report
from bot.services.blindness import spells
from bot.services.handling import IncidentDesk

_WEEK = timedelta(days=7)


def home(desk: Desk, incidents: IncidentDesk, health: Health, *, user: str, time_zone: str, now: datetime) -> Home:
    """The Home tab of one person, as of now. Raises Unavailable where the store is away."""
    made = incidents.subscriptions.subscriptions()
    known = effective(made, incidents.from_settings)
    current = (one for one in incidents.incidents.live(ended_since=now) if one.is_live and incidents.may_see(one))
    return Home(
        at=now,
        health=health,
        report=report(desk, None, Period.last(_WEEK, until=now), time_zone=time_zone, now=now),
        incidents=tuple(current),
        subscriptions=tuple(one for one in made if one.created_by == user),
        blind=tuple(spell for spell in spells(incidents.notices) if spell.until >= now - _WEEK),
        setup=_setup(health, incidents, known),
    )


def _setup(health: Health, incidents: IncidentDesk, known: Sequence[Subscription]) -> tuple[Todo, ...]:
    """The steps of the set-up; none where all of them are done."""
    wanted = {one.wants for one in known}
    seen = bool(health.clusters) and all(one.alive_at for one in health.clusters)
    todo = (
        Todo(done=seen, text="Watch a cluster: `failures doctor` says what is missing"),
        Todo(done=Wants.ALERTS in wanted, text="Have alerts told in a channel: `/failures subscribe alerts` there"),
        Todo(done=Wants.DIGEST in wanted, text="Get a weekly digest: `/failures subscribe digest` in a channel"),
        Todo(done=incidents.on_call is not None, text="Name the user group that is on call: setting `on_call_group`"),
    )
    return () if all(each.done for each in todo) else todo
