"""What failures cost in GPU hours and money. What is unknown stays unknown and is never counted as nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from bot.domain.analysis.attempt_table import FAILED, KILLED, Flags, PeriodEvidence

DEFAULT = "default"
"""The price of a GPU whose type has none."""


@dataclass(frozen=True, slots=True)
class Cost:
    """GPU hours of attempts that came to nothing; victims of a gang included, killed attempts apart."""

    hours_lost: float | None
    hours_killed: float | None
    money_lost: float | None
    """None where no price is set, or no GPU hour is known."""
    unknown: int
    """Failed attempts whose GPUs or times are not known."""
    unpriced_hours: float
    """Of the hours lost, those on GPUs without a price, where others have one."""


def cost(evidence: PeriodEvidence, gpu_prices: Mapping[str, float]) -> Cost:
    """Σ GPUs × (end − start) over failed attempts; prices are per GPU hour, by GPU type."""
    runs, kinds = evidence.runs, evidence.names.gpus
    failed, killed = runs.outcome == FAILED, runs.outcome == KILLED
    counts = np.array([np.nan if kind.number is None else kind.number for kind in kinds] or [np.nan])
    hours = runs.seconds.astype(np.float64) / 3600 * counts[runs.gpus] if len(runs) else np.empty(0)
    lost = _sum(hours, failed)
    price = np.array([_price(kind.type, gpu_prices) for kind in kinds] or [np.nan])
    of_run = price[runs.gpus] if len(runs) else np.empty(0)
    priced = failed & ~np.isnan(of_run)
    return Cost(
        hours_lost=lost,
        hours_killed=_sum(hours, killed),
        money_lost=_sum(hours * of_run, priced) if gpu_prices else None,
        unknown=int(np.isnan(hours[failed]).sum()),
        unpriced_hours=_sum(hours, failed & np.isnan(of_run)) or 0.0 if gpu_prices else 0.0,
    )


def _sum(values: np.ndarray[tuple[int], np.dtype[np.float64]], mask: Flags) -> float | None:
    """The sum of what is known; None where nothing is."""
    known = values[mask & ~np.isnan(values)]
    return float(known.sum()) if len(known) else None


def _price(gpu_type: str | None, prices: Mapping[str, float]) -> float:
    return prices.get(gpu_type or DEFAULT, prices.get(DEFAULT, np.nan))
