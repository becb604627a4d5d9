"""Which bad nodes are found, how many healthy ones are accused, and how soon, beside the naive rule that a node with
three failed attempts or more, at least half of all it got, is bad:

    .venv/bin/python -m benchmarks.detection [--seeds 10]

Each world is drawn several times, with bad nodes and without (see generator.py); then traces of large clusters, whose
nodes are bad for a time (see trace.py). All is seeded."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, fields, replace
from math import nan

import numpy as np

from benchmarks import trace
from benchmarks.generator import History, World, evidence, simulate
from benchmarks.trace import Cluster, Spell
from bot.domain.analysis.attempt_table import PeriodEvidence
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
TRACES = {
    "a trace of 550 nodes, 90 days": Cluster(),
    "the same, names without anything in common": Cluster(named="hash"),
    "the same, each attempt a job of its own": Cluster(linked=False),
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

    def __add__(self, other: Score) -> Score:
        """Both together."""
        return Score(*(getattr(self, each.name) + getattr(other, each.name) for each in fields(self)))

    def row(self) -> str:
        """Its columns in the table."""
        accused = self.found + self.weak + self.false
        precision = (self.found + self.weak) / accused if accused else nan
        late = np.median(self.hours) if self.hours else nan
        return f"{precision:>9.2f} {self.found / self.bad:>7.2f} {self.clean:>6} {late:>6.0f}h"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=10)
    seeds = range(parser.parse_args().seeds)
    heading = f"{'precision':>9} {'recall':>7} {'clean':>6} {'after':>7}"
    with ProcessPoolExecutor(2) as pool:
        print(f"{'':<28} {'failures-bot':^32}   {'naive rule':^32}")
        print(f"{'':<28} {heading}   {heading}")
        for name, world in WORLDS.items():
            scores = list(pool.map(_score, [replace(world, seed=seed) for seed in seeds]))
            ours, naive = (sum(each, Score()) for each in zip(*scores, strict=True))
            print(f"{name:<28} {ours.row()}   {naive.row()}", flush=True)
        for name, cluster in TRACES.items():
            _print(name, list(pool.map(_traced, [replace(cluster, seed=seed) for seed in seeds])))


def _score(world: World) -> tuple[Score, Score]:
    """What was found in one draw of a world, by the analysis and by the naive rule."""
    history, clean = simulate(world), simulate(replace(world, lemons={}, black_holes={}))
    strong = {node for node, (strength, _, _) in world.lemons.items() if strength >= _STRONG} | set(world.black_holes)
    weak = set(world.lemons) - strong
    later = simulate(replace(world, lemons={7: (0.9, _BEGIN, 99)}, black_holes={}))
    scores = []
    for accuse in (accused, naively_accused):
        nodes = accuse(history, 0, world.days)
        score = Score(
            found=len(nodes & strong),
            bad=len(strong),
            false=len(nodes - strong - weak),
            weak=len(nodes & weak),
            clean=len(accuse(clean, 0, world.days)),
        )
        if world.days > _BEGIN + _WINDOW:
            found = (24 * (day - _BEGIN) for day in _days() if 7 in accuse(later, day - _WINDOW, day))
            score.hours.append(next(found, 24 * _WINDOW))
        scores.append(score)
    return scores[0], scores[1]


@dataclass(frozen=True, slots=True)
class Traced:
    """What was found in one draw of a trace."""

    spells: tuple[tuple[Spell, int, bool], ...]
    """The bad nodes, how many jobs each failed, and whether it was found."""
    false: int
    after: int
    """Nodes accused once the bad ones are gone."""
    shuffled: int
    """Nodes accused where all attempts' nodes are exchanged at random."""
    storms: int
    named: int
    """Storms, and those whose jobs were named."""


def _traced(cluster: Cluster) -> Traced:
    drawn = trace.simulate(cluster)
    found, bad = hot(trace.evidence(drawn)), {spell.node for spell in drawn.spells}
    wanted = [storm for storm in drawn.storm_jobs if cluster.linked]
    told = [set(surge.storm_jobs) for surge in surges(trace.evidence(drawn))]
    numbers = [{trace.number(cluster, job) for job in storm} for storm in wanted]
    return Traced(
        tuple((spell, drawn.victims(spell.node), spell.node in found) for spell in drawn.spells),
        len(found - bad),
        len(hot(trace.evidence(drawn.without(bad)))),
        len(hot(trace.evidence(drawn.shuffled()))),
        len(wanted),
        sum(any(storm <= jobs for jobs in told) for storm in numbers),
    )


def _print(name: str, draws: list[Traced]) -> None:
    """Recall by length and strength of the spells, each with the median of the jobs that such a node failed."""
    wrong, after, shuffled = (sum(getattr(each, what) for each in draws) for what in ("false", "after", "shuffled"))
    named, storms = sum(each.named for each in draws), sum(each.storms for each in draws)
    print(
        f"\n{name}, {len(draws)} draws: {wrong} wrong nodes, {after} once the bad ones are gone, {shuffled} shuffled;"
    )
    print(f"the jobs of {named} of {storms} storms named. Bad nodes found, and jobs that each failed (median):")
    print(f"{'':<10}" + "".join(f"{f'fails {strength:.0%}':>18}" for strength in trace.STRENGTHS))
    for length in trace.LENGTHS:
        cells = []
        for strength in trace.STRENGTHS:
            kind = (length, strength)
            these = [
                spell[1:] for each in draws for spell in each.spells if (spell[0].length, spell[0].strength) == kind
            ]
            hit, jobs = sum(found for _, found in these), np.median([jobs for jobs, _ in these]) if these else nan
            cells.append(f"{f'{hit} of {len(these)} ({jobs:.0f})':>18}")
        print(f"{length:<10}" + "".join(cells), flush=True)


def accused(history: History, since: float, until: float) -> set[int]:
    """The nodes that the analysis finds."""
    return hot(evidence(history, since, until))


def hot(period: PeriodEvidence) -> set[int]:
    """The nodes that the analysis finds in a period."""
    found, _ = blamed(period, surges(period), 3)
    return {int(one.node.rsplit("-", 1)[1]) for one in found.findings}


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
