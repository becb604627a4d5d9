"""The ports: what use cases need from the outside, as protocols. Adapters live in cluster/, store/ and slack/;
fakes that pass the same contract tests live in tests/adapters/."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from bot.domain.attempt import Attempt
from bot.domain.causes import FailedJob
from bot.domain.failure import Failure, Resolution
from bot.domain.incidents.card import IncidentCard
from bot.domain.incidents.detecting import FailureGroup
from bot.domain.incidents.incident import Incident, Step
from bot.domain.incidents.lifecycle import Change
from bot.domain.incidents.maintenance import Maintenance, Part
from bot.domain.incidents.subscription import Subscription
from bot.domain.incidents.telling import Decision, Kept
from bot.domain.knowledge.lesson import Trial
from bot.domain.knowledge.solution import Outcome, Record, Solution
from bot.domain.knowledge.spec import SeenSpec
from bot.domain.period import Period
from bot.domain.scope import Scope
from bot.domain.version import Seen


class Unavailable(Exception):
    """A peer cannot be used now (database, cluster, Slack). `permanent` says whether trying again is pointless."""

    def __init__(self, message: str, *, permanent: bool = False) -> None:
        super().__init__(message)
        self.permanent = permanent


class Undelivered(Unavailable):
    """Slack did not take a message."""


class Gone(Undelivered):
    """The message that was to be edited is not there any more: somebody deleted it."""

    def __init__(self, message: str) -> None:
        super().__init__(message, permanent=True)


@dataclass(frozen=True, slots=True)
class Recorded:
    """What a write changed: nothing, where all was known before."""

    attempts: int = 0
    """Those that were not known before."""
    failures: int = 0
    """Those that were not known before."""
    resolved: int = 0
    changed: int = 0
    """Known attempts and failures of which more is known now."""


class Recorder(Protocol):
    """Writes what the watchers see. Every write is idempotent: the same history seen twice changes nothing."""

    def record(self, attempts: Sequence[Attempt], failures: Sequence[Failure]) -> Recorded:
        """Store all in one transaction. A known attempt or episode is kept; `occurrences` only grows; a masked text
        never replaces a longer one with nothing. A succeeded attempt resolves the failures of its job that happened
        before it began: `retried` within the same job_uid (or where uids are unknown), else `succeeded later`."""

    def record_specs(self, specs: Sequence[SeenSpec]) -> int:
        """Keep the specs of pods that failed, and of those that succeeded after a failure of their job's family; the
        others are not kept. Those that were known stay as they are. How many were new."""

    def gang_failures(self, cluster: str, gangs: Iterable[str]) -> list[Failure]:
        """All failure events of these gangs, oldest first, without their logs and events."""

    def pod_starts(self, cluster: str, pod_uids: Iterable[str]) -> dict[str, datetime]:
        """When each of these pods first began to run (UTC), of those with a recorded attempt."""

    def set_first_faults(self, first: Iterable[int], victims: Iterable[int]) -> None:
        """Mark failure events, by id, as the first fault or a victim of their gang."""

    def resource_version(self, cluster: str) -> str | None:
        """Where the cluster's watch was last known to be; None before the first list."""

    def save_cursor(self, cluster: str, resource_version: str, seen_at: datetime) -> None:
        """Note where the watch is, and when it was last alive (UTC)."""

    def last_seen(self, cluster: str) -> datetime | None:
        """When the cluster's watch was last alive (UTC): the start of a blind spell, if that is long ago."""

    def record_versions(self, seen: Sequence[Seen]) -> int:
        """Note which versions are in use; how many were never seen before. Of two of one subject the later one
        replaces the earlier; one that was known is not new again."""


