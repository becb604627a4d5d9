"""The one error of this peer: a request that Slack would refuse, with Slack's own name for why."""

from __future__ import annotations

from collections.abc import Sequence

from playground.workspace.values import Json


class Refused(Exception):
    """A Web API call that is answered with `ok: false`. `more` are further fields of the answer."""

    def __init__(self, error: str, *, status: int = 200, retry_after: int | None = None, **more: object) -> None:
        super().__init__(error)
        self.error = error
        self.status = status
        self.retry_after = retry_after
        self.more = more

    @property
    def details(self) -> tuple[str, ...]:
        """What is wrong, place by place, where it is known."""
        errors = self.more.get("errors")
        return tuple(str(one) for one in errors) if isinstance(errors, list) else ()

    def answer(self) -> Json:
        """The body of the answer."""
        return {"ok": False, "error": self.error, **self.more}


def invalid(error: str, messages: Sequence[str]) -> Refused:
    """A refusal that says what is wrong, place by place, as Slack does."""
    marked = [f"[ERROR] {message}" for message in messages]
    return Refused(error, errors=list(messages), response_metadata={"messages": marked})
