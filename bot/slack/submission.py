"""A form that a person submitted, as a value. Bodies come from outside, so fields may be odd."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.slack.heard import Body, part


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """What stood in a modal when it was submitted."""

    user: str
    view_id: str
    about: str
    """What the form is about, as it was opened with."""
    fields: Mapping[str, str]
    """What was written or chosen, by the input's name; nothing is the empty text."""


def submission(body: Body) -> Submission:
    """The form in a `view_submission`."""
    view, user = part(body, "view"), part(body, "user")
    inputs = part(part(view, "state"), "values")
    return Submission(
        user=_text(user.get("id")),
        view_id=_text(view.get("id")),
        about=_text(view.get("private_metadata")),
        fields={name: _said(part(inputs, name)) for name in inputs},
    )


def _said(block: Mapping[str, Any]) -> str:
    """What the one input of a block says."""
    entry = next((each for each in block.values() if isinstance(each, Mapping)), {})
    return _text(entry.get("value")) or _text(part(entry, "selected_option").get("value"))


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
