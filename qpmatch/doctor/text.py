"""A checklist for people: one check a line, and under it what to do. Pure, records -> text."""

from __future__ import annotations

from collections.abc import Sequence

from qpmatch.output.printable import printable
from qpmatch.output.view import Column, Record, View

_COLUMNS = (
    Column("Check", lambda record: str(record["check"])),
    Column("Status", lambda record: str(record["status"])),
    Column("Detail", lambda record: str(record["detail"])),
    Column("Next step", lambda record: record["next"] or ""),
)


def view(records: Sequence[Record]) -> View:
    """The records ``{"check", "status", "detail", "next"}`` for programs and for Markdown."""
    return View(list(records), _COLUMNS)


def as_lines(records: Sequence[Record]) -> str:
    """The same for a terminal. A table would cut off what matters most: the next step."""
    status = max((len(str(record["status"])) for record in records), default=0)
    check = max((len(str(record["check"])) for record in records), default=0)
    lines = []
    for record in records:
        head = f"{record['status']:<{status}}  {record['check']:<{check}}  {record['detail']}"
        lines.append(printable(head).rstrip())
        if record["next"]:
            lines.append(f"{'':<{status}}  -> {printable(str(record['next']))}")
    return "".join(f"{line}\n" for line in lines)
