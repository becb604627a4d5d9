from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.domain.analysis.report import Change
from bot.domain.period import Period
from bot.domain.scope import Scope
from bot.domain.workload.attempt import Attempt, Outcome
from bot.domain.workload.version import DRIVER, KERNEL, KUBELET, ROLLOUT, VersionSeen
from bot.store.store import Store
from tests.unit.analysis.history import NOON, WEEK, ran, record, report

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
TURN = NOON - 3 * DAY
NODES = [f"n{number:02}" for number in range(16)]
MOVED = NODES[:5]
ENDS = ("failed", "succeeded", "succeeded")


def jobs(
    number: int, risk: float, later: float, *, moved: float | None = None, before: float | None = None, seed: int = 1
) -> Iterator[Attempt]:
    """Jobs of two weeks. Their risk is `risk` before TURN and `later` after it; on MOVED nodes `before` and `moved`."""
    draw = random.Random(seed)
    for one in range(number):
        node, at = draw.choice(NODES), NOON - draw.uniform(0, 15) * DAY
        is_late, went = at - HOUR >= TURN, node in MOVED
        here = (moved if is_late else before) if went else None
        chance = here if here is not None else later if is_late else risk
        outcome = "failed" if draw.random() < chance else "succeeded"
        known: dict[str, Any] = {"project": f"p{one % 5}", "owner": f"o{one % 11}", "image": "train:1"}
        yield ran(f"{draw.choice('abcdefgh')}-run-{one}", node, outcome, at=at, **known)


def upgrade(
    store: Store,
    what: str = DRIVER,
    old: str = "550.90",
    new: str = "570.12",
    *,
    nodes: Sequence[str] = MOVED,
    at: datetime = TURN,
) -> None:
    """All nodes had the old version; these have the new one since then."""
    for when in (NOON - 20 * DAY, at - timedelta(minutes=5)):
        store.recorder.record_versions(
            [VersionSeen(cluster="prod", what=what, subject=node, value=old, at=when) for node in NODES]
        )
    for when in (at, NOON):
        rest = [node for node in NODES if node not in nodes]
        seen = [(node, new) for node in nodes] + [(node, old) for node in rest]
        store.recorder.record_versions(
            [VersionSeen(cluster="prod", what=what, subject=node, value=value, at=when) for node, value in seen]
        )


def found(store: Store, period: Period = WEEK, **settings: Any) -> tuple[Change, ...]:
    return report(store, period, **settings).changes


def test_a_new_driver_before_a_rise_is_named_with_its_nodes_and_what_became_of_the_others(sqlite_store: Store) -> None:
    record(sqlite_store, jobs(900, 0.07, 0.07, moved=0.4))
    upgrade(sqlite_store)
    (one,) = found(sqlite_store)
    assert (one.what, one.replaced, one.name, one.at) == (DRIVER, "550.90", "570.12", TURN)
    assert (one.cluster, one.nodes, one.of_nodes) == ("prod", tuple(MOVED), 16)
    assert one.rate is not None
    assert one.rate_before is not None
    assert one.others_rate is not None
    assert one.others_rate_before is not None
    assert one.rate > 0.3
    assert max(one.rate_before, one.others_rate, one.others_rate_before) < 0.12
    assert one.q_value is not None
    assert one.q_value < 0.01


def test_a_hot_node_says_what_changed_on_it(sqlite_store: Store) -> None:
    lost = [replace(one, outcome=Outcome.FAILED) if one.node == "n03" else one for one in jobs(900, 0.07, 0.07)]
    record(sqlite_store, lost)
    upgrade(sqlite_store)
    upgrade(sqlite_store, KERNEL, "6.5", "6.8", at=TURN + timedelta(minutes=20))
    (hot,) = report(sqlite_store).nodes
    assert hot.evidence[-1] == "driver 550.90 → 570.12, kernel 6.8 since 2026-11-17 12:00 UTC"


