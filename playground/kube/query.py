"""What a request asks for: its query, read once and checked, as the API server does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from playground.kube.resources import Resource
from playground.kube.selectors import BadSelector, Test, field_selector, label_selector
from playground.kube.shelf import Stored
from playground.kube.status import Refused


@dataclass(frozen=True, slots=True)
class Query:
    """A list or a watch of one resource."""

    resource: Resource
    namespace: str | None
    labels: Test | None
    fields: Test | None
    limit: int
    token: str
    version: int | None
    """None where any version will do."""
    watch: bool
    bookmarks: bool
    timeout: float | None
    """Seconds until a watch ends."""

    def selects(self, stored: Stored) -> bool:
        """Whether the object is asked for."""
        return (
            (self.namespace is None or stored.namespace == self.namespace)
            and (self.labels is None or self.labels(stored.labels))
            and (self.fields is None or self.fields(stored.fields))
        )

    @property
    def selective(self) -> bool:
        """Whether there is a selector; a list then does not say how many objects remain."""
        return self.labels is not None or self.fields is not None


def _number(params: Mapping[str, str], name: str) -> int | None:
    text = params.get(name, "")
    if not text:
        return None
    if not text.isdecimal() or not text.isascii() or len(text) > 18:
        raise Refused(400, f"invalid {name}: {text[:40]!r}")
    return int(text)


def _is_true(params: Mapping[str, str], name: str) -> bool:
    return params.get(name, "").lower() in {"true", "1"}


def read_query(resource: Resource, namespace: str | None, params: Mapping[str, str]) -> Query:
    """The query of a list or watch request. Raises Refused with 400 where it makes no sense."""
    labels, fields = params.get("labelSelector", "").strip(), params.get("fieldSelector", "").strip()
    watch, token = _is_true(params, "watch"), params.get("continue", "")
    version = _number(params, "resourceVersion")
    if params.get("resourceVersionMatch"):
        if watch and not _is_true(params, "sendInitialEvents"):
            raise Refused(400, "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided")
        if version is None:
            raise Refused(400, "resourceVersionMatch is forbidden unless resourceVersion is provided")
    if token and version:
        raise Refused(400, "specifying resource version is not allowed when using continue")
    timeout = _number(params, "timeoutSeconds")
    try:
        return Query(
            resource=resource,
            namespace=namespace,
            labels=label_selector(labels) if labels else None,
            fields=field_selector(fields, resource.selectable) if fields else None,
            limit=_number(params, "limit") or 0,
            token=token,
            version=version,
            watch=watch,
            bookmarks=_is_true(params, "allowWatchBookmarks"),
            timeout=None if timeout is None else float(timeout),
        )
    except BadSelector as error:
        raise Refused(400, str(error)) from None
