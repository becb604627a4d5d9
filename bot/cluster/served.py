"""Which kinds of a group an API server serves, and in which version: what is in beta may not be where others are."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote

import msgspec

from bot.cluster.api import Api, Refused
from bot.cluster.pods import Text
from bot.cluster.salvage import salvage

DEVICES = "resource.k8s.io"
"""The group of dynamic resource allocation."""
_SECONDS = 10.0
_NOT_FOUND = 404
_MOST_VERSIONS = 8


class _Version(msgspec.Struct):
    version: Text = None


class _Group(msgspec.Struct, rename="camel"):
    preferred_version: _Version = msgspec.field(default_factory=_Version)
    versions: list[_Version] | None = None


class _Kind(msgspec.Struct):
    name: Text = None


class _Kinds(msgspec.Struct):
    resources: list[_Kind] | None = None


def served(api: Api, group: str) -> Mapping[str, str]:
    """The path of the version in which each kind of the group is served, by the kind's plural: the one that the server
    prefers of those that have it. Nothing where the group is not served. Raises Unavailable."""
    root = f"/apis/{group}"
    try:
        known = salvage(api.read(root, seconds=_SECONDS), _Group)
    except Refused as error:
        if error.status == _NOT_FOUND:
            return {}
        raise
    paths: dict[str, str] = {}
    for each in [known.preferred_version, *(known.versions or ())][:_MOST_VERSIONS]:
        if each.version:
            path = f"{root}/{quote(each.version, safe='')}"
            for kind in salvage(api.read(path, seconds=_SECONDS), _Kinds).resources or ():
                paths.setdefault(kind.name or "", path)
    return paths