def test_what_rises_on_every_node_is_not_blamed_on_the_driver_of_some(sqlite_store: Store) -> None:
    record(sqlite_store, jobs(900, 0.07, 0.4, moved=0.4))
    upgrade(sqlite_store)
    assert found(sqlite_store) == ()


def test_nodes_that_were_always_worse_are_not_blamed_on_their_new_driver(sqlite_store: Store) -> None:
    record(sqlite_store, jobs(900, 0.07, 0.07, moved=0.4, before=0.4))
    upgrade(sqlite_store)
    assert found(sqlite_store) == ()


def test_nodes_that_were_always_worse_are_not_blamed_in_an_outage_of_all(sqlite_store: Store) -> None:
    record(sqlite_store, jobs(1500, 0.07, 0.2, moved=0.45, before=0.2))
    upgrade(sqlite_store)
    assert found(sqlite_store) == ()


def test_what_changes_together_is_one_change(sqlite_store: Store) -> None:
    record(sqlite_store, jobs(900, 0.07, 0.07, moved=0.4))
    upgrade(sqlite_store, KUBELET, "v1.33", "v1.34")
    upgrade(sqlite_store)
    upgrade(sqlite_store, KERNEL, "6.5", "6.8", at=TURN + timedelta(minutes=20))
    (one,) = found(sqlite_store)
    assert (one.what, one.also) == (DRIVER, ("kernel 6.8", "kubelet v1.34"))


def test_of_two_changes_of_nearly_the_same_nodes_the_surer_one_is_named(sqlite_store: Store) -> None:
    record(sqlite_store, jobs(900, 0.07, 0.07, moved=0.5))
    upgrade(sqlite_store)
    upgrade(sqlite_store, KERNEL, "6.5", "6.8", nodes=NODES[1:7], at=TURN - DAY)
    (one,) = found(sqlite_store)
    assert one.what == DRIVER


def test_one_broken_array_after_the_change_is_one_fact(sqlite_store: Store) -> None:
    record(sqlite_store, jobs(900, 0.07, 0.07))
    at = TURN + 5 * HOUR
    array = [ran(f"sweep-{one}", MOVED[one % 5], "failed", at=at, project="p1", owner="o1") for one in range(30)]
    record(sqlite_store, array)
    upgrade(sqlite_store)
    assert found(sqlite_store) == ()


def test_one_job_that_fails_again_and_again_is_one_job(sqlite_store: Store) -> None:
    record(sqlite_store, jobs(300, 0.05, 0.05))
    again = [ran("loops", MOVED[0], "failed", at=TURN + one * timedelta(minutes=5)) for one in range(300)]
    record(sqlite_store, again)
    upgrade(sqlite_store)
    assert found(sqlite_store) == ()


def test_nodes_that_ran_nothing_before_say_nothing_about_a_rise(sqlite_store: Store) -> None:
    everything = [
        one for one in jobs(900, 0.07, 0.07, moved=0.5) if one.node not in MOVED or one.ended_at > TURN + HOUR
    ]
    record(sqlite_store, everything)
    upgrade(sqlite_store)
    assert found(sqlite_store) == ()


def test_too_few_failed_jobs_are_no_finding(sqlite_store: Store) -> None:
    record(sqlite_store, jobs(900, 0.0, 0.0))
    record(sqlite_store, [ran(f"x{one}-run", MOVED[one], "failed", at=TURN + (5 + 9 * one) * HOUR) for one in range(2)])
    upgrade(sqlite_store)
    assert found(sqlite_store, pattern_threshold=3) == ()


def test_a_change_shortly_before_the_period_still_counts(sqlite_store: Store) -> None:
    record(sqlite_store, jobs(1500, 0.07, 0.07, moved=0.5))
    upgrade(sqlite_store)
    assert [one.what for one in found(sqlite_store, Period.last(2.5 * DAY, until=NOON))] == [DRIVER]
    assert found(sqlite_store, Period.last(DAY, until=NOON)) == ()


