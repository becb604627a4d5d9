"""Modals: what else fixed it, another wording for a fix, and that one is retired. A submission is acknowledged with
what the modal shows next, so these listeners acknowledge by themselves."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime

from slack_bolt import Ack
from slack_sdk import WebClient

from bot.domain.commands.button import Elsewise, Malformed, Verdict, read_elsewise, read_pick
from bot.domain.knowledge.suggestion import NearDuplicates, Thanks
from bot.domain.scope import Scope
from bot.rendering import Renderer
from bot.rendering.forms import EVERYWHERE
from bot.services.answers.answer import AnswerContext
from bot.services.errors import Undelivered
from bot.services.knowledge.suggest import Suggestion, editing, form_for, known_already, suggest, tidied
from bot.services.knowledge.vote import vote
from bot.services.replies import Refusal, Why
from bot.slack import heard
from bot.slack.errors import translated
from bot.slack.heard import Body, Heard, Pressed, Submitted
from bot.slack.listeners import Listeners

log = logging.getLogger(__name__)
_WHAT, _WHERE = "what", "where"


@dataclass(frozen=True, slots=True, kw_only=True)
class Behind:
    """The message behind a modal, to be edited once the modal is done. It travels as the modal's metadata."""

    value: str
    """What the button said that opened the modal."""
    channel: str
    ts: str | None
    response_url: str | None
    thread_ts: str | None
    private: bool
    text: str = ""
    """What was typed so far, where a second modal asks about it."""
    condition: str | None = None

    @classmethod
    def of(cls, pressed: Pressed) -> Behind:
        """The message whose button was pressed."""
        said = pressed.heard
        return cls(
            value=pressed.value,
            channel=said.channel,
            ts=pressed.message_ts,
            response_url=said.response_url,
            thread_ts=said.thread_ts,
            private=said.private,
        )

    @classmethod
    def read(cls, metadata: str) -> Behind:
        """From a modal's metadata. Raises Malformed."""
        try:
            return cls(**json.loads(metadata))
        except (ValueError, TypeError, RecursionError):
            raise Malformed("its modal is from another version of me") from None

    @property
    def metadata(self) -> str:
        """As a modal carries it."""
        return json.dumps(asdict(self), ensure_ascii=False, separators=(",", ":"))

    def heard(self, user: str) -> Heard:
        """That the person did something to the message."""
        return Heard(
            key="",
            user=user,
            channel=self.channel,
            response_url=self.response_url,
            thread_ts=self.thread_ts,
            private=self.private,
        )


def open_form(form: object, pressed: Pressed, listeners: Listeners) -> None:
    """Open a modal; or say to the person alone why not. Raises Undelivered."""
    if isinstance(form, Refusal):
        listeners.refuse(pressed, form)
        return
    view = listeners.renderer.form(form, metadata=Behind.of(pressed).metadata)
    with translated("opening a modal"):
        listeners.client.views_open(trigger_id=pressed.trigger_id, view=view)


