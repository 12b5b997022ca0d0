"""A progress bar on stderr, on a terminal only (SPEC 5)."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any, TextIO

import typer


class ProgressBars:
    """Shows one bar at a time: call it with a label, what is done and the total."""

    def __init__(self, stream: TextIO, *, shown: bool) -> None:
        self._stream = stream
        self._shown = shown
        self._label = ""
        self._bar: Any = None
        self._context: AbstractContextManager[Any] | None = None

    def __call__(self, label: str, done: int, total: int) -> None:
        """Bring the bar called ``label`` to ``done`` of ``total``; a new label starts a new bar."""
        if not self._shown:
            return
        if label != self._label:
            self.close()
            self._label = label
            self._context = typer.progressbar(length=total, label=label, file=self._stream)
            self._bar = self._context.__enter__()
        self._bar.length = total
        self._bar.update(done - self._bar.pos)
        if done >= total:
            self.close()

    def close(self) -> None:
        """End the bar that is shown, if one is."""
        if self._context is not None:
            self._context.__exit__(None, None, None)
        self._label, self._bar, self._context = "", None, None
