from __future__ import annotations

from math import comb

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.analysis.difference import Cell, Ground, Table, cells, counted, judged

ALIKE = Cell(jobs=10_000, jobs_failed=1000, independent=10_000, independent_failed=1000, chance=0.1)
counts = st.tuples(st.integers(1, 60), st.integers(0, 60)).map(lambda pair: (pair[0] + pair[1], pair[1]))


def cell(units: int, failed: int, chance: float = 0.1) -> Cell:
    return Cell(jobs=units, jobs_failed=failed, independent=units, independent_failed=failed, chance=chance)


def fisher(before: tuple[int, int], after: tuple[int, int]) -> float:
    """The exact test of R. A. Fisher, one-sided, by counting."""
    failed, every = before[1] + after[1], before[0] + after[0]
    ways = [comb(after[0], k) * comb(before[0], failed - k) for k in range(after[1], min(after[0], failed) + 1)]
    return sum(ways) / comb(every, failed)


@settings(max_examples=60, deadline=None)
@given(counts, counts)
def test_where_nothing_became_of_very_many_others_it_is_fishers_exact_test(
    before: tuple[int, int], after: tuple[int, int]
) -> None:
    found = judged(Table(cell(*before), cell(*after), ALIKE, ALIKE)).p_value
    exact = fisher(before, after)
    assert found == pytest.approx(exact, rel=0.1, abs=1e-3)


@settings(max_examples=60, deadline=None)
@given(counts, counts)
def test_without_anybody_to_compare_with_nothing_is_surer(before: tuple[int, int], after: tuple[int, int]) -> None:
    alone = judged(Table(cell(*before), cell(*after), Cell(), Cell()))
    beside = judged(Table(cell(*before), cell(*after), ALIKE, ALIKE))
    assert alone.p_value >= beside.p_value or beside.p_value > 0.5


@settings(max_examples=60, deadline=None)
@given(counts, st.integers(3, 60), st.data())
def test_one_more_failed_job_never_makes_it_less_sure(before: tuple[int, int], units: int, data: st.DataObject) -> None:
    failed = data.draw(st.integers(0, units - 1))
    fewer = judged(Table(cell(*before), cell(units, failed), ALIKE, ALIKE))
    more = judged(Table(cell(*before), cell(units, failed + 1), ALIKE, ALIKE))
    assert more.p_value <= fewer.p_value + 1e-3


def test_what_rose_for_others_is_expected() -> None:
    before, after = cell(400, 28, 0.07), cell(120, 31, 0.26)
    calm = Table(before, cell(120, 31, 0.07), cell(2000, 140, 0.07), cell(600, 42, 0.07))
    outage = Table(before, after, cell(2000, 140, 0.07), cell(600, 156, 0.26))
    assert judged(calm).p_value < 1e-4
    assert judged(calm).expected_rate == pytest.approx(0.07, abs=0.01)
    assert judged(outage).p_value > 0.3
    assert judged(outage).expected_rate == pytest.approx(0.26, abs=0.02)
    assert not judged(outage).raised


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.booleans(), *[st.integers(0, 4)] * 3, st.integers(0, 2)), min_size=1, max_size=40),
    st.randoms(),
)
def test_the_order_of_jobs_does_not_matter(rows: list[tuple[bool, int, int, int, int]], draw: object) -> None:
    shuffled = rows[:]
    draw.shuffle(shuffled)  # type: ignore[attr-defined]

    def found(listed: list[tuple[bool, int, int, int, int]]) -> list[object]:
        failed, day, kin, job, side = (np.array(column) for column in zip(*listed, strict=True))
        ground = Ground(failed, day, kin, job)
        rounded = [
            (one.jobs, one.jobs_failed, one.independent, one.independent_failed, round(one.chance, 9))
            for one in cells(ground, side == 0, side == 1)
        ]
        return [*rounded, counted(ground, side == 0)]

    assert found(rows) == found(shuffled)


def test_jobs_of_one_family_and_day_count_less_the_less_of_them_was_seen_elsewhere() -> None:
    failed = np.ones(30, dtype=bool)
    same, group = np.zeros(30, np.int64), np.ones(30, dtype=bool)
    alone, _ = cells(Ground(failed, same, same, np.arange(30)), group, ~group)
    assert (alone.jobs, alone.independent, alone.independent_failed) == (30, 2, 2)
    half = np.arange(30) < 15
    beside, _ = cells(Ground(failed & half, same, same, np.arange(30)), half, ~half)
    assert (beside.jobs, beside.independent) == (15, 6)
