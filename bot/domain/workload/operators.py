"""The marks that operators leave on their pods, and the workload that each mark names. Sources: the constants of each
project, at the versions in `tests/truth/operators.yaml`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bot.domain.workload.pod_meta import PodMeta

VOLCANO = "VolcanoJob"
"""Volcano's own kind is `Job` too; so called, it is not taken for a batch Job."""
MPI = "MPIJob"
_KUBEFLOW_KINDS = ("PyTorchJob", "TFJob", MPI, "XGBoostJob", "PaddleJob", "JAXJob", "MXJob")
_HELPERS = frozenset({"Job", "StatefulSet", "ReplicaSet", "Pod"})
"""Kinds that an operator makes to run its pods: an MPIJob's launcher is a batch Job."""
_PART_OF, _MANAGED_BY = "app.kubernetes.io/part-of", "app.kubernetes.io/managed-by"
_NAME, _INSTANCE = "app.kubernetes.io/name", "app.kubernetes.io/instance"
_JOBSET = "jobset.sigs.k8s.io/jobset-name"
_TRAINER = "trainer.kubeflow.org/"
_TRAINER_STEPS = frozenset({"node", "trainer-node", "trainer", "launcher", "dataset-initializer", "model-initializer"})
"""Kubeflow Trainer's runtimes name their replicated jobs and containers so; no label of the pod tells the TrainJob."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A label or annotation that names a workload."""

    key: str
    kind: str | Callable[[PodMeta], str | None]
    uid: str | None = None
    """Where the submission's uid stands; else it is the owner's, if the owner is the workload itself."""
    when: Callable[[PodMeta], bool] = lambda _: True

    def kind_of(self, pod: PodMeta) -> str | None:
        """The workload's kind."""
        return self.kind if isinstance(self.kind, str) else self.kind(pod)


def _by_operator(pod: PodMeta) -> str | None:
    """Kubeflow's operator says its kind; else the owner's, unless that is a helper."""
    said = (pod.said("training.kubeflow.org/operator-name") or "").removesuffix("-controller").removesuffix("-operator")
    known = next((kind for kind in _KUBEFLOW_KINDS if kind.lower() in {said, f"{said}job"}), None)
    owner = pod.owner
    return owner.kind if owner is not None and owner.kind not in _HELPERS else known


def _jobset_kind(pod: PodMeta) -> str:
    step = pod.labels.get("jobset.sigs.k8s.io/replicatedjob-name")
    of_trainer = step in _TRAINER_STEPS and _TRAINER_STEPS.issuperset(pod.containers[:1] or ("",))
    return "TrainJob" if of_trainer or any(key.startswith(_TRAINER) for key in pod.labels) else "JobSet"


def _dask_kind(pod: PodMeta) -> str:
    return "DaskJob" if pod.labels.get("dask.org/component") == "job-runner" else "DaskCluster"


def _made_by(key: str, value: str) -> Callable[[PodMeta], bool]:
    return lambda pod: pod.labels.get(key) == value


def _has_none(pod: PodMeta) -> bool:
    return pod.owner is None


MARKS: tuple[Mark, ...] = (
    # Who made whom: the row of what a person submitted stands above those of what it is made of.
    Mark("workload.codeflare.dev/appwrapper", "AppWrapper"),
    Mark("nvidia.com/dynamo-graph-deployment-name", "DynamoGraphDeployment"),
    Mark(_PART_OF, "PodCliqueSet", when=_made_by(_MANAGED_BY, "grove-operator")),
    Mark("serving.kserve.io/inferenceservice", "InferenceService"),
    Mark(_NAME, "LLMInferenceService", when=_made_by(_PART_OF, "llminferenceservice")),
    Mark(_INSTANCE, "NIMService", when=_made_by(_PART_OF, "nim-service")),
    Mark("seldon-deployment-id", "SeldonDeployment"),
    Mark(f"{_TRAINER}trainjob-name", "TrainJob"),
    Mark(_JOBSET, _jobset_kind, "jobset.sigs.k8s.io/jobset-uid"),
    Mark("training.kubeflow.org/job-name", _by_operator),
    Mark("pytorch-job-name", "PyTorchJob"),
    Mark("tf-job-name", "TFJob"),
    Mark("mpi-job-name", MPI),
    Mark("mpi_job_name", MPI),
    Mark("xgboost-job-name", "XGBoostJob"),
    Mark("mxnet-job-name", "MXJob"),
    Mark("elasticjob-name", "ElasticJob"),
    Mark("volcano.sh/job-name", VOLCANO),
    Mark("leaderworkerset.sigs.k8s.io/name", "LeaderWorkerSet"),
    Mark("workflows.argoproj.io/workflow", "Workflow", "workflows.argoproj.io/workflow-uid"),
    Mark("tekton.dev/pipelineRun", "PipelineRun", "tekton.dev/pipelineRunUID"),
    Mark("tekton.dev/taskRun", "TaskRun", "tekton.dev/taskRunUID"),
    Mark("sparkoperator.k8s.io/app-name", "SparkApplication"),
    Mark("sparkoperator.k8s.io/connect-name", "SparkConnect"),
    Mark(
        "spark-app-name", "SparkApplication", "spark-app-selector", when=lambda pod: bool(pod.labels.get("spark-role"))
    ),
    Mark("serving.knative.dev/service", "KnativeService"),
    Mark("notebook-name", "Notebook"),
    Mark("run.ai/workload-name", lambda pod: pod.said("run.ai/workload-kind") or _by_operator(pod)),
    Mark("workloadName", lambda pod: pod.said("workloadKind"), when=lambda pod: bool(pod.said("workloadKind"))),
    Mark("dask.org/cluster-name", _dask_kind),
    Mark("skypilot-cluster-name", "SkyPilotCluster"),
    Mark("skypilot-cluster", "SkyPilotCluster"),
    Mark("scaledjob.keda.sh/name", "ScaledJob"),
    Mark("actions.github.com/scale-set-name", "AutoscalingRunnerSet"),
    Mark("armada_jobset_id", "ArmadaJob", "armada_job_id"),
    Mark("kueue.x-k8s.io/pod-group-name", "PodGroup", when=_has_none),
    Mark("scheduling.x-k8s.io/pod-group", "PodGroup", when=_has_none),
    Mark("pod-group.scheduling.sigs.k8s.io", "PodGroup", when=_has_none),
    Mark("yunikorn.apache.org/app-id", "Application", when=_has_none),
    Mark("applicationId", "Application", when=lambda pod: pod.owner is None and bool(pod.labels.get("queue"))),
)
