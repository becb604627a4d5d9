"""The simulated month: 30 days of history brought into a cluster at once, then jobs that go on in real time."""

from __future__ import annotations

import heapq
import random
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from itertools import count

from bot.clock import utc_now
from playground.kube import pods, scenario
from playground.kube.causes import CAUSES
from playground.kube.cluster import NotThere, SimulatedCluster
from playground.kube.control.controllers import controllers
from playground.kube.nodes import node
from playground.kube.pods import Run
from playground.kube.resources import EVENTS, NODES
from playground.kube.story import Moment, Narrator
from playground.kube.workloads import Member

_TICK = 0.5
_LIVE_SPEED = 120.0
"""A live job's minute lasts half a second."""
_STARTS_EVERY = timedelta(seconds=1.4)
"""Between two live submissions, on average."""
_RESTARTS_EVERY = timedelta(seconds=20)
_FIRST_LIVE_SUBMISSION = 1_000_000
_STAGE_SPEED = 900.0
_FIRST_STAGED_SUBMISSION = 1_000_000_000
_KEPT = timedelta(minutes=3)
"""From a live pod's end to its removal."""
_SWEEPS_EVERY = timedelta(seconds=15)
_LATE = timedelta(minutes=1)
"""After a step that comes so late, since the clock was set forward, the time between is told as history is."""
_MOST_EVENTS = 2_000
_MONTH = timedelta(days=scenario.DAYS)


def simulate_history(cluster: SimulatedCluster, *, now: datetime, seed: int = 1) -> list[Moment]:
    """Fill the cluster with its nodes and the pods of the 30 days before `now`; ended pods are all still there.
    Gives what is yet to happen to the jobs that are running: the live part takes it from there."""
    rng = random.Random(seed)
    for name, product in scenario.NODES.items():
        cluster.add_node(node(name, at=now - timedelta(days=200), product=product))
    narrator = Narrator(rng, now=now)
    moments = [*_storm(now, rng), *_told(narrator, now - _MONTH, now, rng)]
    for moment in _states_at(now, moments):
        moment.show(cluster)
    _crash_loop(now - scenario.CRASH_LOOP_AGO, now, scenario.CRASH_LOOP_RESTARTS).show(cluster)
    return [moment for moment in moments if moment.at > now]


def _states_at(now: datetime, moments: Iterable[Moment]) -> list[Moment]:
    """The last moment of each pod, in the order of time; nothing that was ever there is deleted."""
    latest: dict[object, Moment] = {}
    for moment in moments:
        if moment.at <= now and moment.build is not None:
            latest[moment.run.member] = moment
    return sorted(latest.values(), key=lambda moment: moment.at)


def _told(narrator: Narrator, since: datetime, until: datetime, rng: random.Random) -> Iterator[Moment]:
    """What is submitted between two times, as often as in the month, with all that follows from it."""
    for recipe in scenario.RECIPES:
        for _ in range(round(recipe.runs * ((until - since) / _MONTH))):
            yield from narrator.tell(recipe, _draw_start(since, until, rng))


def _draw_start(since: datetime, until: datetime, rng: random.Random) -> datetime:
    """A moment between the two, by the load of its hour and day."""
    heaviest = max(scenario.HOURLY_LOAD)
    while True:
        at = until - (until - since) * rng.random()
        load = scenario.HOURLY_LOAD[at.hour] / heaviest
        if rng.random() < load * (scenario.WEEKEND_LOAD if at.weekday() >= 5 else 1.0):
            return at


def _storm(now: datetime, rng: random.Random) -> Iterator[Moment]:
    """One job that its controller starts again each minute, in vain."""
    cause = CAUSES["connection-refused"]
    for attempt in range(scenario.STORM_RETRIES):
        created = now - scenario.STORM_AGO + attempt * scenario.STORM_PACE
        finished = created + timedelta(seconds=rng.uniform(25, 50))
        run = Run(
            workload=scenario.STORM,
            created=created,
            node=rng.choice([name for name in scenario.NODES if name != scenario.HOT_NODE]),
            finished=finished,
            attempt=attempt,
        )
        yield Moment(finished, run, cause.end, cause)


def _crash_loop(created: datetime, now: datetime, restarts: int) -> Moment:
    """A service that has crashed so often, the last time just now."""
    run = Run(
        workload=scenario.CRASH_LOOP,
        created=created,
        node="gpu-node-12",
        started=now - timedelta(seconds=15),
        finished=now - timedelta(seconds=3),
    )
    return Moment(now, run, partial(pods.crash_looping, restarts=restarts), CAUSES["connection-refused"], is_first=True)


