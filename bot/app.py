"""The composition root: builds every part from the settings, starts them, and stops them on SIGTERM or Ctrl-C."""

from __future__ import annotations

import logging
import signal
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from pydantic import SecretStr
from starlette.routing import Route

from bot import api, log_lines, outlets, schedule
from bot.answer_context import opened
from bot.asgi_server import serve
from bot.clock import utc_now
from bot.cluster import client as kubernetes
from bot.cluster.client import ClusterClient
from bot.cluster.nodes import NodeVersions
from bot.cluster.source import watched
from bot.domain.answers.home import Health
from bot.domain.commands.command import Analyze
from bot.domain.diagnosis import diagnose
from bot.domain.diagnosis.catalogue import Catalogue
from bot.domain.diagnosis.first_fault import depth_of
from bot.domain.incidents.outage import Outage
from bot.metrics import Metrics
from bot.rendering.renderer import Renderer
from bot.services.answers.answer import AnswerContext, Asking, answer
from bot.services.incidents import outages
from bot.services.recording.health import blind_now, health, unready, unwatched
from bot.services.recording.node_versions import take_stock
from bot.services.recording.record import Scribe
from bot.services.recording.watch import Tally, watch_cluster
from bot.settings import Settings, SlackMode
from bot.slack import app as slack
from bot.slack.client import WebClient, web_client
from bot.slack.connection import SocketConnection, endpoint
from bot.slack.directory import SlackDirectory
from bot.slack.messenger import SlackMessenger
from bot.slack.people import Channels, Groups
from bot.store.database_file import held
from bot.store.store import Store
from bot.tasks import Tasks
from bot.web import SlackEndpoint, web_app

log = logging.getLogger(__name__)
EVIDENCE_THREADS = 2
"""For each cluster: what they fetch they also read for its cause, and that competes with the watch."""
TELLING_THREADS = 4
"""Channels that are told at once; each waits for Slack most of the time."""
STOCK_EVERY = timedelta(minutes=5)
"""Between two looks at the nodes: a list of 1,000 of them is two requests."""


def run(settings: Settings, *, clock: Callable[[], datetime] = utc_now, look_every: timedelta | None = None) -> None:
    """The bot, until SIGTERM or Ctrl-C. A clock that may run ahead of the machine's is looked at every so often.
    Raises Unavailable where the database is away or credentials are missing."""
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    log_lines.begin()
    with running(settings, stop, clock=clock, look_every=look_every):
        stop.wait()
        log.info("stopping")


@contextmanager
def running(
    settings: Settings,
    stop: threading.Event,
    *,
    clock: Callable[[], datetime] = utc_now,
    look_every: timedelta | None = None,
) -> Iterator[None]:
    """Everything started, until the block ends; then everything is stopped, the newest first."""
    with ExitStack() as stack:
        if not stack.enter_context(held(settings.store_url, stop=stop, now=clock())):
            yield
            return
        store, context = stack.enter_context(opened(settings))
        tallies = [Tally(cluster.name) for cluster in settings.watched]
        metrics = Metrics(tallies)
        renderer = Renderer(currency=settings.currency, time_zone=settings.time_zone)
        _warm(context, renderer, clock())
        client = web_client(_secret(settings.slack_bot_token), settings.slack_api_url)
        directory = SlackDirectory(client, clock=clock, trusted=settings.trusted_workspaces)
        context = replace(context, user=directory.user)
        messenger = SlackMessenger(client, renderer, stop=stop, clock=clock)
        timed = Tasks(
            settings,
            context,
            store,
            messenger,
            directory=directory,
            mailer=outlets.mailer(settings, renderer),
            pager=outlets.pager(settings, renderer),
            pool=stack.enter_context(ThreadPoolExecutor(TELLING_THREADS, thread_name_prefix="telling")),
            unwatched=lambda: unwatched(tallies, clock()),
            blind=lambda: blind_now(tallies),
            unread_since=lambda: min((each for tally in tallies if (each := tally.unread_since)), default=None),
            clock=clock,
        )
        side = _slack(
            settings,
            context,
            client,
            renderer,
            acted=timed.tell_now,
            health=lambda: health(
                tallies,
                delivered_at=messenger.delivered_at,
                undelivered_since=messenger.undelivered_since,
                now=clock(),
            ),
            clock=clock,
        )
        duties: list[schedule.Schedule] = []
        web = web_app(
            registry=metrics.registry,
            unready=lambda: [
                *unready(
                    tallies,
                    connected=side.socket is None or side.socket.connected,
                    undelivered_since=messenger.undelivered_since,
                    now=clock(),
                ),
                *(late for each in duties for late in each.late()),
                *([trouble] if (trouble := store.trouble()) else []),
            ],
            slack=side.endpoint,
            api=_api(settings, context, clock),
        )
        serving = stack.enter_context(serve(web, host=settings.host, port=settings.port))
        if side.socket is not None:
            side.socket.start()
            stack.callback(side.socket.stop)
        scribe = _scribe(store, context.sources.catalogue)
        remember = partial(outages.remember, outages=store.outages)
        clients = stack.enter_context(_connected(settings))
        stack.enter_context(_watching(settings, clients, scribe, tallies, stop, tell=remember, clock=clock))
        tasks = [*timed.table(), *_stocktaking(clients, store)]
        scheduler = schedule.start(tasks, failed=metrics.task_failed, clock=clock, look_every=look_every)
        stack.callback(scheduler.shutdown)
        duties.append(scheduler)
        log.info("running: %d clusters, Slack over %s, port %d", len(tallies), settings.slack_mode, serving.port)
        yield


