"""From a command to its answer. What may not be shown is treated as if it did not exist, everywhere."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from difflib import get_close_matches
from typing import Any, TypeVar

from bot.domain.analysis.report import Report, Stats
from bot.domain.answers.digest import Digest, Due, due
from bot.domain.answers.ledger import Ledger
from bot.domain.answers.node_or_image import AboutImage, AboutNode
from bot.domain.answers.unknown_failures import UnknownFailures
from bot.domain.commands.command import (
    Analyze,
    AskAbout,
    AskRetry,
    Command,
    Fix,
    Help,
    OfAThing,
    Predict,
    ShowCost,
    ShowDigest,
    ShowImage,
    ShowJob,
    ShowNode,
    ShowSolutions,
    ShowStats,
    ShowUnknown,
    StandingOrder,
    Subscribe,
)
from bot.domain.commands.grammar import words
from bot.domain.commands.mistake import Mistake, MistakeKind
from bot.domain.foresight.outlook import Outlook
from bot.domain.foresight.retrying import RetryAdvice
from bot.domain.incidents.subscription import Subscription, Wants
from bot.domain.knowledge.fixes import Fixes, JobStory
from bot.domain.knowledge.suggestion import Solutions
from bot.domain.period import Period
from bot.domain.scope import Scope
from bot.services.answers import lookup, node_or_image, standing
from bot.services.answers.analyze import EvidenceSource, analyze, stats
from bot.services.answers.cost import LedgerSource, cost
from bot.services.answers.job import job_story, root
from bot.services.answers.predict import predict
from bot.services.answers.retry import RetrySource, retry
from bot.services.answers.review import Reviewing, review
from bot.services.incidents.acknowledge import IncidentContext
from bot.services.knowledge.fixes import Sources, cause_of, fixes_for
from bot.services.knowledge.name_causes import unknown_failures
from bot.services.knowledge.suggest import solutions
from bot.services.replies import Several, Unknown

LOOK_BACK = timedelta(days=30)
"""How far back `fix` and `job` count similar failures, and `stats` and `unknown` look unless told otherwise."""

C = TypeVar("C", bound="Analyze | ShowStats | ShowCost | Fix | ShowJob | ShowUnknown | ShowDigest | Subscribe")
Placed = Analyze | ShowStats | ShowCost | Fix | ShowJob | ShowUnknown | ShowDigest
Answer = (
    Report
    | Stats
    | Fixes
    | JobStory
    | AboutNode
    | AboutImage
    | Solutions
    | UnknownFailures
    | Digest
    | Outlook
    | RetryAdvice
    | Ledger
    | standing.StandingAnswer
    | Several
    | Help
    | Mistake
)


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
    ledger: LedgerSource
    retries: RetrySource
    allowed_projects: tuple[str, ...] = ("*",)
    lookback: timedelta = timedelta(days=7)
    pattern_threshold: int = 3
    gpu_prices: Mapping[str, float] = field(default_factory=dict)
    predict_precision: float = 0.8
    """The share of predictions that has to come true before the bot may make any, 0 to 1."""
    clusters: tuple[str, ...] = ()
    """Names of the clusters that are watched."""
    incidents: IncidentContext | None = None
    """None where only questions are answered."""
    digest: Subscription = field(default_factory=lambda: Subscription(channel="", wants=Wants.DIGEST))
    """When a digest is due where a channel has not said when."""
    user: Callable[[str], str | None] = lambda _: None
    """The Slack user whom a cluster calls by this name, where it is one. May raise Undelivered."""


def answer(command: Command, asking: Asking, context: AnswerContext) -> Answer:
    """The answer to a command. Raises Unavailable where the store is away."""
    if isinstance(command, Help | Mistake):
        return command
    command = meant(command, asking, context)
    if isinstance(command, StandingOrder):
        return _standing(command, asking, context)
    placed = _placed(command, context) if isinstance(command, Placed) else command
    if isinstance(placed, Unknown):
        return placed
    return _ANSWERS[type(placed)](placed, asking, context)


def meant(command: Command, asking: Asking, context: AnswerContext) -> Command:
    """The command about what there is of this name, where a person did not say what it is. Raises Unavailable."""
    return lookup.meant(command, _lookup(command, asking, context)) if isinstance(command, AskAbout) else command


def _lookup(command: OfAThing, asking: Asking, context: AnswerContext) -> lookup.LookupContext:
    return lookup.LookupContext(
        evidence=context.evidence,
        sources=context.sources,
        incidents=context.incidents,
        scope=_scope(context, cluster=command.cluster),
        period=Period.last(command.length or context.lookback, until=asking.now),
        pattern_threshold=context.pattern_threshold,
        gpu_prices=context.gpu_prices,
        time_zone=asking.time_zone,
    )


def _standing(command: StandingOrder, asking: Asking, context: AnswerContext) -> Answer:
    if context.incidents is None:
        return Mistake(text=words(command), problem=MistakeKind.ONLY_IN_SLACK)
    if isinstance(command, Subscribe) and command.project is not None:
        placed = _known_project(command, command.project, context)
        if isinstance(placed, Unknown):
            return placed
        command = placed
    order = standing.Order(
        user=asking.user,
        channel=asking.channel,
        time_zone=asking.time_zone,
        now=asking.now,
        analyze=lambda project, period: report(context, project, period, time_zone=asking.time_zone, now=asking.now),
    )
    return standing.answer(command, order, context.incidents)


def digest(context: AnswerContext, project: str | None, week: Due, *, time_zone: str, now: datetime) -> Digest:
    """The digest of a week by this installation's rules, without the subscription that it is for. Raises Unavailable
    where the store is away, and LookupError where incidents are not known."""
    if context.incidents is None:
        raise LookupError("a digest tells of incidents")
    reviewing = Reviewing(
        analyze=lambda period: report(context, project, period, time_zone=time_zone, now=now),
        sources=context.sources,
        incidents=context.incidents,
        scope=_scope(context, project),
        user=context.user,
    )
    return review(reviewing, week, project=project, time_zone=time_zone)


def report(context: AnswerContext, project: str | None, period: Period, *, time_zone: str, now: datetime) -> Report:
    """The report of a period by this installation's rules; of all projects where none is named."""
    return analyze(
        context.evidence,
        _scope(context, project),
        period,
        pattern_threshold=context.pattern_threshold,
        gpu_prices=context.gpu_prices,
        time_zone=time_zone,
        now=now,
    )


