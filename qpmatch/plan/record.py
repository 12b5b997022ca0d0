"""The two files that a run leaves: its journal and its undo plan, both there before anything is sent."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from contextlib import ExitStack, suppress
from pathlib import Path
from types import TracebackType
from typing import Any

from qpmatch import __version__
from qpmatch.api.interface import Datacentre
from qpmatch.errors import FileError
from qpmatch.files import PRIVATE, SHARED, write_new, write_over
from qpmatch.plan.check import Checked, Judged
from qpmatch.plan.clock import Clock
from qpmatch.plan.emit import document
from qpmatch.plan.history import operation_key
from qpmatch.plan.journal import Journal, JournalError, new_run_id, pairs
from qpmatch.plan.location import StateFolder
from qpmatch.plan.model import Plan
from qpmatch.plan.result import ConfirmResult
from qpmatch.plan.schema import schema_reference
from qpmatch.plan.show import concerned
from qpmatch.plan.undo import Done, undo_plan
from qpmatch.plan.work import Work


class Record:
    """The journal and the undo plan of one run. As a context it closes the journal, whatever happens.

    ``troubles`` are what could not be written at the end, when nothing can be taken back any more.
    """

    def __init__(self, checked: Checked, journal: Journal, undo: Path, clock: Clock) -> None:
        self._checked = checked
        self._clock = clock
        self.journal = journal
        self.undo = undo
        self.troubles: list[str] = []

    @classmethod
    def begin(
        cls, checked: Checked, datacentre: Datacentre, state: StateFolder, *, undo: Path | None, clock: Clock
    ) -> Record:
        """Write both files. Raises ``FileError`` or ``JournalError`` and leaves no undo plan behind."""
        run_id = new_run_id(clock.now())
        path = undo or state.room(state.undo) / f"{run_id}.yaml"
        everything = [Done(judged, judged.end) for judged in checked.changes]
        mode = SHARED if undo else PRIVATE
        write_new(path, _undo_text(checked, everything, run_id, path, clock), mode=mode)
        with ExitStack() as unless_all_is_written:
            unless_all_is_written.callback(path.unlink, missing_ok=True)
            journal = Journal(state.room(state.journals), run_id, clock.now)
            unless_all_is_written.callback(journal.close)
            journal.begin(**_facts(checked.plan, datacentre, path))
            journal.operations(_operation(judged, checked) for judged in checked.changes)
            unless_all_is_written.pop_all()
        return cls(checked, journal, path, clock)

    def undo_what_was_done(self, works: Iterable[Work]) -> Path | None:
        """Narrow the undo plan down to what took effect, or may have; ``None`` when that is nothing."""
        done = [Done(work.judged, work.left_behind, work.created) for work in works if work.may_have_changed]
        if not done:
            self.undo.unlink(missing_ok=True)
            return None
        try:
            write_over(
                self.undo, _undo_text(self._checked, done, self.journal.run_id, self.undo, self._clock)
            )
        except FileError as error:
            self.troubles.append(f"the undo plan stays as written before the run: {error.message}")
        return self.undo

    def end(self, result: ConfirmResult) -> None:
        """The last line of the journal."""
        try:
            self.journal.end(
                status=result.status.value,
                exit_code=int(result.exit_code),
                summary=result.summary,
                undo=result.undo,
            )
        except JournalError as error:
            self.troubles.append(error.message)

    def __enter__(self) -> Record:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            # A journal without an end says the same; the line only adds by what.
            with suppress(JournalError):
                self.journal.interrupted(kind.__name__)
        self.journal.close()


def _undo_text(checked: Checked, done: Iterable[Done], run_id: str, path: Path, clock: Clock) -> str:
    plan = undo_plan(
        checked.plan,
        done,
        checked.tenant,
        run_id=run_id,
        generated=clock.now(),
        generator=f"qpmatch {__version__}",
    )
    return document(plan, schema=schema_reference(path.parent))


def _facts(plan: Plan, datacentre: Datacentre, undo: Path) -> dict[str, Any]:
    source = Path(plan.source) if plan.source else None
    return {
        "version": __version__,
        "region": datacentre.region,
        "integration": datacentre.integration,
        "tenant": datacentre.tenant_key,
        "job_wait": datacentre.job_wait,
        "plan": str(source) if source else None,
        "sha256": _hash(source),
        "entries": len(plan.operations),
        "undo": str(undo),
    }


def _hash(source: Path | None) -> str | None:
    """The fingerprint of the plan file as it is now; ``None`` when it is gone or there never was one."""
    try:
        return hashlib.sha256(source.read_bytes()).hexdigest() if source else None
    except OSError:
        return None


def _operation(judged: Judged, checked: Checked) -> dict[str, Any]:
    companies, customers = concerned(judged, checked.tenant)
    return {
        "index": judged.index,
        "action": judged.entry.action,
        "key": operation_key(judged.operation) if judged.operation else None,
        "companies": [company.to_json() for company in companies],
        "customers": [customer.to_json() for customer in customers],
        "origin": pairs(judged.origin),
        "start": pairs(judged.start),
        "universe": pairs(judged.universe),
        "steps": [[step.kind.value, step.company_id, step.customer_id] for step in judged.steps],
    }
