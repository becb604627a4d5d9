"""Whatever was recorded, every answer says the same of a node, an image and a project."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.domain.analysis import counts
from bot.domain.analysis.report import Count, Report
from bot.domain.answers.node_or_image import AboutNode
from bot.domain.incidents.detect import detected
from bot.domain.period import Period
from bot.domain.workload.attempt import Attempt
from bot.rendering import Renderer
from bot.rendering.shapes import shape
from bot.store.store import Store
from tests.unit.analysis.history import NOON, evidence, failure_of, raw, record, report
from tests.unit.analysis.test_about import image, node
from tests.unit.analysis.test_any_history import histories
from tests.unit.analysis.test_nodes import traffic

WEEK, MONTH, DAY = (Period.last(timedelta(days=days), until=NOON) for days in (7, 30, 1))
SETTINGS = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
RENDERER = Renderer(time_zone="UTC")

seeds = st.integers(0, 99)
strengths = st.sampled_from([0.6, 0.9])


def of(rows: tuple[Count, ...], name: str) -> tuple[int, int, int]:
    return next(((one.attempts, one.failures, one.jobs_failed) for one in rows if one.name == name), (0, 0, 0))


def agree(store: Store, found: Report, period: Period) -> None:
    stats, json = raw(store, period), shape(found)
    for one in found.nodes:
        told = node(store, one.node, period=period)
        assert isinstance(told, AboutNode)
        share = told.conduct.share
        assert told.finding == one
        assert (share.failures, share.jobs, share.failed) == (one.failures, one.jobs, one.jobs_failed)
        assert of(stats.nodes, one.node) == (share.attempts, share.failures, share.failed)
        (row,) = [each for each in json["nodes"] if each["node"] == one.node]
        assert (row["failures"], row["jobs"], row["jobs_failed"]) == (one.failures, one.jobs, one.jobs_failed)
        assert 0 <= one.rate_low <= one.rate <= one.rate_high <= 1
        assert 0 <= one.expected_rate <= 1
        if one.spell is not None:
            assert one.spell.jobs <= one.jobs
            assert one.spell.failures <= one.failures
    for each in found.images:
        share = image(store, each.image, period=period).conduct.share
        assert (share.failures, share.jobs, share.failed) == (each.failures, each.jobs, each.jobs_failed)
        assert of(stats.images, each.image) == (share.attempts, share.failures, share.failed)
        assert 0 <= each.expected_rate <= 1
    for project in found.projects:
        _, failures, failed = of(stats.projects, project.project or "unknown")
        assert (failures, failed) == (project.failures, project.jobs_failed)
        assert project.jobs_failed <= project.jobs


@given(seeds, strengths, st.sampled_from([WEEK, MONTH, DAY]))
@SETTINGS
def test_the_report_stats_stories_and_json_agree_on_bad_nodes(
    new_store: Callable[[], Store], seed: int, strength: float, period: Period
) -> None:
    store = new_store()
    record(store, traffic(seed, jobs=120, n3=strength))
    agree(store, report(store, period), period)


@given(histories, st.sampled_from([WEEK, MONTH]))
@SETTINGS
def test_the_report_stats_stories_and_json_agree_on_any_history(
    new_store: Callable[[], Store], attempts: list[Attempt], period: Period
) -> None:
    store = new_store()
    record(store, attempts)
    store.recorder.record([], [failure_of(one, first_fault=False) for one in attempts[::3]])
    found = report(store, period, pattern_threshold=2)
    agree(store, found, period)
    for row in raw(store, period).nodes:
        share = node(store, row.name, period=period).conduct.share
        assert (row.attempts, row.failures, row.jobs_failed) == (share.attempts, share.failures, share.failed)


@given(histories)
@SETTINGS
def test_a_longer_period_never_has_less_of_a_node_or_an_image(
    new_store: Callable[[], Store], attempts: list[Attempt]
) -> None:
    store = new_store()
    record(store, attempts)
    short, long = evidence(store, WEEK), evidence(store, MONTH)
    nodes = [(less, counts.of_all_nodes(long)[name]) for name, less in counts.of_all_nodes(short).items()]
    images = [(less, counts.of_all_images(long)[name]) for name, less in counts.of_all_images(short).items()]
    for less, more in (*nodes, *images):
        for what in ("attempts", "failures", "jobs", "jobs_failed"):
            assert getattr(less, what) <= getattr(more, what)


@given(seeds, strengths)
@SETTINGS
def test_an_incident_has_the_numbers_of_the_node_over_its_hours(
    new_store: Callable[[], Store], seed: int, strength: float
) -> None:
    store = new_store()
    record(store, traffic(seed, jobs=500, n3=strength))
    found = report(store, DAY)
    for told in detected(found, now=NOON).findings:
        if told.of_jobs and told.subject.startswith("n"):
            share = node(store, told.subject, period=DAY).conduct.share
            assert (told.failures, told.jobs, told.of_jobs) == (share.failures, share.failed, share.jobs)


def test_a_list_that_is_cut_says_how_much_there_is(sqlite_store: Store) -> None:
    many = [one for seed in range(3) for one in traffic(seed, jobs=300, n3=0.9)]
    record(sqlite_store, many)
    told = node(sqlite_store, "n3")
    assert isinstance(told, AboutNode)
    shown, failed = len(told.conduct.failed_jobs), told.conduct.share.failed
    assert shown < failed
    assert f"And {failed - shown} other jobs." in RENDERER.terminal(told, width=120)
