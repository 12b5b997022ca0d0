"""What may be done to a tenant's links: R2 to R6 and R8 of SPEC 3, as pure functions.

A :class:`World` is a tenant as it stands; :func:`judge` says what an operation would do to it and changes
nothing; :meth:`World.perform` carries a verdict's steps out, so that the operations of a plan are judged one
after the other, each against what the earlier ones leave.
"""

from __future__ import annotations

from collections.abc import Iterable

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
from qpmatch.matching.spelling import spelling
from qpmatch.models import Cardinality, Company, Customer, Link, MatchRow, Side, Tenant

NEW_CUSTOMER = "new:"
"""Prefix of the stand-in id of a customer that a create step makes; the datacentre gives the real one."""


class World:
    """A tenant that operations can be tried on."""

    def __init__(self, tenant: Tenant) -> None:
        self.companies: dict[str, Company] = dict(tenant.companies)
        self.customers: dict[str, Customer] = dict(tenant.customers)
        self.rows = RowIndex(tenant.links)
        self._spelled: dict[str, list[str]] = {}
        for customer in self.customers.values():
            self._spelled.setdefault(spelling(customer.name), []).append(customer.id)

    def customers_spelled(self, name: str) -> list[Customer]:
        """The customers of exactly this spelling (R1)."""
        return [self.customers[customer_id] for customer_id in self._spelled.get(spelling(name), ())]

    def perform(self, steps: Iterable[Step]) -> None:
        """Carry steps out; raises ``KeyError`` for a link to delete that is not there."""
        for step in steps:
            match step.kind:
                case StepKind.SAVE:
                    self.rows.add(step.link)
                case StepKind.DELETE:
                    self.rows.remove(step.link)
                case StepKind.CREATE:
                    company = self.companies[step.company_id]
                    customer = Customer(NEW_CUSTOMER + company.id, company.name)
                    self.customers[customer.id] = customer
                    self._spelled.setdefault(spelling(customer.name), []).append(customer.id)
                    self.rows.add(Link(company.id, customer.id))


def judge(world: World, operation: Operation) -> Verdict:
    """What ``operation`` would do to ``world``: the steps, nothing because it already holds, or a refusal.

    Names that ids have not got (a deleted customer, say) make a refusal under R7.
    """
    match operation:
        case Match():
            return _match(world, operation)
        case Create():
            return _create(world, operation)
        case Unmatch():
            return _unmatch(world, operation)
        case Edit():
            return _edit(world, operation)


def _match(world: World, operation: Match) -> Verdict:
    link = Link(operation.company_id, operation.customer_id)
    if link in world.rows:
        return Unchanged("already linked")
    if gone := _gone(world, [link.company_id], [link.customer_id]):
        return gone
    company, customer = world.companies[link.company_id], world.customers[link.customer_id]
    if row := world.rows.of_company(company.id):
        return _company_is_matched(world, row, company, customer)
    if row := world.rows.of_customer(customer.id):
        if row.cardinality is Cardinality.MANY_TO_MANY:
            return _many_to_many(f"customer {_say(customer)}")
        if row.cardinality is Cardinality.ONE_TO_MANY:
            return _customer_is_one_of_many(world, row, company, customer)
    return Change((Step(StepKind.SAVE, company.id, customer.id),))


def _company_is_matched(world: World, row: MatchRow, company: Company, customer: Customer) -> Refusal:
    if row.cardinality is Cardinality.MANY_TO_MANY:
        return _many_to_many(f"company {_say(company)}")
    linked = ", ".join(_say_id(world.customers, id_) for id_ in sorted(world.rows.customers_of(company.id)))
    if row.one_side is Side.CUSTOMER:
        others = ", ".join(_say_id(world.companies, id_) for id_ in row.company_ids if id_ != company.id)
        return Refusal(
            "R3",
            f"company {_say(company)} is already part of a one-to-many row: customer {linked} with {others}",
            "take it out of that row first:"
            f" qpmatch edit id:{row.customer_ids[0]} --remove-company id:{company.id}",
        )
    several = row.one_side is Side.COMPANY
    return Refusal(
        "R3",
        f"company {_say(company)} is already matched to {linked}"
        + (", a one-to-many row" if several else ""),
        f"to add the customer: qpmatch edit id:{company.id} --add-customer id:{customer.id}"
        f" (to replace: --set-customer)",
    )


