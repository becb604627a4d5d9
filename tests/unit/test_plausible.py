"""Harmful and foreign fixes are no advice, whatever their record."""

from __future__ import annotations

import pytest

from bot.domain.diagnosis.catalogue import Known
from bot.domain.knowledge.context import Context
from bot.domain.knowledge.plausible import is_plausible
from bot.domain.knowledge.ranking import rank
from bot.domain.knowledge.solution import OutcomeSource, Record, Solution, SolutionKind, SolutionOutcome
from bot.domain.knowledge.spec_change import SpecChange
from bot.domain.knowledge.transformation import in_terms_of, pooled
from bot.services.knowledge.fixes import own_first
from tests.unit.test_ranking import NOW


def observed(change: SpecChange, failure_type: str = "OOMKilled", number: int = 1) -> Solution:
    return Solution(
        id=number,
        failure_type=failure_type,
        description=change.words,
        kind=SolutionKind.OBSERVED,
        parameters=change.parameters,
    )


@pytest.mark.parametrize(
    ("failure_type", "signature", "change", "plausible"),
    [
        ("OOMKilled", None, SpecChange("memory", "32Gi", "16Gi"), False),
        ("OOMKilled", None, SpecChange("memory", "16Gi", "32Gi"), True),
        ("OOMKilled", "oom-killed", SpecChange("memory", "32Gi", None), False),
        ("OOMKilled", None, SpecChange("option:batch-size", "64", "32"), True),
        ("Error", "host-out-of-memory", SpecChange("memory", "8Gi", "4Gi"), False),
        ("Error", "shm-exhausted", SpecChange("shm", "8Gi", "1Gi"), False),
        ("Error", "cuda-out-of-memory", SpecChange("gpu_count", "4", "2"), False),
        ("Error", "nccl-timeout", SpecChange("memory", "32Gi", "16Gi"), True),
    ],
)
def test_what_takes_away_what_the_failure_lacked_is_no_fix(
    failure_type: str, signature: str | None, change: SpecChange, *, plausible: bool
) -> None:
    context = Context(signature=signature)
    assert is_plausible(observed(change, failure_type), context, hardware=False) is plausible


def test_no_change_of_a_job_mends_hardware_but_to_keep_off_it() -> None:
    context = Context(signature="gpu-xid-79")
    memory = observed(SpecChange("memory", "8Gi", "16Gi"), "Error")
    elsewhere = observed(SpecChange("node", "n1", "n2"), "Error")
    assert not is_plausible(memory, context, hardware=True)
    assert is_plausible(elsewhere, context, hardware=True)


def test_a_change_of_one_image_is_a_fix_only_for_jobs_of_its_repository() -> None:
    change = observed(SpecChange("image", "ghcr.io/acme/vision:1.4", "ghcr.io/acme/vision:1.5"), "Error")
    assert is_plausible(change, Context(repository="ghcr.io/acme/vision"), hardware=False)
    assert not is_plausible(change, Context(repository="ghcr.io/acme/bert"), hardware=False)
    assert is_plausible(change, Context(), hardware=False)


def test_one_transformation_is_one_solution_whatever_its_values() -> None:
    known = [
        (observed(SpecChange("memory", "8Gi", "16Gi"), number=1), Record(observed_worked=3)),
        (observed(SpecChange("memory", "64Gi", "128Gi"), number=2), Record(observed_worked=2, observed_failed=1)),
        (observed(SpecChange("memory", "8Gi", "32Gi"), number=3), Record(observed_worked=1)),
    ]
    votes = [SolutionOutcome(solution_id=2, worked=True, by="bot", at=NOW, source=OutcomeSource.OBSERVED)]
    solutions, outcomes = pooled(known, votes)
    assert [(one.id, one.description, record.observed_worked) for one, record in solutions] == [
        (1, "Increase the memory limit ×2", 5),
        (3, "Increase memory limit from 8Gi to 32Gi", 1),
    ]
    assert [one.solution_id for one in outcomes] == [1]


def test_it_is_said_in_the_terms_of_the_job_that_asks() -> None:
    doubled = observed(SpecChange("memory", "64Gi", "128Gi"))
    assert in_terms_of(doubled, "8Gi").description == "Increase the memory limit ×2 (8Gi → 16Gi)"
    assert in_terms_of(doubled, "64Gi").description == doubled.description
    assert in_terms_of(doubled, None).description == doubled.description
    assert in_terms_of(doubled, "all of it").description == doubled.description


def test_what_worked_for_another_cause_of_the_type_never_leads() -> None:
    retry = Solution(id=1, failure_type="Error", description="Retry once", kind=SolutionKind.PERSON)
    tune = Solution(id=2, failure_type="Error", description="Lower the batch", kind=SolutionKind.PERSON)
    votes = [
        *(
            SolutionOutcome(solution_id=1, worked=True, by=f"U{n}", at=NOW, context=Context(signature="nccl-timeout"))
            for n in range(9)
        ),
        SolutionOutcome(solution_id=2, worked=True, by="U1", at=NOW, context=Context(signature="python-keyerror")),
    ]
    ranked = rank([(retry, Record(worked=9)), (tune, Record(worked=1))], votes, now=NOW)
    assert [one.solution.id for one in ranked] == [1, 2]
    mine = own_first(ranked, votes, Known("Error", "python-keyerror"))
    assert [(one.solution.id, one.for_other_causes) for one in mine] == [(2, False), (1, True)]
    assert own_first(ranked, votes, Known("Error", None)) == ranked
