"""What was in use and since when. A value has one row, however often it is seen, and says which one it replaced: that
which was seen last when it was first seen itself."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Connection, select

from bot.domain.workload.version import ROLLOUT, Version, VersionSeen
from bot.store.storable import bounded, clean
from bot.store.tables import VERSIONS
from bot.store.upsert import upsert_all

_OF = VERSIONS.c
_COLUMNS = tuple(column.name for column in VERSIONS.columns)
EVERYTHING = select(*VERSIONS.columns)
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
        for row in connection.execute(EVERYTHING.where(_OF.cluster == cluster, _OF.what == what)):
            seen = version(row)
            known[_Subject(cluster, what, seen.project, seen.subject)][seen.value] = seen
    return known


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


def version(row: Iterable[Any]) -> Version:
    """A row with the columns in their order, since ten thousand of them are nothing unusual."""
    fields = dict(zip(_COLUMNS, row, strict=True))
    fields["project"] = fields["project"] or None
    return Version(**fields)
