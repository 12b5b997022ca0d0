"""Suggestions for the unmatched companies of a tenant (SPEC 7): the front door of the matching engine.

The parts, in the order in which they work: :mod:`names` and :mod:`forms` make normal forms; :mod:`joins`
finds the sure pairs; :mod:`search` finds what the other companies could be and scores it, by the evidence of
:mod:`evidence`, :mod:`habits` and :mod:`weighing`; :mod:`dealing` deals the customers out; :mod:`reasons` and
:mod:`claims` put it into words.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Final

from qpmatch.matching.aliases import NO_ALIASES, Aliases
from qpmatch.matching.exact import exact_suggestions
from qpmatch.matching.suggestion import Candidate, Decision, Suggestion, Tier
from qpmatch.models import Tenant

if TYPE_CHECKING:
    from qpmatch.matching.explain import Explanation

DEFAULT_MIN_SCORE: Final = 0.4
DEFAULT_CANDIDATES: Final = 5

__all__ = [
    "DEFAULT_CANDIDATES",
    "DEFAULT_MIN_SCORE",
    "Candidate",
    "Decision",
    "Suggestion",
    "Tier",
    "exact_suggestions",
    "explain",
    "suggest",
]


def suggest(
    tenant: Tenant,
    *,
    companies: Collection[str] | None = None,
    candidates: int = DEFAULT_CANDIDATES,
    min_score: float = DEFAULT_MIN_SCORE,
    accept: Tier = Tier.EXACT,
    aliases: Aliases = NO_ALIASES,
) -> list[Suggestion]:
    """One suggestion for every unmatched company, or for the given ids, by case-folded name, then id.

    ``candidates`` is how many a suggestion lists at most; customers of exactly the company's spelling are all
    listed (R1). No customer below ``min_score`` (0..1) is proposed, and none to two companies: the best pair
    goes first, whether or not its company is among those asked for. ``accept`` is the weakest tier to
    preselect; *similar* pairs are never preselected.
    """
    # rapidfuzz and the engine are paid for by those who ask for suggestions, not by every `--help`.
    from qpmatch.matching.board import Board
    from qpmatch.matching.dealing import suggestions

    return suggestions(
        Board(tenant, aliases), companies=companies, limit=candidates, min_score=min_score, accept=accept
    )


def explain(
    tenant: Tenant,
    company_id: str,
    *,
    candidates: int = DEFAULT_CANDIDATES,
    min_score: float = DEFAULT_MIN_SCORE,
    accept: Tier = Tier.EXACT,
    aliases: Aliases = NO_ALIASES,
) -> Explanation:
    """The evidence for the suggestion of one unmatched company; parameters as in :func:`suggest`.

    Raises ``KeyError`` for a company that is not there or is matched already: there is nothing to suggest.
    """
    from qpmatch.matching.board import Board
    from qpmatch.matching.dealing import suggestions
    from qpmatch.matching.explain import explanation

    board = Board(tenant, aliases)
    found = suggestions(board, companies={company_id}, limit=candidates, min_score=min_score, accept=accept)
    if not found:
        raise KeyError(company_id)
    return explanation(board, found[0])
