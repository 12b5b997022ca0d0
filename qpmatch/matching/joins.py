"""The sure pairs: names whose normal forms are equal and that nobody else on either side shares.

Dictionary joins, strongest first. The guards are what makes them sure: a key that two names of one side
share joins nothing, two known legal forms that have nothing in common are two companies (Toro Corp., Toro
Co), and up to three letters are a coincidence unless the legal form is the same too.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from operator import attrgetter
from types import MappingProxyType
from typing import Final, NamedTuple

from qpmatch.matching.names import Name, is_short
from qpmatch.matching.placeholders import is_placeholder
from qpmatch.matching.suggestion import Tier

SCORES: Final = {Tier.EXACT: 1.0, Tier.ALIAS: 0.999, Tier.NORMALIZED: 0.99, Tier.SUFFIX: 0.97}
"""The score of each tier of sure pairs; a *similar* pair stays below them all."""


class Joined(NamedTuple):
    """A sure pair, by position in its two lists."""

    company: int
    customer: int
    tier: Tier


def sure_pairs(
    companies: Sequence[Name],
    customers: Sequence[Name],
    *,
    aliases: Mapping[int, int] = MappingProxyType({}),
    never: Collection[tuple[int, int]] = (),
) -> list[Joined]:
    """Every sure pair; each company and each customer is in one at most.

    ``aliases`` maps companies to the one customer that each is known to be, ``never`` holds pairs known not
    to be one company, both by position. Names that are linked already belong in both lists: they make a key
    ambiguous as any other.
    """
    found: list[Joined] = []
    taken_companies: set[int] = set()
    taken_customers: set[int] = set()

    def take(company: int, customer: int, tier: Tier) -> None:
        if company in taken_companies or customer in taken_customers or (company, customer) in never:
            return
        taken_companies.add(company)
        taken_customers.add(customer)
        found.append(Joined(company, customer, tier))

    for tier, key, agree in _JOINS:
        for company, customer in _unique(companies, customers, key):
            if company in taken_companies or customer in taken_customers:
                continue
            if agree(companies[company], customers[customer]):
                take(company, customer, tier)
        if tier is Tier.EXACT:
            for company, customer in aliases.items():
                take(company, customer, Tier.ALIAS)
    return found


def _unique(
    companies: Sequence[Name], customers: Sequence[Name], key: Callable[[Name], Hashable]
) -> list[tuple[int, int]]:
    """The positions of names that are the only one with their key, on both sides."""
    left, right = _only(companies, key), _only(customers, key)
    return [
        (position, right[value]) for value, position in left.items() if position >= 0 <= right.get(value, -1)
    ]


def _only(names: Sequence[Name], key: Callable[[Name], Hashable]) -> dict[Hashable, int]:
    """Key to the position of the one name that has it, -1 where several have."""
    positions: dict[Hashable, int] = {}
    for position, value in enumerate(map(key, names)):
        positions[value] = -1 if value in positions else position
    return positions


def names_somebody(name: Name) -> bool:
    """Whether a name can be told from a placeholder and has letters or digits at all."""
    return bool(name.key) and not is_placeholder(name.words)


def forms_agree(company: Name, customer: Name) -> bool:
    """Whether the legal forms of two names of one core let them be one company."""
    if not names_somebody(company) or is_placeholder(company.core):
        return False
    if company.forms == customer.forms:
        return True
    if is_short(company.core_key):
        return False
    return not company.forms or not customer.forms or bool(company.forms & customer.forms)


def _same(company: Name, customer: Name) -> bool:
    return names_somebody(company)


_JOINS: Final[tuple[tuple[Tier, Callable[[Name], Hashable], Callable[[Name, Name], bool]], ...]] = (
    (Tier.EXACT, attrgetter("spelling"), _same),
    (Tier.NORMALIZED, attrgetter("key"), _same),
    (Tier.SUFFIX, attrgetter("core_key", "forms"), forms_agree),
    (Tier.SUFFIX, attrgetter("core_key"), forms_agree),
)