class History(Protocol):
    """Answers questions about what was recorded. Every question has a Scope, and sees nothing outside it."""

    def projects(self, scope: Scope) -> list[str]:
        """Names of the known projects in the scope, sorted."""

    def job_names(self, scope: Scope, like: str, limit: int = 5) -> list[str]:
        """Names of known jobs that contain `like`, newest first."""

    def job_attempts(self, scope: Scope, job: str, limit: int = 50) -> list[Attempt]:
        """The newest attempts of one job, oldest first."""

    def job_failures(self, scope: Scope, job: str, limit: int = 50) -> list[Failure]:
        """The newest failure events of one job, oldest first."""

    def failure(self, scope: Scope, failure_id: int) -> Failure | None:
        """One failure event by its id, where the scope may see it."""

    def similar(self, scope: Scope, period: Period, failure_type: str, signature: str | None) -> tuple[int, int]:
        """How many (failures, jobs) of this cause the period has."""

    def failed_jobs(self, scope: Scope, period: Period) -> list[FailedJob]:
        """Each job that failed in the period and was not rescued by a retry, once for each cause; victims of a gang
        left out."""

    def owners(self, scope: Scope, period: Period) -> list[tuple[str, str]]:
        """Whose jobs failed in which project, as the cluster calls people: (owner, project), each pair once."""

    def failure_types(self, scope: Scope) -> list[str]:
        """The failure types ever recorded in the scope, most frequent first."""

    def failures_like(self, scope: Scope, failure_type: str, signature: str | None, limit: int = 300) -> list[Failure]:
        """The newest failures of a cause that were first faults, one for each job, newest first, without their logs and
        events."""


class Knowledge(Protocol):
    """Solutions and their outcomes."""

    def sync_rules(self, rules: Sequence[Solution]) -> None:
        """Make the stored rules equal to the catalogue's; ids and records of unchanged ones stay."""

    def solutions(self, failure_type: str, signature: str | None = None) -> list[tuple[Solution, Record]]:
        """All solutions of a type (with a signature: also the ones of that signature) with their record."""

    def solution(self, solution_id: int) -> tuple[Solution, Record] | None:
        """One solution with its record."""

    def add_solution(self, solution: Solution) -> int:
        """Store a solution of a person or of the bot; the same one again gives the same id."""

    def vote(self, outcome: Outcome) -> bool:
        """Record a verdict; False where it changes nothing. One per (solution, failure, by), the latest by `at`: in
        whatever order and however often verdicts arrive, the same ones stand. Raises LookupError for a solution that
        does not exist."""

    def outcomes(self, solution_ids: Iterable[int]) -> list[Outcome]:
        """Every verdict on these solutions, oldest first."""

    def observed(self, since: datetime) -> list[Outcome]:
        """What the bot saw to work since then (UTC), oldest first."""

    def remedies(self, failure_ids: Iterable[int]) -> dict[int, str]:
        """What worked for these failures, in words; those without a remedy are left out."""

    def suggest(self, failure_id: int, solution_ids: Iterable[int], at: datetime) -> None:
        """Note that these solutions were shown to somebody for a failure."""

    def suggested(self, failure_id: int) -> set[int]:
        """The solutions that were shown for a failure."""

    def browse(self, failure_type: str | None = None) -> list[tuple[Solution, Record]]:
        """All solutions that are offered, of one failure type or of all, and of every signature, with their record."""

    def edit(self, solution_id: int, description: str, condition: str | None, *, by: str, at: datetime) -> bool:
        """Reword a solution that is no rule; its record stays, and the change is kept in the audit. False where there
        is no such solution, or another one that says the same."""

    def retire(self, solution_id: int, *, by: str, at: datetime) -> bool:
        """Offer a solution that is no rule no more; its record stays, and the audit says who did it. False where there
        is no such solution."""

    def verdicts(self, failure_id: int | None, by: str) -> dict[int, bool]:
        """What one person said about the solutions for one failure: solution id to worked."""

    def resolve(self, failure_id: int, resolution: Resolution, *, by: str, at: datetime) -> None:
        """Close a failure event; an earlier close stays."""


@dataclass(frozen=True, slots=True)
class News:
    """All recent tries of one family of jobs of which some have not been studied yet; `ids` names those."""

    trials: tuple[Trial, ...]
    ids: tuple[int, ...]


class Trials(Protocol):
    """The tries of jobs that failed, for what they teach."""

    def unstudied(self, limit: int) -> list[News]:
        """Families with tries that have not been studied, at most so many."""

    def studied(self, ids: Iterable[int], at: datetime) -> None:
        """Note that these tries have been studied."""


@dataclass(frozen=True, slots=True)
class Notice:
    """That people were told something: the message's place in Slack, and a digest of what it said."""

    key: str
    channel: str
    ts: str
    said: str
    at: datetime


