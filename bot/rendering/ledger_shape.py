"""The JSON of the ledger."""

from __future__ import annotations

from dataclasses import asdict

from bot.domain.answers.ledger import Ledger
from bot.rendering.shape import Shape, period


def ledger(value: Ledger) -> Shape:
    """What `failures cost --json` prints."""
    return asdict(value) | {"period": period(value.period)}
