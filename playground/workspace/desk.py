"""Where what people do becomes payloads on their way to the app, and what the app acknowledges them with becomes what
the people see."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from playground.workspace.calls import Arguments
from playground.workspace.delivery import COMMANDS, EVENTS, INTERACTIVE, Deliveries, Envelope, Outcome, Unheard
from playground.workspace.installation import Installation
from playground.workspace.interactions import Interaction
from playground.workspace.methods.views import checked, make
from playground.workspace.refusal import Refused
from playground.workspace.responding import say
from playground.workspace.state import SLACKBOT, State
from playground.workspace.tickets import Hook
from playground.workspace.values import Json, Message, View


@dataclass(frozen=True, slots=True)
class Passes:
    """What Slack hands out with an interaction."""

    trigger_id: str
    response_url: str


class Desk:
    """Takes what people do to the app, and what it answers at once to the people."""

    def __init__(self, state: State, installation: Installation, deliveries: Deliveries, base_url: str) -> None:
        self.state = state
        self.installation = installation
        self.base_url = base_url
        self._deliveries = deliveries

    def begin(self, user: str, channel: str | None, source: Message | None = None) -> tuple[Interaction, Passes]:
        """A new interaction with its trigger id and response_url."""
        state, now = self.state, self.state.clock()
        with state.lock:
            interaction = Interaction(state, state.number("I"), user, channel)
            source_ts = source.ts if source else None
            hook = Hook(user=user, channel=channel or "", issued=now, interaction=interaction.key, source_ts=source_ts)
            url = f"{self.base_url}/response/{state.tickets.hook(hook)}"
            return interaction, Passes(state.tickets.trigger(user, now), url)

    def events(self, told: Sequence[Json], interaction: Interaction) -> Interaction:
        """Tell the app of one happening as the events it subscribed to."""
        wanted = [payload for payload in told if _subscription(payload["event"]) in self.installation.events]
        for payload in wanted:
            self._deliveries.send(Envelope(kind=EVENTS, payload=payload), interaction.settle)
        if not wanted:
            interaction.error = f"not subscribed to {_subscription(told[0]['event'])}"
        return interaction

    def command(self, payload: Json, interaction: Interaction) -> Interaction:
        """Bring a slash command. Where the app fails to take it, Slackbot tells the person."""

        def done(outcome: Outcome) -> None:
            if isinstance(outcome, Unheard):
                interaction.error = "operation_timeout" if outcome.reason.endswith("timeout") else "dispatch_failed"
                text = f'{payload["command"]} failed with the error "{interaction.error}"'
                self._slackbot(interaction, text)
            elif outcome.answer:
                self._ack_message(interaction, outcome.answer)
            interaction.settle(outcome)

        self._deliveries.send(Envelope(kind=COMMANDS, payload=payload), done)
        return interaction

    def _slackbot(self, interaction: Interaction, text: str) -> None:
        channel = interaction.channel or ""
        ts = self.state.new_ts()
        self.state.say(Message(channel=channel, ts=ts, user=SLACKBOT, text=text, seen_by=interaction.user))

    def _ack_message(self, interaction: Interaction, answer: object) -> None:
        given = answer if isinstance(answer, dict) else {"text": str(answer)}
        now = self.state.clock()
        hook = Hook(user=interaction.user, channel=interaction.channel or "", issued=now, interaction=interaction.key)
        try:
            say(self.state, hook, Arguments(given))
        except Refused as refusal:
            interaction.error = refusal.error

    def interactive(
        self, payload: Json, interaction: Interaction, *, then: Callable[[Json], None] | None = None
    ) -> Interaction:
        """Bring a press, a submission or a shortcut; `then` is told what the app acknowledged it with."""

        def done(outcome: Outcome) -> None:
            try:
                if then is not None and not isinstance(outcome, Unheard):
                    then(outcome.answer if isinstance(outcome.answer, dict) else {})
            except Refused as refusal:
                interaction.error = refusal.error
            finally:
                interaction.settle(outcome)

        self._deliveries.send(Envelope(kind=INTERACTIVE, payload=payload), done)
        return interaction

    def after_submission(self, interaction: Interaction, view: View, answer: Json) -> None:
        """Do what the app wants after a form was submitted: `errors`, `update`, `push`, `clear`, else close it.
        Raises Refused where Slack would not."""
        action = answer.get("response_action")
        if action == "errors":
            interaction.errors = {str(block): str(words) for block, words in dict(answer.get("errors") or {}).items()}
            inputs = {block.get("block_id") for block in view.blocks if block.get("type") == "input"}
            if unknown := interaction.errors.keys() - inputs:
                raise Refused(f"errors for blocks that are no inputs: {sorted(unknown)}")
        elif action == "update":
            self.state.show(make(self.state, view.user, checked(answer.get("view"), "modal"), old=view))
        elif action == "push":
            self.state.show(make(self.state, view.user, checked(answer.get("view"), "modal"), below=view))
        else:
            self.state.close_view(view.user, all_of_them=action == "clear")


_PLURAL = {"channel": "channels", "group": "groups"}


def _subscription(inner: Json) -> str:
    """What an app subscribes to for being told of this event: `message.im`, `app_mention`."""
    if inner["type"] != "message":
        return str(inner["type"])
    kind = inner["channel_type"]
    return f"message.{_PLURAL.get(kind, kind)}"
