from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import timedelta

from bot.domain.period import Period
from bot.domain.workload.attempt import Attempt
from bot.store.store import Store
from tests.unit.analysis.history import NOON, ran, record, report

HOUR = timedelta(hours=1)


def usual(seed: int, jobs: int = 600, share: float = 0.08) -> list[Attempt]:
    """A week of jobs on nine nodes, of which this share fails."""
    draw = random.Random(seed)
    return [
        ran(
            f"job-{i}",
            f"n{i % 9}",
            "failed" if draw.random() < share else "succeeded",
            at=NOON - draw.uniform(1, 160) * HOUR,
        )
        for i in range(jobs)
    ]


def storm(job: str, failures: int, *, ago: float, hours: float, **where: object) -> Iterator[Attempt]:
    """A job that fails again and again, evenly within so many hours."""
    for i in range(failures):
        at = NOON - (ago - hours * (i + 0.5) / failures) * HOUR
        yield ran(job, None if where else f"n{i % 9}", "failed", at=at, minutes=0.1, **where)


def storms(store: Store) -> list[set[str]]:
    return [set(one.retry_storm_jobs) for one in report(store).spikes]


def test_one_job_that_retries_for_hours_is_one_storm(sqlite_store: Store) -> None:
    record(sqlite_store, [*usual(1), *storm("looping", 200, ago=50, hours=5)])
    (spike,) = report(sqlite_store).spikes
    assert spike.retry_storm_jobs == ("looping",)
    assert spike.failures >= 200
    assert spike.period.length == 5 * HOUR


def test_a_storm_begins_at_the_same_clock_hour_whenever_somebody_asks(sqlite_store: Store) -> None:
    record(sqlite_store, [*usual(1), *storm("looping", 200, ago=49.7, hours=2)])
    asked = [NOON + timedelta(minutes=minutes) for minutes in (0, 1, 17, 42, 59, 61)]
    told = {report(sqlite_store, Period.last(7 * 24 * HOUR, until=until)).spikes[0].period for until in asked}
    assert told == {Period(NOON - 50 * HOUR, NOON - 47 * HOUR)}


def test_two_jobs_that_retry_at_once_are_both_named_though_one_carries_most(sqlite_store: Store) -> None:
    two = [*storm("often", 150, ago=50, hours=1), *storm("less-often", 70, ago=50, hours=1)]
    record(sqlite_store, [*usual(2), *two])
    assert storms(sqlite_store) == [{"often", "less-often"}]


def test_a_gang_that_retries_is_a_storm(sqlite_store: Store) -> None:
    record(sqlite_store, [*usual(3), *storm("gang", 60, ago=50, hours=2, nodes=("n1", "n2", "n3"))])
    assert storms(sqlite_store) == [{"gang"}]


def test_a_storm_is_named_where_hardly_anything_else_fails(sqlite_store: Store) -> None:
    record(sqlite_store, [*usual(4, jobs=60, share=0.05), *storm("looping", 20, ago=50, hours=1)])
    assert storms(sqlite_store) == [{"looping"}]


def test_a_storm_is_named_where_users_send_broken_jobs_by_the_hundred(sqlite_store: Store) -> None:
    """Bursts of many jobs make an hour with sixty failures nothing unusual, but not sixty failures of one job."""
    bursts = [
        ran(f"array-{day}-{i}", f"n{i % 9}", "failed", at=NOON - (24 * day + 7 + i / 90) * HOUR, minutes=2)
        for day in range(6)
        for i in range(90)
    ]
    record(sqlite_store, [*usual(5), *bursts, *storm("looping", 60, ago=50, hours=1)])
    assert {"looping"} in storms(sqlite_store)


def test_a_storm_is_named_in_an_hour_that_is_busy_anyway(sqlite_store: Store) -> None:
    busy = [ran(f"array-{i}", f"n{i % 9}", at=NOON - 49.5 * HOUR) for i in range(150)]
    record(sqlite_store, [*usual(6, jobs=1600, share=0.4), *busy, *storm("looping", 100, ago=50, hours=1)])
    assert storms(sqlite_store) == [{"looping"}]


def test_a_daily_rhythm_is_no_spike(sqlite_store: Store) -> None:
    draw = random.Random(6)
    day = [
        ran(
            f"job-{i}",
            f"n{i % 9}",
            "failed" if draw.random() < 0.3 else "succeeded",
            at=NOON - (24 * draw.randrange(1, 7) + draw.choice([draw.uniform(0, 3), draw.uniform(0, 24)])) * HOUR,
        )
        for i in range(2000)
    ]
    record(sqlite_store, day)
    assert report(sqlite_store).spikes == ()


def test_broken_jobs_sent_everywhere_are_no_outage_that_hides_a_bad_node(sqlite_store: Store) -> None:
    array = [ran(f"array-{i}", f"n{i % 9}", "failed", at=NOON - (30 + i / 90) * HOUR, minutes=2) for i in range(90)]
    bad = [
        one
        for i in range(24)
        for one in (
            ran(f"victim-{i}", "n7", "failed", at=NOON - (30 + i / 3) * HOUR, minutes=2),
            ran(f"victim-{i}", f"n{i % 7}", at=NOON - (29 + i / 3) * HOUR, minutes=20),
        )
    ]
    record(sqlite_store, [*usual(7, share=0.05), *array, *bad])
    assert [one.node for one in report(sqlite_store).nodes] == ["n7"]
