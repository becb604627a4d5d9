"""Answers `node` and `image`: finds what the name stands for, and tells what the report and the evidence say of it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from operator import attrgetter

from bot.domain.about import AboutImage, AboutNode, Conduct, FailedJob, standing
from bot.domain.analysis import part
from bot.domain.analysis.changes import looked_at
from bot.domain.analysis.evidence import PeriodEvidence, moment
from bot.domain.analysis.hot_node import HARD_FAULTS
from bot.domain.analysis.identity import job_number
from bot.domain.analysis.part import Part
from bot.domain.command import ShowImage, ShowNode
from bot.domain.diagnosis.catalogue import Catalogue, Known
from bot.domain.evidence import Owner
from bot.domain.grammar import words
from bot.domain.incidents.incident import Incident, Kind
from bot.domain.knowledge.solution import Ranked
from bot.domain.period import Period
from bot.domain.scope import Scope
from bot.domain.spelling import image_fits, node_fits
from bot.domain.version import OF_NODES, Version
from bot.services.analyzing import EvidenceSource, Study, study
from bot.services.fixing import Sources, fixes_for
from bot.services.handling import IncidentDesk
from bot.services.replies import Several, Unknown

REMEMBERED = timedelta(days=30)
"""How far back a name is looked for that has nothing in the period."""
_JOBS = 8
_CHOICES = 5
_CHANGES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """Where the answers are read from, what may be read, and this installation's rules."""

    evidence: EvidenceSource
    sources: Sources
    incidents: IncidentDesk | None
    """None where incidents are not known."""
    scope: Scope
    period: Period
    pattern_threshold: int
    gpu_prices: Mapping[str, float]
    time_zone: str


def node(command: ShowNode, shelf: Shelf) -> AboutNode | Several | Unknown:
    """The story of a node; the nodes to choose from, where several have the name; or the nearest names. Raises
    Unavailable."""
    evidence = shelf.evidence.evidence(shelf.scope, shelf.period)
    known = {*part.node_names(evidence), *shelf.evidence.nodes(shelf.scope)}
    found = _nodes(command.node, known)
    past = None if found else _longer(shelf)
    if past is not None:
        known |= {*part.node_names(past)}
        found = _nodes(command.node, known)
    if not found:
        nearest = node_fits(command.node, {name for _, name in known}).nearest
        return _unknown("node", command.node, nearest, lambda name: words(replace(command, node=name)))
    if len(found) > 1:
        choices = [
            (f"{name} in {cluster}", words(replace(command, node=name, cluster=cluster))) for cluster, name in found
        ]
        return _several("node", command.node, choices)
    return _about_node(*found[0], evidence, past, shelf)


def image(command: ShowImage, shelf: Shelf) -> AboutImage | Several | Unknown:
    """The story of an image; the images to choose from, where several begin so; or the nearest names. Raises
    Unavailable."""
    evidence = shelf.evidence.evidence(shelf.scope, shelf.period)
    found, past = image_fits(command.image, part.image_names(evidence)), None
    if not found.names and (past := _longer(shelf)) is not None:
        found = image_fits(command.image, {*part.image_names(past), *part.image_names(evidence)})
    if not found.names:
        return _unknown("image", command.image, found.nearest, lambda name: words(replace(command, image=name)))
    if len(found.names) > 1:
        choices = [(name, words(replace(command, image=name))) for name in found.names]
        return _several("image", command.image, choices)
    return _about_image(found.names[0], evidence, past, shelf)


def _nodes(asked: str, known: Collection[tuple[str, str]]) -> list[tuple[str, str]]:
    """The nodes that a name may mean, as (cluster, node)."""
    names = {*node_fits(asked, {name for _, name in known}).names}
    return sorted(one for one in known if one[1] in names)


def _longer(shelf: Shelf) -> PeriodEvidence | None:
    """What was recorded in the time before that names are remembered for; None where the period has all of it."""
    if shelf.period.length >= REMEMBERED:
        return None
    since = shelf.period.until - REMEMBERED
    return shelf.evidence.evidence(shelf.scope, Period(since, shelf.period.since))


def _unknown(what: str, name: str, nearest: Sequence[str], ask: Callable[[str], str]) -> Unknown:
    return Unknown(what=what, name=name, nearest=tuple(nearest), tries=tuple(map(ask, nearest)))


def _several(what: str, name: str, choices: Sequence[tuple[str, str]]) -> Several:
    shown = choices[:_CHOICES]
    return Several(
        what=what,
        name=name,
        choices=tuple(label for label, _ in shown),
        tries=tuple(asked for _, asked in shown),
        more=len(choices) - len(shown),
    )


