"""Customers nobody wants whose names at least begin as a company's does: for a company with no candidate.

Renamed companies often keep the first letters of their name. That is too little to propose a customer, and
too little to make anybody look; it is said for whoever looks all the same.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection
from typing import Final

from rapidfuzz.distance import Indel, Prefix

from qpmatch.matching.board import Board
from qpmatch.matching.names import Name
from qpmatch.matching.placeholders import is_placeholder
from qpmatch.matching.suggestion import Candidate, Tier

REASON: Final = "little in common; the names begin with the same letters"
_LETTERS: Final = 2
"""So many letters must be the same."""

_NEIGHBOURS: Final = 6
"""So many names are looked at on either side in the alphabet."""

_UNIT: Final = 0.001
"""What the most alike of such names score: less than names of which a word is alike."""


class Openings:
    """The names of the customers that are free and proposed for nobody, in the order of the alphabet."""

    def __init__(self, board: Board, proposed: Collection[int]) -> None:
        """``proposed`` are the positions of the customers that are proposed for a company."""
        self._board = board
        self._names = sorted(
            (name.core_key, at)
            for at, name in enumerate(board.customer_names)
            if at not in proposed and board.is_free(at) and _is_name(name)
        )

    def alike(self, company: int, limit: int) -> tuple[Candidate, ...]:
        """Up to ``limit`` candidates for a company, the likest first."""
        name = self._board.company_names[company]
        if not self._names or not _is_name(name):
            return ()
        text, opening = name.core_key, name.core_key[:_LETTERS]
        at = bisect_left(self._names, (text,))
        found = []
        for other, customer in self._names[max(at - _NEIGHBOURS, 0) : at + _NEIGHBOURS]:
            if other.startswith(opening) and self._board.may_be(company, customer):
                likeness = Indel.normalized_similarity(text, other)
                found.append((-round(_UNIT * likeness, 4), -Prefix.similarity(text, other), customer))
        return tuple(
            Candidate(self._board.customers[customer], Tier.SIMILAR, -minus, REASON)
            for minus, _, customer in sorted(found)[:limit]
        )


def _is_name(name: Name) -> bool:
    return len(name.core_key) >= _LETTERS and not is_placeholder(name.words)
