from __future__ import annotations

from itertools import product
from math import comb

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.analysis.grouping import distinct, grouped
from bot.domain.analysis.statistics import (
    benjamini_hochberg,
    binomial,
    count_distribution,
    exact_tail,
    poisson_tail,
    precision_of,
    tail_of,
    tied_binomial,
    upper_tail,
    wilson,
    z_score,
)

chances = st.lists(st.floats(0.001, 0.999), min_size=1, max_size=7)


@given(chances)
@settings(max_examples=40)
def test_the_sum_of_unequal_jobs_is_distributed_as_counting_every_case_says(chance: list[float]) -> None:
    by_hand = np.zeros(len(chance) + 1)
    for outcome in product((0, 1), repeat=len(chance)):
        by_hand[sum(outcome)] += np.prod([p if failed else 1 - p for p, failed in zip(chance, outcome, strict=True)])
    assert count_distribution([binomial(1, p) for p in chance]) == pytest.approx(by_hand)


def test_a_tiny_tail_keeps_its_precision() -> None:
    ten = count_distribution([binomial(1, 1e-4)] * 10)
    assert upper_tail(ten, 10) == pytest.approx(1e-40)


def test_equal_jobs_make_a_binomial_distribution() -> None:
    assert binomial(6, 0.3) == pytest.approx(count_distribution([binomial(1, 0.3)] * 6))


def test_no_job_at_all_fails_never() -> None:
    assert upper_tail(count_distribution([]), 1) == 0
    assert upper_tail(count_distribution([]), 0) == 1


def test_jobs_that_are_tied_fail_together_more_often_than_jobs_that_are_not() -> None:
    tied, alone = tied_binomial(10, 0.1, 0.2), binomial(10, 0.1)
    assert tied.sum() == pytest.approx(1)
    assert np.arange(11) @ tied == pytest.approx(1)
    both = np.arange(11) * np.arange(-1, 10) / 90
    assert both @ tied == pytest.approx(0.1 * 0.1 + 0.2 * 0.1 * 0.9)
    assert upper_tail(tied, 10) == pytest.approx(0.02)
    assert upper_tail(alone, 10) < 1e-9


def test_wilsons_interval_is_the_published_one() -> None:
    assert wilson(12, 16) == pytest.approx((0.505, 0.898), abs=0.001)
    assert wilson(0, 10) == pytest.approx((0.0, 0.278), abs=0.001)
    assert wilson(0, 0) == (0.0, 1.0)


def test_benjamini_and_hochberg_correct_as_in_their_paper() -> None:
    p_values = np.array([0.01, 0.04, 0.03, 0.005])
    assert benjamini_hochberg(p_values) == pytest.approx([0.02, 0.04, 0.04, 0.02])
    assert len(benjamini_hochberg(np.array([]))) == 0


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
@settings(max_examples=40)
def test_a_corrected_value_is_never_below_the_raw_one_and_keeps_the_order(p_values: list[float]) -> None:
    raw = np.array(p_values)
    corrected = benjamini_hochberg(raw)
    assert (corrected >= raw - 1e-12).all()
    assert (np.diff(corrected[np.argsort(raw)]) >= -1e-12).all()


def test_a_tail_and_its_score_are_each_others_inverse() -> None:
    assert tail_of(z_score(1e-30)) == pytest.approx(1e-30)
    assert z_score(0.5) == pytest.approx(0, abs=1e-12)


def test_a_poisson_tail_counts_the_observed_number_in() -> None:
    assert poisson_tail(np.array([1.0, 0.0]), np.array([2.0, 2.0])) == pytest.approx([1 - np.exp(-2), 1])


def test_groups_that_agree_no_more_than_chance_are_not_tied() -> None:
    assert precision_of(0.1, 0.1, 0.3, 5) == 5
    assert precision_of(1.0, 0.1, 0.3, 5) == 0.3
    assert precision_of(0.55, 0.1, 0.3, 5) == pytest.approx(1)


@given(st.lists(st.integers(0, 5)))
@settings(max_examples=40)
def test_groups_are_those_of_numpy(values: list[int]) -> None:
    numbers = np.array(values, dtype=np.int64)
    expected, places = np.unique(numbers, return_inverse=True)
    names, codes = grouped(numbers)
    assert (names.tolist(), codes.tolist()) == (expected.tolist(), places.tolist())
    assert distinct(numbers).tolist() == expected.tolist()


@given(st.integers(1, 12), st.integers(1, 12), st.data())
def test_the_exact_tail_counts_every_way_to_draw_the_failed(jobs: int, others: int, data: st.DataObject) -> None:
    total = data.draw(st.integers(1, jobs + others))
    failed = data.draw(st.integers(0, min(jobs, total)))
    ways = sum(comb(jobs, k) * comb(others, total - k) for k in range(failed, min(jobs, total) + 1))
    assert exact_tail(failed, jobs, total, jobs + others) == pytest.approx(ways / comb(jobs + others, total))
