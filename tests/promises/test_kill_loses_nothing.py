"""`kill -9` at any moment: no failure lost, none counted twice."""

from __future__ import annotations

import random
import threading
from datetime import timedelta
from pathlib import Path

from bot.clock import utc_now
from bot.domain.period import Period
from bot.domain.scope import Scope
from bot.services.answers.analyze import stats
from bot.store.store import Store, open_store
from playground.kube.cluster import SimulatedCluster
from playground.kube.pods import Run, failed, oom_killed, running, succeeded
from playground.kube.workloads import Workload
from tests.promises.whole_bot import wait_for, whole_bot

PODS = 500
KILLS = 6


def test_the_bot_is_killed_at_random_moments_while_500_pods_fail_and_every_failure_is_there_once(
    tmp_path: Path,
) -> None:
    cluster, rng = SimulatedCluster(), random.Random(9)
    with whole_bot(tmp_path, cluster) as bot:
        done = threading.Event()
        life = threading.Thread(target=_let_pods_fail, args=(cluster, done))
        bot.start()
        bot.wait_until_ready()
        life.start()
        for _ in range(KILLS):
            threading.Event().wait(rng.uniform(0.1, 1.0))
            bot.kill()
            bot.start()
            if rng.random() < 0.5:  # half of the time it has come up before it is killed again
                bot.wait_until_ready()
        assert done.wait(60)
        life.join()
        store = open_store(bot.database)
        wait_for(lambda: _failures(store) >= PODS, what=f"{PODS} failures")
        bot.wait_until_ready()
        assert bot.stop() == 0

        assert _failures(store) == PODS
        attempts = [one for number in range(PODS) for one in store.history.job_attempts(Scope(), f"job-{number}")]
        failures = [one for number in range(PODS) for one in store.history.job_failures(Scope(), f"job-{number}")]
        store.close()
    assert len(attempts) == PODS
    assert len({one.key for one in attempts}) == PODS
    assert {one.job: one.failure_type for one in failures} == {
        f"job-{number}": "OOMKilled" if number % 3 == 0 else "Error" for number in range(PODS)
    }
    assert {one.occurrences for one in failures} == {1}


def _failures(store: Store) -> int:
    period = Period.last(timedelta(days=2), until=utc_now() + timedelta(minutes=1))
    return sum(row.failures for row in stats(store.evidence, Scope(), period).types)


def _let_pods_fail(cluster: SimulatedCluster, done: threading.Event) -> None:
    """500 jobs run and fail within about six seconds; as many succeed."""
    now = utc_now()
    pause = threading.Event()
    for number in range(PODS):
        run = Run(
            workload=Workload(name=f"job-{number}", gpus=1),
            created=now - timedelta(minutes=5),
            finished=now - timedelta(seconds=1),
        )
        cluster.put_pod(running(run))
        cluster.put_pod(oom_killed(run) if number % 3 == 0 else failed(run))
        fine = Run(workload=Workload(name=f"fine-{number}"), created=now - timedelta(minutes=5), finished=now)
        cluster.put_pod(succeeded(fine))
        pause.wait(0.01)
    done.set()
