"""A cluster in memory: what the simulated API server serves, and what a test or a simulation changes. Thread-safe.
It has no clock: whoever puts an object into it gives the object its times."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import msgspec

from playground.kube.resources import EVENTS, NAMESPACES, NODES, PODS, RESOURCES, Resource
from playground.kube.selectors import fields_of
from playground.kube.shelf import Change, Selects, Shelf, Stored

Body = dict[str, Any]
_FIRST_VERSION = 1000


class Conflict(Exception):
    """The object was changed since it was read, or is another one; the server answers 409."""


class AlreadyThere(Conflict):
    """The object is there already; the server answers 409 with a reason of its own."""


class NotThere(LookupError):
    """No such object; the server answers 404."""


class SimulatedCluster:
    """Nodes, pods, events, logs. `history` is how many changes of each resource a watch can go back."""

    def __init__(self, *, history: int = 100_000, seed: int = 0) -> None:
        self._lock = threading.RLock()
        self._shelves = {resource: Shelf(history=history) for resource in RESOURCES}
        self._wakes: dict[Resource, set[Callable[[], None]]] = {resource: set() for resource in RESOURCES}
        self._logs: dict[str, dict[tuple[str, bool], str]] = {}
        self._version = _FIRST_VERSION
        self._uids = seed << 64
        self._pages = 0

    # Reading

    @property
    def resource_version(self) -> int:
        """The version of the newest change."""
        return self._version

    def find(self, resource: Resource, namespace: str, name: str) -> Stored:
        """One object as it is stored. Raises NotThere."""
        with self._lock:
            stored = self._shelves[resource].get(namespace, name)
        if stored is None:
            raise NotThere(f'{resource.qualified()} "{name}" not found')
        return stored

    def get(self, resource: Resource, namespace: str, name: str) -> Body:
        """A copy of one object. Raises NotThere."""
        return _decoded(self.find(resource, namespace, name))

    def pod(self, namespace: str, name: str) -> Body:
        """A copy of one pod. Raises NotThere."""
        return self.get(PODS, namespace, name)

    def pods(self) -> list[Body]:
        """Copies of all pods, in the order of their namespaces and names."""
        return [_decoded(stored) for stored in self.select(PODS)[1]]

    def select(self, resource: Resource, selects: Selects = lambda _: True) -> tuple[int, list[Stored]]:
        """The current version, and the selected objects as of it."""
        with self._lock:
            return self._version, self._shelves[resource].select(selects)

    def keep_page(self, resource: Resource, rest: list[Stored]) -> str:
        """Remember the rest of a list; gives the token it can be asked for with."""
        with self._lock:
            self._pages += 1
            self._shelves[resource].keep_page(str(self._pages), rest)
            return str(self._pages)

    def page(self, resource: Resource, token: str) -> list[Stored]:
        """The list that the token stands for. Raises Expired."""
        with self._lock:
            return self._shelves[resource].page(token)

    def since(self, resource: Resource, resource_version: int) -> tuple[int, list[Change]]:
        """The current version, and the changes after the given one. Raises Expired."""
        with self._lock:
            return self._version, self._shelves[resource].since(resource_version)

    @contextmanager
    def watched(self, resource: Resource, wake: Callable[[], None]) -> Iterator[None]:
        """Within the block `wake` is called after each change, by the thread that made it. It must not wait."""
        with self._lock:
            self._wakes[resource].add(wake)
        try:
            yield
        finally:
            with self._lock:
                self._wakes[resource].discard(wake)

    # Changing

    @contextmanager
    def exclusively(self) -> Iterator[None]:
        """Within the block nobody else reads or changes anything: for a change that rests on what was read."""
        with self._lock:
            yield

    def put(self, resource: Resource, body: Body, *, expected: str | None = None, new: bool = False) -> Body:
        """Add an object or replace it. Gives what is stored: with uid and resourceVersion. The body is not kept, and
        what is missing in it is not minded. Raises Conflict where the object is not at the `expected` version,
        AlreadyThere where it should be `new`."""
        metadata = dict(body.get("metadata") or {})
        namespace = str(metadata.setdefault("namespace", "default")) if resource.namespaced else ""
        name = str(metadata.get("name", ""))
        with self._lock:
            shelf = self._shelves[resource]
            known = shelf.get(namespace, name)
            if new and known is not None:
                raise AlreadyThere(f'{resource.qualified()} "{name}" already exists')
            if expected and (known is None or known.resource_version != int(expected)):
                raise Conflict(f'Operation cannot be fulfilled on {resource.qualified()} "{name}": it was modified')
            metadata.setdefault("uid", known.uid if known else self.new_uid())
            self._version += 1
            metadata["resourceVersion"] = str(self._version)
            kept = {"apiVersion": resource.api_version, "kind": resource.kind, **body, "metadata": metadata}
            shelf.put(_encoded(resource, namespace, self._version, kept))
            self._tell(resource)
        return kept

    def delete(self, resource: Resource, namespace: str, name: str) -> Body:
        """Take an object away, and give its last state. Raises NotThere."""
        with self._lock:
            last = self.get(resource, namespace, name)
            self._version += 1
            last["metadata"]["resourceVersion"] = str(self._version)
            self._shelves[resource].remove(_encoded(resource, namespace, self._version, last))
            self._tell(resource)
        return last

    def add_node(self, node: Body) -> Body:
        """Add a node, or replace it."""
        return self.put(NODES, node)

    def put_pod(self, pod: Body) -> Body:
        """Add a pod, or replace it; its namespace comes into being with it."""
        with self._lock:
            self.open_namespace(str((pod.get("metadata") or {}).get("namespace", "default")))
            return self.put(PODS, pod)

    def open_namespace(self, name: str) -> None:
        """Let there be a namespace of this name."""
        with self._lock:
            if self._shelves[NAMESPACES].get("", name) is None:
                labels = {"kubernetes.io/metadata.name": name}
                self.put(NAMESPACES, {"metadata": {"name": name, "labels": labels}, "status": {"phase": "Active"}})

    def delete_pod(self, namespace: str, name: str) -> Body:
        """Take a pod away with its logs, as when its grace period is over; gives its last state. Raises NotThere."""
        with self._lock:
            last = self.delete(PODS, namespace, name)
            self._logs.pop(str(last["metadata"]["uid"]), None)
        return last

    def set_logs(self, pod: Body, text: str, *, container: str | None = None, previous: bool = False) -> None:
        """What a container of a stored pod has written; the first container, if none is named."""
        container = container or str(pod["spec"]["containers"][0]["name"])
        with self._lock:
            self._logs.setdefault(str(pod["metadata"]["uid"]), {})[container, previous] = text

    def logs(self, uid: str, container: str, *, previous: bool = False) -> str | None:
        """What a container has written; None where nothing is known of that run."""
        with self._lock:
            return self._logs.get(uid, {}).get((container, previous))

    def add_event(self, event: Body) -> Body:
        """Add an event."""
        return self.put(EVENTS, event)

    def expire_history(self) -> None:
        """Forget all changes: every watch and every half-read list has to start again, with 410."""
        with self._lock:
            self._version += 1
            for resource, shelf in self._shelves.items():
                shelf.forget(self._version)
                self._tell(resource)

    def new_uid(self) -> str:
        """A uid that no other object of this cluster has; the same seed gives the same ones."""
        with self._lock:
            self._uids += 1
            spread = (self._uids * 0x9E3779B97F4A7C15F39CC0605CEDC835) % (1 << 128)
        return str(UUID(int=spread, version=4))

    def _tell(self, resource: Resource) -> None:
        for wake in self._wakes[resource]:
            wake()


def _decoded(stored: Stored) -> Body:
    body: Body = msgspec.json.decode(stored.body)
    return body


def _encoded(resource: Resource, namespace: str, version: int, body: Mapping[str, Any]) -> Stored:
    metadata = body["metadata"]
    labels = metadata.get("labels")
    return Stored(
        namespace=namespace,
        name=str(metadata.get("name", "")),
        uid=str(metadata["uid"]),
        resource_version=version,
        labels=dict(labels) if isinstance(labels, Mapping) else {},
        fields=fields_of(body, resource.selectable),
        body=msgspec.json.encode(body),
    )
