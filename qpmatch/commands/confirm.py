"""``qpmatch confirm``: applies a plan."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from qpmatch.commands.acting import apply_options, carry_out
from qpmatch.commands.options import AllowAssumed, DryRun, UndoFile, for_datacentre
from qpmatch.commands.session import Session
from qpmatch.errors import UsageError

if TYPE_CHECKING:
    from qpmatch.models import Tenant
    from qpmatch.plan.model import Plan


@for_datacentre
def confirm(
    session: Session,
    plan: Annotated[Path | None, typer.Argument(metavar="[PLAN]", help="The plan file to apply.")] = None,
    suggested: Annotated[
        bool, typer.Option("--suggested", help="Confirm every exact suggestion, without a file.")
    ] = False,
    dry_run: DryRun = False,
    check: Annotated[
        bool, typer.Option("--check", help="A dry run that exits 3 when changes are pending.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask; needed off a terminal.")] = False,
    keep_going: Annotated[
        bool, typer.Option("--keep-going", help="Apply the rest when operations are refused (exit 5).")
    ] = False,
    allow_removals: Annotated[
        int | None,
        typer.Option(min=0, metavar="N", help="Acknowledge that up to N links are removed."),
    ] = None,
    allow_assumed: AllowAssumed = None,
    undo: UndoFile = None,
) -> None:
    """Apply a plan: read the live state once, check every operation, show the diff, ask, apply, read back.

    If any operation is refused nothing is sent, unless --keep-going. What was applied can be taken back with
    the undo plan that the run names. Entries still on `review` are skipped. Without --region or a profile the
    plan's own region is used.

    Example: qpmatch confirm plan.yaml --yes
    """
    if (plan is None) != suggested:
        raise UsageError(
            "name a plan file, or give --suggested"
            if plan is None
            else "--suggested goes without a plan file",
            hint="make a plan with: qpmatch suggest --plan plan.yaml",
        )
    asks = not (yes or dry_run or check)
    work: Plan | None = None
    if plan is not None:
        from qpmatch.plan.yamlfile import load_plan

        work = load_plan(plan)
    session.choose(allow_assumed=allow_assumed, fallback_region=work.region if work else None)
    if asks and not session.runtime.interactive:
        raise UsageError(
            "there is nobody to ask: this is not a terminal", hint="give --yes to apply, or --dry-run to look"
        )
    options = apply_options(
        session,
        dry_run=dry_run,
        check=check,
        keep_going=keep_going,
        allow_removals=allow_removals,
        undo=undo,
    )

    def exact(tenant: Tenant) -> Plan:
        return _exact_plan(session, tenant)

    carry_out(session, work or exact, options, diff=asks or not session.output.quiet, ask=asks)


def _exact_plan(session: Session, tenant: Tenant) -> Plan:
    """The plan of every exact suggestion (R1)."""
    from qpmatch.matching.exact import exact_suggestions
    from qpmatch.matching.operations import Match
    from qpmatch.plan.build import plan_of

    settings = session.connection.settings
    found = exact_suggestions(tenant)
    ordered = sorted(found, key=lambda id_: (tenant.companies[id_].name.casefold(), id_))
    return plan_of(
        [Match(company_id, found[company_id].id) for company_id in ordered],
        tenant,
        region=settings.region,
        integration=settings.integration,
        now=session.runtime.now(),
    )
