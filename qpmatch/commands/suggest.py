"""``qpmatch suggest``: a suggestion for every unmatched company."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from qpmatch.commands import sources
from qpmatch.commands.explaining import show_explanation
from qpmatch.commands.options import Aliases, Force, for_datacentre
from qpmatch.commands.session import Session
from qpmatch.output.view import STAR, Column, Record, View, pair_text

if TYPE_CHECKING:
    from qpmatch.commands.sources import Source
    from qpmatch.matching.aliases import Aliases as AliasTable
    from qpmatch.matching.suggestion import Suggestion


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
    accept: Annotated[Accept, typer.Option(help="Preselect this tier and the stronger ones.")] = Accept.EXACT,
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
    choice = sources.Choice(companies, customers, type_ or (), active)
    known = sources.known_aliases(session, aliases)
    if learn is not None:
        known = sources.learn(session, known, learn, aliases)
    if explain is not None:
        show_explanation(session, explain, sources.one(session, choice), known, candidates)
        return

    from qpmatch.output.records import suggestion_records

    records: list[Record] = []
    for source in sources.every(session, choice):
        suggestions = _suggestions(source, candidates, min_score, accept, known)
        if plan is not None:
            sources.write_plan(session, plan, source, suggestions, force=force)
        records += [source.profiled(record) for record in suggestion_records(suggestions)]
    columns = [Column("Profile", lambda r: r["profile"])] if records and "profile" in records[0] else []
    session.show(View(records, [*columns, *_COLUMNS], empty="Nothing to suggest: every company is matched."))
    session.note(_summary(records))


def _suggestions(
    source: Source, candidates: int, min_score: float | None, accept: Accept, known: AliasTable
) -> list[Suggestion]:
    from qpmatch.matching.suggest import DEFAULT_MIN_SCORE, Tier
    from qpmatch.matching.suggest import suggest as suggest_for

    return suggest_for(
        source.tenant,
        companies=source.wanted,
        candidates=candidates,
        min_score=DEFAULT_MIN_SCORE if min_score is None else min_score,
        accept=Tier(accept.value),
        aliases=known,
    )


def _proposal(record: Record) -> str:
    mark = f"{STAR} " if record["decision"] == "match" else ""
    return mark + pair_text(record["customer"]) if record["customer"] else ""


_COLUMNS = [
    Column("Company", lambda r: pair_text(r["company"])),
    Column("Id", lambda r: r["company"]["id"]),
    Column("Customer", _proposal),
    Column("Tier", lambda r: r["tier"] or ""),
    Column("Score", lambda r: f"{r['score']:.2f}" if r["customer"] else ""),
    Column("Decision", lambda r: r["decision"]),
    Column("Why", lambda r: r["reason"]),
]


def _summary(records: Sequence[Record]) -> str:
    counts = Counter(record["decision"] for record in records)
    return (
        f"{len(records)} unmatched companies: {counts['match']} preselected ({STAR}), "
        f"{counts['review']} to review, {counts['none']} without a likely candidate"
    )
