"""The sandbox behind a socket: a threaded HTTP/1.1 server with keep-alive, on loopback (SPEC 9).

werkzeug's own development server closes every connection after one answer, so that a client would never
reuse one and never meet a reused one that has gone. Hence a small server around Python's ``http.server``.
"""

from __future__ import annotations

import ipaddress
import os
import select
import socket
import threading
from types import TracebackType
from typing import TYPE_CHECKING, Self

from qpmatch.errors import ConfigError, UsageError
from qpmatch.sandbox.app import BASE_PATH
from qpmatch.sandbox.client_connection import Handler

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

_POLL_SECONDS = 0.05
_BACKLOG = 128
_LEAVE_SECONDS = 5.0
"""How long a stopping server waits for an answer that is being worked out."""


class SandboxServer:
    """Serves ``app``; ``port`` 0 takes any free port. Leaving it as a context manager stops it.

    Raises ``UsageError`` for a host that is not loopback, ``ConfigError`` when the port cannot be had.
    """

    def __init__(self, app: WSGIApplication, host: str = "127.0.0.1", port: int = 0) -> None:
        _refuse_other_than_loopback(host)
        self.app = app
        self.stopping = threading.Event()
        self._host = host
        self._port = port
        self._listener = self._listen()
        self._port = self._listener.getsockname()[1]
        self._refuse_for: float | None = None
        self._refusing = threading.Event()
        self._lock = threading.Lock()
        self._clients: dict[threading.Thread, socket.socket] = {}
        self._thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def base_url(self) -> str:
        """Where clients find it, such as ``http://127.0.0.1:8080/api/``."""
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"http://{host}:{self._port}{BASE_PATH}"

    def start(self) -> None:
        """Serve in a thread of its own, until ``close``."""
        self._thread = threading.Thread(target=self.run, name="sandbox server", daemon=True)
        self._thread.start()

    def run(self) -> None:
        """Serve until ``stopping`` is set."""
        while not self.stopping.is_set():
            if self._refuse_for is not None:
                self._refuse(self._refuse_for)
            elif select.select([self._listener], [], [], _POLL_SECONDS)[0]:
                self._accept()

    def refuse_new(self, seconds: float) -> None:
        """Stop listening for so long; returns as soon as new connections are refused."""
        self._refuse_for = seconds
        while not (self._refusing.wait(_POLL_SECONDS) or self.stopping.is_set()):
            pass

    def close(self) -> None:
        """Stop serving, drop every connection, and wait for the threads behind them."""
        self.stopping.set()
        if self._thread is not None:
            self._thread.join()
        self._listener.close()
        with self._lock:
            clients = dict(self._clients)
        for thread, client in clients.items():
            _shut(client)
            thread.join(_LEAVE_SECONDS)

    def _listen(self) -> socket.socket:
        family = socket.AF_INET6 if ":" in self._host else socket.AF_INET
        listener = socket.socket(family, socket.SOCK_STREAM)
        try:
            if os.name != "nt":  # on Windows the option would let two servers share a port
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind((self._host, self._port))
            listener.listen(_BACKLOG)
            # A client may be gone between select() and accept().
            listener.setblocking(False)
        except (OSError, OverflowError) as error:
            listener.close()
            raise ConfigError(
                f"port {self._port} of {self._host} cannot be listened on: {error}",
                hint="Any free port: --port 0",
            ) from error
        return listener

    def _refuse(self, seconds: float) -> None:
        self._listener.close()
        self._refusing.set()
        self.stopping.wait(seconds)
        self._listener = self._listen()
        self._refuse_for = None
        self._refusing.clear()

    def _accept(self) -> None:
        try:
            client, address = self._listener.accept()
        except (BlockingIOError, ConnectionError):
            return
        client.setblocking(True)
        thread = threading.Thread(target=self._converse, args=(client, address), daemon=True)
        with self._lock:
            self._clients[thread] = client
        thread.start()

    def _converse(self, client: socket.socket, address: tuple[str, int]) -> None:
        try:
            Handler(client, address, self)
        finally:
            client.close()
            with self._lock:
                del self._clients[threading.current_thread()]


def _shut(client: socket.socket) -> None:
    try:
        client.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # it has gone by itself


def _refuse_other_than_loopback(host: str) -> None:
    if host == "localhost":
        return
    try:
        if ipaddress.ip_address(host).is_loopback:
            return
    except ValueError:
        pass
    raise UsageError(
        f"the sandbox listens on loopback only, not on {host!r}: its account is no secret",
        hint="Use --host 127.0.0.1, --host ::1 or --host localhost.",
    )
