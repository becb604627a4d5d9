"""How long a report and the story of a node take, in seconds (and seconds of a processor), and how
much memory, beside a plain SQL scan of the same rows:

    .venv/bin/python -m benchmarks.analysis 100000 1000000

Each size is a history of 30 days with 10 % failures on 1,000 nodes, 40 projects and 200 images, in a SQLite file that
is kept in the folder given by --folder and used again. With --url the same is measured on an empty PostgreSQL."""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import numpy as np
from sqlalchemy import create_engine, insert, select, text

from benchmarks.generator import START, World, attempts, simulate
from bot import catalogue
from bot.domain.commands.command import ShowNode
from bot.domain.period import Period
from bot.domain.scope import Scope
from bot.services.answers import node_or_image
from bot.services.answers.analyze import analyze
from bot.services.answers.lookup import LookupContext
from bot.services.knowledge.fixes import Sources
from bot.store.columns import Chunk, decode, encode
from bot.store.engine import connect, writing
from bot.store.migrate import upgrade
from bot.store.store import Store, open_store
from bot.store.tables import CHUNKS

_DAYS = 30
_MOST_DRAWN = 1_000_000
_COPIED = (
    "cluster, project, kind, owner, container, restart, node, image, gpu_count, gpu_type, started_at, finished_at, "
    "ended_at, outcome"
)
_COPY = f"""INSERT INTO attempts (job, pod_uid, {_COPIED})
SELECT job || '-{{copy}}', pod_uid || '-{{copy}}', {_COPIED} FROM attempts WHERE id <= {{most}}"""  # noqa: S608 constants
_SCAN = """SELECT node, count(*), count(DISTINCT job), sum(CASE WHEN outcome = 'failed' THEN 1 ELSE 0 END)
FROM attempts WHERE ended_at >= '2026-01-01' AND ended_at < '2026-01-31' GROUP BY node"""
"""The least that a report needs, asked of the rows."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sizes", nargs="*", type=int, default=[100_000, 1_000_000])
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()))
    parser.add_argument("--url")
    asked = parser.parse_args()
    print(
        f"{'attempts':>11} {'record/s':>9} {'report':>16} {'node':>16} {'process':>16} {'SQL scan':>16} {'peak MB':>8}"
    )
    for size in asked.sizes:
        url = asked.url or f"sqlite:///{asked.folder / f'analysis-{size}.db'}"
        rate = fill(url, size)
        store = open_store(url)
        report = _fastest(partial(_report, store))
        story = _fastest(partial(_story, store))
        store.close()
        scan = _fastest(partial(_scan, url), times=1)
        process, peak = _process(url)
        shown = f"{rate:,.0f}" if rate else "-"
        print(f"{size:>11,} {shown:>9} {report} {story} {process} {scan} {peak:>8.0f}")


def fill(url: str, size: int) -> float:
    """Record a history of this size, unless it is there; attempts a second."""
    upgrade(url)
    store = open_store(url)
    if store.evidence.recorded_since(Scope()) is not None:
        return 0.0
    world = World(
        seed=1, nodes=1000, days=_DAYS, jobs=int(min(size, _MOST_DRAWN) * 0.93), users=400, projects=40,
        images=200, risk=0.05, broken=0.01, lemons={7: (0.9, 0, 99), 500: (0.5, 0, 99)}, storms=((4.5, 260),),
    )  # fmt: skip
    history = attempts(simulate(world))
    spent, count = 0.0, 0
    while batch := list(islice(history, 5_000)):
        begun = time.perf_counter()
        store.recorder.record(
            [attempt for attempt, _ in batch], [failure for _, failure in batch if failure is not None]
        )
        spent += time.perf_counter() - begun
        count += len(batch)
    store.close()
    _multiply(url, max(1, size // _MOST_DRAWN))
    return count / spent


def _multiply(url: str, times: int) -> None:
    """All attempts so many times, each time as other jobs: drawing and recording ten millions takes half an hour."""
    engine = connect(url)
    with writing(engine) as connection:
        found = connection.execute(select(CHUNKS)).mappings().all()
        most = connection.execute(text("SELECT max(id) FROM attempts")).scalar_one()
        for copy in range(1, times):
            connection.execute(text(_COPY.format(copy=copy, most=most)))
            for row in found:
                chunk = decode(row["data"])
                jobs = chunk.columns["job"] ^ np.uint64(copy << 60)
                data = encode(Chunk({**chunk.columns, "job": jobs}, chunk.names))
                connection.execute(insert(CHUNKS), {**row, "id": None, "data": data})
    engine.dispose()


def _report(store: Store) -> None:
    until = START + timedelta(days=_DAYS)
    period = Period.last(timedelta(days=_DAYS), until=until)
    analyze(
        store.evidence,
        Scope(),
        period,
        pattern_threshold=3,
        gpu_prices={"H100": 2.5},
        time_zone="Europe/Berlin",
        now=until,
    )


def _story(store: Store) -> None:
    """What is told of a bad node."""
    shelf = LookupContext(
        evidence=store.evidence,
        sources=Sources(history=store.history, knowledge=store.knowledge, catalogue=catalogue.load()),
        incidents=None,
        scope=Scope(),
        period=Period.last(timedelta(days=_DAYS), until=START + timedelta(days=_DAYS)),
        pattern_threshold=3,
        gpu_prices={},
        time_zone="Europe/Berlin",
    )
    node_or_image.node(ShowNode(node="gpu-node-0007"), shelf)


def _scan(url: str) -> None:
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    with engine.connect() as connection:
        connection.execute(text(_SCAN)).all()
    engine.dispose()


class Spent(NamedTuple):
    """Seconds on the clock, and of a processor: on a machine with other work to do only the latter compare."""

    clock: float
    cpu: float

    def __str__(self) -> str:
        return f"{self.clock:>7.2f}s ({self.cpu:.2f}s)"


def _fastest(work: Callable[[], None], times: int = 3) -> Spent:
    spent = []
    for _ in range(times):
        begun = Spent(time.perf_counter(), time.process_time())
        work()
        spent.append(Spent(time.perf_counter() - begun.clock, time.process_time() - begun.cpu))
    return Spent(*map(min, zip(*spent, strict=True)))


def _process(url: str) -> tuple[Spent, float]:
    """Time and peak megabytes of a whole `failures analyze`."""
    command = [sys.executable, "-m", "bot", "analyze", "--period", "30d", "--until", "2026-01-31T00:00:00Z", "--json"]
    begun, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env={"FAILURES_DATABASE_URL": url})  # noqa: S603 our own command
    clock, after = time.perf_counter() - begun, resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Spent(clock, cpu), after.ru_maxrss / 1024


if __name__ == "__main__":
    main()
