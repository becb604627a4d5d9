"""The body of a request from anybody: read piece by piece, and no further than it may be long or take."""

from __future__ import annotations

import asyncio

from starlette.requests import ClientDisconnect, Request

SECONDS = 10.0
"""Seconds that a body may take; Slack itself waits three for an answer."""


class Unreadable(Exception):
    """A body that is not read to its end; `status` is what to answer with."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


async def bounded_body(request: Request, *, most: int, seconds: float = SECONDS) -> bytes:
    """The whole body. Raises Unreadable where it is or says to be longer than `most` bytes, or comes too slowly."""
    said = request.headers.get("content-length", "")
    if said.isdecimal() and int(said[:12]) > most:
        raise Unreadable(413, f"the request is longer than {most} bytes")
    read = bytearray()
    try:
        async with asyncio.timeout(seconds):
            async for piece in request.stream():
                read += piece
                if len(read) > most:
                    raise Unreadable(413, f"the request is longer than {most} bytes")
    except TimeoutError:
        raise Unreadable(408, f"the request took longer than {seconds:.0f} s") from None
    except ClientDisconnect:
        raise Unreadable(400, "the request ended before its body") from None
    return bytes(read)
