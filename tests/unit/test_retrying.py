"""Whether an unchanged retry helps, by what such retries came to."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.foresight.retrying import JobTry, RetryCount, RetryVerdict, advise, counts, last_step
from bot.domain.workload.attempt import Outcome

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def tries(job: str, outcomes: str, *, cause: str = "nccl-timeout", memory: str = "8Gi") -> list[JobTry]:
    """Attempts one after the other: F failed, S succeeded, K killed; a digit doubles the memory from there on."""
    made, size = [], memory
    for place, letter in enumerate(outcomes):
        if letter.isdigit():
            size = f"{letter}x{memory}"
            continue
        outcome = {"F": Outcome.FAILED, "S": Outcome.SUCCEEDED, "K": Outcome.KILLED}[letter]
        made.append(
            JobTry(
                cluster="prod",
                project="ml-team",
                job=job,
                outcome=outcome,
                began_at=NOW + timedelta(hours=place),
                ended_at=NOW + timedelta(hours=place, minutes=30),
                cause=cause if outcome is Outcome.FAILED else None,
                made_of=(size,),
            )
        )
    return made


def test_automatic_retries_and_resubmissions_count_both_ways() -> None:
    assert counts([*tries("a", "FS"), *tries("b", "FFF")]) == {"nccl-timeout": RetryCount(1, 3)}


def test_a_changed_retry_teaches_nothing_of_unchanged_ones() -> None:
    assert counts(tries("a", "F2S")) == {}


def test_a_killed_retry_says_nothing() -> None:
    assert counts(tries("a", "FK")) == {}


def test_attempts_that_ran_side_by_side_are_no_retries() -> None:
    first, second = tries("a", "FS")
    beside = [
        first,
        JobTry(**{name: getattr(second, name) for name in JobTry.__slots__} | {"began_at": first.began_at}),
    ]
    assert counts(beside) == {}


@pytest.mark.parametrize(
    ("worked", "of", "verdict"),
    [
        (18, 20, RetryVerdict.RETRY),
        (3, 21, RetryVerdict.STOP),
        (1, 2, RetryVerdict.UNSURE),
        (0, 0, RetryVerdict.UNSURE),
    ],
)
def test_the_verdict_goes_by_what_the_record_can_vouch_for(worked: int, of: int, verdict: RetryVerdict) -> None:
    advice = advise(tries("mine", "F"), {"nccl-timeout": RetryCount(worked, of), "other": RetryCount(5, 10)}, [])
    assert advice.verdict is verdict
    assert advice.low is not None
    assert advice.high is not None
    assert 0 <= advice.low <= (advice.chance or 0) <= advice.high <= 1
    assert advice.others == RetryCount(5, 10)


def test_a_job_that_fails_alike_the_third_time_at_the_same_step_is_told_to_stop() -> None:
    logs = [f"epoch 1 step {step}: loss 0.3\nRuntimeError: boom" for step in (7, 1200, 1200, 1200)]
    advice = advise(tries("mine", "SFFF"), {"nccl-timeout": RetryCount(9, 10)}, logs)
    assert (advice.verdict, advice.alike, advice.step) == (RetryVerdict.STOP, 3, 1200)


def test_one_that_moves_on_has_no_step_where_it_stops() -> None:
    advice = advise(tries("mine", "FF"), {}, ["step 100: x", "step 900: y"])
    assert (advice.alike, advice.step) == (2, None)


def test_where_the_job_succeeded_last_there_is_nothing_to_retry() -> None:
    advice = advise(tries("mine", "FFS"), {}, [])
    assert (advice.cause, advice.verdict, advice.attempts) == (None, RetryVerdict.UNSURE, 3)


@pytest.mark.parametrize(
    ("log", "step"),
    [("Epoch 3/10, step: 1200 loss", 1200), ("iteration=77", 77), ("footstep 3 of stepper", None), ("", None)],
)
def test_the_last_counter_of_the_loop_is_read(log: str, step: int | None) -> None:
    assert last_step(log) == step
