from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.diagnosis.literals import Literals
from bot.domain.diagnosis.text import cleaned, decoded, last_lines, line_at

SAID = "Fehler: größer “CUDA” out of memory"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_text_of_any_encoding_is_read(encoding: str) -> None:
    assert decoded(SAID.encode(encoding)) == SAID


@given(st.binary(max_size=300))
@settings(max_examples=60, deadline=None)
def test_no_bytes_are_refused(raw: bytes) -> None:
    assert isinstance(cleaned(decoded(raw)), str)


def test_terminal_codes_and_carriage_returns_are_taken_out() -> None:
    assert cleaned("\x1b[31mred\x1b[0m\r\n10%\r20%\rdidn’t") == "red\n10%\n20%\ndidn't"


def test_a_long_line_is_looked_at_through_a_window() -> None:
    text = "x" * 10_000
    begin, end = line_at(text, 5000)
    assert begin < 5000 < end
    assert end - begin < 3000


def test_the_last_lines_come_last_one_first_without_empty_ones() -> None:
    assert list(last_lines("a\n\n b \nc\n", 2)) == ["c", "b"]
    assert list(last_lines("", 5)) == []
    assert list(last_lines("\n\n", 5)) == []


LITERALS = [b"xid", b"disk", b"cuda out of memory", b"no space left on device", b"\x00\x01\x02\x03\x04"]


@given(
    st.lists(st.tuples(st.sampled_from(LITERALS), st.integers(0, 130_000)), max_size=6),
    st.sampled_from([b".", b"cuda out ", b"disk"[:3], b"\n"]),
)
@settings(max_examples=25, deadline=None)
def test_every_literal_of_a_large_text_is_found_where_searching_finds_it(
    placed: list[tuple[bytes, int]], filler: bytes
) -> None:
    text = bytearray((filler * 140_000)[:140_000])
    for literal, at in placed:
        text[at : at + len(literal)] = literal
    large, found = bytes(text), Literals(LITERALS).places(bytes(text))
    assert {literal: places[0] for literal, places in found.items()} == {
        literal: large.find(literal) for literal in LITERALS if literal in large
    }


def test_of_many_places_the_first_and_the_last_are_kept() -> None:
    text = b"disk " * 50_000
    places = Literals([b"disk"]).places(text)[b"disk"]
    assert places[0] == 0
    assert len(text) - 5 in places
    assert len(places) < 200
