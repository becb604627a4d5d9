"""The bot's Slack side as it runs, between a real store and a Slack-shaped workspace on loopback."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from threading import Event

from bot import catalogue
from bot.clock import utc_now
from bot.domain.workload.attempt import Attempt, Outcome
from bot.domain.workload.failure import Failure
from bot.rendering import Renderer
from bot.services.answers.answer import AnswerContext
from bot.services.knowledge.fixes import Sources
from bot.slack import SlackMessenger, SocketConnection, build, web_client
from bot.store.store import Store
from playground.workspace import Workspace

CATALOGUE = catalogue.load()


def answer_context(store: Store, *, allowed: tuple[str, ...] = ("*",)) -> AnswerContext:
    """What answers are made from, over this store, with the rules of the catalogue in it."""
    store.knowledge.sync_rules(CATALOGUE.rules())
    sources = Sources(history=store.history, knowledge=store.knowledge, catalogue=CATALOGUE, names=store.named_causes)
    return AnswerContext(
        evidence=store.evidence, ledger=store.ledger, retries=store.retries, sources=sources, allowed_projects=allowed
    )


@contextmanager
def connected(
    workspace: Workspace, told: AnswerContext, *, patience: float = 30.0, trusted_workspaces: tuple[str, ...] = ()
) -> Iterator[SlackMessenger]:
    """The bot over Socket Mode, until the block ends. It says that it takes a while after `patience` seconds: so many
    that no busy machine makes the first answer of a test another one."""
    stop = Event()
    client = web_client(workspace.bot_token, workspace.url)
    renderer = Renderer()
    app = build(told, renderer, client, patience=patience, trusted_workspaces=trusted_workspaces)
    connection = SocketConnection(app, client, workspace.app_token)
    connection.start()
    try:
        workspace.wait_for_app()
        yield SlackMessenger(client, renderer, stop=stop, seconds_between=0.01)
    finally:
        stop.set()
        connection.stop()


def fill(store: Store) -> None:
    """Some days of three projects, of which every fifth job runs out of memory; and ml-team's train-bert, just now."""
    now = utc_now()
    numbers = range(30)
    ends = [now - timedelta(hours=3 * number + 1) for number in numbers]
    attempts = [
        attempt(number, at, Outcome.FAILED if number % 5 == 0 else Outcome.SUCCEEDED)
        for number, at in zip(numbers, ends, strict=True)
    ]
    failures = [failure(one) for one in attempts if one.outcome is Outcome.FAILED]
    bert = Attempt(
        cluster="prod-eu",
        job="train-bert",
        pod_uid="uid-bert",
        outcome=Outcome.FAILED,
        project="ml-team",
        node="gpu-9",
        image="bert:2.1",
        started_at=now - timedelta(hours=2),
        finished_at=now - timedelta(minutes=30),
        gpu_count=4,
    )
    store.recorder.record([*attempts, bert], [*failures, failure(bert)])


def attempt(number: int, at: datetime, outcome: Outcome) -> Attempt:
    """One of many."""
    return Attempt(
        cluster="prod-eu",
        job=f"train-{number}",
        pod_uid=f"uid-{number}",
        outcome=outcome,
        project=("ml-team", "research", "secret")[number % 3],
        node=f"gpu-{number % 4}",
        started_at=at - timedelta(hours=1),
        finished_at=at,
        gpu_count=1,
    )


def failure(of: Attempt) -> Failure:
    """Its container went over the memory limit."""
    return Failure(
        cluster=of.cluster,
        job=of.job,
        pod_uid=of.pod_uid,
        failure_type="OOMKilled",
        timestamp=of.ended_at,
        project=of.project,
        node=of.node,
        image=of.image,
        exit_code=137,
        memory_request="8Gi",
        error_message="Memory cgroup out of memory: Killed process 4242 (python)",
    )
