"""The Kubernetes API over HTTP for a simulated cluster: enough of it for a bot that watches pods, reads what they
left behind, asks for its rights, holds a Lease, cordons and taints nodes, evicts pods, creates and suspends Jobs."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from playground.kube import discovery, removing, writing
from playground.kube.cluster import AlreadyThere, Conflict, NotThere, SimulatedCluster
from playground.kube.faults import USER, Faults, Right
from playground.kube.listing import list_objects, too_large
from playground.kube.logs import read_log
from playground.kube.query import read_query
from playground.kube.resources import PODS, RESOURCES, Resource
from playground.kube.status import Refused, json_response
from playground.kube.watching import watch_objects
from playground.kube.write import Clock, Write, place, read_body

_REVIEWS = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
_EVICTION = f"{PODS.root}/namespaces/{{namespace}}/pods/{{name}}/eviction"
_LOG = f"{PODS.root}/namespaces/{{namespace}}/pods/{{name}}/log"

_Handler = Callable[[Request], Awaitable[Response]]
_Writes = Callable[[Write], Awaitable[Response]]
_WRITES: tuple[tuple[str, str, bool, _Writes], ...] = (
    # verb · HTTP method · whether the path names one object · what it does
    ("create", "POST", False, writing.create),
    ("update", "PUT", True, writing.update),
    ("patch", "PATCH", True, writing.patch),
    ("delete", "DELETE", True, removing.delete),
    ("deletecollection", "DELETE", False, removing.delete_many),
)
_LOG_LIMITS = ("tailLines", "limitBytes")
_WRITES_OF_A_PART: tuple[tuple[str, str, _Writes], ...] = (
    ("update", "PUT", writing.update),
    ("patch", "PATCH", writing.patch),
)


class Api:
    """The handlers. `token` is the bearer token that requests must carry, None lets everybody in; `bookmark_every`
    is in seconds; `clock` gives created objects their time."""

    def __init__(
        self,
        cluster: SimulatedCluster,
        faults: Faults,
        *,
        token: str | None,
        clock: Clock,
        bookmark_every: float,
    ) -> None:
        self._cluster = cluster
        self._faults = faults
        self._token = token
        self._clock = clock
        self._bookmark_every = bookmark_every

    def application(self) -> Starlette:
        """The whole API as an ASGI application."""
        routes = list(discovery.ROUTES)
        routes.append(Route(_REVIEWS, self._guarded(self._review), methods=["POST"]))
        routes.append(Route(_LOG, self._guarded(self._log)))
        routes.append(Route(_EVICTION, self._guarded(self._evict), methods=["POST"]))
        for resource in RESOURCES:
            routes += self._routes(resource)
        missing = Refused(404, "the server could not find the requested resource")
        unknown = Refused(405, "the server does not allow this method on the requested resource")
        handlers = {each.code: partial(_refuse, each) for each in (missing, unknown)}
        return Starlette(routes=routes, exception_handlers=handlers)

    def _routes(self, resource: Resource) -> list[Route]:
        inside = f"{resource.root}/namespaces/{{namespace}}" if resource.namespaced else resource.root
        many = f"{inside}/{resource.plural}"
        one = f"{many}/{{name}}"
        routes = [
            Route(path, self._guarded(partial(self._many, resource)))
            for path in sorted({many, f"{resource.root}/{resource.plural}"})
        ]
        routes.append(Route(one, self._guarded(partial(self._one, resource))))
        for verb, method, names_one, write in _WRITES:
            handler = self._guarded(partial(self._write, verb, resource, write, ""))
            routes.append(Route(one if names_one else many, handler, methods=[method]))
        for subresource in resource.subresources:
            path = f"{one}/{subresource}"
            routes.append(Route(path, self._guarded(partial(self._one, resource))))
            for verb, method, write in _WRITES_OF_A_PART:
                handler = self._guarded(partial(self._write, verb, resource, write, subresource))
                routes.append(Route(path, handler, methods=[method]))
        return routes

    def _guarded(self, handler: _Handler) -> _Handler:
        """Faults first, then the token, then the request; whatever is refused is answered with a Status."""

        async def endpoint(request: Request) -> Response:
            if self._faults.delay:
                await asyncio.sleep(self._faults.delay)
            failure = self._faults.next_failure()
            if failure is not None:
                return failure
            try:
                self._admit(request)
                return await handler(request)
            except Refused as refused:
                return refused.response()
            except NotThere as error:
                return Refused(404, str(error)).response()
            except AlreadyThere as error:
                return Refused(409, str(error), reason="AlreadyExists").response()
            except Conflict as error:
                return Refused(409, str(error)).response()

        return endpoint

    def _admit(self, request: Request) -> None:
        if self._token is not None and request.headers.get("authorization") != f"Bearer {self._token}":
            raise Refused(401, "Unauthorized")

    def _require(self, verb: str, resource: Resource, request: Request, subresource: str = "") -> None:
        plural = f"{resource.plural}/{subresource}" if subresource else resource.plural
        if self._faults.allows(Right(verb, plural, resource.group)):
            return
        namespace = request.path_params.get("namespace")
        where = f'in the namespace "{namespace}"' if namespace else "at the cluster scope"
        what = f'cannot {verb} resource "{plural}" in API group "{resource.group}" {where}'
        raise Refused(
            403, f'{resource.qualified()} is forbidden: User "{USER}" {what}', details={"kind": resource.plural}
        )

    async def _many(self, resource: Resource, request: Request) -> Response:
        query = read_query(resource, request.path_params.get("namespace"), request.query_params)
        self._require("watch" if query.watch else "list", resource, request)
        if not self._faults.takes_version(query.version):
            raise too_large(query.version or 0, self._cluster.resource_version)
        if query.watch:
            return watch_objects(self._cluster, self._faults, query, bookmark_every=self._bookmark_every)
        return list_objects(self._cluster, query, odd=self._faults.odd if resource is PODS else ())

    async def _one(self, resource: Resource, request: Request) -> Response:
        self._require("get", resource, request)
        stored = self._cluster.find(resource, *place(request))
        return Response(stored.body, media_type="application/json")

    async def _write(self, verb: str, resource: Resource, write: _Writes, part: str, request: Request) -> Response:
        self._require(verb, resource, request, part)
        return await write(Write(self._cluster, resource, request, self._clock, part))

    async def _log(self, request: Request) -> Response:
        self._require("get", PODS, request, "log")
        ignored = _LOG_LIMITS if self._faults.ignores_log_limits else ()
        query = {key: value for key, value in request.query_params.items() if key not in ignored}
        return read_log(self._cluster, self._cluster.pod(*place(request)), query)

    async def _evict(self, request: Request) -> Response:
        self._require("create", PODS, request, "eviction")
        return await removing.evict(Write(self._cluster, PODS, request, self._clock))

    async def _review(self, request: Request) -> Response:
        body = await read_body(request)
        asked = (body.get("spec") or {}).get("resourceAttributes") or {}
        resource, subresource = asked.get("resource", ""), asked.get("subresource")
        name = f"{resource}/{subresource}" if subresource else str(resource)
        allowed = self._faults.allows(Right(str(asked.get("verb", "")), name, str(asked.get("group", ""))))
        reason = 'RBAC: allowed by ClusterRoleBinding "failures-bot"' if allowed else ""
        return json_response({**body, "status": {"allowed": allowed, "reason": reason}}, 201)


async def _refuse(refused: Refused, _: Request, __: Exception) -> Response:
    return refused.response()
