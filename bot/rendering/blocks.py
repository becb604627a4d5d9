"""What a Slack template builds its message from: each of these globals emits one block between record separators.

`{% call section() %}` and its like take mrkdwn from the template's text; everything given as an argument is plain. Each
keeps to Slack's own limits, so that no value from outside can make a message that Slack refuses.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from jinja2 import Environment

from bot.domain.commands.button import (
    LONGEST_VALUE,
    Elsewise,
    Handling,
    Pick,
    Question,
    Verdict,
    elsewise_value,
    handling_value,
    pick_value,
    question_value,
    verdict_value,
)
from bot.domain.commands.command import ShowJob
from bot.domain.commands.grammar import words
from bot.domain.knowledge.fixes import Fixes
from bot.domain.knowledge.observed_fix import FixSeen
from bot.domain.knowledge.solution import Ranked
from bot.domain.knowledge.suggestion import About
from bot.rendering.message import Block, preformatted
from bot.rendering.mrkdwn import Mrkdwn, block_text, clip, lines, plain

SEPARATOR = "\x1e"
SUMMARY = "summary"
"""The pseudo-block that carries the message's `text`."""
COLOUR = "colour"
"""The pseudo-block that carries the colour of the message's bar."""
SECTION_TEXT = 3000
SUMMARY_TEXT = 1000
CONTEXT_TEXT = 1000
BUTTON_TEXT = 75
CODE_TEXT = 2500
CELL_TEXT = 60
CHART_TITLE = 50
CHART_LABEL = 20
TABLE_ROWS = 40
TABLE_COLUMNS = 20
BUTTONS = 25
OPTIONS = 100
OPTION_VALUE = 150
HANDLE = "incident"
"""The action of everything that is done to an incident."""


class BadTemplate(Exception):
    """A template that does not make a message: text outside of its blocks, or no summary."""


def emitted(jinja: Environment, template: str, fields: Mapping[str, object]) -> Iterator[Block]:
    """The blocks of a Slack template, pseudo-blocks included. Raises BadTemplate and Jinja's errors."""
    pieces = jinja.get_template(f"slack/{template}.jinja").render(fields).split(SEPARATOR)
    for place, piece in enumerate(pieces):
        if place % 2:
            yield json.loads(piece)
        elif piece.strip():
            raise BadTemplate(f"slack/{template}.jinja has text outside of its blocks: {piece.strip()[:80]!r}")


Caller = Callable[[], str]


def summary(caller: Caller) -> Mrkdwn:
    """The message in one line, for notifications and screen readers."""
    return emit({"type": SUMMARY, "text": clip(" ".join(lines(caller()).split()), SUMMARY_TEXT)})


def section(caller: Caller, accessory: object = None) -> Mrkdwn:
    """A paragraph, with a button beside it (what is none is left out). One without text is left out."""
    text = clip(lines(caller()), SECTION_TEXT)
    block = {"type": "section", "text": {"type": "mrkdwn", "text": text}}
    return emit({**block, "accessory": accessory} if isinstance(accessory, dict) else block) if text else Mrkdwn("")


def context(caller: Caller) -> Mrkdwn:
    """Small print. Without text it is left out."""
    text = clip(lines(caller()), CONTEXT_TEXT)
    return emit({"type": "context", "elements": [{"type": "mrkdwn", "text": text}]}) if text else Mrkdwn("")


def code(text: object) -> Mrkdwn:
    """Log lines, exactly as they are; the end of them, where they are long."""
    return emit(preformatted(block_text(text, CODE_TEXT)))


def divider() -> Mrkdwn:
    """A line across."""
    return emit({"type": "divider"})


def actions(*buttons: object) -> Mrkdwn:
    """A row of buttons; what is none (a condition of the template that does not hold) is left out."""
    shown = [each for each in buttons if isinstance(each, dict)]
    return emit({"type": "actions", "elements": shown[:BUTTONS]}) if shown else Mrkdwn("")


