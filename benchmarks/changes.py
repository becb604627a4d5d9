"""Which change is named where a new driver fails jobs on some nodes from a day on, and how many are named that did
nothing, among 40 others on nodes drawn at random:

    .venv/bin/python -m benchmarks.changes [--seeds 10]

A bare rule stands beside it: the failed share on these nodes rose by half. The period is the last 14 of 28 days."""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np

from benchmarks.generator import CLUSTER, START, History, World, evidence, node_name, simulate
from bot.domain.analysis.attempt_table import Before
from bot.domain.analysis.changes import Past, changes, looked_at
from bot.domain.workload.version import DRIVER, KERNEL, Inventory, Version

_DAYS, _PERIOD, _TURN = 28.0, 14.0, 24.0
_IDLE = 40
_MOVED = 20
_PLAIN = World(days=_DAYS, jobs=20_000)
WORLDS = {
    "everything is known": _PLAIN,
    "2,000 jobs on 24 nodes": replace(_PLAIN, nodes=24, jobs=2_000),
    "arrays on a few nodes": replace(_PLAIN, burst=0.3),
    "outages of everything": replace(_PLAIN, outages=((16.5, 6), (24.5, 10))),
    "a pool that fails more": replace(_PLAIN, pools=(1, 1, 1, 1, 4)),
    "risk that trebles": replace(_PLAIN, weekly_drift=2),
    "ten retries": replace(_PLAIN, retries=10, broken=0.15),
    "bad nodes since the 20th day": replace(_PLAIN, lemons={7: (0.9, 20, 99), 50: (0.5, 20, 99), 90: (0.9, 20, 99)}),
}
_STRENGTHS = (0.1, 0.2, 0.4)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=10)
    seeds = parser.parse_args().seeds
    strengths = "".join(f"{f'+{strength:.0%}':>7}" for strength in _STRENGTHS)
    print(f"{'share found at':<30} {strengths} {'idle ones named':>16} {'bare rule':>10} {'ms':>6}")
    for name, world in WORLDS.items():
        found, false, bare, spent = [0] * len(_STRENGTHS), 0, 0, 0.0
        for seed in range(seeds):
            for place, strength in enumerate((0.0, *_STRENGTHS)):
                history = simulate(turned(replace(world, seed=seed), strength))
                versions = [*moved(DRIVER, "570.12", range(_MOVED), _TURN), *idle(world.nodes, seed)]
                named, seconds = blamed(history, versions)
                spent += seconds
                if strength:
                    found[place - 1] += "570.12" in named
                    false += len(named - {"570.12"})
                else:
                    false += len(named)
                    bare += len(naively_blamed(history, versions))
        shown = "".join(f"{one / seeds:>7.2f}" for one in found)
        looks = seeds * (1 + len(_STRENGTHS))
        print(f"{name:<30} {shown} {false:>16} {bare:>10} {1000 * spent / looks:>6.1f}", flush=True)


def turned(world: World, strength: float) -> World:
    """The world with nodes that fail so many of their attempts more from a day on."""
    return replace(world, lemons=world.lemons | dict.fromkeys(range(_MOVED), (strength, _TURN, 99.0)))


def idle(nodes: int, seed: int) -> list[Version]:
    """Changes that do nothing, on nodes next to each other or anywhere."""
    rng = np.random.default_rng(seed + 1000)
    made = []
    for number in range(_IDLE):
        size = int(rng.integers(1, nodes // 2))
        start = int(rng.integers(0, nodes))
        some = rng.choice(nodes, size, replace=False) if number % 2 else (start + np.arange(size)) % nodes
        made += moved(KERNEL, f"6.{number}", some.tolist(), float(rng.uniform(15, _DAYS - 0.5)))
    return made


def moved(what: str, value: str, nodes: Sequence[int], day: float) -> list[Version]:
    """Nodes that went to this version on a day, one after the other within some hours."""
    return [
        Version(
            cluster=CLUSTER,
            what=what,
            subject=node_name(node),
            value=value,
            first_seen=_at(day + place * 0.2 / len(nodes)),
            last_seen=_at(_DAYS),
            replaced="before",
            replaced_seen=_at(day + place * 0.2 / len(nodes)) - timedelta(minutes=5),
        )
        for place, node in enumerate(nodes)
    ]


def blamed(history: History, versions: Sequence[Version]) -> tuple[set[str], float]:
    """The versions that the analysis names, and the seconds of one core that this took."""
    current = evidence(history, _DAYS - _PERIOD, _DAYS)
    previous = evidence(history, _DAYS - 2 * _PERIOD, _DAYS - _PERIOD)
    within = looked_at(current.period)
    changed = tuple(one for one in versions if within.since <= one.first_seen < within.until)
    begun = time.process_time()
    past = Past.of(previous, Inventory(changed=changed, looked={CLUSTER: _at(_DAYS)}))
    named = {one.name for one in changes(current, Before(), past, images=(), nodes=(), threshold=3)}
    return named, time.process_time() - begun


def naively_blamed(history: History, versions: Sequence[Version]) -> set[str]:
    """The versions on whose nodes the failed share of attempts rose by half, with three failures at least."""
    numbers = {node_name(node): node for node in range(history.world.nodes)}
    named = set()
    for value in {one.value for one in versions}:
        these = [one for one in versions if one.value == value]
        here = np.isin(history.node, [numbers[one.subject] for one in these])
        day = (min(one.first_seen for one in these) - START) / timedelta(days=1)
        late, failed = history.start >= day, history.outcome == 1
        before, after = failed[here & ~late], failed[here & late]
        if len(before) and len(after) and after.sum() >= 3 and after.mean() >= 1.5 * before.mean():
            named.add(value)
    return named


def _at(day: float) -> datetime:
    return START + timedelta(days=day)


if __name__ == "__main__":
    main()
