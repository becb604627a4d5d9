"""What is new: failure types never seen before or back after long, and images whose first use brought failures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np

from bot.domain.analysis.attempt_table import Before, PeriodEvidence, moment
from bot.domain.analysis.report import Change, ImageFinding, NodeFinding, TypeCount

_LONG = timedelta(days=28)
"""A type that did not occur for so long is back."""
_HISTORY = timedelta(days=7)
"""Records from before the period that it takes to call anything new."""


def new_types(evidence: PeriodEvidence, types: tuple[TypeCount, ...], before: Before) -> tuple[str, ...]:
    """The types that never occurred before the period."""
    if not _enough_history(evidence, before):
        return ()
    return tuple(one.type for one in types if one.type not in before.types_seen)


def returning_types(evidence: PeriodEvidence, types: tuple[TypeCount, ...], before: Before) -> tuple[str, ...]:
    """The types that occurred long before the period and not since."""
    back = []
    for one in types:
        last = before.types_seen.get(one.type)
        if last is not None and _first(evidence, one.type) - last > _LONG:
            back.append(one.type)
    return tuple(back)


def first_used(
    evidence: PeriodEvidence, images: Sequence[ImageFinding], nodes: Sequence[NodeFinding], before: Before
) -> tuple[Change, ...]:
    """Bad images and hot nodes that were first used in the period: what changed just before failures rose."""
    if not _enough_history(evidence, before):
        return ()
    runs, events, names = evidence.runs, evidence.events, evidence.names
    found = []
    for image in images:
        if image.image not in before.images:
            code = names.images.index(image.image)
            at = _earliest(runs.ended[runs.image == code], events.at[events.image == code])
            found.append(_change("image", image.image, at, image))
    for node in nodes:
        if (node.cluster, node.node) not in before.nodes and node.hours is None:
            codes = [i for i, place in enumerate(names.places) if place == (node.cluster, (node.node,))]
            at = _earliest(runs.ended[np.isin(runs.place, codes)], events.at[np.isin(events.place, codes)])
            found.append(replace(_change("node", node.node, at, node), cluster=node.cluster))
    return tuple(found)


def _change(what: str, name: str, at: datetime, of: ImageFinding | NodeFinding) -> Change:
    return Change(
        what=what,
        name=name,
        at=at,
        failures=of.failures,
        jobs=of.jobs,
        jobs_failed=of.jobs_failed,
        expected_rate=of.expected_rate,
        q_value=of.q_value,
        severity=of.severity,
    )


def _enough_history(evidence: PeriodEvidence, before: Before) -> bool:
    needed = evidence.period.since - min(_HISTORY, evidence.period.length)
    return before.recorded_since is not None and before.recorded_since <= needed


def _first(evidence: PeriodEvidence, name: str) -> datetime:
    of_type = evidence.events.type == evidence.names.types.index(name)
    return moment(int(evidence.events.at[of_type].min()))


def _earliest(*times: np.ndarray[tuple[int], np.dtype[np.int64]]) -> datetime:
    return moment(int(min(each.min() for each in times if len(each))))
