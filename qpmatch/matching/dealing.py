"""Dealing out customers: who is proposed for whom, what is preselected, what is shown beside it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import replace

from qpmatch.matching.board import Board, Option
from qpmatch.matching.claims import Claims
from qpmatch.matching.openings import Openings
from qpmatch.matching.suggestion import Decision, Suggestion, Tier


def suggestions(
    board: Board, *, companies: Collection[str] | None, limit: int, min_score: float, accept: Tier
) -> list[Suggestion]:
    """The suggestions of a board; the parameters are those of :func:`qpmatch.matching.suggest.suggest`."""
    dealt = deal(board, min_score)
    claims = Claims(board, dealt)
    openings = Openings(board, set(dealt.values()))
    return [
        _suggestion(board, claims, openings, at, dealt.get(at), limit, min_score, accept)
        for at in board.open_companies
        if companies is None or board.companies[at].id in companies
    ]


def deal(board: Board, min_score: float) -> dict[int, int]:
    """Company to customer, by position: the strongest pair first, each side once, free customers only.

    Where two customers are as good for a company, or two companies for a customer, neither is dealt: to take
    the first would be to toss a coin.
    """
    # One number for the tier, then the score, which is 1 at most.
    offers = sorted(
        [
            (option.tier.rank - option.score, company, option.customer)
            for company, options in board.options.items()
            for option in options
            if option.score >= min_score and board.is_free(option.customer)
        ]
    )
    of_company = Counter([(strength, company) for strength, company, _ in offers])
    of_customer = Counter([(strength, customer) for strength, _, customer in offers])
    dealt: dict[int, int] = {}
    gone: set[int] = set()
    for strength, company, customer in offers:
        if of_company[strength, company] > 1 or of_customer[strength, customer] > 1:
            continue
        if company not in dealt and customer not in gone:
            dealt[company] = customer
            gone.add(customer)
    return dealt


def _suggestion(
    board: Board,
    claims: Claims,
    openings: Openings,
    company: int,
    proposal: int | None,
    limit: int,
    min_score: float,
    accept: Tier,
) -> Suggestion:
    subject = board.companies[company]
    options = _shown(board.options.get(company, []), proposal, limit)
    if not options:
        return Suggestion(
            subject, None, None, 0.0, Decision.NONE, claims.why_none(company), openings.alike(company, limit)
        )
    shown = [claims.candidate(company, option) for option in options]
    at = next((at for at, option in enumerate(options) if option.customer == proposal), None)
    if at is None:
        reason = claims.why_no_proposal(company, shown[0], options[0], min_score)
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
    if len(options) <= limit:
        return list(options)
    due = [option for option in options if option.customer == proposal or option.tier is Tier.EXACT]
    room = max(limit - len(due), 0)
    others = [option for option in options if option not in due][:room]
    return [option for option in options if option in due or option in others]
