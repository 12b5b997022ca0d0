"""A whole plan against a tenant: one verdict for every operation, before anything is sent (SPEC 6).

Pure: what is live comes in as a :class:`Tenant`, what earlier runs left behind as a :class:`History`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from qpmatch.errors import PlanError, RefusedError
from qpmatch.matching.operations import (
    Change,
    Create,
    Edit,
    Match,
    Operation,
    Refusal,
    Step,
    StepKind,
    Unchanged,
    Unmatch,
    Verdict,
)
from qpmatch.matching.rows import RowIndex
from qpmatch.matching.rules import World, judge
from qpmatch.models import Side, Tenant
from qpmatch.plan.clashes import HINT
from qpmatch.plan.history import History, operation_key
from qpmatch.plan.limits import DEFAULT_LIMITS, Limits
from qpmatch.plan.links import Links, Member, after, ends, links_at, row_links, row_of, with_rows
from qpmatch.plan.model import (
    Entry,
    PairBefore,
    Plan,
    ReviewEntry,
    RowBefore,
    UnmatchEntry,
)
from qpmatch.plan.resolve import Names, Resolved, resolve
from qpmatch.plan.stale import EditCheck, PairCheck, inactivated, missing, remembered, renamed

GUARD = "removals guard"
"""What stands for a rule where the removals guard refuses."""


@dataclass(frozen=True, slots=True)
class Judged:
    """An entry of a plan and what would become of it.

    ``index`` counts entries from 1. ``operation`` and ``verdict`` are ``None`` for a review, ``operation``
    also for a name that could not be told. ``named`` are those whom the entry names, ``members`` all whom
    the operation touches, the rows that they are in included, and ``start`` their links as they are.
    ``origin`` are the links as they were before the
    first run of the operation: another set only where an interrupted run is finished.
    """

    index: int
    entry: Entry
    operation: Operation | None = None
    verdict: Verdict | None = None
    named: frozenset[Member] = frozenset()
    members: frozenset[Member] = frozenset()
    start: Links = frozenset()
    origin: Links = frozenset()

    @property
    def steps(self) -> tuple[Step, ...]:
        """The writes that carry the operation out; none unless it changes something."""
        return self.verdict.steps if isinstance(self.verdict, Change) else ()

    @property
    def end(self) -> Links:
        """The links of the members when the operation is done (without that of a created customer)."""
        return after(self.start, self.steps)

    @property
    def universe(self) -> Links:
        """All links that the operation is about."""
        return self.origin | self.start | self.end


@dataclass(frozen=True, slots=True)
class Checked:
    """A plan, the tenant it was checked against, and a verdict for each of its entries, in order."""

    plan: Plan
    tenant: Tenant
    operations: tuple[Judged, ...]

    @property
    def changes(self) -> tuple[Judged, ...]:
        """The operations that would change something."""
        return tuple(judged for judged in self.operations if isinstance(judged.verdict, Change))

    @property
    def refused(self) -> tuple[Judged, ...]:
        """The operations that are refused."""
        return tuple(judged for judged in self.operations if isinstance(judged.verdict, Refusal))

    @property
    def removals(self) -> int:
        """How many links would go."""
        return sum(step.kind is StepKind.DELETE for judged in self.operations for step in judged.steps)

    @property
    def guarded(self) -> bool:
        """Whether the removals guard refuses the plan."""
        return any(
            isinstance(judged.verdict, Refusal) and judged.verdict.rule == GUARD for judged in self.operations
        )


def check_target(plan: Plan, region: str, integration: str) -> None:
    """Raises ``RefusedError`` for a plan that was made for another region or integration."""
    for word, made_for, here in (
        ("region", plan.region, region),
        ("integration", plan.integration, integration),
    ):
        if made_for != here:
            where = f" ({plan.source})" if plan.source else ""
            raise RefusedError(
                f"this plan is for the {word} {made_for!r}, and this is {here!r}{where}",
                hint=f"confirm it with --{word} {made_for}, or make a plan for {here!r}"
                if word == "region" and made_for != "custom"
                else f"make a plan for {here!r}, or use a profile for {made_for!r}",
            )


def check(
    plan: Plan,
    tenant: Tenant,
    *,
    limits: Limits = DEFAULT_LIMITS,
    allow_removals: int | None = None,
    history: History | None = None,
) -> Checked:
    """Judge every operation, each against what the earlier ones leave.

    Raises ``PlanError`` when two operations turn out to be on one row.
    """
    checked = Checked(plan, tenant, tuple(_Checker(tenant, history or History()).judge_all(plan)))
    acknowledged = max(allow_removals or 0, plan.allow_removals or 0)
    removed, existing = checked.removals, len(tenant.links)
    if limits.exceeded(removed, existing) and removed > acknowledged:
        return _guarded(checked, removed, existing, limits)
    return checked


class _Checker:
    def __init__(self, tenant: Tenant, history: History) -> None:
        self._names = Names(tenant)
        self._rows = RowIndex(tenant.links)
        self._world = World(tenant)
        self._pairs = PairCheck(self._names, self._rows)
        self._edits = EditCheck(tenant, self._names, self._rows, history)
        self._history = history

    def judge_all(self, plan: Plan) -> Iterator[Judged]:
        rows = _OneRowOnce(plan)
        for index, entry in enumerate(plan.operations, start=1):
            judged = self._judge(index, entry)
            rows.take(judged)
            self._world.perform(judged.steps)
            yield judged

    def _judge(self, index: int, entry: Entry) -> Judged:
        if isinstance(entry, ReviewEntry):
            return Judged(index, entry)
        resolved = resolve(entry, self._names)
        if isinstance(resolved, Refusal):
            gone = self._has_nothing_to_remove(entry)
            return Judged(index, entry, verdict=Unchanged("not linked") if gone else resolved)
        operation = resolved.operation
        if isinstance(operation, Edit):
            before = entry.before if isinstance(entry.before, RowBefore) else None
            verdict, origin = self._edit(resolved, operation, before)
        else:
            pair = entry.before if isinstance(entry.before, PairBefore) else None
            verdict, origin = self._pair(resolved, operation, pair)
        named = frozenset((side, id_) for side, id_, _ in resolved.refs)
        members = with_rows(self._rows, named | ends(origin))
        start = links_at(self._rows, members)
        return Judged(index, entry, operation, verdict, named, members, start, origin or start)

    def _has_nothing_to_remove(self, entry: Entry) -> bool:
        """An unmatch of somebody who is linked to nobody holds already, whoever the other one is."""
        if not isinstance(entry, UnmatchEntry) or entry.company is None:
            return False
        ids = self._names.ids(Side.COMPANY, entry.company)
        return len(ids) == 1 and not self._rows.customers_of(ids[0])

    def _pair(
        self, resolved: Resolved, operation: Match | Create | Unmatch, before: PairBefore | None
    ) -> tuple[Verdict, Links]:
        """The verdict on anything but an edit, and the links before an interrupted run of it, if any."""
        verdict = judge(self._world, operation)
        if isinstance(verdict, Unchanged):
            return verdict, frozenset()
        past = self._history.interrupted(operation_key(operation))
        if isinstance(operation, Create) and past and isinstance(verdict, Refusal):
            verdict = self._created_but_not_linked(operation) or verdict
        if refusal := self._changed_members(resolved, verdict, before):
            return refusal, frozenset()
        if isinstance(operation, Unmatch) and past is not None and past.explains(self._rows):
            return verdict, past.origin
        refusal = None if before is None else self._pairs.refusal(operation, before)
        return refusal or verdict, frozenset()

    def _created_but_not_linked(self, operation: Create) -> Verdict | None:
        """What is left of a create that an earlier run asked for, when only the customer came to be."""
        company = self._world.companies[operation.company_id]
        namesakes = self._world.customers_spelled(company.name)
        if len(namesakes) != 1 or self._rows.customers_of(company.id):
            return None
        if self._world.rows.companies_of(namesakes[0].id):
            return None
        return Change((Step(StepKind.SAVE, company.id, namesakes[0].id),))

    def _edit(self, resolved: Resolved, operation: Edit, before: RowBefore | None) -> tuple[Verdict, Links]:
        """The verdict on an edit, and the row's links before it."""
        row = before or remembered(operation, self._history, self._rows)
        if row is None:
            verdict = judge(self._world, operation)
            if self._was_switched_already(operation):
                verdict = Unchanged("the row already looks like this, without the member that names it")
            refusal = self._changed_members(resolved, verdict, None)
            return refusal or verdict, frozenset()
        kept = row.customers if operation.side is Side.COMPANY else row.companies
        verdict = self._edits.verdict(self._world, replace(operation, kept=kept), row)
        refusal = self._changed_members(resolved, verdict, before)
        return refusal or verdict, row_links(row.companies, row.customers)

    def _was_switched_already(self, edit: Edit) -> bool:
        """An edit by hand may name its row by the member that it takes out: done once, that is in no row."""
        if edit.member_side is not edit.side or edit.member in edit.ids or not edit.ids:
            return False
        row = row_of(self._rows, (edit.side, edit.ids[0]))
        if row is None or row_of(self._rows, (edit.side, edit.member)) is not None:
            return False
        cell = row.company_ids if edit.side is Side.COMPANY else row.customer_ids
        return set(cell) == set(edit.ids)

    def _changed_members(
        self, resolved: Resolved, verdict: Verdict, before: PairBefore | RowBefore | None
    ) -> Refusal | None:
        if isinstance(verdict, Unchanged):
            return None
        if refusal := renamed(resolved, self._names):
            return refusal
        if not isinstance(verdict, Change):
            return None
        return missing(verdict, self._names) or (
            None if before is None else inactivated(resolved, verdict, self._names)
        )


