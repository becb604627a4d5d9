"""The garbage collector: what is owned goes with its owner.

With `Background` the owner is gone at once and its dependents are deleted after it; with `Foreground` they are deleted
first, and the owner goes when the last of them has gone; with `Orphan` they lose their owner and stay. Which it is, the
API server leaves on the owner as a finalizer. What never had an owner in this cluster is left alone.
"""

from __future__ import annotations

from contextlib import suppress

from playground.kube.cluster import Body
from playground.kube.control.plane import ControlPlane, Observed
from playground.kube.deletion import FINALIZER_OF
from playground.kube.resources import CLAIMS, JOBS, PODS, Resource

_FOREGROUND, _ORPHAN = FINALIZER_OF["Foreground"], FINALIZER_OF["Orphan"]
_TO_FOLLOW = 0.05


class GarbageCollector:
    """Follows owners and dependents."""

    resources: tuple[Resource, ...] = (JOBS, PODS, CLAIMS)

    def __init__(self, plane: ControlPlane) -> None:
        self._plane = plane
        self._dependents: dict[str, dict[str, tuple[Resource, Body]]] = {}
        """By the uid of the owner, then by their own."""
        self._owners: dict[str, tuple[Resource, Body]] = {}
        """Those that wait for their dependents to go."""

    def changed(self, seen: Observed) -> None:
        """Note who owns whom; act where an owner goes."""
        body, uid = seen.after, seen.after["metadata"]["uid"]
        for owner in body["metadata"].get("ownerReferences") or ():
            dependents = self._dependents.setdefault(owner["uid"], {})
            if seen.gone:
                dependents.pop(uid, None)
                self._maybe_finish(owner["uid"])
            else:
                dependents[uid] = (seen.resource, body)
        finalizers = body["metadata"].get("finalizers", ())
        if seen.gone:
            self._owners.pop(uid, None)
            for resource, dependent in list(self._dependents.pop(uid, {}).values()):
                self._delete_soon(resource, dependent)
        elif "deletionTimestamp" in body["metadata"] and uid not in self._owners:
            if _ORPHAN in finalizers:
                self._orphan(seen.resource, body)
            elif _FOREGROUND in finalizers:
                self._owners[uid] = (seen.resource, body)
                for resource, dependent in list(self._dependents.get(uid, {}).values()):
                    self._delete_soon(resource, dependent)
                self._maybe_finish(uid)

    def _delete_soon(self, resource: Resource, body: Body) -> None:
        wait = _TO_FOLLOW + self._plane.rng.random() * 0.9
        self._plane.after(wait, lambda: self._plane.delete(resource, body))

    def _maybe_finish(self, uid: str) -> None:
        if uid in self._owners and not self._dependents.get(uid):
            resource, owner = self._owners.pop(uid)
            self._take_finalizer(resource, owner, _FOREGROUND)

    def _orphan(self, resource: Resource, owner: Body) -> None:
        uid = owner["metadata"]["uid"]
        for kind, dependent in self._dependents.pop(uid, {}).values():
            self._plane.edit(kind, dependent, lambda body: _disown(body, uid))
        self._take_finalizer(resource, owner, _ORPHAN)

    def _take_finalizer(self, resource: Resource, owner: Body, finalizer: str) -> None:
        def take(body: Body) -> None:
            with suppress(ValueError):
                body["metadata"]["finalizers"].remove(finalizer)

        self._plane.edit(resource, owner, take)


def _disown(body: Body, uid: str) -> None:
    body["metadata"]["ownerReferences"] = [each for each in body["metadata"]["ownerReferences"] if each["uid"] != uid]
