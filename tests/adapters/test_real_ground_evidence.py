"""What evidence is worth on a cluster as harsh as a real one: the newest cause leads, a text that is no log is no log,
an event counts for the phase it is of, later evidence adds, and what was recovered is counted after it was read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.domain.workload.failure import Failure
from bot.store.store import Store
from playground.kube.control.script import ScriptedRun
from playground.kube.control.statuses import containers_of
from playground.kube.logs import lose_log
from tests.adapters.real_ground import FAILS, Ground, watched

REFUSED = ScriptedRun(after=2, exit=1, log="ConnectionRefusedError: [Errno 111] Connection refused\n")
NO_MODULE = ScriptedRun(after=2, exit=1, log="ModuleNotFoundError: No module named 'flash_attn'\n")
CUDA = ScriptedRun(after=5, exit=1, log="torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB.\n")


@pytest.fixture
def ground(tmp_path: Path, sqlite_store: Store) -> Iterator[Ground]:
    with watched(sqlite_store, tmp_path) as ground:
        yield ground


def only(failures: list[Failure]) -> Failure:
    (failure,) = failures
    return failure


def lose_logs(ground: Ground, name: str) -> None:
    pod = ground.find(name)
    for _, status in containers_of(pod):
        lose_log(ground.cluster, pod, status)


def test_the_newest_cause_of_a_crash_loop_leads(ground: Ground) -> None:
    ground.pod("serve", [REFUSED, NO_MODULE], restartPolicy="Always")
    ground.after(5)
    ground.settle()
    assert only(ground.failures("serve")).signature == "connection-refused"
    ground.slowly(90)
    ground.settle()
    failure = only(ground.failures("serve"))
    assert failure.occurrences >= 4
    assert failure.signature == "missing-module"


@pytest.mark.parametrize("name", ["one", "two"])
def test_a_log_that_is_gone_is_no_log(ground: Ground, name: str) -> None:
    ground.job(name, ScriptedRun(after=5, exit=1, log="RuntimeError: no\n", loses_log=True))
    ground.after(20)
    ground.settle()
    failure = only(ground.failures(name))
    assert "unable to retrieve" not in f"{failure.logs_snippet} {failure.error_message}"
    assert failure.signature is None


def test_an_event_that_says_nothing_is_no_evidence_of_anything(ground: Ground) -> None:
    ground.job("train", ScriptedRun(after=5, exit=1, loses_log=True))
    ground.after(20)
    ground.settle()
    assert "Container started" not in (only(ground.failures("train")).error_message or "")


def test_that_it_queued_says_nothing_about_the_end_of_a_pod_that_ran(ground: Ground) -> None:
    for number in range(4):
        ground.job(f"before-{number}", ScriptedRun(after=30), gpus=8)
    ground.after(2)
    ground.job("train", ScriptedRun(after=5, exit=1, loses_log=True), gpus=8)
    ground.after(60)
    ground.settle()
    failure = only(ground.failures("train"))
    assert (failure.failure_type, failure.signature) == ("Error", None)
    assert "Insufficient nvidia.com/gpu" not in (failure.error_message or "")


def test_evidence_that_is_read_again_after_a_restart_replaces_nothing(ground: Ground) -> None:
    ground.job("train", CUDA)
    ground.after(20)
    ground.settle()
    before = only(ground.failures("train"))
    assert before.signature == "cuda-out-of-memory"
    ground.stop()
    lose_logs(ground, "train")
    ground.start()
    ground.settle()
    after = only(ground.failures("train"))
    assert (after.signature, after.logs_snippet, after.error_message) == (
        before.signature, before.logs_snippet, before.error_message
    )  # fmt: skip


@pytest.mark.parametrize("forgets", [False, True])
def test_what_was_recovered_is_counted_when_it_was_read(ground: Ground, *, forgets: bool) -> None:
    ground.job("before", FAILS)
    ground.after(20)
    ground.settle()
    ground.kube.cut()
    ground.wait_for(lambda: ground.tally.trouble is not None)
    for number in range(43):
        ground.job(f"meanwhile-{number}", FAILS, gpus=0)
    ground.after(120)
    if forgets:
        ground.cluster.expire_history()
    ground.kube.restore()
    ground.wait_for(lambda: all(ground.failures(f"meanwhile-{number}") for number in range(43)))
    ground.slowly(30)
    ground.settle()
    ground.slowly(15)
    (outage,) = ground.outages
    assert outage.recovered == 43
