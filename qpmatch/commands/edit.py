"""``qpmatch edit``: replaces one cell of a match row."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, TypeAlias

import typer

from qpmatch.commands.acting import act
from qpmatch.commands.options import AllowAssumed, DryRun, Force, PlanFile, UndoFile, for_datacentre
from qpmatch.commands.session import Session
from qpmatch.errors import RefError, UsageError
from qpmatch.matching.operations import Edit, Operation
from qpmatch.matching.refs import find, matching
from qpmatch.matching.rows import RowIndex
from qpmatch.models import Company, Customer, MatchRow, Side, Tenant

Refs: TypeAlias = list[str] | None


@for_datacentre
def edit(
    session: Session,
    row: Annotated[str, typer.Argument(help="Id or exact name of any member of the row.")],
    set_company: Annotated[Refs, typer.Option(metavar="COMPANY", help="The cell's new content.")] = None,
    add_company: Annotated[Refs, typer.Option(metavar="COMPANY", help="An unmatched company to add.")] = None,
    remove_company: Annotated[Refs, typer.Option(metavar="COMPANY", help="A company to take out.")] = None,
    set_customer: Annotated[Refs, typer.Option(metavar="CUSTOMER", help="The cell's new content.")] = None,
    add_customer: Annotated[
        Refs, typer.Option(metavar="CUSTOMER", help="An unmatched customer to add.")
    ] = None,
    remove_customer: Annotated[Refs, typer.Option(metavar="CUSTOMER", help="A customer to take out.")] = None,
    plan: PlanFile = None,
    force: Force = False,
    dry_run: DryRun = False,
    allow_assumed: AllowAssumed = None,
    undo: UndoFile = None,
) -> None:
    """Replace the companies, or the customers, of one match row. Each option can be repeated.

    In a one-to-one row either cell may become several. In a one-to-many row the 1 side can be switched for
    another single one, and the many side can gain and lose members. An added member must be unmatched.

    Example: qpmatch edit Tailspin --add-company 'Tailspin West' --region sandbox
    """
    on_companies = (set_company, add_company, remove_company)
    on_customers = (set_customer, add_customer, remove_customer)
    if bool(any(on_companies)) == bool(any(on_customers)):
        raise UsageError(
            "an edit replaces one cell: the companies or the customers"
            if any(on_companies)
            else "say what to edit",
            hint="give --set-company, --add-company and --remove-company, or the same three for customers",
        )
    side = Side.COMPANY if any(on_companies) else Side.CUSTOMER
    wanted, added, removed = on_companies if side is Side.COMPANY else on_customers
    if wanted and (added or removed):
        raise UsageError(
            f"--set-{side} says the whole cell, so it goes without --add-{side} and --remove-{side}"
        )

    def operations(tenant: Tenant) -> list[Operation]:
        member_side, member, current = _row(tenant, row)
        known: Mapping[str, Company | Customer] = (
            tenant.companies if side is Side.COMPANY else tenant.customers
        )
        cell = (
            () if current is None else current.company_ids if side is Side.COMPANY else current.customer_ids
        )
        gone = {find(ref, known, side).id for ref in removed or ()}
        content = [find(ref, known, side).id for ref in wanted] if wanted else list(cell)
        content += [find(ref, known, side).id for ref in added or ()]
        ids = tuple(dict.fromkeys(id_ for id_ in content if id_ not in gone))
        return [Edit(member_side, member, side, ids)]

    act(session, operations, plan, force=force, dry_run=dry_run, allow_assumed=allow_assumed, undo=undo)


def _row(tenant: Tenant, ref: str) -> tuple[Side, str, MatchRow | None]:
    """The row that ``ref`` is a member of: its side, its id and the row, ``None`` when it is unmatched."""
    index = RowIndex(tenant.links)
    companies, customers = matching(ref, tenant.companies), matching(ref, tenant.customers)
    found = [(Side.COMPANY, item.id, index.of_company(item.id)) for item in companies]
    found += [(Side.CUSTOMER, item.id, index.of_customer(item.id)) for item in customers]
    if not found:
        everything: dict[str, Company | Customer] = {**tenant.customers, **tenant.companies}
        find(ref, everything, Side.COMPANY)
    in_rows = [place for place in found if place[2] is not None]
    if len({place[2] for place in in_rows}) > 1:
        members = ", ".join(f"{side} id:{id_}" for side, id_, _ in in_rows)
        raise RefError(f"{ref!r} is a member of several rows: {members}", hint="give an id instead")
    return (in_rows or found)[0]
