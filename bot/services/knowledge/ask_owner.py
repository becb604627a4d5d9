"""Asks the owner of a job, once, whether what the bot saw was the fix. Record, speak, note: what was seen is recorded
already; a crash may repeat the question as an edit of the same message, never forget it."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from bot.domain.knowledge.observed_fix import FixSeen
from bot.domain.knowledge.solution import SolutionOutcome
from bot.domain.knowledge.spec_change import RETRY
from bot.domain.scope import Scope
from bot.domain.workload.failure import Failure
from bot.services.errors import Undelivered
from bot.services.incidents.notices import Outbox
from bot.services.incidents.ports import Messenger
from bot.services.incidents.say_once import said_once
from bot.services.knowledge.ports import FixQuestion, FixQuestions, History, Knowledge

log = logging.getLogger(__name__)
ASK_WITHIN = timedelta(days=3)
"""Whoever fixed something longer ago does not remember."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody in Slack, and the channel to talk to them alone."""

    user: str
    channel: str


class Directory(Protocol):
    """Knows people by the names that clusters have for them."""

    def person(self, owner: str) -> Person | None:
        """The one person of this name or e-mail address; None where there is none, or more than one. Raises
        Undelivered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asker:
    """What questions are made from, how they are asked, and who knows people."""

    knowledge: Knowledge
    history: History
    questions: FixQuestions
    outbox: Outbox
    messenger: Messenger
    directory: Directory


def ask_owners(asker: Asker, *, scope: Scope, now: datetime) -> int:
    """Ask each person once about each change that was seen to help lately, with all jobs it helped; how many questions.
    Raises Undelivered where Slack is away: what was not asked is asked by the next sweep."""
    by_change: dict[tuple[Person, int], list[FixSeen]] = defaultdict(list)
    for outcome, failure in _seen(asker, scope, now):
        if failure.owner is None or (person := asker.directory.person(failure.owner)) is None:
            continue
        if question := _question(outcome, failure, asker.knowledge, scope):
            by_change[person, question.solution_id].append(question)
    asked = 0
    for (person, _), questions in by_change.items():
        if not any(_is_answered(asker, question, person, scope) for question in questions):
            newest, *others = questions
            asked += _ask(asker, replace(newest, also=tuple(one.job for one in others)), person, now)
    return asked


def _is_answered(asker: Asker, question: FixSeen, person: Person, scope: Scope) -> bool:
    """Whether the person was asked about it, or has said what helped already."""
    return asker.questions.asked(question.failure_id, person.channel) or bool(
        asker.knowledge.verdicts(scope, question.failure_id, person.user)
    )


def _ask(asker: Asker, question: FixSeen, person: Person, now: datetime) -> bool:
    """Ask one question and note it; False where Slack does not let the bot ask, which is noted too."""
    key, asking = f"fix-seen/{question.failure_id}", FixQuestion(question.failure_id, person.channel, None, now)
    since = question.finished_at
    try:
        with said_once(asker.outbox, asker.messenger, person.channel, question, key=key, since=since, now=now) as said:
            asker.questions.note(replace(asking, ts=said.ts))
    except Undelivered as error:
        if not error.permanent:
            raise
        log.warning("%s cannot be asked about a fix: %s", person.user, error)
        asker.questions.note(asking)
        return False
    return True


def _seen(asker: Asker, scope: Scope, now: datetime) -> Iterator[tuple[SolutionOutcome, Failure]]:
    """What worked, the newest first, of each job only the last: failed three times and fixed is one question."""
    told: set[tuple[str, str | None, str]] = set()
    for outcome in reversed(asker.knowledge.observed(scope, now - ASK_WITHIN)):
        if outcome.failure_id is None or not outcome.seen:
            continue
        failure = asker.history.failure(scope, outcome.failure_id)
        if failure is not None and (job := (failure.cluster, failure.project, failure.job)) not in told:
            told.add(job)
            yield outcome, failure


def _question(outcome: SolutionOutcome, failure: Failure, knowledge: Knowledge, scope: Scope) -> FixSeen | None:
    known = knowledge.solution(scope, outcome.solution_id)
    if known is None or failure.id is None or known[0].parameters.get(RETRY):
        return None
    return FixSeen(
        job=failure.job,
        project=failure.project,
        cluster=failure.cluster,
        failure_id=failure.id,
        failure_type=failure.failure_type,
        solution_id=outcome.solution_id,
        changed=outcome.seen or known[0].description,
        failed_at=failure.timestamp,
        finished_at=outcome.at,
    )