def _customer_is_one_of_many(world: World, row: MatchRow, company: Company, customer: Customer) -> Refusal:
    if row.one_side is Side.CUSTOMER:
        companies = ", ".join(_say_id(world.companies, id_) for id_ in row.company_ids)
        return Refusal(
            "R3",
            f"customer {_say(customer)} is already part of a one-to-many row with {companies}",
            f"to add the company: qpmatch edit id:{customer.id} --add-company id:{company.id}",
        )
    owner = row.company_ids[0]
    return Refusal(
        "R3",
        f"customer {_say(customer)} is one of several customers of company {_say_id(world.companies, owner)}",
        f"take it out of that row first: qpmatch edit id:{owner} --remove-customer id:{customer.id}",
    )


def _create(world: World, operation: Create) -> Verdict:
    if gone := _gone(world, [operation.company_id], []):
        return gone
    company = world.companies[operation.company_id]
    linked = sorted(world.rows.customers_of(company.id))
    namesakes = world.customers_spelled(company.name)
    if len(linked) == 1 and linked[0] in {customer.id for customer in namesakes}:
        return Unchanged("already linked to a customer of that name")
    if linked:
        customers = ", ".join(_say_id(world.customers, id_) for id_ in linked)
        return Refusal(
            "R6",
            f"company {_say(company)} is already matched to {customers}",
            f"to go on with a new customer, unmatch it first: qpmatch unmatch id:{company.id}",
        )
    if namesakes:
        return Refusal(
            "R6",
            f"a customer named {namesakes[0].name!r} exists already"
            + (f" ({len(namesakes)} of them)" if len(namesakes) > 1 else ""),
            f"to link it: qpmatch match id:{company.id} id:{namesakes[0].id}",
        )
    return Change((Step(StepKind.CREATE, company.id),))


def _unmatch(world: World, operation: Unmatch) -> Verdict:
    match operation:
        case Unmatch(company_id=str(company_id), customer_id=str(customer_id)):
            link = Link(company_id, customer_id)
            links = [link] if link in world.rows else []
        case Unmatch(company_id=str(company_id)):
            links = [Link(company_id, id_) for id_ in sorted(world.rows.customers_of(company_id))]
        case _:
            customer_id = str(operation.customer_id)
            links = [Link(id_, customer_id) for id_ in sorted(world.rows.companies_of(customer_id))]
    if not links:
        return Unchanged("not linked")
    return Change(tuple(Step(StepKind.DELETE, *link) for link in links))


def _edit(world: World, operation: Edit) -> Verdict:
    wanted = tuple(dict.fromkeys(operation.ids))
    row = _row_to_edit(world, operation)
    if row is None:
        if operation.refills and operation.kept and wanted:
            cells = {operation.side: (), _other(operation.side): operation.kept}
            row = MatchRow(cells[Side.COMPANY], cells[Side.CUSTOMER])
        else:
            return Refusal(
                "R5",
                f"{operation.member_side} {_say_member(world, operation.member_side, operation.member)}"
                " is in no match row",
                "edit changes a row that exists; to make one: qpmatch match COMPANY CUSTOMER",
            )
    if row.cardinality is Cardinality.MANY_TO_MANY:
        return _many_to_many(f"the row of {_say_member(world, operation.member_side, operation.member)}")
    if not wanted:
        return Refusal(
            "R5",
            f"the edit would leave the row without a {operation.side}",
            f"to remove the links: qpmatch unmatch id:{row.company_ids[0]} --all",
        )
    current, kept = _cells(row, operation.side)
    if set(wanted) == set(current):
        return Unchanged("the row already looks like this")
    if len(wanted) > 1 and len(kept) > 1:
        return Refusal(
            "R5",
            f"{len(wanted)} {_plural(operation.side)} and {len(kept)} {_plural(_other(operation.side))}"
            " would make a many-to-many row",
            f"the {operation.side} of this row can only be switched for another single one",
        )
    added = [id_ for id_ in wanted if id_ not in current]
    removed = [id_ for id_ in current if id_ not in wanted]
    if refusal := _cannot_join(world, operation.side, added):
        return refusal
    company_ids, customer_ids = (kept, ()) if operation.side is Side.CUSTOMER else ((), kept)
    if added and (gone := _gone(world, company_ids, customer_ids)):
        return gone
    return Change(_edit_steps(operation.side, kept, added, removed))


