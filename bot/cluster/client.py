"""What the bot asks an API server: lists, watches, logs, events, node conditions, and which rights it has."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import AbstractContextManager
from urllib.parse import quote

import msgspec
import urllib3

from bot.cluster.api import READ_SECONDS, Api, Query, Refused
from bot.cluster.pods import Event, Job, Node, Page, Text
from bot.cluster.salvage import Decoder, salvage
from bot.domain.workload.accelerators import gpu_type
from bot.services.errors import Unavailable

log = logging.getLogger(__name__)
PAGE_SIZE = 500
_SHORT_SECONDS = 10.0
_MOST_LOG_BYTES = 4 * 1024 * 1024
"""A limit in bytes cuts a log's end off, so it is far above what is kept of it."""
_RIGHTS: tuple[tuple[str, str, str], ...] = (
    # verb · resource · why
    ("list", "pods", "without it the bot sees nothing"),
    ("watch", "pods", "without it the bot sees nothing"),
    ("get", "pods/log", "without it failures have no log"),
    ("list", "events", "without it failures have no events"),
    ("get", "nodes", "without it failures have no node conditions, and maintenance looks like a lost node"),
    ("get", "jobs.batch", "without it a Job that missed its deadline is known by its events alone"),
    ("list", "nodes", "without it GPU types and the versions of drivers are unknown"),
)


class _Access(msgspec.Struct):
    allowed: bool = False


class _Review(msgspec.Struct):
    status: _Access = msgspec.field(default_factory=_Access)


class _Version(msgspec.Struct, rename="camel"):
    git_version: Text = None


class ClusterClient:
    """One API server. Every method raises Unavailable; `permanent` says that asking again is pointless."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self.host = api.host

    def close(self) -> None:
        """Give the connections back."""
        self._api.close()

    def version(self) -> str:
        """The API server's version, such as v1.34.2."""
        return salvage(self._api.read("/version", seconds=_SHORT_SECONDS), _Version).git_version or "unknown"

    def access(self) -> list[tuple[str, bool]]:
        """Each right the bot needs on the whole cluster, in words, and whether it has it."""
        return [(f"{verb} {resource}: {why}", self._may(verb, resource)) for verb, resource, why in _RIGHTS]

    def page_of_pods(self, token: str | None = None) -> Page:
        """A page of all pods; the first one without a token. Without a resourceVersion the list is consistent."""
        return self._page("/api/v1/pods", token)

    def watch_pods(
        self, resource_version: str, *, seconds: int, silence: float
    ) -> AbstractContextManager[urllib3.BaseHTTPResponse]:
        """Changes since then, one JSON object a line. The server ends it after `seconds`; `silence` is the longest
        time without a byte."""
        query: Query = {
            "watch": "true",
            "resourceVersion": resource_version,
            "allowWatchBookmarks": "true",
            "timeoutSeconds": seconds,
        }
        return self._api.opened("/api/v1/pods", query, seconds=silence)

    def log(self, namespace: str, pod: str, container: str, *, lines: int, previous: bool, most: int) -> str:
        """The last lines of a container's log, at most its last `most` bytes; empty where there is none."""
        query: dict[str, str | int] = {"container": container, "tailLines": lines, "limitBytes": _MOST_LOG_BYTES}
        if previous:
            query["previous"] = "true"
        path = f"/api/v1/namespaces/{quote(namespace, safe='')}/pods/{quote(pod, safe='')}/log"
        try:
            raw = self._api.read(path, query, seconds=_SHORT_SECONDS)
        except Refused as error:
            if error.status in {400, 404}:
                return ""
            raise
        return raw[-most:].decode("utf-8", "replace")

    def events_of(self, namespace: str, uid: str) -> list[Event]:
        """The events about one object, in no order."""
        path = f"/api/v1/namespaces/{quote(namespace, safe='')}/events"
        query: Query = {"fieldSelector": f"involvedObject.uid={uid}", "limit": PAGE_SIZE}
        decoder = Decoder(Event)
        page = salvaged_page(self._api.read(path, query, seconds=_SHORT_SECONDS))
        return [decoder.decode(raw) for raw in page.items or ()]

    def node(self, name: str) -> Node:
        """One node."""
        return Decoder(Node).decode(self._api.read(f"/api/v1/nodes/{quote(name, safe='')}", seconds=_SHORT_SECONDS))

    def job(self, namespace: str, name: str) -> Job:
        """One batch Job."""
        path = f"/apis/batch/v1/namespaces/{quote(namespace, safe='')}/jobs/{quote(name, safe='')}"
        return Decoder(Job).decode(self._api.read(path, seconds=_SHORT_SECONDS))

    def gpu_types(self) -> dict[str, str]:
        """The GPU type of each node that has one."""
        decoder = Decoder(Node)
        types = {}
        for raw in self.nodes():
            node = decoder.decode(raw)
            found = gpu_type(node.metadata.labels or {})
            if node.metadata.name and found:
                types[node.metadata.name] = found
        return types

    def nodes(self) -> Iterator[msgspec.Raw]:
        """All nodes, page by page."""
        token: str | None = None
        while True:
            page = self._page("/api/v1/nodes", token, seconds=_SHORT_SECONDS)
            yield from page.items or ()
            token = page.metadata.continue_
            if not token:
                return

    def _page(self, path: str, token: str | None, *, seconds: float = READ_SECONDS) -> Page:
        query: dict[str, str | int] = {"limit": PAGE_SIZE}
        if token:
            query["continue"] = token
        return salvaged_page(self._api.read(path, query, seconds=seconds))

    def _may(self, verb: str, resource: str) -> bool:
        whole, _, subresource = resource.partition("/")
        name, _, group = whole.partition(".")
        review = {
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SelfSubjectAccessReview",
            "spec": {
                "resourceAttributes": {"verb": verb, "group": group, "resource": name, "subresource": subresource}
            },
        }
        path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
        return salvage(self._api.read(path, body=review, seconds=_SHORT_SECONDS), _Review).status.allowed


_PAGES = msgspec.json.Decoder(Page)


def salvaged_page(raw: bytes) -> Page:
    """A page of a list. Raises Unavailable where it is no list at all."""
    try:
        return _PAGES.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Unavailable(f"the API server sent no list: {error}") from error


def connect(context: str | None = None, *, config_file: str | None = None) -> ClusterClient:
    """The cluster of this context of the kubeconfig, else of its current context, else the one the bot runs in.
    Nothing is asked yet. Raises Unavailable where no credentials are found."""
    return ClusterClient(Api(context, config_file=config_file))
