from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.knowledge.ranking import lower_bound, rank
from bot.domain.knowledge.solution import Record, Solution, SolutionKind

counts = st.integers(0, 500)


def solution(name: str) -> Solution:
    return Solution(failure_type="OOMKilled", description=name, kind=SolutionKind.PERSON)


def test_many_successes_beat_one() -> None:
    records = {"1 of 1": (1, 0), "2 of 3": (2, 1), "6 of 7": (6, 1), "3 of 4": (3, 1), "0 of 1": (0, 1), "none": (0, 0)}
    ranked = rank((solution(name), Record(worked=worked, failed=failed)) for name, (worked, failed) in records.items())
    assert [one.solution.description for one in ranked] == ["6 of 7", "3 of 4", "2 of 3", "1 of 1", "none", "0 of 1"]


def test_the_bound_is_the_quantile_of_the_posterior() -> None:
    assert lower_bound(6, 1) == pytest.approx(0.4735, abs=1e-4)  # Beta(7, 2) in published tables
    assert lower_bound(0, 0) == pytest.approx(0.025)


def test_the_rate_is_peoples_and_what_was_seen_stands_apart() -> None:
    (one,) = rank([(solution("x"), Record(worked=6, failed=1, observed_worked=4, observed_failed=1))])
    assert one.success_rate == pytest.approx(6 / 7)
    assert one.lower_bound == pytest.approx(lower_bound(6, 1))


def test_what_was_seen_decides_where_more_of_it_was_seen() -> None:
    praised, refuted = rank(
        [
            (solution("refuted"), Record(worked=2, observed_failed=9)),
            (solution("praised"), Record(worked=2)),
        ]
    )
    assert (praised.solution.description, refuted.solution.description) == ("praised", "refuted")
    assert refuted.success_rate == 0


def test_without_a_verdict_there_is_no_rate() -> None:
    (one,) = rank([(solution("x"), Record())])
    assert one.success_rate is None


@given(counts, counts)
def test_a_success_raises_the_bound_and_a_failure_lowers_it(worked: int, failed: int) -> None:
    assert lower_bound(worked, failed + 1) < lower_bound(worked, failed) < lower_bound(worked + 1, failed)


@given(counts, counts)
def test_the_bound_is_below_the_rate(worked: int, failed: int) -> None:
    if worked:
        assert 0 < lower_bound(worked, failed) < worked / (worked + failed)
