"""Characters that can deceive a reader or a terminal, and how they are taken out of a text.

Control characters move the cursor, bidirectional ones reorder what is read, those without a width hide. Each can also
stand inside a secret, so that nothing knows it.
"""

from __future__ import annotations

import re

_SPACES = re.compile(r"[\t\v\f\x85\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]")
_UNSEEN = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u00ad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u115f\u1160\u17b4\u17b5"
    "\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U000110bd\U000110cd"
    "\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff\ud800-\udfff]"
)
"""Unicode 15: categories Cc, Cf and Cs, and what is Default_Ignorable or blank without being a space."""
_TERMINAL_CODES = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"  # ECMA-48, 5.4: control sequences
    r"|(?:\x1b\]|\x9d)[^\x07\x1b\x9c\n]*(?:\x07|\x1b\\|\x9c)?"  # 8.3.89: operating system commands
    r"|(?:\x1b[PX^_]|[\x90\x98\x9e\x9f])[^\x1b\x9c\n]*(?:\x1b\\|\x9c)?"  # 5.6: other strings of controls
    r"|\x1b[ -/]*[0-~]"  # ECMA-35, 13.2: escape sequences
)
_STRUCK_OVER = re.compile(r"[^\n\x08]\x08")
"""A character and the backspace over it: how bold and underlined text was printed."""


def harmless(text: str) -> str:
    """The text in its lines, without control, bidirectional and zero-width characters and terminal codes."""
    if text.isascii() and text.replace("\n", "").isprintable():
        return text
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if "\x08" in text:
        text = _STRUCK_OVER.sub("", text)
    return _UNSEEN.sub("", _SPACES.sub(" ", _TERMINAL_CODES.sub("", text)))


def one_line(text: str, most: int) -> str:
    """The text harmless, in one line of at most `most` characters; a cut is shown by "…"."""
    line = " ".join(harmless(text[: most * 8]).split())
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"
