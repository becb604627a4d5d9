"""The Home tab: shown when it is opened, and anew after each choice in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from slack_sdk import WebClient

from bot.domain.answers.home import Health
from bot.rendering import Renderer
from bot.services.answers.answer import AnswerContext
from bot.services.answers.home import choose, home, unsubscribe
from bot.services.incidents.acknowledge import IncidentContext
from bot.slack import heard
from bot.slack.errors import translated
from bot.slack.heard import Body
from bot.slack.people import People

_DIGITS = 18


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeListeners:
    """What the listeners work with."""

    context: AnswerContext
    incidents: IncidentContext
    renderer: Renderer
    client: WebClient
    people: People
    clock: Callable[[], datetime]
    health: Callable[[], Health]
    """How the bot itself is."""

    def on_home(self, body: Body) -> None:
        """The Home tab is opened."""
        user = heard.home(body)
        if user is not None:
            self._show(user)

    def on_refresh(self, body: Body) -> None:
        """*Refresh*."""
        self._show(heard.press(body).heard.user)

    def on_choose(self, body: Body) -> None:
        """The projects that a person wants to see."""
        pressed = heard.press(body)
        choose(self.context, self.incidents, pressed.heard.user, pressed.values)
        self._show(pressed.heard.user)

    def on_unsubscribe(self, body: Body) -> None:
        """*Unsubscribe*: of what this person subscribed."""
        pressed = heard.press(body)
        number = int(pressed.value) if pressed.value.isdecimal() and len(pressed.value) < _DIGITS else 0
        unsubscribe(self.incidents, pressed.heard.user, number)
        self._show(pressed.heard.user)

    def _show(self, user: str) -> None:
        now = self.clock()
        zone = self.people.time_zone(user, now=now)
        value = home(self.context, self.incidents, self.health(), user=user, time_zone=zone, now=now)
        message = self.renderer.slack(value, time_zone=zone)
        with translated("publishing the Home tab"):
            self.client.views_publish(user_id=user, view={"type": "home", "blocks": list(message.blocks)})
