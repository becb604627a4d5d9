from __future__ import annotations

import random
from datetime import timedelta

import pytest

from benchmarks.generator import World, evidence, simulate
from bot.domain.analysis.attempt_table import Before
from bot.domain.analysis.jobs import jobs
from bot.domain.analysis.projects import projects
from bot.domain.analysis.report import Report, Severity
from bot.domain.workload.attempt import Attempt
from bot.store.store import Store
from tests.unit.analysis.history import NOON, ran, record, report

DAY = timedelta(days=1)


def traffic(seed: int, share: float = 0.14, jobs: int = 1200, days: float = 6.9, **own: float) -> list[Attempt]:
    """Jobs of eight projects, of which this share fails; `p3=0.4` makes those of p3 fail more."""
    draw = random.Random(seed)
    made = []
    for number in range(jobs):
        project = f"p{number % 8}"
        bad = draw.random() < own.get(project, share)
        at = NOON - draw.uniform(0.1, days) * DAY
        made.append(
            ran(f"job-{seed}-{number}", f"n{number % 9}", "failed" if bad else "succeeded", at=at, project=project)
        )
    return made


def marked(found: Report) -> set[str | None]:
    return {one.project for one in found.projects if one.severity is not Severity.INFO}


def advised(found: Report) -> set[str]:
    return {one.subject for one in found.recommendations if one.subject.startswith("project/")}


@pytest.mark.parametrize("seed", range(5))
def test_where_all_projects_fail_alike_none_is_red_and_none_is_to_be_reviewed(sqlite_store: Store, seed: int) -> None:
    record(sqlite_store, traffic(seed))
    found = report(sqlite_store)
    assert len(found.projects) == 8
    assert marked(found) == set()
    assert advised(found) == set()
    for one in found.projects:
        assert one.rate_low <= one.jobs_failed / one.jobs <= one.rate_high
        assert one.others_rate == pytest.approx(0.14, abs=0.03)


def test_forty_projects_of_a_large_cluster_that_fail_alike_are_none_of_them_red() -> None:
    drawn = evidence(simulate(World(jobs=60_000, users=400, projects=40, families_agree=1000)))
    told = projects(drawn, jobs(drawn), Before())
    assert len(told) == 40
    assert [one for one in told if one.severity is not Severity.INFO] == []


def test_a_project_that_fails_more_than_the_others_is_marked_and_says_beside_what(sqlite_store: Store) -> None:
    record(sqlite_store, traffic(1, p3=0.4))
    found = report(sqlite_store)
    assert marked(found) == {"p3"}
    (text,) = [one.text for one in found.recommendations if one.subject == "project/p3"]
    assert "other projects 1" in text


def test_a_project_that_fails_more_than_it_did_before_is_marked_beside_its_own_past(sqlite_store: Store) -> None:
    early = [
        ran(f"early-{number}", "n1", "failed" if number % 25 == 0 else "succeeded", project="p3", at=NOON - 10 * DAY)
        for number in range(200)
    ]
    record(sqlite_store, [*traffic(2), *early])
    found = report(sqlite_store)
    assert marked(found) == {"p3"}
    assert "4.0% before" in next(one.text for one in found.recommendations if one.subject == "project/p3")


def test_one_broken_array_makes_no_project_red(sqlite_store: Store) -> None:
    array = [ran(f"sweep-{i}", f"n{i % 9}", "failed", project="p3", at=NOON - 2 * DAY) for i in range(12)]
    record(sqlite_store, [*traffic(3), *array])
    assert marked(report(sqlite_store)) == set()
