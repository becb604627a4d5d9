from __future__ import annotations

import json
import tracemalloc
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.cluster.claims import claims_by_name
from bot.cluster.client import connect
from bot.cluster.evidence import Collector
from bot.cluster.gpu_nodes import gpu_nodes
from bot.domain.workload.accelerators import gpu_type
from bot.domain.workload.attempt import Attempt, Outcome
from bot.domain.workload.pod_evidence import Evidence
from bot.domain.workload.sighting import Sighting
from bot.services.errors import Unavailable
from tests.adapters.scripted_api import Answer, refusal, scripted

LOG = "/api/v1/namespaces/ml/pods/p/log"
EVENTS = "/api/v1/namespaces/ml/events"
DEVICES = "/apis/resource.k8s.io"
REVIEWS = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
AT = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def answer(body: Any) -> Answer:
    return Answer(body=json.dumps(body).encode())


def sighting(**more: Any) -> Sighting:
    whole: dict[str, Any] = {
        "attempt": Attempt(
            cluster="c", job="j", pod_uid="u", pod_name="p", container="main", node="n1", outcome=Outcome.FAILED
        ),
        "namespace": "ml",
        "evidence": Evidence(reason="Error", exit_code=1),
        "timestamp": AT,
        "has_logs": True,
        **more,
    }
    return Sighting(**whole)


def test_evidence_is_logs_events_and_the_nodes_odd_conditions(tmp_path: Path) -> None:
    events = [
        {"reason": "BackOff", "message": "Back-off\nrestarting", "lastTimestamp": "2026-11-23T12:00:02Z"},
        {"type": "Normal", "reason": "Started", "message": "Container", "lastTimestamp": "2026-11-23T12:00:00Z"},
        {"reason": "FailedScheduling", "message": "0/6 nodes", "lastTimestamp": "2026-11-23T11:00:00Z"},
        {"reason": "BackOff", "message": "Back-off restarting", "eventTime": "2026-11-23T12:00:03Z"},
    ]
    conditions = [
        {"type": "Ready", "status": "False", "reason": "KubeletNotReady", "message": "PLEG is not healthy"},
        {"type": "MemoryPressure", "status": "False", "reason": "KubeletHasSufficientMemory"},
        {"type": "GpuProblem", "status": "True", "reason": "Xid", "message": "Xid 79"},
    ]
    others = {
        LOG: Answer(body=b"step 1\nboom\xff\n"),
        EVENTS: answer({"items": events}),
        "/api/v1/nodes/n1": answer({"status": {"conditions": conditions}}),
    }
    with scripted(others=others) as api:
        collector = Collector(connect(config_file=api.kubeconfig(tmp_path / "k")), log_lines=50)
        evidence = collector.evidence(sighting())
        collector.evidence(sighting(occurrences=2))
        again = collector.evidence(sighting(occurrences=2, runs_again=True))
        asked = [query for path, query in api.asked if path == LOG]
        nodes = [path for path, _ in api.asked if path == "/api/v1/nodes/n1"]
        assert set(api.tokens) == {"Bearer secret"}
        assert ("/api/v1/namespaces/ml/events", "involvedObject.uid=u") in [
            (path, query.get("fieldSelector")) for path, query in api.asked
        ]
    assert evidence.logs == "step 1\nboom�\n"
    assert evidence.previous_logs == ""
    assert again == evidence
    assert evidence.events.splitlines() == [
        "BackOff: Back-off restarting",
        "NodeNotReady: KubeletNotReady: PLEG is not healthy",
        "GpuProblem: Xid: Xid 79",
    ]
    assert asked[0]["tailLines"] == "50"
    assert ["previous" in each for each in asked] == [False, False, True]
    assert len(nodes) == 1


def test_what_is_gone_or_forbidden_is_missing_from_the_evidence(tmp_path: Path) -> None:
    others = {LOG: refusal(404), EVENTS: refusal(403), "/api/v1/nodes/n1": refusal(500)}
    with scripted(others=others) as api:
        collector = Collector(connect(config_file=api.kubeconfig(tmp_path / "k")), log_lines=50)
        known = Evidence(reason="Evicted", message="low on memory")
        evidence = collector.evidence(sighting(evidence=known))
    assert evidence == Evidence(reason="Evicted", message="low on memory", events="Evicted: low on memory", unread=True)


