"""Two projects of which one is hidden: everything of it, and of what was learnt from it, carries a mark that no answer
may have. Failures, fixes, names, incidents, subscriptions, maintenance, all by the ways in which they come about."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from bot.domain.answers.unknown_failures import Naming
from bot.domain.incidents.maintenance import Maintenance, MaintenanceKind
from bot.domain.incidents.subscription import Subscription, Wants
from bot.domain.knowledge.spec import SeenSpec, WorkloadSpec
from bot.domain.knowledge.suggestion import About
from bot.domain.scope import Scope
from bot.domain.workload.attempt import Attempt, Outcome
from bot.domain.workload.failure import Failure
from bot.domain.workload.version import ROLLOUT, VersionSeen
from bot.services.knowledge import learn
from bot.services.knowledge.name_causes import name_cause
from bot.services.knowledge.suggest import Suggestion, suggest
from bot.services.knowledge.vote import vote
from bot.store.store import Store

MARK = "q7x"
MINE, HIDDEN = "ml-team", f"vault-{MARK}"
IMAGE = f"registry.{MARK}.example/{MARK}/bert"
NODE = "gpu-node-03"
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
SPEC = WorkloadSpec(memory="8Gi", image=f"{IMAGE}:1", command=("python", "train.py"), env=((f"{MARK}_HOME", None),))
ALL = Scope()


def attempt(job: str, at: datetime, outcome: Outcome, **facts: Any) -> Attempt:
    known: dict[str, Any] = {"project": MINE, "node": "gpu-node-07", "image": "bert:1", "owner": "ana"}
    return Attempt(
        cluster="prod-eu",
        job=job,
        pod_uid=f"{job}/{at:%H%M%S}/{outcome}",
        outcome=outcome,
        started_at=at - 20 * MINUTE,
        finished_at=at,
        gpu_count=1,
        **(known | facts),
    )


def hidden(job: str, at: datetime, outcome: Outcome, **facts: Any) -> Attempt:
    known: dict[str, Any] = {"project": HIDDEN, "image": f"{IMAGE}:1", "owner": f"eve-{MARK}"}
    return attempt(f"{MARK}-{job}", at, outcome, **(known | facts))


def failure(of: Attempt, failure_type: str, said: str = "", **facts: Any) -> Failure:
    mark = f" of {HIDDEN} at s3://{MARK}-bucket" if of.project == HIDDEN else ""
    return Failure(
        cluster=of.cluster,
        job=of.job,
        pod_uid=of.pod_uid,
        failure_type=failure_type,
        timestamp=of.ended_at,
        project=of.project,
        node=of.node,
        image=of.image,
        owner=of.owner,
        error_message=f"{said or failure_type}{mark}",
        logs_snippet=f"line one\nfailed{mark}",
        events_snippet=f"Failed: pulling{mark}",
        **facts,
    )


def record(store: Store, now: datetime) -> None:
    """A hot node, an image that fails everywhere, causes known and unknown; much of it in the last hour."""
    attempts, failures = [], []
    for number in range(16):
        at = now - 90 * MINUTE + number * MINUTE
        make = hidden if number % 2 else attempt
        fine = make(f"job-{number}", at - 2 * HOUR, Outcome.SUCCEEDED, node=f"gpu-node-{10 + number % 7}")
        bad = make(f"job-{number}", at, Outcome.FAILED, node=NODE)
        attempts += [fine, bad]
        failures.append(failure(bad, "Error", "CUDA error", signature="gpu-xid-79"))
    for number in range(160):
        tag = ("broken", "a", "b", "c", "d")[number % 5]
        broken = tag == "broken" and number % 4 < 3
        one = hidden(
            f"{'abcdefghijklm'[number % 13]}{'uvwxyz'[number % 6]}-net",
            now - 30 * MINUTE - number * 7 * MINUTE,
            Outcome.FAILED if broken else Outcome.SUCCEEDED,
            node=f"n-{number % 9}",
            image=f"{IMAGE}:{tag}",
            owner=f"eve-{MARK}-{number}",
        )
        attempts.append(one)
        failures += [failure(one, "ImagePullBackOff", signature="image-not-found")] if broken else []
    for make in (attempt, hidden):
        fresh = make("fresh", now - 2 * MINUTE, Outcome.FAILED)
        attempts.append(fresh)
        failures.append(failure(fresh, "OOMKilled", memory_request="8Gi"))
    for number, make in enumerate((attempt, hidden) * 4):
        one = make(f"odd-{number // 2}", now - 40 * MINUTE + number * MINUTE, Outcome.FAILED)
        attempts.append(one)
        said = f"RuntimeError: licence {MARK} server away" if make is hidden else "RuntimeError: our queue is full"
        failures.append(failure(one, "Error", said))
    for days in (8, 9):
        for make in (attempt, hidden):
            one = make(f"old-{days}", now - days * DAY, Outcome.FAILED)
            attempts.append(one)
            failures.append(failure(one, "OOMKilled", memory_request="8Gi"))
    store.recorder.record(attempts, failures)
    for version, at in (("1", now - 5 * DAY), ("2", now - 100 * MINUTE)):
        store.recorder.record_versions(
            [
                VersionSeen(
                    cluster="prod-eu", what=ROLLOUT, subject=f"serve-{MARK}", value=version, at=at, project=HIDDEN
                )
            ]
        )


def try_again(store: Store, now: datetime, make: Any, job: str, failure_type: str, **changed: Any) -> None:
    """A job fails, is changed and runs; the bot studies it."""
    failed = make(job, now - 4 * HOUR, Outcome.FAILED)
    later = make(job, now - 3 * HOUR, Outcome.SUCCEEDED)
    store.recorder.record([failed, later], [failure(failed, failure_type, memory_request="8Gi")])
    before = SPEC if make is hidden else replace(SPEC, image="bert:1", env=())
    after = replace(before, **changed)
    store.recorder.record_specs(
        [
            SeenSpec(attempt=failed, failed=True, read=lambda: before),
            SeenSpec(attempt=later, failed=False, read=lambda: after),
        ]
    )
    learn.study(store.trials, store.knowledge, now=now)


def teach(store: Store, now: datetime) -> None:
    """Fixes that were observed, first in the hidden project; those that people typed; a cause that somebody named."""
    for number in range(3):  # three jobs of one tenant, each with its own image
        try_again(store, now, hidden, f"pull-{number}", "ImagePullBackOff", image=f"{IMAGE}:2")
    try_again(store, now, hidden, "grow", "OOMKilled", memory="16Gi")
    try_again(store, now, attempt, "grow", "OOMKilled", memory="16Gi")
    try_again(store, now, attempt, "grow-more", "OOMKilled", memory="16Gi")
    try_again(store, now, hidden, "env", "CreateContainerConfigError", env=((f"{MARK}_BUCKET", None),))
    try_again(store, now, hidden, "mount", "FailedMount", volumes=(f"/data persistentVolumeClaim/{MARK}-data",))
    try_again(store, now, hidden, "secret", "ErrImagePull", pull_secrets=(f"{MARK}-pull",))
    for job, project in ((f"{MARK}-odd-0", HIDDEN), ("odd-0", MINE)):
        (odd,) = store.history.job_failures(ALL, job)
        text = f"Ask the keeper of {MARK}" if project == HIDDEN else "Empty our queue"
        about = About(failure_type="Error", failure_id=odd.id)
        said = Suggestion(about=about, text=text, condition=f"project={project}", by="U1")
        solution = suggest(said, store.history, store.knowledge, scope=ALL, now=now)
        assert isinstance(solution, int)
        vote(solution, odd.id, store.history, store.knowledge, worked=True, scope=ALL, by="U2", now=now)
    at_large = About(failure_type="OOMKilled")
    asked = Suggestion(about=at_large, text=f"Read the page of {MARK}", condition=None, by="U1", project=HIDDEN)
    assert isinstance(suggest(asked, store.history, store.knowledge, scope=ALL, now=now), int)
    (odd,) = store.history.job_failures(ALL, f"{MARK}-odd-1")
    naming = Naming(
        name=f"Licence {MARK} away", explanation=f"The server of {MARK}.", owner="platform", remedy=f"Call {MARK}"
    )
    named = name_cause(
        odd.id or 0, naming, store.named_causes, store.history, store.knowledge, scope=ALL, by="U1", now=now
    )
    assert named is not None


def settle(store: Store, now: datetime, *, channel: str, user: str) -> None:
    """What people set up about the hidden project while it was shown."""
    for wants in Wants:
        store.subscriptions.subscribe(
            Subscription(
                channel=channel, wants=wants, project=HIDDEN, created_by=user, created_at=now - 30 * DAY, hour=0
            )
        )
    store.homes.choose(user, [HIDDEN, MINE])


def maintain(store: Store, now: datetime, *, user: str) -> None:
    """Work on the hidden project."""
    store.subscriptions.begin(
        Maintenance(part=MaintenanceKind.PROJECT, name=HIDDEN, since=now, until=now + DAY, by=user)
    )
