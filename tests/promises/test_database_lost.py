"""The database's file is moved away under the running bot: within a sweep it is not ready and says why; nothing that
happens meanwhile is lost once the file is back."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from contextlib import closing
from pathlib import Path

from bot.clock import utc_now
from bot.domain.scope import Scope
from bot.store.store import open_store
from playground.kube.cluster import SimulatedCluster
from playground.kube.pods import Run, oom_killed
from playground.kube.workloads import Workload
from tests.promises.whole_bot import WholeBot, wait_for, whole_bot


def reasons(bot: WholeBot) -> list[str]:
    try:
        with urllib.request.urlopen(f"{bot.health}/readyz", timeout=5) as answer:
            found: list[str] = json.load(answer)["reasons"]
    except urllib.error.HTTPError as error:
        with error:
            found = json.load(error)["reasons"]
    return found


def fail(cluster: SimulatedCluster, job: str) -> None:
    now = utc_now()
    cluster.put_pod(oom_killed(Run(workload=Workload(name=job), created=now, finished=now, node="gpu-node-01")))


def recorded(bot: WholeBot) -> set[str]:
    with closing(open_store(bot.database)) as store:
        return set(store.history.job_names(Scope(), "job", 10))


def test_a_file_that_is_moved_away_is_missed_and_what_failed_meanwhile_is_recorded(tmp_path: Path) -> None:
    cluster = SimulatedCluster()
    with whole_bot(tmp_path, cluster, sweep_seconds=5) as bot:
        bot.start()
        bot.wait_until_ready()
        fail(cluster, "job-before")
        wait_for(lambda: recorded(bot) == {"job-before"}, what="the first failure")
        path = tmp_path / "failures.db"
        path.rename(tmp_path / "away.db")
        wait_for(lambda: "moved or deleted" in str(reasons(bot)), what="the bot to be unready")
        wait_for(lambda: "was moved or deleted while it was in use" in bot.log, what="a line in the log")
        fail(cluster, "job-meanwhile")
        assert not path.exists()
        (tmp_path / "away.db").rename(path)
        wait_for(lambda: recorded(bot) == {"job-before", "job-meanwhile"}, what="what failed meanwhile")
        bot.wait_until_ready()
        assert bot.stop() == 0
        assert "Traceback" not in bot.log
