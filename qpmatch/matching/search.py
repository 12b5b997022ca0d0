"""The companies that no sure pair settles: which customers each could be, and how likely each is."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from math import exp
from typing import Final, NamedTuple

from qpmatch.matching.habits import Face, faces
from qpmatch.matching.index import NameIndex
from qpmatch.matching.names import Name
from qpmatch.matching.placeholders import is_placeholder
from qpmatch.matching.vocabulary import Vocabulary
from qpmatch.matching.weighing import Weighed, weigh, weigh_above

BEST: Final = 0.96
"""No similar pair scores higher: all sure pairs stand above."""

_PER_FACE: Final = 6
_HOPELESS: Final = -4.0
"""Nats: one in 55 of such pairs would be one company if it had no rivals."""

_LOW: Final = 0.6
_LOW_SLOPE: Final = 0.25
_PLACEHOLDER: Final = 0.1
_TAKEN: Final = exp(6.0)


class Found(NamedTuple):
    """A similar pair; ``score`` is its likelihood beside its rivals (0..1)."""

    company: int
    customer: int
    weighed: Weighed
    score: float


class Search:
    """Finds similar customers for companies, by position in two lists of names."""

    def __init__(
        self,
        companies: Sequence[Name],
        customers: Sequence[Name],
        candidates: Collection[int],
        settled: Collection[int],
    ) -> None:
        """``candidates`` are the positions of the customers that may be found.

        Those of ``settled`` have a sure partner.
        """
        self._companies = companies
        self._customers = customers
        self.vocabulary = Vocabulary(name.core for names in (companies, customers) for name in names)
        self._faces: dict[int, tuple[Face, ...]] = {
            position: faces(name)
            for position, name in enumerate(customers)
            if position in candidates and name.core_key
        }
        self._index = NameIndex(
            [(position, face.core) for position, readings in self._faces.items() for face in readings],
            self.vocabulary,
            settled,
        )

    def find(self, company: int, also: Iterable[int] = ()) -> list[tuple[int, Weighed]]:
        """The likeliest customers of one company, those of ``also`` among them, the hopeless left out."""
        name = self._companies[company]
        if not name.core_key:
            return []
        ours = faces(name)
        positions = dict.fromkeys(
            position for face in ours for position in self._index.nearest(face.core, _PER_FACE)
        )
        kept = {position for position in also if position in self._faces}
        positions.update(dict.fromkeys(sorted(kept)))
        found = []
        for position in positions:
            weighed = self.weigh(ours, position) if position in kept else self._likely(ours, position)
            if weighed is not None:
                found.append((position, weighed))
        return found

    def _likely(self, ours: Sequence[Face], customer: int) -> Weighed | None:
        """As :meth:`weigh`, but ``None`` for a hopeless pair."""
        best: Weighed | None = None
        floor = _HOPELESS
        for face in ours:
            for other in self._faces[customer]:
                weighed = weigh_above(floor, face, other, self.vocabulary)
                if weighed is not None and (best is None or weighed.log_odds > floor):
                    best, floor = weighed, weighed.log_odds
        return best

    def weigh(self, ours: Sequence[Face], customer: int) -> Weighed:
        """The reading of both names that speaks most for them being one company."""
        weighed = [weigh(face, other, self.vocabulary) for face in ours for other in self._faces[customer]]
        return max(weighed, key=lambda one: one.log_odds)


def rank(
    pairs: Mapping[int, Sequence[tuple[int, Weighed]]],
    companies: Sequence[Name],
    taken: Collection[int],
) -> list[Found]:
    """Score each pair beside its rivals,.

    A company is one customer or none, and a customer one company or none. So a pair's odds stand against
    those of every other pair with the same company, every other with the same customer, and none at all. The
    customers of ``taken`` have a sure partner: they rival nobody, and that partner rivals all who claim them.
    """
    odds = {
        (company, customer): exp(weighed.log_odds)
        for company, found in pairs.items()
        for customer, weighed in found
    }
    of_company: dict[int, float] = {}
    of_customer: dict[int, float] = {}
    for (company, customer), odd in odds.items():
        of_customer[customer] = of_customer.get(customer, _TAKEN if customer in taken else 0.0) + odd
        if customer not in taken:
            of_company[company] = of_company.get(company, 0.0) + odd
    ranked: list[Found] = []
    for company, found in pairs.items():
        nobody = is_placeholder(companies[company].words)
        for customer, weighed in found:
            odd = odds[company, customer]
            rivals = of_customer[customer] - odd
            if customer not in taken:
                rivals += of_company[company] - odd
            score = BEST * _capped(weighed, odd / (1.0 + odd + max(rivals, 0.0)))
            ranked.append(Found(company, customer, weighed, min(score, _PLACEHOLDER) if nobody else score))
    return ranked


def _capped(weighed: Weighed, score: float) -> float:
    """Keep scores low, in their order, where one name merely contains the other or is a single letter."""
    features = weighed.features
    contained = features.surplus > 0 and features.conflict == 0
    contained = contained or min(len(weighed.ours.core_key), len(weighed.theirs.core_key)) == 1
    return _LOW + (score - _LOW) * _LOW_SLOPE if contained and score > _LOW else score
