"""What every test stands on: no network but loopback, no settings but its own, and the program to call."""

from __future__ import annotations

import functools
import ipaddress
import json
import os
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import typer.main
import typer.testing
from typer.testing import CliRunner

from qpmatch.cli import app
from qpmatch.errors import ExitCode


@pytest.fixture(autouse=True, scope="session")
def _loopback_only() -> Iterator[None]:
    """No test reaches a real datacentre: every other address is refused before a packet leaves."""
    patch = pytest.MonkeyPatch()
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6) and not _is_loopback(address[0]):
            raise AssertionError(f"a test tried to reach {address[0]}")
        connect(self, address)

    patch.setattr(socket.socket, "connect", guarded)
    yield
    patch.undo()


def _is_loopback(host: str) -> bool:
    return host == "localhost" or ipaddress.ip_address(host).is_loopback


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of this test's own for state, configuration and the sandbox; it is the working folder too."""
    for name in [name for name in os.environ if name.startswith(("QPMATCH_", "AUTOTASK_"))]:
        monkeypatch.delenv(name)
    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.setenv("QPMATCH_CONFIG", str(folder / "config.yaml"))
    monkeypatch.setenv("QPMATCH_STATE", str(folder / "state"))
    monkeypatch.setenv("QPMATCH_SANDBOX", str(folder / "sandbox.sqlite3"))
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture(autouse=True, scope="session")
def _one_command_tree() -> Iterator[None]:
    """Typer builds the commands once, not anew for each call: it takes longer than many a command."""
    patch = pytest.MonkeyPatch()
    patch.setattr(typer.testing, "_get_command", functools.cache(typer.main.get_command))
    yield
    patch.undo()


@dataclass(frozen=True)
class Outcome:
    """What one call of the program left behind."""

    code: int
    stdout: str
    stderr: str

    @property
    def json(self) -> Any:
        """stdout as the one JSON document that it has to be."""
        return json.loads(self.stdout)

    @property
    def error(self) -> dict[str, Any]:
        """The error object that ``-o json`` puts on stderr, as its last line."""
        error: dict[str, Any] = json.loads(self.stderr.splitlines()[-1])["error"]
        return error


Program = Callable[..., Outcome]


@pytest.fixture
def qpmatch() -> Program:
    """The program, in-process: ``qpmatch("list", "companies", code=0)`` fails on any other exit code.

    ``code=None`` takes any of those that are documented, 1 (unexpected) left out.
    """

    def call(
        *args: object, code: int | None = 0, stdin: str | None = None, env: dict[str, str] | None = None
    ) -> Outcome:
        words = [str(arg) for arg in args]
        result = CliRunner().invoke(app, words, input=stdin, env=env, prog_name="qpmatch")
        assert result.exit_code == code or (code is None and result.exit_code != ExitCode.UNEXPECTED), (
            f"qpmatch {' '.join(words)}: exit {result.exit_code}, not {code}\n"
            f"{result.stdout}\n{result.stderr}"
        )
        return Outcome(result.exit_code, result.stdout, result.stderr)

    return call
