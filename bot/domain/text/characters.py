"""Characters that can deceive a reader or a terminal, and how they are taken out of a text.

Control characters move the cursor, bidirectional ones reorder what is read, zero-width ones hide.
"""

from __future__ import annotations

import re

_SPACES = re.compile(r"[\t\v\f\x85\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]")
_UNSEEN = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u00ad\u061c\u115f\u1160\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufeff"
    "\ufff9-\ufffb\U000e0000-\U000e007f\ud800-\udfff]"
)
_TERMINAL_CODES = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?")


def harmless(text: str) -> str:
    """The text in its lines, without control, bidirectional and zero-width characters and terminal codes."""
    text = _TERMINAL_CODES.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    return _UNSEEN.sub("", _SPACES.sub(" ", text))


def one_line(text: str, most: int) -> str:
    """The text harmless, in one line of at most `most` characters; a cut is shown by "…"."""
    line = " ".join(harmless(text[: most * 8]).split())
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"
