"""The cluster is away for an hour: the bot says so while it lasts and afterwards, and what failed meanwhile is caught
up in order, once. The whole bot runs between a cluster and a Slack on loopback; the test says what time it is."""

from __future__ import annotations

import json
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.app import running
from bot.asgi_server import free_port
from bot.clock import utc_now
from bot.domain.incidents.subscription import Subscription, Wants
from bot.domain.scope import Scope
from bot.settings import Cluster, Settings
from bot.store.store import Store, open_store
from playground.kube.cluster import SimulatedCluster
from playground.kube.pods import Run, failed, oom_killed
from playground.kube.server import KubeServer, serve_cluster
from playground.kube.workloads import Workload
from playground.workspace import Channel, Message, Workspace
from tests.promises.whole_bot import wait_for

MINUTE = timedelta(minutes=1)
CAUSES = {
    "container-memory-limit": "",
    "cuda-out-of-memory": "RuntimeError: CUDA out of memory. Tried to allocate 2.00 GiB\n",
    "nccl-timeout": "[rank3]: Watchdog caught collective operation timeout: WorkNCCL(SeqNum=9, OpType=ALLREDUCE) ran "
    "for 600010 milliseconds before timing out.\n",
}


@dataclass
class Clock:
    """Behind the real one, so that nothing in it is ahead of Slack's own time."""

    behind: timedelta = timedelta(hours=3)

    def __call__(self) -> datetime:
        return utc_now() - self.behind

    def forward(self, span: timedelta) -> None:
        self.behind -= span


@dataclass
class Bot:
    kube: KubeServer
    workspace: Workspace
    store: Store
    health: str
    owners: Channel
    team: Channel
    clock: Clock = field(default_factory=Clock)

    def fail(self, cause: str, *, jobs: int, after: timedelta) -> None:
        """Jobs fail for one reason, `after` a while from now."""
        for number in range(jobs):
            ended = self.clock() + after + number * timedelta(seconds=10)
            run = Run(
                workload=Workload(name=f"{cause}-{number}"),
                created=ended - timedelta(hours=1),
                finished=ended,
                node=f"gpu-node-{number}",
            )
            pod = self.kube.cluster.put_pod(oom_killed(run) if cause == "container-memory-limit" else failed(run))
            self.kube.cluster.set_logs(pod, CAUSES[cause])

    def unready(self) -> list[str]:
        try:
            with urllib.request.urlopen(f"{self.health}/readyz", timeout=5) as answer:
                return list(json.load(answer)["reasons"])
        except urllib.error.HTTPError as error:
            return list(json.load(error)["reasons"])
        except OSError:
            return ["not up yet"]

    def roots(self, channel: Channel) -> list[Message]:
        return [said for said in self.workspace.messages(channel) if not said.is_reply]


@pytest.fixture
def bot(tmp_path: Path, sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bot]:
    with Workspace().serve() as workspace, serve_cluster(SimulatedCluster()) as kube:
        config = str(kube.kubeconfig(tmp_path / "kubeconfig"))
        monkeypatch.setattr("kubernetes.config.kube_config.KUBE_CONFIG_DEFAULT_LOCATION", config)  # read at import
        owners, team, port = workspace.channel("owners"), workspace.channel("ml-team"), free_port()
        settings = Settings(
            database_url=SecretStr(sqlite_url),
            clusters=(Cluster(name="prod-eu"),),
            slack_bot_token=SecretStr(workspace.bot_token),
            slack_app_token=SecretStr(workspace.app_token),
            slack_api_url=workspace.url,
            owner=owners.id,
            sweep_seconds=1,
            host="127.0.0.1",
            port=port,
        )
        store = open_store(sqlite_url)
        bot = Bot(kube, workspace, store, f"http://127.0.0.1:{port}", owners, team)
        store.subscriptions.subscribe(
            Subscription(channel=team.id, wants=Wants.FAILURES, project="ml-team", created_at=bot.clock())
        )
        with running(settings, threading.Event(), clock=bot.clock):
            wait_for(lambda: not bot.unready(), what="the bot to be ready")
            yield bot
        store.close()


def test_an_hour_without_the_cluster_is_said_and_caught_up_in_order(bot: Bot) -> None:
    bot.kube.cut()
    wait_for(bot.unready, what="a bot that says it is not ready")
    began = bot.clock()
    for number, cause in enumerate(CAUSES):
        bot.fail(cause, jobs=12 - number, after=timedelta(minutes=5 + 20 * number))
    bot.clock.forward(10 * MINUTE)
    wait_for(lambda: bot.roots(bot.owners), what="the owner to be told")
    (told,) = bot.roots(bot.owners)
    assert "I cannot see `prod-eu` since" in told.words
    bot.clock.forward(53 * MINUTE)
    assert any("cluster prod-eu" in reason for reason in bot.unready())
    bot.kube.cluster.expire_history()
    bot.kube.restore()
    wait_for(lambda: not bot.unready(), what="the bot to be ready again")
    wait_for(lambda: len(bot.store.history.failures_like(Scope(), "Error", None)) == 21, what="what failed meanwhile")
    bot.clock.forward(MINUTE)
    wait_for(lambda: "recovered" in bot.roots(bot.owners)[0].words, what="the word about the gap")
    (said,) = bot.roots(bot.owners)
    assert said.ts == told.ts
    assert "33 failures recovered" in said.words
    assert "(1 h 3 min)" in said.words
    wait_for(lambda: len(bot.roots(bot.team)) == 3, what="a message for each cause")
    bot.clock.forward(MINUTE)
    wait_for(
        lambda: bot.store.incidents.live(Scope(), ended_since=began)[0].seen_at >= bot.clock() - MINUTE / 2,
        what="another sweep",
    )
    assert len(bot.roots(bot.team)) == 3
    assert [cause in message.words for cause, message in zip(CAUSES, bot.roots(bot.team), strict=True)] == [True] * 3
    for message, jobs in zip(bot.roots(bot.team), (12, 11, 10), strict=True):
        assert f"{jobs} failures" in message.words
