from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.domain.analysis.report import Report
from bot.domain.period import Period
from bot.domain.workload.attempt import Attempt
from bot.store.store import Store
from tests.unit.analysis.history import NOON, failure_of, ran, record, report

DAY = timedelta(days=1)


def hot(found: Report) -> list[str]:
    return [one.node for one in found.nodes]


def traffic(seed: int, nodes: int = 8, jobs: int = 200, risk: float = 0.08, **strength: float) -> list[Attempt]:
    """Jobs on nodes at random; `n3=0.8` makes node n3 fail 80 % of what it gets."""
    draw = random.Random(seed)
    attempts = []
    for number in range(jobs):
        node = f"n{draw.randrange(nodes)}"
        bad = draw.random() < strength.get(node, risk)
        at = NOON - timedelta(hours=draw.uniform(1, 160))
        owner, project = f"owner-{number % 5}", f"project-{number % 3}"
        attempts.append(
            ran(
                f"{draw.choice(_NAMES)}-{number}",
                node,
                "failed" if bad else "succeeded",
                at=at,
                owner=owner,
                project=project,
            )
        )
    return attempts


_NAMES = ("train", "eval", "tune", "prep", "sweep")


def test_a_node_that_fails_most_of_what_it_gets_is_found_with_its_numbers(sqlite_store: Store) -> None:
    record(sqlite_store, traffic(1, n3=0.8))
    (one,) = report(sqlite_store).nodes
    assert one.node == "n3"
    assert one.cluster == "prod"
    assert one.rate == one.jobs_failed / one.jobs > 0.6
    assert one.rate_low < one.rate < one.rate_high
    assert one.expected_rate < 0.2
    assert one.q_value < 0.01
    assert one.projects == 3


def test_healthy_traffic_has_no_hot_node_and_says_why(sqlite_store: Store) -> None:
    record(sqlite_store, traffic(2))
    found = report(sqlite_store)
    assert found.nodes == ()
    assert any("none of 8 nodes" in note for note in found.notes)


def test_a_job_that_fails_everywhere_makes_no_node_hot(sqlite_store: Store) -> None:
    broken = [
        ran("broken-job", f"n{node}", "failed", at=NOON - timedelta(hours=40 - i))
        for i, node in enumerate([1] * 30 + [2, 3, 4])
    ]
    record(sqlite_store, [*traffic(3), *broken])
    assert hot(report(sqlite_store)) == []


def test_an_array_of_jobs_of_one_user_that_only_ran_on_one_node_makes_it_not_hot(sqlite_store: Store) -> None:
    array = [
        ran(f"grid-search-{i}", "n5", "failed", owner="owner-1", project="project-1", at=NOON - timedelta(hours=50 + i))
        for i in range(20)
    ]
    record(sqlite_store, [*traffic(4), *array])
    assert hot(report(sqlite_store)) == []


def test_jobs_of_one_owner_alone_make_no_node_hot(sqlite_store: Store) -> None:
    names = [f"{a}{b}" for a in "abcdef" for b in "uvwxyz"][:20]
    same = [
        ran(name, "n5", "failed", owner="owner-1", project="project-1", at=NOON - timedelta(hours=4 * i + 2))
        for i, name in enumerate(names)
    ]
    record(sqlite_store, [*traffic(5), *same])
    assert hot(report(sqlite_store)) == []
    others = [replace(one, owner=None, project=None, pod_uid=f"again-{i}") for i, one in enumerate(same)]
    record(sqlite_store, others)
    assert hot(report(sqlite_store)) == ["n5"], "nobody knows that these are of one owner"


def test_fewer_failed_jobs_than_the_threshold_are_no_pattern(sqlite_store: Store) -> None:
    record(sqlite_store, traffic(1, n3=0.8))
    assert hot(report(sqlite_store, pattern_threshold=100)) == []


def test_a_hard_fault_makes_a_node_hot_at_once(sqlite_store: Store) -> None:
    lost = ran("one-job", "n6", "failed", project="project-1")
    record(sqlite_store, traffic(2))
    sqlite_store.recorder.record([lost], [failure_of(lost, signature="gpu-xid-79")])
    (one,) = report(sqlite_store).nodes
    assert one.node == "n6"
    assert "gpu-xid-79 1×" in one.evidence


