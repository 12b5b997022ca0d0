"""What a suggestion is: a company, the customer proposed for it, and why (SPEC 5, 7)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from qpmatch.models import Company, Customer


class Tier(StrEnum):
    """How two names belong together, strongest first; ``rank`` is 0 for the strongest."""

    rank: int

    EXACT = "exact"
    ALIAS = "alias"
    NORMALIZED = "normalized"
    SUFFIX = "suffix"
    SIMILAR = "similar"

    def __new__(cls, value: str) -> Tier:
        """A tier whose rank is the number of tiers before it."""
        member = str.__new__(cls, value)
        member._value_ = value
        # Sorting asks for ranks by the ten thousand: a plain attribute answers fastest.
        member.rank = len(cls.__members__)
        return member


class Decision(StrEnum):
    """What becomes of a company: linked unasked, looked at by a person, or nothing to look at."""

    MATCH = "match"
    REVIEW = "review"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A customer that a company could be linked to; ``score`` is 0..1, ``reason`` a technician's words."""

    customer: Customer
    tier: Tier
    score: float
    reason: str


@dataclass(frozen=True, slots=True)
class Suggestion:
    """The verdict on one unmatched company.

    ``customer`` is the proposal, with its ``tier``, ``score`` and ``reason``; where no candidate is good
    enough it and ``tier`` are ``None``, ``score`` is 0.0 and ``reason`` says why. ``candidates`` stand best
    first, the proposal among them.
    """

    company: Company
    customer: Customer | None
    tier: Tier | None
    score: float
    decision: Decision
    reason: str
    candidates: tuple[Candidate, ...]
