from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.workload.job_identity import JobIdentity
from bot.domain.workload.pod_meta import Owner, PodMeta
from bot.domain.workload.submitted import identify

CREATED = datetime(2026, 11, 23, 12, 0, 20, tzinfo=UTC)
MINUTE = int(CREATED.timestamp() // 60)


def of(
    *owners: Owner,
    labels: dict[str, str] | None = None,
    annotations: dict[str, str] | None = None,
    pod: str = "pod-1",
) -> JobIdentity:
    return identify(
        PodMeta(name=pod, labels=labels or {}, annotations=annotations or {}, owners=owners, created_at=CREATED)
    )


def owner(kind: str, name: str, uid: str = "u") -> Owner:
    return Owner(kind, name, uid, controller=True)


@pytest.mark.parametrize(
    ("identity", "expected"),
    [
        (of(), JobIdentity("pod-1", "Pod")),
        (of(owner("Job", "train")), JobIdentity("train", "Job", "u")),
        (
            of(labels={"job-name": "train", "controller-uid": "c"}),
            JobIdentity("train", "Job", "c"),
        ),
        (of(owner("Job", f"nightly-{MINUTE}")), JobIdentity("nightly", "CronJob", "u")),
        (of(owner("Job", "train-20261123")), JobIdentity("train-20261123", "Job", "u")),
        (
            of(owner("ReplicaSet", "web-5d8f"), labels={"pod-template-hash": "5d8f"}),
            JobIdentity("web", "Deployment", "u"),
        ),
        (of(owner("ReplicaSet", "bare")), JobIdentity("bare", "ReplicaSet", "u")),
        (of(owner("StatefulSet", "db")), JobIdentity("db", "StatefulSet", "u")),
        (of(owner("Node", "n1"), pod="kube-proxy-n1"), JobIdentity("kube-proxy", "Pod")),
        (
            of(owner("PyTorchJob", "bert"), labels={"training.kubeflow.org/job-name": "bert"}),
            JobIdentity("bert", "PyTorchJob", "u"),
        ),
        (
            of(
                owner("Job", "mpi-launcher"),
                labels={
                    "training.kubeflow.org/job-name": "mpi",
                    "training.kubeflow.org/operator-name": "mpijob-controller",
                    "job-name": "mpi-launcher",
                },
            ),
            JobIdentity("mpi", "MPIJob", None),
        ),
        (
            of(
                owner("Job", "set-workers-0"),
                labels={"jobset.sigs.k8s.io/jobset-name": "set", "jobset.sigs.k8s.io/jobset-uid": "s"},
            ),
            JobIdentity("set", "JobSet", "s"),
        ),
        (of(owner("Job", "vc"), labels={"volcano.sh/job-name": "vc"}), JobIdentity("vc", "VolcanoJob", "u")),
        (
            of(
                owner("RayCluster", "tune-abc12"),
                labels={
                    "ray.io/cluster": "tune-abc12",
                    "ray.io/originated-from-cr-name": "tune",
                    "ray.io/originated-from-crd": "RayJob",
                },
            ),
            JobIdentity("tune", "RayJob", None),
        ),
        (of(labels={"ray.io/cluster": "tune-raycluster-x2b4z"}), JobIdentity("tune", "RayJob", None)),
        (
            of(owner("RayCluster", "shared"), labels={"ray.io/cluster": "shared"}),
            JobIdentity("shared", "RayCluster", "u"),
        ),
        (
            of(owner("StatefulSet", "llm-0"), labels={"leaderworkerset.sigs.k8s.io/name": "llm"}),
            JobIdentity("llm", "LeaderWorkerSet", None),
        ),
        (
            of(
                owner("RunaiJob", "x"),
                annotations={
                    "run.ai/top-owner-metadata": "name: bert\nuid: t\ngroup: run.ai\nkind: TrainingWorkload\n"
                },
            ),
            JobIdentity("bert", "TrainingWorkload", "t"),
        ),
        (
            of(annotations={"kai.scheduler/top-owner-metadata": '{"name": "bert", "kind": "JobSet", "uid": "t"}'}),
            JobIdentity("bert", "JobSet", "t"),
        ),
        (
            of(owner("Job", "train"), annotations={"run.ai/top-owner-metadata": "name: pod-1\nkind: Pod\n"}),
            JobIdentity("train", "Job", "u"),
        ),
    ],
)
def test_a_pod_belongs_to_what_a_person_submitted(identity: JobIdentity, expected: JobIdentity) -> None:
    assert identity == expected


def test_a_number_that_is_not_the_minute_of_its_start_names_no_cron_job() -> None:
    long_ago = MINUTE - int(timedelta(days=30).total_seconds() // 60)
    assert of(owner("Job", f"sweep-{long_ago}")).kind == "Job"
    assert identify(PodMeta(name="p", owners=[owner("Job", f"x-{MINUTE}")])).kind == "Job"
