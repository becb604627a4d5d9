from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.catalogue import load
from bot.clock import utc_now
from bot.cluster.client import connect
from bot.cluster.patience import Patience
from bot.cluster.source import ClusterSource
from bot.cluster.submission import Place
from bot.domain.diagnosis import diagnose
from bot.domain.period import Period
from bot.domain.scope import Scope
from bot.domain.workload.failure import Failure
from bot.domain.workload.version import ROLLOUT, Version
from bot.services.recording.record import Scribe
from bot.services.recording.watch import Tally, watch_cluster
from bot.store.store import Store
from playground.kube.cluster import SimulatedCluster
from playground.kube.pods import Run, failed, oom_killed, running, succeeded
from playground.kube.server import KubeServer, serve_cluster
from playground.kube.workloads import Workload


@dataclass
class Bot:
    """A watch on a simulated cluster, into a real store."""

    kube: KubeServer
    store: Store
    tally: Tally

    def fail(self, name: str, *, log: str = "") -> None:
        pod = self.kube.cluster.put_pod(
            failed(Run(workload=Workload(name=name), created=_ago(hours=1), finished=_ago()))
        )
        self.kube.cluster.set_logs(pod, log)

    def failures(self, *names: str) -> list[Failure]:
        return [each for name in names for each in self.store.history.job_failures(Scope(), name)]

    def wait_for(self, holds: Callable[[], bool]) -> None:
        for _ in range(600):
            if holds():
                return
            threading.Event().wait(0.02)
        raise AssertionError(self.tally)


def _ago(**length: float) -> datetime:
    return utc_now() - timedelta(**length)


@pytest.fixture
def bot(tmp_path: Path, sqlite_store: Store) -> Iterator[Bot]:
    catalogue, stop, tally = load(), threading.Event(), Tally("sim")
    with serve_cluster(SimulatedCluster()) as kube, ThreadPoolExecutor(2) as pool:
        source = ClusterSource(
            connect(config_file=str(kube.kubeconfig(tmp_path / "kubeconfig"))),
            Place("sim", ("runai/queue",)),
            log_lines=100,
            pending=timedelta(minutes=15),
            clock=utc_now,
            silence=1.0,
            patience=lambda: Patience(first=0.05, longest=0.2),
        )
        scribe = Scribe(recorder=sqlite_store.recorder, diagnose=lambda evidence: diagnose(evidence, catalogue))
        arguments = {"pool": pool, "stop": stop, "tally": tally}
        thread = threading.Thread(target=watch_cluster, args=("sim", source, scribe), kwargs=arguments)
        thread.start()
        bot = Bot(kube, sqlite_store, tally)
        try:
            bot.wait_for(lambda: bool(tally.lists))
            yield bot
        finally:
            stop.set()
            thread.join()
    assert tally.crashes == 0


def test_a_failure_is_known_with_its_cause_and_without_its_secrets(bot: Bot) -> None:
    bot.fail(
        "bert",
        log="token=hf_abcdefghijklmnopqrstuvwxyz0123\nRuntimeError: CUDA out of memory. Tried to allocate 2 GiB\n",
    )
    bot.wait_for(lambda: any(each.signature for each in bot.failures("bert")))
    (failure,) = bot.failures("bert")
    assert (failure.failure_type, failure.signature, failure.project) == ("Error", "cuda-out-of-memory", "ml-team")
    assert failure.logs_snippet is not None
    assert "hf_abcdef" not in failure.logs_snippet


@pytest.mark.parametrize("trouble", ["cut", "hang", "drop", "expire", "errors"])
def test_nothing_is_lost_or_counted_twice_through_trouble(bot: Bot, trouble: str) -> None:
    bot.fail("before")
    bot.wait_for(lambda: bool(bot.failures("before")))
    kube = bot.kube
    begin: dict[str, tuple[Callable[[], None], ...]] = {
        "cut": (kube.cut,),
        "hang": (kube.hang,),
        "drop": (kube.drop_watches,),
        "expire": (kube.cluster.expire_history, kube.drop_watches),
        "errors": (lambda: kube.fail_next(5, 500), kube.drop_watches),
    }
    for step in begin[trouble]:
        step()
    bot.fail("meanwhile")
    if trouble in {"cut", "hang"}:
        kube.restore()
    bot.fail("after")
    bot.wait_for(lambda: len(bot.failures("before", "meanwhile", "after")) == 3)
    assert [each.occurrences for each in bot.failures("before", "meanwhile", "after")] == [1, 1, 1]


def test_a_resubmission_that_succeeds_resolves_what_failed(bot: Bot) -> None:
    job = Workload(name="train-bert")
    bot.kube.cluster.put_pod(oom_killed(Run(workload=job, created=_ago(hours=2), finished=_ago(hours=1))))
    bot.wait_for(lambda: bool(bot.failures("train-bert")))
    again = Workload(name="train-bert", submission=1, memory="128Gi")
    bot.kube.cluster.put_pod(succeeded(Run(workload=again, created=_ago(minutes=50), finished=_ago())))
    bot.wait_for(lambda: bot.failures("train-bert")[0].resolution is not None)
    assert bot.failures("train-bert")[0].failure_type == "OOMKilled"


def test_the_first_pod_of_a_services_new_template_is_recorded_as_its_rollout(bot: Bot) -> None:
    def deploy(image: str, **ago: float) -> None:
        workload = Workload(name="serve", kind="Deployment", project="production", image=image)
        for index in range(3):
            bot.kube.cluster.put_pod(running(Run(workload=workload, created=_ago(**ago), index=index)))

    def rollouts() -> list[Version]:
        return list(bot.store.evidence.inventory(Scope(), Period(_ago(days=9), utc_now())).changed)

    deploy("serve:1", days=2)
    deploy("serve:2", hours=1)
    bot.wait_for(lambda: bool(rollouts()))
    (one,) = rollouts()
    assert (one.what, one.cluster, one.project, one.subject) == (ROLLOUT, "sim", "production", "serve")
    assert timedelta(minutes=59) < utc_now() - one.first_seen < timedelta(minutes=61)
