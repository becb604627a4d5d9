"""Puts together what a digest says of a week or a day."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from bot.domain.analysis.report import Report
from bot.domain.answers.causes import Cause, heaviest
from bot.domain.answers.digest import Digest, Due, NodeStory
from bot.domain.incidents.incident import Incident, IncidentKind
from bot.domain.knowledge.solution import Ranked
from bot.domain.period import Period
from bot.domain.scope import Scope
from bot.services.errors import Undelivered
from bot.services.incidents.acknowledge import IncidentContext
from bot.services.incidents.usefulness import judgement
from bot.services.knowledge.fixes import Sources, cause_of, fixes_for

log = logging.getLogger(__name__)
_MOST_CAUSES = 5
_MOST_FIXES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Reviewing:
    """What a digest is made from."""

    analyze: Callable[[Period], Report]
    """The report of a period, of the digest's project."""
    sources: Sources
    incidents: IncidentContext
    scope: Scope
    """The digest's project, as far as it may be seen."""
    user: Callable[[str], str | None] = lambda _: None
    """The Slack user whom a cluster calls by this name, where it is one. May raise Undelivered."""


def review(of: Reviewing, week: Due, *, project: str | None, time_zone: str) -> Digest:
    """The digest of a week (or a day), without the subscription that it is for. Raises Unavailable."""
    found, since = of.analyze(week.period), week.period.since
    history, before = of.sources.history, week.period.before
    causes = heaviest(history.failed_jobs(of.scope, week.period), history.failed_jobs(of.scope, before))
    fixes = _best_fixes(of, [cause.cause for cause in causes], week.period)
    return Digest(
        week=week.week,
        report=found,
        before=of.analyze(before).summary,
        time_zone=time_zone,
        causes=tuple(_with_person(cause, of.user) for cause in causes[:_MOST_CAUSES]),
        nodes=_nodes(of.incidents, found),
        best_fixes=fixes,
        new_fixes=_new(fixes, of, week.period),
        judged=judgement(
            of.incidents.incidents, of.scope, since=since, of=lambda one: one.finding.project in {None, project}
        ),
        blind=tuple(spell for spell in of.incidents.outages.outages(since) if spell.until < week.posted_at),
        away=tuple(spell for spell in of.incidents.outages.slack_outages(since) if spell.until < week.posted_at),
    )


def _with_person(cause: Cause, user: Callable[[str], str | None]) -> Cause:
    """With the Slack user, where all of it is one person's. That Slack does not answer costs the mention only."""
    if len(cause.owners) != 1:
        return cause
    try:
        return replace(cause, person=user(cause.owners[0]))
    except Undelivered as error:
        log.info("nobody is looked up for the digest: %s", error)
        return cause


def _nodes(context: IncidentContext, found: Report) -> tuple[NodeStory, ...]:
    """The hot nodes with what became of them."""
    nodes = [
        one
        for one in context.incidents.live(context.scope, ended_since=found.period.since)
        if one.finding.kind is IncidentKind.HOT_NODE
    ]
    known: dict[tuple[str | None, str], Incident] = {}
    for one in nodes:  # the incident of all projects comes first: it is the one that people handle
        place = one.finding.cluster, one.finding.subject
        if place not in known or one.finding.project is None:
            known[place] = one
    taken = context.incidents.steps(context.scope, [one.id for one in known.values() if one.id is not None])
    stories = []
    for node in found.nodes:
        incident = known.get((node.cluster, node.node))
        steps = [] if incident is None else [step for step in taken[incident.id or 0] if step.by is not None]
        stories.append(NodeStory(node=node, incident=incident, done=steps[-1] if steps else None))
    return tuple(stories)


def _best_fixes(of: Reviewing, causes: Sequence[str], period: Period) -> tuple[Ranked, ...]:
    """What worked against the causes of the period, the surest first."""
    worked: dict[int | None, Ranked] = {}
    for each in causes:
        cause = cause_of(each, of.sources, of.scope)
        if cause is None:
            continue
        history = fixes_for(cause, of.sources, scope=of.scope, period=period).history
        worked |= {one.solution.id: one for one in history if one.record.worked or one.record.observed_worked}
    return tuple(sorted(worked.values(), key=lambda one: -one.lower_bound)[:_MOST_FIXES])


def _new(fixes: Sequence[Ranked], of: Reviewing, period: Period) -> frozenset[int]:
    """Those of which nobody had said before the period that they worked."""
    ids = [one.solution.id for one in fixes if one.solution.id is not None]
    old = {
        each.solution_id
        for each in of.sources.knowledge.outcomes(of.scope, ids)
        if each.worked and each.at < period.since
    }
    return frozenset(ids) - old
