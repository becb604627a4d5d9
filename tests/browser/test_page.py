"""What the page draws and lets people do, with a small app behind it that sends all there is to draw."""

from __future__ import annotations

import http.client
import json
import re
from collections.abc import Callable, Iterator
from contextlib import closing
from email.message import Message
from typing import NamedTuple
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect
from slack_sdk.errors import SlackApiError

from playground.workspace import Message as Said
from tests.browser.conftest import Visitor
from tests.browser.examples import BLOCKS, HOSTILE
from tests.browser.small_app import Json, SmallApp, button, option, plain, small_app

Visit = Callable[..., Visitor]


class Answer(NamedTuple):
    status: int
    headers: Message
    body: bytes


@pytest.fixture(scope="module")
def app() -> Iterator[SmallApp]:
    with small_app() as app:
        yield app


@pytest.fixture(scope="module")
def visitor(app: SmallApp, visit: Visit) -> Visitor:
    return visit(app.address)


@pytest.fixture
def ana(visitor: Visitor) -> Iterator[Visitor]:
    """The visitor as ana in #ml-team, with nothing open."""
    visitor.become("ana")
    visitor.go("ml-team")
    yield visitor
    assert visitor.wrong == []


def test_the_page_is_small_and_there_at_once(app: SmallApp, visit: Visit) -> None:
    page = visit(app.address).page
    shown = page.evaluate("performance.now()")
    read, ready = page.evaluate(
        "(({domContentLoadedEventEnd, loadEventEnd}) => [domContentLoadedEventEnd, loadEventEnd])"
        "(performance.getEntriesByType('navigation')[0])"
    )
    print(f"the page: read after {read:.0f} ms, loaded after {ready:.0f} ms, filled before {shown:.0f} ms")  # noqa: T201
    sizes = page.evaluate("performance.getEntriesByType('resource').map(one => one.transferSize)")
    assert sum(sizes) < 250_000
    assert len(sizes) < 40


def test_every_block_is_drawn(app: SmallApp, ana: Visitor) -> None:
    for name, (block, words) in BLOCKS.items():
        ts = app.say("ml-team", f"an example of {name}", blocks=[block])
        message = ana.page.locator(f'.message[data-ts="{ts}"]')
        for each in words:
            expect(message, name).to_contain_text(each)
        assert message.locator(".unknown").count() == 0, name
    ana.check_accessibility()


def test_a_chart_is_a_drawing_that_says_its_figures(app: SmallApp, ana: Visitor) -> None:
    for kind in ("bar", "line", "area"):
        ts = app.say("ml-team", "a chart", blocks=[_chart(kind)])
        drawing = ana.page.locator(f'.message[data-ts="{ts}"] svg')
        expect(drawing).to_have_attribute("aria-label", re.compile("This week: Mon 4, Tue 2"))
    ts = app.say("ml-team", "a pie", blocks=[_pie()])
    expect(ana.page.locator(f'.message[data-ts="{ts}"] path')).to_have_count(2)


def _chart(kind: str) -> Json:
    days = ["Mon", "Tue", "Wed"]
    series = [
        {"name": name, "data": [{"label": day, "value": value} for day, value in zip(days, values, strict=True)]}
        for name, values in {"This week": (4, 2, 1), "Last week": (5, 6, 4)}.items()
    ]
    return {
        "type": "data_visualization",
        "title": "Failed jobs a day",
        "chart": {"type": kind, "series": series, "axis_config": {"categories": days, "y_label": "jobs"}},
    }


def _pie() -> Json:
    segments = [{"label": "OOMKilled", "value": 7}, {"label": "Error", "value": 3}]
    return {"type": "data_visualization", "title": "By type", "chart": {"type": "pie", "segments": segments}}


def test_a_block_that_it_does_not_know_is_shown_as_what_it_is(app: SmallApp, ana: Visitor) -> None:
    ts = app.say("ml-team", "a call")
    call = {"type": "call", "call_id": "R123", "block_id": "c"}
    app.workspace.state.edit(_said(app, ts), blocks=(call,))  # Slack's own: no app may send it
    message = ana.page.locator(f'.message[data-ts="{ts}"]')
    expect(message).to_contain_text("Cannot draw this block: call")
    message.locator("summary").click()
    expect(message.locator("pre")).to_contain_text('"call_id": "R123"')


