from __future__ import annotations

from benchmarks.diagnosis.corpus import judged
from bot.catalogue import load


def test_real_failures_of_real_programs_are_diagnosed_as_well_as_promised() -> None:
    """The promise: 95 % right, and nothing that is certain is wrong."""
    answers = judged(load())
    assert len(answers) >= 120
    assert sum(each.right for each in answers) >= 0.95 * len(answers)
    assert [each.failure.name for each in answers if each.certain and each.wrong] == []
