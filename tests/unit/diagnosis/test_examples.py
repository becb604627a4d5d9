from __future__ import annotations

from typing import Any

import pytest

from bot.catalogue import load
from bot.domain.diagnosis import diagnose
from tests.truth import truth
from tests.unit.diagnosis.examples import all_examples, evidence_of

EXAMPLES = all_examples()
FITS = [
    pytest.param(name, said, id=f"{name}-{n}") for name, its in EXAMPLES.items() for n, said in enumerate(its["fits"])
]
MISSES = [
    pytest.param(name, said, id=f"{name}-{n}")
    for name, its in EXAMPLES.items()
    for n, said in enumerate(its["near_misses"])
]


HEALTHY = [
    pytest.param(name, said, id=f"{name}-{n}")
    for name, its in EXAMPLES.items()
    for n, said in enumerate(its.get("healthy", ()))
]


@pytest.mark.parametrize(("name", "said"), FITS)
def test_a_real_looking_text_is_recognised(name: str, said: Any) -> None:
    diagnosis = diagnose(evidence_of(said), load())
    assert diagnosis.signature == name
    assert diagnosis.evidence_line


@pytest.mark.parametrize(("name", "said"), MISSES)
def test_a_look_alike_is_told_apart(name: str, said: Any) -> None:
    assert diagnose(evidence_of(said), load()).signature != name


@pytest.mark.parametrize(("name", "said"), HEALTHY)
def test_what_the_same_tool_prints_in_health_is_nothing(name: str, said: Any) -> None:
    diagnosis = diagnose(evidence_of(said), load())
    assert diagnosis.signature is None, name


def test_every_signature_has_two_examples_and_a_near_miss() -> None:
    ids = {signature.id for signature in load().signatures}
    numbered = {f"gpu-xid-{row['xid']}" for row in truth("xid.tsv")}  # their examples are the table's rows
    assert ids - numbered <= set(EXAMPLES) <= ids
    assert [name for name, its in EXAMPLES.items() if len(its["fits"]) < 2 or not its["near_misses"]] == []
