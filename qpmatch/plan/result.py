"""What a run of a plan came to, in the shape of SPEC 5."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from qpmatch.errors import ExitCode


class Result(StrEnum):
    """What became of one operation."""

    APPLIED = "applied"
    UNCHANGED = "unchanged"
    REFUSED = "refused"
    FAILED = "failed"
    SKIPPED = "skipped"
    PENDING = "pending"


class Status(StrEnum):
    """What became of the plan."""

    SUCCESS = "success"
    PARTIAL = "partial"
    REFUSED = "refused"
    PENDING = "pending"


@dataclass(frozen=True, slots=True)
class Shown:
    """A company or customer in a result; a plan may know only one of the two."""

    id: str | None
    name: str | None

    def to_json(self) -> dict[str, str | None]:
        """``{"id", "name"}``."""
        return {"id": self.id, "name": self.name}


@dataclass(frozen=True, slots=True)
class OperationResult:
    """What became of one entry. ``index`` counts the plan's entries from 1, as people do.

    ``reason`` says why in one line; ``hint`` is the command that would do it, where one would.
    """

    index: int
    action: str
    companies: tuple[Shown, ...]
    customers: tuple[Shown, ...]
    result: Result
    reason: str
    hint: str | None = None

    def to_json(self) -> dict[str, Any]:
        """The element of ``operations`` in SPEC 5; the hint stands in the reason there."""
        return {
            "index": self.index,
            "action": self.action,
            "companies": [company.to_json() for company in self.companies],
            "customers": [customer.to_json() for customer in self.customers],
            "result": self.result.value,
            "reason": f"{self.reason}; {self.hint}" if self.hint else self.reason,
        }


@dataclass(frozen=True, slots=True)
class ConfirmResult:
    """What became of a plan.

    ``cause`` is the exit code of what stopped the run (credentials, an unreachable datacentre), if anything
    did. ``undo`` and ``journal`` are paths; ``None`` when nothing was sent.
    """

    region: str
    integration: str
    dry_run: bool
    check: bool
    operations: tuple[OperationResult, ...]
    undo: str | None = None
    journal: str | None = None
    cause: ExitCode | None = None

    @property
    def summary(self) -> dict[str, int]:
        """How many operations came to each result, every result named."""
        counts = dict.fromkeys((result.value for result in Result), 0)
        for operation in self.operations:
            counts[operation.result.value] += 1
        return counts

    def count(self, result: Result) -> int:
        """How many operations came to ``result``."""
        return self.summary[result.value]

    @property
    def status(self) -> Status:
        """``refused`` when nothing of a plan went through because something was refused."""
        summary = self.summary
        if self.dry_run:
            if summary["refused"]:
                return Status.REFUSED
            return Status.PENDING if summary["pending"] else Status.SUCCESS
        stopped = any(
            operation.result is Result.SKIPPED and operation.action != "review"
            for operation in self.operations
        )
        if not (summary["refused"] or summary["failed"] or stopped):
            return Status.SUCCESS
        if summary["failed"] or self.cause is not None:
            return Status.PARTIAL
        if summary["applied"] or (summary["unchanged"] and not stopped):
            return Status.PARTIAL
        return Status.REFUSED

    @property
    def exit_code(self) -> ExitCode:
        """The exit code of SPEC 5."""
        match self.status:
            case Status.SUCCESS:
                return ExitCode.DONE
            case Status.PENDING:
                return ExitCode.PENDING if self.check else ExitCode.DONE
            case Status.REFUSED:
                return ExitCode.REFUSED
            case Status.PARTIAL:
                if self.cause is not None and not self.count(Result.APPLIED):
                    return self.cause
                return ExitCode.PARTIAL

    def to_json(self) -> dict[str, Any]:
        """The object of SPEC 5."""
        return {
            "region": self.region,
            "integration": self.integration,
            "dry_run": self.dry_run,
            "status": self.status.value,
            "summary": self.summary,
            "operations": [operation.to_json() for operation in self.operations],
            "undo": self.undo,
            "journal": self.journal,
        }
