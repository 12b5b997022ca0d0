"""The program as a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]


def start(*words: str, env: dict[str, str] | None = None, **options: Any) -> subprocess.Popen[str]:
    """A run of the program, without anybody at its standard input unless told otherwise."""
    # A test runner that tells its workers how wide its own terminal is does not speak of theirs.
    inherited = {key: value for key, value in os.environ.items() if key != "COLUMNS"}
    return subprocess.Popen(
        [sys.executable, "-m", "qpmatch", *words],
        env={**inherited, "PYTHONPATH": str(ROOT), **(env or {})},
        stdin=options.pop("stdin", subprocess.DEVNULL),
        stdout=options.pop("stdout", subprocess.PIPE),
        stderr=options.pop("stderr", subprocess.PIPE),
        text=True,
        **options,
    )
