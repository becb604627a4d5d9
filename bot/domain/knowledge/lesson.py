"""What the tries of one job teach: which change was made after a failure, and whether the job then ran. Pure; the same
tries always give the same lessons, so looking again adds nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from bot.domain.knowledge.spec import WorkloadSpec
from bot.domain.knowledge.spec_change import SpecChange, changes
from bot.domain.workload.failure import Failure

LOOK_AHEAD = timedelta(days=14)
"""A success later than this after a failure says nothing about it."""
ANOTHER_NAME_WITHIN = timedelta(days=1)
"""The same for a success under another name of the family."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One pod's try at its job, ended or stuck. `failure` is None where it succeeded. Times in UTC."""

    cluster: str
    project: str | None
    job: str
    pod_uid: str
    began_at: datetime
    ended_at: datetime
    spec: WorkloadSpec
    owner: str | None = None
    job_uid: str | None = None
    failure: Failure | None = None

    @property
    def submission(self) -> tuple[str, str]:
        """What was submitted together; a pod without a known submission stands for itself."""
        return (self.job, self.job_uid or self.pod_uid)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """After this failure these changes were made, and it worked or failed in the same way again."""

    failure: Failure
    changes: tuple[SpecChange, ...]
    """Empty for a plain retry: where that worked, the failure was transient."""
    worked: bool
    at: datetime
    """When the later try ended, UTC."""
    job: str
    """The later try's name: people submit under another one."""


@dataclass(slots=True)
class _Try:
    """One submission: its pods, how it ended, and the failure that stands for it."""

    pods: list[Trial]
    failure: Failure | None

    @property
    def first(self) -> Trial:
        return self.pods[0]

    @property
    def ended_at(self) -> datetime:
        return max(pod.ended_at for pod in self.pods)


def lessons(trials: Iterable[Trial]) -> list[Lesson]:
    """What the trials of one family of jobs in one project teach.

    Each submission is compared with the next one that began after it had failed: of the same name at first, of another
    name of the family only where the same person submitted it within a day and changed more than its command. A later
    failure of another type says nothing: the first one may be mended.
    """
    tries = sorted(_tries(trials), key=lambda each: (each.first.began_at, each.first.pod_uid))
    found: list[Lesson] = []
    for place, one in enumerate(tries):
        found += _within(one)
        if one.failure is None:
            continue
        after = [each for each in tries[place + 1 :] if each.first.began_at >= one.failure.timestamp]
        later = next((each for each in after if _continues(one, each)), None)
        lesson = None if later is None else _lesson(one, one.failure, later)
        if lesson is not None:
            found.append(lesson)
    return found


def _tries(trials: Iterable[Trial]) -> Iterator[_Try]:
    of: dict[tuple[str, str], list[Trial]] = {}
    for trial in sorted(trials, key=lambda each: (each.began_at, each.pod_uid)):
        of.setdefault(trial.submission, []).append(trial)
    for pods in of.values():
        failures = [pod.failure for pod in pods if pod.failure is not None]
        successes = [pod for pod in pods if pod.failure is None]
        faults = [each for each in failures if each.first_fault] or failures
        last = max(faults, key=lambda each: each.timestamp, default=None)
        recovered = last is not None and any(pod.began_at >= last.timestamp for pod in successes)
        yield _Try(pods, None if recovered else last)


def _within(one: _Try) -> Iterator[Lesson]:
    """The controller's own retries, which change nothing: where one worked, the failure was transient; where none did,
    a retry is no fix. How often it was tried is one job's doing, so it counts once, either way."""
    faults = [pod for pod in one.pods if pod.failure is not None and pod.failure.first_fault]
    if one.failure is not None:
        yield from _in_vain(faults)
        return
    if not faults or faults[-1].failure is None:
        return
    failure = faults[-1].failure
    later = min((pod for pod in one.pods if pod.failure is None), key=lambda pod: pod.ended_at)
    yield Lesson(failure=failure, changes=(), worked=True, at=later.ended_at, job=later.job)


def _in_vain(faults: Sequence[Trial]) -> Iterator[Lesson]:
    """The last retry of a submission that failed as the try before it had."""
    for before, later in pairwise(faults[-2:]):
        one, other = before.failure, later.failure
        if (
            one is not None
            and other is not None
            and later.began_at >= one.timestamp
            and (one.failure_type, one.signature) == (other.failure_type, other.signature)
        ):
            yield Lesson(failure=one, changes=(), worked=False, at=later.ended_at, job=later.job)


def _continues(one: _Try, later: _Try) -> bool:
    before, after = one.first, later.first
    if after.began_at - before.ended_at > LOOK_AHEAD:
        return False
    if before.job == after.job:
        return True
    same_person = before.owner is not None and before.owner == after.owner
    if not same_person or after.began_at - before.ended_at > ANOTHER_NAME_WITHIN:
        return False
    made = _least(one, later)
    return bool(made) and not any(each.kind.startswith(("command", "option", "node")) for each in made)


def _lesson(one: _Try, failure: Failure, later: _Try) -> Lesson | None:
    made = _least(one, later)
    worked = later.failure is None
    if not worked and later.failure is not None and later.failure.failure_type != failure.failure_type:
        return None
    return Lesson(failure=failure, changes=made, worked=worked, at=later.ended_at, job=later.first.job)


def _least(one: _Try, later: _Try) -> tuple[SpecChange, ...]:
    """The changes between the pod that failed and the later one most like it: a gang's members differ by role."""
    failed = next((pod for pod in one.pods if pod.failure is not None and pod.failure == one.failure), one.first)
    return min((changes(failed.spec, pod.spec) for pod in _alike(later.pods)), key=len)


def _alike(pods: Sequence[Trial]) -> Sequence[Trial]:
    """A few are enough: the members of a gang repeat."""
    return pods[:16]
