"""Which project a pod belongs to, and which person submitted it, read from its labels and annotations."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from bot.domain.workload.pod_meta import PodMeta

_RUNAI_PREFIX = "runai-"
_OWNER_KEYS = (
    "run.ai/user",
    "runai/user",
    "metaflow/user",
    "skypilot-user",
    "determined.ai/user",
    "armada_owner",
    "mlrun/owner",
    "notebooks.kubeflow.org/creator",
    "opendatahub.io/username",
    "workflows.argoproj.io/creator-preferred-username",
    "workflows.argoproj.io/creator-email",
    "workflows.argoproj.io/creator",
    "pipelines.kubeflow.org/user",
    "hub.jupyter.org/username",
    "dominodatalab.com/starting-user-username",
    "com.coder.user.username",
    "user",
    "owner",
    "submitted-by",
)
"""Looked up among annotations first, since a label's value cannot hold an e-mail address. What an operator wrote comes
before what anybody may have meant by "user" and "owner"."""
_ARGO_EMAIL = re.compile(r"([\w.+-]{1,64})\.at\.([\w-]{1,63}(?:\.[\w-]{1,63}){1,4})")
"""How Argo writes an e-mail address into a label."""


def project_of(namespace: str, labels: Mapping[str, str], project_labels: Sequence[str]) -> str | None:
    """The value of the first of `project_labels` that the pod has, else its namespace without `runai-`."""
    for name in project_labels:
        if value := labels.get(name, "").strip():
            return value
    return namespace.removeprefix(_RUNAI_PREFIX) or None


def owner_of(pod: PodMeta) -> str | None:
    """The person, as far as the pod tells."""
    for key in _OWNER_KEYS:
        if value := (pod.said(key) or "").strip():
            email = _ARGO_EMAIL.fullmatch(value) if key.endswith("creator-email") else None
            return f"{email[1]}@{email[2]}" if email else value
    return None
