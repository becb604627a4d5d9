"""One run of a recipe, told as moments: its pods start, end well or badly, and a failed job is submitted again with
what people would change. All chance comes from the given source, all times from the given start."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum, auto
from typing import Any

from playground.kube import pods, scenario
from playground.kube.causes import CAUSES, PEER_LOST, Cause
from playground.kube.cluster import Body, NotThere, SimulatedCluster
from playground.kube.control.disruption import PREEMPTED, disrupt
from playground.kube.control.plane import ControlPlane
from playground.kube.events import event
from playground.kube.pods import Run
from playground.kube.resources import NODES
from playground.kube.submissions import submit, withdraw
from playground.kube.workloads import Workload

_MOST_TRIES = 3


class Stop(Enum):
    """How a pod is stopped from outside."""

    DELETED = auto()
    PREEMPTED = auto()


@dataclass(frozen=True, slots=True)
class Moment:
    """Something that happens to one pod: it is from now on as `build` shows it, or is deleted where that is None."""

    at: datetime
    run: Run
    build: Callable[[Run], dict[str, Any]] | None
    cause: Cause | None = None
    stop: Stop | None = None
    """The pod is stopped; `build` then shows the last that was seen of it, for whoever looks much later."""
    is_first: bool = False
    """The pod is new."""
    fate: str | None = None
    """The cause of which its job fails in the end."""

    def happen(self, plane: ControlPlane) -> None:
        """Let it happen to the pod, unless that is being deleted or gone. What is deleted takes the way that
        Kubernetes gives it."""
        try:
            pod = plane.cluster.pod(*self.run.place)
        except NotThere:
            if self.is_first:
                self.show(plane.cluster)
            return
        if self.stop is Stop.PREEMPTED:
            disrupt(plane, pod, PREEMPTED)
        elif self.stop is Stop.DELETED or self.build is None:
            withdraw(plane, self.run, pod)
        elif "deletionTimestamp" not in pod["metadata"]:
            self._change(plane.cluster, self.build(self.run))

    def show(self, cluster: SimulatedCluster) -> None:
        """Bring the pod into the cluster as it then was, with its Job."""
        if self.build is not None:
            pod = self.build(self.run)
            submit(cluster, self.run, pod, self.fate)
            self._change(cluster, pod)

    def _change(self, cluster: SimulatedCluster, pod: Body) -> None:
        """What the pod leaves behind comes first, so that whoever sees its end finds it."""
        if self.cause is not None:
            self._leave_evidence(cluster, pod, self.cause)
        cluster.put_pod(pod)

    def _leave_evidence(self, cluster: SimulatedCluster, pod: Body, cause: Cause) -> None:
        words = {
            "rank": self.run.index,
            "node": self.run.node,
            "image": self.run.workload.image,
            "pod": pod["metadata"]["name"],
        }
        if cause.log:
            cluster.set_logs(pod, cause.log.format_map(words))
        for said in cause.events:
            text = said.message.format_map(words)
            cluster.add_event(event(pod, said.reason, text, at=self.at, component=said.component))
            if said.component == "node-problem-detector" and self.run.node is not None:
                node = cluster.get(NODES, "", self.run.node)
                cluster.add_event(event(node, said.reason, text, at=self.at, component=said.component))


@dataclass(frozen=True, slots=True)
class _Fate:
    """How a run ends: of which cause, begun by which of its pods; no cause is success."""

    cause: str | None = None
    culprit: int = 0
    killed: bool = False


class Narrator:
    """Tells stories. `now` is where the scenario's "so long ago" counts from; `speed` is how many times faster than
    life a run goes; submissions are numbered from `first`, so that each has its own uid."""

    def __init__(self, rng: random.Random, *, now: datetime, speed: float = 1.0, first: int = 0) -> None:
        self._rng = rng
        self._now = now
        self.speed = speed
        self._submission = first
        self.bad_nodes = {scenario.HOT_NODE}
        """Nodes that fail most of what they get, from `HOT_SINCE` on."""
        self.closed_nodes: Collection[str] = ()
        """Nodes that get no jobs, because somebody cordoned them."""

    def tell(self, recipe: scenario.Recipe, created: datetime, *, on: str | None = None) -> Iterator[Moment]:
        """A submission at this time, with what follows from it; its first pod runs `on` a node, if one is named.
        Nothing happens where too few nodes are open."""
        workload, risks = recipe.at(self._now - created, self._rng.uniform(-1, 1))
        for _ in range(_MOST_TRIES):
            self._submission += 1
            workload = replace(workload, submission=self._submission)
            nodes = self._nodes(workload, on)
            if len(nodes) < workload.pods:
                return
            fate = self._fate(nodes, risks, self._now - created)
            end = created + self._minutes(recipe.minutes * math.exp(self._rng.gauss(0.0, 0.6)))
            yield from self._play(workload, nodes, created, end, fate)
            if fate.cause is None or self._rng.random() > scenario.CHANCE_OF_RESUBMISSION:
                return
            cause = CAUSES[fate.cause]
            workload = cause.change(workload)
            risks = {} if self._rng.random() < cause.cured else {fate.cause: 1.0}
            created = (created if cause.is_stuck else end) + self._minutes(self._rng.uniform(10, 70))

    def once(
        self, workload: Workload, cause: str | None, created: datetime, *, end: datetime, on: str | None = None
    ) -> Iterator[Moment]:
        """A submission that fails of this cause, or succeeds where that is None; nobody tries it again. Its first pod
        runs `on` a node, if one is named."""
        self._submission += 1
        workload = replace(workload, submission=self._submission)
        nodes = self._nodes(workload, on)
        yield from self._play(workload, nodes, created, end, _Fate(cause))

    def _minutes(self, minutes: float) -> timedelta:
        return timedelta(minutes=minutes / self.speed)

    def _nodes(self, workload: Workload, first: str | None = None) -> list[str]:
        """As many open nodes as it has pods, or none."""
        fitting = [
            name
            for name, product in scenario.NODES.items()
            if product == workload.gpu_product and name != first and name not in self.closed_nodes
        ]
        taken = [] if first is None or first in self.closed_nodes else [first]
        missing = workload.pods - len(taken)
        return taken + self._rng.sample(fitting, missing) if missing <= len(fitting) else []

    def _fate(self, nodes: list[str], risks: Mapping[str, float], ago: timedelta) -> _Fate:
        broken = [index for index, node in enumerate(nodes) if node in self.bad_nodes and ago <= scenario.HOT_SINCE]
        if broken and self._rng.random() < scenario.HOT_RISK:
            return _Fate(self._rng.choice(scenario.HOT_CAUSES), broken[0])
        draw = self._rng.random()
        for cause, risk in risks.items():
            draw -= risk
            if draw < 0:
                return _Fate(cause, self._rng.randrange(len(nodes)))
        return _Fate(killed=self._rng.random() < scenario.CHANCE_OF_KILL)

    def _play(
        self, workload: Workload, nodes: list[str], created: datetime, end: datetime, fate: _Fate
    ) -> Iterator[Moment]:
        started = created + self._minutes(self._rng.uniform(0.3, 3))
        end = max(end, started + timedelta(seconds=1))
        stop, stopped = self._rng.choice(((Stop.PREEMPTED, pods.preempted), (Stop.DELETED, pods.terminating)))
        for index, node in enumerate(nodes):
            run = Run(workload=workload, created=created, node=node, started=started, finished=end, index=index)
            if fate.cause is not None and CAUSES[fate.cause].is_stuck:
                cause = CAUSES[fate.cause]
                yield Moment(started, run, cause.end, cause, is_first=True, fate=fate.cause)
                yield Moment(started + self._minutes(60), run, None)
                continue
            yield Moment(started, run, pods.running, is_first=True, fate=fate.cause)
            if fate.killed:
                yield Moment(end, run, stopped, stop=stop)
            elif fate.cause is None:
                yield Moment(end, run, pods.succeeded)
            else:
                is_victim = index != fate.culprit
                late = self._minutes(self._rng.uniform(0.3, 6)) if is_victim else timedelta()
                run, cause = replace(run, finished=end + late), CAUSES[PEER_LOST if is_victim else fate.cause]
                yield Moment(end + late, run, cause.end, cause, fate=fate.cause)
