"""What a visitor may let happen in the simulated cluster while it lives: a job fails, a node goes bad, an image is
broken, the pace changes. All of it happens through pods and nodes, as the bot sees it in life; only the jobs are
shorter."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from bot.clock import utc_now
from playground.kube import scenario
from playground.kube.causes import CAUSES
from playground.kube.glance import Glance
from playground.kube.nodes import node as node_json
from playground.kube.scenario import RECIPES, Recipe
from playground.kube.server import KubeServer
from playground.kube.simulation import LiveTrickle
from playground.kube.story import Moment, Narrator
from playground.kube.workloads import Workload


class NotStaged(Exception):
    """There is no such thing to happen; the text says so."""


@dataclass(frozen=True, slots=True)
class Mishap:
    """A job that can be made to fail, and of what."""

    job: str
    cause: str
    about: str


MISHAPS: Mapping[str, Mishap] = {
    "memory": Mishap("train-bert", "host-oom", "train-bert runs out of memory"),
    "cuda memory": Mishap("finetune-llama", "cuda-oom", "finetune-llama runs out of GPU memory"),
    "nccl": Mishap("llm-pretrain", "nccl-timeout", "llm-pretrain's ranks lose each other (NCCL)"),
    "image": Mishap("notebook-gpu", "image-not-found", "notebook-gpu's image cannot be pulled"),
    "mystery": Mishap("rank-ads", "no-licence", "rank-ads fails, and nobody knows why"),
    "module": Mishap("tune-ranker", "missing-module", "tune-ranker misses a Python module"),
}
PACES: Mapping[str, float] = {"paused": 0.0, "calm": 1.0, "busy": 5.0, "rush": 30.0}
"""How many times as many jobs as in the scenario's live part."""

_BROKEN_IMAGE = "registry.example/vision:1.6"
_BROKEN_JOBS = 8
_ON_BAD_NODE = 14
"""Jobs that a node gets as soon as it goes bad, so that it shows within a minute."""
_BURN_IN = 80
"""Jobs that prove a mended node: so many that its failures of the last day are a small share of what it got."""
_APART = timedelta(seconds=0.2)
_BRIEF = timedelta(seconds=1.5)
"""How long a job runs that somebody lets fail."""


class Director:
    """Lets things happen in a served cluster. May be used from any thread."""

    def __init__(self, server: KubeServer, trickle: LiveTrickle, *, clock: Callable[[], datetime] = utc_now) -> None:
        self.server = server
        self._trickle = trickle
        self._clock = clock
        self._glance = Glance(server.cluster)
        self._pushed = 0
        self._burnt = 0

    def look(self) -> dict[str, Any]:
        """Nodes and jobs at a glance, and what is on."""
        pace = next((name for name, rate in PACES.items() if rate == self._trickle.pace), "")
        seen = self._glance.look()
        away = not self.server.serving.is_up
        return {**seen, "version": f"{seen['version']}/{pace}/{away}", "pace": pace, "away": away}

    def fail_job(self, mishap: str) -> str:
        """Let a job run for a moment and fail. Raises NotStaged."""
        known = MISHAPS.get(mishap)
        if known is None:
            raise NotStaged("there is no such mishap")
        now = self._clock()
        workload, _ = _recipe(known.job).at(timedelta(), 0.0)
        self._trickle.stage(lambda narrator: narrator.once(workload, known.cause, now, end=now + _BRIEF))
        return f"{workload.name} was submitted; it fails in a few seconds."

    def fix_memory(self) -> str:
        """Submit the job that ran out of memory with twice as much: this run succeeds."""
        now = self._clock()
        workload, _ = _recipe("train-bert").at(timedelta(), 0.0)
        mended = CAUSES["host-oom"].change(workload)
        self._trickle.stage(lambda narrator: narrator.once(mended, None, now, end=now + _BRIEF))
        change = f"memory {workload.memory} → {mended.memory}"
        return f"{mended.name} was submitted with {change}; it succeeds in a few seconds."

    def push_image(self) -> str:
        """Let two teams move to an image that lacks a library."""
        now = self._clock()
        for number in range(_BROKEN_JOBS):
            self._pushed += 1
            origin = _recipe("segment-train" if number % 2 else "label-frames").workload
            workload = replace(origin, name=f"{origin.name}-n{self._pushed:02}", image=_BROKEN_IMAGE)
            self._trickle.stage(partial(_broken, workload, now + number * _APART))
        return f"{_BROKEN_JOBS} jobs were submitted with {_BROKEN_IMAGE}; it lacks libcudnn."

    def spoil(self, node: str) -> str:
        """Let a node's GPU fail most of the jobs it gets from now on. Raises NotStaged."""
        self._set_node(node, trouble="NVRM: Xid 79: GPU has fallen off the bus")
        self._trickle.bad_nodes.add(node)
        self._send_jobs_to(node)
        return f"{node} fails most of its jobs from now on. The bot looks once a minute, and tells the on-call channel."

    def mend(self, node: str) -> str:
        """Let a node be well again, and prove it with burn-in jobs that succeed. Raises NotStaged."""
        self._set_node(node, trouble=None)
        self._trickle.mend(node)
        now, product = self._clock(), scenario.NODES[node]
        for number in range(_BURN_IN):
            self._burnt += 1
            workload = Workload(name=f"burn-in-{self._burnt:03}", project="platform", gpu_product=product)
            self._trickle.stage(partial(_healthy, workload, node, now + number * _APART))
        return (
            f"{node} is well again, and {_BURN_IN} burn-in jobs prove it. The bot's next look takes them into account."
        )

    def set_pace(self, pace: str) -> str:
        """Change how many jobs are submitted. Raises NotStaged."""
        if pace not in PACES:
            raise NotStaged("there is no such pace")
        self._trickle.pace = PACES[pace]
        return "No more jobs are submitted." if pace == "paused" else f"Jobs come at {PACES[pace]:g}× now."

    def keep_pace(self, speed: float) -> None:
        """The clock runs so many times as fast: jobs come and go as before for whoever looks."""
        self._trickle.keep_pace(speed)

    def live_until(self, shown: datetime) -> None:
        """Let the cluster live through the time that is about to be skipped."""
        self._trickle.step(shown)

    def _set_node(self, name: str, *, trouble: str | None) -> None:
        product = scenario.NODES.get(name)
        if product is None:
            raise NotStaged("there is no such node")
        closed = name in self._trickle.closed_nodes()
        at = self._clock()
        body = node_json(name, at=at, product=product, gpu_trouble=trouble, unschedulable=closed)
        self.server.cluster.add_node(body)

    def _send_jobs_to(self, node: str) -> None:
        now, product = self._clock(), scenario.NODES[node]
        fitting = [one for one in RECIPES if one.workload.gpu_product == product and one.workload.pods == 1]
        for number in range(_ON_BAD_NODE):
            recipe, start = fitting[number % len(fitting)], now + number * _APART
            self._trickle.stage(partial(Narrator.tell, recipe=recipe, created=start, on=node))


def _broken(workload: Workload, start: datetime, narrator: Narrator) -> Iterable[Moment]:
    return narrator.once(workload, "missing-libcudnn", start, end=start + _BRIEF)


def _healthy(workload: Workload, node: str, start: datetime, narrator: Narrator) -> Iterable[Moment]:
    return narrator.once(workload, None, start, end=start + _BRIEF, on=node)


def _recipe(job: str) -> Recipe:
    return next(recipe for recipe in RECIPES if recipe.workload.name == job)
