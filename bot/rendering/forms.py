"""Modals from templates: the same blocks as messages, with inputs, a title and the words of its buttons."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from jinja2 import Environment

from bot.rendering.blocks import BadTemplate, emit, emitted, plain_text
from bot.rendering.fitting import fit
from bot.rendering.message import Block
from bot.rendering.mrkdwn import Mrkdwn, plain

FORM = "form"
"""The pseudo-block that carries the modal's title and buttons."""
EVERYWHERE = "everywhere"
_TITLE, _BUTTON, _LABEL, _HINT, _OPTION, _OPTION_VALUE = 24, 24, 100, 150, 75, 150

View = dict[str, Any]


def form(callback: str, title: str, submit: str | None = None, close: str = "Cancel") -> Mrkdwn:
    """What the modal is called, and which listener takes what is filled in."""
    return emit({"type": FORM, "callback": callback, "title": title, "submit": submit, "close": close})


def text_input(
    name: str, label: str, *, initial: str = "", hint: str = "", shortest: int = 1, most: int = 300
) -> Mrkdwn:
    """A field for text; its block and its action are both called `name`."""
    element: Block = {
        "type": "plain_text_input",
        "action_id": name,
        "multiline": True,
        "min_length": shortest,
        "max_length": most,
    }
    if initial:
        element["initial_value"] = plain(initial, most)
    made: Block = {"type": "input", "block_id": name, "label": plain_text(label, _LABEL), "element": element}
    return emit(made if not hint else {**made, "hint": plain_text(hint, _HINT)})


def choice(name: str, label: str, options: Sequence[str], *, initial: str | None = None) -> Mrkdwn:
    """A menu whose first option is everywhere. An option too long for Slack to give back is left out."""
    offered = [_option(EVERYWHERE, "Everywhere")]
    offered += [_option(each, f"Only where {each.replace('=', ' is ', 1)}") for each in options if _fits(each)]
    chosen = next((each for each in offered if each["value"] == initial), offered[0])
    element = {"type": "static_select", "action_id": name, "options": offered[:100], "initial_option": chosen}
    return emit({"type": "input", "block_id": name, "label": plain_text(label, _LABEL), "element": element})


def reasons(name: str, label: str, options: Mapping[str, Sequence[str]]) -> Mrkdwn:
    """One of a few answers, each with what follows from it: value to words and consequence."""
    offered = [
        {**_option(value, words), "description": plain_text(consequence, _OPTION)}
        for value, (words, consequence) in options.items()
    ]
    element = {"type": "radio_buttons", "action_id": name, "options": offered}
    return emit({"type": "input", "block_id": name, "label": plain_text(label, _LABEL), "element": element})


GLOBALS: dict[str, Callable[..., Any]] = {
    "form": form,
    "text_input": text_input,
    "choice": choice,
    "reasons": reasons,
}


def render(jinja: Environment, template: str, fields: Mapping[str, object], *, metadata: str) -> View:
    """The modal of a template. Raises BadTemplate and Jinja's errors: both are mistakes of ours."""
    made = list(emitted(jinja, f"forms/{template}", fields))
    said = next((block for block in made if block["type"] == FORM), None)
    if said is None:
        raise BadTemplate(f"slack/forms/{template}.jinja says no form")
    view = {
        "type": "modal",
        "callback_id": said["callback"],
        "title": plain_text(said["title"], _TITLE),
        "close": plain_text(said["close"], _BUTTON),
        "private_metadata": metadata,
        "blocks": list(fit([block for block in made if block is not said])),
    }
    return view if said["submit"] is None else {**view, "submit": plain_text(said["submit"], _BUTTON)}


def _fits(option: str) -> bool:
    return 0 < len(option) <= _OPTION_VALUE


def _option(value: str, label: str) -> Block:
    return {"text": plain_text(label, _OPTION), "value": value}