def test_a_version_that_was_taken_back_is_judged_by_the_time_it_was_in_use(sqlite_store: Store) -> None:
    record(sqlite_store, jobs(1500, 0.07, 0.07, moved=0.4))
    upgrade(sqlite_store)
    back = NOON + timedelta(hours=3)
    old = [VersionSeen(cluster="prod", what=DRIVER, subject=node, value="550.90", at=back) for node in NODES]
    sqlite_store.recorder.record_versions(old)
    fine = [ran(f"later-run-{one}", MOVED[one % 5], at=back + 2 * HOUR, minutes=5) for one in range(200)]
    record(sqlite_store, fine)
    (one,) = found(sqlite_store, Period.last(7 * DAY, until=back + DAY))
    assert one.rate is not None
    assert one.rate > 0.3


def test_where_every_node_changed_at_once_a_small_rise_is_not_named(sqlite_store: Store) -> None:
    record(sqlite_store, jobs(900, 0.07, 0.16))
    upgrade(sqlite_store, nodes=NODES)
    assert found(sqlite_store) == ()


def test_where_every_node_changed_at_once_a_large_rise_is_named(sqlite_store: Store) -> None:
    record(sqlite_store, jobs(900, 0.07, 0.6))
    upgrade(sqlite_store, nodes=NODES)
    (one,) = found(sqlite_store)
    assert (one.of_nodes, len(one.nodes), one.others_rate) == (16, 16, None)


def upgrade_one_by_one(store: Store) -> dict[str, datetime]:
    """Every node gets the new version, one each eight hours."""
    turns = {node: NOON - 6 * DAY + number * 8 * HOUR for number, node in enumerate(NODES)}
    for when in (NOON - 20 * DAY, *(turn for turn in turns.values()), NOON):
        seen = [(node, "570.12" if turn <= when else "550.90") for node, turn in turns.items()]
        store.recorder.record_versions(
            [VersionSeen(cluster="prod", what=DRIVER, subject=node, value=value, at=when) for node, value in seen]
        )
    return turns


def test_a_driver_that_reaches_every_node_is_compared_with_those_it_had_yet_to_reach(sqlite_store: Store) -> None:
    turns = upgrade_one_by_one(sqlite_store)
    draw = random.Random(2)
    everything = []
    for each in jobs(1500, 0.07, 0.07):
        is_new = each.node is not None and each.ended_at - HOUR >= turns[each.node]
        everything.append(replace(each, outcome=Outcome.FAILED) if is_new and draw.random() < 0.25 else each)
    record(sqlite_store, everything)
    (one,) = found(sqlite_store)
    assert (one.name, len(one.nodes)) == ("570.12", 16)
    assert one.others_rate is not None
    assert one.others_rate < 0.15


def test_an_outage_while_a_driver_reaches_every_node_is_not_blamed_on_it(sqlite_store: Store) -> None:
    upgrade_one_by_one(sqlite_store)
    record(sqlite_store, jobs(1500, 0.07, 0.35))
    assert found(sqlite_store) == ()


def test_a_change_that_made_things_better_is_no_trouble(sqlite_store: Store) -> None:
    record(sqlite_store, jobs(900, 0.3, 0.3, moved=0.02, before=0.3))
    upgrade(sqlite_store)
    assert found(sqlite_store) == ()


def serve(store: Store, *, before: int, after: int, image: str = "serve:1") -> None:
    """A service's pods: replaced at TURN, since when they fail."""
    for value, at in (("old", NOON - 9 * DAY), ("new", TURN)):
        store.recorder.record_versions(
            [VersionSeen(cluster="prod", what=ROLLOUT, subject="serve", value=value, at=at, project="p1")]
        )
    pods = [
        ran("serve", NODES[one % 16], "killed", at=TURN + HOUR, minutes=60 * 24 * 2, project="p1", image="serve:1")
        for one in range(before)
    ]
    lost = [
        ran("serve", NODES[one % 16], "failed", at=TURN + (1 + one) * HOUR, minutes=5, project="p1", image=image)
        for one in range(after)
    ]
    record(store, [*pods, *lost])


