"""What a Slack template makes buttons and menus from. Each carries a value of `domain.commands.button`; a button that
could not do its work, since what it is about is not stored or its question is not known, is none and is left out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from msgspec import structs

from bot.domain.commands.button import (
    LONGEST_VALUE,
    Button,
    Elsewise,
    Handling,
    Pick,
    Question,
    RetoldVote,
    Revise,
    Same,
    Subject,
    Unsubscription,
    Vote,
    shortened,
    written,
)
from bot.domain.commands.command import ShowJob
from bot.domain.commands.grammar import words
from bot.domain.knowledge.fixes import Fixes
from bot.domain.knowledge.observed_fix import FixSeen
from bot.domain.knowledge.revision import Revised, Revision, undone
from bot.domain.knowledge.solution import Ranked
from bot.rendering.blocks import plain_text
from bot.rendering.message import Block
from bot.rendering.mrkdwn import plain
from bot.services.answers.explain_log import Explanation, retold
from bot.services.knowledge.revise import key_now

BUTTON_TEXT = 75
OPTIONS = 100
OPTION_VALUE = 150
CONFIRM = ("title", 100), ("text", 300), ("confirm", 30), ("deny", 30)
HANDLE = "incident"
"""The action of everything that is done to an incident."""


def made(
    label: str, action: str, button: Button | None, style: str | None = None, confirm: Sequence[str] = ()
) -> Block | None:
    """A button. `action` names the listener, `confirm` has the question, the consequence, and the words for yes and
    no. None where the value is longer than Slack allows."""
    value = action if button is None else written(button)
    if len(value) > LONGEST_VALUE:
        return None
    text = {"type": "plain_text", "text": plain(label, BUTTON_TEXT), "emoji": True}
    block: Block = {"type": "button", "action_id": action, "text": text, "value": value}
    if style is not None:
        block["style"] = style
    if confirm:
        block["confirm"] = {name: plain_text(said, most) for (name, most), said in zip(CONFIRM, confirm, strict=True)}
    return block


def plain_button(label: str, action: str) -> Block | None:
    """A button that says no more than that it was pressed."""
    return made(label, action, None)


def ask(label: str, asked: str, style: str | None = None) -> Block | None:
    """A button that answers a command, given in words, to the person who presses it."""
    return made(label, "ask", Question(asked=asked), style)


def asks(labels: Sequence[str], asked: Sequence[str]) -> list[Block | None]:
    """A button for each of these commands."""
    return [ask(label, words) for label, words in zip(labels, asked, strict=True)]


def share_button(label: str, asked: str | None, at: Any) -> Block | None:  # noqa: ANN401 a template's value
    """A button that posts the answer as it was at this moment to the channel; none where nothing was asked."""
    if asked is None:
        return None
    return made(label, "share", Question(asked=asked, at=None if at is None else at.timestamp()))


def vote(
    label: str, fixes: Fixes, one: Ranked, worked: object, *, asked: str | None, shared_by: str | None
) -> Block | None:
    """A button that says whether a solution helped, for the failure that the fixes are about."""
    if asked is None or one.solution.id is None:
        return None
    return _vote(label, one.solution.id, fixes.failure_id, asked, worked=bool(worked), shared_by=shared_by)


def vote_on_seen(label: str, seen: FixSeen, worked: object) -> Block | None:
    """A button with which the owner of a job says whether a fix that the bot saw did it."""
    return _vote(label, seen.solution_id, seen.failure_id, _story_of(seen), worked=bool(worked))


def something_else(label: str, fixes: Fixes, asked: str | None, shared_by: str | None) -> Block | None:
    """A button that opens the form for a fix that is not listed."""
    if asked is None:
        return None
    button = Elsewise(
        failure_type=fixes.failure_type,
        signature=fixes.signature,
        failure_id=fixes.failure_id,
        asked=asked,
        shared_by=shared_by,
    )
    return made(label, "else", button)


def something_else_than_seen(label: str, seen: FixSeen) -> Block | None:
    """A button for an owner who says that it was something else."""
    button = Elsewise(failure_type=seen.failure_type, failure_id=seen.failure_id, asked=_story_of(seen))
    return made(label, "else", button)


def pick(label: str, action: str, one: Ranked, asked: str | None, confirm: Sequence[str] = ()) -> Block | None:
    """A button that does something to a solution."""
    if asked is None or one.solution.id is None:
        return None
    return made(label, action, Pick(solution_id=one.solution.id, asked=asked), confirm=confirm)


def same(label: str, one: Ranked) -> Block | None:
    """A button of a modal: what was typed says the same as this solution."""
    return None if one.solution.id is None else made(label, "same", Same(solution_id=one.solution.id))


def about(
    label: str, action: str, subject: object, style: str | None = None, confirm: Sequence[str] = ()
) -> Block | None:
    """A button about one thing, given by its id."""
    return None if subject is None else made(label, action, Subject(subject=str(subject)), style, confirm)


def end_subscription(label: str, subscription_id: int | None) -> Block | None:
    """A button of the Home tab that ends a subscription."""
    if subscription_id is None:
        return None
    return made(label, "home_unsubscribe", Unsubscription(subscription_id=subscription_id))


def share_explanation(label: str, explanation: Explanation) -> Block | None:
    """A button that says the explanation of a pasted log to everybody, in the thread of the log. It carries what was
    said, since the log is kept nowhere."""
    return made(label, "explained_share", shortened(retold(explanation)))


def vote_on_explained(
    label: str, explanation: Explanation, one: Ranked, worked: object, shared_by: str | None
) -> Block | None:
    """A button that says whether a solution helped against what a pasted log shows."""
    if one.solution.id is None:
        return None
    said = structs.asdict(retold(explanation))
    button = RetoldVote(**said, solution_id=one.solution.id, worked=bool(worked), shared_by=shared_by)
    return made(label, "explained_worked" if worked else "explained_failed", shortened(button))


def revise(
    label: str, action: str, revision: Revision, by: str | None = None, style: str | None = None
) -> Block | None:
    """A button that makes a change to what people taught the bot, or declines it."""
    button = Revise(kind=revision.kind, key=revision.key, text=revision.text, condition=revision.condition, by=by)
    return made(label, action, button, style)


def undo(label: str, revised: Revised) -> Block | None:
    """A button that takes a change back; none where nothing does."""
    back = undone(revised.revision, revised.taught, key=key_now(revised.revision))
    return None if back is None else revise(label, "undo_revision", back)


def handle(label: str, incident_id: int | None, do: str, style: str | None = None) -> Block | None:
    """A button that does something to an incident."""
    return None if incident_id is None else made(label, HANDLE, Handling(incident_id=incident_id, do=do), style)


def handles(label: str, incident_id: int | None, choices: Mapping[str, str]) -> Block | None:
    """A menu of things to do to an incident: what is done, by its words. Without a label it is the overflow menu."""
    if incident_id is None:
        return None
    options = [
        option(written(Handling(incident_id=incident_id, do=do)), shown, BUTTON_TEXT) for do, shown in choices.items()
    ]
    if not label:
        return {"type": "overflow", "action_id": f"{HANDLE}:more", "options": options[:5]}
    placeholder = plain_text(label, BUTTON_TEXT)
    return {"type": "static_select", "action_id": f"{HANDLE}:menu", "placeholder": placeholder, "options": options}


def chooser(action: str, placeholder: str, options: Sequence[str], chosen: Sequence[str]) -> Block | None:
    """A menu that takes several of these names; none where there is nothing to choose. A name that could not be shown
    as it is, or is too long for Slack to give back, is left out."""
    offered = {name: option(name, name, BUTTON_TEXT) for name in options if name and plain(name, OPTION_VALUE) == name}
    if not offered:
        return None
    element: Block = {
        "type": "multi_static_select",
        "action_id": action,
        "placeholder": plain_text(placeholder, BUTTON_TEXT),
        "options": list(offered.values())[:OPTIONS],
    }
    initial = [each for name, each in offered.items() if name in chosen and each in element["options"]]
    return {**element, "initial_options": initial} if initial else element


def option(value: str, shown: str, most: int) -> Block:
    """One choice of a menu."""
    return {"text": plain_text(shown, most), "value": value}


def _vote(
    label: str, solution_id: int, failure_id: int | None, asked: str, *, worked: bool, shared_by: str | None = None
) -> Block | None:
    button = Vote(solution_id=solution_id, failure_id=failure_id, worked=worked, asked=asked, shared_by=shared_by)
    return made(label, "worked" if worked else "failed", button)


def _story_of(seen: FixSeen) -> str:
    return words(ShowJob(job=seen.job, project=seen.project))


GLOBALS: dict[str, Callable[..., Any]] = {
    each.__name__: each
    for each in (
        plain_button,
        ask,
        asks,
        share_button,
        vote,
        vote_on_seen,
        something_else,
        something_else_than_seen,
        pick,
        same,
        about,
        end_subscription,
        share_explanation,
        vote_on_explained,
        revise,
        undo,
        handle,
        handles,
        chooser,
    )
}