@dataclass(frozen=True, slots=True, kw_only=True)
class Modals:
    """The listeners of modals and of the buttons that open them."""

    listeners: Listeners
    context: AnswerContext
    renderer: Renderer
    client: WebClient
    clock: Callable[[], datetime]

    def on_else(self, body: Body) -> None:
        """*Something else fixed it…*: the form."""
        pressed = heard.press(body)
        if not self.listeners.seen.first(pressed.heard.key):
            return
        try:
            about = read_elsewise(pressed.value).about
            form = form_for(about, self.context.sources.history, scope=self._scope)
        except Malformed as wrong:
            form = Refusal(Why.MALFORMED, str(wrong))
        open_form(form, pressed, self.listeners)

    def on_edit(self, body: Body) -> None:
        """*Edit…*: the form with the wording so far."""
        pressed = heard.press(body)
        if not self.listeners.seen.first(pressed.heard.key):
            return
        try:
            form = editing(read_pick(pressed.value).solution_id, self.context.sources.knowledge)
        except Malformed as wrong:
            form = Refusal(Why.MALFORMED, str(wrong))
        open_form(form, pressed, self.listeners)

    def on_retire(self, body: Body) -> None:
        """*Retire*, confirmed: the fix is offered no more, and the list is drawn again."""
        pressed = heard.press(body)
        if not self.listeners.seen.first(pressed.heard.key):
            return
        try:
            pick = read_pick(pressed.value)
        except Malformed as wrong:
            self.listeners.refuse(pressed, Refusal(Why.MALFORMED, str(wrong)))
            return
        by = pressed.heard.user
        if not self.context.sources.knowledge.retire(pick.solution_id, by=by, at=self.clock()):
            self.listeners.refuse(pressed, Refusal(Why.NO_SOLUTION))
            return
        self.listeners.redraw(pressed.heard, pressed.message_ts, pick.asked)

    def on_suggested(self, ack: Ack, body: Body) -> None:
        """The form came back: near-duplicates are offered first, unless the person has seen them."""
        said = heard.submission(body)
        try:
            behind = Behind.read(said.metadata)
            suggestion = self._suggestion(said, behind)
        except Malformed as wrong:
            ack(response_action="errors", errors={_WHAT: f"I cannot save this: {wrong}."})
            return
        if said.callback == "suggest" and (known := known_already(suggestion, self.context.sources.knowledge)):
            near = NearDuplicates(text=suggestion.text, condition=suggestion.condition, known=known)
            typed = Behind(**(asdict(behind) | {"text": suggestion.text, "condition": suggestion.condition}))
            ack(response_action="update", view=self.renderer.form(near, metadata=typed.metadata))
            return
        sources = self.context.sources
        saved = suggest(suggestion, sources.history, sources.knowledge, scope=self._scope, now=self.clock())
        if isinstance(saved, Refusal):
            ack(response_action="errors", errors={_WHAT: f"I cannot save this: {saved.detail or saved.why}."})
            return
        ack(response_action="clear")
        self._redraw(behind, said.user)

    def on_same(self, body: Body) -> None:
        """*That's it*: a vote for the known fix instead of a second one that says the same."""
        said = heard.submission(body)
        if not self.listeners.seen.first(said.key):
            return
        try:
            behind = Behind.read(said.metadata)
            about = read_elsewise(behind.value).about
        except Malformed as wrong:
            log.info("a vote by %s in a modal cannot be read: %s", said.user, wrong)
            return
        solution_id = int(said.pressed) if said.pressed.isdigit() else 0
        sources = self.context.sources
        verdict = Verdict(solution_id=solution_id, failure_id=about.failure_id, worked=True, asked="")
        refused = vote(verdict, sources.history, sources.knowledge, scope=self._scope, by=said.user, now=self.clock())
        known = sources.knowledge.solution(solution_id)
        if refused is not None or known is None:
            stale = Pressed(heard=behind.heard(said.user), value=said.pressed, message_ts=behind.ts)
            self.listeners.refuse(stale, refused or Refusal(Why.NO_SOLUTION))
            return
        with translated("thanking"):
            thanks = self.renderer.form(Thanks(known[0].description), metadata=behind.metadata)
            self.client.views_update(view_id=said.view_id, view=thanks)
        self._redraw(behind, said.user)

    def on_reworded(self, ack: Ack, body: Body) -> None:
        """Another wording: kept with who changed it."""
        said = heard.submission(body)
        try:
            behind = Behind.read(said.metadata)
            pick = read_pick(behind.value)
        except Malformed as wrong:
            ack(response_action="errors", errors={_WHAT: f"I cannot save this: {wrong}."})
            return
        knowledge = self.context.sources.knowledge
        text, condition = tidied(said.values.get(_WHAT, "")), _condition(said.values.get(_WHERE))
        if not text or not knowledge.edit(pick.solution_id, text, condition, by=said.user, at=self.clock()):
            ack(response_action="errors", errors={_WHAT: "Another fix says the same, or this one was retired."})
            return
        ack()
        self._redraw(behind, said.user)

    def _suggestion(self, said: Submitted, behind: Behind) -> Suggestion:
        return Suggestion(
            about=read_elsewise(behind.value).about,
            text=tidied(said.values.get(_WHAT) or behind.text),
            condition=_condition(said.values.get(_WHERE)) or behind.condition,
            by=said.user,
        )

    def _redraw(self, behind: Behind, user: str) -> None:
        """The message behind the modal with what is known now; that it cannot be reached any more harms nothing."""
        asked, shared_by = _asked(behind.value)
        try:
            self.listeners.redraw(behind.heard(user), behind.ts, asked, shared_by=shared_by)
        except Undelivered as error:
            log.info("a message behind a modal stays as it was: %s", error)

    @property
    def _scope(self) -> Scope:
        return Scope.of(self.context.allowed_projects)


def _asked(value: str) -> tuple[str, str | None]:
    try:
        elsewise: Elsewise = read_elsewise(value)
    except Malformed:
        return read_pick(value).asked, None
    return elsewise.asked, elsewise.shared_by


def _condition(chosen: str | None) -> str | None:
    return None if chosen in {None, "", EVERYWHERE} else chosen
