"""Watches of the simulated API server, read by the official client."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import urllib3
from kubernetes import client

from playground.kube import pods
from playground.kube.cluster import SimulatedCluster
from playground.kube.pods import Run
from playground.kube.workloads import Workload
from tests.adapters.kube_peer import NOW, Peer, connected


@pytest.fixture
def peer(tmp_path: Path) -> Iterator[Peer]:
    with connected(SimulatedCluster(), tmp_path) as peer:
        yield peer


def _run(name: str = "train-bert", **more: Any) -> Run:
    return Run(workload=Workload(name=name), created=NOW, **more)


class Lines:
    """A watch over a raw connection, line by line."""

    def __init__(self, peer: Peer, **query: object) -> None:
        self._answer = peer.open("/api/v1/pods", watch="true", **query)
        self._chunks = self._answer.stream(65536)
        self._rest = b""

    def next(self) -> tuple[str, Any]:
        while b"\n" not in self._rest:
            self._rest += next(self._chunks)
        line, _, self._rest = self._rest.partition(b"\n")
        event = json.loads(line)
        return event["type"], event["object"]

    def close(self) -> None:
        self._answer.close()
        self._answer.release_conn()


@pytest.fixture
def lines(peer: Peer) -> Iterator[Lines]:
    lines = Lines(peer, resourceVersion=peer.cluster.resource_version)
    yield lines
    lines.close()


def test_a_watch_tells_each_change_in_order(peer: Peer, lines: Lines) -> None:
    peer.cluster.put_pod(pods.running(_run()))
    failed = peer.cluster.put_pod(pods.oom_killed(_run()))
    peer.cluster.delete_pod(failed["metadata"]["namespace"], failed["metadata"]["name"])
    told = [lines.next() for _ in range(3)]
    assert [kind for kind, _ in told] == ["ADDED", "MODIFIED", "DELETED"]
    assert [pod["status"]["phase"] for _, pod in told] == ["Running", "Failed", "Failed"]
    versions = [int(pod["metadata"]["resourceVersion"]) for _, pod in told]
    assert versions == sorted(set(versions))


def test_the_official_client_goes_on_where_its_list_ended(peer: Peer) -> None:
    peer.cluster.put_pod(pods.running(_run("before")))
    version = peer.core.list_pod_for_all_namespaces().metadata.resource_version
    peer.cluster.put_pod(pods.running(_run("after")))
    stream = peer.watch_pods(resource_version=version, timeout_seconds=1)
    assert [(event["type"], event["object"].metadata.labels["job-name"]) for event in stream] == [("ADDED", "after")]


def test_a_watch_from_nowhere_starts_with_what_is_there(peer: Peer) -> None:
    peer.cluster.put_pod(pods.running(_run("before")))
    lines = Lines(peer)
    assert lines.next()[0] == "ADDED"
    peer.cluster.put_pod(pods.succeeded(_run("before")))
    assert lines.next()[0] == "MODIFIED"
    lines.close()


def test_a_pod_that_leaves_the_selection_is_deleted_from_it(peer: Peer) -> None:
    peer.cluster.put_pod(pods.running(_run()))
    lines = Lines(peer, resourceVersion=peer.cluster.resource_version, fieldSelector="status.phase=Running")
    peer.cluster.put_pod(pods.succeeded(_run()))
    peer.cluster.put_pod(pods.succeeded(_run()))
    peer.cluster.put_pod(pods.running(_run()))
    told = [lines.next() for _ in range(2)]
    assert [(kind, pod["status"]["phase"]) for kind, pod in told] == [("DELETED", "Succeeded"), ("ADDED", "Running")]
    lines.close()


def test_a_watch_from_a_forgotten_version_ends_with_410(peer: Peer) -> None:
    version = peer.cluster.resource_version
    peer.cluster.put_pod(pods.running(_run()))
    peer.cluster.expire_history()
    lines = Lines(peer, resourceVersion=version)
    kind, status = lines.next()
    assert (kind, status["code"], status["reason"]) == ("ERROR", 410, "Expired")
    with pytest.raises(StopIteration):
        lines.next()
    lines.close()


def test_the_official_client_sees_410_as_its_own_error(peer: Peer) -> None:
    peer.cluster.expire_history()
    stream = peer.watch_pods(resource_version="1", timeout_seconds=5)
    with pytest.raises(client.ApiException) as caught:
        list(stream)
    assert caught.value.status == 410


def test_an_open_watch_learns_that_the_history_is_gone(peer: Peer, lines: Lines) -> None:
    peer.cluster.put_pod(pods.running(_run()))
    assert lines.next()[0] == "ADDED"
    peer.cluster.expire_history()
    assert lines.next()[1]["code"] == 410


def test_the_history_is_bounded(tmp_path: Path) -> None:
    with connected(SimulatedCluster(history=3), tmp_path) as peer:
        version = peer.cluster.resource_version
        for number in range(5):
            peer.cluster.put_pod(pods.running(_run(f"job-{number}")))
        late = Lines(peer, resourceVersion=version)
        assert late.next()[1]["code"] == 410
        late.close()
        in_time = Lines(peer, resourceVersion=peer.cluster.resource_version - 3)
        assert [in_time.next()[0] for _ in range(3)] == ["ADDED"] * 3
        in_time.close()


def test_bookmarks_say_how_far_a_quiet_watch_is(tmp_path: Path) -> None:
    with connected(SimulatedCluster(), tmp_path, bookmark_every=0.05) as peer:
        peer.cluster.put_pod(pods.running(_run()))
        lines = Lines(peer, resourceVersion=peer.cluster.resource_version, allowWatchBookmarks="true")
        kind, bookmark = lines.next()
        assert kind == "BOOKMARK"
        assert bookmark["kind"] == "Pod"
        assert bookmark["metadata"]["resourceVersion"] == str(peer.cluster.resource_version)
        lines.close()


def test_a_watch_ends_after_its_time_with_a_last_bookmark(peer: Peer) -> None:
    version = peer.cluster.resource_version
    began = time.monotonic()
    lines = Lines(peer, resourceVersion=version, allowWatchBookmarks="true", timeoutSeconds=1)
    assert lines.next()[0] == "BOOKMARK"
    with pytest.raises(StopIteration):
        lines.next()
    assert 0.9 < time.monotonic() - began < 3
    lines.close()


def test_dropped_watches_end_and_can_be_taken_up_again(peer: Peer, lines: Lines) -> None:
    peer.cluster.put_pod(pods.running(_run()))
    version = lines.next()[1]["metadata"]["resourceVersion"]
    peer.server.drop_watches()
    with pytest.raises(StopIteration):
        lines.next()
    peer.cluster.put_pod(pods.failed(_run()))
    again = Lines(peer, resourceVersion=version)
    assert again.next()[1]["status"]["phase"] == "Failed"
    again.close()


def test_a_hanging_watch_says_nothing_until_the_server_is_well_again(peer: Peer, lines: Lines) -> None:
    peer.server.hang()
    peer.cluster.put_pod(pods.running(_run()))
    told: list[str] = []
    reader = threading.Thread(target=lambda: told.append(lines.next()[0]))
    reader.start()
    reader.join(0.3)
    assert told == []
    peer.server.restore()
    reader.join(5)
    assert told == ["ADDED"]


def test_a_broken_connection_is_an_error_not_an_end(peer: Peer, lines: Lines) -> None:
    peer.cluster.put_pod(pods.running(_run()))
    lines.next()
    peer.server.break_connections()
    with pytest.raises(urllib3.exceptions.ProtocolError):
        lines.next()


def test_five_thousand_changes_arrive_complete(peer: Peer, lines: Lines) -> None:
    pod = pods.running(_run())
    for _ in range(5000):
        peer.cluster.put_pod(pod)
    versions = [int(lines.next()[1]["metadata"]["resourceVersion"]) for _ in range(5000)]
    assert versions == list(range(versions[0], versions[0] + 5000))
