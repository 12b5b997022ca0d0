"""``qpmatch create``: new customers from companies."""

from __future__ import annotations

from typing import Annotated

import typer

from qpmatch.commands.acting import act
from qpmatch.commands.options import AllowAssumed, DryRun, Force, PlanFile, UndoFile, for_datacentre
from qpmatch.commands.session import Session
from qpmatch.errors import UsageError
from qpmatch.matching.operations import Create, Operation
from qpmatch.matching.refs import find
from qpmatch.matching.rows import RowIndex
from qpmatch.matching.spelling import spelling
from qpmatch.models import Side, Tenant


@for_datacentre
def create(
    session: Session,
    company: Annotated[
        list[str] | None, typer.Argument(help="Ids or exact names of unmatched companies.")
    ] = None,
    all_unmatched: Annotated[
        bool,
        typer.Option("--all-unmatched", help="Every company with no link and no customer of its name."),
    ] = False,
    plan: PlanFile = None,
    force: Force = False,
    dry_run: DryRun = False,
    allow_assumed: AllowAssumed = None,
    undo: UndoFile = None,
) -> None:
    """Make a customer named like each company, and link the two.

    A company that is matched is refused, and so is one for which a customer of exactly its name exists (match
    it instead). A created customer stays when the link is undone: CyberQP deletes none.

    Example: qpmatch create 'Northwind Traders' --region sandbox
    """
    if bool(company) == all_unmatched:
        raise UsageError(
            "name the companies, or give --all-unmatched, not both"
            if company
            else "name the companies to create customers for, or give --all-unmatched",
            hint="see the candidates with: qpmatch list companies --status unmatched",
        )

    def operations(tenant: Tenant) -> list[Operation]:
        if all_unmatched:
            return [Create(id_) for id_ in _unmatched(tenant, session)]
        return [Create(find(ref, tenant.companies, Side.COMPANY).id) for ref in company or ()]

    act(session, operations, plan, force=force, dry_run=dry_run, allow_assumed=allow_assumed, undo=undo)


def _unmatched(tenant: Tenant, session: Session) -> list[str]:
    """The unmatched companies that R6 lets a customer be made for, in alphabetical order."""
    index = RowIndex(tenant.links)
    taken = {spelling(customer.name) for customer in tenant.customers.values()}
    left_out: list[str] = []
    chosen: list[str] = []
    for item in sorted(tenant.companies.values(), key=lambda item: (item.name.casefold(), item.id)):
        if index.of_company(item.id):
            continue
        if spelling(item.name) in taken:
            left_out.append(item.name)
        else:
            taken.add(spelling(item.name))
            chosen.append(item.id)
    if left_out:
        session.note(
            f"{len(left_out)} unmatched companies are left out because a customer of that name exists "
            f"(R6), or another company of that name comes first: {', '.join(left_out[:5])}"
            + (", ..." if len(left_out) > 5 else "")
            + ". Match them instead: qpmatch suggest"
        )
    return chosen
