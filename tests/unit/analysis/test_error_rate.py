"""Over many drawn clusters: how often a healthy node is accused, and whether the bad ones are found."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from benchmarks import trace
from benchmarks.detection import accused, hot
from benchmarks.generator import History, World, simulate
from benchmarks.trace import Cluster
from bot.domain.analysis.spikes import surges

SMALL = World(nodes=60, jobs=3_000, users=20, days=14.0)
BARE = replace(SMALL, labelled=False, named="counter")


def shuffled(history: History, seed: int) -> History:
    """The same with all attempts' nodes exchanged at random: no node differs from another."""
    node = np.random.default_rng(seed).permutation(history.node)
    return History(history.world, **{name: getattr(history, name) for name in _OTHERS} | {"node": node})


_OTHERS = ("job", "user", "family", "image", "outcome", "start", "hours")


@pytest.mark.parametrize("named", ["families", "counter", "hash"])
def test_where_no_node_differs_hardly_any_is_ever_accused(named: str) -> None:
    """At q < 0.01 a cluster without a bad node has a false one in at most 1 % of draws, in each of two windows."""
    draws, false = 50, 0
    for seed in range(draws):
        world = replace(SMALL, seed=seed, named=named, labelled=named == "families", lemons={3: (0.9, 0, 99)})
        false += len(accused(shuffled(simulate(world), seed), 0, world.days))
    assert false <= 2


@pytest.mark.parametrize(
    "trouble",
    [
        {"storms": ((4.5, 260),), "sitting": ((5, 200), (9, 40))},
        {"outages": ((3.5, 6), (9, 10))},
        {"pools": (1.0, 1.0, 1.0, 1.0, 4.0)},
        {"weekly_drift": 2.0},
        {"retries": 10, "broken": 0.15},
        {"hourly": (14, 15, 16)},
        {"burst": 0.2, "labelled": True, "named": "families", "burst_nodes": 1},
        {"killed": 0.6},
    ],
    ids=lambda trouble: next(iter(trouble)),
)
def test_what_is_wrong_with_jobs_or_with_everything_is_blamed_on_no_node(trouble: dict[str, object]) -> None:
    false = [accused(simulate(replace(BARE, seed=seed, **trouble)), 0, 14.0) for seed in range(6)]  # type: ignore[arg-type]
    assert sum(map(len, false)) <= 1


@pytest.mark.parametrize("world", [SMALL, BARE, replace(BARE, named="hash")], ids=["labelled", "bare", "hash"])
def test_bad_nodes_are_found_and_once_they_are_gone_none_is_accused(world: World) -> None:
    bad = {3: (0.9, 0.0, 99.0), 11: (0.6, 0.0, 99.0)}
    for seed in range(4):
        history = simulate(replace(world, seed=seed, lemons=bad))
        assert accused(history, 0, 14.0) == {"node 3", "node 11"}
        assert accused(history.without(set(bad)), 0, 14.0) == set()


TRACE = Cluster(nodes=300, days=60.0, jobs=45_000, storms=((20.3, 264, 1.0), (40.2, 300, 6.0)))


@pytest.mark.parametrize("seed", [1, 3])
def test_in_a_trace_without_names_nodes_that_were_bad_for_a_time_are_found_and_no_others(seed: int) -> None:
    drawn = trace.simulate(replace(TRACE, seed=seed))
    bad = {spell.node for spell in drawn.spells}
    plain = {spell.node for spell in drawn.spells if drawn.victims(spell.node) >= 60}
    found = hot(trace.evidence(drawn))
    assert plain <= found <= bad
    assert plain
    assert hot(trace.evidence(drawn.without(bad))) == set()
    assert hot(trace.evidence(drawn.shuffled())) == set()


def test_where_each_attempt_has_a_name_of_its_own_a_user_who_repeats_a_mistake_accuses_no_node() -> None:
    drawn = trace.simulate(replace(TRACE, seed=1, linked=False, mistakes=0.3))
    assert hot(trace.evidence(drawn.without({spell.node for spell in drawn.spells}))) == set()


def test_each_storm_in_a_trace_names_both_of_its_jobs() -> None:
    drawn = trace.simulate(replace(TRACE, seed=1))
    told = [set(surge.storm_jobs) for surge in surges(trace.evidence(drawn))]
    for storm in drawn.storm_jobs:
        assert any({trace.number(drawn.cluster, job) for job in storm} <= jobs for jobs in told)
