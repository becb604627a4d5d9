"""Whether the right fix is tried first: `python -m benchmarks.knowledge [--histories N]`. Simulated histories of one
failure type in one organisation: eight fixes with true success rates that depend on the registry, verdicts that come in
unevenly (popular fixes get most, new ones few), from four registries, over a year in which a fix may go stale. After
each history a person with a failure from one of the registries asks. Compared: by raw success rate, by the bound of all
verdicts, and by the bound weighted for context and age. The right fix is the one with the best true rate there, now."""

from __future__ import annotations

import argparse
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from time import perf_counter

from bot.domain.knowledge.context import Context
from bot.domain.knowledge.ranking import rank
from bot.domain.knowledge.solution import Record, Solution, SolutionKind, SolutionOutcome

NOW = datetime(2026, 11, 23, tzinfo=UTC)
REGISTRIES = ("ghcr.io", "quay.io", "123.dkr.ecr", "docker.io")
FIXES = 8
SPAN_DAYS = 360
Known = list[tuple[Solution, Record]]
Ranking = Callable[[Known, Sequence[SolutionOutcome], Context], int]


@dataclass(frozen=True, slots=True)
class World:
    """What is true: the rate of each fix by registry, and since when it holds."""

    rates: dict[tuple[int, str], float]
    before: dict[tuple[int, str], float]
    turned_days_ago: int

    def rate(self, fix: int, registry: str, days_ago: float) -> float:
        """How often the fix worked in this registry so long ago."""
        return (self.before if days_ago > self.turned_days_ago else self.rates)[fix, registry]

    def best(self, registry: str) -> float:
        """The rate of the right fix there, now."""
        return max(self.rates[fix, registry] for fix in range(FIXES))


def world(draw: random.Random) -> World:
    """Most fixes are the same everywhere; two depend on the registry, one went stale or came of age."""
    rates = {}
    for fix in range(FIXES):
        common = draw.betavariate(2, 3)
        for registry in REGISTRIES:
            rates[fix, registry] = draw.betavariate(1, 1) if fix < 2 else common
    before = dict(rates)
    for registry in REGISTRIES:
        before[FIXES - 1, registry] = 1 - rates[FIXES - 1, registry]
    return World(rates, before, draw.randrange(60, 300))


def history(draw: random.Random, of: World, verdicts: int) -> list[SolutionOutcome]:
    popularity = [draw.paretovariate(1) for _ in range(FIXES)]
    told = []
    for number in range(verdicts):
        (fix,), registry = draw.choices(range(FIXES), popularity), draw.choice(REGISTRIES)
        days = draw.uniform(0, SPAN_DAYS)
        told.append(
            SolutionOutcome(
                solution_id=fix + 1,
                worked=draw.random() < of.rate(fix, registry, days),
                by=f"U{number}",
                at=NOW - timedelta(days=days),
                context=Context(registry=registry),
            )
        )
    return told


def known(told: Sequence[SolutionOutcome]) -> Known:
    found = []
    for fix in range(FIXES):
        mine = [each for each in told if each.solution_id == fix + 1]
        worked = sum(each.worked for each in mine)
        solution = Solution(id=fix + 1, failure_type="X", description=str(fix), kind=SolutionKind.PERSON)
        found.append((solution, Record(worked=worked, failed=len(mine) - worked)))
    return found


def raw(solutions: Known, _told: Sequence[SolutionOutcome], _context: Context) -> int:
    def rate(record: Record) -> float:
        total = record.worked + record.failed
        return record.worked / total if total else 0.0

    return max(solutions, key=lambda each: rate(each[1]))[0].id or 0


def bound(solutions: Known, _told: Sequence[SolutionOutcome], _context: Context) -> int:
    return rank(solutions)[0].solution.id or 0


def pooled(solutions: Known, told: Sequence[SolutionOutcome], context: Context) -> int:
    return rank(solutions, told, context=context, now=NOW)[0].solution.id or 0


RANKINGS: dict[str, Ranking] = {"raw success rate": raw, "bound of all verdicts": bound, "context and age": pooled}


def run(histories: int) -> None:
    print(f"{'verdicts':>9}  {'ranking':<24}{'right fix first':>16}{'loss of success':>18}{'ms':>8}")
    for verdicts in (10, 30, 100, 300, 1000):
        right, loss, spent = dict.fromkeys(RANKINGS, 0), dict.fromkeys(RANKINGS, 0.0), dict.fromkeys(RANKINGS, 0.0)
        for number in range(histories):
            draw = random.Random(f"{verdicts}/{number}")
            of, registry = world(draw), draw.choice(REGISTRIES)
            told = history(draw, of, verdicts)
            solutions = known(told)
            for name, ranking in RANKINGS.items():
                start = perf_counter()
                chosen = ranking(solutions, told, Context(registry=registry)) - 1
                spent[name] += perf_counter() - start
                missed = of.best(registry) - of.rates[chosen, registry]
                right[name] += missed == 0
                loss[name] += missed
        for name in RANKINGS:
            print(
                f"{verdicts:>9}  {name:<24}{right[name] / histories:>15.1%} {loss[name] / histories:>16.1%}"
                f"{1000 * spent[name] / histories:>9.2f}"
            )


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--histories", type=int, default=400)
    run(options.parse_args().histories)


if __name__ == "__main__":
    main()
