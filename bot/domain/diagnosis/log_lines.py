"""Foreign text made fit to read: any encoding, terminal codes, carriage returns, typographic quotes; and its lines,
bounded."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator

from bot.domain.text.characters import one_line

LONGEST_SHOWN = 300
"""Characters of a line that are shown."""
_WINDOW = 500
"""Characters of a line that are looked at around a hit; longer lines are binary data or JSON."""
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_ANSI = re.compile(r"\x1b\[[0-9;?]{0,32}[A-Za-z]|\x1b\][^\x07\x1b]{0,200}\x07")
_PLAIN = {"‘": "'", "’": "'", "“": '"', "”": '"', "\u00a0": " ", "\u2028": "\n", "\u2029": "\n"}


def decoded(raw: bytes) -> str:
    """Text of unknown encoding. Never fails: what is no text becomes U+FFFD."""
    for bom, encoding in _BOMS:
        if raw.startswith(bom):
            return raw.decode(encoding, "replace")
    sample = raw[:4096]
    if sample[1::2].count(0) > len(sample) // 4:
        return raw.decode("utf-16-le", "replace")
    if sample[::2].count(0) > len(sample) // 4:
        return raw.decode("utf-16-be", "replace")
    return raw.decode("utf-8", "replace")


def cleaned(text: str) -> str:
    """The text without terminal codes, with one kind of line end and plain quotes."""
    if "\x1b" in text:
        text = _ANSI.sub("", text)
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not text.isascii():
        for typographic, plain in _PLAIN.items():
            text = text.replace(typographic, plain)
    return text


def shown(line: str) -> str:
    """One line fit to show: harmless, blanks folded, bounded."""
    return one_line(line, LONGEST_SHOWN)


def line_at(text: str, position: int) -> tuple[int, int]:
    """Where the line around this position begins and ends; of a very long line only a window around it."""
    low, high = max(0, position - _WINDOW), min(len(text), position + _WINDOW)
    begin = text.rfind("\n", low, position) + 1 or low
    end = text.find("\n", position, high)
    return begin, end if end >= 0 else high


def last_lines(text: str, most: int) -> Iterator[tuple[int, str]]:
    """The last lines that say something, the last one first, each bounded, with where it begins."""
    end = len(text)
    looked = 0
    while most > 0 and end >= 0 and looked < 20 * _WINDOW:
        begin = text.rfind("\n", 0, end) + 1
        looked += 1
        if (line := text[begin : min(end, begin + _WINDOW)].rstrip()).strip():
            most -= 1
            yield begin, line
        end = begin - 1
