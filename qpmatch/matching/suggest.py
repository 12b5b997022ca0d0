"""Suggestions for the unmatched companies of a tenant (SPEC 7)."""

from __future__ import annotations

from collections.abc import Collection

from qpmatch.matching.aliases import NO_ALIASES, Aliases
from qpmatch.matching.exact import exact_suggestions
from qpmatch.matching.joins import SCORES, sure_pairs
from qpmatch.matching.names import parse
from qpmatch.matching.suggestion import Candidate, Decision, Suggestion, Tier
from qpmatch.models import Tenant

DEFAULT_MIN_SCORE = 0.5
__all__ = ["DEFAULT_MIN_SCORE", "Candidate", "Decision", "Suggestion", "Tier", "exact_suggestions", "suggest"]


def suggest(
    tenant: Tenant,
    *,
    companies: Collection[str] | None = None,
    candidates: int = 5,
    min_score: float = DEFAULT_MIN_SCORE,
    accept: Tier = Tier.EXACT,
    aliases: Aliases = NO_ALIASES,
) -> list[Suggestion]:
    """One suggestion for every unmatched company, or for those of the given ids."""
    left = sorted(tenant.companies.values(), key=lambda company: (company.name.casefold(), company.id))
    right = sorted(tenant.customers.values(), key=lambda customer: (customer.name.casefold(), customer.id))
    pairs = sure_pairs([parse(c.name) for c in left], [parse(c.name) for c in right])
    partner = {pair.company: pair for pair in pairs}
    linked = {link.company_id for link in tenant.links}
    taken = {link.customer_id for link in tenant.links}
    found: list[Suggestion] = []
    for position, company in enumerate(left):
        if company.id in linked or (companies is not None and company.id not in companies):
            continue
        pair = partner.get(position)
        if pair is None:
            found.append(Suggestion(company, None, None, 0.0, Decision.NONE, "no similar name", ()))
            continue
        candidate = Candidate(right[pair.customer], pair.tier, SCORES[pair.tier], f"same name ({pair.tier})")
        free = candidate.customer.id not in taken
        found.append(
            Suggestion(
                company,
                candidate.customer if free else None,
                pair.tier if free else None,
                candidate.score if free else 0.0,
                Decision.MATCH if free and pair.tier.rank <= accept.rank else Decision.REVIEW,
                candidate.reason if free else f"{candidate.customer.name} is already linked",
                (candidate,),
            )
        )
    return found
