"""How far a verdict may be relied on. The rule is kept where the labelled logs bear it out: `python -m
benchmarks.diagnosis` counts how often each answer is right."""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.diagnosis.catalogue import Rank
from bot.domain.diagnosis.matching import Hit
from bot.domain.diagnosis.timeline import Standing
from bot.domain.workload.pod_evidence import Confidence

_SAYS_LITTLE = frozenset({Rank.GENERIC, Rank.WRAPPER})


def confidence_of(cause: Hit, others: Sequence[Hit]) -> Confidence:
    """Certain is a cause that the last start names without doubt, and beside which no other one stands that could have
    ended the program as well."""
    if cause.weak or cause.doubtful or cause.standing is not Standing.LAST:
        return Confidence.LIKELY
    if cause.rank in _SAYS_LITTLE and any(_is_rival(other, cause) for other in others):
        return Confidence.LIKELY
    rivals = [other for other in others if _is_rival(other, cause) and other.position > cause.position]
    explained = cause.rank in {Rank.HARDWARE, Rank.HOST}
    return Confidence.LIKELY if rivals and not explained else Confidence.CERTAIN


def _is_rival(other: Hit, cause: Hit) -> bool:
    """Whether the other hit is a cause of its own: no symptom of this one, nor a word of the same line."""
    return (
        other.standing is Standing.LAST
        and not other.weak
        and other.in_text
        and other.rank <= Rank.CAUSE
        and other.position != cause.position
        and other.signature.id not in cause.signature.outranks
    )