class Notices(Protocol):
    """What people were told. The key makes a repeat an edit of the same message."""

    def notice(self, key: str, channel: str) -> Notice | None:
        """What was last said under this key in this channel."""

    def told(self, prefix: str, channel: str) -> list[Notice]:
        """All that was said in this channel under keys with this prefix, in the order of the keys."""

    def note(self, notice: Notice) -> None:
        """Remember that it was said; replaces what was said before under the same key and channel."""

    def forget(self, key: str, channel: str) -> None:
        """Forget what was said under this key in this channel, if anything was."""


class Messenger(Protocol):
    """Says things in Slack. `value` is any value that has a template."""

    def post(self, channel: str, value: object, *, key: str, thread: str | None = None, aloud: bool = False) -> str:
        """Post a new message and return its ts. `key` travels as metadata. With `thread`, the ts of another message,
        it goes into that one's thread; `aloud` shows it in the channel too. Raises Undelivered."""

    def update(self, channel: str, ts: str, value: object) -> None:
        """Edit a message in place. Raises Undelivered."""

    def find(self, channel: str, key: str, since: datetime, *, thread: str | None = None) -> str | None:
        """The ts of our own message with this key, posted since then, in the channel or in a thread; None if there is
        none (a crash between speaking and noting leaves one). Raises Undelivered."""


class Page(StrEnum):
    """What a pager is told of an incident."""

    TRIGGER = "trigger"
    ACKNOWLEDGE = "acknowledge"
    RESOLVE = "resolve"


class Pager(Protocol):
    """Calls people who are on call."""

    def send(self, page: Page, card: IncidentCard, *, key: str) -> None:
        """Send one event; events of one key are one alert there. Raises Undelivered."""


class Mailer(Protocol):
    """Mails values that have a template for mail."""

    def send(self, to: str, value: object, *, key: str, at: datetime) -> None:
        """Mail a value to one address; the same key again is the same message to mail programs. Raises Undelivered."""


class Incidents(Protocol):
    """The incidents, and why people were told of them or not. Changes are decided inside of one transaction."""

    def observe(
        self, keys: Sequence[str], apply: Callable[[Sequence[Incident]], Sequence[Change]], *, now: datetime
    ) -> None:
        """Give `apply` all live incidents and those under these keys, and write what it makes of them."""

    def change(self, incident_id: int, apply: Callable[[Incident], Change], *, now: datetime) -> Change | None:
        """Change one incident; None where there is none."""

    def live(self, *, ended_since: datetime) -> list[Incident]:
        """All incidents that are not resolved, and those that ended since; the oldest first."""

    def incident(self, incident_id: int) -> Incident | None:
        """One incident by its number."""

    def steps(self, incident_ids: Iterable[int]) -> dict[int, list[Step]]:
        """The steps of these incidents, in their order."""

    def keep(self, decisions: Sequence[tuple[int, str, Decision]], *, now: datetime) -> None:
        """Keep what was decided: incident, channel, decision. The same one again is counted."""

    def kept(self, incident_id: int, limit: int = 50) -> list[Kept]:
        """The newest decisions about an incident, oldest first."""

    def failure_groups(self, scope: Scope, since: datetime, settled: datetime) -> list[FailureGroup]:
        """Unresolved failures that began since then, by cluster, project and cause; victims of a gang left out, and
        those that began after `settled` and have no signature yet."""


class Homes(Protocol):
    """What people want to see on their Home tab."""

    def chosen(self, user: str) -> tuple[str, ...]:
        """The projects that one person chose; nothing where they never did."""

    def choose(self, user: str, projects: Sequence[str]) -> None:
        """Remember it; what was chosen before is forgotten."""


class Subscriptions(Protocol):
    """What channels want to be told, and what people work on meanwhile."""

    def subscriptions(self) -> list[Subscription]:
        """All that people made, oldest first."""

    def subscribe(self, wanted: Subscription) -> None:
        """Store one; one of the same channel, project and kind is replaced."""

    def unsubscribe(self, subscription_id: int) -> bool:
        """End one; False where there was none."""

    def take_back(self, wanted: Subscription) -> None:
        """End the subscription of this channel, project and kind, if there is one."""

    def windows(self, now: datetime) -> list[Maintenance]:
        """The maintenance windows that are not over."""

    def begin(self, window: Maintenance) -> None:
        """Store a window; one of the same part is replaced."""

    def end(self, part: Part, name: str, now: datetime) -> bool:
        """End the maintenance of a part; False where there was none."""
