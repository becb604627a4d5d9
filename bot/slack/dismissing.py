"""*Not a problem…*: asks why, and takes the answer. All else that is done to an incident needs no form."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from slack_bolt import Ack
from slack_sdk import WebClient

from bot.domain.incidents.handling import DISMISS
from bot.domain.press import Handling, Malformed, read_handling
from bot.rendering import Renderer
from bot.services.handling import IncidentDesk, dismissing, handle
from bot.services.replies import Refused, Why
from bot.slack import heard
from bot.slack.errors import translated
from bot.slack.heard import Body
from bot.slack.listeners import Listeners
from bot.slack.modals import Behind
from bot.slack.replies import Edit

FIELD = "because"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dismissing:
    """The listeners of the option and of its form."""

    listeners: Listeners
    desk: IncidentDesk
    renderer: Renderer
    client: WebClient
    acted: Callable[[], object]

    def on_incident(self, body: Body) -> None:
        """Anything that is done to an incident: this one opens the form, the others do theirs."""
        pressed = heard.press(body)
        try:
            handling = read_handling(pressed.value)
        except Malformed:
            self.listeners.on_incident(body)
            return
        if handling.do != DISMISS:
            self.listeners.on_incident(body)
        elif self.listeners.seen.first(pressed.heard.key):
            form = dismissing(handling, self.desk, by=pressed.heard.user, channel=pressed.heard.channel)
            if isinstance(form, Refused):
                self.listeners.refuse(pressed, form)
                return
            view = self.renderer.form(form, metadata=Behind.of(pressed).metadata)
            with translated("opening a modal"):
                self.client.views_open(trigger_id=pressed.trigger_id, view=view)

    def on_dismissed(self, ack: Ack, body: Body) -> None:
        """The form came back: rights and state are checked anew."""
        said = heard.submission(body)
        try:
            behind = Behind.read(said.metadata)
            handling = read_handling(behind.value)
        except Malformed as wrong:
            ack(response_action="errors", errors={FIELD: f"I cannot save this: {wrong}."})
            return
        asking = self.listeners.asking(behind.heard(said.user))
        chosen = Handling(incident_id=handling.incident_id, do=f"{DISMISS} {said.values.get(FIELD, '')}")
        answered = handle(
            chosen, self.desk, by=said.user, channel=behind.channel, time_zone=asking.time_zone, now=asking.now
        )
        if isinstance(answered, Refused):
            ack(response_action="errors", errors={FIELD: _REFUSED.get(answered.why, "I cannot read this answer.")})
            return
        ack()
        Edit(self.client, behind.channel, behind.ts, behind.response_url).say(self.renderer.slack(answered))
        self.acted()


_REFUSED = {
    Why.NO_RIGHT: "You are not among the people who may handle incidents here.",
    Why.NO_INCIDENT: "There is no such incident any more.",
    Why.STALE: "Somebody was faster: it has been dismissed already.",
}
"""What stands under the field; a form shows no more than a line."""
