"""Which project a pod belongs to, and which person submitted it, read from its labels and annotations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

_RUNAI_PREFIX = "runai-"
_OWNER_KEYS = (
    "run.ai/user",
    "runai/user",
    "user",
    "owner",
    "submitted-by",
    "notebooks.kubeflow.org/creator",
    "workflows.argoproj.io/creator-preferred-username",
    "workflows.argoproj.io/creator-email",
    "workflows.argoproj.io/creator",
    "pipelines.kubeflow.org/user",
    "hub.jupyter.org/username",
)
"""Looked up among annotations first, since a label's value cannot hold an e-mail address."""


def project_of(namespace: str, labels: Mapping[str, str], project_labels: Sequence[str]) -> str | None:
    """The value of the first of `project_labels` that the pod has, else its namespace without `runai-`."""
    for name in project_labels:
        if value := labels.get(name, "").strip():
            return value
    return namespace.removeprefix(_RUNAI_PREFIX) or None


def owner_of(labels: Mapping[str, str], annotations: Mapping[str, str]) -> str | None:
    """The person, as far as the pod tells."""
    for name in _OWNER_KEYS:
        if value := (annotations.get(name) or labels.get(name) or "").strip():
            return value
    return None
