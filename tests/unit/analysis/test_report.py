from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.domain.analysis.report import Severity
from bot.domain.analysis.severity import severity
from bot.domain.period import Period
from bot.domain.scope import Scope
from bot.store.store import Store
from tests.unit.analysis.history import NOON, WEEK, failure_of, ran, raw, record, report

HOUR = timedelta(hours=1)


def test_the_summary_counts_attempts_failures_and_jobs_apart(sqlite_store: Store) -> None:
    retried = [ran("retried", "n1", "failed", at=NOON - 5 * HOUR), ran("retried", "n2", at=NOON - 4 * HOUR)]
    lost = [ran("lost", "n1", "failed", at=NOON - i * HOUR) for i in range(1, 4)]
    stuck = replace(failure_of(lost[0], "ImagePullBackOff"), job="stuck", pod_uid="stuck-pod", node=None)
    record(sqlite_store, [*retried, *lost, ran("fine", "n1"), ran("stopped", "n1", "killed")], [stuck])
    summary = report(sqlite_store).summary
    assert (summary.attempts, summary.failed_attempts, summary.failures) == (7, 4, 5)
    assert summary.jobs == 5, "a pod that cannot start has no attempt, but its job counts"
    assert summary.jobs_failed == 2, "the retried one was rescued"
    assert summary.failure_types == 2
    assert summary.failures_per_100_jobs == 100


def test_a_job_submitted_again_that_succeeds_is_still_a_failed_job(sqlite_store: Store) -> None:
    first = ran("train", "n1", "failed", at=NOON - 5 * HOUR, job_uid="one")
    record(sqlite_store, [first, ran("train", "n1", at=NOON - 2 * HOUR, job_uid="two")])
    found = report(sqlite_store).summary
    assert (found.jobs, found.jobs_failed) == (1, 1)
    record(sqlite_store, [ran("train", "n1", at=NOON - HOUR, job_uid="one")])
    assert report(sqlite_store).summary.jobs_failed == 0


def test_mending_takes_from_the_first_failure_to_the_next_success(sqlite_store: Store) -> None:
    for name, minutes in (("quick", 30), ("slow", 90)):
        record(
            sqlite_store,
            [ran(name, "n1", "failed", at=NOON - 9 * HOUR), ran(name, "n1", "failed", at=NOON - 8.9 * HOUR)],
        )
        record(sqlite_store, [ran(name, "n1", at=NOON - 9 * HOUR + timedelta(minutes=minutes))])
    record(sqlite_store, [ran("never", "n1", "failed")])
    summary = report(sqlite_store).summary
    assert summary.mttr_median_minutes == pytest.approx(60)
    assert summary.mttr_p90_minutes == pytest.approx(84)


def test_gpu_hours_are_those_of_failed_attempts_and_killed_ones_stand_apart(sqlite_store: Store) -> None:
    known: dict[str, Any] = {"gpu_count": 8.0, "gpu_type": "H100"}
    record(
        sqlite_store,
        [
            ran("a", "n1", "failed", minutes=90, **known),
            ran("b", "n1", "killed", minutes=60, **known),
            ran("c", "n1", minutes=60, **known),
            ran("d", "n1", "failed"),
        ],
    )
    found = report(sqlite_store, gpu_prices={"H100": 2.5})
    assert found.summary.gpu_hours_lost == pytest.approx(12)
    assert found.summary.gpu_hours_killed == pytest.approx(8)
    assert found.summary.cost_lost == pytest.approx(30)
    assert any("leave out 1 failed attempt" in note for note in found.notes)


def test_unknown_gpus_are_unknown_and_not_none(sqlite_store: Store) -> None:
    record(sqlite_store, [ran("a", "n1", "failed"), ran("b", "n1")])
    found = report(sqlite_store, gpu_prices={"default": 1.0})
    assert (found.summary.gpu_hours_lost, found.summary.gpu_hours_killed, found.summary.cost_lost) == (None, None, None)
    assert any("GPU hours lost are unknown" in note for note in found.notes)


def test_too_few_failures_are_said_to_be_too_few(sqlite_store: Store) -> None:
    record(sqlite_store, [ran("a", "n1", "failed"), ran("b", "n2", "failed"), ran("c", "n1")])
    notes = report(sqlite_store).notes
    assert notes[0] == "2 failures, 2 jobs failed for good; a pattern needs 3 failed jobs of one cause."


def test_an_empty_store_says_that_nothing_is_recorded(sqlite_store: Store) -> None:
    found = report(sqlite_store)
    assert found.summary.jobs == 0
    assert found.summary.failures_per_100_jobs is None
    assert found.notes == ("Nothing is recorded yet: no attempt has ended since the bot began to watch.",)
    assert raw(sqlite_store).types == ()


