"""Checks one after another: what was found, what to do next. A failed cause skips its effects."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from qpmatch.errors import ExitCode, QpmatchError


class Status(StrEnum):
    """How a check came out."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"
    SKIP = "skip"


@dataclass(frozen=True, slots=True)
class Found:
    """What a probe saw, and the next step where there is one."""

    detail: str
    status: Status = Status.OK
    next: str | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One check with its outcome; ``exit_code`` is what a failure means for the process."""

    check: str
    found: Found
    exit_code: ExitCode = ExitCode.DONE

    def record(self) -> dict[str, Any]:
        """The line for ``-o json``."""
        found = self.found
        return {
            "check": self.check,
            "status": str(found.status),
            "detail": found.detail,
            "next": found.next,
        }


class Checklist:
    """The lines so far."""

    def __init__(self) -> None:
        self.lines: list[Line] = []
        self._stopped: set[str] = set()

    @property
    def exit_code(self) -> ExitCode:
        """That of the first failure: later ones follow from it more often than not."""
        return next((line.exit_code for line in self.lines if line.exit_code), ExitCode.DONE)

    def try_(
        self,
        check: str,
        probe: Callable[[], Found],
        *,
        needs: Sequence[str] = (),
        at_worst: Status = Status.FAIL,
    ) -> None:
        """Run ``probe`` unless a check that it needs has failed, or was not run for such a reason itself.

        A ``QpmatchError`` of the probe becomes a failure, or a warning where that is the worst.
        """
        if self._stopped.intersection(needs):
            self._stopped.add(check)
            self.lines.append(Line(check, Found("not tried: see above", Status.SKIP)))
            return
        try:
            line = Line(check, probe())
        except QpmatchError as error:
            code = error.exit_code if at_worst is Status.FAIL else ExitCode.DONE
            line = Line(check, Found(error.message, at_worst, _elsewhere(error.hint)), code)
        self.lines.append(line)
        if line.found.status is Status.FAIL:
            self._stopped.add(check)


def _elsewhere(hint: str | None) -> str | None:
    """The hint without the advice to run what is running."""
    return (hint or "").replace("Run `qpmatch doctor`.", "").replace(
        ", then `qpmatch doctor`", ""
    ).strip() or None
