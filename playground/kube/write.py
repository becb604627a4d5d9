"""A write as it comes over HTTP: to which object or resource, by whom, what it carries, whether it is only tried."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from starlette.requests import Request

from playground.kube.cluster import Body, SimulatedCluster
from playground.kube.ownership import Manager
from playground.kube.resources import Resource
from playground.kube.status import Refused

Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Write:
    """One request that changes something."""

    cluster: SimulatedCluster
    resource: Resource
    request: Request
    clock: Clock
    subresource: str = ""

    @property
    def now(self) -> datetime:
        """The API server's time, UTC."""
        return self.clock()

    @property
    def place(self) -> tuple[str, str]:
        """Namespace and name of the object that the path names."""
        return place(self.request)

    @property
    def is_dry(self) -> bool:
        """Whether everything is done but to keep the result."""
        return "All" in self.request.query_params.getlist("dryRun")

    @property
    def writer(self) -> Manager:
        """Who becomes the manager of what is changed: as the request says, else the client's program."""
        agent = self.request.headers.get("user-agent", "unknown").partition("/")[0]
        return Manager(self.request.query_params.get("fieldManager") or agent, subresource=self.subresource)

    def check_kind(self, body: Body, *, needed: bool = False) -> None:
        """Raises Refused with 400 where the object is of another kind than the path; if `needed`, or of none."""
        resource = self.resource
        for field, wanted in (("kind", resource.kind), ("apiVersion", resource.api_version)):
            if body.get(field, None if needed else wanted) != wanted:
                raise Refused(
                    400, f"the object provided is no {resource.api_version} {resource.kind}: {field} is wrong"
                )


def place(request: Request) -> tuple[str, str]:
    """Namespace and name of the object that the path names; the namespace of a cluster's own object is empty."""
    return request.path_params.get("namespace", ""), request.path_params["name"]


async def read_body(request: Request) -> dict[str, Any]:
    """The JSON object that the request carries. Raises Refused with 400."""
    body: dict[str, Any] = decoded(await request.body(), dict[str, Any])
    return body


def decoded(raw: bytes, kind: Any) -> Any:  # noqa: ANN401 JSON
    """JSON of this kind. Raises Refused with 400."""
    try:
        return msgspec.json.decode(raw, type=kind)
    except (msgspec.DecodeError, RecursionError) as error:
        raise Refused(400, f"the object provided is unrecognized: {error}") from None


def metadata_of(body: Body) -> Body:
    """A copy of an object's metadata. Raises Refused with 400 where it is no object."""
    metadata = body.get("metadata") or {}
    if not isinstance(metadata, dict):
        raise Refused(400, "the object provided is unrecognized: metadata is no object")
    return dict(metadata)
