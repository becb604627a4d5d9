"""One call of the Web API as its methods see it: the workspace, and arguments that came as form fields or as JSON."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from playground.workspace.installation import Installation
from playground.workspace.refusal import Refused, invalid
from playground.workspace.state import State
from playground.workspace.values import Json

_FALSE = frozenset({"", "0", "false", "False", "none"})


@dataclass(frozen=True, slots=True)
class Arguments:
    """The arguments of a call. In a form every one is a string, in JSON it has its type."""

    given: Json

    def text(self, name: str) -> str:
        """A text that must be there. Raises Refused."""
        value = self.optional(name)
        if value is None:
            raise invalid("invalid_arguments", [f"missing required field: {name}"])
        return value

    def optional(self, name: str) -> str | None:
        """A text that may be absent."""
        value = self.given.get(name)
        if value is None or value == "":
            return None
        if isinstance(value, (dict, list)):
            raise invalid("invalid_arguments", [f"must be a string [json-pointer:/{name}]"])
        return str(value)

    def flag(self, name: str) -> bool:
        """A switch; absent is off."""
        return str(self.given.get(name, "")) not in _FALSE

    def whole(self, name: str, default: int) -> int:
        """A whole number. Raises Refused."""
        value = self.optional(name)
        try:
            return default if value is None else int(value)
        except ValueError:
            raise invalid("invalid_arguments", [f"must be an integer [json-pointer:/{name}]"]) from None

    def has(self, name: str) -> bool:
        """Whether the argument was given at all, empty or not."""
        return self.given.get(name) is not None

    def structure(self, name: str, error: str) -> Any:  # noqa: ANN401 it is what the caller sent
        """A list or an object, sent as such or as text in a form; None where it is absent. Raises Refused."""
        value = self.given.get(name)
        if isinstance(value, str):
            if not value:
                return None
            try:
                value = json.loads(value)
            except ValueError:
                raise Refused(error) from None
        return value

    def objects(self, name: str, error: str) -> list[Json] | None:
        """A list of objects; None where it is absent. Raises Refused."""
        value = self.structure(name, error)
        if value is not None and not (isinstance(value, list) and all(isinstance(item, dict) for item in value)):
            raise Refused(error)
        return value


@dataclass(frozen=True, slots=True)
class Call:
    """One call, allowed as far as tokens and scopes go."""

    state: State
    installation: Installation
    base_url: str
    args: Arguments


@dataclass(frozen=True, slots=True)
class Method:
    """A method of the Web API. One of the scopes in `needs` is enough; `app_token` methods take the xapp token."""

    run: Callable[[Call], Json]
    needs: tuple[str, ...] = ()
    app_token: bool = False
    open: bool = False
    """Whether it works without a token."""


def need(call: Call, scope: str) -> None:
    """Refuse the call where the app was not given a scope that depends on the arguments."""
    if scope not in call.installation.scopes:
        raise missing((scope,), call.installation)


def missing(needs: tuple[str, ...], installation: Installation) -> Refused:
    """The refusal for want of a scope."""
    return Refused("missing_scope", needed=",".join(needs), provided=",".join(sorted(installation.scopes)))


def page(call: Call, items: list[Json], *, default: int = 100) -> tuple[list[Json], str]:
    """One page of a list, as `cursor` and `limit` ask, and the cursor of the next."""
    limit = max(1, min(call.args.whole("limit", default), 1000))
    start = call.args.whole("cursor", 0)
    following = start + limit
    return items[start:following], str(following) if following < len(items) else ""