def test_what_is_gone_is_no_reason_to_ask_again(tmp_path: Path) -> None:
    with scripted(others={LOG: refusal(404), EVENTS: refusal(404)}) as api:
        evidence = Collector(connect(config_file=api.kubeconfig(tmp_path / "k")), log_lines=50).evidence(sighting())
    assert not evidence.unread


@pytest.mark.parametrize(
    "excuse",
    [
        "unable to retrieve container logs for containerd://2c86c3fe101a5935",
        'failed to try resolving symlinks in path "/var/log/pods/p/main/0.log": no such file or directory\n',
        'rpc error: code = NotFound desc = an error occurred when try to find container "2c86": not found',
    ],
)
def test_what_is_said_instead_of_a_log_is_no_log(tmp_path: Path, excuse: str) -> None:
    with scripted(others={LOG: Answer(body=excuse.encode())}) as api:
        evidence = Collector(connect(config_file=api.kubeconfig(tmp_path / "k")), log_lines=50).evidence(sighting())
    assert evidence.logs == ""


def test_of_a_crash_loop_the_newest_log_leads_and_an_older_one_stands_in_for_it(tmp_path: Path) -> None:
    with scripted(others={LOG: Answer()}) as api:
        collector = Collector(connect(config_file=api.kubeconfig(tmp_path / "k")), log_lines=50)
        collector.evidence(sighting(occurrences=2))
        asked = [query for path, query in api.asked if path == LOG]
    assert ["previous" in each for each in asked] == [False, True]


def test_a_log_that_nobody_sends_cuts_the_evidence_short(tmp_path: Path) -> None:
    events = answer({"items": [{"reason": "Unhealthy", "message": "Liveness probe failed"}]})
    with scripted(others={LOG: Answer(pieces=(b"step 1",), then="drop"), EVENTS: events}) as api:
        evidence = Collector(connect(config_file=api.kubeconfig(tmp_path / "k")), log_lines=9).evidence(sighting())
    said = "Unhealthy: Liveness probe failed"
    assert evidence == Evidence(reason="Error", exit_code=1, events=said, unread=True)


def test_a_container_that_never_ran_has_no_log_to_ask_for(tmp_path: Path) -> None:
    with scripted() as api:
        Collector(connect(config_file=api.kubeconfig(tmp_path / "k")), log_lines=50).evidence(sighting(has_logs=False))
        assert LOG not in [path for path, _ in api.asked]


def test_only_the_end_of_a_long_log_is_kept(tmp_path: Path) -> None:
    with scripted(others={LOG: Answer(body=b"x" * 1_000_000 + b"the end")}) as api:
        client = connect(config_file=api.kubeconfig(tmp_path / "k"))
        log = client.log("ml", "p", "main", lines=10, previous=False, most=1000)
    assert len(log) == 1000
    assert log.endswith("the end")


def test_a_server_that_sends_a_log_without_end_is_read_no_further_than_was_asked(tmp_path: Path) -> None:
    piece = b"step\n" * 200_000
    path = "/api/v1/namespaces/x/pods/p/log"
    with scripted(others={path: Answer(pieces=(piece,) * 100)}) as api:
        client = connect(config_file=api.kubeconfig(tmp_path / "kubeconfig"))
        tracemalloc.start()
        log = client.log("x", "p", "main", lines=100, previous=False, most=1000)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert len(log) == 1000
    assert peak < 20 * 1024 * 1024


def test_names_from_the_cluster_stay_one_part_of_a_path(tmp_path: Path) -> None:
    with scripted() as api:
        connect(config_file=api.kubeconfig(tmp_path / "k")).log("ml", "../../x?y", "m", lines=1, previous=False, most=9)
        assert api.asked[0][0] == "/api/v1/namespaces/ml/pods/..%2F..%2Fx%3Fy/log"


