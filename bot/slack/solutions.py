"""What people say about solutions: whether one helped, what else did, another wording, and that one is retired."""

from __future__ import annotations

import logging
from dataclasses import dataclass

import msgspec

from bot.domain.commands.button import Elsewise, Pick, Same, Vote, read
from bot.domain.commands.command import Fix, ShowJob
from bot.domain.commands.grammar import read as read_command
from bot.domain.knowledge.revision import Revised, Revision, RevisionAsked, RevisionKind
from bot.domain.knowledge.suggestion import EVERYWHERE, NearDuplicates, Thanks
from bot.services.errors import Undelivered
from bot.services.knowledge.suggest import Suggestion, editing, form_for, known_already, suggest, tidied
from bot.services.knowledge.vote import vote
from bot.services.replies import Refusal, Why
from bot.slack.answerer import Answerer
from bot.slack.heard import Pressed, Submitted
from bot.slack.modals import Answered, Behind
from bot.slack.revisions import RevisionListeners

log = logging.getLogger(__name__)
_WHAT, _WHERE = "what", "where"


@dataclass(frozen=True, slots=True)
class SolutionListeners:
    """Votes, and the modals about solutions with the buttons that open them."""

    answerer: Answerer
    revisions: RevisionListeners

    def on_vote(self, pressed: Pressed, said: Vote) -> Refusal | None:
        """*This fixed it*, *Didn't help*, *Change*: recorded, and the message edited with the new record."""
        if not isinstance(read_command(said.asked), Fix | ShowJob):
            return Refusal(Why.NO_FIXES)
        if (refusal := self._vote(said.solution_id, said.failure_id, pressed, worked=said.worked)) is not None:
            return refusal
        self.answerer.redraw(pressed.heard, pressed.message_ts, said.asked, shared_by=said.shared_by)
        return None

    def on_else(self, pressed: Pressed, elsewise: Elsewise) -> Refusal | None:
        """*Something else fixed it…*: the form."""
        form = form_for(elsewise.about, self.answerer.context.sources.history, scope=self.answerer.scope)
        return self._opened(form, pressed)

    def on_edit(self, pressed: Pressed, pick: Pick) -> Refusal | None:
        """*Edit…*: the form with the wording so far."""
        return self._opened(
            editing(pick.solution_id, self.answerer.context.sources.knowledge, scope=self.answerer.scope), pressed
        )

    def on_retire(self, pressed: Pressed, pick: Pick) -> Refusal | None:
        """*Retire*, confirmed: the fix is offered no more, and the list is drawn again; or its author is asked."""
        revision = Revision(kind=RevisionKind.RETIRE, key=str(pick.solution_id))
        answered = self.revisions.ask(revision, pressed.heard.user)
        if isinstance(answered, Refusal):
            return answered
        if isinstance(answered, Revised):
            self.answerer.redraw(pressed.heard, pressed.message_ts, pick.asked)
        self.answerer.say(pressed.heard, answered)
        return None

    def on_suggested(self, form: Submitted, behind: Behind, elsewise: Elsewise) -> Answered | Refusal:
        """The form came back: near-duplicates are offered first."""
        suggestion = _suggestion(form, behind, elsewise)
        sources = self.answerer.context.sources
        known = known_already(suggestion, sources.history, sources.knowledge, scope=self.answerer.scope)
        if not known:
            return self._suggested(suggestion, form, behind, elsewise)
        near = NearDuplicates(text=suggestion.text, condition=suggestion.condition, known=known)
        typed = msgspec.structs.replace(behind, text=suggestion.text, condition=suggestion.condition)
        return Answered(shows=near, metadata=typed.metadata)

    def on_suggested_anew(self, form: Submitted, behind: Behind, elsewise: Elsewise) -> Answered | Refusal:
        """The near-duplicates say something else."""
        return self._suggested(_suggestion(form, behind, elsewise), form, behind, elsewise)

    def on_same(self, form: Submitted, behind: Behind, elsewise: Elsewise) -> Answered | Refusal:
        """*That's it*: a vote for the known fix instead of a second one that says the same."""
        solution_id, knowledge = read(form.value, Same).solution_id, self.answerer.context.sources.knowledge
        refusal = vote(
            solution_id,
            elsewise.failure_id,
            self.answerer.context.sources.history,
            knowledge,
            worked=True,
            scope=self.answerer.scope,
            by=form.user,
            now=self.answerer.clock(),
        )
        known = knowledge.solution(self.answerer.scope, solution_id)
        if refusal is not None or known is None:
            return refusal or Refusal(Why.NO_SOLUTION)
        return Answered(
            shows=Thanks(known[0].description),
            metadata=form.metadata,
            afterwards=lambda: self._redraw(form, behind, elsewise.asked, elsewise.shared_by),
        )

    def on_reworded(self, form: Submitted, behind: Behind, pick: Pick) -> Answered | Refusal:
        """Another wording, made or put before its author."""
        text, condition = tidied(form.fields.get(_WHAT, "")), _condition(form)
        if not text:
            return Refusal(Why.TOO_FEW_WORDS)
        revision = Revision(kind=RevisionKind.REWORD, key=str(pick.solution_id), text=text, condition=condition)
        answered = self.revisions.ask(revision, form.user)
        if isinstance(answered, Refusal):
            return answered
        if isinstance(answered, RevisionAsked):
            return Answered(shows=answered)
        return Answered(afterwards=lambda: self._reworded(form, behind, pick, answered))

    def _reworded(self, form: Submitted, behind: Behind, pick: Pick, revised: Revised) -> None:
        self._redraw(form, behind, pick.asked, None)
        self.answerer.say(behind.heard(form.user), revised)

    def _opened(self, form: object, pressed: Pressed) -> Refusal | None:
        if isinstance(form, Refusal):
            return form
        self.answerer.open_modal(form, pressed)
        return None

    def _vote(self, solution_id: int, failure_id: int | None, pressed: Pressed, *, worked: bool) -> Refusal | None:
        sources, now = self.answerer.context.sources, self.answerer.clock()
        return vote(
            solution_id,
            failure_id,
            sources.history,
            sources.knowledge,
            worked=worked,
            scope=self.answerer.scope,
            by=pressed.heard.user,
            now=min(pressed.at or now, now),
        )

    def _suggested(
        self, suggestion: Suggestion, form: Submitted, behind: Behind, elsewise: Elsewise
    ) -> Answered | Refusal:
        sources = self.answerer.context.sources
        saved = suggest(
            suggestion, sources.history, sources.knowledge, scope=self.answerer.scope, now=self.answerer.clock()
        )
        if isinstance(saved, Refusal):
            return saved
        return Answered(afterwards=lambda: self._redraw(form, behind, elsewise.asked, elsewise.shared_by))

    def _redraw(self, form: Submitted, behind: Behind, asked: str, shared_by: str | None) -> None:
        """The message behind the modal with what is known now; that it cannot be reached any more harms nothing."""
        try:
            self.answerer.redraw(behind.heard(form.user), behind.ts, asked, shared_by=shared_by)
        except Undelivered as error:
            log.info("a message behind a modal stays as it was: %s", error)


def _suggestion(form: Submitted, behind: Behind, elsewise: Elsewise) -> Suggestion:
    return Suggestion(
        about=elsewise.about,
        text=tidied(form.fields.get(_WHAT) or behind.text),
        condition=_condition(form) or behind.condition,
        by=form.user,
        project=asked.project if isinstance(asked := read_command(elsewise.asked), Fix | ShowJob) else None,
    )


def _condition(form: Submitted) -> str | None:
    chosen = form.fields.get(_WHERE)
    return None if chosen in {None, "", EVERYWHERE} else chosen
