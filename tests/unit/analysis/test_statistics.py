from __future__ import annotations

from itertools import combinations, product
from math import comb
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.analysis.grouping import distinct, grouped
from bot.domain.analysis.mantel_haenszel import Tables, hypergeometric_sf, moments, p_values
from bot.domain.analysis.statistics import (
    benjamini_hochberg,
    binomial,
    count_distribution,
    hypergeometrics,
    intraclass_correlation,
    poisson_tail,
    tail_of,
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


def clusters(draw: np.random.Generator, alike: float, chance: float = 0.2, size: int = 5) -> np.ndarray[Any, Any]:
    """The failed ones of 4,000 clusters, which fail all or none with the chance `alike`, else each by itself."""
    together = size * (draw.random(4000) < chance)
    apart = draw.binomial(size, chance, 4000)
    return np.asarray(np.where(draw.random(4000) < alike, together, apart))


@pytest.mark.parametrize("alike", [0.0, 0.1, 0.5])
def test_the_correlation_inside_clusters_is_measured_without_the_group_that_speaks_most_for_it(alike: float) -> None:
    draw = np.random.default_rng(1)
    failed, group = clusters(draw, alike), np.arange(4000) % 8
    failed[group == 3] = 5
    count, chance = np.full(4000, 5.0), np.full(4000, 0.2)
    measured = intraclass_correlation(count, failed, chance, group, prior=0.5)
    assert measured == pytest.approx(max(alike, 0.01), abs=0.03)


def test_where_nothing_was_seen_clusters_are_as_alike_as_was_said_before() -> None:
    nothing = np.zeros(2)
    assert intraclass_correlation(np.ones(2), nothing, nothing, np.array([0, 1]), prior=0.2) == pytest.approx(0.2)


@given(st.lists(st.integers(0, 5)))
@settings(max_examples=40)
def test_groups_are_those_of_numpy(values: list[int]) -> None:
    numbers = np.array(values, dtype=np.int64)
    expected, places = np.unique(numbers, return_inverse=True)
    names, codes = grouped(numbers)
    assert (names.tolist(), codes.tolist()) == (expected.tolist(), places.tolist())
    assert distinct(numbers).tolist() == expected.tolist()


@given(st.integers(1, 12), st.data())
def test_a_hypergeometric_distribution_counts_every_way_to_draw(total: int, data: st.DataObject) -> None:
    marked, drawn = data.draw(st.integers(0, total)), data.draw(st.integers(0, total))
    ways = [comb(marked, k) * comb(total - marked, drawn - k) for k in range(min(marked, drawn) + 1)]
    (told,) = hypergeometrics(*(np.array([float(each)]) for each in (total, marked, drawn)))
    assert told == pytest.approx(np.array(ways) / comb(total, drawn))


strata = st.lists(
    st.tuples(st.integers(1, 5), st.integers(0, 4), st.integers(0, 9)).map(
        lambda s: (s[0], s[1], min(s[2], s[0] + s[1]))
    ),
    min_size=1,
    max_size=3,
)


@given(strata, st.data())
@settings(max_examples=60)
def test_the_tail_of_stratified_tables_is_the_share_of_all_ways_to_deal_out_the_failures(
    counts: list[tuple[int, int, int]], data: st.DataObject
) -> None:
    """Each stratum is (units here, units elsewhere, failed ones of both)."""
    low = [max(0, lost - there) for _, there, lost in counts]
    failed = [
        data.draw(st.integers(least, min(here, lost))) for least, (here, _, lost) in zip(low, counts, strict=True)
    ]
    tables = Tables(
        subject=np.zeros(len(counts), np.int32),
        here=np.array([here for here, _, _ in counts], float),
        failed_here=np.array(failed, float),
        all=np.array([here + there for here, there, _ in counts], float),
        all_failed=np.array([lost for _, _, lost in counts], float),
    )
    each = [list(combinations(range(here + there), lost)) for here, there, lost in counts]
    sums = [
        sum(sum(one < here for one in chosen) for chosen, (here, _, _) in zip(dealt, counts, strict=True))
        for dealt in product(*each)
    ]
    by_hand = np.mean([dealt >= sum(failed) for dealt in sums])
    assert hypergeometric_sf(tables) == pytest.approx(by_hand)


def test_what_is_uncertain_elsewhere_is_uncertain_in_the_verdict() -> None:
    """5 of 172 here and 0 of 172 elsewhere is no rate of zero elsewhere: Fisher's exact test says 3 %."""
    tables = Tables(*(np.array(column) for column in ([0, 1], [172, 172], [5, 0], [344, 344], [5, 5])))
    assert hypergeometric_sf(tables.where(np.array([True, False]))) == pytest.approx(0.0305, abs=0.0005)
    assert p_values(tables, 2, 1.0)[0] > 0.005
    assert moments(tables, 2).expected.tolist() == [2.5, 2.5]
