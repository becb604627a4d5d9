"""Explains pasted logs: by the shortcut *Explain this log* in the menu of any message, in a direct message, and where
the bot is mentioned beside a log."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass

from bot.domain.commands.button import Retold, RetoldVote
from bot.domain.commands.grammar import parse
from bot.domain.commands.mistake import Mistake
from bot.domain.text.pasted_log import file_ids, holds_log, pasted
from bot.rendering import Message
from bot.services.answers.explain_log import Explanation, explain, explain_again
from bot.services.errors import Undelivered
from bot.services.knowledge.vote import vote
from bot.services.replies import Refusal
from bot.slack import heard
from bot.slack.answerer import Answerer
from bot.slack.body import Body, part
from bot.slack.errors import translated
from bot.slack.heard import Heard, Pressed
from bot.slack.respond import Edit, share

log = logging.getLogger(__name__)

EXPLAIN = "explain"
"""The callback id of the shortcut."""

_MOST_FILES = 3


@dataclass(frozen=True, slots=True)
class LogListeners:
    """A log that somebody shows, and the buttons under its explanation."""

    answerer: Answerer

    def on_log(self, said: Heard, message: Body) -> None:
        """*Explain this log*, answered to the person alone; or a log in a direct message or beside a mention, answered
        there."""
        shown = message if said.text == "" else {**message, "text": said.text}
        ts = message.get("thread_ts") or message.get("ts")
        explanation = explain(
            pasted(shown, self._contents(file_ids(message)[:_MOST_FILES])),
            self.answerer.context.sources,
            scope=self.answerer.scope,
            asking=self.answerer.asking(said),
            ts=ts if isinstance(ts, str) else None,
        )
        self.answerer.reply(said).say(self._drawn(explanation, said, private=said.private))

    def on_share(self, pressed: Pressed, retold: Retold) -> None:
        """*Share in thread*: the explanation for everybody."""
        said = pressed.heard
        message = self._again(retold, said, private=False, shared_by=said.user)
        share(message, said, self.answerer.client, thread_ts=retold.ts)

    def on_vote(self, pressed: Pressed, told: RetoldVote) -> Refusal | None:
        """*This fixed it*, *Didn't help*: recorded, and the explanation edited with the new record."""
        said, sources = pressed.heard, self.answerer.context.sources
        refusal = vote(
            told.solution_id,
            None,
            sources.history,
            sources.knowledge,
            worked=told.worked,
            scope=self.answerer.scope,
            by=said.user,
            now=self.answerer.clock(),
        )
        if refusal is None:
            message = self._again(told, said, private=said.private, shared_by=told.shared_by)
            Edit(self.answerer.client, said.channel, pressed.message_ts, said.response_url).say(message)
        return refusal

    def _contents(self, files: Iterable[str]) -> dict[str, str]:
        """The texts of files that Slack shows; those of pictures and archives, and of files that the bot may not see,
        are left out."""
        contents: dict[str, str] = {}
        for file in files:
            try:
                with translated("reading a file"):
                    content = self.answerer.client.files_info(file=file).get("content")
            except Undelivered as error:
                log.info("a file of a message was not read: %s", error)
                continue
            if isinstance(content, str):
                contents[file] = content
        return contents

    def _again(self, retold: Retold, said: Heard, *, private: bool, shared_by: str | None) -> Message:
        answerer = self.answerer
        found = explain_again(retold, answerer.context.sources, scope=answerer.scope, asking=answerer.asking(said))
        return self._drawn(found, said, private=private, shared_by=shared_by)

    def _drawn(self, found: Explanation, said: Heard, *, private: bool, shared_by: str | None = None) -> Message:
        return self.answerer.renderer.slack(found, private=private, shared_by=shared_by, voter=said.user)


def asks_about_log(body: Body) -> bool:
    """Whether a message is for the bot, holds a log or has a file, and is no command."""
    said = heard.message(body)
    if said is None:
        return False
    has_file = bool(file_ids(part(body, "event")))
    if has_file and not said.text.strip():
        return True
    return (has_file or holds_log(said.text)) and isinstance(parse(said.text), Mistake)
