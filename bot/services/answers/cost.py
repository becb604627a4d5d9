"""Answers `cost`: what the failures of a period cost, and whom."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Protocol

from bot.domain.answers.ledger import Ledger, Spent, ledger
from bot.domain.period import Period
from bot.domain.scope import Scope


class LedgerSource(Protocol):
    """What the ledger is made from."""

    def spent(self, scope: Scope, period: Period) -> Iterator[Spent]:
        """What each attempt that ended in the period used, within the scope. May raise Unavailable."""


def cost(
    source: LedgerSource, scope: Scope, period: Period, project: str | None, gpu_prices: Mapping[str, float]
) -> Ledger:
    """The ledger of a period. Raises Unavailable where the store is away."""
    return ledger(source.spent(scope, period), period, project, gpu_prices)
