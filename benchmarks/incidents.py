"""From failure to message: 50 failures a second for two minutes, told through the local Slack with its rate limits on,
beside the number of messages that one for each failure would be:

    .venv/bin/python -m benchmarks.incidents [--seconds 120] [--rate 50]

Failures have five causes in four projects; each project's channel subscribed to single failures, one to alerts."""

from __future__ import annotations

import argparse
import random
import tempfile
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from time import monotonic

import numpy as np
from sqlalchemy import Engine

from bot import catalogue
from bot.answer_context import incident_context
from bot.app import TELLING_THREADS
from bot.clock import utc_now
from bot.domain.incidents.subscription import Subscription, Wants
from bot.domain.scope import Scope
from bot.domain.workload.attempt import Attempt, Outcome
from bot.domain.workload.failure import Failure
from bot.rendering import Renderer
from bot.services.answers.answer import AnswerContext
from bot.services.incidents.notices import IncidentNotice
from bot.services.knowledge.fixes import Sources
from bot.settings import Settings
from bot.slack import SlackMessenger, web_client
from bot.store.incident_notices import SqlIncidentNotices
from bot.store.migrate import upgrade
from bot.store.store import Store, open_store
from bot.tasks import Tasks
from playground.workspace import Workspace

PROJECTS = ("ml-team", "research", "vision", "speech")
CAUSES = ("container-memory-limit", "cuda-out-of-memory", "nccl-timeout", "image-not-found", "python-import-error")
PAUSE = threading.Event()


class TimedNotices(SqlIncidentNotices):
    """Remembers which incident was noted as told, in which sweep, and when."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine)
        self.shown: list[tuple[int, datetime, datetime]] = []

    def note(self, notice: IncidentNotice) -> None:
        """As the store's, and remembered."""
        super().note(notice)
        self.shown.append((notice.incident_id, notice.at, utc_now()))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=120)
    parser.add_argument("--rate", type=int, default=50)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory, Workspace(enforce_rates=True).serve() as workspace:
        url = f"sqlite:///{Path(directory) / 'failures.db'}"
        upgrade(url)
        store = open_store(url)
        notices = TimedNotices(store.engine)
        store = replace(store, incident_notices=notices)
        seen = _run(store, workspace, arguments.seconds, arguments.rate)
        _report(store, notices, workspace, seen)
        store.close()


def _run(store: Store, workspace: Workspace, seconds: int, rate: int) -> list[tuple[datetime, str]]:
    """When each failure was seen, that is: recorded; and its project and cause."""
    on_call = workspace.channel("on-call")
    settings = Settings(on_call_channel=on_call.id)
    for project in PROJECTS:
        channel = workspace.channel(project)
        store.subscriptions.subscribe(
            Subscription(channel=channel.id, wants=Wants.FAILURES, project=project, created_at=utc_now())
        )
    known = catalogue.load()
    store.knowledge.sync_rules(known.rules())
    sources = Sources(history=store.history, knowledge=store.knowledge, catalogue=known)
    context = AnswerContext(
        evidence=store.evidence,
        ledger=store.ledger,
        retries=store.retries,
        sources=sources,
        incidents=incident_context(settings, store),
    )
    messenger = SlackMessenger(web_client(workspace.bot_token, workspace.url), Renderer(), stop=threading.Event())
    over = threading.Event()
    with ThreadPoolExecutor(TELLING_THREADS) as pool:
        tasks = Tasks(settings, context, store, messenger, pool=pool)
        sweeping = threading.Thread(target=_sweep, args=(tasks, settings.sweep_seconds, over))
        sweeping.start()
        seen = _fail(store, seconds, rate)
        PAUSE.wait(5 * settings.sweep_seconds)
        over.set()
        sweeping.join()
    return seen


def _sweep(tasks: Tasks, every: int, over: threading.Event) -> None:
    while not over.wait(every):
        tasks.sweep(utc_now())


def _fail(store: Store, seconds: int, rate: int) -> list[tuple[datetime, str]]:
    rng = random.Random(47)
    seen: list[tuple[datetime, str]] = []
    began = monotonic()
    for second in range(seconds):
        now = utc_now()
        attempts = [_attempt(f"{second}-{number}", rng, now) for number in range(rate)]
        failures = [_failure(one, rng) for one in attempts]
        store.recorder.record(attempts, failures)
        seen += [(now, f"{one.project}/{one.signature}") for one in failures]
        PAUSE.wait(max(0.0, began + second + 1 - monotonic()))
    return seen


def _attempt(name: str, rng: random.Random, now: datetime) -> Attempt:
    return Attempt(
        cluster="prod-eu",
        job=f"job-{name}",
        pod_uid=name,
        outcome=Outcome.FAILED,
        project=rng.choice(PROJECTS),
        node=f"gpu-{rng.randrange(64)}",
        started_at=now - timedelta(minutes=10),
        finished_at=now,
    )


def _failure(of: Attempt, rng: random.Random) -> Failure:
    return Failure(
        cluster=of.cluster,
        job=of.job,
        pod_uid=of.pod_uid,
        failure_type="Error",
        signature=rng.choice(CAUSES),
        timestamp=of.ended_at,
        project=of.project,
        node=of.node,
    )


def _report(store: Store, notices: TimedNotices, workspace: Workspace, seen: list[tuple[datetime, str]]) -> None:
    """A failure is posted once its incident's message stands in the channel, counted once that shows its number."""
    keys = {
        f"{one.finding.project}/{one.finding.subject}": one.id
        for one in store.incidents.live(Scope(), ended_since=utc_now())
    }
    posted, counted = [], []
    for at, cause in seen:
        told = [(sweep, said) for key, sweep, said in notices.shown if key == keys.get(cause)]
        first = min((said for _, said in told), default=None)
        posted.append(np.inf if first is None else max(0.0, (first - at).total_seconds()))
        counted.append(min(((said - at).total_seconds() for sweep, said in told if sweep >= at), default=np.inf))
    print(f"{len(seen)} failures; not posted {sum(np.isinf(posted))}, not counted {sum(np.isinf(counted))}")
    for what, waits in (("its incident posted", posted), ("counted in the message", counted)):
        p50, p99, most = (np.quantile(waits, share) for share in (0.5, 0.99, 1))
        print(f"failure seen to {what}: p50 {p50:.1f} s, p99 {p99:.1f} s, longest {most:.1f} s")
    posts, edits = workspace.calls["chat.postMessage"], workspace.calls["chat.update"]
    print(f"messages posted {posts}, edits {edits}, refused {workspace.rate_limited}")
    print(f"one message for each failure would be {len(seen)}")


if __name__ == "__main__":
    main()