def test_victims_of_a_gang_are_charged_to_no_node(sqlite_store: Store) -> None:
    record(sqlite_store, traffic(6))
    for number in range(12):
        first = ran(
            f"gang-{'abcdefghijkl'[number]}", f"n{number % 8}", "failed", at=NOON - timedelta(hours=10 + 10 * number)
        )
        victim = replace(first, pod_uid=f"victim-{number}", node="n7")
        sqlite_store.recorder.record([first, victim], [failure_of(first), failure_of(victim, first_fault=False)])
    assert hot(report(sqlite_store)) == []


def test_an_outage_of_everything_makes_no_node_hot(sqlite_store: Store) -> None:
    draw = random.Random(7)
    outage = [
        ran(
            f"during-{draw.random()}",
            f"n{i % 8 if i < 40 else 3}",
            "failed",
            at=NOON - timedelta(hours=60, minutes=draw.randrange(1, 59)),
        )
        for i in range(80)
    ]
    record(sqlite_store, [*traffic(7), *outage])
    found = report(sqlite_store)
    assert hot(found) == []
    assert [spike.retry_storm_jobs for spike in found.spikes] == [()]


def test_a_node_that_turned_bad_today_is_found_in_its_last_24_hours(sqlite_store: Store) -> None:
    draw = random.Random(8)
    before = [ran(f"job-{i}-{draw.random()}", f"n{i % 8}", at=NOON - timedelta(hours=30 + i / 20)) for i in range(1600)]
    today = [
        ran(
            f"job-{i}-{draw.random()}",
            f"n{i % 8}",
            "failed" if i % 8 == 2 and i % 16 else "succeeded",
            at=NOON - timedelta(hours=draw.uniform(0.2, 23)),
        )
        for i in range(160)
    ]
    record(sqlite_store, [*before, *today])
    assert hot(report(sqlite_store)) == ["n2"]


def month(seed: int, bad: tuple[float, float] = (0.0, 0.0)) -> list[Attempt]:
    """Jobs of unknown users, tried up to three times on twelve nodes; n3 fails all from so many to so many days ago."""
    draw = random.Random(seed)
    attempts = []
    for number in range(1500):
        at, broken = NOON - timedelta(days=draw.uniform(0.3, 29.9)), draw.random() < 0.05
        for again in range(3):
            node, ended = f"n{draw.randrange(12)}", at + timedelta(hours=again)
            down = node == "n3" and NOON - timedelta(days=bad[0]) <= ended < NOON - timedelta(days=bad[1])
            failed = broken or down or draw.random() < 0.05
            attempts.append(ran(f"job-{number}", node, "failed" if failed else "succeeded", at=ended, minutes=20))
            if not failed:
                break
    return attempts


def test_a_node_that_was_bad_for_three_days_of_a_month_is_found_with_that_time(sqlite_store: Store) -> None:
    record(sqlite_store, month(1, bad=(14, 11)))
    found = report(sqlite_store, Period.last(timedelta(days=30), until=NOON))
    (one,) = found.nodes
    assert one.node == "n3"
    assert one.hours is not None
    assert one.hours <= 7 * 24
    assert one.since is not None
    assert one.last_at is not None
    assert one.ended is not None
    assert NOON - timedelta(days=15) < one.since < one.last_at < one.ended < NOON - timedelta(days=7)
    assert one.rate > 0.8
    assert one.successes_since_failure > 10
    (advice,) = [each.text for each in found.recommendations if each.subject == "node/n3"]
    assert f"{one.successes_since_failure} jobs went well on it since" in advice
    assert "cordon" not in advice


def test_the_time_that_is_told_does_not_depend_on_the_order_of_recording(new_store: Callable[[], Store]) -> None:
    attempts = month(1, bad=(14, 11))
    lost = [one for one in attempts if one.outcome == "failed"]
    attempts += [replace(one, pod_uid=f"{one.pod_uid}-late", finished_at=one.ended_at + DAY) for one in lost[::3]]
    told = []
    for seed in range(2):
        random.Random(seed).shuffle(attempts)
        store = new_store()
        record(store, attempts)
        told.append(report(store, Period.last(30 * DAY, until=NOON)).nodes)
    assert told[0] == told[1] != ()


