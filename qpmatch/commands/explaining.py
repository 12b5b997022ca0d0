"""``qpmatch suggest --explain``: the evidence for one company's candidates, side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qpmatch.errors import UsageError
from qpmatch.matching.refs import find
from qpmatch.models import Side
from qpmatch.output.view import Column, View

if TYPE_CHECKING:
    from qpmatch.commands.session import Session
    from qpmatch.commands.sources import Source
    from qpmatch.matching.aliases import Aliases
    from qpmatch.matching.explain import Explanation


def show_explanation(session: Session, ref: str, source: Source, aliases: Aliases, candidates: int) -> None:
    """Print how the company's name was read and, for each candidate, what speaks for and against it.

    Raises ``RefError`` for a company that is not there, ``UsageError`` for one that is matched.
    """
    from qpmatch.matching.suggest import explain

    company = find(ref, source.tenant.companies, Side.COMPANY)
    if any(link.company_id == company.id for link in source.tenant.links):
        raise UsageError(
            f"company {company.name!r} ({company.id}) is matched: there is nothing to suggest",
            hint=f"see its row: qpmatch list matches --search {company.name!r}",
        )
    document = _document(explain(source.tenant, company.id, candidates=candidates, aliases=aliases))
    rows = [
        {"candidate": candidate, **finding}
        for candidate in document["candidates"]
        for finding in candidate["evidence"]
    ]
    session.show(
        View(
            rows,
            [
                Column("Candidate", lambda r: f"{r['candidate']['name']} ({r['candidate']['score']:.2f})"),
                Column("Evidence", lambda r: r["evidence"]),
                Column("Company has", lambda r: r["company"]),
                Column("Customer has", lambda r: r["customer"]),
                Column("Weight", lambda r: f"{r['points']:+.1f}" if r["points"] else ""),
            ],
            document=document,
            empty=f"No candidate for {company.name}.",
            summary=[f"{company.name}: {document['reason']}"],
        )
    )


def _document(explanation: Explanation) -> dict[str, Any]:
    suggestion = explanation.suggestion
    return {
        "company": {"id": suggestion.company.id, "name": suggestion.company.name},
        "decision": suggestion.decision.value,
        "reason": suggestion.reason,
        "core": explanation.core,
        "legal_forms": list(explanation.legal_forms),
        "also_read_as": list(explanation.also_read_as),
        "candidates": [
            {
                "id": explained.candidate.customer.id,
                "name": explained.candidate.customer.name,
                "tier": explained.candidate.tier.value,
                "score": explained.candidate.score,
                "reason": explained.candidate.reason,
                "evidence": [
                    {
                        "evidence": finding.evidence,
                        "company": finding.company,
                        "customer": finding.customer,
                        "points": finding.points,
                    }
                    for finding in explained.findings
                ],
            }
            for explained in explanation.candidates
        ],
    }
