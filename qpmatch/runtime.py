"""What a command needs from the world, so that a test can stand in for each part of it."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TextIO


def _utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass
class Runtime:
    """Streams, environment and clock. Data goes to ``stdout``; everything else goes to ``stderr``."""

    stdin: TextIO = field(default_factory=lambda: sys.stdin)
    stdout: TextIO = field(default_factory=lambda: sys.stdout)
    stderr: TextIO = field(default_factory=lambda: sys.stderr)
    environ: Mapping[str, str] = field(default_factory=lambda: os.environ)
    now: Callable[[], datetime] = _utc_now

    @property
    def interactive(self) -> bool:
        """Whether a person can be asked: both the questions and the answers are on a terminal."""
        return self.stdin.isatty() and self.stderr.isatty()

    @property
    def width(self) -> int | None:
        """Cells in a line of the terminal that shows stdout, ``None`` when it is not a terminal."""
        return shutil.get_terminal_size().columns if self.stdout.isatty() else None

    def write(self, text: str) -> None:
        """Put data on stdout; a character that the stream cannot encode is shown as an escape."""
        _write(self.stdout, text)

    def say(self, text: str = "", *, end: str = "\n") -> None:
        """Put a note, a question or an error on stderr."""
        _write(self.stderr, text + end)


def _write(stream: TextIO, text: str) -> None:
    encoding = stream.encoding or "utf-8"
    stream.write(text.encode(encoding, "backslashreplace").decode(encoding))
    stream.flush()
