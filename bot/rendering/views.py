"""What a Slack template builds a modal from: its frame, and the inputs that a person fills in; and the buttons that
open one. The blocks of messages work here too."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from jinja2 import Environment

from bot.domain.commands.button import subject_value
from bot.domain.diagnosis.organisation import OrganisationSignature
from bot.rendering import blocks
from bot.rendering.blocks import plain_text
from bot.rendering.message import Block
from bot.rendering.mrkdwn import Mrkdwn, plain

View = dict[str, Any]

TITLE_TEXT = 24
LABEL_TEXT = 75
HINT_TEXT = 150
_FRAME = "modal"


def modal(title: str, submit: str = "", callback: str = "", about: object = "") -> Mrkdwn:
    """The frame of a modal: `callback` names the listener of its form, `about` is what the form is about."""
    view: View = {
        "type": _FRAME,
        "title": plain_text(title, TITLE_TEXT),
        "close": plain_text("Close", TITLE_TEXT),
    }
    if submit:
        view |= {
            "submit": plain_text(submit, TITLE_TEXT),
            "callback_id": callback,
            "private_metadata": str(about),
        }
    return blocks.emit(view)


def text_field(
    field: str,
    label: str,
    most: int,
    *,
    hint: str = "",
    initial: str = "",
    multiline: bool = False,
    optional: bool = False,
) -> Mrkdwn:
    """A line, or several, of at most so many characters."""
    element: Block = {
        "type": "plain_text_input",
        "action_id": field,
        "multiline": multiline,
        "max_length": most,
    }
    if initial:
        element["initial_value"] = plain(initial, most)
    return _input(field, label, element, hint=hint, optional=optional)


def select_input(field: str, label: str, choices: Mapping[str, str]) -> Mrkdwn:
    """One of these: what is reported, by its words."""
    options = [{"text": plain_text(words, LABEL_TEXT), "value": value} for value, words in choices.items()]
    return _input(field, label, {"type": "static_select", "action_id": field, "options": options})


def name_button(label: str, failure_id: int | None) -> Block | None:
    """A button that opens the form to name the group of a failure; none where it cannot be named."""
    return None if failure_id is None else blocks.button(label, "name", subject_value(str(failure_id)))


def named_buttons(signature: OrganisationSignature) -> tuple[Block | None, ...]:
    """Buttons that rename a named cause, or take its name back."""
    rename = blocks.button(f"Rename {plain(signature.name, 40)}…", "rename", subject_value(signature.id))
    retire = blocks.button("Retire", "unname", subject_value(signature.id), style="danger")
    if retire is not None:
        retire["confirm"] = {
            "title": plain_text(f"Retire {signature.name}?", 100),
            "text": plain_text("Its failures are unknown again, and new ones are no longer recognised.", 300),
            "confirm": plain_text("Retire", 30),
            "deny": plain_text("Keep it", 30),
        }
    return rename, retire


GLOBALS: dict[str, Callable[..., Any]] = {
    "modal": modal,
    "text_field": text_field,
    "select_input": select_input,
    "name_button": name_button,
    "named_buttons": named_buttons,
}


def render(jinja: Environment, template: str, fields: dict[str, Any]) -> View:
    """The modal of a template. Raises BadTemplate, Jinja's errors, and StopIteration where it has no frame: mistakes
    of ours."""
    made = list(blocks.emitted(jinja, f"views/{template}", fields))
    frame = next(block for block in made if block["type"] == _FRAME)
    return frame | {"blocks": [block for block in made if block is not frame]}


def _input(field: str, label: str, element: Block, *, hint: str = "", optional: bool = False) -> Mrkdwn:
    block: Block = {
        "type": "input",
        "block_id": field,
        "label": plain_text(label, LABEL_TEXT),
        "element": element,
        "optional": optional,
    }
    return blocks.emit(block | {"hint": plain_text(hint, HINT_TEXT)} if hint else block)
