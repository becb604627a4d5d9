"""Puts together what a person reads on the app's Home tab."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bot.domain.analysis.report import Report
from bot.domain.answers.causes import heaviest
from bot.domain.answers.home import ClusterHealth, Health, Home, MyProject, SetupStep, Todo
from bot.domain.incidents.incident import Incident
from bot.domain.incidents.subscription import Subscription, Wants, effective
from bot.domain.period import Period
from bot.domain.scope import Scope
from bot.services.answers.answer import AnswerContext, report
from bot.services.errors import Undelivered
from bot.services.incidents.acknowledge import IncidentContext
from bot.services.incidents.usefulness import judgement

_WEEK = timedelta(days=7)
_MONTH = timedelta(days=28)
MOST_PROJECTS = 100
"""Options that a menu of Slack's holds."""


def home(
    context: AnswerContext, incidents: IncidentContext, health: Health, *, user: str, time_zone: str, now: datetime
) -> Home:
    """The Home tab of one person, as of now. Raises Unavailable where the store is away."""
    scope = incidents.scope
    made = incidents.subscriptions.subscriptions(scope)
    known = effective(made, incidents.from_settings)
    live = incidents.incidents.live(scope, ended_since=now - _MONTH)
    found = report(context, None, Period.last(_WEEK, until=now), time_zone=time_zone, now=now)
    projects = context.sources.history.projects(scope)
    chosen = tuple(each for each in incidents.homes.chosen(scope, user) if each in projects)
    return Home(
        at=now,
        health=replace(health, clusters=_with_last_told(health.clusters, live, incidents, known)),
        report=found,
        incidents=tuple(one for one in live if one.is_live),
        projects=_mine(chosen or _owned(context, scope, user, now), found, context, scope),
        chosen=chosen,
        choices=_offered(chosen, found, projects),
        subscriptions=tuple(one for one in made if one.created_by == user),
        blind=tuple(incidents.outages.outages(now - _WEEK)),
        away=tuple(incidents.outages.slack_outages(now - _WEEK)),
        judged=judgement(incidents.incidents, scope, since=now - _MONTH),
        setup=_setup(health, incidents, known),
    )


def choose(context: AnswerContext, incidents: IncidentContext, user: str, projects: Sequence[str]) -> None:
    """Keep what a person wants to see: projects that may be shown. None of them is those whose jobs they own."""
    known = context.sources.history.projects(Scope.of(context.allowed_projects))
    incidents.homes.choose(user, [each for each in known if each in projects])


def unsubscribe(incidents: IncidentContext, user: str, subscription_id: int) -> Subscription | None:
    """End a subscription that this person made, of a channel that they are in; None where there is none. May raise
    Undelivered."""
    made = incidents.subscriptions.subscriptions(incidents.scope)
    mine = next((one for one in made if one.created_by == user and one.id == subscription_id), None)
    if mine is None or not incidents.is_member(mine.channel, user):
        return None
    return mine if incidents.subscriptions.unsubscribe(incidents.scope, subscription_id) else None


def _offered(chosen: Iterable[str], found: Report, projects: Iterable[str]) -> tuple[str, ...]:
    """The projects to choose from; where there are too many for a menu, those that fail."""
    failing = (one.project for one in found.projects if one.project is not None)
    return tuple(sorted(list(dict.fromkeys((*chosen, *failing, *projects)))[:MOST_PROJECTS]))


def _owned(context: AnswerContext, scope: Scope, user: str, now: datetime) -> tuple[str, ...]:
    """The projects in which jobs of this person failed in four weeks. That Slack does not answer leaves them out."""
    owners = context.sources.history.owners(scope, Period.last(_MONTH, until=now))
    try:
        mine = {owner for owner in {owner for owner, _ in owners} if context.user(owner) == user}
    except Undelivered:
        return ()
    return tuple(sorted({project for owner, project in owners if owner in mine}))


def _mine(projects: Iterable[str], found: Report, context: AnswerContext, scope: Scope) -> tuple[MyProject, ...]:
    """These projects with their numbers and the cause that failed most jobs, the worst project first."""
    numbers = {one.project: one for one in found.projects}
    failed = context.sources.history.failed_jobs(scope, found.period)
    mine = [
        MyProject(
            project=project,
            numbers=numbers.get(project),
            worst=next(iter(heaviest((one for one in failed if one.project == project), (), most=1)), None),
        )
        for project in projects
    ]
    return tuple(sorted(mine, key=lambda one: (-(one.numbers.jobs_failed if one.numbers else 0), one.project)))


def _with_last_told(
    clusters: Iterable[ClusterHealth],
    incidents: Iterable[Incident],
    context: IncidentContext,
    subscriptions: Iterable[Subscription],
) -> tuple[ClusterHealth, ...]:
    """With the time at which any channel was last told of an incident of each cluster."""
    place = {one.id: one.finding.cluster for one in incidents}
    told: dict[str | None, datetime] = {}
    for channel in {one.channel for one in subscriptions}:
        for notice in context.notices.here(channel):
            if (cluster := place.get(notice.incident_id)) is not None:
                told[cluster] = max(notice.at, told.get(cluster, notice.at))
    return tuple(replace(one, told_at=told.get(one.name)) for one in clusters)


def _setup(health: Health, incidents: IncidentContext, known: Sequence[Subscription]) -> tuple[Todo, ...]:
    """The steps of the set-up; none where all of them are done."""
    wanted = {one.wants for one in known}
    seen = bool(health.clusters) and all(one.alive_at for one in health.clusters)
    todo = (
        Todo(done=seen, step=SetupStep.WATCH),
        Todo(done=Wants.ALERTS in wanted, step=SetupStep.ALERTS),
        Todo(done=Wants.DIGEST in wanted, step=SetupStep.DIGEST),
        Todo(done=incidents.on_call is not None, step=SetupStep.ON_CALL),
    )
    return () if all(each.done for each in todo) else todo