def _placed(command: Placed, context: AnswerContext) -> Placed | Unknown:
    """The command about a project that exists and may be seen, spelt as it is known; else what there is instead."""
    known = context.sources.history.projects(_scope(context))
    if (
        isinstance(command, Analyze | ShowStats | ShowCost | ShowUnknown)
        and command.project is None
        and command.cluster in known
    ):
        command = _about_project(command, context)
    if command.project is None:
        return command
    return _known_project(command, command.project, context, known)


def _known_project(command: C, asked: str, context: AnswerContext, known: Sequence[str] | None = None) -> C | Unknown:
    """The command with the project's name as it is known; else what there is instead."""
    known = context.sources.history.projects(_scope(context)) if known is None else known
    if asked in known or asked in context.allowed_projects:
        return command
    spelt = {name.casefold(): name for name in known}.get(asked.casefold())
    if spelt is not None:
        return replace(command, project=spelt)
    nearest = get_close_matches(asked, known, n=3, cutoff=0.5)
    tries = tuple(words(replace(command, project=name)) for name in nearest)
    return Unknown(what="project", name=asked, nearest=tuple(nearest), tries=tries)


def _about_project(
    command: Analyze | ShowStats | ShowCost | ShowUnknown, context: AnswerContext
) -> Analyze | ShowStats | ShowCost | ShowUnknown:
    """The words "in x" name a cluster, unless x is a project and no cluster: then people mean the project."""
    if command.cluster in context.clusters:
        return command
    return replace(command, project=command.cluster, cluster=None)


def _analyze(command: Analyze, asking: Asking, context: AnswerContext) -> Answer:
    return analyze(
        context.evidence,
        _scope(context, command.project, command.cluster),
        Period.last(command.length or context.lookback, until=asking.now),
        pattern_threshold=context.pattern_threshold,
        gpu_prices=context.gpu_prices,
        time_zone=asking.time_zone,
        now=asking.now,
    )


def _stats(command: ShowStats, asking: Asking, context: AnswerContext) -> Answer:
    scope = _scope(context, command.project, command.cluster)
    return stats(context.evidence, scope, Period.last(command.length or LOOK_BACK, until=asking.now))


def _fix(command: Fix, asking: Asking, context: AnswerContext) -> Answer:
    scope = _scope(context, command.project)
    cause = cause_of(command.failure_type, context.sources, scope)
    if cause is None:
        return _unknown_type(command, command.failure_type, context)
    failure = None
    if command.job is not None:
        failures = context.sources.history.job_failures(scope, command.job)
        if not failures:
            return _unknown_job(command, command.job, scope, context)
        failure = root([one for one in failures if one.failure_type == cause.failure_type])
    period = Period.last(LOOK_BACK, until=asking.now)
    return fixes_for(cause, context.sources, scope=scope, period=period, failure=failure, by=asking.user or None)


def _job(command: ShowJob, asking: Asking, context: AnswerContext) -> Answer:
    scope = _scope(context, command.project)
    period = Period.last(LOOK_BACK, until=asking.now)
    story = job_story(command.job, context.sources, scope=scope, period=period, by=asking.user or None)
    return story or _unknown_job(command, command.job, scope, context)


