"""Answers the commands that stand: subscriptions, maintenance, and the questions about incidents."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.domain.analysis.report import Report
from bot.domain.commands.command import (
    AskWhy,
    Maintain,
    ShowIncidents,
    ShowSubscriptions,
    StandingOrder,
    Subscribe,
    Unsubscribe,
)
from bot.domain.incidents.card import OpenIncidents, WhyTold
from bot.domain.incidents.maintenance import Maintenance, MaintenanceKind
from bot.domain.incidents.subscription import Subscription, effective
from bot.domain.period import Period
from bot.services.incidents.acknowledge import IncidentContext, why_told
from bot.services.incidents.try_subscription import trial
from bot.services.replies import (
    Refusal,
    Subscribed,
    Subscribers,
    SubscriptionTrial,
    UnderMaintenance,
    Unknown,
    Why,
)

StandingAnswer = (
    SubscriptionTrial | Subscribed | Subscribers | UnderMaintenance | OpenIncidents | WhyTold | Unknown | Refusal
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """Who gives a standing order, where and when (UTC)."""

    user: str
    channel: str
    time_zone: str
    now: datetime
    analyze: Callable[[str | None, Period], Report]


def answer(command: StandingOrder, order: Order, context: IncidentContext) -> StandingAnswer:
    """Do what the command says and answer it. Raises Unavailable where the store is away."""
    return _ANSWERS[type(command)](command, order, context)


def _subscribe(command: Subscribe, order: Order, context: IncidentContext) -> StandingAnswer:
    if command.only_try:
        return trial(command, lambda period: order.analyze(command.project, period), now=order.now)
    wanted = Subscription(
        channel=order.channel,
        wants=command.wants,
        project=command.project,
        threshold=command.threshold,
        hour=9 if command.hour is None else command.hour,
        time_zone=command.time_zone or order.time_zone,
        daily=command.daily,
        skip_empty=not command.even_empty,
        created_by=order.user,
        created_at=order.now,
    )
    context.subscriptions.subscribe(wanted)
    return Subscribed(subscription=wanted)


def _unsubscribe(command: Unsubscribe, order: Order, context: IncidentContext) -> StandingAnswer:
    if not context.is_member(order.channel, order.user):
        return Refusal(Why.NOT_A_MEMBER)
    ended = tuple(
        one
        for one in context.subscriptions.subscriptions(context.scope)
        if one.channel == order.channel
        and one.project == command.project
        and command.wants in {None, one.wants}
        and one.id is not None
        and context.subscriptions.unsubscribe(context.scope, one.id)
    )
    return Subscribers(subscriptions=_here(order, context), ended=ended)


def _subscriptions(_: ShowSubscriptions, order: Order, context: IncidentContext) -> StandingAnswer:
    return Subscribers(subscriptions=_here(order, context))


def _here(order: Order, context: IncidentContext) -> tuple[Subscription, ...]:
    both = effective(context.subscriptions.subscriptions(context.scope), context.from_settings)
    return tuple(one for one in both if one.channel == order.channel)


def _incidents(_: ShowIncidents, order: Order, context: IncidentContext) -> StandingAnswer:
    found = (one for one in context.incidents.live(context.scope, ended_since=order.now) if one.is_live)
    return OpenIncidents(incidents=tuple(found), at=order.now)


def _why(command: AskWhy, order: Order, context: IncidentContext) -> StandingAnswer:
    incident = context.incidents.incident(context.scope, command.incident)
    if incident is None:
        return Unknown(what="incident", name=str(command.incident))
    return why_told(context, incident, order.channel, now=order.now)


def _maintain(command: Maintain, order: Order, context: IncidentContext) -> StandingAnswer:
    part, now = command.part, order.now
    if part is None:
        return UnderMaintenance(windows=tuple(context.subscriptions.windows(context.scope, now)))
    if not context.may_handle(order.user):
        return Refusal(Why.NO_RIGHT)
    if part is MaintenanceKind.PROJECT and not context.scope.may_see(command.name):
        return Unknown(what="project", name=command.name)
    window = Maintenance(part=part, name=command.name, since=now, until=now + command.length, by=order.user)
    if not command.over:
        context.subscriptions.begin(window)
        return UnderMaintenance(windows=tuple(context.subscriptions.windows(context.scope, now)), began=window)
    ended = context.subscriptions.end(context.scope, part, command.name, now)
    left = tuple(context.subscriptions.windows(context.scope, now))
    return UnderMaintenance(windows=left, ended=window if ended else None, unknown="" if ended else command.name)


_ANSWERS: Mapping[type, Callable[[Any, Order, IncidentContext], StandingAnswer]] = {
    Subscribe: _subscribe,
    Unsubscribe: _unsubscribe,
    ShowSubscriptions: _subscriptions,
    ShowIncidents: _incidents,
    AskWhy: _why,
    Maintain: _maintain,
}
