"""The tour of `failures demo`, as a newcomer takes it, with the unmodified bot behind the page."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import expect

from playground.demo import Demo, started
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


def _begin(visitor: Visitor) -> None:
    visitor.page.locator("#tour-next").click()


def _done(visitor: Visitor, number: int) -> None:
    expect(visitor.page.locator(".dot.done")).to_have_count(number, timeout=SLOW)


def test_the_tour_shows_the_bot_at_work_in_six_clicks(demo: Demo, visit: Callable[..., Visitor]) -> None:
    visitor = visit(f"{demo.page}?brisk")
    page, log = visitor.page, visitor.page.locator("#log")
    _begin(visitor)
    _done(visitor, 1)
    expect(page.locator(".message.private").last).to_contain_text("jobs failed")
    expect(page.locator(".message:not(.private)").last).to_contain_text("shared by @ana")
    visitor.check_accessibility()
    visitor.shot("analyze")

    _begin(visitor)
    _done(visitor, 2)
    expect(page.locator(".message.private").last).to_contain_text("exceeded its memory limit")
    expect(page.locator(".message.private").last).to_contain_text("you said it worked")
    visitor.shot("fix")

    _begin(visitor)
    expect(page.locator("#modal")).to_contain_text("The catalogue has a cause of the name", timeout=SLOW)
    _done(visitor, 3)
    expect(log).to_contain_text("Submit the job again after 04:00")

    _begin(visitor)
    _done(visitor, 4)
    expect(page.locator(".role:has(input:checked)")).to_contain_text("ben")
    expect(log).to_contain_text("There is nothing to name here any more")

    _begin(visitor)
    expect(page.locator(".node.bad")).to_contain_text("07")
    _done(visitor, 5)
    expect(page.locator("#place-name")).to_have_text("#ml-platform-oncall")
    expect(page.locator(".message").filter(has_text="gpu-node-07")).to_contain_text("Acknowledged by @dana")
    visitor.shot("alert")

    week = demo.hands.next_nine(weekday=0).isocalendar().week - 1
    _begin(visitor)
    expect(page.locator("#home")).to_contain_text("gpu-node-07 fails the jobs it gets", timeout=SLOW)
    _done(visitor, 6)
    expect(page.locator("#clock-time")).to_contain_text("Mon")
    expect(page.locator(".message").filter(has_text=re.compile(rf"week {week}\b"))).to_have_count(1)
    expect(page.locator("#tour-step")).to_contain_text("That was the tour")
    visitor.shot("digest")


def test_a_node_fails_is_snoozed_overnight_and_recovers_within_a_minute(
    demo: Demo, visit: Callable[..., Visitor]
) -> None:
    """Nothing of it is an outage for the bot, and nothing that it does meanwhile is refused by Slack."""
    visitor = visit(demo.page)
    page = visitor.page
    visitor.go("ml-platform-oncall")
    page.get_by_role("radio", name="60×").check()
    page.get_by_role("button", name=re.compile("^gpu-node-05,")).click()
    page.get_by_role("button", name="Make it bad").click()
    incident = page.locator(".message").filter(has_text="gpu-node-05 fails")
    incident.get_by_label("Snooze").select_option("Until tomorrow 9:00", timeout=SLOW)
    expect(incident).to_contain_text("Snoozed by @ana until tomorrow 09:00")
    page.get_by_role("button", name="Skip to Tomorrow 9:00").click()
    expect(page.locator("#clock-time")).to_contain_text(re.compile(r" 09:\d\d:"), timeout=SLOW)
    expect(incident).not_to_contain_text("Snoozed", timeout=SLOW)
    page.get_by_role("radio", name="paused").check()
    page.get_by_role("button", name="Mend it").click()
    expect(incident).to_contain_text("Resolved", timeout=SLOW)
    page.get_by_role("radio", name="calm").check()
    page.get_by_role("radio", name="1×", exact=True).check()
    said = [one.words for channel in ("ml-team", "ml-platform-oncall") for one in demo.workspace.messages(channel)]
    assert not [words for words in said if "blind" in words.lower()]
    assert demo.workspace.refusals == []


def test_the_home_tab_and_the_forms_are_the_bot_s_own(demo: Demo, visit: Callable[..., Visitor]) -> None:
    visitor = visit(demo.page)
    page, modal = visitor.page, visitor.page.locator("#modal")
    visitor.become("dana")
    visitor.go("failures")
    page.get_by_role("tab", name="Home").click()
    expect(page.locator("#home")).to_contain_text("Last message delivered")
    visitor.check_accessibility()
    visitor.shot("home")
    visitor.go("ml-team")
    visitor.write("/failures fix OOMKilled")
    page.get_by_role("button", name="Something else fixed it…").last.click()
    modal.get_by_label("What did you do?").fill(" " * 8)
    modal.get_by_role("button", name="Save").click()
    expect(modal).to_contain_text("I cannot save this: it has too few words.")
    expect(modal.get_by_label("What did you do?")).to_be_focused()
    visitor.check_accessibility()
    visitor.shot("modal")
    page.keyboard.press("Escape")
    expect(modal).to_be_hidden()


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
