"""``qpmatch suggest``: a suggestion for every unmatched company."""

from __future__ import annotations

from collections import Counter
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from qpmatch.commands.options import Aliases, Force, for_datacentre
from qpmatch.commands.session import Session
from qpmatch.errors import UsageError
from qpmatch.output.view import Column, Record, View, pair_text

if TYPE_CHECKING:
    from qpmatch.matching.suggestion import Suggestion
    from qpmatch.models import Tenant


class Accept(StrEnum):
    """The values of ``--accept``: this tier and the stronger ones are preselected."""

    EXACT = "exact"
    NORMALIZED = "normalized"
    SUFFIX = "suffix"


@for_datacentre
def suggest(
    session: Session,
    min_score: Annotated[
        float | None,
        typer.Option(min=0.0, max=1.0, help="Propose nothing below this score.", show_default=False),
    ] = None,
    candidates: Annotated[int, typer.Option(min=1, max=50, help="How many to show for a company.")] = 5,
    accept: Annotated[
        Accept, typer.Option(help="Preselect this tier and the stronger ones.")
    ] = Accept.EXACT,
    plan: Annotated[
        Path | None, typer.Option("--plan", metavar="FILE", help="Write the suggestions as a plan.")
    ] = None,
    force: Force = False,
    companies: Annotated[
        str | None,
        typer.Option(
            metavar="FILE.csv[:ID,NAME]", help="Exported companies, columns id and name: works offline."
        ),
    ] = None,
    customers: Annotated[
        str | None, typer.Option(metavar="FILE.csv[:ID,NAME]", help="Exported customers, likewise.")
    ] = None,
    type_: Annotated[
        list[str] | None,
        typer.Option("--type", metavar="TYPE", help="Only companies of this type; repeatable."),
    ] = None,
    active: Annotated[
        bool | None,
        typer.Option(
            "--active/--all-states",
            help="Leave inactive companies out (the default with Autotask as source), or take them in.",
        ),
    ] = None,
    aliases: Aliases = None,
    learn: Annotated[
        Path | None,
        typer.Option(metavar="PLAN", help="Add the pairs that this decided plan holds to the aliases."),
    ] = None,
    explain: Annotated[
        str | None, typer.Option(metavar="COMPANY", help="Show the evidence for one company's candidates.")
    ] = None,
) -> None:
    """Suggest a customer for every unmatched company, with a tier, a score and a reason.

    Preselected (decision `match`) is only what is certain: by default the exact, unambiguous spelling. The
    rest is for you to review. --plan writes it all as a YAML file to edit, review and confirm.

    Example: qpmatch suggest --region sandbox --plan plan.yaml
    """
    if learn is not None:
        _learn(session, learn, aliases)
    if explain is not None:
        _explain(session, explain, companies, customers, aliases)
        return
    records: list[dict[str, Any]] = []
    known = _known_aliases(session, aliases)
    for source in _sources(session, companies, customers, type_, active):
        suggestions = _suggestions(source.tenant, source.wanted, candidates, min_score, accept, known)
        records += source.records(suggestions)
        if plan is not None:
            _write_plan(session, plan, source, suggestions, force)
    columns = ([Column("Profile", lambda r: r["profile"])] if session.profiled else []) + _COLUMNS
    session.show(View(records, columns, empty="Nothing to suggest: every company is matched."))
    session.note(_summary(records))
