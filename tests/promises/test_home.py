"""The Home tab: how things are, for each person who opens it, and anew when they ask."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot.playground.workspace import View
from bot.store.store import Store
from tests.promises.telling import MINUTE, Telling, telling


@pytest.fixture
def bot(sqlite_store: Store) -> Iterator[Telling]:
    with telling(sqlite_store, connected=True) as bot:
        yield bot


def home(bot: Telling, says: str) -> View:
    def seen() -> bool:
        return bot.dana.home is not None and says in bot.dana.home.words

    bot.workspace.wait_for(seen, what=f"a Home tab that says {says!r}")
    assert bot.dana.home is not None
    return bot.dana.home


def test_home_shows_what_is_open_and_what_is_still_to_set_up(bot: Telling) -> None:
    bot.dana.open_home()
    first = home(bot, "Nothing stands out")
    assert "Get a weekly digest" in first.words
    bot.a_hot_node()
    bot.sweep(MINUTE)
    bot.dana.press(first, "Refresh")
    assert "gpu-node-03" in home(bot, "1 open incident").words


def test_a_question_asked_on_the_home_tab_is_answered_in_a_direct_message(bot: Telling) -> None:
    bot.dana.open_home()
    bot.dana.press(home(bot, "as of"), "Analyze 7 days")
    bot.workspace.wait_for(bot.dana.sees, what="the answer")
