"""What will fail next, and whether the bot may say so."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.foresight.backtest import backtest
from bot.domain.foresight.features import features
from bot.domain.foresight.history import GROUPS, Attempts, past
from bot.domain.foresight.rolling import rolling_origin
from bot.domain.period import Period

START = datetime(2026, 10, 1, tzinfo=UTC)
HOUR = 3_600_000
PERIOD = Period(START, START + timedelta(days=40))


def attempts(
    jobs: list[int], begin: list[int], end: list[int], failed: list[int], killed: list[int] | None = None
) -> Attempts:
    n = len(jobs)
    groups = {name: np.zeros(n, np.int64) for name in GROUPS} | {"job": np.array(jobs, np.int64)}
    counts = 1.0 - np.array(killed or [0] * n, float)
    return Attempts(groups, np.array(begin), np.array(end), np.array(failed, float), counts, np.full(n, np.nan))


def world(*, signal: bool, seed: int = 0, number: int = 3000) -> Attempts:
    """Attempts of 150 jobs within 40 days. With signal a fifth of the jobs nearly always fails; without, any attempt
    fails with one chance."""
    rng = np.random.default_rng(seed)
    job = rng.integers(0, 150, number)
    chance = np.where(job < 30, 0.95, 0.03) if signal else np.full(number, 0.25)
    begin = np.sort(rng.integers(0, 40 * 24 * HOUR, number))
    end = begin + rng.integers(HOUR // 60, 5 * HOUR, number)
    return attempts(job.tolist(), begin.tolist(), end.tolist(), (rng.random(number) < chance).astype(int).tolist())


def test_an_attempt_is_known_only_once_it_has_ended() -> None:
    made = attempts([1, 1, 1, 2], [0, 5, 10, 20], [10, 30, 12, 21], [1, 1, 0, 1])
    seen = past(made, "job")
    assert seen.ended.tolist() == [0, 0, 1, 0]  # the first ended at 10, as the third began
    assert seen.running.tolist() == [0, 1, 1, 0]
    assert seen.at(made.failed, -1).tolist() == [-1, -1, 1, -1]
    assert past(made, None).ended.tolist() == [0, 0, 1, 2]


def test_one_without_a_known_length_is_no_past_of_its_own() -> None:
    made = attempts([1, 1], [7, 7], [7, 7], [1, 0])
    assert past(made, "job").ended.tolist() == [0, 0]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 3), st.integers(0, 20), st.integers(0, 9), st.integers(0, 1)), min_size=1, max_size=40
    ),
    st.sampled_from([0.5, 1.0]),
)
def test_the_past_is_what_one_counts_by_hand(drawn: list[tuple[int, int, int, int]], decay: float) -> None:
    job, begin, length, failed = (list(column) for column in zip(*drawn, strict=True))
    end = [at + more for at, more in zip(begin, length, strict=True)]
    made = attempts(job, begin, end, failed)
    totals = past(made, "job").running_totals(made.failed, decay)
    for i in range(len(job)):
        before = [
            j
            for j in range(len(job))
            if job[j] == job[i] and (end[j] < begin[i] or (end[j] == begin[i] and begin[j] < end[j]))
        ]
        by_end = sorted(before, key=lambda j: (2 * end[j] + (begin[j] == end[j]), j))
        assert totals[i] == pytest.approx(sum(failed[j] * decay**back for back, j in enumerate(reversed(by_end))))


def test_what_happens_later_changes_no_prediction() -> None:
    made = world(signal=True)
    middle = int(np.median(made.begin))
    turned = replace(made, failed=np.where(made.end > middle, 1 - made.failed, made.failed))
    one, other = ([*rolling_origin(each, features(each))][-1][2] for each in (made, turned))
    early = one.rows[made.begin[one.rows] < middle]
    assert len(early) > 300
    np.testing.assert_array_equal(one.rows, other.rows)
    np.testing.assert_allclose(one.chance[early], other.chance[early])


def test_where_jobs_differ_it_beats_the_base_rate_the_last_time_and_the_record() -> None:
    score, _ = backtest(world(signal=True), PERIOD, threshold=0.8)
    assert score.speaks
    assert score.brier < min(score.brier_base_rate, score.brier_last_time, score.brier_record)
    assert score.told > 100
    assert score.precision >= 0.8
    assert score.calibration_error < 0.05


@pytest.mark.parametrize("seed", range(4))
def test_where_nothing_differs_it_says_nothing(seed: int) -> None:
    score, _ = backtest(world(signal=False, seed=seed), PERIOD, threshold=0.8)
    assert not score.speaks
    assert score.told == 0
    assert score.brier < score.brier_base_rate * 1.02


def test_with_too_little_behind_it_no_model_speaks_and_nobody_is_told() -> None:
    score, _ = backtest(world(signal=True, number=150), PERIOD, threshold=0.8)
    assert (score.attempts, score.told, score.speaks) == (150, 0, False)
    assert score.brier < score.brier_base_rate
    assert backtest(attempts([], [], [], []), PERIOD, threshold=0.8)[0].attempts == 0
