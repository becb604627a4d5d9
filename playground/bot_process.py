"""The bot as the demo runs it, in a process of its own: the unmodified bot, told the time by the demo's clock."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from bot import app
from bot.console import reported
from bot.settings import environment, load
from playground.clock import DEMO_CLOCK, FollowingClock

LOOKS_EVERY = timedelta(seconds=1)
"""How often the clock, which can be hurried, is looked at for what has become due."""


def main() -> None:
    """Run until SIGTERM, with the settings of the folder it is started in."""
    with reported():
        app.run(load(None), clock=FollowingClock(Path(environment()[DEMO_CLOCK])), look_every=LOOKS_EVERY)


if __name__ == "__main__":
    main()
