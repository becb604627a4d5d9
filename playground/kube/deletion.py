"""How the API server deletes, which is rarely at once.

A pod whose containers may still run is deleted **twice**. The first request only marks it: `deletionTimestamp` = the
request + the grace period, `deletionGracePeriodSeconds` = the grace period. When its kubelet has ended the containers
it deletes again with grace 0: the server sets `deletionTimestamp` = now and grace 0 (kubernetes PR 122646; older ones
counted from the first request), shows that to the watches, and removes the object. A later request may only shorten
the grace period. A pod without a node, or that has ended, gets grace 0 at once.

Any object with finalizers is only marked, and goes when its last finalizer is taken away. `propagationPolicy` is a
finalizer too: `Foreground` and `Orphan` leave the object until the garbage collector has seen to its dependents.

Read in kubernetes: apiserver/pkg/registry/rest/delete.go, generic/registry/store.go, registry/core/pod/strategy.go.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from playground.kube.cluster import Body, Conflict, SimulatedCluster
from playground.kube.resources import PODS, Resource
from playground.kube.times import rfc3339

_OVER = frozenset({"Succeeded", "Failed"})
_DEFAULT_GRACE = 30
FINALIZER_OF = {"Foreground": "foregroundDeletion", "Orphan": "orphan"}
"""What a propagation policy leaves on the object for the garbage collector; `Background` leaves nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """`meta/v1.DeleteOptions`: `grace` in seconds, None for what the pod says; the preconditions where they are set."""

    grace: int | None = None
    propagation: str | None = None
    uid: str | None = None
    resource_version: str | None = None


GENTLY = Options()
AT_ONCE = Options(grace=0)


def delete(
    cluster: SimulatedCluster,
    resource: Resource,
    namespace: str,
    name: str,
    *,
    now: datetime,
    options: Options = GENTLY,
) -> Body:
    """Delete an object, or mark it for deletion. Gives its state after that, or its last one. Raises NotThere,
    Conflict where a precondition does not hold."""
    with cluster.exclusively():
        body = cluster.get(resource, namespace, name)
        marked = marked_for_deletion(resource, body, now=now, options=options)
        if marked is not None:
            body = cluster.put(resource, marked)
        if _must_stay(body):
            return body
        return _removed(cluster, resource, namespace, name)


def marked_for_deletion(resource: Resource, body: Body, *, now: datetime, options: Options) -> Body | None:
    """The object as the request marks it; None where the request changes nothing, or there is nothing to mark since
    the object can go at once. Raises Conflict."""
    _check(resource, body, options)
    metadata = dict(body["metadata"])
    finalizer = FINALIZER_OF.get(options.propagation or "")
    if finalizer is not None and finalizer not in metadata.get("finalizers", ()):
        metadata["finalizers"] = [*metadata.get("finalizers", ()), finalizer]
    if "deletionTimestamp" in metadata:
        known, asked = metadata.get("deletionGracePeriodSeconds") or 0, options.grace
        if asked is None or max(asked, 0) >= known:
            return None
        grace = max(asked, 0)
    elif resource is PODS:
        grace = _grace(body, options)
    elif metadata.get("finalizers"):
        grace = 0
    else:
        return None
    metadata |= {"deletionTimestamp": rfc3339(now + timedelta(seconds=grace)), "deletionGracePeriodSeconds": grace}
    if "generation" in metadata:
        metadata["generation"] += 1
    return {**body, "metadata": metadata}


def update(cluster: SimulatedCluster, resource: Resource, body: Body, *, expected: str | None = None) -> Body:
    """Replace an object as the API server does: one that is marked for deletion goes with its last finalizer. Raises
    Conflict where it is not at the `expected` version."""
    metadata = body["metadata"]
    if "deletionTimestamp" not in metadata or _must_stay(body):
        return cluster.put(resource, body, expected=expected)
    with cluster.exclusively():
        _check(resource, cluster.get(resource, *_place(body)), Options(resource_version=expected))
        return _removed(cluster, resource, *_place(body))


def _removed(cluster: SimulatedCluster, resource: Resource, namespace: str, name: str) -> Body:
    return cluster.delete_pod(namespace, name) if resource is PODS else cluster.delete(resource, namespace, name)


def _place(body: Body) -> tuple[str, str]:
    return body["metadata"].get("namespace", ""), body["metadata"]["name"]


def _must_stay(body: Body) -> bool:
    metadata = body["metadata"]
    if metadata.get("finalizers"):
        return True
    return "deletionTimestamp" in metadata and bool(metadata.get("deletionGracePeriodSeconds"))


def _grace(pod: Body, options: Options) -> int:
    """Seconds that a pod's containers get. A negative number counts as one second."""
    if not pod.get("spec", {}).get("nodeName") or pod.get("status", {}).get("phase") in _OVER:
        return 0
    grace = options.grace
    if grace is None:
        grace = pod["spec"].get("terminationGracePeriodSeconds", _DEFAULT_GRACE)
    return 1 if grace < 0 else grace


def _check(resource: Resource, body: Body, options: Options) -> None:
    metadata = body["metadata"]
    for what, asked, found in (
        ("UID", options.uid, metadata["uid"]),
        ("ResourceVersion", options.resource_version, metadata["resourceVersion"]),
    ):
        if asked is not None and asked != found:
            raise Conflict(
                f'Operation cannot be fulfilled on {resource.qualified()} "{metadata["name"]}": the {what} in the '
                f"precondition ({asked}) does not match the {what} in record ({found})"
            )
