"""Answers `node` and `image`: tells what the report and the evidence of the period say of one of them."""

from __future__ import annotations

from collections.abc import Sequence
from operator import attrgetter

from bot.domain.analysis.attempt_table import PeriodEvidence, moment
from bot.domain.analysis.changes import looked_at
from bot.domain.analysis.identity import job_number
from bot.domain.answers import part_counts
from bot.domain.answers.node_or_image import AboutImage, AboutNode, Conduct, LatestFailure, standing
from bot.domain.answers.part_counts import Part
from bot.domain.commands.command import ShowImage, ShowNode
from bot.domain.diagnosis.catalogue import Catalogue, Known
from bot.domain.incidents.incident import Incident, IncidentKind
from bot.domain.knowledge.solution import Ranked
from bot.domain.workload.hard_faults import HARD_FAULTS
from bot.domain.workload.pod_evidence import CauseOwner
from bot.domain.workload.version import OF_NODES, Version
from bot.services.answers import lookup
from bot.services.answers.analyze import Study, study
from bot.services.answers.lookup import Found, LookupContext
from bot.services.knowledge.fixes import fixes_for
from bot.services.replies import Several, Unknown

_JOBS = 8
_CHANGES = 3


def node(command: ShowNode, context: LookupContext) -> AboutNode | Several | Unknown:
    """The story of a node; the nodes to choose from, where several have the name; or the nearest names. Raises
    Unavailable."""
    found = lookup.node(command, context)
    return _about_node(found, context) if isinstance(found, Found) else found


def image(command: ShowImage, context: LookupContext) -> AboutImage | Several | Unknown:
    """The story of an image; the images to choose from, where several begin so; or the nearest names. Raises
    Unavailable."""
    found = lookup.image(command, context)
    return _about_image(found, context) if isinstance(found, Found) else found


def _about_node(found: Found, context: LookupContext) -> AboutNode:
    cluster, name, evidence, past = found.cluster, found.name, found.evidence, found.past
    here = part_counts.of_node(evidence, cluster, name)
    conduct = _conduct(here, context, None if past is None else part_counts.of_node(past, cluster, name))
    studied = _studied(evidence, context)
    finding = next((one for one in studied.report.nodes if (one.cluster, one.node) == (cluster, name)), None)
    everywhere = part_counts.on_any_node(evidence)
    all_nodes = everywhere.rate if everywhere.jobs else None
    versions = context.evidence.versions(context.scope, cluster, name)
    broke = (finding.since if finding is not None else None) or conduct.first_failed_at
    changes = studied.report.changes
    return AboutNode(
        node=name,
        cluster=cluster,
        period=context.period,
        standing=standing(conduct.share, all_nodes, found=finding is not None),
        conduct=conduct,
        finding=finding,
        all_nodes=all_nodes,
        faults=part_counts.faults(here, _hardware(context.sources.catalogue)),
        versions=_in_use(versions),
        changed=tuple(
            one
            for one in reversed(versions)
            if one.replaced is not None
            and broke is not None
            and looked_at(context.period).since <= one.first_seen <= broke
        )[:_CHANGES],
        blamed=next((one for one in changes if one.cluster in {None, cluster} and name in one.nodes), None),
        incident=_incident(IncidentKind.HOT_NODE, name, cluster, context),
    )


def _about_image(found: Found, context: LookupContext) -> AboutImage:
    name, evidence, past = found.name, found.evidence, found.past
    this = part_counts.of_image(evidence, name)
    conduct = _conduct(this, context, None if past is None else part_counts.of_image(past, name))
    studied = _studied(evidence, context)
    finding = next((one for one in studied.report.images if one.image == name), None)
    others = part_counts.other_images(this)
    before = part_counts.seen_between(part_counts.of_image(studied.previous, name))
    within = part_counts.seen_between(this)
    first = before or within
    nodes, carrier = part_counts.by_node(this)
    return AboutImage(
        image=name,
        cluster=context.scope.cluster,
        period=context.period,
        standing=standing(conduct.share, others.rate if others.jobs else None, found=finding is not None),
        conduct=conduct,
        finding=finding,
        others=others if others.jobs else None,
        first_seen=None if first is None else first[0],
        is_new=before is None and past is None and len(studied.previous.runs) > 0,
        nodes=nodes,
        carrier=carrier,
        best_fix=_best_fix(conduct, context),
        incident=_incident(IncidentKind.BAD_IMAGE, name, None, context),
    )


def _conduct(this: Part, context: LookupContext, past: Part | None) -> Conduct:
    failed, seen = (
        part_counts.failed_between(this),
        part_counts.seen_between(this) or (past and part_counts.seen_between(past)),
    )
    return Conduct(
        share=part_counts.share(this),
        causes=part_counts.causes(this),
        failed_jobs=_failed_jobs(this, context),
        first_failed_at=failed and failed[0],
        last_failed_at=failed and failed[1],
        successes_since_failure=part_counts.successes_since_failure(this),
        last_seen=seen[1] if seen else None,
    )


def _failed_jobs(this: Part, context: LookupContext) -> tuple[LatestFailure, ...]:
    """The jobs that failed last, by name: the evidence has numbers for them, and the moments to look them up by."""
    newest = part_counts.newest(this, _JOBS)
    found = {
        job_number(one.cluster, one.project, one.job): one
        for one in context.evidence.failures_at(context.scope, [moment(one.at) for one in newest])
        if one.first_fault
    }
    told = [(found[one.job], one.failures) for one in newest if one.job in found]
    return tuple(
        LatestFailure(
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


def _studied(evidence: PeriodEvidence, context: LookupContext) -> Study:
    return study(
        context.evidence,
        context.scope,
        evidence,
        pattern_threshold=context.pattern_threshold,
        gpu_prices=context.gpu_prices,
        time_zone=context.time_zone,
    )


def _hardware(catalogue: Catalogue) -> dict[str, str]:
    """The signatures by which hardware speaks, with their titles."""
    return {
        one.id: one.title for one in catalogue.signatures if one.id in HARD_FAULTS or one.owner is CauseOwner.HARDWARE
    }


def _in_use(versions: Sequence[Version]) -> tuple[Version, ...]:
    """Of each sort the version that was seen last, in the order of OF_NODES."""
    last = {one.what: one for one in sorted(versions, key=attrgetter("last_seen", "first_seen"))}
    return tuple(last[what] for what in OF_NODES if what in last)


def _incident(kind: IncidentKind, subject: str, cluster: str | None, context: LookupContext) -> Incident | None:
    """The open incident of this kind about a thing, where it may be seen."""
    incidents = context.incidents
    if incidents is None:
        return None
    return next(
        (
            one
            for one in incidents.incidents.live(context.scope, ended_since=context.period.until)
            if one.is_live
            and (one.finding.kind, one.finding.subject) == (kind, subject)
            and (cluster is None or one.finding.cluster in {None, cluster})
        ),
        None,
    )


def _best_fix(conduct: Conduct, context: LookupContext) -> Ranked | None:
    """What to try first against the commonest cause: the highest rate that can be vouched for, else the first rule."""
    if not conduct.causes:
        return None
    cause = conduct.causes[0]
    known = Known(cause.failure_type, cause.signature)
    fixes = fixes_for(known, context.sources, scope=context.scope, period=context.period)
    return max((*fixes.history, *fixes.rules), key=attrgetter("lower_bound"), default=None)
