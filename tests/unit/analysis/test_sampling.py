"""Of very many jobs the tests look at a sample; what is counted is whole."""

from __future__ import annotations

import pytest

from benchmarks.detection import accused
from benchmarks.generator import World, evidence, simulate
from bot.domain.analysis import exposure, grouping
from bot.domain.analysis.findings import blamed
from bot.domain.analysis.grouping import one_in
from bot.domain.analysis.spikes import surges


def test_below_a_million_attempts_every_job_is_looked_at() -> None:
    assert [one_in(rows) for rows in (0, 500_000, 999_999, 1_000_000, 10_000_000)] == [1, 1, 1, 2, 32]


def test_a_sample_finds_the_same_nodes_with_their_whole_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    history = simulate(World(nodes=40, jobs=8_000, days=10.0, lemons={3: (0.8, 0, 99)}))
    whole = {
        one.node: (one.jobs, one.jobs_failed)
        for one in blamed(evidence(history), surges(evidence(history)), 3)[0].findings
    }
    monkeypatch.setattr(grouping, "_ENOUGH", 4_000)
    monkeypatch.setattr(grouping, "_MANY", 1_000)
    monkeypatch.setattr(exposure, "_MANY", 1_000)
    assert one_in(len(history)) > 1
    found = blamed(evidence(history), surges(evidence(history)), 3)[0].findings
    assert {one.node: (one.jobs, one.jobs_failed) for one in found} == whole
    assert accused(history.without({3}), 0, 10.0) == set()
