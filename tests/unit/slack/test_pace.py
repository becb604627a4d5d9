from __future__ import annotations

import time

import pytest

from bot.clock import utc_now
from bot.services.errors import Undelivered
from bot.slack.client import web_client
from bot.slack.errors import translated
from bot.slack.pace import LONGEST_WAIT, Refusals
from bot.slack.people import People
from playground.workspace import Workspace


def test_a_look_up_that_may_be_left_out_is_not_waited_for_and_not_asked_again_before_its_time() -> None:
    workspace = Workspace()
    with workspace.serve():
        ana = workspace.person("ana")
        people = People(web_client(workspace.bot_token, workspace.url), default_zone="Europe/Berlin")
        workspace.rate_limit("users.info", times=1, retry_after=30)
        began = time.monotonic()
        assert people.time_zone(ana.id, now=utc_now()) == "Europe/Berlin"
        assert people.time_zone("U2", now=utc_now()) == "Europe/Berlin"
        assert time.monotonic() - began < 5


def test_a_wait_of_an_hour_is_an_error_that_passes_and_no_other_method_waits() -> None:
    workspace = Workspace()
    with workspace.serve():
        channel = workspace.channel("ml", workspace.person("ana"))
        client = web_client(workspace.bot_token, workspace.url)
        workspace.rate_limit("chat.update", times=1, retry_after=3600)
        began = time.monotonic()
        for _ in range(2):
            with pytest.raises(Undelivered) as away, translated("editing"):
                client.chat_update(channel=channel.id, ts="1.1", text="x")
            assert not away.value.permanent
        client.chat_postMessage(channel=channel.id, text="x")
        assert time.monotonic() - began < 5


def test_waits_are_kept_apart_by_method_and_end() -> None:
    refusals = Refusals()
    refusals.note("chat.postMessage", LONGEST_WAIT + 5)
    refusals.note("users.info", 1)
    refusals.note("chat.update", 1)
    assert not refusals.may_wait("chat.postMessage")
    assert not refusals.may_wait("users.info")
    assert refusals.may_wait("chat.update")
    assert refusals.left("views.open") == 0
