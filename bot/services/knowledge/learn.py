"""Learns from what people did: compares the tries of jobs that failed, and credits what was changed in between. It only
writes; `asking.py` speaks of it later."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.domain.knowledge.context import context_of
from bot.domain.knowledge.lesson import Lesson, lessons
from bot.domain.knowledge.plausible import takes_away
from bot.domain.knowledge.ranking import rank
from bot.domain.knowledge.solution import OutcomeSource, Ranked, Solution, SolutionKind, SolutionOutcome
from bot.domain.knowledge.spec_change import NODE, RETRY, SpecChange, fits, parameters_of, words_of
from bot.domain.scope import EVERYTHING
from bot.domain.workload.failure import Failure, Resolution
from bot.services.knowledge.ports import Knowledge, Trials

log = logging.getLogger(__name__)
BOT = "bot"
"""Who says what was observed."""
_MOST_FAMILIES, _AT_ONCE = 200, 10
"""Families of one look, and of them those in memory together: each may bring two hundred tries."""
_CATCH_ALL = frozenset({"Error", "CrashLoopBackOff"})
"""Types that say so little that a fix is one of the signature's, where that is known."""


@dataclass(frozen=True, slots=True)
class Learnt:
    """What one look taught."""

    families: int = 0
    lessons: int = 0


def study(trials: Trials, knowledge: Knowledge, *, now: datetime) -> Learnt:
    """Look at the families of jobs with new tries, and record what they teach. The same tries teach the same again, so
    a crash in between does no harm. Raises Unavailable."""
    learnt = Learnt()
    for _ in range(_MOST_FAMILIES // _AT_ONCE):
        if not (unstudied := trials.unstudied(_AT_ONCE)):
            break
        for news in unstudied:
            found = lessons(news.trials)
            for lesson in found:
                _record(lesson, knowledge)
            trials.studied(news.ids, now)
            learnt = Learnt(learnt.families + 1, learnt.lessons + len(found))
    if learnt.lessons:
        log.info("%d lessons of %d families of jobs", learnt.lessons, learnt.families)
    return learnt


def level_of(failure_type: str, signature: str | None) -> str | None:
    """The signature that a new solution belongs to; None where it is one of the type at large."""
    return signature if failure_type in _CATCH_ALL else None


def _record(lesson: Lesson, knowledge: Knowledge) -> None:
    failure = lesson.failure
    if failure.id is None or any(
        takes_away(each.parameters, failure.failure_type, failure.signature) for each in lesson.changes
    ):
        return  # it ran in spite of the change, not because of it
    known = rank(knowledge.solutions(EVERYTHING, failure.failure_type, failure.signature))
    made = _telling(lesson.changes, known)
    credited, new = _known(made, failure.id, known, knowledge), _new(failure, made)
    if credited is None or any(one.solution.id == credited and _says_the_same(one.solution, new) for one in known):
        credited = knowledge.add_solution(new)
    knowledge.vote(
        SolutionOutcome(
            solution_id=credited,
            worked=lesson.worked,
            by=BOT,
            at=lesson.at,
            source=OutcomeSource.OBSERVED,
            failure_id=failure.id,
            context=context_of(failure),
            seen=", ".join(each.short for each in made)[:500] or None,
        )
    )
    if lesson.worked:
        knowledge.resolve(failure.id, Resolution.FIXED, by=BOT, at=lesson.at)


def _telling(made: tuple[SpecChange, ...], known: Sequence[Ranked]) -> tuple[SpecChange, ...]:
    """That a job ran on another node is a change only where keeping off the node is a fix, else a plain retry."""
    is_move = [each.kind for each in made] == [NODE]
    if is_move and not any(one.solution.parameters.get("avoid_node") for one in known):
        return ()
    return made


def _known(made: tuple[SpecChange, ...], failure_id: int, known: Sequence[Ranked], knowledge: Knowledge) -> int | None:
    """The solution that gets the credit: the one that has it already, else one that was shown for this failure, else
    one that was observed before; of several the best."""
    fitting = [one.solution for one in known if fits(one.solution.parameters, one.solution.description, made)]
    has_it, shown = knowledge.verdicts(EVERYTHING, failure_id, BOT), knowledge.suggested(failure_id)
    ids: list[int | None] = [solution.id for solution in fitting if solution.id in has_it]
    ids += [solution.id for solution in fitting if solution.id in shown]
    ids += [solution.id for solution in fitting if solution.kind is SolutionKind.OBSERVED]
    if not made:  # there is one way to change nothing
        ids += [solution.id for solution in fitting if solution.parameters.get(RETRY)]
    return next((each for each in ids if each is not None), None)


def _new(failure: Failure, made: tuple[SpecChange, ...]) -> Solution:
    solution = Solution(
        failure_type=failure.failure_type,
        signature=level_of(failure.failure_type, failure.signature),
        description=words_of(made),
        kind=SolutionKind.OBSERVED,
        parameters=parameters_of(made),
        created_by=BOT,
        origins=frozenset({failure.project} - {None}),
    )
    secret = [each for each in made if each.kind == "pull_secret"]
    image = [each for each in made if each.kind == "image"]
    here = context_of(failure)
    condition = here.condition("registry") if secret else here.condition("repository") if image else None
    return replace(solution, condition=condition)


def _says_the_same(one: Solution, other: Solution) -> bool:
    """Whether the very same values were seen: then it comes from that project too."""
    return (one.signature, one.condition, one.description) == (other.signature, other.condition, other.description)