def table(headings: Sequence[str], rows: Sequence[Sequence[object]]) -> Mrkdwn:
    """A table of plain text: what is no text is set to the right. Rows beyond the limit are left out."""
    if not rows:
        return Mrkdwn("")
    width = min(len(headings), TABLE_COLUMNS)
    numbers = [not isinstance(cell, str) for cell in rows[0][:width]]
    shown = [headings, *rows[:TABLE_ROWS]]
    return emit(
        {
            "type": "table",
            "column_settings": [{"align": "right" if number else "left"} for number in numbers],
            "rows": [[_cell(cell) for cell in row[:width]] for row in shown],
        }
    )


def chart(title: str, series: Mapping[str, Sequence[float]], categories: Sequence[str], unit: str) -> Mrkdwn:
    """Bars side by side; `title` says what they show, and is all that is left where a workspace knows no charts."""
    names = [plain(name, CHART_LABEL) for name in categories]
    drawn = [
        {
            "name": plain(name, CHART_LABEL),
            "data": [{"label": label, "value": value} for label, value in zip(names, values, strict=False)],
        }
        for name, values in series.items()
    ]
    axes = {"categories": names, "x_label": "Day", "y_label": unit}
    body = {"type": "bar", "series": drawn, "axis_config": axes}
    return emit({"type": "data_visualization", "title": plain(title, CHART_TITLE), "chart": body})


def button(label: str, action: str, value: str, style: str | None = None) -> Block | None:
    """A button. `action` names the listener. None, so no button, where the value is longer than Slack allows."""
    if len(value) > LONGEST_VALUE:
        return None
    text = {"type": "plain_text", "text": plain(label, BUTTON_TEXT), "emoji": True}
    made = {"type": "button", "action_id": action, "text": text, "value": value}
    return made if style is None else {**made, "style": style}


def colour(value: str) -> Mrkdwn:
    """The colour of the bar beside the message. A word has to say the same."""
    return emit({"type": COLOUR, "colour": value})


def handle(label: str, incident_id: int | None, do: str, style: str | None = None) -> Block | None:
    """A button that does something to an incident; none for one that is not stored."""
    if incident_id is None:
        return None
    return button(label, HANDLE, handling_value(Handling(incident_id=incident_id, do=do)), style)


def handles(label: str, incident_id: int | None, choices: Mapping[str, str]) -> Block | None:
    """A menu of things to do to an incident: what is done, by its words. Without a label it is the overflow menu."""
    if incident_id is None:
        return None
    options = [
        {
            "text": {"type": "plain_text", "text": plain(words, BUTTON_TEXT)},
            "value": handling_value(Handling(incident_id=incident_id, do=do)),
        }
        for do, words in choices.items()
    ]
    if not label:
        return {"type": "overflow", "action_id": f"{HANDLE}:more", "options": options[:5]}
    placeholder = {"type": "plain_text", "text": plain(label, BUTTON_TEXT)}
    return {"type": "static_select", "action_id": f"{HANDLE}:menu", "placeholder": placeholder, "options": options}


def chooser(action: str, placeholder: str, options: Sequence[str], chosen: Sequence[str]) -> Block | None:
    """A menu that takes several of these names; none where there is nothing to choose. A name that could not be shown
    as it is, or is too long for Slack to give back, is left out."""
    offered = {name: _named_option(name) for name in options if name and plain(name, OPTION_VALUE) == name}
    if not offered:
        return None
    element: Block = {
        "type": "multi_static_select",
        "action_id": action,
        "placeholder": plain_text(placeholder, BUTTON_TEXT),
        "options": list(offered.values())[:OPTIONS],
    }
    initial = [option for name, option in offered.items() if name in chosen and option in element["options"]]
    return {**element, "initial_options": initial} if initial else element


def _named_option(name: str) -> Block:
    return {"text": plain_text(name, BUTTON_TEXT), "value": name}


def ask(label: str, asked: str, style: str | None = None) -> Block | None:
    """A button that answers a command, given in words, to the person who presses it."""
    return button(label, "ask", question_value(Question(asked=asked)), style)


def asks(labels: Sequence[str], asked: Sequence[str]) -> list[Block | None]:
    """A button for each of these commands."""
    return [ask(label, words) for label, words in zip(labels, asked, strict=True)]


