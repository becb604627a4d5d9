"""What the API server does not take: objects that lack what they must have, and changes of what must not change. And
what it keeps apart: a write to an object leaves its status as it is, a write to its `status` leaves all the rest."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from playground.kube.cluster import Body
from playground.kube.resources import EVENTS, JOBS, LEASES, PODS, Resource
from playground.kube.status import Refused

_NAME = re.compile(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?")
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_REQUIRED = "Required value"
_POD_MAY_CHANGE = ("activeDeadlineSeconds", "terminationGracePeriodSeconds", "tolerations", "schedulingGates")
_POD_FORBIDDEN = (
    "Forbidden: pod updates may not change fields other than `spec.containers[*].image`,"
    "`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing "
    "tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)"
)


def check_new(resource: Resource, body: Body) -> None:
    """Raises Refused with 422 where a new object lacks something."""
    name = str(body["metadata"].get("name") or "")
    wrong = [*_name(resource, name), *_NEW.get(resource, _nothing)(body)]
    if wrong:
        raise _invalid(resource, name, wrong)


def check_change(resource: Resource, before: Body, after: Body, subresource: str) -> None:
    """Raises Refused with 422 where a field is changed that must not be."""
    wrong = list(_CHANGED.get(resource, _unchanged)(before, after, subresource))
    if wrong:
        raise _invalid(resource, before["metadata"]["name"], wrong)


def kept_apart(resource: Resource, before: Body, after: Body, subresource: str) -> Body:
    """What a write may change of an object; its generation counts the changes of what is wished."""
    if not resource.has_status:
        return after
    if subresource == "status":
        return {**before, "metadata": {**before["metadata"], **_version(after)}, "status": after.get("status", {})}
    result = {**after, "status": before.get("status", {})}
    generation = before["metadata"].get("generation", 1) + (before.get("spec") != after.get("spec"))
    return {**result, "metadata": {**result["metadata"], "generation": generation}}


def _version(body: Body) -> Body:
    version = (body.get("metadata") or {}).get("resourceVersion")
    return {} if version is None else {"resourceVersion": version}


def _invalid(resource: Resource, name: str, wrong: list[str]) -> Refused:
    kind = f"{resource.kind}.{resource.group}" if resource.group else resource.kind
    causes = []
    for each in wrong:
        field, _, text = each.partition(": ")
        causes.append({"reason": "FieldValueInvalid", "message": text, "field": field})
    said = wrong[0] if len(wrong) == 1 else f"[{', '.join(wrong)}]"
    return Refused(422, f'{kind} "{name}" is invalid: {said}', details={"name": name, "causes": causes})


def _name(resource: Resource, name: str) -> Iterator[str]:
    if not name:
        yield f"metadata.name: {_REQUIRED}: name or generateName is required"
    elif not (_LABEL if resource is JOBS else _NAME).fullmatch(name):
        yield f"metadata.name: Invalid value: {name[:60]!r}: a lowercase RFC 1123 subdomain is needed"


def _nothing(_: Body) -> Iterator[str]:
    return iter(())


def _pod_spec(spec: Any, path: str) -> Iterator[str]:  # noqa: ANN401 JSON
    containers = spec.get("containers") if isinstance(spec, dict) else None
    if not isinstance(containers, list) or not containers:
        yield f"{path}.containers: {_REQUIRED}"
        return
    for number, each in enumerate(containers):
        for field in ("name", "image"):
            if not isinstance(each, dict) or not each.get(field):
                yield f"{path}.containers[{number}].{field}: {_REQUIRED}"


def _new_pod(pod: Body) -> Iterator[str]:
    yield from _pod_spec(pod.get("spec"), "spec")


def _new_job(job: Body) -> Iterator[str]:
    template = (job.get("spec") or {}).get("template") or {}
    spec = template.get("spec") or {}
    yield from _pod_spec(spec, "spec.template.spec")
    if spec.get("restartPolicy") not in {"Never", "OnFailure"}:
        yield f'spec.template.spec.restartPolicy: {_REQUIRED}: valid values: "OnFailure", "Never"'


def _new_event(event: Body) -> Iterator[str]:
    about = event.get("involvedObject") or {}
    if about.get("namespace", "") not in {event["metadata"].get("namespace", ""), ""}:
        yield "involvedObject.namespace: Invalid value: does not match event.namespace"


def _unchanged(_: Body, __: Body, ___: str) -> Iterator[str]:
    return iter(())


def _changed_pod(before: Body, after: Body, subresource: str) -> Iterator[str]:
    allowed = {"resources"} if subresource == "resize" else {"image"}
    if _fixed(before["spec"], allowed) != _fixed(after.get("spec") or {}, allowed):
        yield f"spec: {_POD_FORBIDDEN}"


def _fixed(spec: Body, allowed: set[str]) -> Body:
    kept = {key: value for key, value in spec.items() if key not in _POD_MAY_CHANGE}
    for key in ("containers", "initContainers"):
        kept[key] = [{name: each[name] for name in each if name not in allowed} for each in spec.get(key, ())]
    return kept


def _changed_job(before: Body, after: Body, _: str) -> Iterator[str]:
    known, wished = before["spec"], after.get("spec") or {}
    waits = known.get("suspend") and "startTime" not in before.get("status", {})
    for field in ("selector", "completionMode", *(() if waits else ("template",))):
        if known.get(field) != wished.get(field):
            yield f"spec.{field}: Invalid value: field is immutable"


def _changed_lease(_: Body, after: Body, __: str) -> Iterator[str]:
    if not after["metadata"].get("resourceVersion"):
        yield "metadata.resourceVersion: Invalid value: 0: must be specified for an update"


_NEW: dict[Resource, Callable[[Body], Iterator[str]]] = {PODS: _new_pod, JOBS: _new_job, EVENTS: _new_event}
_CHANGED: dict[Resource, Callable[[Body, Body, str], Iterator[str]]] = {
    PODS: _changed_pod,
    JOBS: _changed_job,
    LEASES: _changed_lease,
}
