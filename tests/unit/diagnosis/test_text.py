from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.diagnosis.literals import Literals
from bot.domain.diagnosis.log_lines import cleaned, decoded, last_lines, line_at

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
    assert list(last_lines("a\n\n b \nc\n", 2)) == [(7, "c"), (3, " b")]
    assert list(last_lines("", 5)) == []
    assert list(last_lines("\n\n", 5)) == []


LITERALS = [b"xid", b"disk", b"cuda out of memory", b"no space left on device", b"\x00\x01\x02\x03\x04"]


@given(
    st.lists(st.tuples(st.sampled_from(LITERALS), st.floats(0, 1)), max_size=6),
    st.sampled_from([b".", b"cuda out ", b"disk"[:3], b"\n"]),
    st.sampled_from([0, 3, 40, 700, 140_000]),
)
@settings(max_examples=50, deadline=None)
def test_every_literal_of_a_text_of_any_size_is_found_where_searching_finds_it(
    placed: list[tuple[bytes, float]], filler: bytes, size: int
) -> None:
    text = bytearray((filler * size)[:size])
    for literal, at in placed:
        begin = int(at * size)
        text[begin : begin + len(literal)] = literal
    whole, found = bytes(text), Literals(LITERALS).places(bytes(text))
    assert {literal: places[0] for literal, places in found.items()} == {
        literal: whole.find(literal) for literal in LITERALS if literal in whole
    }


def test_of_many_places_the_first_and_the_last_are_kept() -> None:
    text = b"disk " * 50_000
    places = Literals([b"disk"]).places(text)[b"disk"]
    assert places[0] == 0
    assert len(text) - 5 in places
    assert len(places) < 200
