"""The tour of `failures demo`, as a newcomer takes it, with the unmodified bot behind the page."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import expect

from bot.demo import Demo, started
from tests.browser.conftest import PHONE, Visitor

SLOW = 25_000
"""Milliseconds: the bot starts anew, or the cluster has to have lived a little."""


@pytest.fixture(scope="module")
def demo() -> Iterator[Demo]:
    stop = threading.Event()
    with started(0, stop) as demo:
        life = threading.Thread(target=demo.live, args=(stop,))
        life.start()
        yield demo
        stop.set()
        life.join(5)


def _step(visitor: Visitor, number: int, *, timeout: float = SLOW) -> None:
    visitor.page.locator("#tour-next").click()
    expect(visitor.page.locator(".dot.done")).to_have_count(number, timeout=timeout)


def test_the_tour_shows_the_bot_at_work_in_six_clicks(demo: Demo, visit: Callable[..., Visitor]) -> None:
    visitor = visit(demo.page)
    page = visitor.page
    _step(visitor, 1)
    answer = page.locator(".message.private").last
    expect(answer).to_contain_text("jobs failed")
    visitor.shot("analyze")
    visitor.check_accessibility()

    _step(visitor, 2)
    expect(page.locator(".message:not(.private)").last).to_contain_text("shared by @ana")

    _step(visitor, 3)
    expect(page.locator(".message.private").last).to_contain_text("exceeded its memory limit")

    _step(visitor, 4)
    expect(page.locator(".message.private").last).to_contain_text("you said it worked")
    visitor.shot("fix")

    page.locator("#tour-next").click()
    expect(page.locator(".node.bad")).to_contain_text("07")
    page.locator(".node.bad .ko").nth(4).wait_for(timeout=SLOW)
    page.locator("#kill-bot").click()  # it looks at once when it has started, and has lost nothing
    expect(page.locator(".dot.done")).to_have_count(5, timeout=SLOW)
    expect(page.locator("#place-name")).to_have_text("#ml-platform-oncall")
    expect(page.locator(".message").last).to_contain_text("gpu-node-07")
    visitor.shot("alert")

    _step(visitor, 6)
    expect(page.locator(".role:has(input:checked)")).to_contain_text("ben")
    expect(page.locator(".message").filter(has_text="week")).to_have_count(1)
    expect(page.locator("#tour-step")).to_contain_text("That was the tour")


def test_a_stale_button_says_why_it_did_nothing(demo: Demo, visit: Callable[..., Visitor]) -> None:
    visitor = visit(demo.page)
    visitor.become("ben")
    visitor.write("/failures fix OOMKilled")
    visitor.page.get_by_role("button", name="This fixed it").first.wait_for()
    _age_buttons(demo, seen_by="ben")
    visitor.page.get_by_role("button", name="This fixed it").first.click()
    expect(visitor.page.locator("#log")).to_contain_text("no longer in the catalogue")


def _age_buttons(demo: Demo, *, seen_by: str) -> None:
    """Let the buttons of the newest answer be about a fix that is not there any more."""
    state = demo.workspace.state
    team = state.find_channel("ml-team").id
    answer = state.messages(team, seen_by=state.person(seen_by).id)[-1]
    aged = re.sub(r'\\"solution\\": ?\d+', r'\\"solution\\":999999', json.dumps(answer.blocks))
    state.edit(answer, blocks=tuple(json.loads(aged)))


def test_everything_is_at_hand_on_a_phone_in_the_dark(demo: Demo, visit: Callable[..., Visitor]) -> None:
    visitor = visit(demo.page, dark=True, size=PHONE)
    page = visitor.page
    page.get_by_role("button", name="Close the tour").click()
    visitor.write("/failures stats 7d")
    expect(page.locator(".message.private table")).to_be_visible()
    visitor.write("/failures fix OOMKilled in ml-team")
    answer = page.locator(".message.private").last
    expect(answer).to_contain_text("This fixed it")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    visitor.check_accessibility()
    answer.evaluate("message => message.scrollIntoView()")
    visitor.shot("phone")
    page.get_by_role("button", name="Cluster", exact=True).click()
    expect(page.locator("#nodes .node")).to_have_count(16)
    visitor.check_accessibility()
    page.get_by_role("button", name="Channels").click()
    page.locator(".place", has_text="ml-platform-oncall").click()
    expect(page.locator("#place-name")).to_have_text("#ml-platform-oncall")


def test_the_cluster_and_slack_can_be_taken_away_and_come_back(demo: Demo, visit: Callable[..., Visitor]) -> None:
    visitor = visit(demo.page, dark=True)
    page = visitor.page
    page.get_by_role("button", name="Cut the API server").click()
    expect(page.locator("#cluster-state")).to_have_text("API server cut")
    page.get_by_role("button", name="Cut the API server").click()
    expect(page.locator("#cluster-state")).to_have_text("API server up")
    page.get_by_role("button", name="Cut Slack").click()
    expect(page.locator("#link")).to_have_text("Slack is cut")
    page.get_by_role("button", name="Cut Slack").click()
    expect(page.locator("#link")).to_have_text("failures is connected", timeout=SLOW)
    visitor.write("/failures help")
    expect(page.locator(".message.private").last).to_contain_text("What you can ask")
    visitor.check_accessibility()
    visitor.shot("dark")
