"""Renders a value with its Slack template into a Message."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bot.rendering import blocks, buttons, commands, modals, mrkdwn, words
from bot.rendering.fitting import fit
from bot.rendering.message import Message

_NO_WORDS = "…"
"""A summary of values that are empty themselves: Slack takes no empty text."""


def environment(directory: Path) -> Environment:
    """Jinja for Slack: no HTML, strict about what is missing, everything escaped that a template did not write."""
    made = Environment(
        loader=FileSystemLoader(directory),
        autoescape=False,  # noqa: S701 the output is JSON blocks of mrkdwn; `finalize` escapes for that
        undefined=StrictUndefined,
        finalize=mrkdwn.finalize,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.do"],
    )
    made.filters.update(words.FILTERS)
    made.filters.update(name=mrkdwn.name, plain=mrkdwn.plain, person=mrkdwn.person, group=mrkdwn.group)
    made.filters.update(channel=mrkdwn.channel, when=mrkdwn.when)
    everything = (blocks, buttons, modals, words, commands)
    for functions in (module.GLOBALS for module in everything):
        made.globals.update(functions)
    return made


def render(jinja: Environment, template: str, fields: dict[str, Any]) -> Message:
    """The message of a template. Raises BadTemplate and Jinja's errors: both are mistakes of ours."""
    made: list[dict[str, Any]] = []
    said: str | None = None
    colour: str | None = None
    for block in blocks.emitted(jinja, template, fields):
        if block["type"] == blocks.SUMMARY:
            said = block["text"]
        elif block["type"] == blocks.COLOUR:
            colour = block["colour"]
        else:
            made.append(block)
    if said is None:
        raise blocks.BadTemplate(f"slack/{template}.jinja has no summary")
    return Message(text=said or _NO_WORDS, blocks=fit(made, blocks.cut(jinja)), colour=colour)
