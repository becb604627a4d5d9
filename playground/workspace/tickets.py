"""What Slack hands out for one interaction: a trigger id, good once and for 3 seconds, and a response_url, good five
times in 30 minutes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from playground.workspace.refusal import Refused

TRIGGER_LIFE = timedelta(seconds=3)
HOOK_LIFE = timedelta(minutes=30)
HOOK_USES = 5


@dataclass(slots=True, kw_only=True)
class Trigger:
    """The right to open a view for a person."""

    user: str
    issued: datetime
    used: bool = False


@dataclass(slots=True, kw_only=True)
class Hook:
    """A response_url. `source_ts` is the message a button was pressed in; `interaction` is what it answers."""

    user: str
    channel: str
    issued: datetime
    interaction: str
    source_ts: str | None = None
    uses: int = 0


class Tickets:
    """All that were handed out. The caller holds the workspace's lock."""

    def __init__(self) -> None:
        self._triggers: dict[str, Trigger] = {}
        self._hooks: dict[str, Hook] = {}

    def trigger(self, user: str, now: datetime) -> str:
        """A new trigger id."""
        key = f"{int(now.timestamp() * 1000)}.{len(self._triggers) + 1}.{'a' * 32}"
        self._triggers[key] = Trigger(user=user, issued=now)
        return key

    def exchange(self, key: str, now: datetime) -> str:
        """The person a trigger id is for; it is used up by this. Raises Refused."""
        trigger = self._triggers.get(key)
        if trigger is None:
            raise Refused("invalid_trigger_id")
        if now - trigger.issued > TRIGGER_LIFE:
            raise Refused("expired_trigger_id")
        if trigger.used:
            raise Refused("exchanged_trigger_id")
        trigger.used = True
        return trigger.user

    def hook(self, hook: Hook) -> str:
        """The path part of a new response_url."""
        key = f"H{len(self._hooks) + 1:08d}"
        self._hooks[key] = hook
        return key

    def answer(self, key: str, now: datetime) -> Hook:
        """The hook behind a response_url; one of its five uses is taken by this. Raises Refused."""
        hook = self._hooks.get(key)
        if hook is None:
            raise Refused("invalid_url", status=404)
        if now - hook.issued > HOOK_LIFE:
            raise Refused("expired_url", status=404)
        if hook.uses >= HOOK_USES:
            raise Refused("used_url", status=404)
        hook.uses += 1
        return hook
