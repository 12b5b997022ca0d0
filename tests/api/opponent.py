"""A server on loopback that answers as a test tells it to: well, badly, late or not at all."""

from __future__ import annotations

import json
import socket
import struct
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True)
class Seen:
    """One request as it arrived."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body.decode(), keep_blank_values=True, strict_parsing=True))


@dataclass(frozen=True)
class Reply:
    """One answer. ``body`` is sent as it is when it is bytes, as JSON otherwise; ``None`` sends nothing."""

    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: int | None = None
    """Send only so many bytes of the body that Content-Length promises."""


@dataclass(frozen=True)
class Drop:
    """Read the request, then reset the connection."""


@dataclass(frozen=True)
class Hang:
    """Read the request, and never answer."""


Move = Reply | Drop | Hang
Script = Callable[[Seen], Move]


class Opponent:
    """The server, what it has seen, and the script by which it answers."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.seen: list[Seen] = []
        self.most_at_once = 0
        self.over = threading.Event()
        self._busy = 0
        self._lock = threading.Lock()
        self.url = ""

    def calls(self, method: str, path: str) -> list[Seen]:
        """The requests to one path below ``/api/``."""
        return [seen for seen in self.seen if (seen.method, seen.path) == (method, f"/api/{path}")]

    def answer(self, seen: Seen) -> Move:
        with self._lock:
            self.seen.append(seen)
            self._busy += 1
            self.most_at_once = max(self.most_at_once, self._busy)
        try:
            return self.script(seen)
        finally:
            with self._lock:
                self._busy -= 1


@contextmanager
def running(script: Script) -> Iterator[Opponent]:
    """An opponent that serves until the block ends."""
    opponent = Opponent(script)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_one_request(self) -> None:
            try:
                super().handle_one_request()
            except ConnectionError:
                self.close_connection = True

        def _any(self) -> None:
            url = urlsplit(self.path)
            length = int(self.headers.get("Content-Length") or 0)
            move = opponent.answer(
                Seen(
                    self.command,
                    url.path,
                    dict(parse_qsl(url.query, keep_blank_values=True)),
                    {name.lower(): value for name, value in self.headers.items()},
                    self.rfile.read(length),
                )
            )
            match move:
                case Drop():
                    reset = struct.pack("ii", 1, 0)
                    self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, reset)
                    self.close_connection = True
                case Hang():
                    opponent.over.wait(30)
                    self.close_connection = True
                case Reply():
                    self._send(move)

        do_GET = do_POST = do_PUT = do_DELETE = _any  # noqa: N815  # the names http.server calls

        def _send(self, reply: Reply) -> None:
            body = reply.body if isinstance(reply.body, bytes) else b""
            headers = dict(reply.headers)
            if reply.body is not None and not isinstance(reply.body, bytes):
                body = json.dumps(reply.body).encode()
                headers.setdefault("Content-Type", "application/json")
            self.send_response(reply.status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body[: reply.cut])
            if reply.cut is not None:
                self.close_connection = True

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing: tests read ``seen``."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.block_on_close = False
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    opponent.url = f"http://127.0.0.1:{server.server_address[1]}/api/"
    try:
        yield opponent
    finally:
        opponent.over.set()
        server.shutdown()
        thread.join()
        server.server_close()


def in_turn(*moves: Move) -> Script:
    """Answer with each move once, and with the last one for ever."""
    waiting = list(moves)
    lock = threading.Lock()

    def script(seen: Seen) -> Move:
        with lock:
            return waiting.pop(0) if len(waiting) > 1 else waiting[0]

    return script
