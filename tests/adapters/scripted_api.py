"""A hostile API server over real HTTP: it plays a script, one answer for each list and each watch that is asked for.
What is not in the script hangs, so that a test ends when it has seen enough."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True)
class Answer:
    """A status with a body at once, or a stream of pieces; `then` says how a stream goes on."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    pieces: tuple[bytes, ...] | None = None
    then: str = "end"
    """`end` closes the stream properly, `drop` cuts the connection in the middle, `hang` says nothing more."""


def listing(*pods: dict[str, Any] | str, version: str = "10", token: str = "") -> Answer:
    metadata = {"resourceVersion": version, "continue": token}
    items = ",".join(pod if isinstance(pod, str) else json.dumps(pod) for pod in pods)
    return Answer(body=f'{{"kind":"PodList","metadata":{json.dumps(metadata)},"items":[{items}]}}'.encode())


def refusal(status: int, message: str = "no", **headers: str) -> Answer:
    body = {"kind": "Status", "status": "Failure", "message": message, "code": status}
    return Answer(status=status, body=json.dumps(body).encode(), headers=headers)


def watching(*events: bytes, then: str = "hang") -> Answer:
    return Answer(pieces=events, then=then)


def change(kind: str, thing: Any) -> bytes:
    return json.dumps({"type": kind, "object": thing}).encode() + b"\n"


def bookmark(version: str) -> bytes:
    return change("BOOKMARK", {"kind": "Pod", "metadata": {"resourceVersion": version}})


def expired() -> bytes:
    return change("ERROR", {"kind": "Status", "code": 410, "reason": "Expired", "message": "too old resource version"})


@dataclass
class ScriptedApi:
    """The script, and what was asked."""

    lists: list[Answer] = field(default_factory=list)
    watches: list[Answer] = field(default_factory=list)
    others: dict[str, Answer] = field(default_factory=dict)
    """Answers to all other requests, by path."""
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    tokens: list[str | None] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)
    port: int = 0

    def questions(self, *, watch: bool) -> list[dict[str, str]]:
        return [query for path, query in self.asked if path == "/api/v1/pods" and ("watch" in query) is watch]

    def kubeconfig(self, path: Path, *, user: dict[str, Any] | None = None) -> str:
        whole = {
            "current-context": "scripted",
            "contexts": [{"name": "scripted", "context": {"cluster": "scripted", "user": "bot"}}],
            "clusters": [{"name": "scripted", "cluster": {"server": f"http://127.0.0.1:{self.port}"}}],
            "users": [{"name": "bot", "user": {"token": "secret"} if user is None else user}],
        }
        path.write_text(json.dumps(whole), encoding="utf-8")
        return str(path)

    def next_answer(self, path: str, query: dict[str, str]) -> Answer:
        if path != "/api/v1/pods":
            return self.others.get(path, Answer(body=b'{"metadata":{},"items":[]}'))
        script = self.watches if "watch" in query else self.lists
        return script.pop(0) if script else Answer(pieces=(), then="hang")


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    api: ScriptedApi

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        query = dict(parse_qsl(parts.query))
        self.api.asked.append((parts.path, query))
        self.api.tokens.append(self.headers.get("Authorization"))
        self.play(self.api.next_answer(parts.path, query))

    def do_POST(self) -> None:
        self.api.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
        self.api.asked.append((self.path, {}))
        self.play(self.api.next_answer(self.path, {}))

    def play(self, answer: Answer) -> None:
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name.replace("_", "-"), value)
        if answer.pieces is None:
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body)
        else:
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            self.stream(answer.pieces, answer.then)

    def stream(self, pieces: tuple[bytes, ...], then: str) -> None:
        for piece in pieces:
            self.wfile.write(b"%x\r\n%b\r\n" % (len(piece), piece))
        if then == "hang":
            self.api.over.wait(20)
        if then == "end":
            self.wfile.write(b"0\r\n\r\n")
        self.close_connection = True

    def log_message(self, *_: object) -> None:
        pass


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """A client that hangs up is no news."""


@contextmanager
def scripted(**script: Any) -> Iterator[ScriptedApi]:
    api = ScriptedApi(**script)
    with serving(api):
        yield api


@contextmanager
def serving(api: ScriptedApi) -> Iterator[None]:
    handler = type("Handler", (_Handler,), {"api": api})
    with _Server(("127.0.0.1", 0), handler) as server:
        api.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield
        finally:
            api.over.set()
            server.shutdown()
            thread.join()
