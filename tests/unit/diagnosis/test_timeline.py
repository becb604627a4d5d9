from __future__ import annotations

import pytest

from bot.catalogue import load
from bot.domain.diagnosis import diagnose
from bot.domain.workload.pod_evidence import Confidence, Diagnosis, Evidence

CATALOGUE = load()
OOM = "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB."
KEY = 'Traceback (most recent call last):\n  File "/a/t.py", line 3, in f\n    x["y"]\nKeyError: \'y\''
BANNER = "== job of team vision ==\nimage registry/vision:2\nloading weights"
ENDED = (
    "E1128 10:01:02.1 50 torch/distributed/elastic/multiprocessing/api.py:1002] failed (exitcode: 1) "
    "local_rank: 0 (pid: 6{}) of binary: /usr/bin/python3"
)


def said(*parts: str, **facts: str | int) -> Diagnosis:
    return diagnose(Evidence(logs="\n".join(parts), **facts), CATALOGUE)  # type: ignore[arg-type] # their types differ


@pytest.mark.parametrize(
    "went_on",
    [
        "epoch 1 loss 2.2\nepoch 2 loss 1.9",
        "{'loss': 2.1, 'epoch': 0.1}\n{'loss': 1.9, 'epoch': 0.2}",
        " 1%|          | 1/100 [00:01<01:40]\n 2%|          | 2/100 [00:02<01:38]",
        "smaller batch\n[2026-02-01 10:00:00] iteration   11/ 900 | loss: 2.0 |\n iteration   12/ 900 | loss: 1.9 |",
        "training finished successfully",
    ],
)
def test_what_the_program_went_on_after_is_history(went_on: str) -> None:
    diagnosis = said(OOM, went_on, KEY, exit_code=1)
    assert diagnosis.signature == "python-exception"
    assert "cuda-out-of-memory" not in [other.signature for other in diagnosis.others]


def test_what_is_history_is_at_most_likely_where_nothing_else_is_known() -> None:
    diagnosis = said(OOM, "step 1 loss 2.0", "step 2 loss 1.9")
    assert (diagnosis.signature, diagnosis.confidence) == ("cuda-out-of-memory", Confidence.LIKELY)


def test_progress_of_another_rank_does_not_make_an_error_history() -> None:
    log = [f"[rank1]: {OOM}", "[rank0]: step 4 loss 2.0", "[rank0]: step 5 loss 1.9", "[rank0]: KeyError: 'x'"]
    assert said(*log).signature == "cuda-out-of-memory"


def test_progress_before_an_error_does_not_matter() -> None:
    assert said("step 1 loss 2.0", "step 2 loss 1.9", OOM).confidence is Confidence.CERTAIN


@pytest.mark.parametrize(
    "again",
    ["Restarting worker group", "=== attempt 2 of 3 ===", f"{ENDED.format(2)}\nloading weights\nreading shards"],
)
def test_of_several_starts_the_last_one_counts(again: str) -> None:
    diagnosis = said(OOM, again, KEY, exit_code=1)
    assert diagnosis.signature == "python-exception"
    assert "cuda-out-of-memory" not in [other.signature for other in diagnosis.others]


def test_a_crash_loop_that_writes_its_first_lines_again_was_started_again() -> None:
    assert said(BANNER, OOM, BANNER, KEY).signature == "python-exception"
    assert said(BANNER, KEY, BANNER, OOM).signature == "cuda-out-of-memory"


def test_a_launcher_that_only_tells_of_the_end_is_no_new_start() -> None:
    summary = "train.py FAILED\n-----\nFailures:\n  <NO_OTHER_FAILURES>\nRoot Cause (first observed failure):\n[0]:"
    assert said(OOM, ENDED.format(1), summary).signature == "cuda-out-of-memory"


def test_an_earlier_start_is_the_cause_where_it_left_behind_what_the_last_one_failed_of() -> None:
    full = "OSError: [Errno 28] No space left on device: '/ckpt/step_9.pt'"
    cut = "RuntimeError: PytorchStreamReader failed reading zip archive: failed finding central directory"
    diagnosis = said(BANNER, full, BANNER, cut)
    assert diagnosis.signature == "disk-full"
    assert "corrupt-checkpoint" in [other.signature for other in diagnosis.others]


def test_the_log_of_the_run_before_counts_only_where_the_last_one_says_nothing() -> None:
    before = {"previous_logs": OOM}
    assert said(KEY, **before).signature == "python-exception"
    assert said("loading weights", **before).signature == "cuda-out-of-memory"


def test_of_two_tracebacks_of_one_process_the_last_one_ended_it() -> None:
    assert "KeyError" in said("ValueError: bad row 3", "skipped the row", KEY).title


def test_of_a_chain_of_exceptions_the_first_is_the_reason() -> None:
    chain = "During handling of the above exception, another exception occurred:\n"
    assert "KeyError" in said(KEY, chain, "ValueError: no such schedule").title


def test_of_several_ranks_the_first_exception_counts() -> None:
    assert "ValueError" in said("[rank1]: ValueError: bad row", "[rank0]: KeyError: 'x'").title


def test_the_unknown_shows_the_three_lines_most_worth_reading() -> None:
    diagnosis = said("reading", "licence refused, error 7", "step", "cannot go on", "fatal: gave up", "bye")
    assert diagnosis.confidence is Confidence.UNKNOWN
    assert diagnosis.lines == ("fatal: gave up", "cannot go on", "licence refused, error 7")
    assert said("one", "two").lines == ("two", "one")
