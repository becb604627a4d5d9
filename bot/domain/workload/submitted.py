"""What a workload is one run of. A workflow's run, a trial, a scheduled run and a task's try are made by controllers,
each under a name of its own; what people know is the template's name, where the pod says it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.domain.workload.generated_names import without_minute, without_random, without_time
from bot.domain.workload.job_identity import JobIdentity, workload_of
from bot.domain.workload.operators import VOLCANO
from bot.domain.workload.pod_meta import PodMeta

_ARGO, _DETERMINED = "workflows.argoproj.io/", "determined.ai/experiment_id"
_RUNS = frozenset({"Workflow", "PipelineRun", "TaskRun"})
"""Kinds that are one run each; created by `generateName` they end in random letters."""
_TRIAL = re.compile(r"(.+)-[a-z0-9]{8}")
_OF_A_RUN = re.compile(r"(?:Run of )?(.+?)(?:\s*\([0-9a-f]{4,8}\)|[ _-]\d{4}-\d\d-\d\d[ T_]\d\d[-:]\d\d[-:]\d\d.*)?")
"""What Kubeflow Pipelines puts before and behind a pipeline's name to name a run of it."""


@dataclass(frozen=True, slots=True)
class Template:
    """Where a pod says what its workload is a run of."""

    names: Sequence[str]
    """Labels or annotations with the template's name, the first that is there."""
    kind: str | None
    """None for the workload's own."""
    uids: Sequence[str] | None = None
    """Where the submission's id stands, which a retry keeps; None where it is the workload's."""
    beside: Sequence[str] = ()
    """Labels or annotations that have to be there as well."""
    tidy: Callable[[str], str] = str


_TEMPLATES: tuple[Template, ...] = (
    Template(("katib.kubeflow.org/experiment",), "Experiment", ()),
    Template(("katib.kubeflow.org/trial",), "Experiment", (), tidy=lambda trial: _first(_TRIAL, trial)),
    Template(("metaflow/flow_name",), "MetaflowFlow", ("metaflow/run_id",)),
    Template(("dag_id",), "AirflowDAG", ("run_id", "execution_date"), ("task_id",)),
    Template(("prefect.io/flow-name", "prefect.io/deployment-name"), "PrefectFlow", ("prefect.io/flow-run-id",)),
    Template(("dagster/job", "dagster/pipeline"), "DagsterJob", ("dagster/run-id",)),
    Template(
        ("workflow-name", "task-name"),
        "FlyteWorkflow",
        ("execution-id",),
        ("execution-id", "domain"),
        lambda name: name.removeprefix("flytegen-"),
    ),
    Template(("flyte.org/task-name", "task-name"), "FlyteTask", ("run",), ("run", "action")),
    Template(("pipelines.kubeflow.org/pipeline_name",), None, ("pipeline/runid",), ("pipeline/runid",)),
    Template(("pipelines.kubeflow.org/run_name",), None, ("pipeline/runid",), tidy=lambda run: _first(_OF_A_RUN, run)),
    Template((f"{_ARGO}cron-workflow",), "CronWorkflow"),
    Template((f"{_ARGO}workflow-template", f"{_ARGO}cluster-workflow-template"), None),
    Template((f"{_ARGO}resubmitted-from-workflow",), None, tidy=lambda name: without_random(name) or name),
    Template(("tekton.dev/pipeline",), None),
    Template(("tekton.dev/task", "tekton.dev/clusterTask"), None),
    Template(("sparkoperator.k8s.io/scheduled-app-name",), "ScheduledSparkApplication"),
    Template(("mlrun/name", "mlrun/function"), "MLRun", ("mlrun/uid",), ("mlrun/project",)),
    Template((_DETERMINED,), "Experiment", (_DETERMINED,), tidy="experiment-{}".format),
    Template(("determined.ai/task_id",), "DeterminedTask", ("determined.ai/task_id",)),
)


def identify(pod: PodMeta) -> JobIdentity:
    """The job a person submitted. Its uid is that of the submission, as far as the pod tells; a retry keeps it."""
    workload = workload_of(pod)
    return _by_template(pod, workload) or _by_name(pod, workload) or workload


def _by_template(pod: PodMeta, workload: JobIdentity) -> JobIdentity | None:
    for template in _TEMPLATES:
        name = pod.first(template.names)
        if name and all(pod.said(key) for key in template.beside):
            uid = workload.uid if template.uids is None else pod.first(template.uids)
            return JobIdentity(template.tidy(name), template.kind or workload.kind, uid)
    return None


def _by_name(pod: PodMeta, workload: JobIdentity) -> JobIdentity | None:
    """Where no label tells: the rules by which controllers name what they make."""
    name, kind, at = workload.name, workload.kind, pod.created_at
    if kind == VOLCANO and (cron := without_minute(name, at)):
        return JobIdentity(cron, "VolcanoCronJob", workload.uid)
    if kind == "Workflow" and (cron := without_time(name, at)):
        return JobIdentity(cron, "CronWorkflow", workload.uid)
    if kind == "SparkApplication" and (cron := without_time(name, at)):
        return JobIdentity(cron, "ScheduledSparkApplication", workload.uid)
    if kind in _RUNS and (made := without_random(name)):
        return JobIdentity(made, kind, workload.uid)
    return None


def _first(pattern: re.Pattern[str], text: str) -> str:
    match = pattern.fullmatch(text)
    return match[1] if match else text
