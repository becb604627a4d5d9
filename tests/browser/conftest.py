"""A browser, and what every page it opens is held to: no error in its console, no request that leaves this machine."""

from __future__ import annotations

import io
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import Browser, ConsoleMessage, Page, ViewportSize, sync_playwright

from bot.settings import environment

BROWSERS = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "microsoft-edge",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
"""The usual names of browsers that Playwright can drive, on the path or as a whole path."""
NOT_RUN = "no browser found (chromium, google-chrome, microsoft-edge)"
IMAGES = Path(__file__).parents[2] / "docs" / "images"
DESKTOP: ViewportSize = {"width": 1280, "height": 830}
PHONE: ViewportSize = {"width": 390, "height": 780}
PATIENCE = 5_000
"""Milliseconds that a browser waits for anything."""


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        assert not environment().get("CI"), f"{NOT_RUN}: CI has to install one"
        pytest.skip(NOT_RUN)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield browser
        browser.close()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """One line that says what was not run for want of a browser."""
    skipped = [one for one in terminalreporter.getreports("skipped") if NOT_RUN in str(one.longrepr)]
    if skipped:
        terminalreporter.write_line(f"NOT RUN: {len(skipped)} tests of the demo's page: {NOT_RUN}. Install chromium.")


@dataclass(slots=True)
class Visitor:
    """Somebody at a page, and what went wrong there."""

    page: Page
    wrong: list[str] = field(default_factory=list)

    def become(self, name: str) -> None:
        self.page.get_by_role("radio", name=re.compile(rf"\b{name}\b")).check()
        self.page.locator('#page[aria-busy="false"]').wait_for()

    def go(self, place: str) -> None:
        self.page.locator(".sidebar .place", has_text=place).click()

    def write(self, text: str) -> None:
        self.page.locator("#composer-input").fill(text)
        self.page.keyboard.press("Escape")  # puts the suggestions away
        self.page.keyboard.press("Enter")

    def shot(self, name: str) -> None:
        """A screenshot in docs/images, where SCREENSHOTS is set; else it is taken for nothing."""
        self.page.wait_for_timeout(150)  # the fonts and the end of a transition
        taken = Image.open(io.BytesIO(self.page.screenshot(animations="disabled")))
        if environment().get("SCREENSHOTS"):
            IMAGES.mkdir(parents=True, exist_ok=True)
            taken.convert("RGB").quantize(256, dither=Image.Dither.NONE).save(IMAGES / f"{name}.png", optimize=True)

    def check_accessibility(self) -> None:
        """axe-core finds nothing serious."""
        found = Axe().run(self.page).response["violations"]
        serious = [
            f"{one['id']}: {one['help']}: {[node['html'][:160] for node in one['nodes'][:3]]}"
            for one in found
            if one["impact"] in {"serious", "critical"}
        ]
        assert not serious, "\n".join(serious)


@pytest.fixture(scope="module")
def visit(chromium: Browser) -> Iterator[Callable[..., Visitor]]:
    """Opens a page in a browser of its own, until the module's end: `visit(address, dark=True, size=PHONE)`."""
    visitors: list[Visitor] = []

    def opened(address: str, *, dark: bool = False, size: ViewportSize = DESKTOP) -> Visitor:
        context = chromium.new_context(
            viewport=size, color_scheme="dark" if dark else "light", locale="en-GB", reduced_motion="reduce"
        )
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        visitor = Visitor(page)
        visitors.append(visitor)
        page.on("console", lambda said: _listen(said, visitor))
        page.on("pageerror", lambda error: visitor.wrong.append(str(error)))
        page.on("request", lambda request: _check(request.url, visitor))
        page.goto(address)
        page.locator('#page[aria-busy="false"]').wait_for()
        return visitor

    yield opened
    for visitor in visitors:
        visitor.page.context.close()
        assert visitor.wrong == []


def _listen(said: ConsoleMessage, visitor: Visitor) -> None:
    if said.type in {"error", "warning"}:
        visitor.wrong.append(f"{said.type}: {said.text}")


def _check(address: str, visitor: Visitor) -> None:
    if urlsplit(address).hostname != "127.0.0.1":
        visitor.wrong.append(f"a request left this machine: {address}")
