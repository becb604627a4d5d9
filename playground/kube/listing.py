"""Lists in pages. A list that is read page by page shows the objects as they were at its first page."""

from __future__ import annotations

import base64
import binascii

import msgspec
from starlette.responses import Response

from playground.kube.cluster import SimulatedCluster
from playground.kube.query import Query
from playground.kube.resources import Resource
from playground.kube.shelf import Expired
from playground.kube.status import Refused


class _Token(msgspec.Struct):
    """Where a list goes on; opaque to clients."""

    version: int
    page: str
    start: int


def _written(token: _Token) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode(token)).decode()


def _read(text: str) -> _Token:
    try:
        return msgspec.json.decode(base64.urlsafe_b64decode(text), type=_Token)
    except (msgspec.DecodeError, binascii.Error, ValueError):
        raise Refused(400, "continue key is not valid: it was not made by this server") from None


def list_objects(cluster: SimulatedCluster, query: Query, *, odd: tuple[bytes, ...] = ()) -> Response:
    """One page of a list; `odd` are raw objects that stand in its first page, too. Raises Refused."""
    if query.token:
        token = _read(query.token)
        try:
            stored = cluster.page(query.resource, token.page)
        except Expired as error:
            raise Refused(410, str(error)) from None
    else:
        version, stored = cluster.select(query.resource, query.selects)
        if query.version is not None and query.version > version:
            raise too_large(query.version, version)
        more = 0 < query.limit < len(stored)
        token = _Token(version, cluster.keep_page(query.resource, stored) if more else "", 0)
    end = token.start + query.limit if query.limit else len(stored)
    metadata: dict[str, object] = {"resourceVersion": str(token.version)}
    if end < len(stored):
        metadata["continue"] = _written(_Token(token.version, token.page, end))
        if not query.selective:
            metadata["remainingItemCount"] = len(stored) - end
    items = [each.body for each in stored[token.start : end]]
    if not query.token:
        items[1:1] = odd
    return Response(_body(query.resource, metadata, items), media_type="application/json")


def _body(resource: Resource, metadata: dict[str, object], page: list[bytes]) -> bytes:
    head = {"kind": f"{resource.kind}List", "apiVersion": resource.api_version, "metadata": metadata}
    items = b",".join(page)
    return msgspec.json.encode(head)[:-1] + b',"items":[' + items + b"]}"


def too_large(asked: int, current: int) -> Refused:
    """The answer to a version that is not there yet, as after a restore from a backup."""
    causes = [{"reason": "ResourceVersionTooLarge", "message": "Too large resource version"}]
    return Refused(
        504, f"Too large resource version: {asked}, current: {current}", retry_after=1, details={"causes": causes}
    )
