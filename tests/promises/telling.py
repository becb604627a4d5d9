"""The tasks of the bot between a real store and a Slack-shaped workspace; the test says what time it is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from threading import Event
from typing import Any

from bot.answer_context import incident_context
from bot.clock import utc_now
from bot.domain.workload.attempt import Attempt, Outcome
from bot.domain.workload.failure import Failure
from bot.rendering import Renderer
from bot.settings import Settings
from bot.slack import SlackMessenger, SocketConnection, build, web_client
from bot.slack.directory import SlackDirectory
from bot.slack.people import Channels, Groups
from bot.store.store import Store
from bot.tasks import Tasks
from playground.workspace import Channel, Installation, Message, Person, Workspace
from tests.promises.slack_bot import answer_context

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
NODE = "gpu-node-03"


@dataclass
class Telling:
    """The bot, its Slack and its store."""

    workspace: Workspace
    store: Store
    tasks: Tasks
    messenger: SlackMessenger
    on_call: Channel
    dana: Person
    now: datetime

    def sweep(self, after: timedelta = timedelta()) -> None:
        self.now += after
        self.tasks.sweep(self.now)

    def roots(self, channel: Channel | None = None) -> list[Message]:
        return [said for said in self.workspace.messages(channel or self.on_call) if not said.is_reply]

    def root(self) -> Message:
        (message,) = self.roots()
        return message

    def thread(self) -> list[str]:
        return [reply.words for reply in self.workspace.messages(self.on_call, thread_ts=self.root().ts)]

    def a_hot_node(self, jobs: int = 10, *, start: int = 0) -> None:
        """Jobs of two projects fail on one node; each succeeded elsewhere before, and many others are fine."""
        for number in range(start, start + jobs):
            at = self.now - timedelta(minutes=90 - number)
            fine = [run(f"job-{number}", at - HOUR, f"gpu-node-{10 + number % 7}", Outcome.SUCCEEDED, pod=f"a{number}")]
            bad = run(f"job-{number}", at, NODE, Outcome.FAILED, pod=f"b{number}")
            self.store.recorder.record([*fine, bad], [failed(bad, "Error")])

    def a_mended_node(self) -> None:
        """A hot node is told; an hour later twelve jobs run well on it, and that settles."""
        self.a_hot_node()
        self.sweep()
        self.now += HOUR
        self.healthy_runs()
        self.sweep(MINUTE)
        self.sweep(10 * MINUTE)

    def a_month_of(self, node: str, *, rate: float) -> None:
        """Eight nodes that fail one job in fifty, and one that fails more, up to two days ago."""
        attempts = []
        for number in range(1600):
            at = self.now - timedelta(days=2) - number * timedelta(minutes=23)
            where = node if number % 10 == 0 else f"gpu-node-{20 + number % 8}"
            share = rate if where == node else 0.02
            bad = (number // 10 if where == node else number) % round(1 / share) == 0
            outcome = Outcome.FAILED if bad else Outcome.SUCCEEDED
            attempts.append(run(f"daily-{number}", at, where, outcome, pod=f"m{number}"))
        self.store.recorder.record(
            attempts, [failed(one, "Error") for one in attempts if one.outcome is Outcome.FAILED]
        )

    def a_failure_of(self, project: str) -> None:
        """One job of this project ran out of memory two minutes ago."""
        one = run(f"oom-{project}", self.now - 2 * MINUTE, "gpu-node-05", Outcome.FAILED, pod=f"oom-{project}")
        one = replace(one, project=project)
        self.store.recorder.record([one], [failed(one, "OOMKilled")])

    def a_spike(self) -> None:
        """Sixty jobs on sixty nodes failed within the last minutes of a calm day."""
        calm = [self.now - number * timedelta(minutes=7) for number in range(200)]
        outcomes = [Outcome.FAILED if number % 40 == 0 else Outcome.SUCCEEDED for number in range(200)]
        usual = [
            run(f"calm-{at:%d%H%M}", at, f"n-{at:%M}", outcome, pod=f"c{at}")
            for at, outcome in zip(calm, outcomes, strict=True)
        ]
        late = [self.now - number * timedelta(seconds=15) for number in range(60)]
        burst = [run(f"burst-{at:%M%S}", at, f"far-{at:%M%S}", Outcome.FAILED, pod=f"s{at}") for at in late]
        runs = [*usual, *burst]
        self.store.recorder.record(runs, [failed(one, "Error") for one in runs if one.outcome is Outcome.FAILED])

    def healthy_runs(self, jobs: int = 12) -> None:
        self.store.recorder.record(
            [run(f"fine-{number}", self.now, NODE, Outcome.SUCCEEDED, pod=f"f{number}") for number in range(jobs)], []
        )


def run(job: str, at: datetime, node: str, outcome: Outcome, *, pod: str) -> Attempt:
    return Attempt(
        cluster="prod-eu",
        job=job,
        pod_uid=pod,
        outcome=outcome,
        project=("research", "ml-team")[ord(job[-1]) % 2],
        owner=None,
        node=node,
        started_at=at - timedelta(minutes=30),
        finished_at=at,
        gpu_count=1,
    )


def failed(of: Attempt, failure_type: str, signature: str | None = None) -> Failure:
    return Failure(
        cluster=of.cluster,
        job=of.job,
        pod_uid=of.pod_uid,
        failure_type=failure_type,
        signature=signature,
        timestamp=of.ended_at,
        project=of.project,
        node=of.node,
    )


@contextmanager
def telling(
    store: Store, *, connected: bool = False, installation: Installation | None = None, **settings: Any
) -> Iterator[Telling]:
    """The bot with an on-call channel that gets all alerts; `connected` also hears presses and commands."""
    with Workspace(installation=installation or Installation()).serve() as workspace:
        dana = workspace.person("dana")
        on_call = workspace.channel("on-call", dana)
        known = Settings(**({"on_call_channel": on_call.id} | settings))
        client = web_client(workspace.bot_token, workspace.url)
        renderer, stop = Renderer(), Event()
        incidents = replace(
            incident_context(known, store), groups=Groups(client, clock=utc_now).members, is_member=Channels(client).has
        )
        directory = SlackDirectory(client, clock=utc_now)
        answers = replace(answer_context(store), incidents=incidents, user=directory.user)
        messenger = SlackMessenger(client, renderer, stop=stop, seconds_between=0.0)
        tasks = Tasks(known, answers, store, messenger)
        bot = Telling(workspace, store, tasks, messenger, on_call, dana, utc_now().replace(microsecond=0))
        if not connected:
            yield bot
            return
        app = build(answers, renderer, client, acted=tasks.tell_now)
        socket = SocketConnection(app, client, workspace.app_token)
        socket.start()
        try:
            workspace.wait_for_app()
            yield bot
        finally:
            stop.set()
            socket.stop()
