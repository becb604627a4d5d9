"""Naming the cause of unknown failures: the buttons that open the forms, and the forms when they come back."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.domain.answers.unknown_failures import CauseRetired, Naming, name_problem, plain, problems
from bot.domain.commands.button import Subject
from bot.domain.knowledge.revision import Revised, Revision, RevisionAsked, RevisionKind
from bot.services.knowledge.name_causes import (
    NamedCauses,
    name_cause,
    naming_form,
    renamed,
    renaming_form,
    visible,
)
from bot.services.replies import Refusal, Why
from bot.slack.answerer import Answerer
from bot.slack.heard import Pressed, Submitted
from bot.slack.modals import Answered, Behind
from bot.slack.revisions import RevisionListeners

_NUMBER = re.compile(r"[1-9]\d{0,17}", re.ASCII)
_GONE = Refusal(Why.NOTHING_TO_NAME)


@dataclass(frozen=True, slots=True)
class NamedCauseListeners:
    """The forms that name a cause, and what takes a name back."""

    answerer: Answerer
    names: NamedCauses
    revisions: RevisionListeners

    def on_name(self, pressed: Pressed, failure: Subject) -> Refusal | None:
        """*Name this cause…*: opens the form."""
        number, history = _number(failure.subject), self.answerer.context.sources.history
        return self._opened(None if number is None else naming_form(number, history, self.answerer.scope), pressed)

    def on_rename(self, pressed: Pressed, cause: Subject) -> Refusal | None:
        """*Rename…*: opens the form."""
        return self._opened(renaming_form(cause.subject, self.names, self.answerer.scope), pressed)

    def on_retire(self, pressed: Pressed, cause: Subject) -> Refusal | None:
        """*Retire*, confirmed: the name is taken back, or whoever gave it is asked."""
        signature = visible(self.names, self.answerer.scope, cause.subject)
        revision = Revision(kind=RevisionKind.UNNAME, key=cause.subject)
        answered = self.revisions.ask(revision, pressed.heard.user)
        if isinstance(answered, Refusal) or signature is None:
            return answered if isinstance(answered, Refusal) else _GONE
        self.answerer.say(
            pressed.heard, CauseRetired(signature=signature) if isinstance(answered, Revised) else answered
        )
        return None

    def on_named(self, form: Submitted, _: Behind, failure: Subject) -> Answered | Refusal:
        """The form with a name: its mistakes are shown in it, else the failures get their name."""
        fields = {name: form.fields.get(name, "") for name in ("name", "explanation", "owner", "remedy")}
        naming, sources = Naming(**fields), self.answerer.context.sources
        if wrong := problems(naming, sources.catalogue):
            return Answered(mistakes=wrong)
        number = _number(failure.subject)
        named = number and name_cause(
            number,
            naming,
            self.names,
            sources.history,
            sources.knowledge,
            scope=self.answerer.scope,
            by=form.user,
            now=self.answerer.clock(),
        )
        return Answered(shows=named) if named else _GONE

    def on_renamed(self, form: Submitted, _: Behind, cause: Subject) -> Answered | Refusal:
        """The form with another name."""
        name = form.fields.get("name", "")
        if (wrong := name_problem(name, self.answerer.context.sources.catalogue)) is not None:
            return Answered(mistakes={"name": wrong})
        revision = Revision(kind=RevisionKind.RENAME, key=cause.subject, text=plain(name))
        answered = self.revisions.ask(revision, form.user)
        if isinstance(answered, Refusal):
            return answered
        if isinstance(answered, RevisionAsked):
            return Answered(shows=answered)
        shown = renamed(name, self.names, self.answerer.scope)
        return Answered(shows=shown) if shown else _GONE

    def _opened(self, form: object | None, pressed: Pressed) -> Refusal | None:
        if form is None:
            return _GONE
        self.answerer.open_modal(form, pressed)
        return None


def _number(text: str) -> int | None:
    return int(text) if _NUMBER.fullmatch(text) else None
