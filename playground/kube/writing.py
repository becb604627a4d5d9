"""Create, update, patch and apply, each with the server's dry run, with a conflict where somebody else was faster, and
with the manager of each field noted."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import yaml
from starlette.responses import Response

from playground.kube import admission, deletion
from playground.kube.cluster import Body, Conflict, NotThere
from playground.kube.merging import json_patched, merged, strategic
from playground.kube.ownership import applied, noted
from playground.kube.status import Refused, json_response
from playground.kube.validation import check_change, check_new, kept_apart
from playground.kube.write import Write, decoded, metadata_of, read_body

_NAMES = random.Random(0)
_APPLY = "application/apply-patch+yaml"
_PATCHES: dict[str, Callable[[Body, Any], Body]] = {
    "application/merge-patch+json": merged,
    "application/strategic-merge-patch+json": strategic,
    "application/json-patch+json": json_patched,
}
_CHANGED_SINCE = "the object has been modified; please apply your changes to the latest version and try again"
_NO_MANAGER = "PatchOptions.meta.k8s.io is invalid: fieldManager: Required value: is required for apply patch"


async def create(write: Write) -> Response:
    """POST. Raises Refused, AlreadyThere."""
    body = await read_body(write.request)
    metadata = metadata_of(body)
    if write.resource.namespaced:
        namespace = write.request.path_params["namespace"]
        if metadata.get("namespace", namespace) != namespace:
            raise Refused(400, "the namespace of the provided object does not match the namespace sent on the request")
        metadata["namespace"] = namespace
    return json_response(_created(write, {**body, "metadata": metadata}), 201)


async def update(write: Write) -> Response:
    """PUT. Raises Refused, NotThere, Conflict."""
    body = await read_body(write.request)
    given = metadata_of(body)
    write.check_kind(body)
    with write.cluster.exclusively():
        known = write.cluster.get(write.resource, *write.place)
        kept = {key: known["metadata"][key] for key in ("uid", "name", "creationTimestamp") if key in known["metadata"]}
        kind = {"apiVersion": known["apiVersion"], "kind": known["kind"]}
        wish = {**kind, **body, "metadata": {**known["metadata"], "resourceVersion": None, **given, **kept}}
        return json_response(_changed(write, known, wish))


async def patch(write: Write) -> Response:
    """PATCH: of the three sorts, or server-side apply. Raises Refused, NotThere, Conflict."""
    media_type = write.request.headers.get("content-type", "").partition(";")[0]
    if media_type == _APPLY:
        return await _apply(write)
    if media_type not in _PATCHES:
        raise Refused(415, f"the body of the request was in an unknown format - accepted media types: {list(_PATCHES)}")
    kind = list[dict[str, Any]] if media_type == "application/json-patch+json" else dict[str, Any]
    changes = decoded(await write.request.body(), kind)
    with write.cluster.exclusively():
        known = write.cluster.get(write.resource, *write.place)
        return json_response(_changed(write, known, _PATCHES[media_type](known, changes)))


async def _apply(write: Write) -> Response:
    if not write.request.query_params.get("fieldManager"):
        raise Refused(422, _NO_MANAGER)
    try:
        wish = yaml.safe_load(await write.request.body())
    except yaml.YAMLError as error:
        raise Refused(400, f"error decoding YAML: {error}") from None
    if not isinstance(wish, dict):
        raise Refused(400, "the object provided is unrecognized: it is no object")
    write.check_kind(wish, needed=True)
    namespace, name = write.place
    wish["metadata"] = {**metadata_of(wish), "name": name} | ({"namespace": namespace} if namespace else {})
    force = write.request.query_params.get("force") == "true"
    manager = replace(write.writer, operation="Apply")
    with write.cluster.exclusively():
        try:
            known = write.cluster.get(write.resource, namespace, name)
        except NotThere:
            if write.subresource:
                raise
            return json_response(_created(write, wish), 201)
        result = applied(known, wish, manager, force=force, now=write.now)
        return json_response(_stored(write, known, kept_apart(write.resource, known, result, write.subresource)))


def _created(write: Write, body: Body) -> Body:
    write.check_kind(body)
    uid = write.cluster.new_uid()
    fresh = admission.admitted(write.resource, body, uid=uid, now=write.now, rng=_NAMES)
    check_new(write.resource, fresh)
    fresh = noted(None, fresh, write.writer, write.now)
    if write.is_dry:
        return fresh
    with write.cluster.exclusively():
        if write.resource.namespaced:
            write.cluster.open_namespace(fresh["metadata"]["namespace"])
        return write.cluster.put(write.resource, fresh, new=True)


def _changed(write: Write, known: Body, wish: Body) -> Body:
    result = kept_apart(write.resource, known, wish, write.subresource)
    return _stored(write, known, noted(known, result, write.writer, write.now))


def _stored(write: Write, known: Body, wish: Body) -> Body:
    """What is kept of a wish; nothing of a dry run, and nothing of one that changes nothing."""
    resource, version = write.resource, known["metadata"]["resourceVersion"]
    check_change(resource, known, wish, write.subresource)
    if wish["metadata"].get("resourceVersion") not in {None, version}:
        what = f'{resource.qualified()} "{known["metadata"]["name"]}"'
        raise Conflict(f"Operation cannot be fulfilled on {what}: {_CHANGED_SINCE}")
    wish = {**wish, "metadata": {**wish["metadata"], "resourceVersion": version}}
    return wish if write.is_dry or wish == known else deletion.update(write.cluster, resource, wish)
