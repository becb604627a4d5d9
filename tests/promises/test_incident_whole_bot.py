"""The whole bot as a process: pods fail on one node, the on-call channel is told once, and a press is answered; the bot
is killed and started again, and nothing is told twice."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from bot.clock import utc_now
from playground.kube.cluster import SimulatedCluster
from playground.kube.pods import Run, failed, succeeded
from playground.kube.workloads import Workload
from tests.promises.whole_bot import wait_for, whole_bot


def a_cluster() -> SimulatedCluster:
    """Twelve jobs of two projects fail on gpu-node-03 after they succeeded elsewhere; thirty others are fine."""
    cluster, now = SimulatedCluster(), utc_now()
    for number in range(42):
        workload = Workload(name=f"train-{number}", project=("ml-team", "research")[number % 2])
        ended = now - timedelta(minutes=10 + number)
        fine = Run(
            workload=workload, created=ended - timedelta(hours=3), finished=ended - timedelta(hours=2), node="n1"
        )
        cluster.put_pod(succeeded(fine))
        if number < 12:
            bad = Run(
                workload=workload, created=ended - timedelta(hours=1), finished=ended, node="gpu-node-03", attempt=1
            )
            cluster.put_pod(failed(bad))
    return cluster


def test_a_hot_node_is_told_once_through_a_kill_and_acknowledged_in_place(tmp_path: Path) -> None:
    with whole_bot(tmp_path, a_cluster(), sweep_seconds=1) as bot:
        dana = bot.workspace.person("dana")
        channel = bot.workspace.channel("on-call", dana)
        bot.settings = {**bot.settings, "on_call_channel": channel.id}
        bot.start()
        bot.wait_until_ready()

        def told() -> list[str]:
            return [said.words for said in bot.workspace.messages(channel) if not said.is_reply]

        wait_for(lambda: any("gpu-node-03" in words for words in told()), what="the alert")
        bot.kill()
        bot.start()
        bot.wait_until_ready()
        root = bot.workspace.messages(channel)[0]
        dana.press(root, "Acknowledge")
        wait_for(lambda: "Acknowledged" in told()[0], what="the acknowledged message")
        assert len(told()) == 1
        assert bot.stop() == 0, bot.log
        assert "Traceback" not in bot.log
