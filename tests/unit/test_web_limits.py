"""Whoever reaches the port without a signature costs little: bodies are bounded while they are read, slow connections
are cut, and what is malformed gets one line."""

from __future__ import annotations

import http.client
import socket
import time
import tracemalloc
from collections.abc import Iterator
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry
from slack_bolt import App

from bot.asgi_server import Serving, serve
from bot.slack.connection import LONGEST_BODY, endpoint
from bot.web import web_app

SECRET = "s" * 32
FORM, JSON = "application/x-www-form-urlencoded", "application/json"


@pytest.fixture(scope="module")
def served() -> Iterator[Serving]:
    app = App(token="xoxb-1", signing_secret=SECRET, token_verification_enabled=False)
    web = web_app(registry=CollectorRegistry(), unready=list, slack=endpoint(app, SECRET))
    with serve(web) as serving:
        yield serving


def sent(served: Serving, body: bytes, **headers: str) -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=20)
    connection.request("POST", "/slack/events", body, {name.replace("_", "-"): said for name, said in headers.items()})
    answer = connection.getresponse()
    said = answer.read().decode()
    connection.close()
    return answer.status, said


def test_a_request_that_says_it_is_long_is_refused_before_it_is_read(served: Serving) -> None:
    with socket.create_connection(("127.0.0.1", served.port), timeout=10) as plain:
        plain.sendall(b"POST /slack/events HTTP/1.1\r\nHost: x\r\nContent-Length: 600000000\r\n\r\n")
        assert b" 413 " in plain.recv(200)


def test_a_request_that_does_not_say_how_long_it_is_is_read_no_further_than_it_may_be(served: Serving) -> None:
    tracemalloc.start()
    with socket.create_connection(("127.0.0.1", served.port), timeout=20) as plain:
        plain.sendall(b"POST /slack/events HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
        piece = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
        sent_pieces = 0
        with suppress(OSError):
            for _ in range(9600):  # 600 MB
                plain.sendall(piece)
                sent_pieces += 1
        assert sent_pieces < 1000
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 40 * LONGEST_BODY


MALFORMED = [
    (b"", {}),
    (b"\xff\xfe", {"content_type": JSON}),
    (b"{", {"content_type": JSON}),
    (b"[1]", {"content_type": JSON}),
    (b"null", {"content_type": JSON}),
    (b"[" * 100_000, {"content_type": JSON}),
    (b"payload=", {"content_type": FORM}),
    (b"payload=[1]", {"content_type": FORM}),
    (b"payload=%ff", {"content_type": FORM}),
    (b"payload={&payload={", {"content_type": FORM}),
    (b"ssl_check=1", {"content_type": FORM}),
    (b"{}", {"x_slack_request_timestamp": "abc", "x_slack_signature": "v0=1"}),
    (b"{}", {"x_slack_request_timestamp": "9" * 400, "x_slack_signature": "v0=1"}),
    (b"{}", {"x_slack_request_timestamp": "1", "x_slack_signature": "\xe9"}),
    (b"{}", {"x_slack_request_timestamp": "-1", "x_slack_signature": ""}),
    (b"{}", {"x_slack_retry_num": "x", "content_type": "multipart/form-data"}),
]


@pytest.mark.parametrize(("body", "headers"), MALFORMED)
def test_an_unsigned_request_gets_one_line_whatever_it_holds(
    served: Serving, body: bytes, headers: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    status, said = sent(served, body, **headers)
    assert status in {400, 401}
    assert len(said.splitlines()) == 1
    assert "Traceback" not in caplog.text


@given(
    st.binary(max_size=300), st.sampled_from([FORM, JSON, ""]), st.text(st.characters(max_codepoint=255), max_size=12)
)
@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_request_without_a_signature_is_refused(served: Serving, body: bytes, kind: str, signature: str) -> None:
    said = "".join(each for each in signature if each.isprintable())
    status, _ = sent(served, body, content_type=kind, x_slack_signature=said, x_slack_request_timestamp=said)
    assert status in {400, 401}


def test_connections_that_ask_nothing_are_cut(served: Serving) -> None:
    slow = [socket.create_connection(("127.0.0.1", served.port), timeout=30) for _ in range(200)]
    for each in slow:
        each.sendall(b"POST /slack/events HTTP/1.1\r\nHost:")
    began = time.monotonic()
    for each in slow:
        with suppress(ConnectionResetError):
            assert each.recv(1) == b""
        each.close()
    assert time.monotonic() - began < 25


def test_a_body_that_comes_a_byte_at_a_time_is_not_waited_for(served: Serving) -> None:
    with socket.create_connection(("127.0.0.1", served.port), timeout=30) as plain:
        plain.sendall(b"POST /slack/events HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{")
        assert b" 408 " in plain.recv(200)
