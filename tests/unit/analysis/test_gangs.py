from __future__ import annotations

import random
from datetime import timedelta

import pytest

from bot.domain.workload.attempt import Attempt
from bot.store.store import Store
from tests.unit.analysis.history import NOON, ran, record, report


def gangs(seed: int, lemon: str | None = None, jobs: int = 150, strength: float = 0.9, size: int = 4) -> list[Attempt]:
    """Gangs recorded as one attempt on several of 24 nodes; a failed one is tried once more elsewhere."""
    draw = random.Random(seed)
    attempts = []
    for number in range(jobs):
        name = f"{draw.choice(('alpha', 'beta', 'gamma', 'delta'))}-{draw.choice('abcdefgh')}-{number}"
        at = NOON - timedelta(hours=draw.uniform(2, 150))
        for again in range(2):
            nodes = draw.sample([f"n{i}" for i in range(24)], size)
            bad = draw.random() < (strength if lemon in nodes else 0.08)
            attempts.append(
                ran(name, None, "failed" if bad else "succeeded", nodes=nodes, at=at + timedelta(hours=again))
            )
            if not bad:
                break
    return attempts


def hot(store: Store) -> list[str]:
    return [one.node for one in report(store).nodes]


def test_a_bad_node_is_found_though_it_only_ever_ran_gangs(sqlite_store: Store) -> None:
    record(sqlite_store, gangs(1, lemon="n3"))
    (one,) = report(sqlite_store).nodes
    assert one.node == "n3"
    assert one.rate > 0.7
    assert one.expected_rate < 0.3


@pytest.mark.parametrize("seed", range(8))
def test_healthy_gangs_make_no_node_hot(sqlite_store: Store, seed: int) -> None:
    record(sqlite_store, gangs(seed))
    assert hot(sqlite_store) == []


def test_the_victims_beside_a_bad_node_are_not_hot(sqlite_store: Store) -> None:
    attempts = gangs(2, lemon="n3")
    beside = [
        ran(f"pair-{chr(97 + i)}", None, "failed", nodes=["n3", "n4"], at=NOON - timedelta(hours=i + 1))
        for i in range(20)
    ]
    record(sqlite_store, [*attempts, *beside])
    assert hot(sqlite_store) == ["n3"]


def test_of_two_nodes_that_always_run_together_neither_is_accused(sqlite_store: Store) -> None:
    pair = [
        ran(f"pair-{chr(97 + i)}", None, "failed", nodes=["x1", "x2"], at=NOON - timedelta(hours=i + 1))
        for i in range(20)
    ]
    record(sqlite_store, [*gangs(3), *pair])
    assert hot(sqlite_store) == []


def test_a_gang_job_that_fails_again_and_again_is_one_job(sqlite_store: Store) -> None:
    retried = [ran("stubborn", None, "failed", nodes=["n1", "n2"], at=NOON - timedelta(hours=i + 1)) for i in range(40)]
    record(sqlite_store, [*gangs(4), *retried])
    assert hot(sqlite_store) == []


def test_a_node_hot_by_itself_explains_the_gangs_it_was_part_of(sqlite_store: Store) -> None:
    alone = [ran(f"solo-{chr(97 + i % 26)}{i}", "n3", "failed", at=NOON - timedelta(hours=i + 1)) for i in range(20)]
    fine = [ran(f"fine-{i}", f"n{i % 24}", at=NOON - timedelta(hours=i % 100 + 1)) for i in range(300)]
    beside = [
        ran(f"gang-{chr(97 + i)}", None, "failed", nodes=["n3", "n5"], at=NOON - timedelta(hours=i + 1))
        for i in range(20)
    ]
    record(sqlite_store, [*alone, *fine, *beside, *gangs(5)])
    assert hot(sqlite_store) == ["n3"]
