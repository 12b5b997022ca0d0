"""What an MSP knows and no name says: aliases, and pairs never to suggest. Pure; files are elsewhere.

An alias says that a company's name stands for a customer, given by name or by id. Names are compared as the
*normalized* tier compares them, so an alias survives a change of case or punctuation.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from qpmatch.matching.names import fold
from qpmatch.models import Named


def alias_key(text: str) -> str:
    """The form under which names of the alias file are compared; text without letters stands for itself."""
    return " ".join(fold(text)) or text.strip()


@dataclass(frozen=True)
class Aliases:
    """The content of an alias file: pairs of (company name, customer name or id), in the file's order."""

    same: tuple[tuple[str, str], ...] = ()
    never: tuple[tuple[str, str], ...] = ()

    @cached_property
    def _same(self) -> dict[str, set[str]]:
        return _by_company(self.same)

    @cached_property
    def _never(self) -> dict[str, set[str]]:
        return _by_company(self.never)

    def __bool__(self) -> bool:
        return bool(self.same or self.never)

    def targets(self, company_name: str) -> frozenset[str]:
        """The keys and ids of the customers that this company's name stands for."""
        return frozenset(self._same.get(alias_key(company_name), ()))

    def avoids(self, company_name: str) -> bool:
        """Whether this company has any customer that is never to be suggested for it."""
        return alias_key(company_name) in self._never

    def forbids(self, company_name: str, customer: Named) -> bool:
        """Whether this pair is never to be suggested."""
        refused = self._never.get(alias_key(company_name))
        return refused is not None and (customer.id in refused or alias_key(customer.name) in refused)


NO_ALIASES = Aliases()


def _by_company(pairs: Iterable[tuple[str, str]]) -> dict[str, set[str]]:
    grouped: dict[str, set[str]] = {}
    for company, customer in pairs:
        grouped.setdefault(alias_key(company), set()).update((customer, alias_key(customer)))
    return grouped


def learn(aliases: Aliases, pairs: Iterable[tuple[Named, Named]]) -> Aliases:
    """The aliases with those that decided (company, customer) pairs teach added at the end.

    A pair whose names fold to the same words teaches nothing, and one that is known already is not repeated.
    A pair that a person has decided for is taken out of ``never``. Customers are kept by name: ids differ
    between a tenant and its exports.
    """
    same, never = list(aliases.same), list(aliases.never)
    known = {(alias_key(company), alias_key(customer)) for company, customer in same}
    for company, customer in pairs:
        pair = (alias_key(company.name), alias_key(customer.name))
        never = [other for other in never if (alias_key(other[0]), alias_key(other[1])) != pair]
        if pair[0] == pair[1] or pair in known or not all(pair):
            continue
        known.add(pair)
        same.append((company.name.strip(), customer.name.strip()))
    return Aliases(tuple(same), tuple(never))