def _about_node(
    cluster: str, name: str, evidence: PeriodEvidence, past: PeriodEvidence | None, shelf: Shelf
) -> AboutNode:
    here = part.of_node(evidence, cluster, name)
    conduct = _conduct(here, shelf, None if past is None else part.of_node(past, cluster, name))
    studied = _studied(evidence, shelf)
    finding = next((one for one in studied.report.nodes if (one.cluster, one.node) == (cluster, name)), None)
    everywhere = part.on_any_node(evidence)
    all_nodes = everywhere.rate if everywhere.jobs else None
    versions = shelf.evidence.versions(cluster, name)
    broke = (finding.since if finding is not None else None) or conduct.first_failed_at
    changes = studied.report.changes
    return AboutNode(
        node=name,
        cluster=cluster,
        period=shelf.period,
        standing=standing(conduct.share, all_nodes, found=finding is not None),
        conduct=conduct,
        finding=finding,
        all_nodes=all_nodes,
        faults=part.faults(here, _hardware(shelf.sources.catalogue)),
        versions=_in_use(versions),
        changed=tuple(
            one
            for one in reversed(versions)
            if one.replaced is not None
            and broke is not None
            and looked_at(shelf.period).since <= one.first_seen <= broke
        )[:_CHANGES],
        blamed=next((one for one in changes if one.cluster in {None, cluster} and name in one.nodes), None),
        incident=_incident(Kind.HOT_NODE, name, cluster, shelf),
    )


def _about_image(name: str, evidence: PeriodEvidence, past: PeriodEvidence | None, shelf: Shelf) -> AboutImage:
    this = part.of_image(evidence, name)
    conduct = _conduct(this, shelf, None if past is None else part.of_image(past, name))
    studied = _studied(evidence, shelf)
    finding = next((one for one in studied.report.images if one.image == name), None)
    others = part.other_images(this)
    before = part.seen_between(part.of_image(studied.previous, name))
    within = part.seen_between(this)
    first = before or within
    nodes, carrier = part.by_node(this)
    return AboutImage(
        image=name,
        cluster=shelf.scope.cluster,
        period=shelf.period,
        standing=standing(conduct.share, others.rate if others.jobs else None, found=finding is not None),
        conduct=conduct,
        finding=finding,
        others=others if others.jobs else None,
        first_seen=None if first is None else first[0],
        is_new=before is None and past is None and len(studied.previous.runs) > 0,
        nodes=nodes,
        carrier=carrier,
        best_fix=_best_fix(conduct, shelf),
        incident=_incident(Kind.BAD_IMAGE, name, None, shelf),
    )


def _conduct(this: Part, shelf: Shelf, past: Part | None) -> Conduct:
    failed, seen = part.failed_between(this), part.seen_between(this) or (past and part.seen_between(past))
    return Conduct(
        share=part.share(this),
        causes=part.causes(this),
        failed_jobs=_failed_jobs(this, shelf),
        first_failed_at=failed and failed[0],
        last_failed_at=failed and failed[1],
        fine_since=part.fine_since(this),
        last_seen=seen[1] if seen else None,
    )


def _failed_jobs(this: Part, shelf: Shelf) -> tuple[FailedJob, ...]:
    """The jobs that failed last, by name: the evidence has numbers for them, and the moments to look them up by."""
    newest = part.newest(this, _JOBS)
    found = {
        job_number(one.cluster, one.project, one.job): one
        for one in shelf.evidence.failures_at(shelf.scope, [moment(one.at) for one in newest])
        if one.first_fault
    }
    told = [(found[one.job], one.failures) for one in newest if one.job in found]
    return tuple(
        FailedJob(
            job=one.job,
            project=one.project,
            cluster=one.cluster,
            cause=one.signature or one.failure_type,
            at=one.timestamp,
            failures=failures,
            node=one.node,
            image=one.image,
        )
        for one, failures in told
    )


def _studied(evidence: PeriodEvidence, shelf: Shelf) -> Study:
    return study(
        shelf.evidence,
        shelf.scope,
        evidence,
        pattern_threshold=shelf.pattern_threshold,
        gpu_prices=shelf.gpu_prices,
        time_zone=shelf.time_zone,
    )


def _hardware(catalogue: Catalogue) -> dict[str, str]:
    """The signatures by which hardware speaks, with their titles."""
    return {one.id: one.title for one in catalogue.signatures if one.id in HARD_FAULTS or one.owner is Owner.HARDWARE}


def _in_use(versions: Sequence[Version]) -> tuple[Version, ...]:
    """Of each sort the version that was seen last, in the order of OF_NODES."""
    last = {one.what: one for one in sorted(versions, key=attrgetter("last_seen", "first_seen"))}
    return tuple(last[what] for what in OF_NODES if what in last)


def _incident(kind: Kind, subject: str, cluster: str | None, shelf: Shelf) -> Incident | None:
    """The open incident of this kind about a thing, where it may be seen."""
    desk = shelf.incidents
    if desk is None:
        return None
    return next(
        (
            one
            for one in desk.incidents.live(ended_since=shelf.period.until)
            if one.is_live
            and (one.finding.kind, one.finding.subject) == (kind, subject)
            and (cluster is None or one.finding.cluster in {None, cluster})
            and desk.may_see(one)
        ),
        None,
    )


def _best_fix(conduct: Conduct, shelf: Shelf) -> Ranked | None:
    """What to try first against the commonest cause: the highest rate that can be vouched for, else the first rule."""
    if not conduct.causes:
        return None
    cause = conduct.causes[0]
    known = Known(cause.failure_type, cause.signature)
    fixes = fixes_for(known, shelf.sources, scope=shelf.scope, period=shelf.period)
    return max((*fixes.history, *fixes.rules), key=attrgetter("lower_bound"), default=None)
