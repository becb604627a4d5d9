"""Which containers of a pod do the job, and which ones only stand beside it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

_SIDECAR = re.compile(
    r"istio-proxy|istio-validation|linkerd-proxy|envoy(-sidecar)?|consul-dataplane|daprd"
    r"|vault-agent.*|cloud-?sql-?proxy|cloud-sql-proxy|alloydb-auth-proxy|gke-gcsfuse-sidecar|gcsfuse-sidecar"
    r"|fluent-?bit|fluentd|filebeat|vector|promtail|logging-agent|log-agent|otel-collector|otc-container"
    r"|datadog-agent|oauth-proxy|oauth2-proxy|kube-rbac-proxy|autoscaler|queue-proxy|wait|git-sync"
    r"|.*-sidecar|sidecar-.*|.*-exporter"
)


@lru_cache(maxsize=4096)
def is_sidecar(container: str) -> bool:
    """Whether a container of this name serves the job's container: meshes, agents, proxies, log shippers."""
    return _SIDECAR.fullmatch(container) is not None


def main_containers(names: Sequence[str]) -> frozenset[str]:
    """The containers whose end is the attempt's end; all of them where none looks like the main one."""
    return frozenset(name for name in names if not is_sidecar(name)) or frozenset(names)
