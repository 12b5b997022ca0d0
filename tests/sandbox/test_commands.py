"""``qpmatch sandbox``: reset and info in-process, serve as a process of its own."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from qpmatch.sandbox.store import Store
from tests.conftest import Program
from tests.sandbox.conftest import Plain

INFO_KEYS = {
    "path",
    "email",
    "password",
    "totp_secret",
    "companies",
    "customers",
    "links",
    "seed",
    "autotask_username",
    "autotask_secret",
    "autotask_integration_code",
}


def test_info_tells_where_and_how(qpmatch: Program, home: Path) -> None:
    info = qpmatch("sandbox", "info", "-o", "json").json
    assert set(info) == INFO_KEYS
    assert Path(info["path"]) == home / "sandbox.sqlite3"
    assert info["companies"] == 200
    assert info["totp_secret"] is None


def test_reset_makes_exactly_so_many(qpmatch: Program) -> None:
    info = qpmatch("sandbox", "reset", "--companies", "31", "--seed", "9", "-o", "json").json
    assert (info["companies"], info["seed"]) == (31, 9)
    assert qpmatch("sandbox", "info", "-o", "json").json == info
    assert "technician@sandbox.example" in qpmatch("sandbox", "info").stdout


@pytest.mark.parametrize("companies", ["4", "50001", "-3"])
def test_an_impossible_size_changes_nothing(qpmatch: Program, companies: str) -> None:
    before = qpmatch("sandbox", "info", "-o", "json").json
    failed = qpmatch("sandbox", "reset", "--companies", companies, "-o", "json", code=2)
    assert "5 to 50000" in failed.error["message"]
    assert qpmatch("sandbox", "info", "-o", "json").json == before


def test_a_foreign_file_is_exit_2(qpmatch: Program, home: Path) -> None:
    (home / "sandbox.sqlite3").write_text("my diary")
    failed = qpmatch("sandbox", "reset", "-o", "json", code=2)
    assert failed.error["code"] == "config"
    assert (home / "sandbox.sqlite3").read_text() == "my diary"


@pytest.mark.parametrize(
    "options",
    [
        ("--fault", "nonsense"),
        ("--fault", "GET nowhere=500"),
        ("--fault", "GET customer=teapot"),
        ("--rename", "nothing=x"),
        ("--host", "0.0.0.0"),
        ("--port", "70000"),
        ("--role", "king"),
        ("--latency-ms", "-1"),
    ],
)
def test_serve_refuses_what_it_cannot_do(qpmatch: Program, options: tuple[str, str]) -> None:
    failed = qpmatch("sandbox", "serve", "--for-seconds", "0", *options, "-o", "json", code=2)
    assert failed.error["message"]
    assert failed.stdout == ""


@contextmanager
def serving(*options: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The server as a process, and its base URL."""
    command = [sys.executable, "-m", "qpmatch", "sandbox", "serve", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield process, process.stdout.readline().strip()
        finally:
            process.kill()


def test_serve_says_where_and_speaks_over_the_same_state(qpmatch: Program, home: Path) -> None:
    qpmatch("sandbox", "reset", "--companies", "20")
    with serving("--mfa") as (process, url), Store(home / "sandbox.sqlite3") as store:
        assert url.startswith("http://127.0.0.1:")
        assert url.endswith("/api/")
        secret = store.info().totp_secret
        assert secret
        client = Plain(url, store)
        assert client.send("GET", "customer")[0].status == 401
        client.connection.close()
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=30)
    assert process.returncode == 0
    assert out == ""
    assert f"QPMATCH_TOTP_SECRET={secret}" in err
    assert "Traceback" not in err


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT for one process")
def test_ctrl_c_ends_it_with_130() -> None:
    with serving() as (process, _url):
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "Traceback" not in err


def test_it_stops_by_itself() -> None:
    with serving("--for-seconds", "0.2", "-q") as (process, url):
        out, err = process.communicate(timeout=30)
    assert url.startswith("http://")
    assert (process.returncode, out, err) == (0, "", "")


def test_requests_are_logged_when_asked(home: Path) -> None:
    with serving("-v") as (process, url), Store(home / "sandbox.sqlite3") as store:
        client = Plain(url, store)
        client.send("GET", "customer?searchText=acme")
        client.connection.close()
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=30)
    assert "GET /api/customer?searchText=acme" in err
