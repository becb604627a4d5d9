"""The whole bot as a process: half of the nodes get a new driver, jobs fail there from then on, and the next analysis
names the driver, in Slack and in the terminal."""

from __future__ import annotations

import json
from collections.abc import Iterable
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

from bot.clock import utc_now
from bot.cluster.client import connect
from bot.cluster.nodes import NodeVersions
from bot.domain.period import Period
from bot.domain.scope import Scope
from bot.services.recording.node_versions import take_stock
from bot.store.migrate import upgrade
from bot.store.store import open_store
from playground.kube.cluster import SimulatedCluster
from playground.kube.nodes import node
from playground.kube.pods import Run, failed, succeeded
from playground.kube.workloads import Workload
from tests.promises.whole_bot import WholeBot, wait_for, whole_bot

OLD, NEW = "570.86.15", "580.95.05"
NODES = [f"gpu-node-{number:02}" for number in range(12)]
MOVED = NODES[:6]
TEAMS = ("ml-team", "research", "production")


def set_drivers(cluster: SimulatedCluster, moved: Iterable[str]) -> None:
    new = set(moved)
    for name in NODES:
        cluster.add_node(node(name, at=utc_now() - timedelta(days=90), driver=NEW if name in new else OLD))


def run(number: int, name: str, ended: datetime, length: timedelta, where: str) -> Run:
    workload = Workload(name=f"{name}-{number}", project=TEAMS[number % 3], owner=f"person-{number % 4}")
    return Run(workload=workload, created=ended - length, started=ended - length, finished=ended, node=where)


def the_time_before(cluster: SimulatedCluster) -> None:
    """Four days of jobs that nearly all went well, wherever they ran."""
    for number in range(120):
        one = run(
            number, "train", utc_now() - timedelta(hours=1 + number * 0.8), timedelta(minutes=30), NODES[number % 12]
        )
        cluster.put_pod(failed(one) if number % 30 == 7 else succeeded(one))


def the_time_since(cluster: SimulatedCluster) -> None:
    """Jobs that fail on the nodes with the new driver, and go well on the others."""
    soon = utc_now() + timedelta(seconds=3)
    for number in range(48):
        one = run(number, "tune", soon, timedelta(seconds=1), NODES[number % 12])
        cluster.put_pod(failed(one) if NODES[number % 12] in MOVED else succeeded(one))


def the_bot_looked_before(bot: WholeBot, ago: timedelta) -> None:
    """What it noted of the nodes when it ran the last time."""
    bot.cluster.kubeconfig(bot.directory / "kubeconfig")
    upgrade(bot.database)
    store = open_store(bot.database)
    with closing(connect(config_file=str(bot.directory / "kubeconfig"))) as client, closing(store):
        take_stock(NodeVersions(client, "prod-eu"), store.recorder, utc_now() - ago)


def changed(bot: WholeBot) -> int:
    """How many nodes it knows to have changed."""
    with closing(open_store(bot.database)) as store:
        return len(store.evidence.inventory(Scope(), Period.last(timedelta(days=1), until=utc_now())).changed)


def test_a_new_driver_that_fails_jobs_is_named_by_the_next_analysis(tmp_path: Path) -> None:
    cluster = SimulatedCluster()
    set_drivers(cluster, moved=())
    the_time_before(cluster)
    with whole_bot(tmp_path, cluster) as bot:
        ana = bot.workspace.person("ana")

        def said() -> str:
            answer = ana.slash("/failures", "analyze", channel="ml-team").answer(timeout=10)
            return json.dumps(answer.blocks, ensure_ascii=False)

        the_bot_looked_before(bot, timedelta(minutes=5))
        set_drivers(cluster, MOVED)
        bot.start()
        bot.wait_until_ready()
        wait_for(lambda: changed(bot) == len(MOVED), what="the new drivers")
        the_time_since(cluster)
        wait_for(
            lambda: f"Driver `{OLD}` → `{NEW}` on 6 of 12 nodes of `prod-eu` since" in said(),
            what="the driver to blame",
        )
        assert "24 of 24 jobs failed there since (100 %)" in said()
        assert "kubectl get nodes -L nvidia.com/cuda.driver-version.full" in said()
        (one,) = json.loads(bot.command("analyze", "--json").stdout)["changes"]
        assert (one["what"], one["replaced"], one["name"], one["nodes"]) == ("driver", OLD, NEW, MOVED)
        assert (one["jobs_failed"], one["jobs"], one["others_rate"]) == (24, 24, 0)
        assert bot.stop() == 0, bot.log
        assert "Traceback" not in bot.log
