"""Which bad nodes are found, how many healthy ones are accused, and how soon, beside the naive rule that a node with
three failed attempts or more, at least half of all it got, is bad:

    .venv/bin/python -m benchmarks.detection [--seeds 100] [--only zone]

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
from bot.domain.analysis.report import NodeFinding
from bot.domain.analysis.spikes import surges

_BAD: dict[int, tuple[float, float, float]] = {7: (0.9, 0, 99), 50: (0.5, 0, 99), 90: (0.3, 0, 99)}
_PLAIN = World(lemons=_BAD, black_holes={120: (12, 13)})
_BARE = replace(_PLAIN, named="counter", labelled=False)
_ALIKE = World(
    even=True, families=1, users=200, jobs=60_000, lemons=_BAD, risk=0.01, families_agree=1000, broken=0, retries=0,
    killed=0,
)  # fmt: skip
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
    "teams on two nodes each": replace(_ALIKE, nodes=400, home=2),
    "teams on two nodes that differ": replace(_ALIKE, nodes=400, home=2, risk=0.1, families_agree=1, retries=2),
    "families on two nodes, bare": replace(_ALIKE, nodes=400, home=2, labelled=False),
    "small families on two nodes": replace(
        _ALIKE, nodes=400, home=2, labelled=False, jobs=3_000, risk=0.1, families_agree=1
    ),
    "two image tags in turn": replace(_ALIKE, tags_in_turn=True, bad_images={21: 0.3, 60: 0.1}),
    "two tags, teams that differ": replace(
        _ALIKE, tags_in_turn=True, risk=0.1, families_agree=1, retries=2, bad_images={21: 0.6, 60: 0.3}
    ),
    "one team in one zone": replace(_PLAIN, zone=(20, 3.0)),
    "nodes of four sizes": replace(_PLAIN, sizes=(1, 2, 4, 8)),
    "nodes added and removed": replace(
        _PLAIN, weekly_drift=2, added=dict.fromkeys(range(150, 175), 20.0), removed=dict.fromkeys(range(175, 200), 9.0)
    ),
    "a mended node": replace(_PLAIN, lemons={7: (0.9, 8, 14), 50: (0.5, 0, 20), 90: (0.3, 0, 25)}),
    "two generations of GPUs": replace(_PLAIN, generations=(1, 3)),
    "two generations, bare": replace(_BARE, generations=(1, 3)),
}
"""Each world and its bad nodes; the healthy one beside it has none, and no bad image."""
TRACES = {
    "a trace of 550 nodes, 90 days": Cluster(),
    "the same, names without anything in common": Cluster(named="hash"),
    "the same, each attempt a job of its own": Cluster(linked=False),
}
_STRONG = 0.5
"""Strength from which a node is certainly bad; weaker ones are counted apart."""
_TIMED = 10
"""Draws in which time to detect is measured."""
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
    """Nodes and images accused where none is bad."""
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
    parser.add_argument("--only", default="", help="worlds whose name has this in it")
    asked = parser.parse_args()
    seeds = range(asked.seeds)
    heading = f"{'precision':>9} {'recall':>7} {'clean':>6} {'after':>7}"
    with ProcessPoolExecutor(2) as pool:
        print(f"{'':<28} {'failures-bot':^32}   {'naive rule':^32}")
        print(f"{'':<28} {heading}   {heading}")
        for name, world in WORLDS.items():
            if asked.only not in name:
                continue
            scores = list(pool.map(_score, [replace(world, seed=seed) for seed in seeds]))
            ours, naive = (sum(each, Score()) for each in zip(*scores, strict=True))
            print(f"{name:<28} {ours.row()}   {naive.row()}", flush=True)
        for name, cluster in TRACES.items():
            if asked.only not in name:
                continue
            _print(name, list(pool.map(_traced, [replace(cluster, seed=seed) for seed in seeds])))


def _score(world: World) -> tuple[Score, Score]:
    """What was found in one draw of a world, by the analysis and by the naive rule."""
    history, clean = simulate(world), simulate(replace(world, lemons={}, black_holes={}, bad_images={}))
    strong = {_node(node) for node, (strength, _, _) in world.lemons.items() if strength >= _STRONG}
    strong |= {_node(node) for node in world.black_holes} | {_image(one) for one in world.bad_images}
    weak = {_node(node) for node in world.lemons} - strong
    scores = []
    for accuse in (accused, naively_accused):
        told = accuse(history, 0, world.days)
        scores.append(
            Score(
                found=len(told & strong),
                bad=len(strong),
                false=len(told - strong - weak),
                weak=len(told & weak),
                clean=len(accuse(clean, 0, world.days)),
            )
        )
    if world.seed < _TIMED and world.days > _BEGIN + _WINDOW:
        later = simulate(replace(world, lemons={7: (0.9, _BEGIN, 99)}, black_holes={}, bad_images={}))
        for score, accuse in zip(scores, (accused, naively_accused), strict=True):
            found = (24 * (day - _BEGIN) for day in _days() if _node(7) in accuse(later, day - _WINDOW, day))
            score.hours.append(next(found, 24 * _WINDOW))
    return scores[0], scores[1]


def _node(number: int) -> str:
    return f"node {number}"


def _image(number: int) -> str:
    return f"image {number}"


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


def accused(history: History, since: float, until: float) -> set[str]:
    """The nodes and images that the analysis finds."""
    period = evidence(history, since, until)
    nodes, images = blamed(period, surges(period), 3)
    number = {name: code for code, name in enumerate(period.names.images)}
    return {_node(_number(one)) for one in nodes.findings} | {_image(number[one.image]) for one in images.findings}


def hot(period: PeriodEvidence) -> set[int]:
    """The nodes that the analysis finds in a period."""
    return {_number(one) for one in blamed(period, surges(period), 3)[0].findings}


def _number(finding: NodeFinding) -> int:
    return int(finding.node.rsplit("-", 1)[1])


def naively_accused(history: History, since: float, until: float) -> set[str]:
    """The nodes, and the images where they are known, with at least three failed attempts, and half of all."""
    end = history.start + history.hours / 24
    inside = (end >= since) & (end < until)
    told = set()
    for say, column in ((_node, history.node), (_image, history.image)):
        if say is _node or history.world.labelled:
            count = np.bincount(column[inside])
            failed = np.bincount(column[inside & (history.outcome == 1)], minlength=len(count))
            told |= set(map(say, np.flatnonzero((failed >= 3) & (2 * failed >= count)).tolist()))
    return told


def _days() -> Iterator[float]:
    day = _BEGIN + _STEP
    while day < _BEGIN + _WINDOW:
        yield day
        day += _STEP


if __name__ == "__main__":
    main()
