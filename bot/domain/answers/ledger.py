"""The ledger: what failures cost, in GPU hours and money, by cause, project, owner, node and image. Every view adds up
to the same total; what is unknown is counted as attempts, never as nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from bot.domain.analysis.cost import DEFAULT
from bot.domain.period import Period
from bot.domain.workload.attempt import Outcome

MIXED = "several nodes"


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """What one attempt used."""

    outcome: Outcome
    gpu_hours: float | None
    """GPUs × hours from start to end; None unknown."""
    gpu_type: str | None = None
    cause: str | None = None
    """Of a failed one: the signature, or the failure type where no signature is known."""
    first_fault: bool = True
    """False for a victim of a gang."""
    project: str | None = None
    owner: str | None = None
    node: str | None = None
    image: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerSum:
    """A sum over some attempts. GPU hours of those that are known; money where there is a price."""

    name: str | None = None
    attempts: int = 0
    gpu_hours: float = 0.0
    money: float | None = None
    unknown: int = 0
    """Attempts whose GPUs or times are not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """What a period cost."""

    period: Period
    project: str | None
    lost: LedgerSum
    """All failed attempts, victims of a gang among them."""
    victims: LedgerSum
    killed: LedgerSum
    """Apart: somebody or the scheduler stopped them."""
    effective_share: float | None
    """GPU hours of attempts that succeeded, of those that succeeded or failed (effective training time ratio)."""
    by_cause: tuple[LedgerSum, ...] = ()
    by_project: tuple[LedgerSum, ...] = ()
    by_owner: tuple[LedgerSum, ...] = ()
    by_node: tuple[LedgerSum, ...] = ()
    by_image: tuple[LedgerSum, ...] = ()
    """Each adds up to `lost`; the most expensive first. A name of None is unknown."""


def ledger(spent: Iterable[Spent], period: Period, project: str | None, prices: Mapping[str, float]) -> Ledger:
    """The ledger of a period. Prices are per GPU hour, by GPU type."""
    by_outcome: dict[Outcome, list[Spent]] = defaultdict(list)
    for one in spent:
        by_outcome[one.outcome].append(one)
    failed = by_outcome[Outcome.FAILED]
    lost = _sum(failed, prices)
    fine = _sum(by_outcome[Outcome.SUCCEEDED], prices).gpu_hours
    both = fine + lost.gpu_hours
    return Ledger(
        period=period,
        project=project,
        lost=lost,
        victims=_sum([one for one in failed if not one.first_fault], prices),
        killed=_sum(by_outcome[Outcome.KILLED], prices),
        effective_share=fine / both if both > 0 else None,
        by_cause=_by(failed, prices, lambda one: one.cause),
        by_project=_by(failed, prices, lambda one: one.project),
        by_owner=_by(failed, prices, lambda one: one.owner),
        by_node=_by(failed, prices, lambda one: one.node),
        by_image=_by(failed, prices, lambda one: one.image),
    )


def _by(
    failed: Iterable[Spent], prices: Mapping[str, float], name: Callable[[Spent], str | None]
) -> tuple[LedgerSum, ...]:
    groups: dict[str | None, list[Spent]] = defaultdict(list)
    for one in failed:
        groups[name(one)].append(one)
    entries = [replace(_sum(those, prices), name=of) for of, those in groups.items()]
    return tuple(sorted(entries, key=lambda one: (-one.gpu_hours, -one.attempts, one.name or "")))


def _sum(those: Iterable[Spent], prices: Mapping[str, float]) -> LedgerSum:
    attempts, unknown, hours, money, priced = 0, 0, 0.0, 0.0, False
    for one in those:
        attempts += 1
        if one.gpu_hours is None:
            unknown += 1
            continue
        hours += one.gpu_hours
        price = prices.get(one.gpu_type or DEFAULT, prices.get(DEFAULT))
        if price is not None:
            money, priced = money + price * one.gpu_hours, True
    return LedgerSum(attempts=attempts, gpu_hours=hours, money=money if priced else None, unknown=unknown)
