"""Builds the Bolt app: which event has which listener. Nothing here calls Slack; the first call is the first answer."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

from slack_bolt import Ack, App
from slack_bolt.authorization import AuthorizeResult
from slack_sdk import WebClient

from bot.clock import utc_now
from bot.domain.answers.home import Health
from bot.domain.commands.button import (
    Elsewise,
    Handling,
    Pick,
    Question,
    Retold,
    RetoldVote,
    Revise,
    Subject,
    Unsubscription,
    Vote,
)
from bot.rendering import Renderer
from bot.services.answers.answer import AnswerContext
from bot.slack.answerer import PATIENCE, Answerer
from bot.slack.body import Body
from bot.slack.explain_log import EXPLAIN, LogListeners, asks_about_log
from bot.slack.guard import Guard
from bot.slack.home import HomeListeners
from bot.slack.incidents import IncidentListeners
from bot.slack.named_causes import NamedCauseListeners
from bot.slack.people import People
from bot.slack.questions import QuestionListeners, shared, unknown
from bot.slack.revisions import RevisionListeners
from bot.slack.solutions import SolutionListeners
from bot.slack.workspace import Workspace

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
    trusted_workspaces: Iterable[str] = (),
) -> App:
    """The app, ready for a connection: `connection.SocketConnection` or `connection.endpoint`.

    `client` has the bot's token and the Web API's address. `time_zone` is for people whose own Slack does not say.
    `signing_secret` is for HTTP only: without it every request over HTTP is refused. `acted` hears of each incident
    that somebody handled; `health` says how the bot is, for the Home tab. `trusted_workspaces` are the ids of those
    whose people may act beside the people of the token's own.
    """
    renderer.load()
    answerer = Answerer(
        context=context,
        renderer=renderer,
        client=client,
        people=People(client, default_zone=time_zone),
        clock=clock,
        patience=patience,
    )
    app = _app(client, signing_secret)
    app.use(_acknowledge)
    guard = Guard(app=app, answerer=answerer, workspace=Workspace(client, trusted_workspaces))
    _listen_to_logs(guard, answerer)  # before questions: the first listener that fits a message is the only one
    _listen_to_questions(guard, answerer)
    _listen_to_solutions(guard, answerer)
    if context.incidents is not None:
        incidents = IncidentListeners(answerer, context.incidents, acted)
        guard.press("incident", Handling, incidents.on_incident)
        guard.form("dismiss", Handling, incidents.on_dismissed)
        tab = HomeListeners(answerer, context.incidents, health)
        guard.home(tab.on_home)
        guard.gesture("home", tab.on_refresh)
        guard.gesture("home_projects", tab.on_choose)
        guard.press("home_unsubscribe", Unsubscription, tab.on_unsubscribe)
    if context.sources.names is not None:
        causes = NamedCauseListeners(answerer, context.sources.names, RevisionListeners(answerer))
        guard.press("name", Subject, causes.on_name)
        guard.press("rename", Subject, causes.on_rename)
        guard.press("unname", Subject, causes.on_retire)
        guard.form("name", Subject, causes.on_named)
        guard.form("rename", Subject, causes.on_renamed)
    guard.gesture(".*", unknown)  # last: whatever else is pressed
    app.error(answerer.failed)
    return app


def _listen_to_logs(guard: Guard, answerer: Answerer) -> None:
    logs = LogListeners(answerer)
    guard.shortcut(EXPLAIN, logs.on_log)
    for event in ("app_mention", "message"):
        guard.message(event, logs.on_log, when=asks_about_log)
    guard.press("explained_share", Retold, logs.on_share, once=shared)
    guard.press("explained_(worked|failed)", RetoldVote, logs.on_vote)


def _listen_to_questions(guard: Guard, answerer: Answerer) -> None:
    questions = QuestionListeners(answerer)
    guard.command(COMMAND, questions.on_command)
    for event in ("app_mention", "message"):
        guard.message(event, questions.on_message)
    guard.press("ask", Question, questions.on_ask)
    guard.press("share", Question, questions.on_share, once=shared)


def _listen_to_solutions(guard: Guard, answerer: Answerer) -> None:
    revisions = RevisionListeners(answerer)
    guard.press("accept_revision", Revise, revisions.on_accept)
    guard.press("decline_revision", Revise, revisions.on_decline)
    guard.press("undo_revision", Revise, revisions.on_undo)
    solutions = SolutionListeners(answerer, revisions)
    guard.press("worked|failed", Vote, solutions.on_vote)
    guard.press("else", Elsewise, solutions.on_else)
    guard.press("edit", Pick, solutions.on_edit)
    guard.press("retire", Pick, solutions.on_retire)
    guard.press_in_modal("same", Elsewise, solutions.on_same)
    guard.form("suggest", Elsewise, solutions.on_suggested)
    guard.form("suggest_new", Elsewise, solutions.on_suggested_anew)
    guard.form("reword", Pick, solutions.on_reworded)


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
