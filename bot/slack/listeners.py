"""What the bot listens to: each listener reads what was said, asks a use case, and replies. Bolt acknowledged before.

Nothing is caught here but what a person can be told more about; all else ends in `failed`, which logs and answers.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from secrets import token_hex
from threading import Timer

from slack_sdk import WebClient

from bot.domain.commands.button import Malformed, read_question, read_verdict
from bot.domain.commands.command import Command, Fix, ShowJob
from bot.domain.commands.grammar import parse, read, words
from bot.domain.knowledge.fixes import Fixes, JobStory
from bot.domain.scope import Scope
from bot.rendering import Message, Renderer
from bot.services.answers.answer import AnswerContext, Asking, answer, meant
from bot.services.errors import Unavailable, Undelivered
from bot.services.knowledge.fixes import note_shown
from bot.services.knowledge.vote import vote
from bot.services.replies import Refusal, Subscribed, Trouble, TroubleKind, Why, Working
from bot.slack import heard
from bot.slack.delivery import delivered, posted
from bot.slack.errors import translated
from bot.slack.heard import Body, Heard, Pressed
from bot.slack.people import People
from bot.slack.replies import Alone, Conversation, Edit, Reply, share
from bot.slack.seen import Seen

log = logging.getLogger(__name__)

PATIENCE = 1.0
"""Seconds after which a person is told that it takes a while."""
_CAUSES = ((Undelivered, TroubleKind.SLACK), (Unavailable, TroubleKind.STORE), (Exception, TroubleKind.BUG))
"""What a person is told of an error, by the first kind that it is of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listeners:
    """What the listeners work with."""

    context: AnswerContext
    renderer: Renderer
    client: WebClient
    people: People
    seen: Seen
    clock: Callable[[], datetime]
    patience: float = PATIENCE

    def on_command(self, body: Body) -> None:
        """A slash command: answered to the person alone."""
        said = heard.command(body)
        if self.seen.first(said.key):
            self._answer(parse(said.text), said)

    def on_message(self, body: Body) -> None:
        """A mention, answered in its thread, or a direct message, answered there."""
        said = heard.message(body)
        if said is not None and self.seen.first(said.key):
            self._answer(parse(said.text), said)

    def on_ask(self, body: Body) -> None:
        """A button that asks a question: answered to whoever pressed it."""
        pressed = heard.press(body)
        if not self.seen.first(pressed.heard.key):
            return
        try:
            asked = read_question(pressed.value).asked
        except Malformed as wrong:
            self.refuse(pressed, Refusal(Why.MALFORMED, str(wrong)))
            return
        self._answer(read(asked), pressed.heard)

    def on_share(self, body: Body) -> None:
        """*Share to channel*: the answer as of then, for everybody. Once for each message and person."""
        pressed = heard.press(body)
        said = pressed.heard
        if not self.seen.first(f"share/{said.user}/{pressed.value}/{said.channel}"):
            return
        try:
            question = read_question(pressed.value)
        except Malformed as wrong:
            self.refuse(pressed, Refusal(Why.MALFORMED, str(wrong)))
            return
        command, asking = read(question.asked), self.asking(said, question.at)
        message = self._drawn(command, asking, shared_by=said.user)
        share(message, said, self.client, thread_ts=said.thread_ts)

    def on_verdict(self, body: Body) -> None:
        """*This fixed it*, *Didn't help*, *Change*: recorded, and the message edited with the new record."""
        pressed = heard.press(body)
        said = pressed.heard
        if not self.seen.first(said.key):
            return
        try:
            verdict = read_verdict(pressed.value)
            command = _about_fixes(verdict.asked)
        except Malformed as wrong:
            self.refuse(pressed, Refusal(Why.MALFORMED, str(wrong)))
            return
        now = min(pressed.at or self.clock(), self.clock())
        context, sources = self.context, self.context.sources
        scope = Scope.of(context.allowed_projects)
        refused = vote(verdict, sources.history, sources.knowledge, scope=scope, by=said.user, now=now)
        if refused is not None:
            self.refuse(pressed, refused)
            return
        self._redraw(command, said, pressed.message_ts, verdict.shared_by)

    def redraw(self, said: Heard, ts: str | None, asked: str, *, shared_by: str | None = None) -> None:
        """Edit the message that answers this with what is known now. Raises Undelivered."""
        self._redraw(read(asked), said, ts, shared_by)

    def _redraw(self, command: Command, said: Heard, ts: str | None, shared_by: str | None) -> None:
        message = self._drawn(command, self.asking(said), private=said.private, shared_by=shared_by)
        Edit(self.client, said.channel, ts, said.response_url).say(message)

    def on_unknown(self, body: Body) -> None:
        """A button that this version does not know: the message is older, or newer, than the bot."""
        self.refuse(heard.press(body), Refusal(Why.MALFORMED, "it is from another version of me"))

    def failed(self, error: Exception, body: Body) -> None:
        """Something went wrong in a listener: it is logged with a reference, and the person gets an answer."""
        reference = token_hex(3)
        if isinstance(error, Unavailable):
            log.warning("no answer (%s): %s", reference, error)
        else:
            log.error("no answer (%s)", reference, exc_info=error)
        said = _who(body)
        cause = next(cause for kind, cause in _CAUSES if isinstance(error, kind))
        if said is None:
            return
        try:
            self.reply(said).say(self.renderer.slack(Trouble(cause, reference)))
        except Undelivered as undelivered:
            log.warning("the person could not be told either (%s): %s", reference, undelivered)

    def _answer(self, command: Command, said: Heard) -> None:
        """Answer a command where it was asked."""
        reply, asking = self.reply(said), self.asking(said)
        with self._patient(reply, command):
            command = meant(command, asking, self.context)
            value = answer(command, asking, self.context)
            message = self._render(value, command, asking, private=said.private)
        if isinstance(value, Subscribed):
            self._confirm(value, message, reply)
        else:
            reply.say(message)
        self._note_shown(value, asking.now)

    def _note_shown(self, value: object, now: datetime) -> None:
        """Remember what was suggested. The person has their answer already: that this fails is no trouble of theirs."""
        fixes = value.fixes if isinstance(value, JobStory) else value
        if isinstance(fixes, Fixes):
            try:
                note_shown(fixes, self.context.sources.knowledge, now=now)
            except Unavailable as error:
                log.warning("what was suggested for failure %s is not noted: %s", fixes.failure_id, error)

    def _confirm(self, value: Subscribed, message: Message, reply: Reply) -> None:
        """Say in the channel that it subscribed. Where the bot may not speak the subscription is taken back."""
        channel = value.subscription.channel

        def send(form: Message) -> None:
            with translated(f"confirming in {channel}"):
                self.client.chat_postMessage(channel=channel, **posted(form))

        try:
            delivered(message, send)
        except Undelivered as error:
            if not error.permanent or self.context.incidents is None:
                raise
            self.context.incidents.subscriptions.take_back(value.subscription)
            reply.say(self.renderer.slack(Refusal(Why.NOT_HERE)))

    def _drawn(
        self, command: Command, asking: Asking, *, private: bool = False, shared_by: str | None = None
    ) -> Message:
        """The message that answers a command."""
        value = answer(command, asking, self.context)
        return self._render(value, command, asking, private=private, shared_by=shared_by)

    def _render(
        self, value: object, command: Command, asking: Asking, *, private: bool = False, shared_by: str | None = None
    ) -> Message:
        return self.renderer.slack(
            value,
            asked=words(command),
            at=asking.now,
            time_zone=asking.time_zone,
            private=private,
            shared_by=shared_by,
            voter=asking.user,
        )

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

    @contextmanager
    def _patient(self, reply: Reply, command: Command) -> Iterator[None]:
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

    def refuse(self, pressed: Pressed, refused: Refusal) -> None:
        """Tell the person alone why a press did nothing."""
        log.info("a press by %s was refused: %s %s", pressed.heard.user, refused.why, refused.detail)
        self.reply(pressed.heard).say(self.renderer.slack(refused))


def _about_fixes(asked: str) -> Command:
    """The question that a verdict's message answers. Raises Malformed where that has no fixes."""
    command = read(asked)
    if not isinstance(command, Fix | ShowJob):
        raise Malformed("its question has no fixes")
    return command


def _who(body: Body) -> Heard | None:
    """Whom to answer, whatever the body was."""
    if "command" in body:
        return heard.command(body)
    if body.get("type") == "message_action":
        return heard.shortcut(body)
    return heard.press(body).heard if "actions" in body else heard.message(body)
