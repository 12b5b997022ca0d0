"""The README's transcripts: run for real, shown as a terminal of 100 columns shows them.

Blocks with the same label share a home folder and run in the order of the page; each label begins with a
fresh one. The terminal is a pseudo-terminal. One thing differs from a person's: messages believe that they
are not on a terminal, so there are no progress bars, whose last frame depends on the machine's speed.
"""

from __future__ import annotations

import contextlib
import os
import pty
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

from tests.docs.blocks import ROOT, Block

WIDTH = 100
TIMEOUT = 120
_MARK = "\x1e"

_LAUNCHER = f"""\
import sys
sys.path.insert(0, {str(ROOT)!r})
sys.stderr.isatty = lambda: False
from qpmatch.__main__ import main
sys.exit(main())
"""

_SHOWN_HOME = "/home/msptech"
_SHOWN_CLONE = "/home/msptech/qpmatch"
_PASSING = (
    (re.compile(r"\b20\d\d-\d\d-\d\d([T ])\d\d:\d\d"), r"2026-11-22\g<1>10:00"),
    (re.compile(r"(?<=2026-11-22.10:00):\d\d(\.\d+)?"), lambda found: re.sub(r"\d", "0", found[0])),
    (re.compile(r"\b20\d{6}T\d{6}Z-[0-9a-f]{6}\b"), "20261122T100000Z-1a2b3c"),
)
"""What differs from run to run, and what of the same length is shown instead."""


def settled(text: str) -> str:
    """Output with times and run ids replaced by fixed ones."""
    for pattern, shown in _PASSING:
        text = pattern.sub(shown, text)
    return text


def commands(text: str) -> list[str]:
    """The commands of a transcript; a line that ends with a backslash goes on in the next, behind ``>``."""
    found: list[str] = []
    continued = False
    for line in text.splitlines():
        if line.startswith("$ "):
            found.append(line[2:])
        elif continued and line.startswith("> "):
            found[-1] += "\n" + line[2:]
        else:
            continued = False
            continue
        continued = line.endswith("\\")
    return found


def environment(home: Path) -> dict[str, str]:
    """The environment of a technician who has just installed qpmatch: a home folder and no settings.

    Writes the ``qpmatch`` command that runs this checkout into ``home/.bin``.
    """
    tools = home / ".bin"
    tools.mkdir(exist_ok=True)
    launcher = tools / "launch.py"
    launcher.write_text(_LAUNCHER, encoding="utf-8")
    program = tools / "qpmatch"
    program.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} {shlex.quote(str(launcher))} "$@"\n')
    program.chmod(0o755)
    return {
        "HOME": str(home),
        "PATH": f"{tools}:{os.environ['PATH']}",
        "COLUMNS": str(WIDTH),
        "LANG": "C.UTF-8",
        "TERM": "xterm",
        "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
    }


def run(text: str, home: Path) -> str:
    """The transcript of ``text``'s commands as they run now, with ``home`` as home and working folder.

    A browser recording lies there as ``recording.har``.
    """
    shutil.copy(ROOT / "tests" / "data" / "har" / "chrome.har", home / "recording.har")
    listed = commands(text)
    script = "".join(f"{command}\nqp_status=$?; printf '\\036'; (exit $qp_status)\n" for command in listed)
    outputs = _in_terminal(script, home).split(_MARK)
    if len(outputs) != len(listed) + 1:
        raise RuntimeError(f"{len(outputs) - 1} of {len(listed)} commands came to an end:\n{outputs[-1]}")
    shown = (
        "$ " + command.replace("\n", "\n> ") + "\n" + output
        for command, output in zip(listed, outputs, strict=False)
    )
    return settled("".join(shown).replace(str(home), _SHOWN_HOME).replace(str(ROOT), _SHOWN_CLONE))


@contextlib.contextmanager
def fresh_home() -> Iterator[Path]:
    """An empty home folder whose path is as long as the one that is shown, so that tables line up."""
    folder = Path(tempfile.mkdtemp(prefix="", dir="/tmp"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def sessions(found: list[Block]) -> Iterator[list[Block]]:
    """The transcripts of a page, those that share a label together."""
    labelled = [block for block in found if block.kind == "transcript"]
    for name in dict.fromkeys(block.name for block in labelled):
        yield [block for block in labelled if block.name == name]


def _in_terminal(script: str, home: Path) -> str:
    """What bash and its children put on a pseudo-terminal while running ``script``."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        ["bash", "--norc", "-c", script],
        stdin=subprocess.DEVNULL,
        stdout=theirs,
        stderr=theirs,
        cwd=home,
        env=environment(home),
        start_new_session=True,
    )
    os.close(theirs)
    chunks: list[bytes] = []
    alarm = threading.Timer(TIMEOUT, os.killpg, (process.pid, signal.SIGKILL))
    alarm.start()
    try:
        with contextlib.suppress(OSError):  # how Linux says that the last writer has gone
            while chunk := os.read(ours, 65536):
                chunks.append(chunk)
        process.wait()
    finally:
        alarm.cancel()
        os.close(ours)
    return b"".join(chunks).decode("utf-8").replace("\r\n", "\n")
