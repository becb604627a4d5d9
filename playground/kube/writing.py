"""What a client may change in the simulated cluster: create, update, patch and delete, with the server's dry run."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from playground.kube import deletion, eviction, patching
from playground.kube.cluster import SimulatedCluster
from playground.kube.resources import Resource
from playground.kube.status import Refused, json_response
from playground.kube.times import rfc3339

Clock = Callable[[], datetime]


async def create(cluster: SimulatedCluster, resource: Resource, request: Request, clock: Clock) -> Response:
    """POST. Raises Refused, Conflict."""
    body = await read_body(request)
    metadata = {**_metadata(body), "creationTimestamp": rfc3339(clock())}
    if resource.namespaced:
        metadata["namespace"] = request.path_params["namespace"]
    if not metadata.get("name"):
        raise Refused(422, f"{resource.kind} is invalid: metadata.name: Required value")
    body["metadata"] = metadata
    return json_response(body if _is_dry(request) else cluster.put(resource, body, new=True), 201)


async def update(cluster: SimulatedCluster, resource: Resource, request: Request, _: Clock) -> Response:
    """PUT. Raises Refused, NotThere, Conflict."""
    known = cluster.get(resource, *place(request))["metadata"]
    body = await read_body(request)
    given = _metadata(body)
    body["metadata"] = {**known, **given, "uid": known["uid"], "name": known["name"]}
    if _is_dry(request):
        return json_response(body)
    return json_response(deletion.update(cluster, resource, body, expected=given.get("resourceVersion")))


async def patch(cluster: SimulatedCluster, resource: Resource, request: Request, _: Clock) -> Response:
    """PATCH. Raises Refused, NotThere, Conflict."""
    media_type = request.headers.get("content-type", "").partition(";")[0]
    if media_type not in patching.CONTENT_TYPES:
        raise Refused(415, f"the simulated server takes merge patches, not {media_type!r}")
    changes = await read_body(request)
    known = cluster.get(resource, *place(request))
    body = patching.merged(known, changes)
    if _is_dry(request):
        return json_response(body)
    expected = known["metadata"]["resourceVersion"]
    return json_response(deletion.update(cluster, resource, body, expected=expected))


async def delete(cluster: SimulatedCluster, resource: Resource, request: Request, clock: Clock) -> Response:
    """DELETE, as `playground.kube.deletion` has it. Raises Refused, NotThere, Conflict."""
    namespace, name = place(request)
    options = _delete_options(request, await read_body(request) if await request.body() else {})
    if _is_dry(request):
        body = cluster.get(resource, namespace, name)
        return json_response(deletion.marked_for_deletion(resource, body, now=clock(), options=options) or body)
    return json_response(deletion.delete(cluster, resource, namespace, name, now=clock(), options=options))


async def evict(cluster: SimulatedCluster, request: Request, clock: Clock) -> Response:
    """POST of an Eviction. Raises Refused, NotThere, Conflict."""
    body = await read_body(request)
    options = _delete_options(request, body.get("deleteOptions") or {})
    is_dry = _is_dry(request) or (body.get("deleteOptions") or {}).get("dryRun") == ["All"]
    eviction.evict(cluster, *place(request), options=options, now=clock(), dry_run=is_dry)
    return json_response({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "code": 201}, 201)


def _delete_options(request: Request, body: dict[str, Any]) -> deletion.Options:
    """From the body, else from the query. Raises Refused with 400."""
    query = request.query_params
    grace = body.get("gracePeriodSeconds", query.get("gracePeriodSeconds"))
    only = body.get("preconditions") or {}
    try:
        return deletion.Options(
            grace=None if grace is None else int(grace),
            propagation=body.get("propagationPolicy", query.get("propagationPolicy")),
            uid=only.get("uid"),
            resource_version=only.get("resourceVersion"),
        )
    except (TypeError, ValueError):
        raise Refused(400, f"invalid gracePeriodSeconds: {str(grace)[:40]!r}") from None


def place(request: Request) -> tuple[str, str]:
    """Namespace and name of the object that the path names; the namespace of a cluster's own object is empty."""
    return request.path_params.get("namespace", ""), request.path_params["name"]


async def read_body(request: Request) -> dict[str, Any]:
    """The JSON object that the request carries. Raises Refused with 400."""
    try:
        return msgspec.json.decode(await request.body(), type=dict[str, Any])
    except (msgspec.DecodeError, RecursionError) as error:
        raise Refused(400, f"the object provided is unrecognized: {error}") from None


def _metadata(body: dict[str, Any]) -> dict[str, Any]:
    metadata = body.get("metadata") or {}
    if not isinstance(metadata, dict):
        raise Refused(400, "the object provided is unrecognized: metadata is no object")
    return metadata


def _is_dry(request: Request) -> bool:
    return request.query_params.get("dryRun") == "All"
