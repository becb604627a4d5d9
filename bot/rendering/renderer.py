"""The one way from a value to a text that a person reads: the value's type names the template, the medium the form."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from bot.rendering import mail, modals, plain, slack, terminal
from bot.rendering.mail import Mail
from bot.rendering.message import Message
from bot.rendering.modals import View
from bot.rendering.templates import directory, template_of


class Renderer:
    """Renders every value that has a template. Safe to use from several threads."""

    def __init__(self, *, currency: str = "$", time_zone: str = "UTC", templates: Path | None = None) -> None:
        """`time_zone` is the reader's where nothing better is known; `templates` a directory other than our own."""
        where = templates or directory()
        self._slack = slack.environment(where)
        self._terminal = terminal.environment(where)
        self._mail = mail.environment(where)
        self._plain = plain.environment(where)
        self._common = {"currency": currency, "time_zone": time_zone}

    def load(self) -> None:
        """Compile every Slack template now, so that the first answers need not wait for it."""
        for name in self._slack.list_templates(filter_func=_is_whole):
            self._slack.get_template(name)

    def slack(
        self,
        value: object,
        *,
        asked: str | None = None,
        at: datetime | None = None,
        time_zone: str | None = None,
        private: bool = False,
        shared_by: str | None = None,
        voter: str | None = None,
    ) -> Message:
        """The message that says a value.

        `asked` is the command it answers, in words, for the buttons that ask it again; `at` the moment it was answered
        (UTC). `private` says that only one person sees it: then it can be shared. `shared_by` is the Slack user who did
        that, `voter` the one whose verdicts are shown. Raises TemplateNotFound for a value that has none.
        """
        fields = {
            **self._common,
            "value": value,
            "asked": asked,
            "at": at,
            "private": private,
            "shared_by": shared_by,
            "voter": voter,
        }
        return slack.render(self._slack, template_of(value), fields | ({"time_zone": time_zone} if time_zone else {}))

    def modal(self, value: object, *, metadata: str = "") -> View:
        """The modal for a value. `metadata` comes back with what is filled in."""
        fields = {**self._common, "value": value}
        return modals.render(self._slack, template_of(value), fields, metadata=metadata)

    def plain(self, value: object) -> str:
        """The sentence that says a value, without marks."""
        return plain.render(self._plain, template_of(value), {**self._common, "value": value})

    def mail(self, value: object) -> Mail:
        """A value as a mail: HTML, and plain text in the terminal's words."""
        fields = {**self._common, "value": value}
        text = self.terminal(value, width=78)
        return mail.render(self._mail, template_of(value), fields, text=text)

    def terminal(self, value: object, *, width: int = 100, color: bool = False) -> str:
        """The text that says a value, `width` columns wide, with colours for a terminal that has them."""
        fields = {**self._common, "value": value}
        return terminal.render(self._terminal, template_of(value), fields, width=width, color=color)


def _is_whole(template: str) -> bool:
    """Whether a template is a message or a modal for Slack, and no part of one."""
    return template.startswith("slack/") and not template.startswith("slack/parts/")
