"""What Slack's errors mean for us: whether trying again helps, and whether a simpler message would be taken."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPException

from slack_sdk.errors import SlackApiError, SlackClientError

from bot.services.errors import Gone, Undelivered

_PASSING = frozenset(
    {
        "ratelimited",
        "rate_limited",
        "internal_error",
        "fatal_error",
        "service_unavailable",
        "request_timeout",
        "team_added_to_org",
    }
)
"""Error codes that pass by themselves; every other one needs somebody to change something."""
_CODE = re.compile(r"[a-z0-9_.]{1,80}")
_BLOCKS = ("invalid_blocks", "msg_blocks_too_long", "invalid_block", "blocks_too_long", "unsupported_block")
_GONE = frozenset({"message_not_found", "thread_not_found", "cannot_reply_to_message"})
_ADVICE = {
    "not_in_channel": "invite the bot to the channel: /invite @failures",
    "channel_not_found": "check the channel id, and invite the bot to the channel if it is private",
    "is_archived": "the channel is archived; set another one",
    "missing_scope": "reinstall the app from manifest.yml",
    "invalid_auth": "check SLACK_BOT_TOKEN",
    "token_revoked": "install the app again and set SLACK_BOT_TOKEN",
    "account_inactive": "install the app again and set SLACK_BOT_TOKEN",
}


class BlocksRefused(Undelivered):
    """Slack does not take these blocks; a simpler form may do."""

    def __init__(self, message: str) -> None:
        super().__init__(message, permanent=True)


@contextmanager
def translated(doing: str) -> Iterator[None]:
    """Raise Undelivered, with what was being done, for every way in which Slack can fail."""
    try:
        yield
    except SlackApiError as error:
        raise refusal(doing, _code(error)) from error
    except (SlackClientError, HTTPException, OSError) as error:
        raise Undelivered(f"{doing}: Slack is away: {error}", permanent=False) from error


def refusal(doing: str, code: str) -> Undelivered:
    """The error for a code of Slack's, with what to do about it where we know."""
    if any(word in code for word in _BLOCKS):
        return BlocksRefused(f"{doing}: {code}")
    if code in _GONE:
        return Gone(f"{doing}: {code}")
    advice = f"; {_ADVICE[code]}" if code in _ADVICE else ""
    return Undelivered(f"{doing}: Slack says {code}{advice}", permanent=code not in _PASSING)


def _code(error: SlackApiError) -> str:
    """Slack's word for it. An answer without one comes from something before Slack, so it may pass."""
    code = error.response.get("error") if hasattr(error.response, "get") else None
    return code if isinstance(code, str) and _CODE.fullmatch(code) else "service_unavailable"