def test_jobs_that_a_change_finds_running_are_no_rise_of_failures(sqlite_store: Store) -> None:
    draw = random.Random(7)
    known: dict[str, Any] = {"minutes": 60 * 72, "project": "p1"}
    long = [
        ran(
            f"{draw.choice('abcdefgh')}-run-{one}",
            draw.choice(NODES),
            draw.choice(ENDS),
            at=at,
            owner=f"o{one}",
            **known,
        )
        for one, at in enumerate(NOON - draw.uniform(0, 15) * DAY for _ in range(900))
    ]
    record(sqlite_store, long)
    upgrade(sqlite_store, KUBELET, "v1.33", "v1.34", nodes=NODES)
    assert found(sqlite_store) == ()


@pytest.mark.parametrize("number", [0, 1, 2])
def test_changes_say_nothing_where_hardly_anything_ran(sqlite_store: Store, number: int) -> None:
    upgrade(sqlite_store)
    record(sqlite_store, [ran(f"job-{one}", MOVED[0], "failed", at=TURN + HOUR) for one in range(number)])
    assert found(sqlite_store) == ()


def test_a_rollout_whose_pods_fail_is_named(sqlite_store: Store) -> None:
    record(sqlite_store, jobs(900, 0.07, 0.07))
    serve(sqlite_store, before=12, after=6)
    (one,) = found(sqlite_store)
    assert (one.what, one.name, one.project, one.at) == (ROLLOUT, "serve", "p1", TURN)
    assert (one.jobs_failed, one.jobs, one.jobs_failed_before, one.jobs_before) == (6, 6, 0, 12)
    assert found(sqlite_store, scope=Scope(project="p2")) == ()


def test_a_rollout_of_a_service_that_hardly_ran_before_is_no_finding(sqlite_store: Store) -> None:
    record(sqlite_store, jobs(900, 0.07, 0.07))
    serve(sqlite_store, before=1, after=6)
    assert found(sqlite_store) == ()


def test_a_rollout_with_a_new_image_is_one_change_the_images(sqlite_store: Store) -> None:
    record(sqlite_store, jobs(900, 0.07, 0.07))
    draw = random.Random(4)
    bad = [
        ran(f"{draw.choice('abcdefgh')}{draw.choice('uvw')}-job", draw.choice(NODES), "failed", image="serve:2",
            at=TURN + draw.uniform(1, 60) * HOUR, project=f"p{one % 5}", owner=f"o{one}")
        for one in range(30)
    ]  # fmt: skip
    record(sqlite_store, bad)
    serve(sqlite_store, before=12, after=6, image="serve:2")
    (one,) = found(sqlite_store)
    assert (one.what, one.name) == ("image", "serve:2")
    assert one.expected_rate is not None
    assert one.jobs_failed > 20


def test_clusters_whose_nodes_tell_no_driver_are_noted(sqlite_store: Store) -> None:
    record(sqlite_store, jobs(50, 0.2, 0.2))
    assert not [note for note in report(sqlite_store).notes if "river" in note]
    upgrade(sqlite_store, KERNEL)
    (note,) = [note for note in report(sqlite_store).notes if "river" in note]
    assert note == "Driver versions are not reported by the nodes of prod: GPU feature discovery would."


@pytest.mark.parametrize("seed", range(3))
def test_hardly_a_change_is_blamed_where_nothing_came_of_it(sqlite_store: Store, seed: int) -> None:
    record(sqlite_store, jobs(1200, 0.1, 0.1, seed=seed))
    draw = random.Random(seed)
    for number in range(25):
        nodes = draw.sample(NODES, draw.randint(1, 12))
        upgrade(sqlite_store, f"{KERNEL}", "old", f"new-{number}", nodes=nodes, at=NOON - draw.uniform(1, 6) * DAY)
    assert found(sqlite_store) == ()
