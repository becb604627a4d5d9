"""The rights that the bot needs on the whole cluster, asked for one by one. A kind that the API server does not serve
needs no right."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import msgspec

from bot.cluster.api import Api
from bot.cluster.salvage import salvage
from bot.cluster.served import DEVICES, served

_SECONDS = 10.0
_REVIEWS = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"


@dataclass(frozen=True, slots=True)
class Right:
    """A verb on a resource, and what is lost without it."""

    verb: str
    resource: str
    why: str
    group: str = ""

    def __str__(self) -> str:
        return f"{self.verb} {'.'.join(filter(None, (self.resource, self.group)))}: {self.why}"


_RIGHTS = (
    Right("list", "pods", "without it the bot sees nothing"),
    Right("watch", "pods", "without it the bot sees nothing"),
    Right("get", "pods/log", "without it failures have no log"),
    Right("list", "events", "without it failures have no events"),
    Right("get", "nodes", "without it failures have no node conditions, and maintenance looks like a lost node"),
    Right("get", "jobs", "without it a Job that missed its deadline is known by its events alone", "batch"),
    Right("list", "nodes", "without it GPU types, shares of GPUs and the versions of drivers are unknown"),
    Right("list", "resourceclaims", "without it the GPUs that pods claim (DRA) are not counted", DEVICES),
    Right("list", "resourceslices", "without it taints of devices (DRA) are no evidence", DEVICES),
    Right("list", "devicetaintrules", "without it taints that people put on devices are no evidence", DEVICES),
)


class _Access(msgspec.Struct):
    allowed: bool = False


class _Review(msgspec.Struct):
    status: _Access = msgspec.field(default_factory=_Access)


def access(api: Api) -> list[tuple[str, bool]]:
    """Each right in words, and whether the bot has it. Raises Unavailable."""
    return [(str(right), _may(api, right)) for right in _needed(api)]


def _needed(api: Api) -> Iterator[Right]:
    kinds = served(api, DEVICES)
    for right in _RIGHTS:
        if right.group != DEVICES or right.resource in kinds:
            yield right


def _may(api: Api, right: Right) -> bool:
    name, _, subresource = right.resource.partition("/")
    asked = {"verb": right.verb, "group": right.group, "resource": name, "subresource": subresource}
    review = {
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SelfSubjectAccessReview",
        "spec": {"resourceAttributes": asked},
    }
    return salvage(api.read(_REVIEWS, body=review, seconds=_SECONDS), _Review).status.allowed
