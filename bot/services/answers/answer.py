"""From a command to its answer. What may not be shown is treated as if it did not exist, everywhere."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from difflib import get_close_matches
from typing import Any, TypeVar

from bot.domain.analysis.report import Report, Stats
from bot.domain.answers.digest import Digest, Due, due
from bot.domain.answers.node_or_image import AboutImage, AboutNode
from bot.domain.answers.unknown_failures import UnknownFailures
from bot.domain.commands.command import (
    Analyze,
    AskAbout,
    Command,
    Fix,
    Help,
    Mistake,
    OfAThing,
    ShowDigest,
    ShowImage,
    ShowJob,
    ShowNode,
    ShowSolutions,
    ShowStats,
    ShowUnknown,
    Standing,
    Subscribe,
)
from bot.domain.commands.grammar import words
from bot.domain.incidents.subscription import Subscription, Wants
from bot.domain.knowledge.fixes import Fixes, JobStory
from bot.domain.knowledge.suggestion import Solutions
from bot.domain.period import Period
from bot.domain.scope import Scope
from bot.services.answers import lookup, node_or_image, standing
from bot.services.answers.analyze import EvidenceSource, analyze, stats
from bot.services.answers.job import job_story, root
from bot.services.answers.review import Reviewing, review
from bot.services.incidents.acknowledge import IncidentContext
from bot.services.knowledge.fixes import Sources, cause_of, fixes_for
from bot.services.knowledge.name_causes import unknown_failures
from bot.services.knowledge.suggest import solutions
from bot.services.replies import Several, Unknown

LOOK_BACK = timedelta(days=30)
"""How far back `fix` and `job` count similar failures, and `stats` and `unknown` look unless told otherwise."""

C = TypeVar("C", bound="Analyze | ShowStats | Fix | ShowJob | ShowUnknown | ShowDigest | Subscribe")
Placed = Analyze | ShowStats | Fix | ShowJob | ShowUnknown | ShowDigest
Told = Report | Stats | Fixes | JobStory | AboutNode | AboutImage | Solutions | UnknownFailures | Digest
Answer = Told | standing.Reply | Several | Help | Mistake


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """Who asks, where, and when (UTC). `time_zone` is the reader's, an IANA name."""

    user: str
    channel: str
    time_zone: str
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerContext:
    """Everything an answer is made from, and the rules of this installation."""

    evidence: EvidenceSource
    sources: Sources
    allowed_projects: tuple[str, ...] = ("*",)
    lookback: timedelta = timedelta(days=7)
    pattern_threshold: int = 3
    gpu_prices: Mapping[str, float] = field(default_factory=dict)
    clusters: tuple[str, ...] = ()
    """Names of the clusters that are watched."""
    incidents: IncidentContext | None = None
    """None where only questions are answered."""
    digest: Subscription = field(default_factory=lambda: Subscription(channel="", wants=Wants.DIGEST))
    """When a digest is due where a channel has not said when."""
    user: Callable[[str], str | None] = lambda _: None
    """The Slack user whom a cluster calls by this name, where it is one. May raise Undelivered."""


def answer(command: Command, asking: Asking, desk: AnswerContext) -> Answer:
    """The answer to a command. Raises Unavailable where the store is away."""
    if isinstance(command, Help | Mistake):
        return command
    command = meant(command, asking, desk)
    if isinstance(command, Standing):
        return _standing(command, asking, desk)
    placed = _placed(command, desk) if isinstance(command, Placed) else command
    if isinstance(placed, Unknown):
        return placed
    return _ANSWERS[type(placed)](placed, asking, desk)


def meant(command: Command, asking: Asking, desk: AnswerContext) -> Command:
    """The command about what there is of this name, where a person did not say what it is. Raises Unavailable."""
    return lookup.meant(command, _shelf(command, asking, desk)) if isinstance(command, AskAbout) else command


def _shelf(command: OfAThing, asking: Asking, desk: AnswerContext) -> lookup.Shelf:
    return lookup.Shelf(
        evidence=desk.evidence,
        sources=desk.sources,
        incidents=desk.incidents,
        scope=_scope(desk, cluster=command.cluster),
        period=Period.last(command.length or desk.lookback, until=asking.now),
        pattern_threshold=desk.pattern_threshold,
        gpu_prices=desk.gpu_prices,
        time_zone=asking.time_zone,
    )


