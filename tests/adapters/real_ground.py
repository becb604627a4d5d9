"""The bot's own watcher on a simulated cluster that lives as a real one does, over HTTP, into a real store. Time is the
cluster's: a test lets it pass, and the bot is as quick as it can."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from bot.catalogue import load
from bot.cluster import source
from bot.cluster.client import connect
from bot.cluster.patience import Patience
from bot.cluster.source import ClusterSource
from bot.domain.diagnosis import diagnose
from bot.domain.incidents.outage import Outage
from bot.domain.scope import Scope
from bot.domain.workload.attempt import Attempt
from bot.domain.workload.failure import Failure
from bot.services.recording.record import Scribe
from bot.services.recording.watch import Tally, watch_cluster
from bot.store.store import Store
from playground.kube.cluster import Body, SimulatedCluster
from playground.kube.control.controllers import Controllers, controllers
from playground.kube.control.script import ScriptedRun, script
from playground.kube.nodes import node
from playground.kube.resources import JOBS, NODES, PODS
from playground.kube.server import KubeServer, serve_cluster
from tests.adapters.kube_peer import NOW

NAMESPACE = "research"
FOR_EVER = ScriptedRun(after=None)
WELL = ScriptedRun(after=5)
FAILS = ScriptedRun(after=5, exit=1, log="RuntimeError: no\n")
Runs = ScriptedRun | Sequence[ScriptedRun] | Mapping[str, ScriptedRun | Sequence[ScriptedRun]]
PENDING = timedelta(minutes=15)


@dataclass
class Ground:
    """A cluster, and what the bot has recorded of it."""

    live: Controllers
    kube: KubeServer
    store: Store
    source: Callable[[], ClusterSource]
    outages: list[Outage] = field(default_factory=list)
    """What was told of spells in which the cluster was not watched."""
    tally: Tally = field(default_factory=lambda: Tally("real"))
    _over: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None
    _markers: int = 0

    @property
    def cluster(self) -> SimulatedCluster:
        return self.live.plane.cluster

    # What happens

    def pod(self, name: str, runs: Runs = FOR_EVER, *, gpus: int = 1, **spec: Any) -> Body:
        """A pod without an owner."""
        metadata = {"name": name, "namespace": NAMESPACE, "annotations": _script(runs)}
        return self.live.plane.create(PODS, {"metadata": metadata, "spec": _pod_spec(gpus) | spec})

    def job(
        self, name: str, runs: Runs = FOR_EVER, *, gpus: int = 1, pod: Mapping[str, Any] | None = None, **spec: Any
    ) -> Body:
        """A batch Job; `pod` is more of its pods' spec."""
        template = {"metadata": {"annotations": _script(runs)}, "spec": _pod_spec(gpus) | dict(pod or {})}
        body = {
            "metadata": {"name": name, "namespace": NAMESPACE},
            "spec": {"backoffLimit": 0, "template": template, **spec},
        }
        return self.live.plane.create(JOBS, body)

    def after(self, seconds: float) -> None:
        """Time passes, all at once for the bot."""
        self.live.plane.advance(seconds)

    def slowly(self, seconds: int) -> None:
        """Time passes, and the bot reads as it does."""
        for _ in range(seconds):
            self.live.plane.advance(1)
            threading.Event().wait(0.03)

    def find(self, name: str) -> Body:
        """The pod of this name, or the one of this Job."""
        (found,) = (
            pod
            for pod in self.cluster.pods()
            if name in {pod["metadata"]["name"], (pod["metadata"].get("labels") or {}).get("job-name")}
        )
        return found

    def taint(self, node: str, **taint: str) -> None:
        """A person taints a node."""
        body = self.cluster.get(NODES, "", node)
        self.live.plane.edit(
            NODES, body, lambda one: one["spec"].setdefault("taints", []).append({"effect": "NoExecute", **taint})
        )

    # The bot

    def start(self) -> None:
        """The bot starts, and has listed every pod."""
        self.tally, self._over = Tally("real"), threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()
        self.wait_for(lambda: bool(self.tally.lists))

    def stop(self) -> None:
        """The bot stops; what it has recorded stays."""
        self._over.set()
        if self._thread is not None:
            self._thread.join()
        assert self.tally.crashes == 0

    def _watch(self) -> None:
        catalogue = load()
        scribe = Scribe(recorder=self.store.recorder, diagnose=lambda evidence: diagnose(evidence, catalogue))
        with ThreadPoolExecutor(4) as pool:
            watch_cluster(
                "real",
                self.source(),
                scribe,
                pool=pool,
                stop=self._over,
                tally=self.tally,
                tell_blind=self.outages.append,
            )

    # What the bot knows

    def settle(self) -> None:
        """Wait until the bot has seen all that happened, and has read all evidence of it."""
        for _ in range(2):  # when the bot writes of the second one, it has asked for all evidence of before the first
            self._markers += 1
            name = f"marker-{self._markers}"
            self.pod(name, ScriptedRun(after=0.1), gpus=0)
            self.after(2)
            self.wait_for(partial(self.attempts, name))
        self.wait_for(lambda: not self.tally.evidence_waiting)

    def wait_for(self, holds: Callable[[], object]) -> None:
        for _ in range(1500):
            if holds():
                return
            threading.Event().wait(0.02)
        raise AssertionError(self.tally)

    def attempts(self, job: str) -> list[Attempt]:
        return self.store.history.job_attempts(Scope(), job, limit=10_000)

    def outcomes(self, *jobs: str) -> dict[str, int]:
        """How the attempts of jobs ended."""
        return dict(Counter(str(each.outcome) for job in jobs for each in self.attempts(job)))

    def failures(self, job: str) -> list[Failure]:
        return self.store.history.job_failures(Scope(), job, limit=10_000)


def _script(runs: Runs) -> dict[str, str]:
    return script(**runs) if isinstance(runs, Mapping) else script(main=runs)


def _pod_spec(gpus: int) -> dict[str, Any]:
    asked = {"cpu": "1", "memory": "1Gi"} | ({"nvidia.com/gpu": str(gpus)} if gpus else {})
    container = {"name": "main", "image": "registry.example/train:1", "resources": {"limits": asked, "requests": asked}}
    return {"restartPolicy": "Never", "terminationGracePeriodSeconds": 5, "containers": [container]}


@contextmanager
def watched(store: Store, folder: Path, *, nodes: int = 4, pending: timedelta = PENDING) -> Iterator[Ground]:
    """A cluster with so many nodes, and the bot watching it until the block ends."""
    cluster = SimulatedCluster()
    for number in range(nodes):
        cluster.add_node(node(f"gpu-{number}", at=NOW))
    live = controllers(cluster, now=NOW)
    with serve_cluster(cluster, clock=live.plane.clock) as kube:
        config = str(kube.kubeconfig(folder / "kubeconfig"))
        ground = Ground(live, kube, store, lambda: _source(config, live.plane.clock, pending))
        ground.start()
        try:
            yield ground
        finally:
            ground.stop()


def _source(config: str, clock: Callable[[], datetime], pending: timedelta) -> ClusterSource:
    return source.watched(
        connect(config_file=config),
        "real",
        project_labels=("runai/queue",),
        log_lines=100,
        pending=pending,
        clock=clock,
        silence=2.0,
        patience=lambda: Patience(first=0.05, longest=0.2),
    )
