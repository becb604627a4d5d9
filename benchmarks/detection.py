"""Which bad nodes are found, how many healthy ones are accused, and how soon, beside the naive rule that a node with
three failed attempts or more, at least half of all it got, is bad:

    .venv/bin/python -m benchmarks.detection [--seeds 10]

Each world is drawn several times, with bad nodes and without (see generator.py); all is seeded."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from math import nan

import numpy as np

from benchmarks.generator import History, World, evidence, simulate
from bot.domain.analysis.findings import blamed
from bot.domain.analysis.spikes import surges

_PLAIN = World(lemons={7: (0.9, 0, 99), 50: (0.5, 0, 99), 90: (0.3, 0, 99)}, black_holes={120: (12, 13)})
_BARE = replace(_PLAIN, named="counter", labelled=False)
WORLDS = {
    "everything is known": _PLAIN,
    "only job, node, times": _BARE,
    "names without families": replace(_BARE, named="hash"),
    "12 nodes, one week": World(nodes=12, jobs=800, users=8, days=7, lemons={3: (0.75, 0, 99)}),
    "arrays on a few nodes": replace(_PLAIN, burst=0.3),
    "the same, bare": replace(_BARE, burst=0.3),
    "a storm and loops on a node": replace(_BARE, storms=((4.5, 260), (20, 80)), sitting=((5, 200), (9, 400))),
    "outages of everything": replace(_BARE, outages=((3.5, 6), (12, 10))),
    "a pool that fails more": replace(_BARE, pools=(1, 1, 1, 1, 4)),
    "risk that trebles": replace(_BARE, weekly_drift=2),
    "ten retries": replace(_BARE, retries=10, broken=0.15),
    "a bad image": replace(_PLAIN, bad_images={4: 0.7}),
    "three bad hours a day": replace(_BARE, hourly=(14, 15, 16)),
}
_STRONG = 0.5
"""Strength from which a node is certainly bad; weaker ones are counted apart."""
_STEP = 0.25
"""Days between looks while time to detect is measured."""
_WINDOW = 7.0
_BEGIN = 14.0


@dataclass(slots=True)
class Score:
    """What one rule found, over all draws of a world."""

    found: int = 0
    bad: int = 0
    false: int = 0
    weak: int = 0
    clean: int = 0
    """Nodes accused where none is bad."""
    hours: list[float] = field(default_factory=list)

    def row(self) -> str:
        """Its columns in the table."""
        accused = self.found + self.weak + self.false
        precision = (self.found + self.weak) / accused if accused else nan
        late = np.median(self.hours) if self.hours else nan
        return f"{precision:>9.2f} {self.found / self.bad:>7.2f} {self.clean:>6} {late:>6.0f}h"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=10)
    seeds = parser.parse_args().seeds
    heading = f"{'precision':>9} {'recall':>7} {'clean':>6} {'after':>7}"
    print(f"{'':<28} {'failures-bot':^32}   {'naive rule':^32}")
    print(f"{'':<28} {heading}   {heading}")
    for name, world in WORLDS.items():
        ours, naive = Score(), Score()
        for seed in range(seeds):
            _score(replace(world, seed=seed), ours, naive)
        print(f"{name:<28} {ours.row()}   {naive.row()}", flush=True)


def _score(world: World, ours: Score, naive: Score) -> None:
    history = simulate(world)
    strong = {node for node, (strength, _, _) in world.lemons.items() if strength >= _STRONG} | set(world.black_holes)
    weak = set(world.lemons) - strong
    clean = simulate(replace(world, lemons={}, black_holes={}))
    for score, accuse in ((ours, accused), (naive, naively_accused)):
        nodes = accuse(history, 0, world.days)
        score.bad += len(strong)
        score.found += len(nodes & strong)
        score.weak += len(nodes & weak)
        score.false += len(nodes - strong - weak)
        score.clean += len(accuse(clean, 0, world.days))
    if world.days > _BEGIN + _WINDOW:
        later = simulate(replace(world, lemons={7: (0.9, _BEGIN, 99)}, black_holes={}))
        for score, accuse in ((ours, accused), (naive, naively_accused)):
            found = (24 * (day - _BEGIN) for day in _days() if 7 in accuse(later, day - _WINDOW, day))
            score.hours.append(next(found, 24 * _WINDOW))


def accused(history: History, since: float, until: float) -> set[int]:
    """The nodes that the analysis finds."""
    period = evidence(history, since, until)
    hot, _ = blamed(period, surges(period), 3)
    return {int(one.node.rsplit("-", 1)[1]) for one in hot.findings}


def naively_accused(history: History, since: float, until: float) -> set[int]:
    """The nodes with at least three failed attempts, and half of all."""
    end = history.start + history.hours / 24
    inside = (end >= since) & (end < until)
    nodes = history.world.nodes
    count = np.bincount(history.node[inside], minlength=nodes)
    failed = np.bincount(history.node[inside & (history.outcome == 1)], minlength=nodes)
    return set(np.flatnonzero((failed >= 3) & (2 * failed >= count)).tolist())


def _days() -> Iterator[float]:
    day = _BEGIN + _STEP
    while day < _BEGIN + _WINDOW:
        yield day
        day += _STEP


if __name__ == "__main__":
    main()
