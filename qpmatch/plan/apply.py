"""The one way in which a plan is carried out: ``confirm``, its dry run, and the four verbs (SPEC 6).

A dry run goes the same way and turns back before the first thing that leaves a trace.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from qpmatch.api.interface import Datacentre, Progress, no_progress
from qpmatch.api.templates import Route
from qpmatch.errors import ExitCode, RefusedError
from qpmatch.matching.operations import Refusal, StepKind, Unchanged
from qpmatch.models import Customer, Tenant
from qpmatch.plan.check import Checked, Judged, check, check_target
from qpmatch.plan.clock import SYSTEM_CLOCK, Clock
from qpmatch.plan.engine import Engine
from qpmatch.plan.limits import DEFAULT_LIMITS, Limits
from qpmatch.plan.location import StateFolder
from qpmatch.plan.lock import tenant_lock
from qpmatch.plan.model import Plan
from qpmatch.plan.record import Record
from qpmatch.plan.result import ConfirmResult, OperationResult, Result, Shown
from qpmatch.plan.runs import Run, history, recall
from qpmatch.plan.settle import settle
from qpmatch.plan.show import concerned, refusal_text
from qpmatch.plan.work import Work

_ROUTES = {
    StepKind.SAVE: "matches.save",
    StepKind.DELETE: "matches.delete",
    StepKind.CREATE: "customers.create",
}


@dataclass(frozen=True, slots=True)
class ApplyOptions:
    """What the command line says. ``check`` is a dry run whose exit code tells that changes are pending.

    ``undo`` is where the undo plan goes instead of the state folder; the file may not exist yet.
    """

    dry_run: bool = False
    check: bool = False
    keep_going: bool = False
    allow_removals: int | None = None
    allow_assumed: bool = False
    limits: Limits = DEFAULT_LIMITS
    undo: Path | None = None

    @property
    def is_dry(self) -> bool:
        """Whether nothing may be sent."""
        return self.dry_run or self.check


def _say_nothing(text: str) -> None:
    """For callers that have nobody to tell."""


@dataclass(frozen=True, slots=True)
class Hooks:
    """Where a run speaks and asks.

    ``checked`` gets every verdict before anything is sent, to print the diff; ``approve`` then decides
    whether to go on, and ``approve_assumed`` whether these routes may be written over. ``started`` gets the
    journal and the undo plan, both on disk already. ``None`` asks nobody: the plan is approved, the routes
    are not.
    """

    progress: Progress = no_progress
    note: Callable[[str], None] = _say_nothing
    checked: Callable[[Checked], None] | None = None
    approve: Callable[[Checked], bool] | None = None
    approve_assumed: Callable[[Sequence[Route]], bool] | None = None
    started: Callable[[Path, Path], None] | None = None


_NO_OPTIONS = ApplyOptions()
_NO_HOOKS = Hooks()


def confirm(
    plan: Plan | Callable[[Tenant], Plan],
    datacentre: Datacentre,
    state: StateFolder,
    *,
    options: ApplyOptions = _NO_OPTIONS,
    hooks: Hooks = _NO_HOOKS,
    clock: Clock = SYSTEM_CLOCK,
) -> ConfirmResult:
    """Carry a plan out, or say what it would do. A function makes the plan from the tenant as it is read.

    Raises ``RefusedError`` for a plan of another region or integration and for writes that are held back,
    ``LockedError`` while another run changes the tenant, ``PlanError`` for two operations on one row,
    ``JournalError`` or ``FileError`` when the journal or the undo plan cannot be written, and what reading
    the datacentre raises. In all these cases nothing was sent. Once something may have been, failures are
    results; only ``KeyboardInterrupt`` still gets out, with the journal saying how far the run came.
    """
    return _Run(plan, datacentre, state, options, hooks, clock).go()


@dataclass
class _Run:
    plan: Plan | Callable[[Tenant], Plan]
    datacentre: Datacentre
    state: StateFolder
    options: ApplyOptions
    hooks: Hooks
    clock: Clock
    _asked: bool = field(default=False, init=False)

    def go(self) -> ConfirmResult:
        if isinstance(self.plan, Plan):  # before anything is asked of the wrong datacentre
            check_target(self.plan, self.datacentre.region, self.datacentre.integration)
        tenant_key = self.datacentre.tenant_key
        if self.options.is_dry:
            return self._go(recall(self.state.journals, tenant_key))
        with tenant_lock(self.state, tenant_key, self.clock.now()):
            runs = recall(self.state.journals, tenant_key)
            if settle(self.datacentre, runs, self.clock):
                self.hooks.note("waited for what an earlier, interrupted run had asked for")
            return self._go(runs)

    def _go(self, runs: Sequence[Run]) -> ConfirmResult:
        checked = self._check(runs)
        if self.hooks.checked is not None:
            self.hooks.checked(checked)
        if checked.refused and (checked.guarded or not self.options.keep_going):
            return self._turned_back(checked, Result.SKIPPED, "not sent: other operations are refused")
        if self.options.is_dry or not checked.changes:
            return self._turned_back(checked, Result.PENDING, "would be applied")
        self._ask_for_assumed(checked)
        if self.hooks.approve is not None:
            self._asked = True
            if not self.hooks.approve(checked):
                return self._turned_back(checked, Result.SKIPPED, "not confirmed")
        return self._carry_out(checked)

    def _check(self, runs: Sequence[Run]) -> Checked:
        tenant = self.datacentre.read(self.hooks.progress)
        plan = self.plan if isinstance(self.plan, Plan) else self.plan(tenant)
        check_target(plan, self.datacentre.region, self.datacentre.integration)
        return check(
            plan,
            tenant,
            limits=self.options.limits,
            allow_removals=self.options.allow_removals,
            history=history(runs),
        )

    def _ask_for_assumed(self, checked: Checked) -> None:
        """WIRE.md, Writing over an assumed route."""
        kinds = {step.kind for judged in checked.changes for step in judged.steps}
        routes = self.datacentre.held_back(sorted(_ROUTES[kind] for kind in kinds))
        if not routes or self.options.allow_assumed:
            return
        if self.hooks.approve_assumed is not None:
            self._asked = True
            if self.hooks.approve_assumed(routes):
                return
        names = ", ".join(route.name for route in routes)
        raise RefusedError(
            f"writes over assumed routes are held back in region {self.datacentre.region!r}: {names};"
            " nobody outside CyberQP has shown these requests",
            hint="let them through with --allow-assumed or allow_assumed: true in the profile;"
            " qpmatch doctor --har FILE checks them against a recording first",
        )

    def _carry_out(self, checked: Checked) -> ConfirmResult:
        works = [Work.of(judged) for judged in checked.changes]
        record = Record.begin(
            checked,
            self.datacentre,
            self.state,
            undo=self.options.undo,
            clock=self.clock,
        )
        with record:
            if self.hooks.started is not None:
                self.hooks.started(record.journal.path, record.undo)
            engine = Engine(
                self.datacentre,
                checked.tenant,
                works,
                record.journal,
                clock=self.clock,
                progress=self.hooks.progress,
            )
            engine.run(fresh=not self._asked)
            undo = record.undo_what_was_done(works)
            outcomes = {work.judged.index: work for work in works}
            result = self._result(
                [_worked(judged, checked, outcomes) for judged in checked.operations],
                undo=str(undo) if undo else None,
                journal=str(record.journal.path),
                cause=engine.cause,
            )
            record.end(result)
        for trouble in record.troubles:
            self.hooks.note(trouble)
        return result

    def _turned_back(self, checked: Checked, result: Result, reason: str) -> ConfirmResult:
        """Nothing is sent; ``result`` is that of the operations which would have changed something."""
        return self._result([_settled(judged, checked, result, reason) for judged in checked.operations])

    def _result(
        self,
        operations: Sequence[OperationResult],
        *,
        undo: str | None = None,
        journal: str | None = None,
        cause: ExitCode | None = None,
    ) -> ConfirmResult:
        return ConfirmResult(
            region=self.datacentre.region,
            integration=self.datacentre.integration,
            dry_run=self.options.is_dry,
            check=self.options.check,
            operations=tuple(operations),
            undo=undo,
            journal=journal,
            cause=cause,
        )


def _worked(judged: Judged, checked: Checked, works: Mapping[int, Work]) -> OperationResult:
    work = works.get(judged.index)
    if work is None:
        return _settled(judged, checked, Result.SKIPPED, "")
    return _settled(judged, checked, work.result or Result.SKIPPED, work.reason, work.created)


def _settled(
    judged: Judged, checked: Checked, result: Result, reason: str, created: Customer | None = None
) -> OperationResult:
    """The result of an operation by its verdict; ``result`` and ``reason`` are those of a change."""
    companies, customers = concerned(judged, checked.tenant)
    hint = None
    match judged.verdict:
        case Refusal() as refusal:
            result, reason, hint = Result.REFUSED, refusal_text(refusal), refusal.hint
        case Unchanged(reason=why):
            result, reason = Result.UNCHANGED, why
        case None:
            result, reason = Result.SKIPPED, "left for review"
    if created is not None:
        customers = (Shown(created.id, created.name),)
    return OperationResult(judged.index, judged.entry.action, companies, customers, result, reason, hint)
