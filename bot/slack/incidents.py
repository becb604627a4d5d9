"""What is done to incidents: by a button or a menu at once, *Not a problem…* after a form that asks why."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bot.domain.commands.button import Handling
from bot.domain.incidents.card import IncidentCard, WhyTold
from bot.domain.incidents.handle import DISMISS
from bot.services.incidents.acknowledge import IncidentContext, dismissing, handle
from bot.services.replies import Refusal
from bot.slack.answerer import Answerer
from bot.slack.heard import Heard, Pressed, Submitted
from bot.slack.modals import Answered, Behind
from bot.slack.respond import Edit

_BECAUSE = "because"


@dataclass(frozen=True, slots=True)
class IncidentListeners:
    """The buttons and the menu of an incident's message."""

    answerer: Answerer
    context: IncidentContext
    acted: Callable[[], object]
    """Hears that somebody handled an incident, so that its thread need not wait for the next sweep."""

    def on_incident(self, pressed: Pressed, handling: Handling) -> Refusal | None:
        """*Acknowledge*, *Snooze*, *Resolve* and the like: done if it may be, and the message edited in place; *Not a
        problem…* opens its form."""
        said = pressed.heard
        if handling.do == DISMISS:
            form = dismissing(handling, self.context, by=said.user, channel=said.channel)
            if isinstance(form, Refusal):
                return form
            self.answerer.open_modal(form, pressed)
            return None
        answered = self._answered(handling, said)
        if isinstance(answered, Refusal):
            return answered
        if isinstance(answered, IncidentCard):
            self._edit(answered, said, pressed.message_ts)
        else:
            self.answerer.say(said, answered, time_zone=self.answerer.asking(said).time_zone)
        return None

    def on_dismissed(self, form: Submitted, behind: Behind, handling: Handling) -> Answered | Refusal:
        """The form came back: rights and state are checked anew."""
        chosen = Handling(incident_id=handling.incident_id, do=f"{DISMISS} {form.fields.get(_BECAUSE, '')}")
        said = behind.heard(form.user)
        answered = self._answered(chosen, said)
        if isinstance(answered, Refusal):
            return answered
        return Answered(afterwards=lambda: self._edit(answered, said, behind.ts))

    def _edit(self, answered: IncidentCard | WhyTold, said: Heard, ts: str | None) -> None:
        message = self.answerer.renderer.slack(answered)
        Edit(self.answerer.client, said.channel, ts, said.response_url).say(message)
        self.acted()

    def _answered(self, handling: Handling, said: Heard) -> IncidentCard | WhyTold | Refusal:
        asking = self.answerer.asking(said)
        return handle(
            handling, self.context, by=said.user, channel=said.channel, time_zone=asking.time_zone, now=asking.now
        )
