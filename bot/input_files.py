"""Files that a person hands to a command: plain or gzip, of any size. What is unpacked is bounded: 14 MB of gzip can be
6 GB of text."""

from __future__ import annotations

import gzip
import io
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, cast

GZIP = b"\x1f\x8b"
"""What a gzip file begins with (RFC 1952, 2.3.1)."""
MOST_TIMES = 200
"""How many times its size a file may unpack to: logs and NDJSON have 10 to 40, zeros 1,000."""
ALWAYS_BYTES = 64 * 1024 * 1024
"""What any file may unpack to."""
_PIECE = 1024 * 1024


class TooMuch(Exception):
    """The file is larger than what is read of such files; the message says what to do."""


@contextmanager
def opened_file(name: str) -> Iterator[IO[bytes]]:
    """The file, unpacked if it is gzip; `-` is standard input. Raises OSError; reading it may raise TooMuch, EOFError
    and zlib.error."""
    if name == "-":
        yield sys.stdin.buffer
        return
    with Path(name).open("rb") as plain:
        packed = plain.read(2) == GZIP
        plain.seek(0)
        if packed:
            with io.BufferedReader(_Unpacked(plain), _PIECE) as unpacked:
                yield unpacked
        else:
            yield plain


def ends_of(stream: IO[bytes], *, head: int, end: int) -> bytes:
    """The beginning and the end of a stream, with a line break between where something is left out."""
    first = stream.read(head)
    last, left_out = bytearray(), False
    while piece := stream.read(_PIECE):
        last += piece
        if len(last) > end:
            left_out = True
            del last[:-end]
    return first + b"\n" * left_out + bytes(last)


def whole_text(stream: IO[bytes], *, most: int) -> str:
    """The stream as UTF-8. Raises TooMuch where it has more than `most` bytes, and UnicodeDecodeError."""
    raw = stream.read(most + 1)
    if len(raw) > most:
        raise TooMuch(f"it has more than {most >> 20} MiB")
    return raw.decode("utf-8-sig")


class _Unpacked(io.RawIOBase):
    """What a gzip file holds, until that is more than it may be."""

    def __init__(self, packed: IO[bytes]) -> None:
        self._packed = packed
        self._gzip = gzip.GzipFile(fileobj=packed, mode="rb")
        self._given = 0

    def readable(self) -> bool:
        """It is there to be read."""
        return True

    def readinto(self, buffer: object) -> int:
        """The next piece. Raises TooMuch."""
        view = memoryview(cast("bytearray", buffer))
        piece = self._gzip.read(min(len(view), _PIECE))
        view[: len(piece)] = piece
        self._given += len(piece)
        if self._given > max(ALWAYS_BYTES, MOST_TIMES * self._packed.tell()):
            raise TooMuch(f"it unpacks to more than {MOST_TIMES} times its size; unpack it yourself if you trust it")
        return len(piece)
