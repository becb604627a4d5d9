"""Builds the Bolt app: which event has which listener. Nothing here calls Slack; the first call is the first answer."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

from slack_bolt import Ack, App
from slack_bolt.authorization import AuthorizeResult
from slack_sdk import WebClient

from bot.clock import utc_now
from bot.domain.answers.home import Health
from bot.rendering import Renderer
from bot.services.answers.answer import AnswerContext
from bot.slack.explaining import ExplainingListeners
from bot.slack.heard import Body
from bot.slack.homes import HomeListeners
from bot.slack.incidents import IncidentListeners
from bot.slack.listeners import PATIENCE, Listeners
from bot.slack.modals import Modals
from bot.slack.naming import NamingListeners
from bot.slack.people import People
from bot.slack.seen import Seen

COMMAND = "/failures"
WORKERS = 4
"""Answers that are worked on at once; the rest wait their turn, acknowledged. Each of them delays the thread that
acknowledges by one turn at the interpreter, so few is quicker for all."""


def build(
    context: AnswerContext,
    renderer: Renderer,
    client: WebClient,
    *,
    time_zone: str = "UTC",
    signing_secret: str = "",
    clock: Callable[[], datetime] = utc_now,
    patience: float = PATIENCE,
    acted: Callable[[], object] = lambda: None,
    health: Callable[[], Health] = Health,
) -> App:
    """The app, ready for a connection: `connection.SocketConnection` or `connection.endpoint`.

    `client` has the bot's token and the Web API's address. `time_zone` is for people whose own Slack does not say.
    `signing_secret` is for HTTP only: without it every request over HTTP is refused. `acted` hears of each incident
    that somebody handled; `health` says how the bot is, for the Home tab.
    """
    renderer.load()
    people = People(client, default_zone=time_zone)
    listeners = Listeners(
        context=context,
        renderer=renderer,
        client=client,
        people=people,
        seen=Seen(),
        clock=clock,
        patience=patience,
    )
    app = _app(client, signing_secret)
    app.use(_acknowledge)
    app.command(COMMAND)(listeners.on_command)
    ExplainingListeners(listeners=listeners, context=context, renderer=renderer, client=client, clock=clock).register(
        app
    )  # before the rest: the first listener that fits a message is the only one
    app.event("app_mention")(listeners.on_message)
    app.event("message")(listeners.on_message)
    for action, listener in {
        "ask": listeners.on_ask,
        "share": listeners.on_share,
        "worked": listeners.on_verdict,
        "failed": listeners.on_verdict,
    }.items():
        app.action(re.compile(rf"^{action}(:\w+)*$"))(listener)
    if context.incidents is not None:
        incidents = IncidentListeners(
            listeners=listeners, context=context.incidents, renderer=renderer, client=client, acted=acted
        )
        app.action(re.compile(r"^incident(:\w+)*$"))(incidents.on_incident)
        app.view("dismiss")(incidents.on_dismissed)
        homes = HomeListeners(
            context=context,
            incidents=context.incidents,
            renderer=renderer,
            client=client,
            people=people,
            clock=clock,
            health=health,
        )
        app.event("app_home_opened")(homes.on_home)
        for action, listener in {
            "home": homes.on_refresh,
            "home_projects": homes.on_choose,
            "home_unsubscribe": homes.on_unsubscribe,
        }.items():
            app.action(re.compile(rf"^{action}(:\w+)*$"))(listener)
    if context.sources.names is not None:
        NamingListeners(
            context=context,
            names=context.sources.names,
            renderer=renderer,
            client=client,
            seen=listeners.seen,
            clock=clock,
        ).register(app)
    modals = Modals(listeners=listeners, context=context, renderer=renderer, client=client, clock=clock)
    for action, listener in {
        "else": modals.on_else,
        "edit": modals.on_edit,
        "retire": modals.on_retire,
        "same": modals.on_same,
    }.items():
        app.action(re.compile(rf"^{action}(:\d+)?$"))(listener)
    app.view(re.compile("^suggest(_new)?$"))(modals.on_suggested)
    app.view("reword")(modals.on_reworded)
    app.action(re.compile(""))(listeners.on_unknown)  # the first listener that fits is the only one
    app.error(listeners.failed)
    return app


def _acknowledge(ack: Ack, body: Body, next: Callable[[], object]) -> None:  # noqa: A002 Bolt passes arguments by these names
    """Acknowledge before anything else, in the thread that received it: no busy worker can delay it. A form's
    acknowledgement says what becomes of the form, so its listener gives it."""
    if body.get("type") != "view_submission":
        ack()
    next()


def _app(client: WebClient, signing_secret: str) -> App:
    """Bolt without a call to Slack: the token is given with each request instead of verified at the start."""
    tokenless = WebClient(base_url=client.base_url, timeout=client.timeout)

    def authorize(enterprise_id: str | None, team_id: str | None, user_id: str | None) -> AuthorizeResult:
        return AuthorizeResult(enterprise_id=enterprise_id, team_id=team_id, user_id=user_id, bot_token=client.token)

    return App(
        name="failures-bot",
        client=tokenless,
        authorize=authorize,
        signing_secret=signing_secret,
        listener_executor=ThreadPoolExecutor(max_workers=WORKERS, thread_name_prefix="slack"),
        logger=logging.getLogger("bot.slack.bolt"),
    )
