"""Explains pasted logs: by the shortcut *Explain this log* in the menu of any message, in a direct message, and where
the bot is mentioned beside a log."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from slack_bolt import App
from slack_sdk import WebClient

from bot.domain.commands.button import Malformed, Retold, Verdict, read_retold, read_retold_verdict
from bot.domain.commands.command import Mistake
from bot.domain.commands.grammar import parse
from bot.domain.scope import Scope
from bot.domain.text.pasted_log import file_ids, holds_log, pasted
from bot.rendering import Message, Renderer
from bot.services.answers.answer import AnswerContext
from bot.services.answers.explain_log import Explanation, explain, explain_again
from bot.services.errors import Undelivered
from bot.services.knowledge.vote import vote
from bot.services.replies import Refusal, Why
from bot.slack import heard
from bot.slack.errors import translated
from bot.slack.heard import Body, Heard
from bot.slack.listeners import Listeners
from bot.slack.replies import Edit, share

log = logging.getLogger(__name__)

EXPLAIN = "explain"
"""The callback id of the shortcut."""

_MOST_FILES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainingListeners:
    """What the listeners work with."""

    listeners: Listeners
    context: AnswerContext
    renderer: Renderer
    client: WebClient
    clock: Callable[[], datetime]

    def register(self, app: App) -> None:
        """Listen to the shortcut, to messages that hold a log, and to the buttons under an explanation."""
        app.message_shortcut(EXPLAIN)(self.on_shortcut)
        for event in ("app_mention", "message"):
            app.event(event, matchers=[asks_about_log])(self.on_pasted)
        app.action(re.compile(r"^explained_share(:\d+)?$"))(self.on_share)
        app.action(re.compile(r"^explained_(worked|failed)(:\d+)?$"))(self.on_verdict)

    def on_shortcut(self, body: Body) -> None:
        """*Explain this log*: answered to the person alone."""
        said = heard.shortcut(body)
        if self.listeners.seen.first(said.key):
            self._explain(said, heard.part(body, "message"))

    def on_pasted(self, body: Body) -> None:
        """A log in a direct message, or beside a mention: answered there."""
        said = heard.message(body)
        if said is not None and self.listeners.seen.first(said.key):
            self._explain(said, {**heard.part(body, "event"), "text": said.text})

    def on_share(self, body: Body) -> None:
        """*Share in thread*: the explanation for everybody, once for each message and person."""
        pressed = heard.press(body)
        said = pressed.heard
        if not self.listeners.seen.first(f"share/{said.user}/{pressed.value}/{said.channel}"):
            return
        try:
            retold = read_retold(pressed.value)
        except Malformed as wrong:
            self.listeners.refuse(pressed, Refusal(Why.MALFORMED, str(wrong)))
            return
        message = self._again(retold, said, private=False, shared_by=said.user)
        share(message, said, self.client, thread_ts=retold.ts)

    def on_verdict(self, body: Body) -> None:
        """*This fixed it*, *Didn't help*: recorded, and the explanation edited with the new record."""
        pressed = heard.press(body)
        said = pressed.heard
        if not self.listeners.seen.first(said.key):
            return
        try:
            told = read_retold_verdict(pressed.value)
        except Malformed as wrong:
            self.listeners.refuse(pressed, Refusal(Why.MALFORMED, str(wrong)))
            return
        verdict = Verdict(solution_id=told.solution_id, failure_id=None, worked=told.worked, asked="")
        sources = self.context.sources
        refused = vote(verdict, sources.history, sources.knowledge, scope=self._scope, by=said.user, now=self.clock())
        if refused is not None:
            self.listeners.refuse(pressed, refused)
            return
        message = self._again(told.retold, said, private=said.private, shared_by=told.shared_by)
        Edit(self.client, said.channel, pressed.message_ts, said.response_url).say(message)

    @property
    def _scope(self) -> Scope:
        return Scope.of(self.context.allowed_projects)

    def _explain(self, said: Heard, message: Body) -> None:
        ts = message.get("thread_ts") or message.get("ts")
        found = explain(
            pasted(message, self._contents(file_ids(message)[:_MOST_FILES])),
            self.context.sources,
            scope=self._scope,
            asking=self.listeners.asking(said),
            ts=ts if isinstance(ts, str) else None,
        )
        self.listeners.reply(said).say(self._drawn(found, said, private=said.private))

    def _contents(self, files: Iterable[str]) -> dict[str, str]:
        """The texts of files that Slack shows; those of pictures and archives, and of files that the bot may not see,
        are left out."""
        contents: dict[str, str] = {}
        for file in files:
            try:
                with translated("reading a file"):
                    content = self.client.files_info(file=file).get("content")
            except Undelivered as error:
                log.info("a file of a message was not read: %s", error)
                continue
            if isinstance(content, str):
                contents[file] = content
        return contents

    def _again(self, retold: Retold, said: Heard, *, private: bool, shared_by: str | None) -> Message:
        found = explain_again(retold, self.context.sources, scope=self._scope, asking=self.listeners.asking(said))
        return self._drawn(found, said, private=private, shared_by=shared_by)

    def _drawn(self, found: Explanation, said: Heard, *, private: bool, shared_by: str | None = None) -> Message:
        return self.renderer.slack(found, private=private, shared_by=shared_by, voter=said.user)


def asks_about_log(body: Body) -> bool:
    """Whether a message is for the bot, holds a log or has a file, and is no command."""
    said = heard.message(body)
    if said is None:
        return False
    has_file = bool(file_ids(heard.part(body, "event")))
    if has_file and not said.text.strip():
        return True
    return (has_file or holds_log(said.text)) and isinstance(parse(said.text), Mistake)
