from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.diagnosis.organisation import LONGEST_ID, by_template, can_be_named, named, recognised, signature_id
from bot.domain.workload.pod_evidence import CauseOwner, Diagnosis
from tests.unit.rendering.values import JOB, LICENCE

KNOWN = by_template([LICENCE])
LINE = "RuntimeError: licence server 10.0.0.7:27000 did not answer within 30 s"
UNKNOWN = Diagnosis(
    failure_type="Error", signature=None, title="?", explanation="?", owner=CauseOwner.UNKNOWN, evidence_line=LINE
)


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("Licence server away", "licence-server-away"),
        ("  NCCL / IB: flapping!! ", "nccl-ib-flapping"),
        ("Лицензия", "лицензия"),
        ("ＦＵＬＬ", "full"),
        ("<!channel> *x*", "channel-x"),
        ("!?", ""),
    ],
)
def test_an_id_is_the_name_in_small_letters_with_dashes(name: str, key: str) -> None:
    assert signature_id(name) == key


@given(st.text(max_size=200))
def test_an_id_of_an_id_is_itself_and_harmless(name: str) -> None:
    key = signature_id(name)
    assert signature_id(key) == key
    assert len(key) <= LONGEST_ID
    assert not re.search(r"[\s<>&*`]", key)


@pytest.mark.parametrize("template", ["exit code <n>", "<n>", "", "Error: <path>", "failed with exit status <n>"])
def test_a_shape_that_says_nothing_cannot_be_named(template: str) -> None:
    assert not can_be_named(template)


def test_a_shape_with_a_word_of_its_own_can_be_named() -> None:
    assert can_be_named("flexlm: checkout failed for seat <n>")


def test_a_diagnosis_is_completed_only_where_the_catalogue_knows_nothing() -> None:
    told = recognised(UNKNOWN, KNOWN)
    assert (told.signature, told.title, told.owner) == (LICENCE.id, LICENCE.name, CauseOwner.PLATFORM)
    assert told.evidence_line == LINE
    for other in (replace(UNKNOWN, signature="nccl-timeout"), replace(UNKNOWN, evidence_line="x")):
        assert recognised(other, KNOWN) == other


def test_a_failure_gets_the_name_of_its_shape_unless_it_has_one() -> None:
    failure = replace(JOB.failures[0], error_message=LINE)
    assert named(failure, KNOWN).signature == LICENCE.id
    for other in (replace(failure, signature="nccl-timeout"), replace(failure, error_message=None)):
        assert named(other, KNOWN) == other
