from __future__ import annotations

import logging

from bot.log_lines import MaskedLines


def written(message: str, *words: object) -> str:
    record = logging.LogRecord("bot", logging.INFO, "x.py", 1, message, words, None)
    return MaskedLines("%(levelname)s %(message)s").format(record)


def test_what_a_driver_says_is_masked_in_the_log() -> None:
    said = "cannot connect to postgresql://bot:hunter22@db/x?password=hunter22"
    assert "hunter22" not in written("%s", said)


def test_a_text_of_others_cannot_pass_for_a_line_of_the_log() -> None:
    assert written("%s is odd", "pod\n2026-01-01 ERROR bot: all is lost\x1b[2K") == (
        "INFO pod\n    2026-01-01 ERROR bot: all is lost is odd"
    )