def _row_to_edit(world: World, operation: Edit) -> MatchRow | None:
    """The row of the kept cell when it is known: the named member may have left by an earlier run (R8)."""
    if operation.kept:
        return _row_of(world, _other(operation.side), operation.kept[0])
    return _row_of(world, operation.member_side, operation.member)


def _cannot_join(world: World, side: Side, added: Iterable[str]) -> Refusal | None:
    for id_ in added:
        known: dict[str, Company] | dict[str, Customer] = (
            world.companies if side is Side.COMPANY else world.customers
        )
        if id_ not in known:
            return Refusal("R7", f"{side} {id_} does not exist (any more)", "make the plan again")
        if row := _row_of(world, side, id_):
            partners = row.customer_ids if side is Side.COMPANY else row.company_ids
            first = _say_member(world, _other(side), partners[0])
            first_company = id_ if side is Side.COMPANY else row.company_ids[0]
            return Refusal(
                "R5",
                f"{side} {_say_member(world, side, id_)} is already matched (to {first})",
                f"unmatch it first: qpmatch unmatch id:{first_company}"
                + (f" id:{id_}" if side is Side.CUSTOMER else ""),
            )
    return None


def _edit_steps(side: Side, kept: tuple[str, ...], added: list[str], removed: list[str]) -> tuple[Step, ...]:
    """Links first, removals after, so that an interruption leaves no member of the kept cell alone.

    Where the kept cell has several members the new single one takes their links over one by one: linking it
    first would make the row many-to-many for a moment.
    """

    def step(kind: StepKind, changed: str, other: str) -> Step:
        return Step(kind, changed, other) if side is Side.COMPANY else Step(kind, other, changed)

    def steps(other: str) -> tuple[list[Step], list[Step]]:
        saves = [step(StepKind.SAVE, id_, other) for id_ in added]
        return saves, [step(StepKind.DELETE, id_, other) for id_ in removed]

    if len(kept) == 1:
        saves, deletes = steps(kept[0])
        return (*saves, *deletes)
    ordered: list[Step] = []
    for other in kept:
        saves, deletes = steps(other)
        ordered += [*deletes, *saves]
    return tuple(ordered)


def _gone(world: World, company_ids: Iterable[str], customer_ids: Iterable[str]) -> Refusal | None:
    for side, ids, known in (
        (Side.COMPANY, company_ids, world.companies.keys()),
        (Side.CUSTOMER, customer_ids, world.customers.keys()),
    ):
        for id_ in ids:
            if id_ not in known:
                return Refusal("R7", f"{side} {id_} does not exist (any more)", "make the plan again")
    return None


def _many_to_many(what: str) -> Refusal:
    return Refusal(
        "R4",
        f"{what} is part of a many-to-many row, which takes part in nothing but unmatch",
        "see the row with: qpmatch list matches; take links out with: qpmatch unmatch COMPANY CUSTOMER",
    )


def _row_of(world: World, side: Side, id_: str) -> MatchRow | None:
    return world.rows.of_company(id_) if side is Side.COMPANY else world.rows.of_customer(id_)


def _cells(row: MatchRow, side: Side) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The cell on ``side``, and the other one."""
    if side is Side.COMPANY:
        return row.company_ids, row.customer_ids
    return row.customer_ids, row.company_ids


def _other(side: Side) -> Side:
    return Side.CUSTOMER if side is Side.COMPANY else Side.COMPANY


def _plural(side: Side) -> str:
    return "companies" if side is Side.COMPANY else "customers"


def _say(item: Company | Customer) -> str:
    return f"{item.name!r} ({item.id})"


def _say_id(known: dict[str, Company] | dict[str, Customer], id_: str) -> str:
    item = known.get(id_)
    return _say(item) if item else id_


def _say_member(world: World, side: Side, id_: str) -> str:
    return _say_id(world.companies if side is Side.COMPANY else world.customers, id_)
