"""Naming the cause of unknown failures: the buttons that open the forms, and the forms when they come back."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime

from slack_bolt import Ack, App
from slack_sdk import WebClient

from bot.domain.answers.unknown_failures import Naming, NotNamed, WhyNot, Works, name_problem, problems
from bot.domain.commands.button import Malformed, read_subject
from bot.domain.scope import Scope
from bot.rendering import Renderer
from bot.services.answers.answer import AnswerContext
from bot.services.errors import Unavailable
from bot.services.knowledge.name_causes import (
    NamedCauses,
    name_cause,
    naming_form,
    rename_cause,
    renaming_form,
    retire_cause,
)
from bot.services.replies import Refusal, Why
from bot.slack import heard
from bot.slack.errors import translated
from bot.slack.heard import Body, Pressed
from bot.slack.replies import Alone
from bot.slack.seen import Seen
from bot.slack.submission import Submission, submission

log = logging.getLogger(__name__)

ANSWER_WITHIN = 2.0
"""Seconds in which a form is answered for good; Slack waits three, so after that it says that it works on it."""
_NUMBER = re.compile(r"[1-9]\d{0,17}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class NamingListeners:
    """What the listeners work with."""

    context: AnswerContext
    names: NamedCauses
    renderer: Renderer
    client: WebClient
    seen: Seen
    clock: Callable[[], datetime]
    workers: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(max_workers=2, thread_name_prefix="slack-forms")
    )

    def register(self, app: App) -> None:
        """Listen to the buttons and forms."""
        for action, listener in {"name": self.on_name, "rename": self.on_rename, "unname": self.on_retire}.items():
            app.action(re.compile(rf"^{action}(:\d+)?$"))(listener)
        app.view_submission("name")(self.on_named)
        app.view_submission("rename")(self.on_renamed)

    def on_name(self, body: Body) -> None:
        """*Name this cause…*: opens the form."""
        number = _number(_subject(body))
        history = self.context.sources.history
        self._open(body, None if number is None else naming_form(number, history, self._scope))

    def on_rename(self, body: Body) -> None:
        """*Rename…*: opens the form."""
        self._open(body, renaming_form(_subject(body), self.names, self._scope))

    def on_retire(self, body: Body) -> None:
        """*Retire*, confirmed: the name is taken back."""
        pressed = heard.press(body)
        if not self.seen.first(pressed.heard.key):
            return
        by = pressed.heard.user
        retired = retire_cause(_subject(body), self.names, scope=self._scope, by=by, now=self.clock())
        self._say(pressed, retired or Refusal(Why.NOTHING_TO_NAME))

    def on_named(self, ack: Ack, body: Body) -> None:
        """The form with a name: its mistakes are shown in it, else the failures get their name."""
        form = submission(body)
        naming = Naming(**{name: form.fields.get(name, "") for name in ("name", "explanation", "owner", "remedy")})
        if wrong := problems(naming, self.context.sources.catalogue):
            ack(response_action="errors", errors=dict(wrong))
            return
        self._answer(ack, form, naming.name, lambda: self._named(form, naming))

    def on_renamed(self, ack: Ack, body: Body) -> None:
        """The form with another name."""
        form = submission(body)
        name = form.fields.get("name", "")
        if (wrong := name_problem(name, self.context.sources.catalogue)) is not None:
            ack(response_action="errors", errors={"name": wrong})
            return
        self._answer(
            ack,
            form,
            name,
            lambda: rename_cause(form.about, name, self.names, scope=self._scope, by=form.user, now=self.clock()),
        )

    @property
    def _scope(self) -> Scope:
        return Scope.of(self.context.allowed_projects)

    def _named(self, form: Submission, naming: Naming) -> object | None:
        number = _number(form.about)
        if number is None:
            return NotNamed(WhyNot.MALFORMED)
        sources = self.context.sources
        return name_cause(
            number,
            naming,
            self.names,
            sources.history,
            sources.knowledge,
            scope=self._scope,
            by=form.user,
            now=self.clock(),
        )

    def _open(self, body: Body, form: object | None) -> None:
        pressed = heard.press(body)
        if not self.seen.first(pressed.heard.key):
            return
        if form is None:
            self._say(pressed, Refusal(Why.NOTHING_TO_NAME))
            return
        with translated("opening a form"):
            self.client.views_open(trigger_id=str(body.get("trigger_id")), view=self.renderer.view(form))

    def _answer(self, ack: Ack, form: Submission, name: str, work: Callable[[], object | None]) -> None:
        """Do what the form asks and show what came of it: in the acknowledgement, or later where it takes long."""
        outcome = self.workers.submit(_attempted, work)
        try:
            shown = outcome.result(timeout=ANSWER_WITHIN)
        except TimeoutError:
            ack(response_action="update", view=self.renderer.view(Works(name)))
            with translated("showing what came of a form"):
                self.client.views_update(view_id=form.view_id, view=self.renderer.view(outcome.result()))
        else:
            ack(response_action="update", view=self.renderer.view(shown))

    def _say(self, pressed: Pressed, value: object) -> None:
        said = pressed.heard
        if said.response_url is not None:
            Alone(said.response_url, thread_ts=said.thread_ts).say(self.renderer.slack(value))


def _attempted(work: Callable[[], object | None]) -> object:
    """What came of the work, or why nothing did."""
    try:
        return work() or NotNamed(WhyNot.NO_FAILURE)
    except Unavailable as error:
        log.warning("a form was not carried out: %s", error)
        return NotNamed(WhyNot.STORE)


def _subject(body: Body) -> str:
    """What a button is about; the empty text, which names nothing, where it is none of ours."""
    try:
        return read_subject(heard.press(body).value)
    except Malformed:
        return ""


def _number(text: str) -> int | None:
    return int(text) if _NUMBER.fullmatch(text) else None