def _standing(command: Standing, asking: Asking, desk: AnswerContext) -> Answer:
    if desk.incidents is None:
        return Mistake(text=words(command), problem="Only the bot in Slack can do that.")
    if isinstance(command, Subscribe) and command.project is not None:
        placed = _known_project(command, command.project, desk)
        if isinstance(placed, Unknown):
            return placed
        command = placed
    order = standing.Order(
        user=asking.user,
        channel=asking.channel,
        time_zone=asking.time_zone,
        now=asking.now,
        analyze=lambda project, period: report(desk, project, period, time_zone=asking.time_zone, now=asking.now),
    )
    return standing.answer(command, order, desk.incidents)


def digest(desk: AnswerContext, project: str | None, week: Due, *, time_zone: str, now: datetime) -> Digest:
    """The digest of a week by this installation's rules, without the subscription that it is for. Raises Unavailable
    where the store is away, and LookupError where incidents are not known."""
    if desk.incidents is None:
        raise LookupError("a digest tells of incidents")
    reviewing = Reviewing(
        analyze=lambda period: report(desk, project, period, time_zone=time_zone, now=now),
        sources=desk.sources,
        incidents=desk.incidents,
        scope=_scope(desk, project),
        user=desk.user,
    )
    return review(reviewing, week, project=project, time_zone=time_zone)


def report(desk: AnswerContext, project: str | None, period: Period, *, time_zone: str, now: datetime) -> Report:
    """The report of a period by this installation's rules; of all projects where none is named."""
    return analyze(
        desk.evidence,
        _scope(desk, project),
        period,
        pattern_threshold=desk.pattern_threshold,
        gpu_prices=desk.gpu_prices,
        time_zone=time_zone,
        now=now,
    )


def _placed(command: Placed, desk: AnswerContext) -> Placed | Unknown:
    """The command about a project that exists and may be seen, spelt as it is known; else what there is instead."""
    known = desk.sources.history.projects(_scope(desk))
    if isinstance(command, Analyze | ShowStats | ShowUnknown) and command.project is None and command.cluster in known:
        command = _about_project(command, desk)
    if command.project is None:
        return command
    return _known_project(command, command.project, desk, known)


def _known_project(command: C, asked: str, desk: AnswerContext, known: Sequence[str] | None = None) -> C | Unknown:
    """The command with the project's name as it is known; else what there is instead."""
    known = desk.sources.history.projects(_scope(desk)) if known is None else known
    if asked in known or asked in desk.allowed_projects:
        return command
    spelt = {name.casefold(): name for name in known}.get(asked.casefold())
    if spelt is not None:
        return replace(command, project=spelt)
    nearest = get_close_matches(asked, known, n=3, cutoff=0.5)
    tries = tuple(words(replace(command, project=name)) for name in nearest)
    return Unknown(what="project", name=asked, nearest=tuple(nearest), tries=tries)


def _about_project(
    command: Analyze | ShowStats | ShowUnknown, desk: AnswerContext
) -> Analyze | ShowStats | ShowUnknown:
    """The words "in x" name a cluster, unless x is a project and no cluster: then people mean the project."""
    if command.cluster in desk.clusters:
        return command
    return replace(command, project=command.cluster, cluster=None)


def _analyze(command: Analyze, asking: Asking, desk: AnswerContext) -> Answer:
    return analyze(
        desk.evidence,
        _scope(desk, command.project, command.cluster),
        Period.last(command.length or desk.lookback, until=asking.now),
        pattern_threshold=desk.pattern_threshold,
        gpu_prices=desk.gpu_prices,
        time_zone=asking.time_zone,
        now=asking.now,
    )


def _stats(command: ShowStats, asking: Asking, desk: AnswerContext) -> Answer:
    scope = _scope(desk, command.project, command.cluster)
    return stats(desk.evidence, scope, Period.last(command.length or LOOK_BACK, until=asking.now))


