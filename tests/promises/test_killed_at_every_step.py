"""SIGKILL at every step of telling: between any two effects of a sweep the process is killed for real, and what people
read afterwards is what they would have read without."""

from __future__ import annotations

import multiprocessing
import os
import signal
from dataclasses import replace
from datetime import datetime, timedelta
from threading import Event

import pytest

from bot.answer_context import incident_context
from bot.rendering import Renderer
from bot.services.incidents.notices import IncidentNotice
from bot.settings import Settings
from bot.slack import SlackMessenger, web_client
from bot.store.incident_notices import SqlIncidentNotices
from bot.store.incidents import SqlIncidents
from bot.store.outbox import SqlOutbox
from bot.store.store import Store, open_store
from bot.tasks import Tasks
from tests.promises.slack_bot import answer_context
from tests.promises.telling import MINUTE, Telling, telling

EFFECTS = 9
"""Of the first sweep: incidents recorded; message about to be said, posted, noted, no longer about to be said; the
same of the line in its thread. Then decisions are kept."""


class Doomed:
    """Dies at the n-th effect, before it or right after it."""

    def __init__(self, at: int, *, after: bool) -> None:
        self.left = at
        self.after = after

    def effect(self, done: bool) -> None:  # noqa: FBT001 read at the call as "before" and "after"
        if not done:
            self.left -= 1
        if self.left == 0 and done == self.after:
            os.kill(os.getpid(), signal.SIGKILL)


class DoomedMessenger(SlackMessenger):
    doom: Doomed

    def post(self, *args: object, **kwargs: object) -> str:
        self.doom.effect(False)
        ts = super().post(*args, **kwargs)  # type: ignore[arg-type] # whatever it was given
        self.doom.effect(True)
        return ts


class DoomedNotices(SqlIncidentNotices):
    doom: Doomed

    def note(self, notice: IncidentNotice) -> None:
        self.doom.effect(False)
        super().note(notice)
        self.doom.effect(True)


class DoomedOutbox(SqlOutbox):
    doom: Doomed

    def begin(self, key: str, channel: str, at: datetime) -> bool:
        self.doom.effect(False)
        fresh = super().begin(key, channel, at)
        self.doom.effect(True)
        return fresh

    def done(self, key: str, channel: str) -> None:
        self.doom.effect(False)
        super().done(key, channel)
        self.doom.effect(True)


class DoomedIncidents(SqlIncidents):
    doom: Doomed

    def observe(self, *args: object, **kwargs: object) -> None:
        self.doom.effect(False)
        super().observe(*args, **kwargs)  # type: ignore[arg-type] # whatever it was given
        self.doom.effect(True)


def sweep(database: str, api: str, token: str, on_call: str, now: datetime, at: int, after: bool) -> None:  # noqa: FBT001, PLR0917 run as a process
    """One sweep in a process of its own that does not survive it."""
    store = open_store(database)
    notices, outbox = DoomedNotices(store.engine), DoomedOutbox(store.engine)
    incidents = DoomedIncidents(store.engine)
    store = replace(store, incident_notices=notices, outbox=outbox, incidents=incidents)
    messenger = DoomedMessenger(web_client(token, api), Renderer(), stop=Event(), seconds_between=0.0)
    settings = Settings(on_call_channel=on_call)
    notices.doom = outbox.doom = incidents.doom = messenger.doom = Doomed(at, after=after)
    answers = answer_context(store)
    object.__setattr__(answers, "incidents", incident_context(settings, store))
    Tasks(settings, answers, store, messenger).sweep(now)


def killed_sweep(bot: Telling, database: str, at: int, *, after: bool) -> int | None:
    workspace = bot.workspace
    arguments = (database, workspace.url, workspace.bot_token, bot.on_call.id, bot.now, at, after)
    processes = multiprocessing.get_context("forkserver")
    processes.set_forkserver_preload([__name__])
    process = processes.Process(target=sweep, args=arguments)
    process.start()
    process.join(60)
    return process.exitcode


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("step", range(1, EFFECTS + 1))
def test_a_sweep_that_is_killed_at_a_step_ends_in_one_message_with_one_line(
    sqlite_store: Store, sqlite_url: str, step: int, *, after: bool
) -> None:
    with telling(sqlite_store) as bot:
        bot.a_hot_node()
        assert killed_sweep(bot, sqlite_url, step, after=after) == -signal.SIGKILL
        bot.sweep(MINUTE)
        bot.sweep(MINUTE)
        assert "10 of 10" in bot.root().words
        assert len(bot.thread()) == 1


def test_the_steps_are_all_there_are(sqlite_store: Store, sqlite_url: str) -> None:
    with telling(sqlite_store) as bot:
        bot.a_hot_node()
        assert killed_sweep(bot, sqlite_url, EFFECTS + 1, after=False) == 0
        assert len(bot.thread()) == 1
        bot.sweep(timedelta(minutes=1))
        assert bot.root().edited_ts is None
