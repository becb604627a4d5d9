from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.text.characters import harmless, one_line


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("evil\u202etxt.exe", "eviltxt.exe"),
        ("zero\u200bwidth\ufeff", "zerowidth"),
        ("\x1b[31mred\x1b[0m \x1b]0;title\x07x", "red x"),
        ("a\r\nb\rc\td\x00", "a\nb\nc d"),
        ("non\u00a0breaking", "non breaking"),
        ("пример 例え 🔥", "пример 例え 🔥"),
    ],
)
def test_characters_that_deceive_are_taken_out(text: str, left: str) -> None:
    assert harmless(text) == left


@given(st.text())
def test_nothing_that_controls_is_left_and_nothing_more_to_take_out(text: str) -> None:
    left = harmless(text)
    assert not any(unicodedata.category(each) in {"Cc", "Cs"} for each in left if each != "\n")
    assert not any(
        unicodedata.bidirectional(each) in {"RLO", "LRO", "RLE", "LRE", "PDF", "RLI", "LRI"} for each in left
    )
    assert harmless(left) == left


@given(st.text(), st.integers(1, 40))
def test_one_line_is_one_line_of_that_length(text: str, most: int) -> None:
    line = one_line(text, most)
    assert "\n" not in line
    assert len(line) <= most
