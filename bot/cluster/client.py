"""What the bot asks an API server: lists, watches, logs, events, node conditions, and which rights it has."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from time import monotonic
from urllib.parse import quote

import msgspec
import urllib3

from bot.cluster import rights
from bot.cluster.api import READ_SECONDS, Api, Query, Refused
from bot.cluster.device_taints import DeviceTaintRule, ResourceSlice, slices, taint_rules
from bot.cluster.pods import Event, Job, Node, Page, Text
from bot.cluster.salvage import Decoder, salvage, without_half_pairs
from bot.cluster.served import DEVICES, served
from bot.services.errors import Unavailable

log = logging.getLogger(__name__)
PAGE_SIZE = 500
_SHORT_SECONDS = 10.0
_SERVED_SECONDS = 1800.0
_MOST_LOG_BYTES = 4 * 1024 * 1024
"""A limit in bytes cuts a log's end off, so it is far above what is kept of it."""


class _Version(msgspec.Struct, rename="camel"):
    git_version: Text = None


class ClusterClient:
    """One API server. Every method raises Unavailable; `permanent` says that asking again is pointless."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self.host = api.host
        self._served: tuple[float, Mapping[str, str] | None] = (0.0, None)

    def close(self) -> None:
        """Give the connections back."""
        self._api.close()

    def version(self) -> str:
        """The API server's version, such as v1.34.2."""
        return salvage(self._api.read("/version", seconds=_SHORT_SECONDS), _Version).git_version or "unknown"

    def access(self) -> list[tuple[str, bool]]:
        """Each right the bot needs on the whole cluster, in words, and whether it has it."""
        return rights.access(self._api)

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
            raw = self._api.read(path, query, seconds=_SHORT_SECONDS, most=_MOST_LOG_BYTES)
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

    def nodes(self) -> Iterator[msgspec.Raw]:
        """All nodes, page by page."""
        return self._all("/api/v1/nodes")

    def events_about_node(self, name: str) -> list[Event]:
        """The events about one node, in no order."""
        about = f"involvedObject.kind=Node,involvedObject.name={name}"
        decoder = Decoder(Event)
        page = self._page("/api/v1/events", None, {"fieldSelector": about}, seconds=_SHORT_SECONDS)
        return [decoder.decode(raw) for raw in page.items or ()]

    def slices_of(self, node: str) -> list[ResourceSlice]:
        """The devices that drivers offer on one node."""
        return slices(self.device_objects("resourceslices", node=node))

    def taint_rules(self) -> list[DeviceTaintRule]:
        """The taints that people put on devices; none where the API server does not serve them."""
        try:
            return taint_rules(self.device_objects("devicetaintrules"))
        except Refused:
            return []

    def device_objects(
        self, plural: str, *, namespace: str = "", name: str = "", node: str = ""
    ) -> Iterator[msgspec.Raw]:
        """All objects of this kind of dynamic resource allocation, `resourceclaims` for one, or the one of this name,
        or those of a node. Raises Refused where the API server serves none."""
        root = self._devices().get(plural)
        if root is None:
            raise Refused(f"{self.host} does not serve {plural}", status=404)
        where = f"namespaces/{quote(namespace, safe='')}/" if namespace else ""
        fields = (("metadata.name", name), ("spec.nodeName", node))
        selected = ",".join(f"{field}={value}" for field, value in fields if value)
        return self._all(f"{root}/{where}{plural}", {"fieldSelector": selected} if selected else None)

    def _devices(self) -> Mapping[str, str]:
        """Where each kind of devices is served. A server that is updated may serve others, so it is asked again."""
        asked_at, paths = self._served
        if paths is None or monotonic() - asked_at > _SERVED_SECONDS:
            paths = served(self._api, DEVICES)
            self._served = (monotonic(), paths)
        return paths

    def _all(self, path: str, query: Query | None = None) -> Iterator[msgspec.Raw]:
        token: str | None = None
        while True:
            page = self._page(path, token, query, seconds=_SHORT_SECONDS)
            yield from page.items or ()
            token = page.metadata.continue_
            if not token:
                return

    def _page(self, path: str, token: str | None, query: Query | None = None, *, seconds: float = READ_SECONDS) -> Page:
        asked: dict[str, str | int] = {"limit": PAGE_SIZE, **(query or {})}
        if token:
            asked["continue"] = token
        return salvaged_page(self._api.read(path, asked, seconds=seconds))


_PAGES = msgspec.json.Decoder(Page)


def salvaged_page(raw: bytes) -> Page:
    """A page of a list. Raises Unavailable where it is no list at all."""
    try:
        return _PAGES.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        log.info("a list holds what JSON does not allow; it is read without that")
    try:
        return _PAGES.decode(without_half_pairs(raw))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Unavailable(f"the API server sent no list: {error}") from error


def connect(context: str | None = None, *, config_file: str | None = None) -> ClusterClient:
    """The cluster of this context of the kubeconfig, else of its current context, else the one the bot runs in.
    Nothing is asked yet. Raises Unavailable where no credentials are found."""
    return ClusterClient(Api(context, config_file=config_file))
