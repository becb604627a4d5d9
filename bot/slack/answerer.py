"""What all listeners answer with: the message that answers a command, the place where it goes, and what is said when
something is refused or goes wrong."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from secrets import token_hex
from threading import Timer

from slack_bolt import Ack, BoltResponse
from slack_sdk import WebClient

from bot.domain.commands.command import Command
from bot.domain.commands.grammar import read, words
from bot.domain.scope import Scope
from bot.rendering import Message, Renderer
from bot.services.answers.answer import AnswerContext, Asking, answer
from bot.services.errors import Unavailable, Undelivered
from bot.services.replies import Refusal, Trouble, TroubleKind, Working
from bot.slack import heard
from bot.slack.body import Body
from bot.slack.delivery import delivered, posted
from bot.slack.errors import translated
from bot.slack.heard import Heard, Pressed
from bot.slack.modals import Behind
from bot.slack.people import People
from bot.slack.respond import Alone, Conversation, Edit, Reply

log = logging.getLogger(__name__)

PATIENCE = 1.0
"""Seconds after which a person is told that it takes a while."""
_KINDS = ((Undelivered, TroubleKind.SLACK), (Unavailable, TroubleKind.STORE), (Exception, TroubleKind.BUG))
"""What a person is told of an error, by the first kind that it is of."""
_FORM = "view_submission"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answerer:
    """What answers are made from, and the workspace that reads them."""

    context: AnswerContext
    renderer: Renderer
    client: WebClient
    people: People
    clock: Callable[[], datetime]
    patience: float = PATIENCE

    @property
    def scope(self) -> Scope:
        """What this installation may show."""
        return Scope.of(self.context.allowed_projects)

    def asking(self, said: Heard, at: datetime | None = None) -> Asking:
        """Who asks, and when: now, or at an earlier moment."""
        now = self.clock()
        zone = self.people.time_zone(said.user, now=now)
        return Asking(user=said.user, channel=said.channel, time_zone=zone, now=min(at or now, now))

    def reply(self, said: Heard) -> Reply:
        """Where an answer to this goes."""
        if said.response_url is not None:
            return Alone(said.response_url, thread_ts=said.thread_ts)
        return Conversation(self.client, said.channel, thread_ts=said.thread_ts)

    def say(self, said: Heard, value: object, *, time_zone: str | None = None) -> None:
        """Answer with a value that has a template. Raises Undelivered."""
        self.reply(said).say(self.renderer.slack(value, time_zone=time_zone))

    def announce(self, channel: str, value: object) -> None:
        """Say to everybody in a channel what was done there; that the bot may not speak there harms nothing."""

        def send(message: Message) -> None:
            with translated(f"announcing in {channel}"):
                self.client.chat_postMessage(channel=channel, **posted(message))

        try:
            delivered(self.renderer.slack(value), send)
        except Undelivered as error:
            log.warning("a channel was not told what was done there: %s", error)

    def refuse(self, said: Heard, refusal: Refusal) -> None:
        """Tell the person why nothing was done. Raises Undelivered."""
        log.info("%s was refused: %s %s", said.user, refusal.why, refusal.detail)
        self.say(said, refusal)

    def drawn(
        self, command: Command, asking: Asking, *, private: bool = False, shared_by: str | None = None
    ) -> Message:
        """The message that answers a command."""
        value = answer(command, asking, self.context)
        return self.rendered(value, command, asking, private=private, shared_by=shared_by)

    def rendered(
        self, value: object, command: Command, asking: Asking, *, private: bool = False, shared_by: str | None = None
    ) -> Message:
        """The message that says what a command was answered with."""
        return self.renderer.slack(
            value,
            asked=words(command),
            at=asking.now,
            time_zone=asking.time_zone,
            private=private,
            shared_by=shared_by,
            voter=asking.user,
        )

    def redraw(self, said: Heard, ts: str | None, asked: str, *, shared_by: str | None = None) -> None:
        """Edit the message that answers this with what is known now. Raises Undelivered."""
        message = self.drawn(read(asked), self.asking(said), private=said.private, shared_by=shared_by)
        Edit(self.client, said.channel, ts, said.response_url).say(message)

    def open_modal(self, form: object, pressed: Pressed) -> None:
        """Open the modal of a value over the message whose button was pressed. Raises Undelivered."""
        view = self.renderer.modal(form, metadata=Behind.of(pressed).metadata)
        with translated("opening a modal"):
            self.client.views_open(trigger_id=pressed.trigger_id, view=view)

    @contextmanager
    def patient(self, reply: Reply, command: Command) -> Iterator[None]:
        """Say that it takes a while, if it does."""
        timer = Timer(self.patience, self._progress, [reply, command])
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def _progress(self, reply: Reply, command: Command) -> None:
        try:
            reply.progress(self.renderer.slack(Working(words(command))))
        except Undelivered as error:
            log.info("no progress line: %s", error)

    def failed(self, error: Exception, body: Body, ack: Ack) -> BoltResponse | None:
        """Something went wrong in a listener: it is logged with a reference, and the person gets an answer. For a form
        that waits for its acknowledgement this gives it."""
        reference = token_hex(3)
        if isinstance(error, Unavailable):
            log.warning("no answer (%s): %s", reference, error)
        else:
            log.error("no answer (%s)", reference, exc_info=error)
        trouble = Trouble(next(kind for of, kind in _KINDS if isinstance(error, of)), reference)
        if body.get("type") == _FORM and ack.response is None:
            return self._in_form(trouble, body)
        try:
            if body.get("type") == _FORM:
                self.show(heard.submission(body).view_id, trouble)
            elif (said := _who(body)) is not None:
                self.say(said, trouble)
        except Undelivered as undelivered:
            log.warning("the person could not be told either (%s): %s", reference, undelivered)
        return None

    def _in_form(self, trouble: Trouble, body: Body) -> BoltResponse:
        """Under the form's first field, so that nothing typed is lost."""
        fields = heard.submission(body).fields
        if not fields:
            return BoltResponse(status=200, body={"response_action": "update", "view": self.renderer.modal(trouble)})
        errors = {next(iter(fields)): self.renderer.plain(trouble)}
        return BoltResponse(status=200, body={"response_action": "errors", "errors": errors})

    def show(self, view_id: str, value: object, metadata: str = "") -> None:
        """Show a value in a modal that is open already. Raises Undelivered."""
        with translated("showing what came of a form"):
            self.client.views_update(view_id=view_id, view=self.renderer.modal(value, metadata=metadata))


def _who(body: Body) -> Heard | None:
    """Whom to answer, whatever the body was."""
    if "command" in body:
        return heard.command(body)
    if body.get("type") == "message_action":
        return heard.shortcut(body)
    return heard.press(body).heard if "actions" in body else heard.message(body)
