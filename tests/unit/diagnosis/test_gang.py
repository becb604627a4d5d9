from __future__ import annotations

from bot.catalogue import load
from bot.domain.diagnosis import diagnose, root_of
from bot.domain.workload.pod_evidence import Diagnosis, Evidence

CATALOGUE = load()
TIMEOUT = "Watchdog caught collective operation timeout: WorkNCCL(SeqNum=4)"
OOM = "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB."
REMOTE = "ncclRemoteError: A call failed possibly due to a network error or a remote process exiting prematurely."


def of(*logs: str) -> list[Diagnosis]:
    return [diagnose(Evidence(logs=log), CATALOGUE) for log in logs]


def test_the_member_with_the_cause_is_the_root_though_others_spoke_before() -> None:
    assert root_of(of(TIMEOUT, REMOTE, OOM, TIMEOUT), CATALOGUE) == 2


def test_of_equal_causes_the_earliest_is_the_root() -> None:
    assert root_of(of(TIMEOUT, TIMEOUT), CATALOGUE) == 0
    assert root_of(of(REMOTE, OOM, OOM), CATALOGUE) == 1


def test_an_unknown_end_is_nearer_to_the_root_than_a_symptom_and_farther_than_a_cause() -> None:
    assert root_of(of(TIMEOUT, "strange end", REMOTE), CATALOGUE) == 1
    assert root_of(of("strange end", OOM), CATALOGUE) == 1


def test_no_members_have_no_root() -> None:
    assert root_of([], CATALOGUE) is None
