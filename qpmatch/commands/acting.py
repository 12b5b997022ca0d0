"""What ``confirm`` and the four verbs share: a plan that is shown, agreed to and carried out, or staged."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from qpmatch.errors import ExitCode
from qpmatch.output.printable import printable
from qpmatch.output.view import Column, Format, Record, View, shown_text

if TYPE_CHECKING:
    from qpmatch.api.templates import Route
    from qpmatch.commands.session import Session
    from qpmatch.matching.operations import Operation
    from qpmatch.models import Tenant
    from qpmatch.plan.apply import ApplyOptions
    from qpmatch.plan.check import Checked
    from qpmatch.plan.model import Plan
    from qpmatch.plan.result import ConfirmResult


def act(
    session: Session,
    operations: Callable[[Tenant], Sequence[Operation]],
    plan: Path | None,
    *,
    force: bool,
    dry_run: bool,
    allow_assumed: bool | None,
    undo: Path | None,
) -> None:
    """Carry out what a verb asks for, at once, or stage it in the plan file.

    ``operations`` says what is asked for once the tenant is known: refs are resolved against the live state.
    """
    session.choose(allow_assumed=allow_assumed)

    def planned(tenant: Tenant) -> Plan:
        return _planned(session, operations(tenant), tenant)

    if plan is not None:
        _stage(session, planned, plan, force=force, dry_run=dry_run)
        return
    carry_out(session, planned, apply_options(session, dry_run=dry_run, undo=undo))


def apply_options(session: Session, **chosen: Any) -> ApplyOptions:
    """The options of a run: those given, and the limits and leave that the settings hold."""
    from qpmatch.plan.apply import ApplyOptions

    settings = session.connection.settings
    return ApplyOptions(
        allow_assumed=settings.allow_assumed,
        limits=settings.limits,
        **chosen,
    )


def carry_out(
    session: Session,
    plan: Plan | Callable[[Tenant], Plan],
    options: ApplyOptions,
    *,
    diff: bool = False,
    ask: bool = False,
) -> None:
    """Run a plan, print what came of it, and leave with its exit code.

    ``diff`` shows what would change before anything is sent; ``ask`` then waits for a person's yes.
    """
    result = _run(session, plan, options, diff=diff, ask=ask)
    show_result(session, result)
    if result.exit_code is not ExitCode.DONE:
        raise typer.Exit(result.exit_code)


def _run(
    session: Session,
    plan: Plan | Callable[[Tenant], Plan],
    options: ApplyOptions,
    *,
    diff: bool = False,
    ask: bool = False,
) -> ConfirmResult:
    """The one way in which a plan is run; Ctrl-C says how far it came before it goes on up."""
    from qpmatch.plan.apply import Hooks, confirm
    from qpmatch.plan.location import state_folder

    runtime = session.runtime
    journal: list[Path] = []

    def started(path: Path, undo: Path) -> None:
        journal.append(path)
        session.note(f"journal {path}, undo plan {undo}")

    hooks = Hooks(
        progress=session.progress,
        note=session.note,
        checked=(lambda checked: _show_diff(session, checked)) if diff else None,
        approve=(lambda checked: _approve(session, checked)) if ask else None,
        approve_assumed=(lambda routes: _approve_assumed(session, routes)) if runtime.interactive else None,
        started=started,
    )
    try:
        return confirm(
            plan,
            session.connection.datacentre,
            state_folder(runtime.environ),
            options=options,
            hooks=hooks,
        )
    except KeyboardInterrupt:
        session.progress.close()
        if journal:
            runtime.say(
                f"interrupted; what was done stands in {journal[0]}."
                " Run the same command again to finish, or see: qpmatch journal show latest"
            )
        raise


def show_result(session: Session, result: ConfirmResult) -> None:
    """Print what became of each operation, and say where the undo plan is."""
    document = result.to_json()
    columns = [
        Column("#", lambda r: str(r["index"])),
        Column("Action", lambda r: r["action"]),
        Column("Company", lambda r: shown_text(r["companies"])),
        Column("Customer", lambda r: shown_text(r["customers"])),
        Column("Result", lambda r: r["result"]),
        Column("Why", lambda r: r["reason"]),
    ]
    session.show(
        View(document["operations"], columns, document=document, empty="The plan holds no operations.")
    )
    if session.output.format is Format.TABLE:  # whose columns cut the reason, and with it the next command
        for operation in document["operations"]:
            if operation["result"] in ("refused", "failed"):
                text = f"#{operation['index']} {operation['result']}: {operation['reason']}"
                session.runtime.say(printable(text))
    counts = ", ".join(f"{count} {name}" for name, count in document["summary"].items() if count)
    session.note(f"{result.status}: {counts or 'nothing to do'}")
    if result.undo:
        session.note(f"to go back: qpmatch confirm {result.undo}")


def _stage(
    session: Session,
    planned: Callable[[Tenant], Plan],
    path: Path,
    *,
    force: bool,
    dry_run: bool,
) -> None:
    """Judge the operations by a dry run; put those that would change something into the plan file."""
    from qpmatch.plan.append import append_operations
    from qpmatch.plan.result import Result

    plans: list[Plan] = []

    def kept(tenant: Tenant) -> Plan:
        plans.append(planned(tenant))
        return plans[-1]

    result = _run(session, kept, apply_options(session, dry_run=True))
    refused = result.count(Result.REFUSED)
    pending = [one.index - 1 for one in result.operations if one.result is Result.PENDING]
    if pending and not refused and not dry_run:
        staged = plans[0].model_copy(
            update={"operations": tuple(plans[0].operations[index] for index in pending)}
        )
        append_operations(path, staged, force=force)
    show_result(session, result)
    if refused:
        raise typer.Exit(result.exit_code)
    session.note(
        f"{'would stage' if dry_run else 'staged'} {len(pending)} in {path}; then: qpmatch confirm {path}"
    )


def _planned(session: Session, operations: Sequence[Operation], tenant: Tenant) -> Plan:
    from qpmatch.plan.build import plan_of

    datacentre = session.connection.datacentre
    return plan_of(
        operations,
        tenant,
        region=datacentre.region,
        integration=datacentre.integration,
        now=session.runtime.now(),
    )


def _show_diff(session: Session, checked: Checked) -> None:
    """Say on stderr which links come and go, and what is refused."""
    from qpmatch.output.table import as_table
    from qpmatch.plan.show import diff

    session.progress.close()
    records: list[Record] = []
    for row in diff(checked):
        records += [{"sign": "-", "pair": pair, "why": ""} for pair in row.removed]
        records += [{"sign": "+", "pair": pair, "why": ""} for pair in row.added]
        records += [{"sign": "+", "pair": (made, None), "why": "a new customer"} for made in row.created]
        if row.refused:
            first = (*row.companies, *row.customers)[0]
            records.append({"sign": "!", "pair": (first, None), "why": row.reason})
    columns = [
        Column("", lambda r: r["sign"]),
        Column("Company", lambda r: str(r["pair"][0].name or r["pair"][0].id)),
        Column("Customer", lambda r: r["why"] or str(r["pair"][1].name or r["pair"][1].id)),
    ]
    view = View(records, columns, empty="Nothing would change.")
    session.runtime.say(as_table(view, session.runtime.width), end="")


def _approve(session: Session, checked: Checked) -> bool:
    return _asked(session, f"Apply these {len(checked.changes)} operations?")


def _approve_assumed(session: Session, routes: Sequence[Route]) -> bool:
    """Ask once whether requests that nobody outside CyberQP has seen may be sent."""
    names = ", ".join(route.name for route in routes)
    session.progress.close()
    session.runtime.say(
        f"These writes go over routes that are assumed, not observed: {names}."
        " qpmatch doctor --har FILE checks them against a recording."
    )
    return _asked(session, "Send them all the same?")


def _asked(session: Session, question: str) -> bool:
    session.runtime.say(f"{question} [y/N] ", end="")
    return session.runtime.stdin.readline().strip().casefold() in ("y", "yes")
