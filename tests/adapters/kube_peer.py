"""The simulated cluster, served, and Kubernetes' official client connected to it through a kubeconfig file."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from kubernetes import client, config, watch

from playground.kube.cluster import SimulatedCluster
from playground.kube.server import KubeServer, serve_cluster

_connect: Any = config.new_client_from_config
_Watch: Any = watch.Watch
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Peer:
    """A served cluster and a client of it."""

    server: KubeServer
    client: Any

    @property
    def cluster(self) -> SimulatedCluster:
        return self.server.cluster

    @property
    def core(self) -> Any:
        return client.CoreV1Api(self.client)

    @property
    def coordination(self) -> Any:
        return client.CoordinationV1Api(self.client)

    def watch_pods(self, **query: object) -> Iterator[dict[str, Any]]:
        """The official client's own watch."""
        stream: Iterator[dict[str, Any]] = _Watch().stream(self.core.list_pod_for_all_namespaces, **query)
        return stream

    def get(self, path: str, **query: object) -> tuple[int, Any]:
        """Status and JSON of a raw request, with the client's credentials."""
        answer = self.open(path, **query)
        try:
            return answer.status, json.loads(answer.data)
        finally:
            answer.release_conn()

    def post(self, path: str, body: bytes) -> tuple[int, Any]:
        """Status and JSON of a raw POST."""
        url = self.server.url + path
        answer = self._pool.request("POST", url, body=body, headers=self._headers, retries=False)
        return answer.status, json.loads(answer.data)

    def send(
        self, method: str, path: str, body: Any = None, content_type: str = "application/json", **query: str
    ) -> tuple[int, Any]:
        """Status and JSON of a raw write; a body is JSON, and JSON is YAML."""
        url = f"{self.server.url}{path}?{urlencode(query)}"
        raw = None if body is None else json.dumps(body).encode()
        headers = self._headers | {"content-type": content_type}
        answer = self._pool.request(method, url, body=raw, headers=headers, retries=False)
        return answer.status, json.loads(answer.data)

    def open(self, path: str, **query: object) -> Any:
        """A raw GET whose answer is yet to be read."""
        url, fields = self.server.url + path, {key: str(value) for key, value in query.items()}
        return self._pool.request(
            "GET", url, fields=fields, headers=self._headers, retries=False, timeout=10, preload_content=False
        )

    @property
    def _pool(self) -> Any:
        return self.client.rest_client.pool_manager

    @property
    def _headers(self) -> dict[str, str]:
        return {setting["key"]: setting["value"] for setting in self.client.configuration.auth_settings().values()}


@contextlib.contextmanager
def connected(
    cluster: SimulatedCluster,
    folder: Path,
    *,
    client_token: str | None = None,
    bookmark_every: float = 60.0,
    clock: Callable[[], datetime] = lambda: NOW,
) -> Iterator[Peer]:
    """Serve the cluster and connect to it, with the server's token unless another one is given."""
    with serve_cluster(cluster, clock=clock, bookmark_every=bookmark_every) as server:
        path = server.kubeconfig(folder / "kubeconfig")
        if client_token is not None:
            path.write_text(path.read_text().replace(str(server.token), client_token))
        connection = _connect(str(path))
        try:
            yield Peer(server, connection)
        finally:
            connection.rest_client.pool_manager.clear()
            connection.close()


def failure_of(error: client.ApiException) -> tuple[int, str, str]:
    """Code, reason and message of the Status that an error carries."""
    status = json.loads(error.body or "")
    assert status["kind"] == "Status"
    assert status["code"] == error.status
    return status["code"], status["reason"], status["message"]