def test_a_period_without_records_names_the_oldest_there_is(sqlite_store: Store) -> None:
    record(sqlite_store, [ran("a", "n1")])
    early = Period.last(timedelta(days=1), until=NOON - timedelta(days=30))
    (note,) = report(sqlite_store, early).notes
    assert note.endswith("the oldest record is of 2026-11-19 06:00.")


def test_a_report_sees_nothing_outside_its_scope(sqlite_store: Store) -> None:
    record(
        sqlite_store,
        [
            ran("a", "n1", "failed", project="ml-team"),
            ran("b", "n1", "failed", project="research"),
            ran("c", "n1", "failed"),
            replace(ran("d", "n1", "failed", project="ml-team"), cluster="other"),
        ],
    )
    assert report(sqlite_store).summary.failures == 4
    assert report(sqlite_store, scope=Scope(project="ml-team")).summary.failures == 2
    assert report(sqlite_store, scope=Scope(frozenset({"research"}))).summary.failures == 1
    assert report(sqlite_store, scope=Scope(frozenset({"research"}), "ml-team")).summary.attempts == 0
    assert report(sqlite_store, scope=Scope(cluster="prod")).summary.failures == 3


def test_two_retrying_jobs_are_a_storm_of_theirs(sqlite_store: Store) -> None:
    draw = random.Random(1)
    usual = [
        ran(f"job-{i}", f"n{i % 9}", "failed" if i % 12 == 0 else "succeeded", at=NOON - draw.uniform(1, 160) * HOUR)
        for i in range(600)
    ]
    storm = [
        ran(f"looping-{i % 2}", "n1", "failed", at=NOON - timedelta(hours=50, seconds=10 * i + 10), minutes=0.1)
        for i in range(264)
    ]
    record(sqlite_store, [*usual, *storm])
    found = report(sqlite_store)
    (spike,) = found.spikes
    assert set(spike.retry_storm_jobs) == {"looping-0", "looping-1"}
    assert spike.failures >= 264
    assert spike.expected < 20
    assert found.nodes == ()
    assert any(
        "'looping-0' and 'looping-1'" in one.text or "'looping-1' and 'looping-0'" in one.text
        for one in found.recommendations
    )


def test_busy_hours_with_a_flat_risk_are_no_peaks(sqlite_store: Store) -> None:
    draw = random.Random(2)
    starts = [
        NOON.replace(hour=draw.choice([9, 14, 14, 14, 15, 15, 16, 2])) - timedelta(days=draw.randrange(1, 7))
        for _ in range(1200)
    ]
    record(
        sqlite_store,
        [
            ran(
                f"job-{i}",
                "n1",
                "failed" if draw.random() < 0.1 else "succeeded",
                at=at + timedelta(minutes=30),
                minutes=30,
            )
            for i, at in enumerate(starts)
        ],
    )
    found = report(sqlite_store)
    assert found.hours.peaks == ()
    assert found.spikes == ()


def test_hours_that_fail_more_day_after_day_are_peaks_in_the_readers_zone(sqlite_store: Store) -> None:
    draw = random.Random(3)
    attempts = []
    for i in range(1500):
        start = (NOON - timedelta(days=draw.randrange(1, 7))).replace(hour=draw.randrange(24), minute=30)
        bad = draw.random() < (0.5 if start.hour == 14 else 0.05)
        attempts.append(
            ran(f"job-{i}", f"n{i % 5}", "failed" if bad else "succeeded", at=start + timedelta(minutes=20), minutes=20)
        )
    record(sqlite_store, attempts)
    assert report(sqlite_store).hours.peaks == (14,)
    there = report(sqlite_store, time_zone="Asia/Kolkata").hours
    assert (there.peaks, there.time_zone) == ((20,), "Asia/Kolkata")


def test_an_image_whose_jobs_fail_is_found_with_its_errors(sqlite_store: Store) -> None:
    draw = random.Random(4)
    attempts = []
    for i in range(400):
        image = f"image:{i % 8}"
        bad = draw.random() < (0.7 if image == "image:5" else 0.05)
        attempts.append(
            ran(
                f"{draw.choice('abcdefghijklm')}{draw.choice('uvwxyz')}-job",
                f"n{draw.randrange(9)}",
                "failed" if bad else "succeeded",
                image=image,
                project=f"p{i % 13}",
                owner=f"o{i}",
                at=NOON - draw.uniform(1, 160) * HOUR,
            )
        )
    failures = [failure_of(one, signature="missing-library") for one in attempts if one.outcome == "failed"]
    sqlite_store.recorder.record(attempts, failures)
    found = report(sqlite_store)
    assert [one.image for one in found.images] == ["image:5"]
    assert found.images[0].common_errors[0][0] == "missing-library"
    assert found.nodes == ()


