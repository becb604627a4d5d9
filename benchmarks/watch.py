"""From an API server over HTTP to committed rows on SQLite: the first list, and then a watch as fast as it comes.
Run: `python -m benchmarks.watch [pods] [events]`.

The server is another process that sends prepared bytes; its pods are those of `benchmarks/decode.py`. Evidence of each
failure is fetched too. Memory is the bot's alone, with SQLite.
"""

from __future__ import annotations

import json
import multiprocessing
import random
import resource
import sys
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing.connection import Connection
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter, process_time
from urllib.parse import parse_qs, urlsplit

from benchmarks.decode import MIX, line, pod
from bot.catalogue import load
from bot.clock import utc_now
from bot.cluster.client import connect
from bot.cluster.source import watched
from bot.domain.diagnosis import diagnose
from bot.services.recording.record import Scribe
from bot.services.recording.watch import Tally, watch_cluster
from bot.store.migrate import upgrade
from bot.store.store import open_store

_PAGE = 500


def main() -> None:
    pods = int(sys.argv[1]) if len(sys.argv) > 1 else 50_000
    events = int(sys.argv[2]) if len(sys.argv) > 2 else 20_000
    ours, theirs = multiprocessing.Pipe()
    server = multiprocessing.get_context("fork").Process(target=serve, args=(theirs, pods, events), daemon=True)
    server.start()
    with TemporaryDirectory() as directory:
        measure(f"http://127.0.0.1:{ours.recv()}", Path(directory), ours, pods, events)
    server.kill()


def measure(url: str, directory: Path, server: Connection, pods: int, events: int) -> None:
    catalogue, database = load(), f"sqlite:///{directory / 'bench.db'}"
    upgrade(database)
    store = open_store(database)
    client = connect(config_file=str(_kubeconfig(url, directory)))
    source = watched(
        client, "bench", project_labels=("runai/queue",), log_lines=200, pending=timedelta(days=365), clock=utc_now
    )
    scribe = Scribe(recorder=store.recorder, diagnose=lambda evidence: diagnose(evidence, catalogue))
    tally, stop = Tally("bench"), threading.Event()
    began = perf_counter()
    with ThreadPoolExecutor(2) as pool:
        arguments = {"pool": pool, "stop": stop, "tally": tally}
        watching = threading.Thread(target=watch_cluster, args=("bench", source, scribe), kwargs=arguments)
        watching.start()
        while not tally.lists:
            stop.wait(0.01)
        listed = perf_counter() - began
        print(
            f"first list: {tally.pods} pods in {listed:.1f} s, {tally.attempts} attempts; {_megabytes():.0f} MB at most"
        )
        while tally.evidence_waiting or not tally.failures:
            stop.wait(0.05)
        print(f"evidence of all failures after {perf_counter() - began:.1f} s; {_megabytes():.0f} MB at most")
        before, began, began_cpu = tally.attempts, perf_counter(), process_time()
        server.send("go")
        while tally.pods < pods + events:
            stop.wait(0.01)
        seconds, rows = perf_counter() - began, tally.attempts - before
        cpu = process_time() - began_cpu
        print(f"watch: {events} events, {rows} new attempts in {seconds:.1f} s ({cpu:.1f} s of CPU): ")
        print(f"{rows / seconds:,.0f} attempts a second committed; {_megabytes():.0f} MB at most")
        stop.set()
        watching.join()
    store.close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = 1 << 16
    pages: Sequence[bytes]
    changes: Sequence[bytes]
    pipe: Connection

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        query = parse_qs(parts.query)
        if "watch" in query:
            self.watch()
        elif parts.path == "/api/v1/pods":
            number = int(query.get("continue", ["0"])[0])
            more = str(number + 1) if number + 1 < len(self.pages) else ""
            metadata = json.dumps({"resourceVersion": "1", "continue": more}).encode()
            self.send(b'{"metadata":' + metadata + b',"items":' + self.pages[number] + b"}")
        elif parts.path.endswith("/log"):
            self.send(b"step 1\nRuntimeError: CUDA out of memory. Tried to allocate 2.00 GiB\n")
        else:
            self.send(b'{"metadata":{},"items":[]}')

    def send(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def watch(self) -> None:
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self.wfile.flush()
        while not self.pipe.poll(10):
            self.tell(b'{"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"1"}}}\n')
        self.pipe.recv()
        for change in self.changes:
            self.tell(change)
        self.wfile.flush()
        self.pipe.recv()

    def tell(self, change: bytes) -> None:
        self.wfile.write(b"%x\r\n%b\r\n" % (len(change), change))
        if change.startswith(b'{"type":"B'):
            self.wfile.flush()

    def log_message(self, *_: object) -> None:
        pass


def serve(pipe: Connection, pods: int, events: int) -> None:
    """Prepared pages, then prepared changes once told to go: every event of the watch is a new attempt."""
    draw = random.Random(7)
    kinds = draw.choices(list(MIX), weights=list(MIX.values()), k=pods)
    pages = [
        json.dumps([pod(kinds[n], n) for n in range(start, min(start + _PAGE, pods))]).encode()
        for start in range(0, pods, _PAGE)
    ]
    ends = ["succeeded"] * 9 + ["failed"]
    changes = [line(draw.choice(ends), pods + n) + b"\n" for n in range(events)]

    handler = type("Handler", (_Handler,), {"pages": pages, "changes": changes, "pipe": pipe})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        pipe.send(server.server_address[1])
        server.serve_forever()


def _kubeconfig(url: str, directory: Path) -> Path:
    path = directory / "kubeconfig"
    context = {"name": "bench", "context": {"cluster": "bench", "user": "bench"}}
    users, clusters = [{"name": "bench", "user": {}}], [{"name": "bench", "cluster": {"server": url}}]
    whole = {"current-context": "bench", "contexts": [context], "users": users, "clusters": clusters}
    path.write_text(json.dumps(whole), encoding="utf-8")
    return path


def _megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