def _unknown(command: ShowUnknown, asking: Asking, context: AnswerContext) -> Answer:
    scope = _scope(context, command.project, command.cluster)
    period = Period.last(command.length or LOOK_BACK, until=asking.now)
    if context.sources.names is None:
        return UnknownFailures(period=period, project=command.project, total=0, unknown=0)
    return unknown_failures(context.sources.names, scope, period)


def _digest(command: ShowDigest, asking: Asking, context: AnswerContext) -> Answer:
    """The digest that the channel got last, or would have got; the reader's time zone where it gets none."""
    if context.incidents is None:
        return Mistake(text=words(command), problem=MistakeKind.ONLY_IN_SLACK)
    made = context.incidents.subscriptions.subscriptions(_scope(context))
    here = (one for one in made if one.channel == asking.channel)
    wanted = next(
        (one for one in here if one.wants is Wants.DIGEST and one.project == command.project),
        replace(context.digest, time_zone=asking.time_zone),
    )
    week = due(asking.now, weekday=wanted.weekday, hour=wanted.hour, time_zone=wanted.time_zone, daily=wanted.daily)
    return digest(context, command.project, week, time_zone=wanted.time_zone, now=asking.now)


def _cost(command: ShowCost, asking: Asking, context: AnswerContext) -> Answer:
    scope = _scope(context, command.project, command.cluster)
    period = Period.last(command.length or LOOK_BACK, until=asking.now)
    return cost(context.ledger, scope, period, command.project, context.gpu_prices)


def _retry(command: AskRetry, asking: Asking, context: AnswerContext) -> Answer:
    scope = _scope(context, command.project)
    period = Period.last(LOOK_BACK, until=asking.now)
    advice = retry(context.retries, context.sources.history, scope, period, command.job)
    return advice or _unknown_job(command, command.job, scope, context)


def _predict(command: Predict, asking: Asking, context: AnswerContext) -> Answer:
    """Of a project, or else of the job of that name; a name that is neither is unknown."""
    known = context.sources.history.projects(_scope(context))
    project = next((name for name in known if name.casefold() == (command.name or "").casefold()), None)
    scope = _scope(context, project)
    if command.name is not None and project is None and not context.sources.history.job_attempts(scope, command.name):
        return _unknown_job(command, command.name, scope, context)
    outlook = predict(
        context.evidence,
        scope,
        command.name if project is None else None,
        threshold=context.predict_precision,
        now=asking.now,
    )
    return replace(outlook, name=project or command.name)


def _solutions(command: ShowSolutions, asking: Asking, context: AnswerContext) -> Answer:
    cause = None
    if command.failure_type is not None:
        cause = cause_of(command.failure_type, context.sources, _scope(context))
        if cause is None:
            return _unknown_type(command, command.failure_type, context)
    return solutions(cause, context.sources.knowledge, scope=_scope(context), now=asking.now)


def _unknown_type(command: Fix | ShowSolutions, name: str, context: AnswerContext) -> Unknown:
    nearest = context.sources.catalogue.nearest(name)
    tries = tuple(words(replace(command, failure_type=each)) for each in nearest)
    return Unknown(what="failure type", name=name, nearest=tuple(nearest), tries=tries)


def _unknown_job(
    command: Fix | ShowJob | AskRetry | Predict, job: str, scope: Scope, context: AnswerContext
) -> Unknown:
    """The jobs whose name holds this one, or its beginning: people leave out the run's number or mistype the end."""
    history = context.sources.history
    nearest = history.job_names(scope, job) or history.job_names(scope, job[: max(3, len(job) * 2 // 3)])
    nearest = nearest[:3]
    tries = (Predict(name=name) if isinstance(command, Predict) else replace(command, job=name) for name in nearest)
    return Unknown(what="job", name=job, nearest=tuple(nearest), tries=tuple(map(words, tries)))


def _scope(context: AnswerContext, project: str | None = None, cluster: str | None = None) -> Scope:
    return Scope.of(context.allowed_projects, project=project, cluster=cluster)


_ANSWERS: Mapping[type, Callable[[Any, Asking, AnswerContext], Answer]] = {
    Analyze: _analyze,
    ShowStats: _stats,
    Fix: _fix,
    ShowJob: _job,
    ShowUnknown: _unknown,
    ShowDigest: _digest,
    Predict: _predict,
    AskRetry: _retry,
    ShowCost: _cost,
    ShowNode: lambda command, asking, context: node_or_image.node(command, _lookup(command, asking, context)),
    ShowImage: lambda command, asking, context: node_or_image.image(command, _lookup(command, asking, context)),
    ShowSolutions: _solutions,
}
