from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec

from bot.cluster.pods import Pod
from bot.cluster.rollouts import Rollouts
from bot.cluster.submission import Place
from bot.domain.workload.version import ROLLOUT, VersionSeen
from playground.kube.pods import Run, running
from playground.kube.workloads import Workload

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
PLACE = Place("prod")


def pod(created: datetime, *, kind: str = "Deployment", image: str = "serve:1", index: int = 0) -> Pod:
    workload = Workload(name="serve", kind=kind, project="production", image=image)
    body = running(Run(workload=workload, created=created, index=index))
    return msgspec.json.decode(msgspec.json.encode(body), type=Pod)


def test_the_first_pod_of_a_template_is_a_rollout_and_the_next_ones_are_not() -> None:
    rollouts = Rollouts()
    found = rollouts.of(pod(NOW), PLACE)
    assert found is not None
    assert (found.what, found.subject, found.project, found.at) == (ROLLOUT, "serve", "production", NOW)
    assert rollouts.of(pod(NOW, index=1), PLACE) is None
    assert isinstance(rollouts.of(pod(NOW, image="serve:2"), PLACE), VersionSeen)


def test_an_older_pod_of_a_template_moves_the_rollout_back() -> None:
    rollouts = Rollouts()
    rollouts.of(pod(NOW), PLACE)
    older = rollouts.of(pod(NOW - timedelta(hours=1), index=1), PLACE)
    assert older is not None
    assert older.at == NOW - timedelta(hours=1)


def test_pods_of_jobs_that_run_to_an_end_are_no_rollouts() -> None:
    assert Rollouts().of(pod(NOW, kind="Job"), PLACE) is None
