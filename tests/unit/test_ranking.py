from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.knowledge.context import ANYWHERE, Context
from bot.domain.knowledge.ranking import ELSEWHERE_AT_MOST, HALF_LIFE, lower_bound, rank, weight
from bot.domain.knowledge.solution import OutcomeSource, Record, Solution, SolutionKind, SolutionOutcome
from bot.rendering.words import percent

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
counts = st.integers(0, 500)


def verdict(
    solution: int, *, by: str = "U1", worked: bool = True, context: Context = ANYWHERE, at: datetime = NOW
) -> SolutionOutcome:
    return SolutionOutcome(solution_id=solution, worked=worked, by=by, at=at, context=context)


def solution(name: str) -> Solution:
    return Solution(failure_type="OOMKilled", description=name, kind=SolutionKind.PERSON)


def test_many_successes_beat_one() -> None:
    records = {"1 of 1": (1, 0), "2 of 3": (2, 1), "6 of 7": (6, 1), "3 of 4": (3, 1), "0 of 1": (0, 1), "none": (0, 0)}
    ranked = rank((solution(name), Record(worked=worked, failed=failed)) for name, (worked, failed) in records.items())
    assert [one.solution.description for one in ranked] == ["6 of 7", "3 of 4", "2 of 3", "1 of 1", "none", "0 of 1"]


def test_the_bound_is_the_quantile_of_the_posterior() -> None:
    assert lower_bound(6, 1) == pytest.approx(0.4735, abs=1e-4)  # Beta(7, 2) in published tables
    assert lower_bound(0, 0) == pytest.approx(0.025)


def test_the_seeds_example_holds_to_the_digit() -> None:
    (one,) = rank([(solution("x"), Record(worked=6, failed=1))])
    assert one.success_rate is not None
    assert percent(one.success_rate, 1) == "85.7 %"


def test_the_rate_is_peoples_and_what_was_seen_stands_apart() -> None:
    (one,) = rank([(solution("x"), Record(worked=6, failed=1, observed_worked=4, observed_failed=1))])
    assert one.success_rate == pytest.approx(6 / 7)
    assert one.lower_bound == pytest.approx(lower_bound(8, 1.5))


def test_what_was_seen_counts_beside_what_people_say() -> None:
    praised, refuted = rank(
        [
            (solution("refuted"), Record(worked=2, observed_failed=9)),
            (solution("praised"), Record(worked=2)),
        ]
    )
    assert (praised.solution.description, refuted.solution.description) == ("praised", "refuted")


def test_a_fix_that_works_for_one_registry_leads_there_and_only_there() -> None:
    secret, tag = replace(solution("secret"), id=1), replace(solution("tag"), id=2)
    ecr, ghcr = Context(registry="123.dkr.ecr"), Context(registry="ghcr.io")
    outcomes = [
        *(verdict(1, by=f"A{n}", context=ecr) for n in range(6)),
        *(verdict(1, by=f"B{n}", context=ghcr, worked=False) for n in range(5)),
        *(verdict(2, by=f"C{n}", context=ghcr) for n in range(6)),
        *(verdict(2, by=f"D{n}", context=ecr, worked=False) for n in range(5)),
    ]
    known = [(secret, Record()), (tag, Record())]

    def first(context: Context) -> str:
        return rank(known, outcomes, context=context, now=NOW)[0].solution.description

    assert (first(ecr), first(ghcr)) == ("secret", "tag")


def test_much_from_elsewhere_does_not_outweigh_a_little_from_here() -> None:
    here, elsewhere = Context(registry="ghcr.io"), Context(registry="quay.io")
    outcomes = [*(verdict(1, by=f"A{n}", context=elsewhere) for n in range(1000))]
    outcomes += [verdict(1, by=f"B{n}", context=here, worked=False) for n in range(10)]
    found = weight(outcomes, context=here, now=NOW)
    assert found.worked <= ELSEWHERE_AT_MOST < found.failed


def test_a_solution_of_another_registry_is_left_out_where_the_registry_is_known() -> None:
    only = replace(solution("secret"), condition="registry=ghcr.io")
    assert rank([(only, Record())], context=Context(registry="quay.io")) == ()
    assert len(rank([(only, Record())], context=Context(registry="ghcr.io"))) == 1
    assert len(rank([(only, Record())])) == 1


def test_an_old_verdict_counts_less() -> None:
    old = weight([verdict(1, at=NOW - HALF_LIFE)], now=NOW)
    assert old.worked == pytest.approx(0.5)
    assert weight([verdict(1, at=NOW + timedelta(hours=1))], now=NOW).worked == 1


contexts = st.builds(
    Context,
    registry=st.sampled_from([None, "ghcr.io", "quay.io"]),
    framework=st.sampled_from([None, "pytorch", "jax"]),
    project=st.sampled_from([None, "ml-team", "research"]),
)
verdicts_of_one = st.lists(
    st.builds(
        SolutionOutcome,
        solution_id=st.just(1),
        worked=st.booleans(),
        by=st.just("U1"),
        at=st.integers(0, 900).map(lambda days: NOW - timedelta(days=days)),
        source=st.sampled_from(OutcomeSource),
        context=contexts,
    ),
    max_size=30,
)


@given(verdicts_of_one, contexts, verdicts_of_one.filter(bool))
@settings(max_examples=150, deadline=None)
def test_more_success_never_lowers_the_bound(
    told: list[SolutionOutcome], here: Context, more: list[SolutionOutcome]
) -> None:
    def bound(outcomes: list[SolutionOutcome]) -> float:
        found = weight(outcomes, context=here, now=NOW)
        return lower_bound(found.worked, found.failed)

    assert bound([*told, replace(more[0], worked=True)]) >= bound(told) - 1e-9
    assert bound([*told, replace(more[0], worked=False)]) <= bound(told) + 1e-9


@given(verdicts_of_one, st.randoms(use_true_random=False))
@settings(max_examples=50, deadline=None)
def test_the_order_of_verdicts_does_not_matter(told: list[SolutionOutcome], chance: random.Random) -> None:
    shuffled = chance.sample(told, len(told))
    one, other = weight(told, now=NOW), weight(shuffled, now=NOW)
    assert (one.worked, one.failed) == pytest.approx((other.worked, other.failed))


@given(verdicts_of_one)
@settings(max_examples=50, deadline=None)
def test_with_no_context_every_verdict_counts_fully_wherever_it_was_given(told: list[SolutionOutcome]) -> None:
    bare = [replace(each, context=ANYWHERE) for each in told]
    assert weight(told, now=NOW) == weight(bare, now=NOW)


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
