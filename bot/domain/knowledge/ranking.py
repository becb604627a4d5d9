"""Which solution to try first: ranked by the success rate that its record can vouch for, not by the rate itself."""

from __future__ import annotations

from collections.abc import Iterable

from scipy.special import betaincinv

from bot.domain.knowledge.solution import Ranked, Record, Solution

_TAIL = 0.025
"""The posterior's share below the bound: the lower end of the central 95 % interval."""


def rank(solutions: Iterable[tuple[Solution, Record]]) -> tuple[Ranked, ...]:
    """Solutions in the order to try them: by lower bound, then by verdicts; ties in the order they came."""
    ranked = [weighed(solution, record) for solution, record in solutions]
    return tuple(sorted(ranked, key=lambda one: (-one.lower_bound, -verdicts(one.record))))


def verdicts(record: Record) -> int:
    """How many verdicts there are, people's and observed ones."""
    return record.worked + record.failed + record.observed_worked + record.observed_failed


def lower_bound(worked: float, failed: float) -> float:
    """The success rate that is exceeded with 97.5 % probability, 0 to 1, given so many verdicts of each kind.

    Uniform prior: the posterior of the rate is Beta(1 + worked, 1 + failed), and the bound its 2.5 % quantile, the
    inverse of the regularised incomplete beta function (Gelman et al., Bayesian Data Analysis, 3rd ed., section 2.4;
    DLMF 8.17). 6 of 7 give 0.47, 3 of 4 0.28, 2 of 3 0.19, 1 of 1 0.16. Weighted verdicts may be fractions.
    """
    return float(betaincinv(1 + worked, 1 + failed, _TAIL))


def weighed(solution: Solution, record: Record) -> Ranked:
    """A solution with the rate its record shows and the one it can vouch for.

    People's verdicts and observed ones answer different questions, so they are never added up: the larger record
    decides, and people's where both are equally large.
    """
    people = (record.worked, record.failed)
    observed = (record.observed_worked, record.observed_failed)
    worked, failed = observed if sum(observed) > sum(people) else people
    told = worked + failed
    return Ranked(
        solution=solution,
        record=record,
        success_rate=worked / told if told else None,
        lower_bound=lower_bound(worked, failed),
    )
