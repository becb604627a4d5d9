"""What is done to incidents: by a button or a menu at once, *Not a problem…* after a form that asks why."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from slack_bolt import Ack
from slack_sdk import WebClient

from bot.domain.commands.button import Handling, Malformed, read_handling
from bot.domain.incidents.card import IncidentCard, WhyTold
from bot.domain.incidents.handle import DISMISS
from bot.rendering import Renderer
from bot.services.incidents.acknowledge import IncidentContext, dismissing, handle
from bot.services.replies import Refusal, Why
from bot.slack import heard
from bot.slack.heard import Body, Heard, Pressed
from bot.slack.listeners import Listeners
from bot.slack.modals import Behind, open_form
from bot.slack.replies import Edit

FIELD = "because"


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentListeners:
    """What the listeners work with."""

    listeners: Listeners
    context: IncidentContext
    renderer: Renderer
    client: WebClient
    acted: Callable[[], object]
    """Hears that somebody handled an incident, so that its thread need not wait for the next sweep."""

    def on_incident(self, body: Body) -> None:
        """*Acknowledge*, *Snooze*, *Resolve* and the like: done if it may be, and the message edited in place; *Not a
        problem…* opens its form."""
        pressed = heard.press(body)
        if not self.listeners.seen.first(pressed.heard.key):
            return
        try:
            handling = read_handling(pressed.value)
        except Malformed as wrong:
            self.listeners.refuse(pressed, Refusal(Why.MALFORMED, str(wrong)))
            return
        if handling.do == DISMISS:
            form = dismissing(handling, self.context, by=pressed.heard.user, channel=pressed.heard.channel)
            open_form(form, pressed, self.listeners)
        else:
            self._handle(handling, pressed)

    def _handle(self, handling: Handling, pressed: Pressed) -> None:
        said = pressed.heard
        answered = self._answered(handling, said, said.user)
        if isinstance(answered, Refusal):
            self.listeners.refuse(pressed, answered)
        elif isinstance(answered, IncidentCard):
            Edit(self.client, said.channel, pressed.message_ts, said.response_url).say(self.renderer.slack(answered))
            self.acted()
        else:
            zone = self.listeners.asking(said).time_zone
            self.listeners.reply(said).say(self.renderer.slack(answered, time_zone=zone))

    def on_dismissed(self, ack: Ack, body: Body) -> None:
        """The form came back: rights and state are checked anew."""
        said = heard.submission(body)
        try:
            behind = Behind.read(said.metadata)
            handling = read_handling(behind.value)
        except Malformed as wrong:
            ack(response_action="errors", errors={FIELD: f"I cannot save this: {wrong}."})
            return
        chosen = Handling(incident_id=handling.incident_id, do=f"{DISMISS} {said.values.get(FIELD, '')}")
        answered = self._answered(chosen, behind.heard(said.user), said.user)
        if isinstance(answered, Refusal):
            ack(response_action="errors", errors={FIELD: _REFUSED.get(answered.why, "I cannot read this answer.")})
            return
        ack()
        Edit(self.client, behind.channel, behind.ts, behind.response_url).say(self.renderer.slack(answered))
        self.acted()

    def _answered(self, handling: Handling, said: Heard, by: str) -> IncidentCard | WhyTold | Refusal:
        asking = self.listeners.asking(said)
        return handle(handling, self.context, by=by, channel=said.channel, time_zone=asking.time_zone, now=asking.now)


_REFUSED = {
    Why.NO_RIGHT: "You are not among the people who may handle incidents here.",
    Why.NO_INCIDENT: "There is no such incident any more.",
    Why.STALE: "Somebody was faster: it has been dismissed already.",
}
"""What stands under the field; a form shows no more than a line."""