def test_in_a_month_without_a_bad_node_none_is_found(sqlite_store: Store) -> None:
    record(sqlite_store, month(1))
    assert hot(report(sqlite_store, Period.last(timedelta(days=30), until=NOON))) == []


def test_a_reboot_under_many_jobs_makes_a_node_not_hot(sqlite_store: Store) -> None:
    lost = [ran(f"lost-{i}", "n5", "failed", at=NOON - timedelta(days=9), minutes=200) for i in range(8)]
    again = [ran(f"lost-{i}", f"n{i % 4}", at=NOON - timedelta(days=9, hours=-3)) for i in range(8)]
    record(sqlite_store, [*month(2), *lost, *again])
    assert hot(report(sqlite_store, Period.last(timedelta(days=30), until=NOON))) == []


def test_a_killed_attempt_is_neither_a_failure_nor_a_healthy_run(sqlite_store: Store) -> None:
    record(sqlite_store, traffic(1, n3=0.8))
    (before,) = report(sqlite_store).nodes
    record(sqlite_store, [ran(f"stopped-{i}", "n3", "killed") for i in range(50)])
    (after,) = report(sqlite_store).nodes
    assert (after.jobs, after.jobs_failed) == (before.jobs, before.jobs_failed)


@given(st.integers(0, 2**16), st.integers(2, 5))
@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_neither_the_order_of_recording_nor_more_retries_change_a_verdict(
    new_store: Callable[[], Store], seed: int, times: int
) -> None:
    """Each failed attempt again, so many times, on the same node."""
    stores = [new_store() for _ in range(2)]
    attempts = traffic(seed, jobs=120, n3=0.7)
    record(stores[0], attempts)
    again = [
        replace(one, pod_uid=f"{one.pod_uid}-{n}") for one in attempts if one.outcome == "failed" for n in range(times)
    ]
    shuffled = [*attempts, *again]
    random.Random(seed).shuffle(shuffled)
    record(stores[1], shuffled)
    one, other = (report(store).nodes for store in stores)
    facts = [
        [(n.node, n.jobs, n.jobs_failed, round(n.q_value, 12), round(n.expected_rate, 12)) for n in nodes]
        for nodes in (one, other)
    ]
    assert facts[0] == facts[1]


def test_a_period_too_short_for_a_spell_is_looked_at_as_a_whole(sqlite_store: Store) -> None:
    runs = [ran(f"job-{n}", f"n{n % 8}", at=NOON - timedelta(minutes=n % 300)) for n in range(200)]
    victims = [ran(f"job-{n}", "bad", "failed", at=NOON - timedelta(minutes=2 + n)) for n in range(0, 200, 8)]
    record(sqlite_store, [*runs, *victims])
    assert hot(report(sqlite_store, Period.last(timedelta(hours=6), until=NOON))) == ["bad"]


def test_three_failures_beside_a_handful_of_jobs_that_ran_well_elsewhere_are_no_pattern(sqlite_store: Store) -> None:
    def sent(job: str, node: str, outcome: str = "succeeded", *, hours: float, by: int) -> Attempt:
        at = NOON - timedelta(hours=hours)
        return ran(job, node, outcome, at=at, minutes=20, owner=f"owner-{by}", project=f"project-{by}")

    others = [sent(f"train-{n}", f"n{n}", hours=3 + n, by=n % 3) for n in range(16)]
    fine = [sent(f"prep-{n}", "n20", hours=20 - n, by=n) for n in range(4)]
    lost = [sent(f"{name}-1", "n20", "failed", hours=2 + 5 * by, by=by) for by, name in enumerate(_NAMES[:3])]
    again = [sent(f"{name}-1", f"n{by}", hours=1 + 5 * by, by=by) for by, name in enumerate(_NAMES[:3])]
    record(sqlite_store, [*others, *fine, *lost, *again])
    for days in (1, 7, 28):
        assert hot(report(sqlite_store, Period.last(days * DAY, until=NOON))) == []