class _OneRowOnce:
    """Two operations may neither name one member nor change one live row.

    An operation that changes nothing may share a live row: somebody else has joined the rows meanwhile, and
    the entries that are stale by it say so themselves.
    """

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._named: dict[Member, int] = {}
        self._changing: dict[Member, int] = {}

    def take(self, judged: Judged) -> None:
        """Note an operation's members. Raises ``PlanError`` when an earlier operation has one of them."""
        changing = judged.members if isinstance(judged.verdict, Change) else ()
        for seen, members in ((self._named, judged.named), (self._changing, changing)):
            for member in members:
                first = seen.setdefault(member, judged.index)
                if first != judged.index:
                    raise self._error(first, judged.index, member)

    def _error(self, first: int, second: int, member: Member) -> PlanError:
        side, id_ = member
        places = f"{self._plan.place(first - 1)} and {self._plan.place(second - 1)}"
        return PlanError(
            f"operations {first} and {second} are on the same row, that of {side} {id_} ({places})", hint=HINT
        )


def _guarded(checked: Checked, removed: int, existing: int, limits: Limits) -> Checked:
    refusal = Refusal(
        GUARD,
        f"the plan would remove {removed} of {existing} links, which is more than {limits.removals}"
        f" and more than {limits.removals_percent:g} %",
        f"when that is what you want: --allow-removals {removed}",
    )
    operations = tuple(
        replace(judged, verdict=refusal)
        if any(step.kind is StepKind.DELETE for step in judged.steps)
        else judged
        for judged in checked.operations
    )
    return replace(checked, operations=operations)
