"""Which solution to try first: ranked by the success rate that its record can vouch for in this context, not by the
rate itself. `docs/knowledge.md` works an example."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from scipy.special import betaincinv

from bot.domain.knowledge.context import ANYWHERE, Context
from bot.domain.knowledge.solution import OutcomeSource, Ranked, Record, Solution, SolutionOutcome

_TAIL = 0.025
"""The posterior's share below the bound: the lower end of the central 95 % interval."""
HALF_LIFE = timedelta(days=180)
"""A verdict of so long ago counts half: images, drivers and clusters change."""
TRUST = {OutcomeSource.PERSON: 1.0, OutcomeSource.OBSERVED: 0.5}
"""What a verdict counts. That a job ran after a change does not prove that it was the change."""
ELSEWHERE = {"signature": 0.4, "registry": 0.3, "repository": 0.7, "framework": 0.4, "project": 0.7}
"""What a verdict from another one of these counts here. A cause, a registry or a framework sets fixes apart; two
projects or two images of one registry mostly differ little."""
ELSEWHERE_AT_MOST = 4.0
"""All verdicts from elsewhere together count as so many at most, so that what happened here soon decides."""


@dataclass(frozen=True, slots=True)
class Weight:
    """Verdicts as they count: fractions of one, worked and failed."""

    worked: float = 0.0
    failed: float = 0.0


def rank(
    solutions: Iterable[tuple[Solution, Record]],
    outcomes: Iterable[SolutionOutcome] | None = None,
    *,
    context: Context = ANYWHERE,
    now: datetime | None = None,
) -> tuple[Ranked, ...]:
    """Solutions in the order to try them: by lower bound, then by verdicts; ties in the order they came.

    With `outcomes`, the single verdicts, each counts by its age at `now` and by what it shares with the context;
    without them all count alike. A solution whose condition does not hold in the context is left out.
    """
    of: dict[int | None, list[SolutionOutcome]] = defaultdict(list)
    for outcome in outcomes or ():
        of[outcome.solution_id].append(outcome)
    ranked = [
        weighed(solution, record, None if outcomes is None else weight(of[solution.id], context=context, now=now))
        for solution, record in solutions
        if not context.forbids(solution.condition)
    ]
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


def weight(outcomes: Iterable[SolutionOutcome], *, context: Context = ANYWHERE, now: datetime | None = None) -> Weight:
    """What verdicts on one solution count in a context: partial pooling by a power prior (Ibrahim & Chen, "Power prior
    distributions for regression models", Statistical Science 15, 2000).

    Each counts TRUST x 0.5^(age / HALF_LIFE) x relevance. Those of full relevance count as they are; the others are
    scaled down together to ELSEWHERE_AT_MOST. One more success raises `worked`'s share in either, so no success ever
    lowers the bound. With ANYWHERE all are fully relevant: the global ranking.
    """
    here, elsewhere = [0.0, 0.0], [0.0, 0.0]
    for outcome in outcomes:
        relevant = relevance(outcome.context, context)
        into = here if relevant == 1.0 else elsewhere
        into[not outcome.worked] += TRUST[outcome.source] * relevant * _age_weight(outcome.at, now)
    scale = min(1.0, ELSEWHERE_AT_MOST / total) if (total := sum(elsewhere)) else 1.0
    return Weight(here[0] + scale * elsewhere[0], here[1] + scale * elsewhere[1])


def relevance(of: Context, here: Context) -> float:
    """What a verdict of that context counts in this one, 0 to 1: the product of ELSEWHERE over all that differs. What
    the verdict does not know counts half-way between the same and another."""
    product, known = 1.0, of.known()
    for dimension, value in here.known().items():
        other = ELSEWHERE[dimension]
        if dimension not in known:
            product *= (1 + other) / 2
        elif known[dimension] != value:
            product *= other
    return product


def weighed(solution: Solution, record: Record, weight: Weight | None = None) -> Ranked:
    """A solution with the rate its record shows and the one it can vouch for.

    The rate is people's, and the observed one only where nobody voted: the two answer different questions.
    """
    if weight is None:
        seen = TRUST[OutcomeSource.OBSERVED]
        weight = Weight(record.worked + seen * record.observed_worked, record.failed + seen * record.observed_failed)
    worked, failed = record.worked, record.failed
    if not worked + failed:
        worked, failed = record.observed_worked, record.observed_failed
    return Ranked(
        solution=solution,
        record=record,
        success_rate=worked / (worked + failed) if worked + failed else None,
        lower_bound=lower_bound(weight.worked, weight.failed),
    )


def _age_weight(at: datetime, now: datetime | None) -> float:
    """1 for a verdict of now, a half after each HALF_LIFE."""
    age = max(now - at, timedelta()) if now is not None else timedelta()
    return float(0.5 ** (age / HALF_LIFE))
