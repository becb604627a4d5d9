"""What a Slack template builds a modal from: its frame, and the inputs that a person fills in. The blocks and buttons
of messages work here too."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from jinja2 import Environment

from bot.rendering.blocks import BadTemplate, cut, emit, emitted, plain_text
from bot.rendering.buttons import OPTION_VALUE, OPTIONS, option
from bot.rendering.fitting import fit
from bot.rendering.message import Block
from bot.rendering.mrkdwn import Mrkdwn, plain

View = dict[str, Any]

_FRAME = "modal"
"""The pseudo-block that carries the modal's title and buttons."""
TITLE_TEXT, LABEL_TEXT, HINT_TEXT, OPTION_TEXT = 24, 100, 150, 75


def modal(title: str, callback: str = "", submit: str | None = None, close: str = "Close") -> Mrkdwn:
    """What the modal is called, and which listener takes what is filled in; without `submit` nothing can be."""
    frame: View = {
        "type": _FRAME,
        "title": plain_text(title, TITLE_TEXT),
        "close": plain_text(close, TITLE_TEXT),
    }
    if submit is not None:
        frame |= {"callback_id": callback, "submit": plain_text(submit, TITLE_TEXT)}
    return emit(frame)


def text_input(
    name: str,
    label: str,
    *,
    initial: str = "",
    hint: str = "",
    shortest: int = 0,
    most: int = 300,
    multiline: bool = True,
    optional: bool = False,
) -> Mrkdwn:
    """A field for text of so many characters; its block and its action are both called `name`."""
    element: Block = {
        "type": "plain_text_input",
        "action_id": name,
        "multiline": multiline,
        "min_length": shortest,
        "max_length": most,
    }
    if initial:
        element["initial_value"] = plain(initial, most)
    return _input(name, label, element, hint=hint, optional=optional)


def choice(name: str, label: str, options: Sequence[Sequence[str]], *, initial: str | None = None) -> Mrkdwn:
    """A menu: what is reported, with its words. An option that is too long for Slack to give back is left out."""
    offered = [option(value, shown, OPTION_TEXT) for value, shown in options if 0 < len(value) <= OPTION_VALUE]
    element = {"type": "static_select", "action_id": name, "options": offered[:OPTIONS]}
    chosen = next((each for each in offered if each["value"] == initial), None)
    return _input(name, label, element if chosen is None else {**element, "initial_option": chosen})


def reasons(name: str, label: str, options: Mapping[str, Sequence[str]]) -> Mrkdwn:
    """One of a few answers, each with what follows from it: value to words and consequence."""
    offered = [
        {**option(value, shown, OPTION_TEXT), "description": plain_text(consequence, OPTION_TEXT)}
        for value, (shown, consequence) in options.items()
    ]
    return _input(name, label, {"type": "radio_buttons", "action_id": name, "options": offered})


GLOBALS: dict[str, Callable[..., Any]] = {each.__name__: each for each in (modal, text_input, choice, reasons)}


def render(jinja: Environment, template: str, fields: Mapping[str, object], *, metadata: str) -> View:
    """The modal of a template. Raises BadTemplate and Jinja's errors: both are mistakes of ours."""
    made = list(emitted(jinja, f"modals/{template}", fields))
    frame = next((block for block in made if block["type"] == _FRAME), None)
    if frame is None:
        raise BadTemplate(f"slack/modals/{template}.jinja has no frame")
    shown = fit([block for block in made if block is not frame], cut(jinja))
    return {**frame, "private_metadata": metadata, "blocks": list(shown)}


def _input(name: str, label: str, element: Block, *, hint: str = "", optional: bool = False) -> Mrkdwn:
    block: Block = {"type": "input", "block_id": name, "label": plain_text(label, LABEL_TEXT), "element": element}
    if hint:
        block["hint"] = plain_text(hint, HINT_TEXT)
    return emit({**block, "optional": True} if optional else block)
