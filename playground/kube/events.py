"""Events about pods and nodes, as the components of a real cluster write them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from playground.kube.times import rfc3339


def event(
    about: Mapping[str, Any],
    reason: str,
    message: str,
    *,
    at: datetime,
    kind: str = "Warning",
    count: int = 1,
    component: str = "kubelet",
) -> dict[str, Any]:
    """One event about a stored pod or node; `kind` is `Warning` or `Normal`, `count` how often it was seen."""
    metadata = about["metadata"]
    namespace = metadata.get("namespace", "default")
    spread = hashlib.blake2b(f"{metadata['uid']}/{reason}/{message}/{at}".encode(), digest_size=8).hexdigest()
    return {
        "metadata": {
            "name": f"{metadata['name']}.{spread}",
            "namespace": namespace,
            "creationTimestamp": rfc3339(at),
        },
        "involvedObject": {
            "kind": about.get("kind", "Pod"),
            "namespace": namespace,
            "name": metadata["name"],
            "uid": metadata["uid"],
            "apiVersion": "v1",
        },
        "reason": reason,
        "message": message,
        "type": kind,
        "count": count,
        "firstTimestamp": rfc3339(at),
        "lastTimestamp": rfc3339(at),
        "source": {"component": component},
        "reportingComponent": component,
        "reportingInstance": "",
    }
