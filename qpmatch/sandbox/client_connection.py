"""One connection of the sandbox's server: HTTP requests in, WSGI calls, answers out."""

from __future__ import annotations

import io
import logging
import select
import socket
import struct
import sys
import time
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING, Any, Protocol, cast
from urllib.parse import unquote_to_bytes

from qpmatch.errors import QpmatchError
from qpmatch.sandbox.answers import error_answer
from qpmatch.sandbox.connection import ENVIRON_KEY

if TYPE_CHECKING:
    import threading
    from socketserver import BaseServer

    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment

_LOG = logging.getLogger(__name__)

_MOST_BYTES = 32 * 2**20
_PEEK_SECONDS = 0.05
_RESET_ON_CLOSE = struct.pack("ii" if sys.platform != "win32" else "hh", 1, 0)
"""SO_LINGER on, zero seconds: closing sends RST, which the client sees as a reset connection."""


class Server(Protocol):
    """What a connection needs from its server."""

    app: WSGIApplication
    stopping: threading.Event

    def refuse_new(self, seconds: float) -> None:
        """Stop listening for so long."""


class Handler(BaseHTTPRequestHandler):
    """Answers the requests of one connection until either side closes it (``connection.Connection``)."""

    protocol_version = "HTTP/1.1"
    timeout = 120  # seconds without a request
    wbufsize = -1  # head and body leave in one segment
    disable_nagle_algorithm = True

    def __init__(self, client: socket.socket, address: tuple[str, int], sandbox: Server) -> None:
        self._sandbox = sandbox
        self._dropped = False
        # http.server keeps its server argument and makes no use of it.
        super().__init__(client, address, cast("BaseServer", sandbox))

    def handle(self) -> None:
        """Answer requests; a client that leaves early is no error."""
        try:
            super().handle()
        except ConnectionError:
            _LOG.debug("the client left")

    def finish(self) -> None:
        """Flush and close the streams."""
        try:
            super().finish()
        except ConnectionError:
            _LOG.debug("the client left before its answer")

    def handle_expect_100(self) -> bool:
        """Say that the body may come, at once."""
        going_on = super().handle_expect_100()
        self.wfile.flush()
        return going_on

    def drop(self) -> None:
        """Reset the connection as soon as the app returns."""
        self._dropped = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)

    def refuse_new(self, seconds: float) -> None:
        """Stop listening for so long."""
        self._sandbox.refuse_new(seconds)

    def wait(self, seconds: float) -> None:
        """Wait, or until the server stops."""
        self._sandbox.stopping.wait(seconds)

    def wait_until_gone(self, seconds: float) -> None:
        """Wait until the client has closed its side."""
        end = time.monotonic() + seconds
        while time.monotonic() < end and not self._sandbox.stopping.wait(_PEEK_SECONDS):
            if select.select([self.connection], [], [], 0)[0] and self._at_end():
                return

    def log_message(self, format: str, *args: Any) -> None:
        """To the log, for ``-v``; the request line holds no secrets (sign-in is in the body)."""
        _LOG.info(format, *args)

    def _at_end(self) -> bool:
        try:
            return not self.connection.recv(1, socket.MSG_PEEK)
        except ConnectionError:
            return True

    def _respond(self) -> None:
        length = self.headers.get("Content-Length", "0")
        if self.headers.get("Transfer-Encoding") or not (length.isascii() and length.isdigit()):
            self.close_connection = True
            self.send_error(411)
            return
        if int(length) > _MOST_BYTES:
            self.close_connection = True
            self.send_error(413)
            return
        body = self.rfile.read(int(length))
        if len(body) < int(length):
            self.close_connection = True
            return
        status, headers, content = self._call(self._environ(body))
        if self._dropped:
            self.close_connection = True
            return
        self._send(status, headers, content)

    def _call(self, environ: WSGIEnvironment) -> tuple[str, list[tuple[str, str]], bytes]:
        answered: list[Any] = []

        def start_response(status: str, headers: list[tuple[str, str]], _error: Any = None) -> Any:
            answered[:] = [status, headers]

        try:
            content = b"".join(self._sandbox.app(environ, start_response))
        except Exception as error:
            # A server answers whatever happens to it; the traceback goes to the log.
            _LOG.exception("%s %s", self.command, environ["PATH_INFO"])
            message = error.message if isinstance(error, QpmatchError) else "See the sandbox's log."
            content = b"".join(error_answer(500, "sandbox", message)(environ, start_response))
        return answered[0], answered[1], content

    def _send(self, status: str, headers: list[tuple[str, str]], content: bytes) -> None:
        code, _, phrase = status.partition(" ")
        self.send_response(int(code), phrase)
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def _environ(self, body: bytes) -> WSGIEnvironment:
        path, _, query = self.path.partition("?")
        host, port = self.connection.getsockname()[:2]
        environ: WSGIEnvironment = {
            "REQUEST_METHOD": self.command,
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
            "QUERY_STRING": query,
            "SERVER_NAME": host,
            "SERVER_PORT": str(port),
            "SERVER_PROTOCOL": self.request_version,
            "REMOTE_ADDR": self.client_address[0],
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(body),
            "wsgi.errors": sys.stderr,
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
            ENVIRON_KEY: self,
        }
        for name in {name.lower() for name in self.headers} - {"content-type", "content-length"}:
            if "_" not in name:
                joint = "; " if name == "cookie" else ","
                environ[f"HTTP_{name.upper().replace('-', '_')}"] = joint.join(self.headers.get_all(name, []))
        return environ

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = _respond  # noqa: N815 - http.server's
