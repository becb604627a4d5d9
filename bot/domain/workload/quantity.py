"""Kubernetes' quantities as numbers: "8Gi" of memory, "500m" of a CPU."""

from __future__ import annotations

import math
import re

_QUANTITY = re.compile(r"([+-]?\d{1,20}(?:\.\d{0,20})?|\.\d{1,20})(?:([eE][+-]?\d{1,2})|([KMGTPE]i|[numkMGTPE])?)")
_FACTORS = {
    "n": 1e-9, "u": 1e-6, "m": 1e-3, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "P": 1e15, "E": 1e18,
    "Ki": 2.0**10, "Mi": 2.0**20, "Gi": 2.0**30, "Ti": 2.0**40, "Pi": 2.0**50, "Ei": 2.0**60,
}  # fmt: skip
"""Kubernetes' reference, "Quantity": binary and decimal suffixes."""


def amount(quantity: str | None) -> float | None:
    """The number a quantity stands for (bytes, cores); None for text that is none."""
    match = _QUANTITY.fullmatch((quantity or "").strip())
    if match is None:
        return None
    number, exponent, suffix = match.groups()
    value = float(f"{number}{exponent or ''}") * _FACTORS.get(suffix or "", 1.0)
    return value if math.isfinite(value) else None


def ratio(before: str | None, after: str | None) -> float | None:
    """How many times the second is the first, to two digits; None where one of them is no number, or zero."""
    one, other = amount(before), amount(after)
    return round(other / one, 2) if one and other and one > 0 < other else None
