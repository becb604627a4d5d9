"""What a person means by the name of a node or an image, among those that were recorded and may be seen."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from bot.domain.analysis.attempt_table import PeriodEvidence
from bot.domain.answers import part_counts
from bot.domain.commands.command import Analyze, AskAbout, ShowImage, ShowJob, ShowNode
from bot.domain.commands.grammar import words
from bot.domain.period import Period
from bot.domain.scope import Scope
from bot.domain.text.spelling import image_fits, node_fits
from bot.services.answers.analyze import EvidenceSource
from bot.services.incidents.acknowledge import IncidentContext
from bot.services.knowledge.fixes import Sources
from bot.services.replies import Several, Unknown

REMEMBERED = timedelta(days=30)
"""How far back a name is looked for that has nothing in the period."""
_CHOICES = 5
_OF_IMAGES = frozenset("/:@")
"""What no name of a node, job or project has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LookupContext:
    """Where answers are read from, what may be read, and this installation's rules."""

    evidence: EvidenceSource
    sources: Sources
    incidents: IncidentContext | None
    """None where incidents are not known."""
    scope: Scope
    period: Period
    pattern_threshold: int
    gpu_prices: Mapping[str, float]
    time_zone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The one node or image that was meant, and what was read to find it."""

    name: str
    evidence: PeriodEvidence
    """Of the period."""
    past: PeriodEvidence | None
    """Of the time before, where the period has nothing of it; None where it has, or is as long as names are
    remembered."""
    cluster: str = ""
    """A node's."""


def meant(command: AskAbout, context: LookupContext) -> ShowJob | Analyze | ShowImage | ShowNode:
    """The command about what there is of this name: a job, where there is nothing. Raises Unavailable."""
    name, length, cluster = command.name, command.length, command.cluster
    history, scope = context.sources.history, context.scope
    if history.job_attempts(scope, name, 1) or history.job_failures(scope, name, 1):
        return ShowJob(job=name)
    if name.casefold() in map(str.casefold, history.projects(scope)):
        return Analyze(project=name, length=length, cluster=cluster)
    if _OF_IMAGES & set(name):
        return ShowImage(image=name, length=length, cluster=cluster)
    known = _looked_at(context) | part_counts.node_names(context.evidence.evidence(scope, context.period))
    return ShowNode(node=name, length=length, cluster=cluster) if _nodes(name, known) else ShowJob(job=name)


def node(command: ShowNode, context: LookupContext) -> Found | Several | Unknown:
    """The node of this name, those to choose from, or the nearest names. Raises Unavailable."""
    asked, evidence = command.node, context.evidence.evidence(context.scope, context.period)
    active = part_counts.node_names(evidence)
    known, past = active | _looked_at(context), None
    if not active.intersection(_nodes(asked, known)) and (past := _earlier(context)) is not None:
        known |= part_counts.node_names(past)
    found = _nodes(asked, known)
    if len(found) == 1:
        cluster, name = found[0]
        return Found(name=name, cluster=cluster, evidence=evidence, past=past)
    if found:
        tries = [words(replace(command, node=name, cluster=cluster)) for cluster, name in found]
        return _several("node", asked, [f"{name} in {cluster}" for cluster, name in found], tries)
    nearest = node_fits(asked, {name for _, name in known}).nearest
    return _unknown("node", asked, nearest, lambda name: words(replace(command, node=name)))


def image(command: ShowImage, context: LookupContext) -> Found | Several | Unknown:
    """The image of this reference, those to choose from, or the nearest ones. Raises Unavailable."""
    asked, evidence = command.image, context.evidence.evidence(context.scope, context.period)
    known, past = part_counts.image_names(evidence), None
    if not image_fits(asked, known).names and (past := _earlier(context)) is not None:
        known |= part_counts.image_names(past)
    fits = image_fits(asked, known)
    if len(fits.names) == 1:
        return Found(name=fits.names[0], evidence=evidence, past=past)
    if fits.names:
        return _several("image", asked, fits.names, [words(replace(command, image=name)) for name in fits.names])
    return _unknown("image", asked, fits.nearest, lambda name: words(replace(command, image=name)))


def _looked_at(context: LookupContext) -> set[tuple[str, str]]:
    return set(context.evidence.nodes(context.scope))


def _nodes(asked: str, known: Collection[tuple[str, str]]) -> list[tuple[str, str]]:
    """The nodes that a name may mean, as (cluster, node)."""
    names = {*node_fits(asked, {name for _, name in known}).names}
    return sorted(one for one in known if one[1] in names)


def _earlier(context: LookupContext) -> PeriodEvidence | None:
    """What was recorded before the period, as far back as names are remembered."""
    if context.period.length >= REMEMBERED:
        return None
    return context.evidence.evidence(context.scope, Period(context.period.until - REMEMBERED, context.period.since))


def _unknown(what: str, name: str, nearest: Sequence[str], ask: Callable[[str], str]) -> Unknown:
    return Unknown(what=what, name=name, nearest=tuple(nearest), tries=tuple(map(ask, nearest)))


def _several(what: str, name: str, choices: Sequence[str], tries: Sequence[str]) -> Several:
    more = max(0, len(choices) - _CHOICES)
    return Several(what=what, name=name, choices=tuple(choices[:_CHOICES]), tries=tuple(tries[:_CHOICES]), more=more)
