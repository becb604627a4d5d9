"""The composition root: builds every part from the settings, starts them, and stops them on SIGTERM or Ctrl-C."""

from __future__ import annotations

import logging
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from pydantic import SecretStr
from starlette.routing import Route

from bot import api, schedule
from bot.clock import utc_now
from bot.cluster import client as kubernetes
from bot.cluster.source import watched
from bot.desk import opened
from bot.domain.blind import Blind
from bot.domain.command import Analyze
from bot.domain.diagnosis import diagnose
from bot.domain.diagnosis.catalogue import Catalogue
from bot.domain.diagnosis.gang import depth_of
from bot.domain.masking import mask
from bot.metrics import Metrics
from bot.rendering.renderer import Renderer
from bot.services.answering import Asking, Desk, answer
from bot.services.asking import Directory
from bot.services.ports import Messenger, Unavailable
from bot.services.recording import Scribe
from bot.services.watching import Tally, watch_cluster
from bot.serving import serve
from bot.settings import Settings, SlackMode
from bot.slack import app as slack
from bot.slack.client import web_client
from bot.slack.connection import SocketConnection, endpoint
from bot.slack.directory import SlackDirectory
from bot.slack.messenger import SlackMessenger
from bot.store.store import Store
from bot.tasks import tasks
from bot.web import SlackEndpoint, web_app

log = logging.getLogger(__name__)
EVIDENCE_THREADS = 2
"""For each cluster: what they fetch they also read for its cause, and that competes with the watch."""
SILENT = timedelta(minutes=5)
"""A cluster that was not heard of for so long makes the bot unready; bookmarks come about once a minute."""


def run(settings: Settings) -> None:
    """The bot, until SIGTERM or Ctrl-C. Raises Unavailable where the database is away or credentials are missing."""
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    with running(settings, stop):
        stop.wait()
        log.info("stopping")


@contextmanager
def running(settings: Settings, stop: threading.Event) -> Iterator[None]:
    """Everything started, until the block ends; then everything is stopped, the newest first."""
    with ExitStack() as stack:
        store, desk = stack.enter_context(opened(settings))
        tallies = [Tally(cluster.name) for cluster in settings.watched]
        metrics = Metrics(tallies)
        renderer = Renderer(currency=settings.currency, time_zone=settings.time_zone)
        _warm(desk, renderer)
        side = _slack(settings, desk, renderer, stop)
        web = web_app(
            registry=metrics.registry,
            unready=lambda: unready(tallies, side),
            slack=side.endpoint,
            api=_api(settings, desk),
        )
        serving = stack.enter_context(serve(web, host=settings.host, port=settings.port))
        if side.socket is not None:
            side.socket.start()
            stack.callback(side.socket.stop)
        scribe = _scribe(store, desk.sources.catalogue)
        tell = partial(_tell_blind, side.messenger, settings.on_call_channel)
        stack.enter_context(_watching(settings, scribe, tallies, stop, tell=tell))
        duties = tasks(settings, desk, store, side.messenger, side.directory)
        scheduler = schedule.start(duties, failed=metrics.task_failed)
        stack.callback(scheduler.shutdown)
        log.info("running: %d clusters, Slack over %s, port %d", len(tallies), settings.slack_mode, serving.port)
        yield


@dataclass(frozen=True, slots=True)
class SlackSide:
    """How the bot and Slack reach each other: over a socket, or by requests to an endpoint."""

    messenger: Messenger
    directory: Directory
    socket: SocketConnection | None
    endpoint: SlackEndpoint | None


def _scribe(store: Store, catalogue: Catalogue) -> Scribe:
    return Scribe(
        recorder=store,
        mask=mask,
        diagnose=partial(diagnose, catalogue=catalogue),
        depth=lambda failure: depth_of(failure.signature, catalogue),
    )


def _warm(desk: Desk, renderer: Renderer) -> None:
    """Answer a question before anybody asks: it loads what the first answer would have to wait for."""
    asking = Asking(user="", channel="", time_zone="UTC", now=utc_now())
    renderer.load()
    renderer.slack(answer(Analyze(), asking, desk))


def _slack(settings: Settings, desk: Desk, renderer: Renderer, stop: threading.Event) -> SlackSide:
    client = web_client(_secret(settings.slack_bot_token), settings.slack_api_url)
    messenger = SlackMessenger(client, renderer, stop=stop)
    directory = SlackDirectory(client, clock=utc_now)
    bolt = slack.build(
        desk,
        renderer,
        client,
        time_zone=settings.time_zone,
        signing_secret=_secret(settings.slack_signing_secret),
    )
    if settings.slack_mode is SlackMode.HTTP:
        return SlackSide(messenger, directory, None, endpoint(bolt))
    return SlackSide(messenger, directory, SocketConnection(bolt, client, _secret(settings.slack_app_token)), None)


def _api(settings: Settings, desk: Desk) -> list[Route]:
    """The JSON API; without a token there is none."""
    token = _secret(settings.api_token)
    return api.routes(desk, token, time_zone=settings.time_zone, clock=utc_now) if token else []


def _secret(value: SecretStr | None) -> str:
    return value.get_secret_value() if value is not None else ""


def unready(tallies: Sequence[Tally], side: SlackSide) -> list[str]:
    """Why the bot cannot do all of its work just now; nothing where it can."""
    now = utc_now()
    reasons = [f"cluster {tally.cluster}: {why}" for tally in tallies if (why := _silence(tally, now))]
    if side.socket is not None and not side.socket.connected:
        reasons.append("Slack: not connected")
    return reasons


def _silence(tally: Tally, now: datetime) -> str | None:
    """Why a cluster counts as silent; None where all is well."""
    if tally.trouble is not None:
        return tally.trouble
    if not tally.lists or tally.alive_at is None:
        return "its pods have not been listed yet"
    return None if now - tally.alive_at < SILENT else f"nothing heard since {tally.alive_at:%H:%M} UTC"


@contextmanager
def _watching(
    settings: Settings,
    scribe: Scribe,
    tallies: Sequence[Tally],
    stop: threading.Event,
    *,
    tell: Callable[[Blind], None],
) -> Iterator[None]:
    """A thread for each cluster; at the end of the block `stop` is set and all of them have ended."""
    with ExitStack() as stack:
        for cluster, tally in zip(settings.watched, tallies, strict=True):
            client = stack.enter_context(closing(kubernetes.connect(cluster.context)))
            name = f"evidence {cluster.name}"
            pool = stack.enter_context(ThreadPoolExecutor(EVIDENCE_THREADS, thread_name_prefix=name))
            source = watched(
                client,
                cluster.name,
                project_labels=settings.project_labels,
                log_lines=settings.log_lines,
                pending=timedelta(minutes=settings.pending_minutes),
                clock=utc_now,
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


def _tell_blind(messenger: Messenger, channel: str | None, spell: Blind) -> None:
    """Tell the on-call channel of a gap that was closed; it is in the log in any case."""
    if channel is None:
        return
    try:
        messenger.post(channel, spell, key=f"blind/{spell.cluster}/{spell.since:%Y%m%dT%H%M%S}")
    except Unavailable as error:
        log.warning("nobody was told of a blind spell of %s: %s", spell.cluster, error)
