"""The Home tab: shown when it is opened, and anew after each choice in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bot.domain.answers.home import Health
from bot.domain.commands.button import Unsubscription
from bot.services.answers.home import choose, home, unsubscribe
from bot.services.incidents.acknowledge import IncidentContext
from bot.services.replies import SubscriptionsEnded
from bot.slack.answerer import Answerer
from bot.slack.errors import translated
from bot.slack.heard import Pressed


@dataclass(frozen=True, slots=True)
class HomeListeners:
    """What a person does on the Home tab."""

    answerer: Answerer
    incidents: IncidentContext
    health: Callable[[], Health]
    """How the bot itself is."""

    def on_home(self, user: str) -> None:
        """The Home tab is opened."""
        answerer, now = self.answerer, self.answerer.clock()
        zone = answerer.people.time_zone(user, now=now)
        value = home(answerer.context, self.incidents, self.health(), user=user, time_zone=zone, now=now)
        message = answerer.renderer.slack(value, time_zone=zone)
        with translated("publishing the Home tab"):
            answerer.client.views_publish(user_id=user, view={"type": "home", "blocks": list(message.blocks)})

    def on_refresh(self, pressed: Pressed) -> None:
        """*Refresh*."""
        self.on_home(pressed.heard.user)

    def on_choose(self, pressed: Pressed) -> None:
        """The projects that a person wants to see."""
        choose(self.answerer.context, self.incidents, pressed.heard.user, pressed.values)
        self.on_home(pressed.heard.user)

    def on_unsubscribe(self, pressed: Pressed, button: Unsubscription) -> None:
        """*Unsubscribe*: of what this person subscribed."""
        user = pressed.heard.user
        ended = unsubscribe(self.incidents, user, button.subscription_id)
        if ended is not None:
            self.answerer.announce(ended.channel, SubscriptionsEnded(ended=(ended,), by=user))
        self.on_home(user)
