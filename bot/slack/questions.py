"""Questions and their answers: a slash command, a mention, a direct message, a button that asks, and *Share*."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime

from bot.domain.commands.button import Question
from bot.domain.commands.command import Command
from bot.domain.commands.grammar import parse, read
from bot.domain.knowledge.fixes import Fixes, JobStory
from bot.rendering import Message
from bot.services.answers.answer import answer, meant
from bot.services.errors import Unavailable, Undelivered
from bot.services.knowledge.fixes import note_shown
from bot.services.replies import Refusal, Subscribed, Subscribers, SubscriptionsEnded, Why
from bot.slack.answerer import Answerer
from bot.slack.body import Body
from bot.slack.delivery import delivered, posted
from bot.slack.errors import translated
from bot.slack.heard import Heard, Pressed
from bot.slack.respond import Reply, share

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class QuestionListeners:
    """Each reads what was asked, asks a use case, and replies."""

    answerer: Answerer

    def on_command(self, said: Heard) -> None:
        """A slash command: answered to the person alone."""
        self._answer(parse(said.text), said)

    def on_message(self, said: Heard, _: Body) -> None:
        """A mention, answered in its thread, or a direct message, answered there."""
        self._answer(parse(said.text), said)

    def on_ask(self, pressed: Pressed, question: Question) -> None:
        """A button that asks a question: answered to whoever pressed it."""
        self._answer(read(question.asked), pressed.heard)

    def on_share(self, pressed: Pressed, question: Question) -> None:
        """*Share to channel*: the answer as of then, for everybody."""
        said = pressed.heard
        asking = self.answerer.asking(said, question.moment)
        message = self.answerer.drawn(read(question.asked), asking, shared_by=said.user)
        share(message, said, self.answerer.client, thread_ts=said.thread_ts)

    def _answer(self, command: Command, said: Heard) -> None:
        """Answer a command where it was asked."""
        answerer = self.answerer
        reply, asking = answerer.reply(said), answerer.asking(said)
        with answerer.patient(reply, command):
            command = meant(command, asking, answerer.context)
            value = answer(command, asking, answerer.context)
            message = answerer.rendered(value, command, asking, private=said.private)
        if isinstance(value, Subscribed):
            self._confirm(value, message, reply)
        else:
            reply.say(message)
        if isinstance(value, Subscribers) and value.ended and not said.channel.startswith("D"):
            answerer.announce(said.channel, SubscriptionsEnded(ended=value.ended, by=said.user))
        self._note_shown(value, asking.now)

    def _note_shown(self, value: object, now: datetime) -> None:
        """Remember what was suggested. The person has their answer already: that this fails is no trouble of theirs."""
        fixes = value.fixes if isinstance(value, JobStory) else value
        if isinstance(fixes, Fixes):
            try:
                note_shown(fixes, self.answerer.context.sources.knowledge, now=now)
            except Unavailable as error:
                log.warning("what was suggested for failure %s is not noted: %s", fixes.failure_id, error)

    def _confirm(self, value: Subscribed, message: Message, reply: Reply) -> None:
        """Say in the channel that it subscribed. Where the bot may not speak the subscription is taken back."""
        channel, incidents = value.subscription.channel, self.answerer.context.incidents

        def send(form: Message) -> None:
            with translated(f"confirming in {channel}"):
                self.answerer.client.chat_postMessage(channel=channel, **posted(form))

        try:
            delivered(message, send)
        except Undelivered as error:
            if not error.permanent or incidents is None:
                raise
            incidents.subscriptions.take_back(value.subscription)
            reply.say(self.answerer.renderer.slack(Refusal(Why.NOT_HERE)))


def shared(pressed: Pressed) -> str:
    """What makes two presses of *Share* one: the same message and person."""
    return f"share/{pressed.heard.user}/{pressed.value}/{pressed.heard.channel}"


def unknown(_: Pressed) -> Refusal:
    """A button that this version does not know: the message is older, or newer, than the bot."""
    return Refusal(Why.MALFORMED, "no listener")
