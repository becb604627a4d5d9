"""Moves: nodes that went to the same new version. What changed on the same nodes at the same time is one move."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import numpy as np

from bot.domain.analysis.attempt_table import Flags, milliseconds
from bot.domain.analysis.cohorts import Units, Watchlist
from bot.domain.analysis.report import NodeFinding
from bot.domain.workload.version import OF_NODES, Inventory, Version

_SAME_TIME = timedelta(hours=1)
_AWAY = timedelta(hours=2)
"""A version not seen for so long while its cluster was looked at is in use no more."""
FEWEST_OTHERS = 20
"""Jobs on nodes that never changed that it takes to compare with those."""
_NEVER = np.iinfo(np.int64).max


@dataclass(frozen=True, slots=True)
class Move:
    """Nodes of one cluster and the versions they went to."""

    versions: tuple[Version, ...]
    """One for each node, of the same what and value, in the order of time."""
    nodes: tuple[str, ...]
    """The nodes, sorted."""
    also: tuple[str, ...] = ()

    @classmethod
    def of(cls, versions: Iterable[Version]) -> Move:
        """The move that these versions are."""
        ordered = tuple(sorted(versions, key=lambda one: (one.first_seen, one.subject)))
        return cls(ordered, tuple(sorted(one.subject for one in ordered)))

    @property
    def lead(self) -> Version:
        """The version of the node that went first."""
        return self.versions[0]

    @property
    def replaced(self) -> str | None:
        """The version they had before, if it was one."""
        values = {one.replaced for one in self.versions}
        return values.pop() if len(values) == 1 else None

    @property
    def at(self) -> datetime:
        """When the first node went."""
        return self.lead.first_seen


@dataclass(frozen=True, slots=True)
class Sides:
    """Units by where they stand to a move. Those of the time in which a node changed stand nowhere."""

    before: Flags
    after: Flags
    others_before: Flags
    others_after: Flags


def moves(inventory: Inventory) -> list[Move]:
    """All moves, in the order of OF_NODES and of time."""
    groups: dict[tuple[str, str, str], list[Version]] = defaultdict(list)
    for one in inventory.changed:
        if one.what in OF_NODES:
            groups[one.what, one.cluster, one.value].append(one)
    made = [Move.of(each) for each in groups.values()]
    made.sort(key=lambda move: (OF_NODES.index(move.lead.what), move.at, move.lead.cluster, move.lead.value))
    kept: list[Move] = []
    for move in made:
        place = next((i for i, other in enumerate(kept) if _together(move, other)), None)
        if place is None:
            kept.append(move)
        else:
            also = (*kept[place].also, f"{move.lead.what} {move.lead.value}")
            kept[place] = replace(kept[place], also=also)
    return kept


def _together(one: Move, other: Move) -> bool:
    return (
        abs(one.at - other.at) <= _SAME_TIME
        and one.lead.cluster == other.lead.cluster
        and one.nodes == other.nodes
        and abs(one.versions[-1].first_seen - other.versions[-1].first_seen) <= _SAME_TIME
    )


def with_moves(findings: Iterable[NodeFinding], found: Iterable[Move]) -> tuple[NodeFinding, ...]:
    """The same nodes, each with what changed on it among its evidence: blamed for it or not, people want to know."""
    told: dict[tuple[str, str], list[str]] = defaultdict(list)
    for move in found:
        also = f", {', '.join(move.also)}" if move.also else ""
        for one in move.versions:
            since = f"{one.first_seen:%Y-%m-%d %H:%M} UTC"
            told[one.cluster, one.subject].append(f"{one.what} {one.replaced} → {one.value}{also} since {since}")
    return tuple(replace(one, evidence=(*one.evidence, *told[one.cluster, one.node][:2])) for one in findings)


def sides(move: Move, units: Units, watched: Watchlist, looked: Mapping[str, datetime]) -> Sides:
    """Where each unit stands: on a node that went, before its change and after it; on another of the same cluster,
    before the first change and after it. Where (nearly) every node went, the others are those that had yet to go."""
    size = len(watched.nodes) + 1  # the last place is that of all other nodes
    gap, began, ended = np.full(size, -_NEVER), np.full(size, _NEVER), np.full(size, _NEVER)
    for one in move.versions:
        node = watched.nodes[one.cluster, one.subject]
        gap[node] = milliseconds(one.replaced_seen or one.first_seen)
        began[node] = milliseconds(one.first_seen)
        if looked.get(one.cluster, one.last_seen) - one.last_seen > _AWAY:
            ended[node] = milliseconds(one.last_seen)
    went = (began < _NEVER)[units.node]
    before, late = went & (units.at < gap[units.node]), units.at >= milliseconds(move.at)
    others = ~went & (units.cluster == watched.clusters[move.lead.cluster])
    if (others & late).sum() < FEWEST_OTHERS:
        others = before
    return Sides(
        before=before,
        after=went & (units.at >= began[units.node]) & (units.at <= ended[units.node]),
        others_before=others & (units.at < gap[began < _NEVER].min()),
        others_after=others & late,
    )