def _fix(command: Fix, asking: Asking, desk: AnswerContext) -> Answer:
    scope = _scope(desk, command.project)
    cause = cause_of(command.failure_type, desk.sources, scope)
    if cause is None:
        return _unknown_type(command, command.failure_type, desk)
    failure = None
    if command.job is not None:
        failures = desk.sources.history.job_failures(scope, command.job)
        if not failures:
            return _unknown_job(command, command.job, scope, desk)
        failure = root([one for one in failures if one.failure_type == cause.failure_type])
    period = Period.last(LOOK_BACK, until=asking.now)
    return fixes_for(cause, desk.sources, scope=scope, period=period, failure=failure, by=asking.user or None)


def _job(command: ShowJob, asking: Asking, desk: AnswerContext) -> Answer:
    scope = _scope(desk, command.project)
    period = Period.last(LOOK_BACK, until=asking.now)
    story = job_story(command.job, desk.sources, scope=scope, period=period, by=asking.user or None)
    return story or _unknown_job(command, command.job, scope, desk)


def _unknown(command: ShowUnknown, asking: Asking, desk: AnswerContext) -> Answer:
    scope = _scope(desk, command.project, command.cluster)
    period = Period.last(command.length or LOOK_BACK, until=asking.now)
    if desk.sources.names is None:
        return UnknownFailures(period=period, project=command.project, total=0, unknown=0)
    return unknown_failures(desk.sources.names, scope, period)


def _digest(command: ShowDigest, asking: Asking, desk: AnswerContext) -> Answer:
    """The digest that the channel got last, or would have got; the reader's time zone where it gets none."""
    if desk.incidents is None:
        return Mistake(text=words(command), problem="Only the bot in Slack can do that.")
    here = (one for one in desk.incidents.subscriptions.subscriptions() if one.channel == asking.channel)
    wanted = next(
        (one for one in here if one.wants is Wants.DIGEST and one.project == command.project),
        replace(desk.digest, time_zone=asking.time_zone),
    )
    week = due(asking.now, weekday=wanted.weekday, hour=wanted.hour, time_zone=wanted.time_zone, daily=wanted.daily)
    return digest(desk, command.project, week, time_zone=wanted.time_zone, now=asking.now)


def _solutions(command: ShowSolutions, asking: Asking, desk: AnswerContext) -> Answer:
    cause = None
    if command.failure_type is not None:
        cause = cause_of(command.failure_type, desk.sources, _scope(desk))
        if cause is None:
            return _unknown_type(command, command.failure_type, desk)
    return solutions(cause, desk.sources.knowledge, now=asking.now)


def _unknown_type(command: Fix | ShowSolutions, name: str, desk: AnswerContext) -> Unknown:
    nearest = desk.sources.catalogue.nearest(name)
    tries = tuple(words(replace(command, failure_type=each)) for each in nearest)
    return Unknown(what="failure type", name=name, nearest=tuple(nearest), tries=tries)


def _unknown_job(command: Fix | ShowJob, job: str, scope: Scope, desk: AnswerContext) -> Unknown:
    """The jobs whose name holds this one, or its beginning: people leave out the run's number or mistype the end."""
    history = desk.sources.history
    nearest = history.job_names(scope, job) or history.job_names(scope, job[: max(3, len(job) * 2 // 3)])
    nearest = nearest[:3]
    return Unknown(
        what="job", name=job, nearest=tuple(nearest), tries=tuple(words(replace(command, job=name)) for name in nearest)
    )


def _scope(desk: AnswerContext, project: str | None = None, cluster: str | None = None) -> Scope:
    return Scope.of(desk.allowed_projects, project=project, cluster=cluster)


_ANSWERS: Mapping[type, Callable[[Any, Asking, AnswerContext], Answer]] = {
    Analyze: _analyze,
    ShowStats: _stats,
    Fix: _fix,
    ShowJob: _job,
    ShowUnknown: _unknown,
    ShowDigest: _digest,
    ShowNode: lambda command, asking, desk: node_or_image.node(command, _shelf(command, asking, desk)),
    ShowImage: lambda command, asking, desk: node_or_image.image(command, _shelf(command, asking, desk)),
    ShowSolutions: _solutions,
}
