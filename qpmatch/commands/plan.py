"""``qpmatch plan``: plan files without a datacentre: check one, show one, print their JSON Schema."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from qpmatch.commands.options import for_output
from qpmatch.commands.session import Session
from qpmatch.errors import ExitCode
from qpmatch.output.printable import printable
from qpmatch.output.view import Column, Format, Record, View, shown_text

if TYPE_CHECKING:
    from qpmatch.plan.model import Plan

app = typer.Typer(help="Work on plan files, offline.", no_args_is_help=True, rich_markup_mode=None)

PlanArgument = Annotated[Path, typer.Argument(metavar="PLAN", help="The plan file.")]


@app.command()
@for_output
def lint(session: Session, plan: PlanArgument) -> None:
    """Check a plan file: everything wrong with it, each with line and column. Exit 2 when something is.

    Example: qpmatch plan lint plan.yaml
    """
    from qpmatch.plan.problems import InvalidPlanError
    from qpmatch.plan.yamlfile import load_plan

    try:
        loaded = load_plan(plan)
    except InvalidPlanError as error:
        records: list[dict[str, Any]] = [
            {
                "file": problem.source,
                "line": problem.position.line,
                "column": problem.position.column,
                "message": problem.text,
                "hint": problem.hint,
            }
            for problem in error.problems
        ]
        if session.output.format is Format.TABLE:
            session.runtime.write("".join(f"{printable(_line(record))}\n" for record in records))
        else:
            session.show(View(records, _PROBLEM_COLUMNS))
        session.note(f"{len(records)} problems in {plan}")
        raise typer.Exit(ExitCode.USAGE) from None
    session.show(View([], [], empty=f"{plan} is fine: {_counts(loaded)}."))


@app.command()
@for_output
def show(session: Session, plan: PlanArgument) -> None:
    """Show what a plan file would do, as a table, or as Markdown for a pull request.

    Example: qpmatch plan show plan.yaml -o markdown
    """
    from qpmatch.plan.show import plan_rows
    from qpmatch.plan.yamlfile import load_plan

    loaded = load_plan(plan)
    records = [
        {
            "index": row.index,
            "action": row.action,
            "companies": [company.to_json() for company in row.companies],
            "customers": [customer.to_json() for customer in row.customers],
            "tier": row.tier,
            "score": row.score,
            "note": row.note,
        }
        for row in plan_rows(loaded)
    ]
    columns = [
        Column("#", lambda r: str(r["index"])),
        Column("Action", lambda r: r["action"]),
        Column("Company", lambda r: shown_text(r["companies"])),
        Column("Customer", lambda r: shown_text(r["customers"])),
        Column("Tier", lambda r: r["tier"] or ""),
        Column("Score", lambda r: "" if r["score"] is None else f"{r['score']:.2f}"),
        Column("Note", lambda r: r["note"]),
    ]
    summary = [f"Region {loaded.region}, integration {loaded.integration}: {_counts(loaded)}."]
    session.show(View(records, columns, empty="The plan holds no operations.", summary=summary))


@app.command()
@for_output
def schema(session: Session) -> None:
    """Print the JSON Schema of plan files, for editors.

    Example: qpmatch plan schema > qpmatch-plan.schema.json
    """
    import json

    from qpmatch.plan.schema import json_schema

    session.runtime.write(json.dumps(json_schema(), indent=2) + "\n")


_PROBLEM_COLUMNS = [
    Column("Place", lambda r: f"{r['file']}:{r['line']}:{r['column']}"),
    Column("Problem", lambda r: r["message"]),
    Column("What to do", lambda r: r["hint"] or ""),
]


def _line(problem: Record) -> str:
    """A problem as compilers print one: editors and CI systems make a link of its place."""
    text = f"{problem['file']}:{problem['line']}:{problem['column']}: {problem['message']}"
    return f"{text} ({problem['hint']})" if problem["hint"] else text


def _counts(plan: Plan) -> str:
    from collections import Counter

    counts = Counter(entry.action for entry in plan.operations)
    return ", ".join(f"{count} {action}" for action, count in sorted(counts.items())) or "no operations"
