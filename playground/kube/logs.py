"""The log subresource of a pod, with the server's own refusals: no such container, not started, no previous run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from playground.kube.cluster import Body, SimulatedCluster
from playground.kube.status import Refused


def read_log(cluster: SimulatedCluster, pod: Mapping[str, Any], params: Mapping[str, str]) -> Response:
    """What the container wrote: `tailLines` cuts at the front, then `limitBytes` at the end. Raises Refused."""
    name, container = pod["metadata"]["name"], _container(pod, params.get("container", ""))
    previous = params.get("previous", "").lower() in {"true", "1"}
    status = _status_of(pod, container)
    text = cluster.logs(pod["metadata"]["uid"], container, previous=previous)
    if text is None and previous and not status.get("lastState", {}).get("terminated"):
        raise Refused(400, f'previous terminated container "{container}" in pod "{name}" not found')
    waiting = status.get("state", {}).get("waiting")
    if text is None and waiting and not status.get("lastState", {}).get("terminated"):
        reason = waiting.get("reason", "ContainerCreating")
        trouble = "trying and failing to pull image" if "Image" in reason else f"waiting to start: {reason}"
        raise Refused(400, f'container "{container}" in pod "{name}" is {trouble}')
    return Response(_cut(text or "", params), media_type="text/plain")


def lose_log(cluster: SimulatedCluster, pod: Body, status: Mapping[str, Any]) -> None:
    """The runtime has cleaned up what the container wrote. The kubelet answers 200 all the same, with a text where the
    log would be (kubernetes pkg/kubelet/kuberuntime/kuberuntime_logs.go)."""
    gone = f"unable to retrieve container logs for {status.get('containerID', 'containerd://')}"
    cluster.set_logs(pod, gone, container=status["name"])


def _container(pod: Mapping[str, Any], asked: str) -> str:
    name, spec = pod["metadata"]["name"], pod["spec"]
    main = [str(each["name"]) for each in spec.get("containers", [])]
    if not asked and len(main) > 1:
        raise Refused(400, f"a container name must be specified for pod {name}, choose one of: [{' '.join(main)}]")
    init = [str(each["name"]) for each in spec.get("initContainers", [])]
    container = asked or main[0]
    if container not in main + init:
        raise Refused(400, f"container {container} is not valid for pod {name}")
    return container


def _status_of(pod: Mapping[str, Any], container: str) -> Mapping[str, Any]:
    status = pod.get("status", {})
    for each in status.get("containerStatuses", []) + status.get("initContainerStatuses", []):
        if each.get("name") == container:
            found: Mapping[str, Any] = each
            return found
    return {}


def _cut(text: str, params: Mapping[str, str]) -> bytes:
    tail, limit = params.get("tailLines", ""), params.get("limitBytes", "")
    for name, given in (("tailLines", tail), ("limitBytes", limit)):
        if given and not given.isdecimal():
            raise Refused(400, f"invalid {name}: {given[:40]!r}")
    if tail:
        lines = text.splitlines(keepends=True)
        text = "".join(lines[max(len(lines) - int(tail), 0) :])
    written = text.encode("utf-8", "replace")
    return written[: int(limit)] if limit else written
