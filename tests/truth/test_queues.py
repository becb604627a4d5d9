from __future__ import annotations

import pytest

from bot.catalogue import load
from bot.domain.diagnosis import diagnose
from bot.domain.workload.pod_evidence import Evidence
from tests.truth import truth


@pytest.mark.parametrize("row", truth("queue_words.tsv"), ids=lambda row: row["line"][:60])
def test_why_a_workload_does_not_run_is_told_in_every_scheduler_s_words(row: dict[str, str]) -> None:
    known = diagnose(Evidence(phase="Pending", reason="Unschedulable", events=row["line"]), load())
    assert known.signature == row["cause"]
