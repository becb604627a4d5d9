"""The bot's own log: masked like all that is kept, and no text of others can pass for a line of ours."""

from __future__ import annotations

import logging

from bot.domain.text.masking import mask


class MaskedLines(logging.Formatter):
    """One record is one line; what follows in its text or traceback is set in."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as it is written."""
        return mask(super().format(record)).replace("\n", "\n    ")


def begin(level: int = logging.INFO) -> None:
    """Write the log to standard error from now on."""
    handler = logging.StreamHandler()
    handler.setFormatter(MaskedLines("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=level, handlers=[handler])
    logging.getLogger("apscheduler").setLevel(logging.WARNING)  # our own runner says what a task came to
