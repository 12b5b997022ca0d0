"""``qpmatch match``: one link."""

from __future__ import annotations

from typing import Annotated

import typer

from qpmatch.commands.acting import act
from qpmatch.commands.options import AllowAssumed, DryRun, Force, PlanFile, UndoFile, for_datacentre
from qpmatch.commands.session import Session
from qpmatch.matching.operations import Match, Operation
from qpmatch.matching.refs import find
from qpmatch.models import Side, Tenant


@for_datacentre
def match(
    session: Session,
    company: Annotated[str, typer.Argument(help="Id or exact name of an unmatched company.")],
    customer: Annotated[str, typer.Argument(help="Id or exact name of the customer.")],
    plan: PlanFile = None,
    force: Force = False,
    dry_run: DryRun = False,
    allow_assumed: AllowAssumed = None,
    undo: UndoFile = None,
) -> None:
    """Link one company to one customer.

    The customer may be unmatched, or in a one-to-one row, which becomes one-to-many. Anything else is refused
    with the `edit` command that would do it. Write `id:` or `name:` before a ref to force one reading.

    Example: qpmatch match 'Contoso Ltd' id:5f0c9a --region sandbox
    """

    def operations(tenant: Tenant) -> list[Operation]:
        return [
            Match(
                find(company, tenant.companies, Side.COMPANY).id,
                find(customer, tenant.customers, Side.CUSTOMER).id,
            )
        ]

    act(session, operations, plan, force=force, dry_run=dry_run, allow_assumed=allow_assumed, undo=undo)
