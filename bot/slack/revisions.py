"""Changes to what people taught the bot: made where they may be, else put before whoever taught it, who accepts,
declines, and takes back."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from bot.domain.commands.button import Malformed, Revise
from bot.domain.knowledge.revision import (
    ProposedRevision,
    Revised,
    Revision,
    RevisionAsked,
    RevisionDeclined,
    RevisionKind,
)
from bot.rendering import Message
from bot.services.errors import Undelivered
from bot.services.knowledge.revise import may_revise, revise, taught
from bot.services.replies import Refusal, Why
from bot.slack.answerer import Answerer
from bot.slack.delivery import delivered, posted
from bot.slack.errors import translated
from bot.slack.heard import Pressed
from bot.slack.respond import Edit

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class RevisionListeners:
    """What the buttons under a proposal, and under a change that was made, do."""

    answerer: Answerer

    def ask(self, revision: Revision, by: str) -> Revised | RevisionAsked | Refusal:
        """Make a change, or propose it to whoever taught what it is about. The author is told of another's change."""
        made = self._revise(revision, by)
        if isinstance(made, Revised):
            if made.taught.has_author and made.taught.author != by:
                self._tell(str(made.taught.author), made)
            return made
        of = taught(revision, self.answerer.context.sources, self.answerer.scope)
        if made.why is not Why.NOT_YOURS or of is None or not of.has_author:
            return made
        asked = self._tell(str(of.author), ProposedRevision(revision=revision, taught=of, by=by))
        return RevisionAsked(author=str(of.author)) if asked else made

    def on_accept(self, pressed: Pressed, button: Revise) -> Refusal | None:
        """*Accept*: the change is made in the name of whoever accepts it."""
        return self._done(pressed, self._revise(_revision(button), pressed.heard.user, proposed_by=button.by))

    def on_undo(self, pressed: Pressed, button: Revise) -> Refusal | None:
        """*Undo*: it is again as it was."""
        return self._done(pressed, self._revise(_revision(button), pressed.heard.user))

    def on_decline(self, pressed: Pressed, button: Revise) -> Refusal | None:
        """*Decline*: it stays as it is."""
        revision, context = _revision(button), self.answerer.context
        of, user = taught(revision, context.sources, self.answerer.scope), pressed.heard.user
        if of is None:
            return Refusal(Why.NO_SOLUTION)
        if not may_revise(user, of, context.incidents):
            return Refusal(Why.NOT_YOURS, of.author or "")
        return self._done(pressed, RevisionDeclined(revision=revision, taught=of, by=user))

    def _revise(self, revision: Revision, by: str, proposed_by: str | None = None) -> Revised | Refusal:
        context = self.answerer.context
        return revise(
            revision,
            context.sources,
            context.incidents,
            scope=self.answerer.scope,
            by=by,
            now=self.answerer.clock(),
            proposed_by=proposed_by,
        )

    def _done(self, pressed: Pressed, value: Revised | RevisionDeclined | Refusal) -> Refusal | None:
        if isinstance(value, Refusal):
            return value
        said = pressed.heard
        message = self.answerer.renderer.slack(value)
        Edit(self.answerer.client, said.channel, pressed.message_ts, said.response_url).say(message)
        return None

    def _tell(self, user: str, value: object) -> bool:
        """Write to a person; whether that reached them."""
        client = self.answerer.client

        def send(message: Message) -> None:
            with translated(f"writing to {user}"):
                channel = client.conversations_open(users=user)["channel"]["id"]
                client.chat_postMessage(channel=channel, **posted(message))

        try:
            delivered(self.answerer.renderer.slack(value), send)
        except Undelivered as error:
            log.warning("%s was not told of a change to what they taught: %s", user, error)
            return False
        return True


def _revision(button: Revise) -> Revision:
    """Raises Malformed for a kind of change that this version does not know."""
    try:
        kind = RevisionKind(button.kind)
    except ValueError:
        raise Malformed("no such kind of change") from None
    return Revision(kind=kind, key=button.key, text=button.text, condition=button.condition)
