"""Alerts and digests reach their channel once, can be edited and found again, and a refusal says what to do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from threading import Event
from time import monotonic

import pytest

from bot.clock import utc_now
from bot.domain.incidents.card import IncidentCard
from bot.rendering import Renderer
from bot.services.errors import Gone, Undelivered
from bot.slack import SlackMessenger, web_client
from playground.workspace import Channel, Workspace
from tests.unit.rendering.values import EXAMPLES, STATS

NODE = next(value for value in EXAMPLES if isinstance(value, IncidentCard))
KEY = "incident/12/1"


@dataclass
class Place:
    workspace: Workspace
    channel: Channel
    messenger: SlackMessenger


@pytest.fixture
def place() -> Iterator[Place]:
    with Workspace().serve() as workspace:
        client = web_client(workspace.bot_token, workspace.url)
        messenger = SlackMessenger(client, Renderer(), stop=Event(), seconds_between=0.01)
        yield Place(workspace, workspace.channel("on-call"), messenger)


def test_a_message_is_posted_edited_and_found_again(place: Place) -> None:
    ts = place.messenger.post(place.channel.id, NODE, key=KEY)
    place.messenger.post(place.channel.id, STATS, key="stats")
    worse = replace(NODE, incident=replace(NODE.incident, finding=replace(NODE.incident.finding, jobs=15)))
    place.messenger.update(place.channel.id, ts, worse)
    first, _ = place.workspace.messages(place.channel)
    assert (first.ts, "15 of 16" in first.words) == (ts, True)
    hour_ago = utc_now() - timedelta(hours=1)
    assert place.messenger.find(place.channel.id, KEY, hour_ago) == ts
    assert place.messenger.find(place.channel.id, "incident/13/1", hour_ago) is None
    assert place.messenger.find(place.channel.id, KEY, utc_now() + timedelta(hours=1)) is None


def test_everything_that_has_a_template_can_be_posted(place: Place) -> None:
    for value in EXAMPLES:
        assert place.messenger.post(place.channel.id, value, key="x")


def test_a_channel_without_the_bot_is_a_permanent_refusal_that_says_what_to_do(place: Place) -> None:
    place.workspace.remove_bot(place.channel)
    with pytest.raises(Undelivered, match="invite the bot") as refused:
        place.messenger.post(place.channel.id, NODE, key=KEY)
    assert refused.value.permanent


def test_slack_being_away_is_worth_another_try(place: Place) -> None:
    place.workspace.cut()
    with pytest.raises(Undelivered) as refused:
        place.messenger.post(place.channel.id, NODE, key=KEY)
    assert not refused.value.permanent
    place.workspace.restore()
    assert place.messenger.post(place.channel.id, NODE, key=KEY)


def test_messages_to_one_channel_keep_their_distance_and_others_do_not_wait(place: Place) -> None:
    client = web_client(place.workspace.bot_token, place.workspace.url)
    paced = SlackMessenger(client, Renderer(), stop=Event(), seconds_between=0.3)
    other = place.workspace.channel("other")
    began = monotonic()
    paced.post(place.channel.id, STATS, key="1")
    paced.post(other.id, STATS, key="1")
    assert monotonic() - began < 0.3
    paced.post(place.channel.id, STATS, key="2")
    assert monotonic() - began >= 0.3


def test_a_line_goes_into_the_thread_and_is_found_there(place: Place) -> None:
    root = place.messenger.post(place.channel.id, NODE, key=KEY)
    line = place.messenger.post(place.channel.id, NODE, key="line", thread=root, reply_broadcast=True)
    assert [reply.ts for reply in place.workspace.messages(place.channel, thread_ts=root)] == [line]
    hour_ago = utc_now() - timedelta(hours=1)
    assert place.messenger.find(place.channel.id, "line", hour_ago, thread=root) == line
    assert place.messenger.find(place.channel.id, "line", hour_ago) is None


def test_a_message_that_somebody_deleted_is_gone_for_good(place: Place) -> None:
    ts = place.messenger.post(place.channel.id, NODE, key=KEY)
    (message,) = place.workspace.messages(place.channel)
    place.workspace.state.delete(message)
    with pytest.raises(Gone):
        place.messenger.update(place.channel.id, ts, NODE)
