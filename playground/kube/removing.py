"""Delete, of one object or of all that a selector selects, and evict."""

from __future__ import annotations

from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from playground.kube import deletion, eviction
from playground.kube.query import read_query
from playground.kube.resources import PODS
from playground.kube.status import Refused, json_response
from playground.kube.write import Write, read_body

_SUCCESS = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success"}


async def delete(write: Write) -> Response:
    """DELETE, as `playground.kube.deletion` has it: answered with the pod, or what stays of another object, else with
    a Status. Raises Refused, NotThere, Conflict."""
    resource, (namespace, name) = write.resource, write.place
    options = await _options_of(write.request)
    with write.cluster.exclusively():
        known = write.cluster.get(resource, namespace, name)
        left = deletion.marked_for_deletion(resource, known, now=write.now, options=options) or known
        if not write.is_dry:
            left = deletion.delete(write.cluster, resource, namespace, name, now=write.now, options=options)
    if resource is PODS or "deletionTimestamp" in left["metadata"]:
        return json_response(left)
    details = {"name": name, "group": resource.group, "kind": resource.plural, "uid": known["metadata"]["uid"]}
    return json_response(_SUCCESS | {"details": details})


async def delete_many(write: Write) -> Response:
    """DELETE of all that the selectors select. Raises Refused."""
    resource, request = write.resource, write.request
    query = read_query(resource, request.path_params.get("namespace"), request.query_params)
    options = await _options_of(request)
    with write.cluster.exclusively():
        found = [msgspec.json.decode(each.body) for each in write.cluster.select(resource, query.selects)[1]]
        for each in found if not write.is_dry else ():
            where = each["metadata"].get("namespace", ""), each["metadata"]["name"]
            deletion.delete(write.cluster, resource, *where, now=write.now, options=options)
    return json_response(
        {"kind": f"{resource.kind}List", "apiVersion": resource.api_version, "metadata": {}, "items": found}
    )


async def evict(write: Write) -> Response:
    """POST of an Eviction. Raises Refused, NotThere, Conflict."""
    given = (await read_body(write.request)).get("deleteOptions") or {}
    options = _options(write.request, given)
    is_dry = write.is_dry or given.get("dryRun") == ["All"]
    eviction.evict(write.cluster, *write.place, options=options, now=write.now, dry_run=is_dry)
    return json_response(_SUCCESS | {"code": 201}, 201)


async def _options_of(request: Request) -> deletion.Options:
    return _options(request, await read_body(request) if await request.body() else {})


def _options(request: Request, body: dict[str, Any]) -> deletion.Options:
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
