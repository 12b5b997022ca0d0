"""``qpmatch journal``: what earlier runs did, step by step."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from qpmatch.commands.options import for_output
from qpmatch.commands.session import Session
from qpmatch.output.view import Column, Record, View

app = typer.Typer(help="See what earlier runs did.", no_args_is_help=True, rich_markup_mode=None)

LATEST = "latest"


@app.command("list")
@for_output
def list_(session: Session) -> None:
    """List the runs that changed something, the latest first.

    Example: qpmatch journal list
    """
    from qpmatch.plan.location import state_folder
    from qpmatch.plan.runs import list_runs

    runs = list_runs(state_folder(session.runtime.environ).journals)
    columns = [
        Column("Run", lambda r: r["run"]),
        Column("Region", lambda r: r["region"] or ""),
        Column("Status", lambda r: r["status"]),
        Column("Results", _results),
        Column("Plan", lambda r: r["plan"] or ""),
        Column("Undo plan", lambda r: r["undo"] or ""),
    ]
    session.show(View([run.summary() for run in runs], columns, empty="No run has changed anything yet."))


@app.command()
@for_output
def show(
    session: Session,
    run: Annotated[str, typer.Argument(metavar="RUN", help="A run's id, or how it begins.")] = LATEST,
) -> None:
    """Show the steps of one run: what was sent, what was answered, what was seen to take effect.

    Example: qpmatch journal show latest
    """
    from qpmatch.plan.location import state_folder
    from qpmatch.plan.runs import read_run

    found = read_run(state_folder(session.runtime.environ).journals, run)
    columns = [
        Column("Time", lambda r: str(r.get("at", ""))),
        Column("Event", lambda r: str(r["event"])),
        Column("What", _what),
    ]
    summary = [f"Run {found.run_id}: {found.status}."]
    session.show(
        View(found.events, columns, empty=f"Run {found.run_id} ended before its first step.", summary=summary)
    )


def _results(record: Record) -> str:
    return ", ".join(f"{count} {result}" for result, count in sorted(record["results"].items()))


def _what(event: Record) -> str:
    """The facts of an event in one line, without those that other columns show."""
    facts = {key: value for key, value in event.items() if key not in ("at", "event") and value is not None}
    if "steps" in facts:
        facts["steps"] = f"{len(facts['steps'])} steps" if len(facts["steps"]) > 3 else facts["steps"]
    return ", ".join(f"{key}: {_short(value)}" for key, value in facts.items())


def _short(value: Any) -> str:
    return " ".join(map(_short, value)) if isinstance(value, list) else str(value)
