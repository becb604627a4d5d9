"""Many pods at once, for benchmarks: a cluster of the size of a large company's."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

from playground.kube import pods
from playground.kube.cluster import SimulatedCluster
from playground.kube.pods import Run
from playground.kube.workloads import Workload

_PROJECTS = tuple(f"project-{number:02d}" for number in range(40))
_PODS_A_JOB = 10


def fill(
    cluster: SimulatedCluster, count: int, *, now: datetime, seed: int = 1, nodes: int = 1000, failing: float = 0.1
) -> None:
    """Add pods that ended in the 30 days before `now`, ten submissions of each job; `failing` is the share of them
    that failed, without logs."""
    rng = random.Random(seed)
    for number in range(count):
        job, submission = divmod(number, _PODS_A_JOB)
        name, project = f"job-{job:05d}", _PROJECTS[job % len(_PROJECTS)]
        finished = now - timedelta(days=30 * rng.random())
        run = Run(
            workload=Workload(name=name, project=project, submission=submission, owner="ana"),
            created=finished - timedelta(hours=1),
            node=f"node-{rng.randrange(nodes):04d}",
            finished=finished,
        )
        cluster.put_pod(pods.failed(run) if rng.random() < failing else pods.succeeded(run))
