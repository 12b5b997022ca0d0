"""``qpmatch unmatch``: removes links."""

from __future__ import annotations

from typing import Annotated

import typer

from qpmatch.commands.acting import act
from qpmatch.commands.options import AllowAssumed, DryRun, Force, PlanFile, UndoFile, for_datacentre
from qpmatch.commands.session import Session
from qpmatch.errors import UsageError
from qpmatch.matching.operations import Operation, Unmatch
from qpmatch.matching.refs import find
from qpmatch.matching.rows import RowIndex
from qpmatch.models import Named, Side, Tenant


@for_datacentre
def unmatch(
    session: Session,
    company: Annotated[str | None, typer.Argument(help="Id or exact name of a company.")] = None,
    customer: Annotated[str | None, typer.Argument(help="The customer to take it from.")] = None,
    of_customer: Annotated[
        str | None,
        typer.Option("--customer", metavar="CUSTOMER", help="The customer, when no company is named."),
    ] = None,
    every: Annotated[
        bool, typer.Option("--all", help="Every link of the company or customer named.")
    ] = False,
    plan: PlanFile = None,
    force: Force = False,
    dry_run: DryRun = False,
    allow_assumed: AllowAssumed = None,
    undo: UndoFile = None,
) -> None:
    """Remove the link of a company and a customer.

    When the company (or the --customer) has several links, name the other side too, or give --all.

    Example: qpmatch unmatch 'Contoso Ltd' --region sandbox
    """
    if customer is not None and of_customer is not None:
        raise UsageError("the customer is named twice", hint="give CUSTOMER or --customer, not both")
    if company is None and of_customer is None:
        raise UsageError(
            "name a company or a --customer",
            hint="--all alone does not take every link of the tenant; it takes those of the one named",
        )

    def operations(tenant: Tenant) -> list[Operation]:
        company_id = None if company is None else find(company, tenant.companies, Side.COMPANY).id
        named = customer if customer is not None else of_customer
        customer_id = None if named is None else find(named, tenant.customers, Side.CUSTOMER).id
        return [_operation(RowIndex(tenant.links), tenant, company_id, customer_id, every=every)]

    act(session, operations, plan, force=force, dry_run=dry_run, allow_assumed=allow_assumed, undo=undo)


def _operation(
    index: RowIndex, tenant: Tenant, company_id: str | None, customer_id: str | None, *, every: bool
) -> Unmatch:
    if company_id is not None and customer_id is not None:
        return Unmatch(company_id, customer_id)
    ends: list[tuple[str, Named | None]]
    if company_id is not None:
        ends = [(id_, tenant.customers.get(id_)) for id_ in sorted(index.customers_of(company_id))]
        one = Unmatch(company_id, ends[0][0]) if len(ends) == 1 else Unmatch(company_id)
    else:
        ends = [(id_, tenant.companies.get(id_)) for id_ in sorted(index.companies_of(str(customer_id)))]
        one = Unmatch(ends[0][0], customer_id) if len(ends) == 1 else Unmatch(None, customer_id)
    if len(ends) > 1 and not every:
        named = ", ".join(f"{item.name!r} (id:{id_})" if item else f"id:{id_}" for id_, item in ends)
        raise UsageError(
            f"{len(ends)} links would go: {named}",
            hint="name the one to remove, or give --all for all of them",
        )
    return one
