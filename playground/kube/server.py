"""The simulated API server: a cluster served over HTTP, with its faults at hand."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bot.asgi_server import Serving, serve
from bot.clock import utc_now
from playground.kube.api import Api
from playground.kube.cluster import SimulatedCluster
from playground.kube.faults import Faults
from playground.kube.kubeconfig import write_kubeconfig

DEFAULT_TOKEN = "playground"  # noqa: S105 it guards nothing: the server is on loopback and holds no data


@dataclass(frozen=True, slots=True)
class KubeServer:
    """A cluster being served."""

    cluster: SimulatedCluster
    faults: Faults
    token: str | None
    serving: Serving

    @property
    def url(self) -> str:
        """`http://127.0.0.1:port`."""
        return self.serving.url

    def kubeconfig(self, path: Path, *, name: str = "playground") -> Path:
        """Write a kubeconfig file for this server with a context of this name; gives its path."""
        return write_kubeconfig(self.url, path, self.token, name=name)

    def cut(self) -> None:
        """Go away: break every connection, refuse new ones."""
        self.serving.stop()

    def restore(self) -> None:
        """Come back on the same port after `cut`, and be well again after any other fault."""
        self.faults.clear()
        self.serving.start()

    def hang(self) -> None:
        """Let the watches stay open and say nothing, until `restore`."""
        self.faults.hang()

    def drop_watches(self) -> None:
        """End every watch as a server does that restarts: the stream ends well-formed."""
        self.faults.drop_watches()

    def break_connections(self) -> None:
        """Break every connection in the middle; new ones are served."""
        self.serving.abort_connections()

    def fail_next(self, times: int, code: int, *, retry_after: int | None = None) -> None:
        """Answer the next requests with this HTTP status; `retry_after` is in seconds."""
        self.faults.fail_next(times, code, retry_after=retry_after)

    def break_down(self, code: int) -> None:
        """Answer every request with this HTTP status, until `restore`; watches that are open go on."""
        self.faults.broken = code

    def slow(self, seconds: float) -> None:
        """Let every request wait so long for its answer, until `restore`."""
        self.faults.delay = seconds

    def deny(self, verb: str, resource: str, *, group: str = "") -> None:
        """Take a right away from the client, until `restore`: `deny("get", "pods/log")`."""
        self.faults.deny(verb, resource, group=group)


@contextmanager
def serve_cluster(
    cluster: SimulatedCluster,
    *,
    token: str | None = DEFAULT_TOKEN,
    host: str = "127.0.0.1",
    port: int = 0,
    clock: Callable[[], datetime] = utc_now,
    bookmark_every: float = 60.0,
) -> Iterator[KubeServer]:
    """Serve a cluster until the block ends. Requests must carry the bearer token, unless it is None; watches that
    ask for bookmarks get one every `bookmark_every` seconds. Raises OSError where the port is taken."""
    faults = Faults()
    api = Api(cluster, faults, token=token, clock=clock, bookmark_every=bookmark_every)
    with serve(api.application(), host=host, port=port) as serving:
        yield KubeServer(cluster, faults, token, serving)
