"""Suggestions for the unmatched companies of a tenant (SPEC 7): the front door of the matching engine.

The parts, in the order in which they work: :mod:`names` and :mod:`forms` make normal forms; :mod:`joins`
finds the sure pairs; :mod:`search` finds what the other companies could be and scores it, by the evidence of
:mod:`evidence`, :mod:`habits` and :mod:`weighing`; :mod:`reasons` puts it into words; this module deals out
the customers.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Final

from qpmatch.matching.aliases import NO_ALIASES, Aliases
from qpmatch.matching.board import Board, Option
from qpmatch.matching.claims import Claims
from qpmatch.matching.exact import exact_suggestions
from qpmatch.matching.suggestion import Candidate, Decision, Suggestion, Tier
from qpmatch.models import Tenant

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
    board = Board(tenant, aliases)
    dealt = _deal(board, min_score)
    claims = Claims(board, dealt)
    return [
        _suggestion(board, claims, at, dealt.get(at), candidates, accept)
        for at in board.open_companies
        if companies is None or board.companies[at].id in companies
    ]


def _deal(board: Board, min_score: float) -> dict[int, int]:
    """Company to customer, by position: the strongest pair first, each side once, free customers only."""
    offers = sorted(
        (option.tier.rank, -option.score, company, option.customer)
        for company, options in board.options.items()
        for option in options
        if option.score >= min_score and board.is_free(option.customer)
    )
    dealt: dict[int, int] = {}
    gone: set[int] = set()
    for _, _, company, customer in offers:
        if company not in dealt and customer not in gone:
            dealt[company] = customer
            gone.add(customer)
    return dealt


def _suggestion(
    board: Board, claims: Claims, company: int, proposal: int | None, limit: int, accept: Tier
) -> Suggestion:
    subject = board.companies[company]
    options = _shown(board.options.get(company, []), proposal, limit)
    if not options:
        return Suggestion(subject, None, None, 0.0, Decision.NONE, claims.why_none(company), ())
    shown = [claims.candidate(company, option) for option in options]
    at = next((at for at, option in enumerate(options) if option.customer == proposal), None)
    if at is None:
        reason = claims.why_no_proposal(company, shown[0], options[0])
        return Suggestion(subject, None, None, 0.0, Decision.REVIEW, reason, tuple(shown))
    decision = Decision.REVIEW
    if options[at].sure and options[at].tier.rank <= accept.rank:
        decision = Decision.MATCH
        if (parent := claims.parent_of(company, options[at])) is not None:
            decision = Decision.REVIEW
            shown[at] = replace(
                shown[at], reason=f"{shown[at].reason}; or the customer of its parent '{parent.name}'"
            )
    chosen = shown[at]
    return Suggestion(
        subject, chosen.customer, chosen.tier, chosen.score, decision, chosen.reason, tuple(shown)
    )


def _shown(options: Sequence[Option], proposal: int | None, limit: int) -> list[Option]:
    """The best options up to the limit, with the proposal and every one of the same spelling (R1)."""
    due = [option for option in options if option.customer == proposal or option.tier is Tier.EXACT]
    room = max(limit - len(due), 0)
    others = [option for option in options if option not in due][:room]
    return [option for option in options if option in due or option in others]
