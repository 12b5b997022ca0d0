"""Every company and customer of a tenant side by side: who could be whom, who is free, who may be linked.

Companies and customers are held in the order of their case-folded names, then ids, and known by position
from there on; so the order in which a datacentre or a file lists them decides nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from qpmatch.matching.aliases import Aliases, alias_key
from qpmatch.matching.joins import SCORES, sure_pairs
from qpmatch.matching.names import parse
from qpmatch.matching.placeholders import is_placeholder
from qpmatch.matching.rows import RowIndex
from qpmatch.matching.search import Search, rank
from qpmatch.matching.suggestion import Tier
from qpmatch.matching.weighing import Weighed
from qpmatch.models import Cardinality, Company, Customer, Named, Tenant

MOST_TWINS: Final = 20
"""Of customers with one spelling, so many are looked at: a list of a thousand "Test" helps nobody."""


class Option(NamedTuple):
    """A customer that a company could be, by position.

    ``weighed`` is ``None`` for a sure pair: nobody else shares the name on either side, and nothing needed
    weighing.
    """

    customer: int
    tier: Tier
    score: float
    weighed: Weighed | None

    @property
    def sure(self) -> bool:
        """Whether the pair may be preselected as far as the names go."""
        return self.weighed is None


class Board:
    """The state of the matching, worked out once; ``options`` are by company, best first."""

    def __init__(self, tenant: Tenant, aliases: Aliases) -> None:
        self.companies: list[Company] = sorted(tenant.companies.values(), key=_by_name)
        self.customers: list[Customer] = sorted(tenant.customers.values(), key=_by_name)
        self.company_names = [parse(company.name) for company in self.companies]
        self.customer_names = [parse(customer.name) for customer in self.customers]
        self.tenant = tenant
        index = RowIndex(tenant.links)
        self.rows = [index.of_customer(customer.id) for customer in self.customers]
        self.legal = frozenset(
            at for at, row in enumerate(self.rows) if row is None or row.cardinality is Cardinality.ONE_TO_ONE
        )
        self.open_companies = [
            at for at, company in enumerate(self.companies) if index.of_company(company.id) is None
        ]
        self._never = self._forbidden(aliases)
        self._known_as = self._known(aliases)
        self.sure = {
            pair.company: pair
            for pair in sure_pairs(
                self.company_names, self.customer_names, aliases=self._sure_aliases(), never=self._never
            )
        }
        self.options: dict[int, list[Option]] = {}
        self._fill()

    def is_free(self, customer: int) -> bool:
        """Whether a customer has no link."""
        return self.rows[customer] is None

    def may_be(self, company: int, customer: int) -> bool:
        """Whether the aliases leave open that a company is a customer."""
        return (company, customer) not in self._never

    def search(self) -> Search:
        """A search over the customers that a company could legally be linked to (R2 to R4)."""
        settled = {pair.customer for pair in self.sure.values()}
        return Search(self.company_names, self.customer_names, self.legal, settled)

    def _fill(self) -> None:
        to_search: list[int] = []
        for company in self.open_companies:
            pair = self.sure.get(company)
            if pair is not None and pair.customer in self.legal:
                self.options[company] = [Option(pair.customer, pair.tier, SCORES[pair.tier], None)]
            else:
                to_search.append(company)
        if not to_search:
            return
        spelled: dict[str, list[int]] = {}
        for at, name in enumerate(self.customer_names):
            twins = spelled.setdefault(name.spelling, [])
            if at in self.legal and len(twins) < MOST_TWINS:
                twins.append(at)
        search = self.search()
        found: dict[str, list[tuple[int, Weighed]]] = {}
        pairs: dict[int, list[tuple[int, Weighed]]] = {}
        for company in to_search:
            name = self.company_names[company]
            if name.spelling not in found:
                also = [*spelled.get(name.spelling, ()), *self._known_as.get(company, ())]
                found[name.spelling] = search.find(company, also)
            pairs[company] = [pair for pair in found[name.spelling] if (company, pair[0]) not in self._never]
        taken = {pair.customer for pair in self.sure.values()}
        for one in rank(pairs, self.company_names, taken):
            tier = self._tier(one.company, one.customer)
            option = Option(one.customer, tier, round(one.score, 4), one.weighed)
            self.options.setdefault(one.company, []).append(option)
        for company in pairs:
            if company in self.options:
                self.options[company].sort(key=_strength)

    def _tier(self, company: int, customer: int) -> Tier:
        """The tier of a pair that is not sure."""
        name = self.company_names[company]
        if name.spelling == self.customer_names[customer].spelling and not is_placeholder(name.words):
            return Tier.EXACT
        return Tier.ALIAS if customer in self._known_as.get(company, ()) else Tier.SIMILAR

    def _known(self, aliases: Aliases) -> dict[int, list[int]]:
        """Each company with an alias, and the customers that the alias could mean."""
        if not aliases.same:
            return {}
        by_key = _positions(self.customers)
        known: dict[int, list[int]] = {}
        for at, company in enumerate(self.companies):
            if targets := aliases.targets(company.name):
                known[at] = sorted({customer for target in targets for customer in by_key.get(target, ())})
        return known

    def _sure_aliases(self) -> dict[int, int]:
        """The aliases that mean one customer, which no other company's alias means as well."""
        claims: dict[int, list[int]] = {}
        for company, customers in self._known_as.items():
            if len(customers) == 1:
                claims.setdefault(customers[0], []).append(company)
        return {companies[0]: customer for customer, companies in claims.items() if len(companies) == 1}

    def _forbidden(self, aliases: Aliases) -> frozenset[tuple[int, int]]:
        if not aliases.never:
            return frozenset()
        return frozenset(
            (at, other)
            for at, company in enumerate(self.companies)
            if aliases.avoids(company.name)
            for other, customer in enumerate(self.customers)
            if aliases.forbids(company.name, customer)
        )


def _strength(option: Option) -> tuple[int, float, int]:
    return option.tier.rank, -option.score, option.customer


def _by_name(named: Named) -> tuple[str, str]:
    return named.name.casefold(), named.id


def _positions(customers: Sequence[Customer]) -> dict[str, list[int]]:
    """Positions by alias key and by id, a customer once under each."""
    found: dict[str, list[int]] = {}
    for at, customer in enumerate(customers):
        for key in {alias_key(customer.name), customer.id}:
            found.setdefault(key, []).append(at)
    return found
