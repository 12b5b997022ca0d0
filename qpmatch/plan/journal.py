"""What a run does, step by step, on disk before it happens: JSON Lines, one file per run.

Events, in this order::

    begin      the run: version, tenant, plan file with its hash, how long a job may take
    operation  one per operation that changes something: what it starts from and its steps
    send       a request is about to go out, with the steps that it carries
    answer     what came of it; ``arrived`` is true, false (not sent) or null (nobody knows)
    seen       steps that a read-back saw take effect
    result     the result of one operation
    interrupted, end

No line holds a secret: steps, ids and names of companies and customers only.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any

from qpmatch.errors import QpmatchError
from qpmatch.files import PRIVATE, sync_folder
from qpmatch.matching.operations import Step
from qpmatch.plan.links import Links

SUFFIX = ".jsonl"


class JournalError(QpmatchError):
    """The journal cannot be written, so nothing (more) may be sent."""


def new_run_id(now: datetime) -> str:
    """A name for a run that sorts by time: ``20261122T103000Z-3fa9c1``."""
    return f"{now.astimezone(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"


class Journal:
    """The journal of one run, open for writing. Every event is on disk when its method returns.

    Every method raises :class:`JournalError` when it is not, on a full disk for example.
    """

    def __init__(self, folder: Path, run_id: str, now: Callable[[], datetime]) -> None:
        self.run_id = run_id
        self.path = folder / (run_id + SUFFIX)
        self._now = now
        self._requests = 0
        with _reported(self.path):
            descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, PRIVATE)
            self._file = open(descriptor, "wb", buffering=0)  # noqa: PTH123, SIM115 - closed by close()
            sync_folder(folder)

    def begin(self, **facts: Any) -> None:
        """The run begins. ``facts`` are JSON values."""
        self._write([self._event("begin", run=self.run_id, **facts)])

    def operations(self, operations: Iterable[dict[str, Any]]) -> None:
        """The operations that are to change something."""
        self._write([self._event("operation", **operation) for operation in operations])

    def send(self, kind: str, steps: Iterable[tuple[int, Step]]) -> int:
        """A request is about to go out with these steps, each under its operation's index. Its number."""
        self._requests += 1
        self._write([self._event("send", request=self._requests, kind=kind, steps=_numbered(steps))])
        return self._requests

    def answer(self, request: int, *, arrived: bool | None, error: str | None) -> None:
        """A request was answered, or was not."""
        self._write([self._event("answer", request=request, arrived=arrived, error=error)])

    def seen(self, steps: Iterable[tuple[int, Step]]) -> None:
        """These steps took effect."""
        if numbered := _numbered(steps):
            self._write([self._event("seen", steps=numbered)])

    def results(self, results: Iterable[tuple[int, str, str]]) -> None:
        """The results of operations: index, result, reason."""
        self._write(
            [
                self._event("result", index=index, result=result, reason=reason)
                for index, result, reason in results
            ]
        )

    def interrupted(self, by: str) -> None:
        """The run is cut off."""
        self._write([self._event("interrupted", by=by)])

    def end(self, **facts: Any) -> None:
        """The run came to its end."""
        self._write([self._event("end", **facts)])

    def close(self) -> None:
        """Give the file up."""
        self._file.close()

    def _event(self, event: str, **facts: Any) -> dict[str, Any]:
        return {"event": event, "at": self._now().astimezone(UTC).isoformat(timespec="milliseconds"), **facts}

    def _write(self, events: list[dict[str, Any]]) -> None:
        if not events:
            return
        data = "".join(json.dumps(event, separators=(",", ":")) + "\n" for event in events).encode("ascii")
        with _reported(self.path):
            # An unbuffered write may take a part only, on a full disk for one.
            while data:
                data = data[self._file.write(data) or 0 :]
            os.fsync(self._file.fileno())


def _numbered(steps: Iterable[tuple[int, Step]]) -> list[list[int | str]]:
    return [[index, step.kind.value, step.company_id, step.customer_id] for index, step in steps]


def pairs(links: Links) -> list[list[str]]:
    """Links as JSON."""
    return [list(link) for link in sorted(links)]


class _reported:  # noqa: N801 - reads as a statement
    """Turns an ``OSError`` into a :class:`JournalError` that names the journal."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> None:
        pass

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if isinstance(error, OSError):
            raise JournalError(
                f"the journal {self._path} cannot be written: {error.strerror or error}",
                hint="make room there, or name another folder with QPMATCH_STATE; nothing is sent unrecorded",
            ) from error