def test_what_a_card_in_a_carousel_offers_reaches_the_app(app: SmallApp, ana: Visitor) -> None:
    ts = app.say("ml-team", "cards", blocks=[BLOCKS["carousel"][0], BLOCKS["container"][0]])
    message, count = ana.page.locator(f'.message[data-ts="{ts}"]'), len(app.done)
    message.get_by_role("button", name="Cordon…").click()
    _wait_for(app, ana, lambda: len(app.done) > count)
    message.get_by_role("button", name="Open").click()
    _wait_for(app, ana, lambda: len(app.done) > count + 1)
    assert [one["action_id"] for one in app.done[count:]] == ["cordon", "open"]


def test_the_app_is_asked_for_options_and_told_of_files_and_styled_text(app: SmallApp, ana: Visitor) -> None:
    ana.write("/failures other fields")
    modal = ana.page.locator("#modal")
    modal.get_by_label("Which job?").press_sequentially("train")
    modal.get_by_role("option", name="train-bert-large").click()
    modal.get_by_label("Which others?").press_sequentially("ra")
    ana.page.keyboard.press("ArrowDown")
    expect(modal.get_by_role("option", name="rank-ads")).to_be_visible()
    ana.page.keyboard.press("ArrowDown")
    ana.page.keyboard.press("Enter")
    modal.get_by_label("What happened?").fill("It ran out of memory.")
    modal.get_by_label("The log").set_input_files({"name": "train.log", "mimeType": "text/plain", "buffer": b"x"})
    ana.check_accessibility()
    modal.get_by_role("button", name="Send").click()
    expect(modal).to_be_hidden()
    values = app.done[-1]
    assert values["job"]["job"]["selected_option"]["value"] == "train-bert-large"
    assert [one["value"] for one in values["more"]["job"]["selected_options"]] == ["rank-ads"]
    section = values["story"]["text"]["rich_text_value"]["elements"][0]
    assert section["elements"][0]["text"] == "It ran out of memory."
    assert [one["name"] for one in values["log"]["files"]["files"]] == ["train.log"]


def _said(app: SmallApp, ts: str) -> Said:
    return next(one for one in app.workspace.messages("ml-team") if one.ts == ts)


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_that_was_written_becomes_markup(app: SmallApp, ana: Visitor, text: str) -> None:
    blocks = [
        {"type": "section", "text": plain(text)},
        {"type": "section", "text": {"type": "mrkdwn", "text": text}},
        {"type": "markdown", "text": text},
        {"type": "header", "text": plain(text[:150])},
    ]
    ts = app.say("ml-team", text, blocks=blocks)
    message = ana.page.locator(f'.message[data-ts="{ts}"]')
    message.wait_for()
    assert message.locator("script, img, iframe, object, [onerror], a[href^='javascript']").count() == 0
    assert "\u202e" not in message.inner_text()


def test_a_message_is_edited_and_deleted_before_ones_eyes(app: SmallApp, ana: Visitor) -> None:
    ts = app.say("ml-team", "gpu-node-03 fails", attachments=[{"color": "#a30200", "text": "12 of 16 jobs"}])
    message = ana.page.locator(f'.message[data-ts="{ts}"]')
    expect(message.locator(".attachment")).to_have_css("border-left-color", "rgb(163, 2, 0)")
    team = app.workspace.state.find_channel("ml-team").id
    app.client.chat_update(channel=team, ts=ts, text="Resolved", attachments=[{"color": "#2eb886", "text": "9 of 9"}])
    expect(message).to_contain_text("(edited)")
    expect(message.locator(".attachment")).to_have_css("border-left-color", "rgb(46, 184, 134)")
    app.client.chat_delete(channel=team, ts=ts)
    expect(message).to_have_count(0)


