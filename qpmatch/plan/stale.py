"""R7: does the tenant still look as the plan saw it, and if not, was it our own interrupted run?"""

from __future__ import annotations

from collections.abc import Iterable

from qpmatch.matching.operations import (
    Change,
    Create,
    Edit,
    Match,
    Refusal,
    StepKind,
    Unchanged,
    Unmatch,
    Verdict,
)
from qpmatch.matching.rows import RowIndex
from qpmatch.matching.rules import World, judge
from qpmatch.matching.spelling import spelling
from qpmatch.models import Company, Side, Tenant
from qpmatch.plan.history import History, operation_key
from qpmatch.plan.links import (
    Links,
    Member,
    edited,
    ends,
    is_on_the_way,
    links_at,
    row_links,
    steps_between,
)
from qpmatch.plan.model import CompanyRef, PairBefore, RowBefore
from qpmatch.plan.resolve import Names, Resolved

AGAIN = "make the plan again, or take this entry out of it"


def stale(reason: str) -> Refusal:
    """A refusal under R7."""
    return Refusal("R7", reason, AGAIN)


def renamed(resolved: Resolved, names: Names) -> Refusal | None:
    """A member that the plan names by id and name, and whose name is another now."""
    for side, id_, ref in resolved.refs:
        live = names.get(side, id_)
        if live is None or ref.id is None or ref.name is None:
            continue
        if spelling(live.name) != spelling(ref.name):
            return stale(f"{side} {id_} is called {live.name!r} now; the plan says {ref.name!r}")
    return None


def missing(verdict: Change, names: Names) -> Refusal | None:
    """A member that would gain a link and is in no list (any more)."""
    for step in verdict.steps:
        if step.kind is not StepKind.SAVE:
            continue
        for side, id_ in ((Side.COMPANY, step.company_id), (Side.CUSTOMER, step.customer_id)):
            if names.get(side, id_) is None:
                return stale(f"{side} {id_} does not exist (any more)")
    return None


def inactivated(resolved: Resolved, verdict: Change, names: Names) -> Refusal | None:
    """A company that would gain a link, is inactive, and was not when the plan was made."""
    gaining = {step.company_id for step in verdict.steps if step.kind is not StepKind.DELETE}
    for side, id_, ref in resolved.refs:
        live = names.get(side, id_)
        if (
            side is Side.COMPANY
            and id_ in gaining
            and isinstance(ref, CompanyRef)
            and ref.active
            and isinstance(live, Company)
            and not live.active
        ):
            return Refusal(
                "R7",
                f"company {live.name!r} ({id_}) is inactive now and was not when the plan was made",
                "take this entry out of the plan, or write active: false beside the company's id",
            )
    return None


class PairCheck:
    """Compares ``before`` of a match, create or unmatch with the links there are."""

    def __init__(self, names: Names, rows: RowIndex) -> None:
        self._names = names
        self._rows = rows

    def refusal(self, operation: Match | Create | Unmatch, before: PairBefore) -> Refusal | None:
        """Why the operation is stale; ``None`` when its company and its customer look as they did."""
        if operation.company_id is not None and before.company is not None:
            now = self._rows.customers_of(operation.company_id)
            if now != set(before.company):
                return self._changed(Side.COMPANY, operation.company_id, before.company, now)
        customer_id = None if isinstance(operation, Create) else operation.customer_id
        if customer_id is not None and before.customer is not None:
            now = self._rows.companies_of(customer_id)
            if now != set(before.customer):
                return self._changed(Side.CUSTOMER, customer_id, before.customer, now)
        return None

    def _changed(self, side: Side, id_: str, before: Iterable[str], now: Iterable[str]) -> Refusal:
        other = Side.CUSTOMER if side is Side.COMPANY else Side.COMPANY
        return stale(
            f"{side} {say(self._names, side, id_)} was {_linked(self._names, other, before)}"
            f" when the plan was made and is {_linked(self._names, other, now)} now"
        )


