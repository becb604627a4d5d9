"""The simulated API server when it is not well."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import urllib3

from playground.kube import pods
from playground.kube.cluster import SimulatedCluster
from playground.kube.faults import ODD_OBJECTS
from playground.kube.pods import Run
from playground.kube.workloads import Workload
from tests.adapters.kube_peer import NOW, Peer, connected


@pytest.fixture
def peer(tmp_path: Path) -> Iterator[Peer]:
    with connected(SimulatedCluster(), tmp_path) as peer:
        yield peer


def test_a_server_that_is_cut_off_comes_back_on_its_port_with_all_it_had(peer: Peer) -> None:
    peer.cluster.put_pod(pods.running(Run(workload=Workload(name="bert"), created=NOW)))
    port = peer.server.serving.port
    peer.server.cut()
    with pytest.raises(urllib3.exceptions.HTTPError):
        peer.get("/api/v1/pods")
    peer.server.restore()
    assert peer.server.serving.port == port
    assert len(peer.get("/api/v1/pods")[1]["items"]) == 1


def test_cutting_and_restoring_twice_is_no_harm(peer: Peer) -> None:
    peer.server.cut()
    peer.server.cut()
    peer.server.restore()
    peer.server.restore()
    assert peer.get("/version")[0] == 200


def test_the_next_requests_fail_as_told_and_then_no_more(peer: Peer) -> None:
    peer.server.fail_next(2, 500)
    peer.server.fail_next(1, 429, retry_after=7)
    answers = [peer.open("/api/v1/pods") for _ in range(4)]
    assert [answer.status for answer in answers] == [500, 500, 429, 200]
    assert answers[2].headers["Retry-After"] == "7"
    for answer in answers:
        answer.close()


def test_a_slow_server_is_slow_until_it_is_well(peer: Peer) -> None:
    peer.server.slow(0.2)
    began = time.monotonic()
    peer.get("/api/v1/pods")
    assert time.monotonic() - began >= 0.2
    peer.server.restore()
    began = time.monotonic()
    peer.get("/api/v1/pods")
    assert time.monotonic() - began < 0.2


def test_a_watch_that_was_left_is_forgotten(peer: Peer) -> None:
    answer = peer.open("/api/v1/pods", watch="true", resourceVersion=peer.cluster.resource_version)
    _until(lambda: peer.server.faults.open_watches == 1)
    answer.close()
    _until(lambda: peer.server.faults.open_watches == 0)


def test_a_proxy_answers_with_a_page(peer: Peer) -> None:
    peer.server.faults.show_page(1, 502)
    peer.server.faults.show_page(1, 200)
    answers = [peer.open("/api/v1/pods") for _ in range(3)]
    assert [answer.status for answer in answers] == [502, 200, 200]
    assert [answer.headers["content-type"].partition(";")[0] for answer in answers] == [
        "text/html", "text/html", "application/json"
    ]  # fmt: skip
    for answer in answers:
        answer.close()


def test_a_server_that_is_broken_is_broken_until_it_is_mended(peer: Peer) -> None:
    peer.server.break_down(500)
    assert [peer.get("/api/v1/pods")[0] for _ in range(3)] == [500] * 3
    peer.server.restore()
    assert peer.get("/api/v1/pods")[0] == 200


@pytest.mark.parametrize("watch", ["true", "false"])
def test_a_version_is_yet_to_come_as_often_as_told(peer: Peer, watch: str) -> None:
    version = peer.cluster.resource_version
    peer.server.faults.forget_versions(2)
    assert peer.get("/api/v1/pods")[0] == 200
    for _ in range(2):
        code, status = peer.get("/api/v1/pods", resourceVersion=version, watch=watch)
        assert (code, status["details"]["causes"][0]["reason"]) == (504, "ResourceVersionTooLarge")
    answer = peer.open("/api/v1/pods", resourceVersion=version, watch=watch)
    assert answer.status == 200
    answer.close()


@pytest.mark.parametrize("name", ODD_OBJECTS)
def test_an_odd_object_stands_among_the_others_of_a_list_and_in_a_watch(peer: Peer, name: str) -> None:
    for job in ("a", "b"):
        peer.cluster.put_pod(pods.running(Run(workload=Workload(name=job), created=NOW)))
    peer.server.faults.odd = (ODD_OBJECTS[name],)
    answer = peer.open("/api/v1/pods")
    assert b"," + ODD_OBJECTS[name] + b"," in answer.read()
    answer.release_conn()
    line = b'{"type":"ADDED","object":' + ODD_OBJECTS[name] + b"}"
    peer.server.faults.say(line)
    watch = peer.open("/api/v1/pods", watch="true", resourceVersion=peer.cluster.resource_version)
    assert next(watch.stream(1_000_000)) == line + b"\n"
    watch.close()


def test_a_log_comes_whole_where_its_limits_are_ignored(peer: Peer) -> None:
    pod = peer.cluster.put_pod(pods.failed(Run(workload=Workload(name="a"), created=NOW)))
    peer.cluster.set_logs(pod, "line\n" * 1000)
    name, namespace = pod["metadata"]["name"], pod["metadata"]["namespace"]
    read = peer.core.read_namespaced_pod_log
    assert len(read(name, namespace, tail_lines=10, limit_bytes=20)) == 20
    peer.server.faults.ignores_log_limits = True
    assert len(read(name, namespace, tail_lines=10, limit_bytes=20)) == 5000


def _until(holds: object) -> None:
    assert callable(holds)
    deadline = time.monotonic() + 5
    while not holds():
        assert time.monotonic() < deadline
