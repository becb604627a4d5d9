"""The whole path: a pod fails in Kubernetes, and Slack answers; over Socket Mode and HTTP, on SQLite and PostgreSQL."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.clock import utc_now
from playground.kube.cluster import SimulatedCluster
from playground.kube.pods import Run, image_pull_backoff, oom_killed, succeeded
from playground.kube.workloads import Workload
from tests.promises.whole_bot import WholeBot, wait_for, whole_bot


def a_cluster() -> SimulatedCluster:
    """Jobs of two projects: six of ml-team run out of memory, four of research cannot pull an image, many are fine."""
    cluster, now = SimulatedCluster(), utc_now()
    for number in range(40):
        project, ended = ("ml-team", "research")[number % 2], now - timedelta(hours=number)
        run = Run(
            workload=Workload(name=f"train-{number}", project=project),
            created=ended - timedelta(hours=2),
            finished=ended,
            node=f"gpu-node-{number % 4}",
        )
        if project == "ml-team" and number < 12:
            pod = cluster.put_pod(oom_killed(run))
            cluster.set_logs(pod, "step 41\npassword=hunter2-very-secret\nKilled\n")
        elif project == "research" and number < 8:
            cluster.put_pod(image_pull_backoff(run))
        else:
            cluster.put_pod(succeeded(run))
    return cluster


@pytest.fixture(params=["socket", "http on postgres"])
def bot(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[WholeBot]:
    settings: dict[str, object] = {}
    if request.param != "socket":
        settings = {"slack_mode": "http", "database_url": request.getfixturevalue("postgres_url")}
    with whole_bot(tmp_path, a_cluster(), **settings) as bot:
        bot.start()
        bot.wait_until_ready()
        yield bot
        assert bot.stop() == 0, bot.log
        assert "Traceback" not in bot.log


def ask(bot: WholeBot, text: str) -> str:
    """What ana reads after typing `/failures …` in #ml-team."""
    return said(bot.workspace.person("ana").slash("/failures", text, channel="ml-team").answer(timeout=10))


def said(message: object) -> str:
    return json.dumps(getattr(message, "blocks", None) or message, ensure_ascii=False, default=str)


def test_a_pod_fails_and_slack_answers(bot: WholeBot) -> None:
    wait_for(lambda: "6 of 20 jobs failed" in ask(bot, "analyze ml-team"), what="the report")
    assert "ImagePullBackOff" in ask(bot, "stats research")
    assert "hunter2" not in ask(bot, "job train-0")
    assert "analyze" in ask(bot, "anlyze")

    ana, dana = bot.workspace.person("ana"), bot.workspace.person("dana")
    answer = ana.slash("/failures", "job train-0", channel="ml-team").answer(timeout=10)
    ana.press(answer, "This fixed it").acknowledged()
    bot.workspace.wait_for(lambda: "1 success, 0 failures" in said(bot.workspace.message(answer)), what="the record")
    ana.press(answer, "Change").acknowledged()
    bot.workspace.wait_for(
        lambda: "0 successes, 1 failure" in said(bot.workspace.message(answer)), what="the changed vote"
    )
    assert "0 successes, 1 failure" in said(
        dana.slash("/failures", "fix OOMKilled", channel="ml-team").answer(timeout=10)
    )

    mention = ana.mention("Show me failure statistics for the last 30 days", "ml-team").answer(timeout=10)
    assert "OOMKilled" in said(mention)
    assert "OOMKilled" in said(dana.dm("How do I fix OOMKilled failures?").answer(timeout=10))


def test_doctor_finds_everything_in_order_and_says_how_to_mend_what_is_not(bot: WholeBot) -> None:
    well = bot.command("doctor", "--json")
    assert well.returncode == 0, well.stdout + well.stderr
    names = [check["name"] for check in json.loads(well.stdout)["checks"]]
    assert {"database", "Slack bot token", "cluster prod-eu"} <= set(names)

    bot.cluster.deny("get", "pods/log")
    ill = bot.command("doctor")
    assert ill.returncode == 1
    assert "deploy/rbac.yaml" in ill.stdout


def test_health_and_metrics_are_served(bot: WholeBot) -> None:
    with urllib.request.urlopen(f"{bot.health}/metrics", timeout=5) as answer:
        text = answer.read().decode()
    assert 'failures_bot_watch_attempts_total{cluster="prod-eu"}' in text
    with urllib.request.urlopen(f"{bot.health}/livez", timeout=5) as answer:
        assert answer.status == 200


def test_the_command_line_reads_what_the_bot_recorded(bot: WholeBot) -> None:
    wait_for(lambda: "6 of 20 jobs failed" in bot.command("analyze", "ml-team").stdout, what="the report")
    report = json.loads(bot.command("analyze", "ml-team", "--json").stdout)
    assert report["summary"]["jobs_failed"] == 6
    assert report["types"][0]["type"] == "OOMKilled"
    fixes = json.loads(bot.command("remediate", "OOMKilled", "--json").stdout)
    assert {"text": "Increase memory request/limit by 2x", "automatic": True} in [
        {key: rule[key] for key in ("text", "automatic")} for rule in fixes["rules"]
    ]
    unknown = bot.command("analyze", "ml-teem")
    assert (unknown.returncode, unknown.stderr.count("\n")) == (1, 1)
    assert "ml-team" in unknown.stderr
