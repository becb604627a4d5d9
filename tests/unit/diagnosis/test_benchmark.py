from __future__ import annotations

from benchmarks.diagnosis.accuracy import Tally, answer, excerpts, judge
from bot.catalogue import load


def test_the_labelled_excerpts_are_diagnosed_as_well_as_promised() -> None:
    """The promise: the type right in 90 % of excerpts, the signature in 80 %, a wrong signature in at most 5 %."""
    catalogue = load()
    total = sum((judge(excerpt, answer(excerpt, catalogue)) for _, excerpt in excerpts()), Tally())
    assert total.excerpts > 200
    assert total.types >= 0.9 * total.excerpts
    assert total.signatures >= 0.8 * total.excerpts
    assert total.wrong <= 0.05 * total.excerpts
