from __future__ import annotations

from pathlib import Path

import pytest

from bot.catalogue import load
from bot.domain.diagnosis import diagnose
from bot.domain.diagnosis.catalogue import Rank
from bot.domain.workload.pod_evidence import Evidence

CATALOGUE = load()
FOLDER = Path(__file__).parent / "healthy"
PRINTOUTS = {path.stem: path.read_text(encoding="utf-8") for path in sorted(FOLDER.glob("*.txt"))}
ENDS = {
    "alone": "",
    "before a mistake of the program": "== training ==\nTraceback (most recent call last):\nKeyError: 'lr'\n",
}


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("tool", PRINTOUTS)
def test_a_healthy_printout_of_a_tool_is_no_evidence_of_anything(tool: str, end: str) -> None:
    said = diagnose(Evidence(logs=PRINTOUTS[tool] + ENDS[end], exit_code=1), CATALOGUE)
    assert said.signature == ("python-exception" if ENDS[end] else None), said
    assert not said.others


@pytest.mark.parametrize("tool", PRINTOUTS)
def test_a_healthy_printout_under_a_fault_does_not_hide_it(tool: str) -> None:
    fault = "[88211.4] NVRM: Xid (PCI:0000:3b:00): 79, pid=1, GPU has fallen off the bus."
    assert diagnose(Evidence(logs=f"{PRINTOUTS[tool]}\n{fault}\n"), CATALOGUE).signature == "gpu-xid-79"


def test_there_is_hardware_to_be_mistaken_about() -> None:
    assert sum(signature.rank is Rank.HARDWARE for signature in CATALOGUE.signatures) > 20
