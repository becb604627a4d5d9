"""What the API server says of itself: its version, its groups, the resources in them."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from playground.kube.resources import RESOURCES
from playground.kube.status import Refused, json_response

VERSION = {
    "major": "1",
    "minor": "34",
    "gitVersion": "v1.34.2",
    "gitCommit": "8cc511e399b929453cd98ae65b419c3cc227ec79",
    "gitTreeState": "clean",
    "buildDate": "2025-11-11T19:01:05Z",
    "goVersion": "go1.24.9",
    "compiler": "gc",
    "platform": "linux/amd64",
}
_GROUPS = tuple(sorted({"authorization.k8s.io", *(each.group for each in RESOURCES if each.group)}))
_REVIEW = {
    "name": "selfsubjectaccessreviews",
    "singularName": "selfsubjectaccessreview",
    "namespaced": False,
    "kind": "SelfSubjectAccessReview",
    "verbs": ["create"],
}


async def _version(_: Request) -> Response:
    return json_response(VERSION)


async def _healthy(_: Request) -> Response:
    return PlainTextResponse("ok")


async def _core_versions(_: Request) -> Response:
    return json_response({"kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": []})


async def _groups(_: Request) -> Response:
    return json_response({"kind": "APIGroupList", "apiVersion": "v1", "groups": [_group_of(name) for name in _GROUPS]})


async def _group(request: Request) -> Response:
    name = request.path_params["group"]
    if name not in _GROUPS:
        return Refused(404, "the server could not find the requested resource").response()
    return json_response({"kind": "APIGroup", "apiVersion": "v1", **_group_of(name)})


def _group_of(name: str) -> dict[str, Any]:
    """The versions of a group, the preferred one first."""
    names = sorted({each.version for each in RESOURCES if each.group == name} or {"v1"}, key=len)
    versions = [{"groupVersion": f"{name}/{version}", "version": version} for version in names]
    return {"name": name, "versions": versions, "preferredVersion": versions[0]}


async def _resources(request: Request) -> Response:
    group, version = request.path_params.get("group", ""), request.path_params.get("version", "v1")
    listed = [
        {
            "name": resource.plural,
            "singularName": resource.kind.lower(),
            "namespaced": resource.namespaced,
            "kind": resource.kind,
            "verbs": ["create", "delete", "get", "list", "patch", "update", "watch"],
        }
        for resource in RESOURCES
        if (resource.group, resource.version) == (group, version)
    ]
    if (group, version) == ("authorization.k8s.io", "v1"):
        listed.append(_REVIEW)
    if not listed:
        return Refused(404, "the server could not find the requested resource").response()
    name = f"{group}/{version}" if group else version
    return json_response({"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": name, "resources": listed})


ROUTES = (
    Route("/version", _version),
    Route("/healthz", _healthy),
    Route("/livez", _healthy),
    Route("/readyz", _healthy),
    Route("/api", _core_versions),
    Route("/apis", _groups),
    Route("/api/v1", _resources),
    Route("/apis/{group}", _group),
    Route("/apis/{group}/{version}", _resources),
)