def test_the_trend_is_a_ratio_with_its_interval(sqlite_store: Store) -> None:
    weeks = [(20, 10), (10, 3)]
    for failed, days in weeks:
        record(
            sqlite_store,
            [ran(f"job-{days}-{i}", "n1", "failed", at=NOON - timedelta(days=days, hours=-i)) for i in range(failed)],
        )
    record(sqlite_store, [ran("old", "n1", at=NOON - timedelta(days=20))])
    trend = report(sqlite_store).trend
    assert (trend.previous_failures, trend.change_ratio) == (20, 0.5)
    assert trend.ratio_low is not None
    assert trend.ratio_high is not None
    assert trend.ratio_low < 0.5 < trend.ratio_high


def test_without_the_whole_period_before_there_is_no_trend(sqlite_store: Store) -> None:
    record(sqlite_store, [ran(f"job-{i}", "n1", "failed", at=NOON - timedelta(days=i)) for i in range(1, 12)])
    found = report(sqlite_store)
    assert found.trend.change_ratio is None
    assert "No trend: the period before is not wholly recorded." in found.notes


def test_types_never_seen_and_types_that_are_back_are_told_apart(sqlite_store: Store) -> None:
    old = ran("old", "n1", "failed", at=NOON - timedelta(days=60))
    now = [ran(f"now-{i}", "n1", "failed", at=NOON - timedelta(days=2)) for i in range(3)]
    sqlite_store.recorder.record(
        [old, *now], [failure_of(old, "Evicted"), failure_of(now[0], "Evicted"), failure_of(now[1], "FailedMount")]
    )
    found = report(sqlite_store)
    assert found.new_types == ("FailedMount",)
    assert found.returning_types == ("Evicted",)


def test_severity_is_failures_times_jobs_by_stated_bounds() -> None:
    assert severity(12, 8) is Severity.CRITICAL
    assert severity(6, 4) is Severity.WARNING
    assert severity(2, 2) is Severity.INFO


def test_a_project_is_shown_beside_its_own_past(sqlite_store: Store) -> None:
    record(
        sqlite_store,
        [
            ran(f"then-{i}", "n1", "failed" if i < 2 else "succeeded", project="ml-team", at=NOON - timedelta(days=10))
            for i in range(20)
        ],
    )
    record(
        sqlite_store, [ran(f"now-{i}", "n1", "failed" if i < 6 else "succeeded", project="ml-team") for i in range(20)]
    )
    (one,) = report(sqlite_store).projects
    assert (one.project, one.jobs_failed, one.jobs, one.previous_rate) == ("ml-team", 6, 20, 0.1)
    assert one.types == {"Error": 6}


def test_stats_are_raw_counts_most_failures_first(sqlite_store: Store) -> None:
    record(
        sqlite_store,
        [
            *(ran(f"a-{i}", "n1", "failed", project="ml-team", image="image:1") for i in range(3)),
            ran("b", "n2", "failed"),
            ran("b", "n2", at=NOON - HOUR),
            ran("c", "n1", "killed", project="ml-team"),
        ],
    )
    counts = raw(sqlite_store, WEEK)
    assert [(one.name, one.failures, one.jobs_failed, one.attempts) for one in counts.nodes] == [
        ("n1", 3, 3, 4),
        ("n2", 1, 0, 2),
    ]
    assert [(one.name, one.failures) for one in counts.projects] == [("ml-team", 3), ("unknown", 1)]
    assert [(one.name, one.attempts) for one in counts.images] == [("image:1", 3)]
    assert [(one.name, one.failures, one.attempts) for one in counts.types] == [("Error", 4, 6)]


def test_many_failures_without_a_cause_are_pointed_to_but_not_those_that_their_type_explains(
    sqlite_store: Store,
) -> None:
    lost = [ran(f"job-{number}", "n1", "failed", at=NOON - HOUR) for number in range(24)]
    record(sqlite_store, [], [failure_of(one, "OOMKilled") for one in lost[:12]])
    assert not [note for note in report(sqlite_store).notes if "no known cause" in note]
    record(sqlite_store, [], [failure_of(one, "Error") for one in lost[12:]])
    (note,) = [note for note in report(sqlite_store).notes if "no known cause" in note]
    assert note.startswith("12 of 24 failures have no known cause; `/failures unknown`")