@dataclass(frozen=True, slots=True)
class SlackSide:
    """How the bot and Slack reach each other: over a socket, or by requests to an endpoint."""

    socket: SocketConnection | None
    endpoint: SlackEndpoint | None


def _scribe(store: Store, catalogue: Catalogue) -> Scribe:
    return Scribe(
        recorder=store.recorder,
        diagnose=partial(diagnose, catalogue=catalogue),
        depth=lambda failure: depth_of(failure.signature, catalogue),
    )


def _warm(context: AnswerContext, renderer: Renderer, now: datetime) -> None:
    """Answer a question before anybody asks: it loads what the first answer would have to wait for."""
    asking = Asking(user="", channel="", time_zone="UTC", now=now)
    renderer.load()
    renderer.slack(answer(Analyze(), asking, context))


def _slack(
    settings: Settings,
    context: AnswerContext,
    client: WebClient,
    renderer: Renderer,
    *,
    acted: Callable[[], object],
    health: Callable[[], Health],
    clock: Callable[[], datetime],
) -> SlackSide:
    if context.incidents is not None:
        groups = Groups(client, clock=clock)
        known = replace(context.incidents, groups=groups.members, is_member=Channels(client).has)
        context = replace(context, incidents=known)
    bolt = slack.build(
        context,
        renderer,
        client,
        time_zone=settings.time_zone,
        signing_secret=_secret(settings.slack_signing_secret),
        acted=acted,
        health=health,
        clock=clock,
        trusted_workspaces=settings.trusted_workspaces,
    )
    if settings.slack_mode is SlackMode.HTTP:
        return SlackSide(None, endpoint(bolt, _secret(settings.slack_signing_secret) or ""))
    return SlackSide(SocketConnection(bolt, client, _secret(settings.slack_app_token)), None)


def _api(settings: Settings, context: AnswerContext, clock: Callable[[], datetime]) -> list[Route]:
    """The JSON API; without a token there is none."""
    token = _secret(settings.api_token)
    return api.routes(context, token, time_zone=settings.time_zone, clock=clock) if token else []


def _secret(value: SecretStr | None) -> str:
    return value.get_secret_value() if value is not None else ""


@contextmanager
def _connected(settings: Settings) -> Iterator[Mapping[str, ClusterClient]]:
    """A client for each cluster, by its name, until the block ends."""
    with ExitStack() as stack:
        yield {
            cluster.name: stack.enter_context(closing(kubernetes.connect(cluster.context)))
            for cluster in settings.watched
        }


def _stocktaking(clients: Mapping[str, ClusterClient], store: Store) -> list[schedule.Task]:
    """A look at the nodes of each cluster, now and then. It has nothing to do with the watch."""
    return [
        schedule.Task(f"nodes of {name}", STOCK_EVERY, partial(take_stock, NodeVersions(client, name), store.recorder))
        for name, client in clients.items()
    ]


@contextmanager
def _watching(
    settings: Settings,
    clients: Mapping[str, ClusterClient],
    scribe: Scribe,
    tallies: Sequence[Tally],
    stop: threading.Event,
    *,
    tell: Callable[[Outage], None],
    clock: Callable[[], datetime],
) -> Iterator[None]:
    """A thread for each cluster; at the end of the block `stop` is set and all of them have ended."""
    with ExitStack() as stack:
        for cluster, tally in zip(settings.watched, tallies, strict=True):
            name = f"evidence {cluster.name}"
            pool = stack.enter_context(ThreadPoolExecutor(EVIDENCE_THREADS, thread_name_prefix=name))
            source = watched(
                clients[cluster.name],
                cluster.name,
                project_labels=settings.project_labels,
                log_lines=settings.log_lines,
                pending=timedelta(minutes=settings.pending_minutes),
                clock=clock,
            )
            thread = threading.Thread(
                target=watch_cluster,
                args=(cluster.name, source, scribe),
                kwargs={"pool": pool, "stop": stop, "tally": tally, "tell_blind": tell},
                name=f"watch {cluster.name}",
            )
            thread.start()
            stack.callback(thread.join)
        stack.callback(stop.set)
        yield
