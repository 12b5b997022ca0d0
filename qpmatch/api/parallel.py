"""A few calls at a time, for reading many pages (WIRE.md, Common)."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

T = TypeVar("T")

_TICK = 0.2
"""Seconds between looks at the keyboard: on Windows a wait without an end cannot be interrupted."""


def run(calls: Sequence[Callable[[], T]], limit: int) -> Iterator[tuple[int, T]]:
    """The result of every call with its index, in the order they finish, ``limit`` at a time.

    The first exception is raised at once and no further call begins. The threads are daemons, unlike those of
    ``concurrent.futures``: nobody waits at Ctrl-C for a server that hangs.
    """
    waiting: queue.SimpleQueue[tuple[int, Callable[[], T]]] = queue.SimpleQueue()
    finished: queue.SimpleQueue[tuple[int, T | None, BaseException | None]] = queue.SimpleQueue()
    stop = threading.Event()
    for index, call in enumerate(calls):
        waiting.put((index, call))

    def work() -> None:
        while not stop.is_set():
            try:
                index, call = waiting.get_nowait()
            except queue.Empty:
                return
            try:
                finished.put((index, call(), None))
            except BaseException as error:
                finished.put((index, None, error))

    for _ in range(min(limit, len(calls))):
        threading.Thread(target=work, name="qpmatch-reader", daemon=True).start()
    try:
        for _ in calls:
            index, result, error = _next(finished)
            if error is not None:
                raise error
            yield index, result  # type: ignore[misc]  # without an error there is a result
    finally:
        stop.set()


class ClosedError(Exception):
    """Raised in a thread that nobody waits for any more."""


class Slots:
    """So many at a time, until it is closed."""

    def __init__(self, limit: int) -> None:
        self._free = threading.BoundedSemaphore(limit)
        self._changed = threading.Condition()
        self._busy = 0
        self._is_closed = False

    @contextmanager
    def one(self) -> Iterator[None]:
        """Hold a slot, waiting for one if need be. Raises ``ClosedError`` after ``close``."""
        with self._free:
            with self._changed:
                if self._is_closed:
                    raise ClosedError
                self._busy += 1
            try:
                yield
            finally:
                with self._changed:
                    self._busy -= 1
                    self._changed.notify_all()

    def close(self, grace: float) -> None:
        """Give out no more, and wait at most ``grace`` seconds for those that are held."""
        with self._changed:
            self._is_closed = True
            self._changed.wait_for(lambda: self._busy == 0, timeout=grace)


def _next(finished: queue.SimpleQueue[T]) -> T:
    while True:
        try:
            return finished.get(timeout=_TICK)
        except queue.Empty:
            continue
