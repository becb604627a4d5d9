"""What was stored before masking knew a format, or never was stored, is masked where it is shown, in every medium."""

from __future__ import annotations

import pytest

from bot.rendering import mail, mrkdwn, terminal
from bot.rendering.templates import directory

SECRET = "ghp_" + "a1b2c3d4e5" * 3 + "012345"
SAID = f"token {SECRET[:9]}\u200b{SECRET[9:]} was revoked"


@pytest.mark.parametrize(
    "shown",
    [
        mrkdwn.finalize(SAID),
        mrkdwn.name(SAID),
        mrkdwn.plain(SAID),
        mrkdwn.person(SAID),
        mrkdwn.block_text(SAID, 500),
        str(terminal.environment(directory()).from_string("{{ it }} {{ it | name }} {{ code(it) }}").render(it=SAID)),
        str(mail.environment(directory()).from_string("{{ it }} {{ it | name }}").render(it=SAID)),
        str(terminal.environment(directory()).from_string("{{ table(['a'], [[it]]) }}").render(it=SAID)),
    ],
)
def test_a_secret_is_masked_where_it_is_shown(shown: str) -> None:
    assert "[masked GitHub token]" in shown
    assert SECRET[4:] not in shown