def test_an_answer_for_one_person_is_marked_and_nobody_else_sees_it(ana: Visitor) -> None:
    ana.write("/failures analyze")
    answer = ana.page.locator(".message.private").last
    expect(answer).to_contain_text("Only visible to you")
    ana.become("ben")
    expect(ana.page.locator(".message.private")).to_have_count(0)
    ana.become("ana")
    before = ana.page.locator(".message.private").count()
    ana.page.locator(".message.private").last.get_by_role("button", name="Dismiss").click()
    expect(ana.page.locator(".message.private")).to_have_count(before - 1)


def test_the_composer_offers_what_the_manifest_declares(ana: Visitor) -> None:
    box = ana.page.locator("#composer-input")
    box.press_sequentially("/fail")
    offers = ana.page.locator("#composer-offers li")
    expect(offers.first).to_contain_text("What is broken, why, and what to try first")
    box.press("Tab")
    expect(box).to_have_value("/failures ")
    box.press_sequentially("an")
    box.press("ArrowDown")
    expect(box).to_have_attribute("aria-activedescendant", "composer-offer-0")
    box.press("Enter")
    expect(box).to_have_value("/failures analyze ")
    ana.check_accessibility()
    box.press("Escape")
    box.fill("/nonsense")
    box.press("Enter")
    expect(ana.page.locator("#composer-note")).to_contain_text("/nonsense is not a valid command")


def test_other_channels_show_how_much_is_unread(app: SmallApp, ana: Visitor) -> None:
    ana.go("ml-platform-oncall")
    ana.go("ml-team")
    app.say("ml-platform-oncall", "gpu-node-03 fails")
    expect(ana.page.locator(".place", has_text="ml-platform-oncall").locator(".count")).to_have_text("1")
    ana.go("ml-platform-oncall")
    expect(ana.page.locator(".count")).to_have_count(0)
    expect(ana.page.locator("#log .message").last).to_contain_text("gpu-node-03 fails")


def test_a_thread_is_read_and_answered_beside_the_channel(app: SmallApp, ana: Visitor) -> None:
    ts = app.say("ml-team", "An incident")
    app.say("ml-team", "A detail", thread_ts=ts)
    ana.page.locator(f'.message[data-ts="{ts}"]').get_by_role("button", name="1 reply").click()
    expect(ana.page.locator("#thread-log")).to_contain_text("A detail")
    ana.page.locator("#thread-input").fill("I look at it")
    ana.page.keyboard.press("Enter")
    expect(ana.page.locator("#thread-log .message").last).to_contain_text("I look at it")
    expect(ana.page.locator(f'#log .message[data-ts="{ts}"]')).to_contain_text("2 replies")
    ana.check_accessibility()
    ana.page.keyboard.press("Escape")
    expect(ana.page.locator("#thread")).to_be_hidden()


def test_a_modal_shows_what_is_wrong_with_what_was_filled_in(app: SmallApp, ana: Visitor) -> None:
    ana.write("/failures form")
    modal = ana.page.locator("#modal")
    expect(modal).to_contain_text("What helped?")
    modal.get_by_role("button", name="Save").click()
    expect(modal).to_contain_text("Please complete this required field.")
    modal.get_by_label("What helped?").fill("it")
    modal.get_by_role("button", name="Save").click()
    expect(modal).to_contain_text("Please enter at least 3 characters.")
    modal.get_by_label("What helped?").fill("magic")
    modal.get_by_role("button", name="Save").click()
    expect(modal).to_contain_text("That is too short to be understood.")
    expect(modal.get_by_label("What helped?")).to_be_focused()
    ana.check_accessibility()
    modal.get_by_label("What helped?").fill("Half the batch size")
    modal.get_by_label("For which failures?").select_option("NCCL timeout")
    modal.get_by_label("In this project").check()
    modal.get_by_role("button", name="Save").click()
    expect(modal).to_be_hidden()
    values = app.done[-1]
    assert values["words"]["text"]["value"] == "Half the batch size"
    assert values["kind"]["type"]["selected_option"]["value"] == "nccl"
    assert values["scope"]["where"]["selected_option"]["value"] == "project"