def say(names: Names, side: Side, id_: str) -> str:
    """A member by name and id, as far as both are known."""
    item = names.get(side, id_)
    return f"{item.name!r} ({id_})" if item else id_


def _linked(names: Names, side: Side, ids: Iterable[str]) -> str:
    listed = ", ".join(say(names, side, id_) for id_ in sorted(ids))
    return f"linked to {listed}" if listed else "unmatched"


class EditCheck:
    """Judges an edit that knows its row's ``before``, also when a run of it was interrupted half-way."""

    def __init__(self, tenant: Tenant, names: Names, rows: RowIndex, history: History) -> None:
        self._tenant = tenant
        self._names = names
        self._rows = rows
        self._history = history

    def verdict(self, world: World, operation: Edit, before: RowBefore) -> Verdict:
        """What the edit would do; ``operation.kept`` is the cell of ``before`` that it keeps."""
        cells = {Side.COMPANY: before.companies, Side.CUSTOMER: before.customers}
        start, target = row_links(before.companies, before.customers), edited(operation)
        row_members = {(side, id_) for side, ids in cells.items() for id_ in ids}
        if target and links_at(self._rows, ends(target)) == target:
            return Unchanged("the row already looks like this")
        if (operation.member_side, operation.member) not in row_members:
            return stale(
                f"{operation.member_side} {say(self._names, operation.member_side, operation.member)}"
                " is not in the row that 'before' records"
            )
        if links_at(self._rows, row_members) == start:
            return judge(world, operation)
        live = links_at(self._rows, row_members | {(operation.side, id_) for id_ in operation.ids})
        if self._is_our_own(operation, start, target, live):
            return Change(steps_between(live, target, operation.side, operation.kept))
        return self._changed(before, row_members)

    def _is_our_own(self, operation: Edit, start: Links, target: Links, live: Links) -> bool:
        """Whether an interrupted run of this very edit left what is live.

        Seen from the links alone where one that only the edit adds is there; told by the journal otherwise:
        links that are merely gone may have been removed by anybody.
        """
        if not live <= start | target:
            return False
        planned = judge(World(self._as_it_was(start, target)), operation)
        if not isinstance(planned, Change):
            return False
        if live & (target - start) and is_on_the_way(start, planned.steps, live):
            return True
        return self._history.explains(operation_key(operation), start | target, self._rows)

    def _as_it_was(self, start: Links, target: Links) -> Tenant:
        """The part of the tenant that the edit is about, with the links that it had."""
        concerned = ends(start | target)
        tenant = self._tenant
        return Tenant(
            {id_: item for id_, item in tenant.companies.items() if (Side.COMPANY, id_) in concerned},
            {id_: item for id_, item in tenant.customers.items() if (Side.CUSTOMER, id_) in concerned},
            start,
        )

    def _changed(self, before: RowBefore, members: Iterable[Member]) -> Refusal:
        live = links_at(self._rows, members)
        companies = {link.company_id for link in live}
        customers = {link.customer_id for link in live}
        return stale(
            f"the row was {self._row(before.companies, before.customers)} when the plan was made"
            f" and is {self._row(companies, customers)} now"
        )

    def _row(self, company_ids: Iterable[str], customer_ids: Iterable[str]) -> str:
        companies = ", ".join(say(self._names, Side.COMPANY, id_) for id_ in sorted(company_ids))
        customers = ", ".join(say(self._names, Side.CUSTOMER, id_) for id_ in sorted(customer_ids))
        return f"{companies} with {customers}" if companies and customers else "unmatched"


def remembered(operation: Edit, history: History, rows: RowIndex) -> RowBefore | None:
    """The ``before`` of an edit by hand, which has none, where a journal shows that it was interrupted."""
    past = history.interrupted(operation_key(operation))
    if past is None or not past.origin or not past.explains(rows):
        return None
    companies = tuple(sorted({link.company_id for link in past.origin}))
    customers = tuple(sorted({link.customer_id for link in past.origin}))
    return RowBefore(companies=companies, customers=customers)