def test_access_says_each_right_and_whether_it_is_there(tmp_path: Path) -> None:
    with scripted(others={REVIEWS: answer({"status": {"allowed": True}}), DEVICES: refusal(404)}) as api:
        rights = connect(config_file=api.kubeconfig(tmp_path / "k")).access()
        asked = [json.loads(body)["spec"]["resourceAttributes"] for body in api.bodies]
    assert all(allowed for _, allowed in rights)
    rights_of_pods = {"verb": "get", "group": "", "resource": "pods"}
    assert rights_of_pods | {"verb": "watch", "subresource": ""} in asked
    assert rights_of_pods | {"subresource": "log"} in asked
    assert {"verb": "get", "group": "batch", "resource": "jobs", "subresource": ""} in asked
    assert not any(each["group"] == "resource.k8s.io" for each in asked), "the server does not serve it"


def served(version: str, *kinds: str) -> dict[str, Answer]:
    """What an API server says of the devices that it serves."""
    group = {"preferredVersion": {"version": version}, "versions": [{"version": version}]}
    listed = {"resources": [{"name": kind} for kind in kinds]}
    return {DEVICES: answer(group), f"{DEVICES}/{version}": answer(listed)}


def test_a_right_to_claims_is_asked_for_where_claims_are_served(tmp_path: Path) -> None:
    others = {REVIEWS: answer({"status": {"allowed": False}})} | served("v1", "resourceclaims", "resourceslices")
    with scripted(others=others) as api:
        rights = connect(config_file=api.kubeconfig(tmp_path / "k")).access()
    asked = [right.partition(":")[0] for right, _ in rights if DEVICES.removeprefix("/apis/") in right]
    assert asked == ["list resourceclaims.resource.k8s.io", "list resourceslices.resource.k8s.io"]


def test_claims_are_read_in_the_version_that_the_server_prefers(tmp_path: Path) -> None:
    claim = {"metadata": {"namespace": "ml", "name": "gpus"}}
    others = served("v1beta2", "resourceclaims") | {f"{DEVICES}/v1beta2/resourceclaims": answer({"items": [claim]})}
    with scripted(others=others) as api:
        client = connect(config_file=api.kubeconfig(tmp_path / "k"))
        assert list(claims_by_name(client.device_objects("resourceclaims"))) == [("ml", "gpus")]


def test_the_version_and_the_gpu_types_are_read(tmp_path: Path) -> None:
    labels = {"nvidia.com/gpu.product": "NVIDIA-H100"}
    nodes = {"items": [{"metadata": {"name": "n1", "labels": labels}}, {"metadata": {"name": "cpu"}}, 5]}
    nodes["items"].pop()
    others = {"/version": answer({"gitVersion": "v1.34.2"}), "/api/v1/nodes": answer(nodes)}
    with scripted(others=others) as api:
        client = connect(config_file=api.kubeconfig(tmp_path / "k"))
        assert client.version() == "v1.34.2"
        found = gpu_nodes(client.nodes())
        assert {name: gpu_type(node.labels) for name, node in found.items()} == {"n1": "NVIDIA-H100", "cpu": None}


def test_a_rotated_token_file_is_read_again_after_a_401(tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("first", encoding="utf-8")
    with scripted(others={"/version": refusal(401, "Unauthorized")}) as api:
        client = connect(config_file=api.kubeconfig(tmp_path / "k", user={"tokenFile": str(token)}))
        token.write_text("second", encoding="utf-8")
        with pytest.raises(Unavailable) as refused:
            client.version()
        assert not refused.value.permanent
        api.others["/version"] = answer({"gitVersion": "v1"})
        assert client.version() == "v1"
        assert api.tokens == ["Bearer first", "Bearer second"]


def test_a_wrong_context_or_file_is_a_permanent_mistake_in_words(tmp_path: Path) -> None:
    with scripted() as api:
        kubeconfig = api.kubeconfig(tmp_path / "k")
    with pytest.raises(Unavailable, match="nowhere") as wrong:
        connect("nowhere", config_file=kubeconfig)
    assert wrong.value.permanent
    with pytest.raises(Unavailable, match="missing"):
        connect(config_file=str(tmp_path / "missing"))
    (tmp_path / "broken").write_text("{[", encoding="utf-8")
    with pytest.raises(Unavailable, match="broken"):
        connect(config_file=str(tmp_path / "broken"))
