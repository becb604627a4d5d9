"""The Web API of the workspace as slack-sdk's own client meets it: what works, and what Slack refuses."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.request import Request, urlopen

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_handlers import RateLimitErrorRetryHandler
from slack_sdk.webhook import WebhookClient

from playground.workspace import Change, Installation, Workspace, from_manifest

SCOPES = Installation().scopes | {"channels:join", "users:read.email", "usergroups:read", "pins:write", "files:read"}


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 11, 23, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


CLOCK = Clock()


@pytest.fixture(scope="module")
def ws() -> Iterator[Workspace]:
    with Workspace(installation=Installation(scopes=SCOPES), clock=CLOCK).serve() as serving:
        yield serving


@pytest.fixture
def client(ws: Workspace) -> WebClient:
    return WebClient(ws.bot_token, base_url=ws.url)


def refusal(call: Any, **arguments: Any) -> Any:
    with pytest.raises(SlackApiError) as caught:
        call(**arguments)
    return caught.value.response


def section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


def test_the_token_says_who_the_app_is_and_what_it_may(client: WebClient, ws: Workspace) -> None:
    answer = client.auth_test()
    assert answer["user_id"] == ws.bot.id
    headers = {name.lower(): value for name, value in answer.headers.items()}
    assert set(headers["x-oauth-scopes"].split(",")) == SCOPES


@pytest.mark.parametrize(("token", "error"), [("", "not_authed"), ("xoxb-wrong", "invalid_auth")])
def test_a_wrong_token_is_refused(ws: Workspace, token: str, error: str) -> None:
    assert refusal(WebClient(token, base_url=ws.url).auth_test)["error"] == error


def test_only_the_app_token_opens_a_connection(ws: Workspace, client: WebClient) -> None:
    assert refusal(client.apps_connections_open, app_token=ws.bot_token)["error"] == "not_allowed_token_type"
    assert client.apps_connections_open(app_token=ws.app_token)["url"].startswith("ws://127.0.0.1:")


def test_a_method_without_its_scope_says_which_is_needed() -> None:
    with Workspace(installation=Installation(scopes=frozenset({"chat:write"}))).serve() as ws:
        client = WebClient(ws.bot_token, base_url=ws.url)
        answer = refusal(client.reactions_add, channel="C1", timestamp="1.0", name="eyes")
        assert (answer["error"], answer["needed"]) == ("missing_scope", "reactions:write")
        team = ws.channel("ml-team")
        assert refusal(client.conversations_history, channel=team.id)["needed"].startswith("channels:history")


def test_the_rights_are_those_of_the_manifest() -> None:
    rights = from_manifest(
        {
            "features": {"slash_commands": [{"command": "/failures", "should_escape": True}]},
            "oauth_config": {"scopes": {"bot": ["commands"]}},
            "settings": {"event_subscriptions": {"bot_events": ["app_mention"]}},
        }
    )
    assert rights.scopes == {"commands"}
    assert rights.events == {"app_mention"}
    assert rights.escapes("/failures") is True
    assert rights.escapes("/other") is None


def test_an_unknown_method_is_refused(client: WebClient) -> None:
    assert refusal(client.api_call, api_method="chat.shout")["error"] == "unknown_method"


def test_a_message_is_posted_edited_and_deleted_in_its_place(client: WebClient, ws: Workspace) -> None:
    team = ws.channel("ml-team")
    posted = client.chat_postMessage(channel=team.id, text="firing", blocks=[section("12 of 16")])
    assert posted["message"]["bot_id"]
    client.chat_update(channel=team.id, ts=posted["ts"], text="resolved")
    (message,) = ws.messages(team)
    assert (message.text, message.words, message.ts) == ("resolved", "12 of 16", posted["ts"])
    assert message.edited_ts
    client.chat_delete(channel=team.id, ts=posted["ts"])
    assert ws.messages(team) == []
    assert refusal(client.chat_update, channel=team.id, ts=posted["ts"], text="late")["error"] == "message_not_found"


def test_two_messages_never_have_the_same_ts(client: WebClient, ws: Workspace) -> None:
    ws.channel("busy")
    stamps = [client.chat_postMessage(channel="#busy", text="hello")["ts"] for _ in range(20)]
    assert stamps == sorted(set(stamps))
    assert all(len(ts.split(".")[1]) == 6 for ts in stamps)


def test_metadata_is_kept_and_returned_where_it_is_asked_for(client: WebClient, ws: Workspace) -> None:
    quiet = ws.channel("quiet")
    metadata = {"event_type": "failures", "event_payload": {"key": "node/gpu-node-03"}}
    client.chat_postMessage(channel=quiet.id, text="firing", metadata=metadata)
    with_it = client.conversations_history(channel=quiet.id, include_all_metadata=True)
    assert with_it["messages"][0]["metadata"] == metadata
    assert "metadata" not in client.conversations_history(channel=quiet.id)["messages"][0]
    answer = refusal(client.chat_postMessage, channel=quiet.id, text="x", metadata={"event_type": "failures"})
    assert answer["error"] == "invalid_metadata_format"


def test_history_comes_newest_first_in_pages_without_replies(client: WebClient, ws: Workspace) -> None:
    where = ws.channel("paged")
    first = client.chat_postMessage(channel=where.id, text="0")["ts"]
    for number in range(1, 5):
        client.chat_postMessage(channel=where.id, text=str(number))
    client.chat_postMessage(channel=where.id, text="reply", thread_ts=first)
    pages = [page["messages"] for page in client.conversations_history(channel=where.id, limit=2)]
    assert [message["text"] for page in pages for message in page] == ["4", "3", "2", "1", "0"]
    after = client.conversations_history(channel=where.id, oldest=first)["messages"]
    assert [message["text"] for message in after] == ["4", "3", "2", "1"]
    thread = client.conversations_replies(channel=where.id, ts=first)["messages"]
    assert [message["text"] for message in thread] == ["0", "reply"]
    assert thread[0]["reply_count"] == 1


def test_an_ephemeral_message_is_seen_by_one_person_and_cannot_be_edited(client: WebClient, ws: Workspace) -> None:
    ana, ben = ws.person("ana"), ws.person("ben")
    where = ws.channel("whispers", ana)
    ts = client.chat_postEphemeral(channel=where.id, user=ana.id, text="psst")["message_ts"]
    assert [message.text for message in ws.visible_to(ana, where)] == ["psst"]
    assert ws.visible_to(ben, where) == []
    assert client.conversations_history(channel=where.id)["messages"] == []
    assert refusal(client.chat_update, channel=where.id, ts=ts, text="x")["error"] == "message_not_found"
    outsider = refusal(client.chat_postEphemeral, channel=where.id, user=ben.id, text="psst")
    assert outsider["error"] == "user_not_in_channel"


def test_the_app_writes_only_where_it_is_and_where_there_is_life(client: WebClient, ws: Workspace) -> None:
    elsewhere, secret = ws.channel("elsewhere", bot=False), ws.channel("secret", private=True, bot=False)
    assert refusal(client.chat_postMessage, channel="C0", text="x")["error"] == "channel_not_found"
    assert refusal(client.chat_postMessage, channel=elsewhere.id, text="x")["error"] == "not_in_channel"
    assert refusal(client.chat_postMessage, channel=secret.id, text="x")["error"] == "channel_not_found"
    client.conversations_join(channel=elsewhere.id)
    client.chat_postMessage(channel=elsewhere.id, text="now I may")
    ws.archive(elsewhere)
    assert refusal(client.chat_postMessage, channel=elsewhere.id, text="x")["error"] == "is_archived"


def test_the_app_cannot_edit_what_a_person_wrote(client: WebClient, ws: Workspace) -> None:
    ana = ws.person("ana")
    ana.say("my words", ws.channel("ml-team"))
    mine = next(message for message in ws.messages("ml-team") if message.text == "my words")
    assert refusal(client.chat_update, channel=mine.channel, ts=mine.ts, text="x")["error"] == "cant_update_message"
    assert refusal(client.chat_delete, channel=mine.channel, ts=mine.ts)["error"] == "cant_delete_message"


def test_what_slack_would_not_show_is_refused_with_the_place(client: WebClient, ws: Workspace) -> None:
    where = ws.channel("ml-team").id
    empty = refusal(client.api_call, api_method="chat.postMessage", json={"channel": where, "text": ""})
    assert empty["error"] == "no_text"
    assert refusal(client.chat_postMessage, channel=where, text="x" * 40_001)["error"] == "msg_too_long"
    answer = refusal(client.chat_postMessage, channel=where, text="x", blocks=[section("y" * 3001)])
    assert answer["error"] == "invalid_blocks"
    assert answer["response_metadata"]["messages"] == [
        "[ERROR] must be less than 3001 characters [json-pointer:/blocks/0/text/text]"
    ]
    much = [section("y" * 2900) for _ in range(5)]
    assert refusal(client.chat_postMessage, channel=where, text="x", blocks=much)["error"] == "msg_blocks_too_long"
    coloured = [{"color": "#a30200", "blocks": [section("")]}]
    assert refusal(client.chat_postMessage, channel=where, text="x", attachments=coloured)["error"] == "invalid_blocks"
    unknown = refusal(client.chat_postMessage, channel=where, text="x", thread_ts="1.000000")
    assert unknown["error"] == "cannot_reply_to_message"


def test_a_form_body_is_as_good_as_json(client: WebClient, ws: Workspace) -> None:
    team = ws.channel("forms")
    fields = {"channel": team.id, "text": "hi", "blocks": json.dumps([section("from a form")])}
    client.api_call("chat.postMessage", params=fields)
    assert ws.messages(team)[0].words == "from a form"
    answer = refusal(client.api_call, api_method="chat.postMessage", params=fields | {"blocks": "[{"})
    assert answer["error"] == "invalid_blocks_format"


def test_a_missing_argument_is_named(client: WebClient) -> None:
    answer = refusal(client.api_call, api_method="chat.postMessage", json={"text": "x"})
    assert answer["error"] == "invalid_arguments"
    assert answer["response_metadata"]["messages"] == ["[ERROR] missing required field: channel"]


def test_a_rate_limited_call_works_when_the_client_waits(ws: Workspace) -> None:
    waiting = WebClient(ws.bot_token, base_url=ws.url, retry_handlers=[RateLimitErrorRetryHandler(max_retry_count=1)])
    where = ws.channel("limited")
    ws.rate_limit("chat.postMessage", times=1, retry_after=0)
    waiting.chat_postMessage(channel=where.id, text="patience")
    assert ws.rate_limited["chat.postMessage"] == 1
    ws.rate_limit("chat.postMessage", times=1, retry_after=7)
    answer = refusal(WebClient(ws.bot_token, base_url=ws.url).chat_postMessage, channel=where.id, text="now")
    assert (answer.status_code, answer["error"], answer.headers["Retry-After"]) == (429, "ratelimited", "7")


def test_where_rates_are_enforced_a_channel_takes_a_few_posts_at_once_and_then_one_a_second() -> None:
    clock = Clock()
    with Workspace(enforce_rates=True, clock=clock).serve() as ws:
        client = WebClient(ws.bot_token, base_url=ws.url)
        where, other = ws.channel("ml-team").id, ws.channel("other").id
        for _ in range(5):
            client.chat_postMessage(channel=where, text="x")
        answer = refusal(client.chat_postMessage, channel=where, text="x")
        client.chat_postMessage(channel=other, text="x")
        clock.now += timedelta(seconds=int(answer.headers["Retry-After"]))
        assert client.chat_postMessage(channel=where, text="x")["ok"]


def test_people_and_groups_are_known(client: WebClient, ws: Workspace) -> None:
    ana = ws.person("berta", tz="Europe/Berlin")
    ws.group("gpu-oncall", ana)
    user = client.users_info(user=ana.id)["user"]
    assert (user["tz"], user["tz_offset"]) == ("Europe/Berlin", 3600)
    assert client.users_lookupByEmail(email="berta@example.com")["user"]["id"] == ana.id
    groups = client.usergroups_list(include_users=True)["usergroups"]
    assert groups[0]["users"] == [ana.id]
    assert refusal(client.users_info, user="U404")["error"] == "user_not_found"


def test_channels_are_listed_by_type_in_pages(client: WebClient, ws: Workspace) -> None:
    ws.channel("hidden", private=True)
    ws.channel("someone-elses", private=True, bot=False)
    pages = client.conversations_list(types="public_channel,private_channel", limit=3)
    names = [channel["name"] for page in pages for channel in page["channels"]]
    assert "hidden" in names
    assert "someone-elses" not in names
    assert len(names) == len(set(names))


def test_a_file_is_uploaded_in_three_steps(client: WebClient, ws: Workspace) -> None:
    where = ws.channel("files")
    client.files_upload_v2(channel=where.id, content="line 1\nline 2", filename="log.txt", initial_comment="the log")
    (message,) = ws.messages(where)
    assert message.text == "the log"
    assert message.files[0]["name"] == "log.txt"


def test_a_reaction_is_added_once(client: WebClient, ws: Workspace) -> None:
    where = ws.channel("reactions")
    ts = client.chat_postMessage(channel=where.id, text="x")["ts"]
    client.reactions_add(channel=where.id, timestamp=ts, name="eyes")
    assert ws.messages(where)[0].reactions == (("eyes", ws.bot.id),)
    assert refusal(client.reactions_add, channel=where.id, timestamp=ts, name="eyes")["error"] == "already_reacted"
    client.reactions_remove(channel=where.id, timestamp=ts, name="eyes")
    assert ws.messages(where)[0].reactions == ()


def modal(**fields: Any) -> dict[str, Any]:
    title = {"type": "plain_text", "text": "A form"}
    return {"type": "modal", "title": title, "blocks": [section("hello")], **fields}


def test_a_trigger_opens_one_view_within_three_seconds(client: WebClient, ws: Workspace) -> None:
    ana = ws.person("ana")
    trigger = ws.state.tickets.trigger(ana.id, CLOCK.now)
    client.views_open(trigger_id=trigger, view=modal())
    assert ana.modal is not None
    assert refusal(client.views_open, trigger_id=trigger, view=modal())["error"] == "exchanged_trigger_id"
    late = ws.state.tickets.trigger(ana.id, CLOCK.now - timedelta(seconds=3.1))
    assert refusal(client.views_open, trigger_id=late, view=modal())["error"] == "expired_trigger_id"
    assert refusal(client.views_open, trigger_id="1.2.3", view=modal())["error"] == "invalid_trigger_id"


def test_views_are_stacked_three_deep_and_edited_by_hash(client: WebClient, ws: Workspace) -> None:
    ana = ws.person("ana")

    def trigger() -> str:
        return ws.state.tickets.trigger(ana.id, CLOCK.now)

    root = client.views_open(trigger_id=trigger(), view=modal())["view"]
    client.views_push(trigger_id=trigger(), view=modal())
    top = client.views_push(trigger_id=trigger(), view=modal())["view"]
    assert top["root_view_id"] == root["id"]
    assert refusal(client.views_push, trigger_id=trigger(), view=modal())["error"] == "push_limit_reached"
    client.views_update(view_id=top["id"], hash=top["hash"], view=modal(private_metadata="2"))
    stale = refusal(client.views_update, view_id=top["id"], hash=top["hash"], view=modal())
    assert stale["error"] == "hash_conflict"


def test_a_view_that_slack_would_not_show_is_refused_with_the_place(client: WebClient) -> None:
    answer = refusal(client.views_publish, user_id="U1", view={"type": "home", "blocks": []})
    assert answer["error"] == "user_not_found"
    long_title = modal(title={"type": "plain_text", "text": "A title that is far too long"})
    answer = refusal(client.views_open, trigger_id="1.2.3", view=long_title)
    assert answer["error"] == "invalid_arguments"
    assert "[json-pointer:/view/title/text]" in answer["response_metadata"]["messages"][0]


def _hook(ws: Workspace) -> str:
    desk = ws._desk
    place = ws.channel("ml-team")
    return desk.begin(ws.person("ana").id, place.id)[1].response_url


def test_a_response_url_is_good_five_times(ws: Workspace) -> None:
    hook = WebhookClient(_hook(ws))
    statuses = [hook.send(text=f"answer {number}").status_code for number in range(6)]
    assert statuses == [200] * 5 + [404]
    assert sum(message.text.startswith("answer") for message in ws.person("ana").sees("ml-team")) == 5


def test_a_response_url_is_good_for_half_an_hour(ws: Workspace) -> None:
    url = _hook(ws)
    CLOCK.now += timedelta(minutes=31)
    answer = WebhookClient(url).send(text="late")
    assert (answer.status_code, json.loads(answer.body)["error"]) == (404, "expired_url")


def test_a_response_url_refuses_what_slack_would_not_show(ws: Workspace) -> None:
    answer = WebhookClient(_hook(ws)).send(text="x", blocks=[section("")])
    assert (answer.status_code, json.loads(answer.body)["error"]) == (400, "invalid_blocks")


def test_an_answer_in_the_channel_is_seen_by_all(ws: Workspace) -> None:
    WebhookClient(_hook(ws)).send(text="shared by ana", response_type="in_channel")
    assert ws.messages("ml-team")[-1].text == "shared by ana"


def test_slack_that_is_away_answers_503_or_nothing_and_comes_back(client: WebClient, ws: Workspace) -> None:
    ws.cut()
    with pytest.raises(SlackApiError) as caught:
        client.auth_test()
    assert caught.value.response.status_code == 503
    ws.cut(refuse=True)
    with pytest.raises(OSError, match="refused"):
        client.auth_test()
    ws.restore()
    assert client.auth_test()["ok"]


def test_a_body_that_is_not_json_is_refused(ws: Workspace) -> None:
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {ws.bot_token}"}
    for body, error in ((b"{", "invalid_json"), (b"[]", "json_not_object")):
        request = Request(ws.url + "chat.postMessage", body, headers)
        with urlopen(request, timeout=5) as response:
            assert json.load(response)["error"] == error


def test_every_change_is_told_to_who_listens(client: WebClient, ws: Workspace) -> None:
    where = ws.channel("watched")
    told: list[Change] = []
    with ws.changes.listen(told.append):
        ts = client.chat_postMessage(channel=where.id, text="x")["ts"]
        client.chat_update(channel=where.id, ts=ts, text="y")
        client.chat_delete(channel=where.id, ts=ts)
    client.chat_postMessage(channel=where.id, text="nobody listens any more")
    assert [change.kind for change in told] == ["message", "edit", "delete"]
    assert {change.ts for change in told} == {ts}


def test_small_questions_are_answered(client: WebClient, ws: Workspace) -> None:
    where = ws.channel("small", ws.person("ana"))
    ts = client.chat_postMessage(channel=where.id, text="x")["ts"]
    assert client.chat_getPermalink(channel=where.id, message_ts=ts)["permalink"].endswith(ts.replace(".", ""))
    assert client.conversations_info(channel=where.id)["channel"]["name"] == "small"
    assert set(client.conversations_members(channel=where.id)["members"]) == {ws.bot.id, ws.person("ana").id}
    assert client.bots_info()["bot"]["user_id"] == ws.bot.id
    assert client.api_test(foo="bar")["args"]["foo"] == "bar"
    assert refusal(client.api_test, error="my_error")["error"] == "my_error"
    client.pins_add(channel=where.id, timestamp=ts)
    assert refusal(client.pins_add, channel=where.id, timestamp=ts)["error"] == "already_pinned"
    assert refusal(client.conversations_history, channel=where.id, oldest="x")["error"] == "invalid_ts_oldest"


def test_a_conversation_with_a_person_is_one_however_it_is_reached(client: WebClient, ws: Workspace) -> None:
    ana = ws.person("ana")
    opened = client.conversations_open(users=ana.id)["channel"]["id"]
    assert client.chat_postMessage(channel=ana.id, text="hello")["channel"] == opened
    assert ana.sees()[-1].text == "hello"
    assert client.conversations_info(channel=opened)["channel"]["user"] == ana.id


def test_a_replaced_original_keeps_nothing_of_what_it_said(client: WebClient, ws: Workspace) -> None:
    ana, where = ws.person("ana"), ws.channel("replacing", ws.person("ana"))
    client.chat_postEphemeral(channel=where.id, user=ana.id, text="old", blocks=[section("old")])
    (shown,) = ana.sees(where)
    hook = WebhookClient(ws._desk.begin(ana.id, where.id, shown)[1].response_url)
    hook.send(text="new", replace_original=True)
    assert [(message.ts, message.words) for message in ana.sees(where)] == [(shown.ts, "new")]
    hook.send_dict({"delete_original": True})
    assert ana.sees(where) == []
    assert hook.send(text="", delete_original=True).status_code == 404


def test_deadlines_are_kept_by_the_clock_and_messages_are_dated_by_what_is_shown() -> None:
    clock, shown = Clock(), Clock()
    with Workspace(clock=clock, shown=shown).serve() as ws:
        client, ana = WebClient(ws.bot_token, base_url=ws.url), ws.person("ana")
        channel = ws.channel("ml-team", ana)
        trigger = ws.state.tickets.trigger(ana.id, clock.now)
        shown.now += timedelta(days=7)
        said = client.chat_postMessage(channel=channel.id, text="It is Monday")
        assert float(said["ts"]) >= shown.now.timestamp()
        client.views_open(trigger_id=trigger, view=modal())
        assert ana.modal is not None
