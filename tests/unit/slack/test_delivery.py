from __future__ import annotations

import pytest
from slack_sdk.errors import SlackApiError

from bot.rendering import Message, Renderer
from bot.services.errors import Undelivered
from bot.slack.delivery import delivered
from bot.slack.errors import BlocksRefused, translated
from tests.unit.rendering.values import STATS

MESSAGE = Renderer().slack(STATS)


def test_a_workspace_that_knows_no_tables_gets_them_as_text() -> None:
    sent: list[Message] = []

    def send(message: Message) -> str:
        sent.append(message)
        if any(block["type"] == "table" for block in message.blocks):
            raise BlocksRefused("invalid_blocks")
        return "1.0"

    assert delivered(MESSAGE, send) == "1.0"
    drawn = next(block for block in sent[-1].blocks if block["type"] == "rich_text")
    text = drawn["elements"][0]["elements"][0]["text"]
    assert text.splitlines()[0].split() == ["By", "Name", "Failures", "Jobs", "failed", "Attempts"]
    assert "gpu-node-03" in text


def test_a_workspace_that_takes_no_blocks_gets_the_summary() -> None:
    def send(message: Message) -> str:
        if message.blocks:
            raise BlocksRefused("invalid_blocks")
        return message.text

    assert delivered(MESSAGE, send) == "All projects, last 30 days: 53 failures of 2 types"


def test_any_other_refusal_is_not_tried_again_in_simpler_words() -> None:
    sent: list[Message] = []

    def send(message: Message) -> None:
        sent.append(message)
        raise Undelivered("not_in_channel", permanent=True)

    with pytest.raises(Undelivered, match="not_in_channel"):
        delivered(MESSAGE, send)
    assert sent == [MESSAGE]


@pytest.mark.parametrize(
    ("code", "permanent"),
    [
        ("not_in_channel", True),
        ("invalid_auth", True),
        ("some_new_code", True),
        ("ratelimited", False),
        ("internal_error", False),
        ("Received a response in a non-JSON format: Service Unavailable", False),
        (None, False),
    ],
)
def test_slacks_codes_say_whether_trying_again_helps(code: str | None, permanent: bool) -> None:  # noqa: FBT001 a parameter of the test
    with pytest.raises(Undelivered) as refused, translated("posting"):
        raise SlackApiError("refused", {"ok": False, "error": code})  # type: ignore[no-untyped-call] # it has no types
    assert refused.value.permanent is permanent


@pytest.mark.parametrize("error", [ConnectionResetError("reset"), TimeoutError("late")])
def test_a_broken_connection_is_worth_another_try(error: OSError) -> None:
    with pytest.raises(Undelivered, match="Slack is away") as refused, translated("posting"):
        raise error
    assert not refused.value.permanent
