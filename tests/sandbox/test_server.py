"""The server itself: where it listens, and what it makes of bad HTTP."""

from __future__ import annotations

import socket
from urllib.parse import urlsplit

import pytest

from qpmatch.errors import ConfigError, UsageError
from qpmatch.sandbox.serve import open_server
from qpmatch.sandbox.store import Store
from tests.sandbox.conftest import Serve


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.5", "::", "example.com", ""])
def test_only_loopback(store: Store, host: str) -> None:
    with pytest.raises(UsageError, match="loopback only"):
        open_server(store, host=host)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_loopback_by_any_name(store: Store, host: str) -> None:
    with open_server(store, host=host) as server:
        assert server.base_url.startswith(f"http://{host}:")
        assert server.base_url.endswith("/api/")


def test_a_taken_port(store: Store) -> None:
    with open_server(store) as first:
        port = urlsplit(first.base_url).port
        assert port
        with pytest.raises(ConfigError, match="cannot be listened on"):
            open_server(store, port=port)


@pytest.mark.parametrize("port", [-1, 65536])
def test_an_impossible_port(store: Store, port: int) -> None:
    with pytest.raises(ConfigError, match="cannot be listened on"):
        open_server(store, port=port)


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (b"POST /api/auth/login HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", b"411"),
        (b"POST /api/auth/login HTTP/1.1\r\nContent-Length: -5\r\n\r\n", b"411"),
        (b"POST /api/auth/login HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n", b"413"),
        (b"BREW /coffee HTTP/1.1\r\n\r\n", b"501"),
        (b"nonsense\r\n\r\n", b"400"),
    ],
)
def test_bad_http_is_answered(serve: Serve, head: bytes, status: bytes) -> None:
    client = serve(signed_in=False)
    parts = urlsplit(client.url)
    assert parts.hostname
    assert parts.port
    with socket.create_connection((parts.hostname, parts.port), timeout=20) as raw:
        raw.sendall(head)
        assert status in raw.recv(2000)


def test_a_body_may_be_announced_first(serve: Serve) -> None:
    client = serve(signed_in=False)
    parts = urlsplit(client.url)
    assert parts.hostname
    assert parts.port
    with socket.create_connection((parts.hostname, parts.port), timeout=20) as raw:
        raw.sendall(
            b"POST /api/auth/login HTTP/1.1\r\nContent-Type: application/json\r\n"
            b"Expect: 100-continue\r\nContent-Length: 2\r\n\r\n"
        )
        assert raw.recv(200).startswith(b"HTTP/1.1 100")
        raw.sendall(b"{}")
        assert raw.recv(2000).startswith(b"HTTP/1.1 400")


def test_a_state_file_that_breaks_is_an_answer_too(serve: Serve) -> None:
    client = serve()
    with client.store.transaction() as db:
        db.execute("DROP TABLE session")
    response, content = client.send("GET", "customer/x")
    assert response.status == 500
    assert b"sandbox reset" in content or b"state file" in content
