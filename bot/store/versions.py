"""What was in use and since when. A value has one row, however often it is seen, and says which one it replaced: that
which was seen last when it was first seen itself."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Connection, func, select

from bot.domain.period import Period
from bot.domain.scope import Scope
from bot.domain.workload.version import OF_NODES, ROLLOUT, Inventory, Version, VersionSeen
from bot.store.storable import bounded, clean
from bot.store.tables import VERSIONS
from bot.store.upsert import upsert_all

_OF = VERSIONS.c
_COLUMNS = tuple(column.name for column in VERSIONS.columns)
_EVERYTHING = select(*VERSIONS.columns)
LATELY = timedelta(hours=1)
"""How exactly it is noted when something was last seen: a thousand nodes are looked at far more often than that."""
_MOST_VALUES = 200
"""Of one thing of one node, in the time that is kept: a cluster that makes values up fills no database."""
_LONGEST = 100
"""Characters of a value. They are ASCII, so that the longest key fits into PostgreSQL's index."""


class _Subject(NamedTuple):
    """What has a value."""

    cluster: str
    what: str
    project: str | None
    name: str


def news(connection: Connection, seen: Iterable[VersionSeen]) -> tuple[list[Version], int]:
    """What is to be written of what was seen, taken in the order of its times, and how many values are new."""
    ordered = sorted(seen, key=lambda one: one.at)
    known = _known(connection, {(bounded("cluster", one.cluster), one.what) for one in ordered})
    changed: dict[tuple[_Subject, str], Version] = {}
    new = 0
    for one in ordered:
        subject, value = _subject(one), _value(one)
        before = known[subject].get(value)
        if before is None and subject.what != ROLLOUT and len(known[subject]) >= _MOST_VALUES:
            continue
        new += before is None
        after = _first(subject, value, one.at, known[subject]) if before is None else _again(before, one.at)
        if after is not before:
            known[subject][value] = changed[subject, value] = after
    return list(changed.values()), new


def write(connection: Connection, versions: Iterable[Version]) -> None:
    """Write news."""
    upsert_all(connection, VERSIONS, [asdict(version) | {"project": version.project or ""} for version in versions])


def _known(connection: Connection, places: set[tuple[str, str]]) -> dict[_Subject, dict[str, Version]]:
    """All values of the subjects of these clusters and sorts."""
    known: dict[_Subject, dict[str, Version]] = defaultdict(dict)
    for cluster, what in sorted(places):
        for row in connection.execute(_EVERYTHING.where(_OF.cluster == cluster, _OF.what == what)):
            version = _version(row)
            known[_Subject(cluster, what, version.project, version.subject)][version.value] = version
    return known


def inventory(connection: Connection, scope: Scope, period: Period) -> Inventory:
    """What replaced something in the period, and how many nodes say what."""
    here = () if scope.cluster is None else (_OF.cluster == bounded("cluster", scope.cluster),)
    found = connection.execute(
        _EVERYTHING.where(
            _OF.replaced.is_not(None), _OF.first_seen >= period.since, _OF.first_seen < period.until, *here
        ).order_by(_OF.first_seen, *VERSIONS.primary_key.columns)
    )
    totals = connection.execute(
        select(_OF.cluster, _OF.what, func.count(_OF.subject.distinct()), func.max(_OF.last_seen))
        .where(_OF.what != ROLLOUT, *here)
        .group_by(_OF.cluster, _OF.what)
    ).all()
    looked: dict[str, datetime] = {}
    for cluster, _, _, at in totals:
        looked[cluster] = max(at, looked.get(cluster, at))
    projects = None if scope.projects is None else {bounded("project", name) for name in scope.projects}
    changed = map(_version, found)
    return Inventory(
        changed=tuple(one for one in changed if projects is None or one.what != ROLLOUT or one.project in projects),
        nodes={(cluster, what): number for cluster, what, number, _ in totals},
        looked=looked,
    )


def nodes(connection: Connection, scope: Scope) -> list[tuple[str, str]]:
    """The nodes that were looked at, as (cluster, node); none for those who may not see all projects, since nobody
    knows whose jobs ran there."""
    if scope.projects is not None:
        return []
    here = () if scope.cluster is None else (_OF.cluster == bounded("cluster", scope.cluster),)
    found = connection.execute(select(_OF.cluster, _OF.subject).where(_OF.what != ROLLOUT, *here).distinct())
    return [(cluster, node) for cluster, node in found]


def of_node(connection: Connection, cluster: str, node: str) -> list[Version]:
    """Every version that was seen on a node, the oldest first; by the key, which has the cluster first."""
    this = (_OF.cluster == bounded("cluster", cluster), _OF.what.in_(OF_NODES), _OF.project == "")
    found = connection.execute(_EVERYTHING.where(*this, _OF.subject == bounded("node", node)))
    return sorted(map(_version, found), key=lambda one: (one.first_seen, one.what, one.value))


def _first(subject: _Subject, value: str, at: datetime, known: Mapping[str, Version]) -> Version:
    """A value at its first sight."""
    before = max((one for one in known.values() if one.last_seen <= at), key=lambda one: one.last_seen, default=None)
    return Version(
        cluster=subject.cluster,
        what=subject.what,
        project=subject.project,
        subject=subject.name,
        value=value,
        first_seen=at,
        last_seen=at,
        replaced=before.value if before else None,
        replaced_seen=before.last_seen if before else None,
    )


def _again(known: Version, at: datetime) -> Version:
    """The very same where it is not worth a write."""
    if known.first_seen <= at < known.last_seen + LATELY:
        return known
    return replace(known, first_seen=min(known.first_seen, at), last_seen=max(known.last_seen, at))


def _subject(seen: VersionSeen) -> _Subject:
    """As it is stored: names as attempts have them, so that they can be compared."""
    project = None if seen.project is None else bounded("project", seen.project)
    name = bounded("job" if seen.what == ROLLOUT else "node", seen.subject)
    return _Subject(bounded("cluster", seen.cluster), seen.what, project or None, name)


def _value(seen: VersionSeen) -> str:
    return clean(seen.value).encode("ascii", "replace").decode()[:_LONGEST]


def _version(row: Iterable[Any]) -> Version:
    """A row with the columns in their order, since ten thousand of them are nothing unusual."""
    fields = dict(zip(_COLUMNS, row, strict=True))
    fields["project"] = fields["project"] or None
    return Version(**fields)
