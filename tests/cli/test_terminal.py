"""The program on a terminal (SPEC 5): progress, questions, and tables that fit."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator

import pytest
from wcwidth import wcswidth

from tests.cli.conftest import MakeWorld
from tests.cli.processes import start
from tests.world import World

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="uses Linux's own means")

LINKS = [(f"{number}", f"k{number}") for number in range(20, 40)]


@pytest.fixture
def world(make: MakeWorld) -> World:
    return make(
        {str(number): f"Company {number}" for number in range(60)},
        {f"k{number}": f"Company {number}" for number in range(50)},
        LINKS,
    )


@pytest.mark.parametrize("no_color", [True, False])
def test_progress_shows_on_a_terminal_only(world: World, no_color: bool) -> None:
    env = {"NO_COLOR": "1"} if no_color else {"FORCE_COLOR": ""}
    shown = _on_terminal("list", "-r", "sandbox", env={**env, "COLUMNS": "80", "TERM": "xterm"})
    assert re.search(r"companies .*100%", shown)
    assert "Company 12" in shown
    if no_color:
        assert not re.search(r"\x1b\[[0-9;]*m", shown)
    piped = start("list", "-r", "sandbox")
    out, err = piped.communicate(timeout=60)
    assert "%" not in out + err
    assert "\x1b" not in out + err
    assert "\r" not in out + err
    assert "100%" not in _on_terminal("list", "-r", "sandbox", "--quiet", env=env)


def test_the_table_fits_the_terminal(make: MakeWorld) -> None:
    make({"1": "\u682a\u5f0f\u4f1a\u793e" * 30, "2": "Word " * 40}, {"k": "\u682a\u5f0f\u4f1a\u793e" * 30})
    shown = _on_terminal("suggest", "-r", "sandbox", "-q", env={"TERM": "xterm"}, columns=70)
    lines = shown.replace("\r", "").splitlines()
    assert len(lines) >= 4
    assert [line for line in lines if wcswidth(line) > 70] == []


@pytest.mark.parametrize(("answer", "code"), [("y\n", 0), ("n\n", 4), ("\n", 4)])
def test_confirm_asks_on_a_terminal(world: World, answer: str, code: int) -> None:
    shown = _on_terminal("confirm", "--suggested", "-r", "sandbox", answer=answer, code=code)
    assert "Apply these 30 operations?" in shown
    assert len(world.links) == (50 if code == 0 else 20)


def _on_terminal(
    *words: str, env: dict[str, str] | None = None, answer: str = "", code: int = 0, columns: int = 80
) -> str:
    """What the program shows on a terminal of its own."""
    import fcntl
    import pty
    import struct
    import termios

    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    environ = {key: value for key, value in (env or {}).items() if key != "COLUMNS"}
    with start(*words, env=environ, stdin=theirs, stdout=theirs, stderr=theirs) as program:
        os.close(theirs)
        if answer:
            os.write(ours, answer.encode())
        shown = b"".join(_read_all(ours))
        os.close(ours)
        assert program.wait(timeout=60) == code, shown
    return shown.decode()


def _read_all(descriptor: int) -> Iterator[bytes]:
    while True:
        try:
            part = os.read(descriptor, 65536)
        except OSError:  # the last process has closed its side
            return
        if not part:
            return
        yield part
