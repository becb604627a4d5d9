"""The simulated control plane: controllers that follow the changes of a cluster and act on them a little later.

Kubernetes has no script. Each controller watches some resources, compares what is with what should be, and writes what
it decides back to the API server, where the next controller sees it. The order in which a watcher sees things comes
from that alone, and so it does here: a controller is called for each change and may ask to be called again later.

Time is simulated, to the microsecond, and moves only in `step`: a test turns it as far as it likes, the demo lets it
follow the clock. Kubernetes writes whole seconds; so much of its harshness is lost where a simulation does not have the
fractions. The same seed and the same steps give the same changes.
"""

from __future__ import annotations

import heapq
import random
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import count
from typing import Any, Protocol

import msgspec

from playground.kube import admission, deletion
from playground.kube.cluster import Body, Conflict, NotThere, SimulatedCluster
from playground.kube.resources import PODS, Resource
from playground.kube.shelf import Change, Expired

Act = Callable[[], None]


@dataclass(frozen=True, slots=True)
class Observed:
    """A change as a controller sees it: the object before (None where it is new or that is not known), and after;
    `gone` says that `after` was its last state."""

    resource: Resource
    before: Body | None
    after: Body
    gone: bool


class Controller(Protocol):
    """Acts on changes of some resources."""

    @property
    def resources(self) -> tuple[Resource, ...]:
        """What it watches."""

    def changed(self, seen: Observed) -> None:
        """Something of these resources changed."""


class ControlPlane:
    """Runs controllers over one cluster. `now` is where its time begins."""

    def __init__(self, cluster: SimulatedCluster, *, now: datetime, seed: int = 0) -> None:
        self.cluster = cluster
        self.now = now
        self.rng = random.Random(seed)
        self._order = count()
        self._due: list[tuple[datetime, int, Act]] = []
        self._controllers: list[Controller] = []
        self._seen: dict[Resource, int] = {}

    def clock(self) -> datetime:
        """The simulated time, for an API server that is to stamp what it writes with it."""
        return self.now

    def run(self, *controllers: Controller) -> None:
        """Let these controllers act from now on; at first they see what is there."""
        self._controllers += controllers
        self._seen = {}

    def after(self, seconds: float, act: Act) -> None:
        """Do something so much later."""
        heapq.heappush(self._due, (self.now + timedelta(seconds=seconds), next(self._order), act))

    def advance(self, seconds: float) -> None:
        """Let so much time pass."""
        self.step(self.now + timedelta(seconds=seconds))

    def step(self, now: datetime) -> None:
        """Let time pass until `now`, and everything happen that is due by then, in its order."""
        with self.cluster.exclusively():
            self._observe()
            while self._due and self._due[0][0] <= now:
                at, _, act = heapq.heappop(self._due)
                self.now = max(self.now, at)
                act()
                self._observe()
            self.now = max(self.now, now)

    def all_of(self, resource: Resource) -> list[Body]:
        """Every object of a resource as it is now."""
        return [msgspec.json.decode(stored.body) for stored in self.cluster.select(resource)[1]]

    def find(self, resource: Resource, of: Body) -> Body | None:
        """The object as it is now; None where it is gone, even if another one has its name."""
        try:
            body = self.cluster.get(resource, *place_of(of))
        except NotThere:
            return None
        return body if body["metadata"]["uid"] == of["metadata"]["uid"] else None

    def create(self, resource: Resource, body: Body) -> Body:
        """Add a new object as the API server would."""
        uid = self.cluster.new_uid()
        admitted = admission.admitted(resource, body, uid=uid, now=self.now, rng=self.rng)
        return self.cluster.put_pod(admitted) if resource is PODS else self.cluster.put(resource, admitted, new=True)

    def edit(self, resource: Resource, of: Body, change: Callable[[Body], None]) -> Body | None:
        """Let `change` alter the object as it is now, and write it if it did. Gives the object; None where it is
        gone."""
        body = self.find(resource, of)
        if body is None:
            return None
        before = msgspec.json.encode(body)
        change(body)
        return body if msgspec.json.encode(body) == before else deletion.update(self.cluster, resource, body)

    def delete(self, resource: Resource, of: Body, *, options: deletion.Options = deletion.GENTLY) -> None:
        """Delete the object as anybody would; nothing where it is gone."""
        with suppress(NotThere, Conflict):
            only_this = replace(options, uid=of["metadata"]["uid"])
            deletion.delete(self.cluster, resource, *place_of(of), now=self.now, options=only_this)

    def _observe(self) -> None:
        """Show the controllers what changed, until none of them changes anything more."""
        while news := sorted(self._news(), key=lambda one: int(one.after["metadata"]["resourceVersion"])):
            for seen in news:
                for controller in self._controllers:
                    if seen.resource in controller.resources:
                        controller.changed(seen)

    def _news(self) -> Iterable[Observed]:
        watched = {resource for controller in self._controllers for resource in controller.resources}
        for resource in sorted(watched, key=lambda one: one.plural):
            yield from (_observed(resource, change) for change in self._changes(resource))

    def _changes(self, resource: Resource) -> list[Change]:
        known = self._seen.get(resource)
        if known is not None:
            with suppress(Expired):
                self._seen[resource], changes = self.cluster.since(resource, known)
                return changes
        self._seen[resource], stored = self.cluster.select(resource)  # as an informer that starts, or is told 410
        return [Change(None, each) for each in stored]


def _observed(resource: Resource, change: Change) -> Observed:
    before = None if change.before is None else msgspec.json.decode(change.before.body)
    return Observed(resource, before, msgspec.json.decode(change.after.body), change.gone)


def place_of(body: Mapping[str, Any]) -> tuple[str, str]:
    """Namespace and name of an object; the namespace of a cluster's own object is empty."""
    return str(body["metadata"].get("namespace", "")), str(body["metadata"]["name"])
