"""What stands before every listener, so that none repeats it: whether this is somebody who may act, whether it was
handled before, and what the button or form carries. A listener gets values, answers, and gives back why it did not."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TypeVar

from slack_bolt import Ack, App

from bot.domain.commands.button import Button, Malformed, read
from bot.services.replies import Done, Refusal, Why, Working
from bot.slack import heard
from bot.slack.answerer import Answerer
from bot.slack.body import Body, part
from bot.slack.heard import Heard, Pressed, Submitted
from bot.slack.modals import Answered, Behind
from bot.slack.redeliveries import Redeliveries
from bot.slack.workspace import Workspace

log = logging.getLogger(__name__)

ANSWER_WITHIN = 2.0
"""Seconds in which a form is answered for good; Slack waits three, so after that it says that it works on it."""

B = TypeVar("B", bound=Button)
Press = Callable[[Pressed, B], Refusal | None]
Form = Callable[[Submitted, Behind, B], Answered | Refusal]
Key = Callable[[Pressed], str]


def _delivery(pressed: Pressed) -> str:
    return pressed.heard.key


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """Registers listeners with the app, each behind the same questions."""

    app: App
    answerer: Answerer
    workspace: Workspace
    seen: Redeliveries[None] = field(default_factory=Redeliveries)
    forms: Redeliveries[Future[Answered | Refusal]] = field(default_factory=Redeliveries)
    workers: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(max_workers=2, thread_name_prefix="slack-forms")
    )

    def command(self, name: str, listener: Callable[[Heard], None]) -> None:
        """A slash command."""
        self.app.command(name)(lambda body: self._hear(body, heard.command(body), listener))

    def message(
        self, event: str, listener: Callable[[Heard, Body], None], *, when: Callable[[Body], bool] | None = None
    ) -> None:
        """A mention or a direct message by a person; the first that fits is the only one."""

        def on_message(body: Body) -> None:
            self._hear(body, heard.message(body), lambda said: listener(said, part(body, "event")))

        self.app.event(event, matchers=None if when is None else [when])(on_message)

    def shortcut(self, callback: str, listener: Callable[[Heard, Body], None]) -> None:
        """A shortcut in the menu of a message, with the message."""

        def on_shortcut(body: Body) -> None:
            self._hear(body, heard.shortcut(body), lambda said: listener(said, part(body, "message")))

        self.app.message_shortcut(callback)(on_shortcut)

    def home(self, listener: Callable[[str], None]) -> None:
        """The Home tab, opened by a user: shown anew each time, so a second delivery does no harm."""

        def on_home(body: Body) -> None:
            user = heard.home(body)
            if user is not None and self.workspace.admit(body).may_act:
                listener(user)

        self.app.event("app_home_opened")(on_home)

    def gesture(self, action: str, listener: Callable[[Pressed], Refusal | None]) -> None:
        """A button whose press says all: it carries nothing."""
        self.app.action(_of(action))(lambda body: self._press(body, listener, _delivery))

    def press(self, action: str, kind: type[B], listener: Press[B], *, once: Key = _delivery) -> None:
        """A button or a menu that carries a value of this kind. `once` is what makes two presses one."""

        def read_then(pressed: Pressed) -> Refusal | None:
            try:
                return listener(pressed, read(pressed.value, kind))
            except Malformed as wrong:
                return Refusal(Why.MALFORMED, str(wrong))

        self.app.action(_of(action))(lambda body: self._press(body, read_then, once))

    def press_in_modal(self, action: str, kind: type[B], listener: Form[B]) -> None:
        """A button in a modal that a button of this kind had opened; the modal shows what came of it."""

        def on_press(body: Body) -> None:
            form = heard.submission(body)
            if self.workspace.admit(body).may_act and self.seen.first(form.key):
                self._show(form, _carried_out(form, kind, listener))

        self.app.action(_of(action))(on_press)

    def form(self, callback: str, kind: type[B], listener: Form[B]) -> None:
        """A modal that was submitted, and that a button of this kind had opened. The same one delivered again gets the
        same answer."""

        def on_form(ack: Ack, body: Body) -> None:
            form, admission = heard.submission(body), self.workspace.admit(body)
            if not admission.may_act:
                self._acknowledge(ack, form, Refusal(Why.STRANGER, admission.team))
                return
            work, is_first = self.forms.once(form.key, lambda: self.workers.submit(_carried_out, form, kind, listener))
            try:
                answered = work.result(timeout=ANSWER_WITHIN)
            except TimeoutError:
                ack(response_action="update", view=self.answerer.renderer.modal(Working()))
                self._show(form, work.result())
            else:
                self._acknowledge(ack, form, answered)
                if is_first and isinstance(answered, Answered):
                    answered.afterwards()

        self.app.view(re.compile(rf"^({callback})$"))(on_form)

    def _acknowledge(self, ack: Ack, form: Submitted, answered: Answered | Refusal) -> None:
        """Say in the acknowledgement what becomes of a form. Why it was refused stands under its first field, so that
        nothing typed is lost."""
        renderer = self.answerer.renderer
        if isinstance(answered, Refusal):
            log.info("a form of %s was refused: %s %s", form.user, answered.why, answered.detail)
            answered = Answered(shows=answered, mistakes=dict.fromkeys(list(form.fields)[:1], answered))
        if answered.mistakes:
            errors = {name: renderer.plain(mistake) for name, mistake in answered.mistakes.items()}
            ack(response_action="errors", errors=errors)
        elif answered.shows is not None:
            ack(response_action="update", view=renderer.modal(answered.shows, metadata=answered.metadata))
        else:
            ack(response_action="clear")

    def _show(self, form: Submitted, answered: Answered | Refusal) -> None:
        """Show what came of a form that has been acknowledged."""
        if isinstance(answered, Refusal):
            self.answerer.show(form.view_id, answered)
            return
        mistake = next(iter(answered.mistakes.values()), Done())
        self.answerer.show(form.view_id, answered.shows or mistake, answered.metadata)
        answered.afterwards()

    def _hear(self, body: Body, said: Heard | None, listener: Callable[[Heard], None]) -> None:
        if said is not None and self._admits(body, said) and self.seen.first(said.key):
            listener(said)

    def _press(self, body: Body, listener: Callable[[Pressed], Refusal | None], once: Key) -> None:
        pressed = heard.press(body)
        if not self._admits(body, pressed.heard) or not self.seen.first(once(pressed)):
            return
        refusal = listener(pressed)
        if refusal is not None:
            self.answerer.refuse(pressed.heard, refusal)

    def _admits(self, body: Body, said: Heard) -> bool:
        """Whether somebody may do anything. Whoever may not is told so once, where that is seen by them alone or they
        are in a channel of ours; for another installation's channel there is no token."""
        admission = self.workspace.admit(body)
        if not admission.may_act:
            log.warning("%s of workspace %s may do nothing here", said.user, admission.team)
            if (admission.is_ours or said.response_url is not None) and self.seen.first(said.key):
                self.answerer.refuse(said, Refusal(Why.STRANGER, admission.team))
        return admission.may_act


def _carried_out(form: Submitted, kind: type[B], listener: Form[B]) -> Answered | Refusal:
    try:
        behind = Behind.read(form.metadata)
        return listener(form, behind, read(behind.value, kind))
    except Malformed as wrong:
        return Refusal(Why.MALFORMED, str(wrong))


def _of(action: str) -> re.Pattern[str]:
    """Every button of this action: fitting numbers them, "ask:1", "ask:2"."""
    return re.compile(rf"^({action})(:\w+)*$")
