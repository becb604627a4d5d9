"""What telling people needs: a store of incidents, and ways to reach people. What they were told is in `notices`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from bot.domain.incidents.card import IncidentCard
from bot.domain.incidents.detect import FailureGroup
from bot.domain.incidents.incident import Incident, Step
from bot.domain.incidents.lifecycle import Transition
from bot.domain.incidents.maintenance import Maintenance, MaintenanceKind
from bot.domain.incidents.notify import Decision, Kept
from bot.domain.incidents.subscription import Subscription
from bot.domain.scope import Scope


class Messenger(Protocol):
    """Says things in Slack. `value` is any value that has a template."""

    def post(
        self, channel: str, value: object, *, key: str, thread: str | None = None, reply_broadcast: bool = False
    ) -> str:
        """Post a new message and return its ts. `key` travels as metadata. With `thread`, the ts of another message,
        it goes into that one's thread; `reply_broadcast` shows it in the channel too. Raises Undelivered."""

    def update(self, channel: str, ts: str, value: object) -> None:
        """Edit a message in place. Raises Undelivered."""

    def find(self, channel: str, key: str, since: datetime, *, thread: str | None = None) -> str | None:
        """The ts of our own message with this key, posted since then, in the channel or in a thread; None if there is
        none (a crash between speaking and noting leaves one). Raises Undelivered."""


class PagerEvent(StrEnum):
    """What a pager is told of an incident."""

    TRIGGER = "trigger"
    ACKNOWLEDGE = "acknowledge"
    RESOLVE = "resolve"


class Pager(Protocol):
    """Calls people who are on call."""

    def send(self, page: PagerEvent, card: IncidentCard, *, key: str) -> None:
        """Send one event; events of one key are one alert there. Raises Undelivered."""


class Mailer(Protocol):
    """Mails values that have a template for mail."""

    def send(self, to: str, value: object, *, key: str, at: datetime) -> None:
        """Mail a value to one address; the same key again is the same message to mail programs. Raises Undelivered."""


class Incidents(Protocol):
    """The incidents, and why people were told of them or not. Changes are decided inside of one transaction. Every
    question has a Scope: an incident of one project is seen where that is, one of all projects where all that were
    looked at are: those that the scope allowed when it was observed last. Of a scope only the projects that may be seen
    at all matter here."""

    def observe(
        self,
        scope: Scope,
        keys: Sequence[str],
        apply: Callable[[Sequence[Incident]], Sequence[Transition]],
        *,
        now: datetime,
    ) -> None:
        """Give `apply` all live incidents that are seen, and those under these keys, and write what it makes of them;
        what stands under the keys was made from the projects that this scope allows."""

    def change(
        self, scope: Scope, incident_id: int, apply: Callable[[Incident], Transition], *, now: datetime
    ) -> Transition | None:
        """Change one incident; None where none is seen."""

    def live(self, scope: Scope, *, ended_since: datetime) -> list[Incident]:
        """All incidents that are not resolved, and those that ended since; the oldest first."""

    def incident(self, scope: Scope, incident_id: int) -> Incident | None:
        """One incident by its number."""

    def steps(self, scope: Scope, incident_ids: Iterable[int]) -> dict[int, list[Step]]:
        """The steps of these incidents, in their order; of one that is not seen, and of the time when it was made from
        more than may be seen now, none."""

    def keep(self, decisions: Sequence[tuple[int, str, Decision]], *, now: datetime) -> None:
        """Keep what was decided: incident, channel, decision. The same one again is counted."""

    def kept(self, scope: Scope, incident_id: int, limit: int = 50) -> list[Kept]:
        """The newest decisions about an incident, oldest first."""

    def failure_groups(self, scope: Scope, since: datetime, settled: datetime) -> list[FailureGroup]:
        """Unresolved failures that began since then, by cluster, project and cause; victims of a gang left out, and
        those that began after `settled` and have no signature yet."""


class Homes(Protocol):
    """What people want to see on their Home tab."""

    def chosen(self, scope: Scope, user: str) -> tuple[str, ...]:
        """The projects that one person chose, as far as the scope may see them; nothing where they never did."""

    def choose(self, user: str, projects: Sequence[str]) -> None:
        """Remember it; what was chosen before is forgotten."""


class Subscriptions(Protocol):
    """What channels want to be told, and what people work on meanwhile. Every question has a Scope: what names a
    project is seen where that is."""

    def subscriptions(self, scope: Scope) -> list[Subscription]:
        """All that people made, oldest first."""

    def subscribe(self, wanted: Subscription) -> None:
        """Store one; one of the same channel, project and kind is replaced."""

    def unsubscribe(self, scope: Scope, subscription_id: int) -> bool:
        """End one; False where none is seen."""

    def take_back(self, wanted: Subscription) -> None:
        """End the subscription of this channel, project and kind, if there is one."""

    def windows(self, scope: Scope, now: datetime) -> list[Maintenance]:
        """The maintenance windows that are not over."""

    def begin(self, window: Maintenance) -> None:
        """Store a window; one of the same part is replaced."""

    def end(self, scope: Scope, part: MaintenanceKind, name: str, now: datetime) -> bool:
        """End the maintenance of a part; False where none is seen."""
