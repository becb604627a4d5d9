from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
import yaml

from bot.domain.workload.gang import gang_of
from bot.domain.workload.pod_meta import Owner, PodMeta
from bot.domain.workload.project import owner_of
from bot.domain.workload.submitted import identify
from tests.truth import FOLDER

CREATED = datetime(2026, 11, 23, 12, 0, 20, tzinfo=UTC)
PODS = [
    pytest.param(pod, id=f"{entry['operator']}: {pod['name']}")
    for entry in yaml.safe_load((FOLDER / "operators.yaml").read_text(encoding="utf-8"))
    for pod in entry["pods"]
]


def meta(pod: dict[str, Any]) -> PodMeta:
    kind, name, uid = pod.get("owner", "//").split("/")
    return PodMeta(
        name=pod["name"],
        namespace="ns",
        labels=pod.get("labels", {}),
        annotations=pod.get("annotations", {}),
        owners=[Owner(kind, name, uid, controller=True)] if kind else [],
        created_at=CREATED,
        containers=pod.get("containers", []),
        ray_tags=pod.get("ray_tags"),
        scheduling_group=pod.get("scheduling_group"),
    )


@pytest.mark.parametrize("pod", PODS)
def test_every_operators_pod_belongs_to_what_a_person_submitted(pod: dict[str, Any]) -> None:
    job, known = identify(meta(pod)), pod["is"]
    assert (job.name, job.kind, job.uid) == (known["job"], known["kind"], known["uid"])


@pytest.mark.parametrize("pod", PODS)
def test_launcher_submitter_head_and_workers_are_one_gang(pod: dict[str, Any]) -> None:
    assert gang_of(meta(pod)) == pod["is"]["gang"]


@pytest.mark.parametrize("pod", [pod for pod in PODS if "owner" in pod.values[0]["is"]])  # type: ignore[index]  # pytest's
def test_the_person_is_told_by_every_operator_that_knows(pod: dict[str, Any]) -> None:
    assert owner_of(meta(pod)) == pod["is"]["owner"]