def share_button(label: str, asked: str | None, at: Any) -> Block | None:  # noqa: ANN401 a template's value
    """A button that posts the answer as it was at this moment to the channel; none where nothing was asked."""
    return None if asked is None else button(label, "share", question_value(Question(asked=asked, at=at)))


def say(label: str, verdict: Verdict | None) -> Block | None:
    """A button that says whether a solution helped; none where the answer could not be drawn again."""
    if verdict is None:
        return None
    return button(label, "worked" if verdict.worked else "failed", verdict_value(verdict))


def verdict(fixes: Fixes, one: Ranked, worked: object, asked: str | None, shared_by: str | None) -> Verdict | None:
    """What such a button says of a solution for the failure that the fixes are about."""
    if asked is None or one.solution.id is None:
        return None
    return Verdict(
        solution_id=one.solution.id,
        failure_id=fixes.failure_id,
        worked=bool(worked),
        asked=asked,
        shared_by=shared_by,
    )


def something_else(fixes: Fixes, asked: str | None, shared_by: str | None) -> Block | None:
    """A button that opens the form for a fix that is not listed; none where the answer could not be drawn again."""
    if asked is None:
        return None
    about = About(failure_type=fixes.failure_type, signature=fixes.signature, failure_id=fixes.failure_id)
    value = elsewise_value(Elsewise(about=about, asked=asked, shared_by=shared_by))
    return button("Something else fixed it…", "else", value)


def seen_verdict(seen: FixSeen, worked: object) -> Verdict:
    """What the owner of a job says of a fix that the bot saw."""
    return Verdict(solution_id=seen.solution_id, failure_id=seen.failure_id, worked=bool(worked), asked=_story_of(seen))


def seen_something_else(seen: FixSeen) -> Block | None:
    """A button for an owner who says that it was something else."""
    about = About(failure_type=seen.failure_type, failure_id=seen.failure_id)
    return button("No, something else…", "else", elsewise_value(Elsewise(about=about, asked=_story_of(seen))))


def _story_of(seen: FixSeen) -> str:
    return words(ShowJob(job=seen.job, project=seen.project))


def pick(label: str, action: str, one: Ranked, asked: str | None, confirm: Sequence[str] = ()) -> Block | None:
    """A button that does something to a solution; `confirm` has the question, the consequence and the word for it."""
    if asked is None or one.solution.id is None:
        return None
    made = button(label, action, pick_value(Pick(solution_id=one.solution.id, asked=asked)))
    if made is None or not confirm:
        return made
    title, text, yes = (plain(each, most) for each, most in zip(confirm, (100, 300, 30), strict=True))
    return {
        **made,
        "confirm": {
            "title": {"type": "plain_text", "text": title},
            "text": {"type": "plain_text", "text": text},
            "confirm": {"type": "plain_text", "text": yes},
            "deny": {"type": "plain_text", "text": "Cancel"},
        },
    }


GLOBALS: dict[str, Callable[..., Any]] = {
    "summary": summary,
    "section": section,
    "context": context,
    "code": code,
    "divider": divider,
    "actions": actions,
    "table": table,
    "ask": ask,
    "asks": asks,
    "chart": chart,
    "plain_button": button,
    "colour": colour,
    "handle": handle,
    "handles": handles,
    "chooser": chooser,
    "share_button": share_button,
    "button": button,
    "say": say,
    "verdict": verdict,
    "something_else": something_else,
    "seen_verdict": seen_verdict,
    "seen_something_else": seen_something_else,
    "pick": pick,
}


def _cell(value: object) -> Block:
    return {"type": "raw_text", "text": plain(value, CELL_TEXT)}


def plain_text(text: str, most: int) -> Block:
    """A text of at most so many characters that Slack shows as it is."""
    return {"type": "plain_text", "text": plain(text, most)}


def emit(block: Block) -> Mrkdwn:
    """A block as text between record separators, for `emitted` to find."""
    return Mrkdwn(f"{SEPARATOR}{json.dumps(block, ensure_ascii=False)}{SEPARATOR}")