def test_escape_closes_a_modal(ana: Visitor) -> None:
    ana.write("/failures form")
    expect(ana.page.locator("#modal")).to_be_visible()
    ana.page.keyboard.press("Escape")
    expect(ana.page.locator("#modal")).to_be_hidden()


def test_the_home_tab_is_drawn_and_its_buttons_work(app: SmallApp, ana: Visitor) -> None:
    ana.go("failures")
    ana.page.get_by_role("tab", name="Home").click()
    expect(ana.page.locator("#home")).to_contain_text("2 of 30 jobs failed since Monday.")
    ana.check_accessibility()
    ana.page.get_by_role("button", name="Refresh").click()
    _wait_for(app, ana, lambda: bool(app.done) and app.done[-1].get("action_id") == "refresh")
    ana.page.get_by_role("tab", name="Messages").click()
    expect(ana.page.locator("#composer-input")).to_be_visible()


def test_a_dangerous_button_asks_first(app: SmallApp, ana: Visitor) -> None:
    confirm = {
        "title": plain("Cordon gpu-node-03?"),
        "text": plain("No new job will start there."),
        "confirm": plain("Cordon it"),
        "deny": plain("Leave it"),
        "style": "danger",
    }
    elements = [button("Cordon…", "cordon", style="danger", value="gpu-node-03", confirm=confirm)]
    ts = app.say("ml-team", "A hot node", blocks=[{"type": "actions", "elements": elements}])
    pressed = ana.page.locator(f'.message[data-ts="{ts}"]').get_by_role("button", name="Cordon…")
    count = len(app.done)
    pressed.click()
    ana.check_accessibility()
    ana.page.get_by_role("button", name="Leave it").click()
    pressed.click()
    ana.page.get_by_role("button", name="Cordon it").click()
    _wait_for(app, ana, lambda: len(app.done) > count)
    assert [one["action_id"] for one in app.done[count:]] == ["cordon"]


def test_menus_tell_the_app_what_was_chosen(app: SmallApp, ana: Visitor) -> None:
    elements = [
        {"type": "overflow", "action_id": "more", "options": [option("Logs", "logs"), option("Events", "events")]},
        {"type": "static_select", "action_id": "snooze", "options": [option("1 hour", "1h"), option("4 hours", "4h")]},
        {"type": "datepicker", "action_id": "until"},
    ]
    ts = app.say("ml-team", "menus", blocks=[{"type": "actions", "elements": elements}])
    message = ana.page.locator(f'.message[data-ts="{ts}"]')
    count = len(app.done)
    message.get_by_role("button", name="More actions").click()
    ana.page.keyboard.press("ArrowDown")
    ana.page.keyboard.press("Enter")
    message.locator("select").select_option("4 hours")
    message.locator("input[type=date]").fill("2026-12-24")
    _wait_for(app, ana, lambda: len(app.done) >= count + 3)
    told = {one["action_id"]: one for one in app.done[count:]}
    assert told["more"]["selected_option"]["value"] == "events"
    assert told["snooze"]["selected_option"]["value"] == "4h"
    assert told["until"]["selected_date"] == "2026-12-24"


def test_a_menu_for_several_says_what_is_chosen_and_tells_the_app(app: SmallApp, ana: Visitor) -> None:
    menu = {
        "type": "multi_static_select",
        "action_id": "projects",
        "placeholder": plain("Projects"),
        "options": [option("ml-team", "ml"), option("research", "re"), option("production", "pr")],
        "initial_options": [option("ml-team", "ml")],
    }
    ts = app.say("ml-team", "a menu", blocks=[{"type": "section", "text": plain("Which?"), "accessory": menu}])
    message, count = ana.page.locator(f'.message[data-ts="{ts}"]'), len(app.done)
    message.get_by_text("ml-team ▾").click()
    message.get_by_label("research").check()
    _wait_for(app, ana, lambda: len(app.done) > count)
    assert [one["value"] for one in app.done[-1]["selected_options"]] == ["ml", "re"]
    expect(message).to_contain_text("ml-team, research ▾")


