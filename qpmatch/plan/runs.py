"""Earlier runs, read back from their journals; a last line torn by a crash is passed over."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from qpmatch.errors import ConfigError, UsageError
from qpmatch.matching.operations import Step, StepKind
from qpmatch.models import Link
from qpmatch.plan.history import History, PastOperation
from qpmatch.plan.journal import SUFFIX
from qpmatch.plan.links import Links

T = TypeVar("T")

RECALLED = 200
"""How many of the latest runs are searched for an interrupted one; what is older counts as forgotten."""


@dataclass
class Run:
    """One run: its events as the journal holds them, and the facts of its first and last one."""

    run_id: str
    path: Path
    events: list[dict[str, Any]] = field(default_factory=list)

    @property
    def begin(self) -> dict[str, Any]:
        """The facts that the run began with; empty when it died before it could write them."""
        return self._last("begin")

    @property
    def end(self) -> dict[str, Any]:
        """How the run ended; empty when it was cut off."""
        return self._last("end")

    @property
    def status(self) -> str:
        """``success``, ``partial`` ...; ``interrupted`` when it has no end."""
        return str(self.end.get("status", "interrupted"))

    @property
    def tenant(self) -> str:
        """The key of the tenant that it changed."""
        return str(self.begin.get("tenant", ""))

    def of(self, event: str) -> list[dict[str, Any]]:
        """All events of a kind."""
        return [one for one in self.events if one["event"] == event]

    def _last(self, event: str) -> dict[str, Any]:
        return next((one for one in reversed(self.events) if one["event"] == event), {})

    def summary(self) -> dict[str, Any]:
        """One line of ``qpmatch journal list``."""
        counts: dict[str, int] = {}
        for result in self.of("result"):
            counts[result["result"]] = counts.get(result["result"], 0) + 1
        return {
            "run": self.run_id,
            "began": self.begin.get("at"),
            "ended": self.end.get("at"),
            "region": self.begin.get("region"),
            "plan": self.begin.get("plan"),
            "status": self.status,
            "operations": len(self.of("operation")),
            "results": counts,
            "undo": self.begin.get("undo"),
            "journal": str(self.path),
        }


def list_runs(folder: Path) -> list[Run]:
    """Every run that has a journal in ``folder``, the latest first."""
    return [_read(path) for path in _journals(folder)]


def read_run(folder: Path, run_id: str) -> Run:
    """The run whose id is, or begins with, ``run_id``; ``latest`` is the latest. Raises ``UsageError``."""
    paths = _journals(folder)
    if not paths:
        raise UsageError("no run has changed anything yet", hint=f"journals are kept in {folder}")
    found = paths[:1] if run_id == "latest" else [path for path in paths if path.stem.startswith(run_id)]
    if len(found) != 1:
        raise UsageError(
            f"{len(found)} runs have an id that begins with {run_id!r}" if found else f"no run {run_id!r}",
            hint="qpmatch journal list shows the runs that there are",
        )
    return _read(found[0])


def recall(folder: Path, tenant: str) -> list[Run]:
    """The latest runs on a tenant, oldest first."""
    recent = reversed(_journals(folder)[:RECALLED])
    return [_read(path) for path in recent if _begin(path).get("tenant") == tenant]


def history(runs: Iterable[Run]) -> History:
    """The operations of runs."""
    return History(past for run in runs for past in _intact(run, _operations))


def in_flight(runs: Iterable[Run], now: datetime, wait: float) -> list[tuple[Step, float]]:
    """Steps that were sent at most ``wait`` seconds ago and not seen since, with the seconds left to each.

    They may yet take effect: whoever judges the tenant now may see it before or after that.
    """
    return [
        (step, left)
        for run in runs
        for step, sent_at in _intact(run, _unseen)
        if (left := min(wait, (sent_at + timedelta(seconds=wait) - now).total_seconds())) > 0
    ]


def _intact(run: Run, read: Callable[[Run], Iterable[T]]) -> list[T]:
    """What ``read`` finds in a run. Raises ``ConfigError`` when somebody has changed its journal."""
    try:
        return list(read(run))
    except (KeyError, TypeError, ValueError) as error:
        raise ConfigError(
            f"the journal {run.path} is damaged ({error!r})", hint="move it out of that folder"
        ) from error


def _journals(folder: Path) -> list[Path]:
    return sorted(folder.glob("*" + SUFFIX), reverse=True) if folder.is_dir() else []


def _begin(path: Path) -> dict[str, Any]:
    with path.open("rb") as file:
        return _event(file.readline()) or {}


def _read(path: Path) -> Run:
    run = Run(path.stem, path)
    for line in path.read_bytes().splitlines():
        event = _event(line)
        if event is None:
            break
        run.events.append(event)
    return run


def _event(line: bytes) -> dict[str, Any] | None:
    """The event in a line; ``None`` for one torn by a crash, on the strength of which nothing was sent."""
    try:
        event = json.loads(line)
    except ValueError:
        return None
    return event if isinstance(event, dict) and "event" in event else None


def _operations(run: Run) -> Iterator[PastOperation]:
    applied = {result["index"] for result in run.of("result") if result["result"] == "applied"}
    sent: dict[int, list[Step]] = {}
    for event in run.of("send"):
        for index, step in _steps(event):
            sent.setdefault(index, []).append(step)
    for event in run.of("operation"):
        index = event["index"]
        yield PastOperation(
            key=event["key"],
            origin=_links(event["origin"]),
            start=_links(event["start"]),
            universe=_links(event["universe"]),
            sent=tuple(sent.get(index, ())),
            finished=index in applied,
        )


def _unseen(run: Run) -> Iterator[tuple[Step, datetime]]:
    """The steps that went out, or may have, and were not seen to take effect."""
    never_arrived = {event["request"] for event in run.of("answer") if event["arrived"] is False}
    seen = {step for event in run.of("seen") for step in _steps(event)}
    for event in run.of("send"):
        if event["request"] in never_arrived:
            continue
        at = datetime.fromisoformat(event["at"]).astimezone(UTC)
        yield from ((step, at) for index, step in _steps(event) if (index, step) not in seen)


def _steps(event: dict[str, Any]) -> list[tuple[int, Step]]:
    return [
        (index, Step(StepKind(kind), company, customer)) for index, kind, company, customer in event["steps"]
    ]


def _links(pairs: list[list[str]]) -> Links:
    return frozenset(Link(*pair) for pair in pairs)
