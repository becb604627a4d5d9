"""The pods that a Job's controller makes: from its template, with the labels and the finalizer by which it counts them,
and for an indexed Job with the index."""

from __future__ import annotations

import copy
from typing import Any

from playground.kube.cluster import Body
from playground.kube.control.job_rules import is_indexed
from playground.kube.control.script import INDEX

TRACKING = "batch.kubernetes.io/job-tracking"
"""The finalizer that keeps a pod until its Job has counted it."""


def pod_of(job: Body, index: int | None) -> Body:
    """A new pod, without a name of its own yet."""
    metadata, template = job["metadata"], copy.deepcopy(job["spec"]["template"])
    spec: Body = template.get("spec", {})
    labels = dict(template["metadata"].get("labels") or {})
    annotations = dict(template["metadata"].get("annotations") or {})
    stem = f"{metadata['name']}-"
    if index is not None and is_indexed(job):
        labels[INDEX] = annotations[INDEX] = str(index)
        stem = f"{metadata['name']}-{index}-"
        spec["hostname"] = stem.removesuffix("-")
        for each in (*spec.get("initContainers", ()), *spec.get("containers", ())):
            each["env"] = [*each.get("env", ()), _INDEX_VARIABLE]
    owner = {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "name": metadata["name"],
        "uid": metadata["uid"],
        "controller": True,
        "blockOwnerDeletion": True,
    }
    return {
        "metadata": {
            "generateName": stem,
            "namespace": metadata["namespace"],
            "labels": labels,
            "annotations": annotations,
            "finalizers": [TRACKING],
            "ownerReferences": [owner],
        },
        "spec": spec,
    }


_INDEX_VARIABLE: dict[str, Any] = {
    "name": "JOB_COMPLETION_INDEX",
    "valueFrom": {"fieldRef": {"apiVersion": "v1", "fieldPath": f"metadata.labels['{INDEX}']"}},
}
