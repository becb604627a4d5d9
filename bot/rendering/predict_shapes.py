"""The JSON of predictions."""

from __future__ import annotations

from dataclasses import asdict

from bot.domain.foresight.backtest import Backtest
from bot.domain.foresight.outlook import Outlook
from bot.domain.foresight.retrying import RetryAdvice
from bot.rendering.shape import Shape, period


def backtest(value: Backtest) -> Shape:
    """What `failures predict --backtest --json` prints."""
    return asdict(value) | {"period": period(value.period)}


def outlook(value: Outlook) -> Shape:
    """What `failures predict --json` prints."""
    return {
        "name": value.name,
        "looked_at": value.looked_at,
        "threshold": value.threshold,
        "jobs": [asdict(one) for one in value.likely],
        "backtest": backtest(value.score),
    }


def retry_advice(value: RetryAdvice) -> Shape:
    """What `failures retry --json` prints."""
    return asdict(value)