def test_a_press_that_the_app_does_not_take_says_so(app: SmallApp, ana: Visitor) -> None:
    ts = app.say("ml-team", "silent", blocks=[{"type": "actions", "elements": [button("Ask", "silent")]}])
    message = ana.page.locator(f'.message[data-ts="{ts}"]')
    message.get_by_role("button", name="Ask").click()
    expect(message).to_contain_text("failures did not respond in time")


def test_a_message_that_slack_would_refuse_is_shown_with_the_reason(app: SmallApp, ana: Visitor) -> None:
    with pytest.raises(SlackApiError):
        app.say("ml-team", blocks=[{"type": "header", "text": plain("long " * 40)}])
    refused = ana.page.locator("#refused")
    refused.locator("summary").click()
    expect(refused).to_contain_text("chat.postMessage invalid_blocks")
    expect(refused).to_contain_text("must be less than 151 characters [json-pointer:/blocks/0/text/text]")


def test_the_conversation_is_walked_with_the_keyboard(app: SmallApp, ana: Visitor) -> None:
    app.say("ml-team", "first")
    app.say("ml-team", "second")
    expect(ana.page.locator("#log .message").last).to_contain_text("second")
    ana.page.locator("#log").focus()
    ana.page.keyboard.press("ArrowUp")
    expect(ana.page.locator("#log .message").last).to_be_focused()
    ana.page.keyboard.press("ArrowUp")
    expect(ana.page.locator(".message:focus")).to_contain_text("first")


def test_the_newest_message_stays_in_sight_where_the_window_gets_narrower(app: SmallApp, visit: Visit) -> None:
    page = visit(app.address).page
    ts = app.say("ml-team", "words " * 300)
    expect(page.locator(f'.message[data-ts="{ts}"]')).to_be_in_viewport()
    page.set_viewport_size({"width": 700, "height": 500})
    page.wait_for_function("log.scrollHeight - log.scrollTop - log.clientHeight < 2")


def test_what_is_said_is_announced(app: SmallApp, ana: Visitor) -> None:
    app.say("ml-platform-oncall", "gpu-node-11 fails the jobs it gets")
    expect(ana.page.locator("#announcer")).to_contain_text("gpu-node-11 fails the jobs it gets")


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Host": "evil.example"}, 403),
        ({"Origin": "http://evil.example", "Content-Type": "application/json"}, 403),
        ({"Content-Type": "text/plain"}, 403),
        ({"Content-Type": "application/json"}, 200),
    ],
)
def test_other_sites_cannot_act_through_the_page(app: SmallApp, headers: dict[str, str], status: int) -> None:
    said = b'{"type": "say", "who": "nobody", "channel": "C1", "text": "hi"}'
    assert _ask(app, "POST", "/page/act", headers, said).status == status


@pytest.mark.parametrize(
    "body", [b"", b"[]", b'{"type": "press"}', b'{"type": "dance", "who": "U1"}', b"\xff", b"9" * 9]
)
def test_a_request_that_is_none_is_refused(app: SmallApp, body: bytes) -> None:
    answer = _ask(app, "POST", "/page/act", {"Content-Type": "application/json"}, body)
    assert answer.status == 200
    assert "odd" in json.loads(answer.body)["refused"]


def test_the_page_may_load_nothing_from_elsewhere(app: SmallApp) -> None:
    policy = _ask(app, "GET", "/", {}).headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy


def _ask(app: SmallApp, method: str, path: str, headers: dict[str, str], body: bytes | None = None) -> Answer:
    with closing(http.client.HTTPConnection(urlsplit(app.address).netloc, timeout=5)) as connection:
        connection.request(method, path, body, headers)
        response = connection.getresponse()
        return Answer(response.status, response.headers, response.read())


def _wait_for(app: SmallApp, visitor: Visitor, condition: Callable[[], bool]) -> None:
    for _ in range(50):
        if condition():
            return
        visitor.page.wait_for_timeout(50)
    raise AssertionError(f"waited in vain; the app knows of {app.done[-3:]}")
