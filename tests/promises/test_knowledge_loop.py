"""The heart of it: a job fails, a fix is suggested, somebody does it, the job runs, the fix is credited, its owner is
asked, and the next person sees the record. Between a real store, a cluster and a Slack on loopback."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.clock import utc_now
from bot.cluster.client import connect
from bot.cluster.source import watched
from bot.domain.diagnosis import diagnose
from bot.domain.knowledge.solution import Record, Solution, SolutionKind
from bot.domain.scope import Scope
from bot.domain.workload.failure import Failure, Resolution
from bot.services.knowledge import ask_owner, learn
from bot.services.recording.record import Scribe
from bot.services.recording.watch import Tally, watch_cluster
from bot.slack import SlackMessenger, web_client
from bot.slack.directory import SlackDirectory
from bot.store.store import Store
from playground.kube.cluster import SimulatedCluster
from playground.kube.pods import Run, image_pull_backoff, oom_killed, succeeded
from playground.kube.server import KubeServer, serve_cluster
from playground.kube.workloads import Workload
from playground.workspace import Message, Person, Workspace
from tests.promises.slack_bot import CATALOGUE, answer_context, connected

DOUBLE = "Increase memory request/limit by 2x"


@dataclass
class Place:
    """A cluster that is watched, a Slack, and what is known."""

    kube: KubeServer
    workspace: Workspace
    store: Store
    messenger: SlackMessenger
    directory: SlackDirectory
    submissions: dict[str, int] = field(default_factory=dict)
    past: timedelta = timedelta(hours=20)

    def run(self, job: Workload, *, ends_well: bool) -> None:
        """The job is submitted, half an hour after the one before, and ends."""
        number = self.submissions.get(job.name, 0)
        self.submissions[job.name] = number + 1
        self.past -= timedelta(minutes=30)
        created = utc_now() - self.past
        run = Run(
            workload=replace(job, submission=number),
            created=created,
            finished=created + timedelta(minutes=20),
            node=f"gpu-node-{number + 1:02d}",
        )
        self.kube.cluster.put_pod(succeeded(run) if ends_well else oom_killed(run))
        self.wait(lambda: len(self.store.history.job_attempts(Scope(), job.name)) == number + 1)

    def wait(self, holds: object) -> None:
        assert callable(holds)
        for _ in range(500):
            if holds():
                return
            threading.Event().wait(0.02)
        raise AssertionError("waited for too long")

    def sweep(self) -> int:
        """What the schedule does every few seconds, once the watch has written all it saw."""
        threading.Event().wait(0.6)
        learn.study(self.store.trials, self.store.knowledge, now=utc_now())
        asker = ask_owner.Asker(
            knowledge=self.store.knowledge,
            history=self.store.history,
            questions=self.store.fix_questions,
            outbox=self.store.outbox,
            messenger=self.messenger,
            directory=self.directory,
        )
        return ask_owner.ask_owners(asker, scope=Scope(), now=utc_now())

    def failure(self, job: str) -> Failure:
        return self.store.history.job_failures(Scope(), job)[-1]

    def known(self, description: str, failure_type: str = "OOMKilled") -> tuple[Solution, Record]:
        return next(
            each for each in self.store.knowledge.solutions(Scope(), failure_type) if each[0].description == description
        )

    def question(self, person: Person, saying: str) -> Message:
        return self.workspace.wait_for(
            lambda: next((one for one in person.sees() if saying in one.words), None),  # type: ignore[return-value] # it is waited for
            what=f"a question that says {saying!r}",
        )


@pytest.fixture
def place(tmp_path: Path, sqlite_store: Store) -> Iterator[Place]:
    stop, tally = threading.Event(), Tally("prod-eu")
    with (
        Workspace().serve() as workspace,
        connected(workspace, answer_context(sqlite_store)) as messenger,
        serve_cluster(SimulatedCluster()) as kube,
        ThreadPoolExecutor(2) as pool,
    ):
        client = connect(config_file=str(kube.kubeconfig(tmp_path / "kubeconfig")))
        source = watched(
            client,
            "prod-eu",
            project_labels=("runai/queue",),
            log_lines=50,
            pending=timedelta(minutes=15),
            clock=utc_now,
        )
        scribe = Scribe(recorder=sqlite_store.recorder, diagnose=lambda evidence: diagnose(evidence, CATALOGUE))
        thread = threading.Thread(
            target=watch_cluster,
            args=("prod-eu", source, scribe),
            kwargs={"pool": pool, "stop": stop, "tally": tally},
        )
        thread.start()
        directory = SlackDirectory(web_client(workspace.bot_token, workspace.url), clock=utc_now)
        place = Place(kube, workspace, sqlite_store, messenger, directory)
        people = [workspace.person(name) for name in ("ana", "ben", "cleo", "dana", "emil", "farah", "goran", "hana")]
        workspace.channel("ml-team", *people)
        try:
            place.wait(lambda: tally.lists)
            yield place
        finally:
            stop.set()
            thread.join()
    assert tally.crashes == 0


def test_a_fix_that_was_suggested_and_done_is_credited_and_leads_for_the_next_person(place: Place) -> None:
    owners = ["ana", "ben", "cleo", "dana", "emil", "farah", "goran"]
    for number, owner in enumerate(owners):
        person = place.workspace.person(owner)
        job = Workload(name=f"train-{owner}", owner=owner, memory="8Gi")
        place.run(job, ends_well=False)
        story = person.slash("/failures", f"job {job.name}", channel="ml-team").answer()
        assert DOUBLE in story.words
        place.wait(lambda job=job: place.store.knowledge.suggested(place.failure(job.name).id or 0))
        works = number != 5
        place.run(replace(job, memory="16Gi"), ends_well=works)
        assert place.sweep() == works
        if works:
            question = place.question(person, "finished.")
            assert "memory limit 8Gi → 16Gi" in question.words
            person.press(question, "Yes, it did")
        else:
            person.press(story, "Didn't help")
        place.wait(lambda number=number: _people(place.known(DOUBLE)[1]) == number + 1)
        if number == 0:
            seen = place.workspace.person("hana").slash("/failures", "fix OOMKilled", channel="ml-team").answer()
            assert "100.0 % (1 success, 0 failures) · 👁 seen to work 1 of 1" in seen.words
            assert "1 other user fixed this by increasing memory request/limit by 2x" in seen.words

    seen = place.workspace.person("hana").slash("/failures", "fix OOMKilled", channel="ml-team").answer()
    assert "85.7 % (6 successes, 1 failure) · 👁 seen to work 6 of 7" in seen.words
    assert "6 other users fixed this by increasing memory request/limit by 2x" in seen.words
    assert place.failure("train-ana").resolution is not None
    again = place.workspace.person("ana").slash("/failures", "fix OOMKilled", channel="ml-team").answer()
    assert "5 other users fixed this" in again.words
    assert place.sweep() == 0


def _people(record: Record) -> int:
    return record.worked + record.failed


def test_a_change_that_nobody_suggested_becomes_a_solution_of_its_own(place: Place) -> None:
    job = Workload(name="train-bert", owner="ana", memory="8Gi")
    place.run(job, ends_well=False)
    place.run(replace(job, memory="16Gi"), ends_well=True)
    place.sweep()
    solution, record = place.known("Increase memory limit from 8Gi to 16Gi")
    assert (solution.kind, solution.parameters["multiplier"]) == (SolutionKind.OBSERVED, 2.0)
    assert (record.observed_worked, record.worked) == (1, 0)
    seen = place.workspace.person("ben").slash("/failures", "fix OOMKilled", channel="ml-team").answer()
    assert "seen to work 1 of 1: 100.0 % (1 success, 0 failures)" in seen.words
    place.sweep()
    assert place.known("Increase memory limit from 8Gi to 16Gi")[1].observed_worked == 1


def test_a_plain_retry_that_works_says_that_the_failure_was_transient(place: Place) -> None:
    job = Workload(name="train-bert", owner="ana")
    place.run(job, ends_well=False)
    place.run(job, ends_well=True)
    assert place.sweep() == 0
    assert place.known("Retry as it is")[1].observed_worked == 1


def test_one_person_is_asked_once_about_one_change_with_all_the_jobs_it_helped(place: Place) -> None:
    for name in ("train-bert", "train-gpt", "eval-all"):
        job = Workload(name=name, owner="ana", memory="8Gi")
        place.run(job, ends_well=False)
        place.run(replace(job, memory="16Gi"), ends_well=True)
    assert place.sweep() == 1
    (asked,) = place.workspace.messages(place.workspace.state.direct(place.workspace.person("ana").id).id)
    assert "So did 2 more jobs of yours after the same change" in asked.words
    assert all(name in asked.words for name in ("train-bert", "train-gpt", "eval-all"))
    assert place.sweep() == 0


def test_a_job_submitted_again_under_another_number_is_the_same_one(place: Place) -> None:
    place.run(Workload(name="train-bert-1", owner="ana", memory="8Gi"), ends_well=False)
    place.run(Workload(name="train-bert-2", owner="ana", memory="16Gi"), ends_well=True)
    assert place.sweep() == 1
    failure = place.failure("train-bert-1")
    assert (failure.resolution, failure.resolved_by) == (Resolution.FIXED, "bot")


def test_a_pull_secret_is_learnt_for_its_registry_alone(place: Place) -> None:
    job = Workload(name="infer", owner="ana", image="123.dkr.ecr.example/infer:1")
    created: datetime = utc_now() - timedelta(hours=2)
    place.kube.cluster.put_pod(image_pull_backoff(Run(workload=job, created=created)))
    place.wait(lambda: place.store.history.job_failures(Scope(), "infer"))
    again = replace(job, submission=1, pull_secrets=("ecr-login",))
    ends = utc_now() - timedelta(minutes=5)
    place.kube.cluster.put_pod(
        succeeded(Run(workload=again, created=created + timedelta(hours=1), finished=ends, node="gpu-node-02"))
    )
    place.wait(lambda: place.store.history.job_attempts(Scope(), "infer"))
    place.sweep()
    solution, _ = place.known("Add image pull secret ecr-login", "ImagePullBackOff")
    assert solution.condition == "registry=123.dkr.ecr.example"


def test_something_else_is_offered_what_is_known_already_before_it_is_added(place: Place) -> None:
    job = Workload(name="train-bert", owner="ana", memory="8Gi")
    place.run(job, ends_well=False)
    ana, ben = place.workspace.person("ana"), place.workspace.person("ben")
    story = ana.slash("/failures", "job train-bert", channel="ml-team").answer()

    form = ana.press(story, "Something else fixed it…").view()
    ana.submit(form, {"what": "Increase the memory limit 2x"}).acknowledged()
    offered = ana.modal
    assert offered is not None
    assert DOUBLE in str(offered.body)
    ana.press(offered, "That’s it")
    place.wait(lambda: place.known(DOUBLE)[1].worked == 1)
    place.wait(lambda: ana.modal is not None and "recorded" in str(ana.modal.body))

    form = ben.press(
        ben.slash("/failures", "job train-bert", channel="ml-team").answer(), "Something else fixed it…"
    ).view()
    ben.submit(form, {"what": "Stream the dataset from disk.", "where": "project=ml-team"}).acknowledged()
    solution, record = place.known("Stream the dataset from disk")
    assert (solution.kind, solution.condition, solution.created_by) == (SolutionKind.PERSON, "project=ml-team", ben.id)
    assert (record.worked, record.people) == (1, 1)


def test_a_suggestion_can_be_reworded_and_retired_and_the_audit_says_by_whom(place: Place) -> None:
    ana = place.workspace.person("ana")
    known = place.store.knowledge.add_solution(
        Solution(failure_type="OOMKilled", description="Use less memry", kind=SolutionKind.PERSON, created_by=ana.id)
    )
    listed = ana.slash("/failures", "solutions OOMKilled", channel="ml-team").answer()
    form = ana.press(listed, "Edit…").view()
    ana.submit(form, {"what": "Use less memory"}).acknowledged()
    place.wait(lambda: "Use less memory" in (place.workspace.message(listed) or listed).words)
    ana.press(listed, "Retire…")
    place.wait(lambda: "Use less memory" not in (place.workspace.message(listed) or listed).words)
    assert [each for each, _ in place.store.knowledge.solutions(Scope(), "OOMKilled") if each.id == known] == []
    assert [(action, by) for action, _, by in place.store.knowledge.audit()] == [
        ("edit solution", ana.id),
        ("retire solution", ana.id),
    ]
