"""Time as a run sees it, so that a test can let it pass without waiting."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

_FIRST, _LONGEST = 0.05, 2.0
"""Seconds between the first two looks at a job, and between the last ones: each pause doubles."""


def _utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Clock:
    """The time of day for records, a steady clock for waiting, and the waiting itself (seconds)."""

    now: Callable[[], datetime] = _utc_now
    steady: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep

    def looks(self, wait: float) -> Iterator[bool]:
        """One turn for each look at something that takes up to ``wait`` seconds; pauses lie between them.

        The value says whether it is the last look: there is always one when the time is up.
        """
        end, pause = self.steady() + wait, _FIRST
        while (left := end - self.steady()) > 0:
            yield False
            self.sleep(min(pause, left))
            pause = min(_LONGEST, pause * 2)
        yield True


SYSTEM_CLOCK = Clock()
"""The time of this machine."""
