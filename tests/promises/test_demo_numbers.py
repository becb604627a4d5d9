"""Every number that the demo tells of its nodes, images and projects is the one that plain SQL counts in its store."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.clock import utc_now
from bot.domain.period import Period
from bot.rendering import Renderer
from bot.rendering.shapes import shape
from bot.store.store import Store, open_store
from playground.kube.cluster import SimulatedCluster
from playground.kube.simulation import simulate_history
from tests.promises.whole_bot import WholeBot, wait_for, whole_bot
from tests.unit.analysis.history import raw, report
from tests.unit.analysis.test_about import image, node

_COUNTS = """
WITH lost AS (SELECT job_name AS job, {of_lost} AS thing FROM failure_events
              WHERE first_fault AND timestamp >= ? AND timestamp < ?),
     well AS (SELECT job, {of_ran} AS thing FROM attempts
              WHERE outcome = 'succeeded' AND ended_at >= ? AND ended_at < ?)
SELECT thing, sum(failures), sum(failed), sum(jobs) FROM (
    SELECT thing, count(*) AS failures, count(DISTINCT job) AS failed, 0 AS jobs FROM lost GROUP BY thing
    UNION ALL
    SELECT thing, 0, 0, count(DISTINCT job) FROM (SELECT * FROM lost UNION SELECT * FROM well) GROUP BY thing)
WHERE thing IS NOT NULL GROUP BY thing
"""


_TABLES = ("attempts", "failure_events")
RENDERER = Renderer(time_zone="UTC")


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """The demo's history, recorded as the demo records it."""
    cluster = SimulatedCluster(history=100_000)
    simulate_history(cluster, now=utc_now(), seed=1)
    with whole_bot(Path(tmp_path_factory.mktemp("demo")), cluster) as bot:
        bot.start()
        bot.wait_until_ready()
        seen: list[int] = []
        wait_for(lambda: _settled(bot, seen), what="the history", patience=60)
        assert bot.stop() == 0
        store = open_store(bot.database)
        yield store
        store.close()


def _settled(bot: WholeBot, seen: list[int]) -> bool:
    with sqlite3.connect(bot.directory / "failures.db") as store:
        seen.append(
            store.execute("SELECT (SELECT count(*) FROM attempts) + (SELECT count(*) FROM failure_events)").fetchone()[
                0
            ]
        )
    return len(seen) > 5 and seen[-1] > 100 and len(set(seen[-5:])) == 1


def counted(store: Store, what: str, period: Period) -> dict[str, tuple[int, int, int]]:
    """Of each node or image: failures, jobs that failed there, jobs."""
    lost, ran = {"node": ("node_name", "node"), "image": ("container_image", "image")}[what]
    within = (_stored(period.since), _stored(period.until))
    with sqlite3.connect(str(store.engine.url.database)) as file:
        rows = file.execute(_COUNTS.format(of_lost=lost, of_ran=ran), within * 2).fetchall()
    return {name: (failures, failed, jobs) for name, failures, failed, jobs in rows}


def _stored(at: datetime) -> str:
    return at.replace(tzinfo=None).isoformat(sep=" ", timespec="microseconds")


@pytest.mark.parametrize("days", [1, 7, 30])
def test_every_number_of_every_answer_of_the_demo_is_in_its_store(demo: Store, days: int) -> None:
    period = Period.last(timedelta(days=days), until=utc_now())
    found = report(demo, period)
    analyzed, stats = shape(found), shape(raw(demo, period))
    nodes, images = (counted(demo, what, period) for what in ("node", "image"))
    assert sum(jobs for _, _, jobs in nodes.values()) > 20
    for kind, known in (("nodes", nodes), ("images", images)):
        for row in stats[kind]:
            assert (row["failures"], row["jobs_failed"]) == known[row["name"]][:2]
        for one in analyzed[kind]:
            assert (one["failures"], one["jobs_failed"], one["jobs"]) == known[one[kind[:-1]]]
            assert max(one["rate"], one["expected_rate"]) <= 1
    for ask, known in ((node, nodes), (image, images)):
        for name, (failures, failed, jobs) in known.items():
            story = ask(demo, name, period=period)
            told = shape(story)
            assert (told["failures"], told["jobs_failed"], told["jobs"]) == (failures, failed, jobs)
            shown = RENDERER.terminal(story, width=200)
            assert re.search(rf"\b{failed:,} of (its )?{jobs:,}\b", shown), shown
            assert all(int(part) <= int(of) for part, of in re.findall(r"\b(\d+) of (\d+)\b", shown))
    for one in analyzed["projects"]:
        (row,) = [each for each in stats["projects"] if each["name"] == (one["project"] or "unknown")]
        assert (row["failures"], row["jobs_failed"]) == (one["failures"], one["jobs_failed"])