class LiveTrickle:
    """Jobs that start and end while somebody looks: about one end every second or two, in the scenario's proportions.

    `upcoming` is what `simulate_history` left over. The same seed and steps at the same times give the same cluster.
    Ended pods are removed after a while, and old events, so that it can go on for as long as anybody looks.
    """

    def __init__(
        self, cluster: SimulatedCluster, *, now: datetime, seed: int = 2, upcoming: Iterable[Moment] = ()
    ) -> None:
        self.pace = 1.0
        """How many times as many jobs are submitted."""
        self._speed = 1.0
        self._cluster = cluster
        self.plane = controllers(cluster, now=now, seed=seed).plane
        """What Kubernetes does by itself in this cluster."""
        self._rng = random.Random(seed)
        self._narrator = Narrator(self._rng, now=now, speed=_LIVE_SPEED, first=_FIRST_LIVE_SUBMISSION)
        self._stage = Narrator(random.Random(seed), now=now, speed=_STAGE_SPEED, first=_FIRST_STAGED_SUBMISSION)
        self.bad_nodes = self._stage.bad_nodes = self._narrator.bad_nodes
        """Nodes that fail most of what they get."""
        self._lock = threading.RLock()
        self._order = count()
        self._queue = [(moment.at, next(self._order), moment) for moment in upcoming]
        heapq.heapify(self._queue)
        self._stepped = self._next_start = now
        self._next_restart = now + _RESTARTS_EVERY
        self._next_sweep = now + _SWEEPS_EVERY
        self._serving_since = now - scenario.CRASH_LOOP_AGO
        self._restarts = scenario.CRASH_LOOP_RESTARTS

    def step(self, now: datetime) -> None:
        """Let everything happen that is due; nothing until a time comes that was not lived through yet."""
        with self._lock:
            if now < self._stepped:
                return
            self._narrator.closed_nodes = self.closed_nodes()
            if now - self._stepped > _LATE * self._speed:
                self._live_through(self._stepped, now)
            self._stepped = now
            self._submit(now)
            while self._queue and self._queue[0][0] <= now:
                at, _, moment = heapq.heappop(self._queue)
                self.plane.step(at)
                moment.happen(self.plane)
            if self._next_restart <= now:
                self._restarts += 1
                self._next_restart = now + _RESTARTS_EVERY * self._speed
                _crash_loop(self._serving_since, now, self._restarts).happen(self.plane)
            self.plane.step(now)
            if self._next_sweep <= now:
                self._next_sweep = now + _SWEEPS_EVERY * self._speed
                self._forget_events()

    def keep_pace(self, speed: float) -> None:
        """The clock runs so many times as fast from now on: whoever looks sees as many jobs as before, and they live
        as long as before; they are stamped with the time that is shown."""
        with self._lock:
            self._speed = speed
            self._narrator.speed = _LIVE_SPEED / speed

    def _live_through(self, since: datetime, until: datetime) -> None:
        """Let the jobs of a time that was skipped come at once, in their last state; their pods and logs stay for as
        long as those of others, so that whoever watches finds them."""
        gone_at = until + _KEPT * self._speed
        self._queue = [
            (max(at, gone_at) if moment.build is None else at, order, moment) for at, order, moment in self._queue
        ]
        heapq.heapify(self._queue)
        self._narrator.speed = 1.0
        moments = list(_told(self._narrator, since, until, self._rng)) if self.pace > 0 else []
        self._narrator.speed = _LIVE_SPEED / self._speed
        later = [moment for moment in moments if moment.at > until]
        unfinished = {moment.run.member for moment in later}
        for moment in _states_at(until, moments):
            self._push(moment.at, replace(moment, stop=None, is_first=True))
            if moment.run.member not in unfinished:
                self._push(gone_at, Moment(gone_at, moment.run, None))
        self._add(later)
        self._next_start = until

    def stage(self, tell: Callable[[Narrator], Iterable[Moment]]) -> None:
        """Let something more happen, told by a narrator for whom an hour lasts four seconds. From any thread."""
        with self._lock:
            self._stage.closed_nodes = self.closed_nodes()
            self._add(tell(self._stage))

    def mend(self, name: str) -> None:
        """A bad node is well from now on: the jobs that run on it end well, too."""
        with self._lock:
            self.bad_nodes.discard(name)
            hot = [CAUSES[name] for name in scenario.HOT_CAUSES]
            self._queue = [
                (at, order, replace(moment, build=pods.succeeded, cause=None))
                if moment.run.node == name and moment.cause in hot
                else (at, order, moment)
                for at, order, moment in self._queue
            ]

    def closed_nodes(self) -> frozenset[str]:
        """Nodes that are cordoned."""
        _, closed = self._cluster.select(NODES, lambda node: node.fields.get("spec.unschedulable") == "true")
        return frozenset(node.name for node in closed)

    def run(self, stop: threading.Event, *, clock: Callable[[], datetime] = utc_now) -> None:
        """Step twice a second until told to stop."""
        while not stop.wait(_TICK):
            self.step(clock())

    def _submit(self, now: datetime) -> None:
        if self.pace <= 0:
            self._next_start = now
            return
        weights = [recipe.runs for recipe in scenario.RECIPES]
        while self._next_start <= now:
            (recipe,) = self._rng.choices(scenario.RECIPES, weights)
            self._add(self._narrator.tell(recipe, self._next_start))
            self._next_start += self._rng.expovariate(1.0) * _STARTS_EVERY * self._speed / self.pace

    def _add(self, moments: Iterable[Moment]) -> None:
        """Queue what happens, and after each pod's end its removal."""
        last: dict[Member, Moment] = {}
        for moment in moments:
            last[moment.run.member] = moment
            self._push(moment.at, moment)
        for moment in last.values():
            if moment.build is not None:
                gone_at = moment.at + _KEPT * self._speed
                self._push(gone_at, Moment(gone_at, moment.run, None))

    def _push(self, at: datetime, moment: Moment) -> None:
        heapq.heappush(self._queue, (at, next(self._order), moment))

    def _forget_events(self) -> None:
        stored = sorted(self._cluster.select(EVENTS)[1], key=lambda one: one.resource_version)
        for old in stored[:-_MOST_EVENTS]:
            with suppress(NotThere):  # somebody was faster
                self._cluster.delete(EVENTS, old.namespace, old.name)
