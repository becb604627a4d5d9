from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.workload.accelerators import gpu_type
from bot.domain.workload.attempt import Attempt, Outcome
from bot.domain.workload.pending import holding_up, overdue
from bot.domain.workload.pod_evidence import Evidence
from bot.domain.workload.pod_meta import PodMeta
from bot.domain.workload.project import owner_of, project_of
from bot.domain.workload.sidecars import main_containers
from bot.domain.workload.sighting import Sighting, Waiting

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("namespace", "labels", "project"),
    [
        ("runai-ml-team", {}, "ml-team"),
        ("ml-team", {}, "ml-team"),
        ("runai-ml-team", {"project": "vision"}, "vision"),
        ("runai-ml-team", {"project": "vision", "runai/queue": "first"}, "first"),
        ("ns", {"runai/queue": "  "}, "ns"),
        ("", {}, None),
    ],
)
def test_the_project_is_the_first_label_there_is_or_the_namespace(
    namespace: str, labels: dict[str, str], project: str | None
) -> None:
    assert project_of(namespace, labels, ("runai/queue", "project")) == project


def owner(labels: dict[str, str], annotations: dict[str, str]) -> str | None:
    return owner_of(PodMeta(name="pod", labels=labels, annotations=annotations))


def test_the_owner_is_in_annotations_before_labels() -> None:
    assert owner({"user": "label"}, {"run.ai/user": "ana@example.com"}) == "ana@example.com"
    assert owner({"user": "ben"}, {}) == "ben"
    assert owner({"app": "x"}, {}) is None


def test_what_an_operator_says_of_the_owner_comes_before_what_anybody_may_have_meant() -> None:
    assert owner({"owner": "team-blue"}, {"metaflow/user": "mia"}) == "mia"
    assert owner({"workflows.argoproj.io/creator-email": "mia.at.example.com"}, {}) == "mia@example.com"


def test_the_gpu_type_is_the_nodes_before_the_pods_wish() -> None:
    assert gpu_type({"nvidia.com/gpu.product": "H100"}, {"run.ai/type": "A100"}) == "H100"
    assert gpu_type({}, {"run.ai/type": "A100"}) == "A100"
    assert gpu_type({"kubernetes.io/os": "linux"}) is None


def test_sidecars_do_not_do_the_job_unless_there_is_nothing_else() -> None:
    assert main_containers(["main", "istio-proxy", "vault-agent", "log-sidecar"]) == {"main"}
    assert main_containers(["istio-proxy"]) == {"istio-proxy"}


def waiting(since: datetime) -> Waiting:
    attempt = Attempt(cluster="c", job="j", pod_uid="u", outcome=Outcome.FAILED)
    return Waiting(sighting=Sighting(attempt=attempt, namespace="n", evidence=Evidence(), timestamp=since), since=since)


def test_pods_are_overdue_from_the_limit_on_the_longest_first() -> None:
    limit = timedelta(minutes=15)
    pods = {
        "just": waiting(NOW - limit),
        "not yet": waiting(NOW - limit + timedelta(seconds=1)),
        "long": waiting(NOW - timedelta(hours=1)),
    }
    assert overdue(pods, now=NOW, limit=limit) == ["long", "just"]


def test_only_what_holds_a_pod_up_makes_its_slow_start_a_failure() -> None:
    assert holding_up("Scheduled: to n1\nPulling: image x") is None
    assert holding_up("Pulled: x\nFailedMount: Unable to attach or mount volumes") == "FailedMount"
    assert holding_up("FailedMount: a\nFailedCreatePodSandBox: b") == "FailedCreatePodSandBox"
