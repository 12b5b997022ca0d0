"""An MSP while it is being made up: companies and customers without ids, and names that do not repeat."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from qpmatch.sandbox.words import ENDINGS, FORMS, STEMS, SURNAMES, TRADES

T = TypeVar("T")


@dataclass(eq=False, slots=True)
class DraftCompany:
    """A company to be; ``own`` marks the MSP's own one, which gets the id ``0``."""

    name: str
    type: str
    active: bool
    parent: DraftCompany | None
    own: bool
    id: str = ""


@dataclass(eq=False, slots=True)
class DraftCustomer:
    """A customer to be; ``itglue`` says that it came from IT Glue."""

    name: str
    itglue: bool
    id: str = ""


class Draft:
    """Collects what the kinds build.

    Everything random comes from ``random.Random(seed).random()``, the one method whose sequence Python
    promises to keep: a seed means the same MSP on every machine and version.
    """

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed).random  # noqa: S311 - made-up names, no secret
        self._cores = _Cores(self)
        self._used: set[str] = set()
        self.companies: list[DraftCompany] = []
        self.customers: list[DraftCustomer] = []
        self.links: list[tuple[DraftCompany, DraftCustomer]] = []

    def company(
        self,
        name: str,
        *,
        type: str = "Customer",
        active: bool = True,
        parent: DraftCompany | None = None,
        own: bool = False,
    ) -> DraftCompany:
        """Add a company."""
        company = DraftCompany(name, type, active, parent, own)
        self.companies.append(company)
        return company

    def customer(self, name: str, *, itglue: bool | None = None) -> DraftCustomer:
        """Add a customer; unless told, one in four has been imported from IT Glue."""
        customer = DraftCustomer(name, self.chance(0.25) if itglue is None else itglue)
        self.customers.append(customer)
        return customer

    def link(self, company: DraftCompany, customer: DraftCustomer) -> None:
        """Link the two."""
        self.links.append((company, customer))

    def number(self, below: int) -> int:
        """A whole number from 0 to ``below`` - 1."""
        return int(self._random() * below)

    def chance(self, share: float) -> bool:
        """True in this share of all cases."""
        return self._random() < share

    def choice(self, among: Sequence[T]) -> T:
        """One of them."""
        return among[self.number(len(among))]

    def shuffle(self, items: list[T]) -> None:
        """Put a list into random order, in place."""
        for last in range(len(items) - 1, 0, -1):
            other = self.number(last + 1)
            items[last], items[other] = items[other], items[last]

    def core_parts(self) -> tuple[str, str]:
        """A name in its two parts, such as ("Fernridge", "Dental"); no pair comes twice."""
        return self._cores.next()

    def core(self) -> str:
        """A name without a legal form; none comes twice."""
        return " ".join(self.core_parts())

    def form(self) -> str:
        """A legal form as it stands behind a name, often none."""
        return self.choice(FORMS)

    def name(self) -> str:
        """A name, often with a legal form; no two share what stands before the form."""
        return self.core() + self.form()

    def other_trade(self, trade: str) -> str:
        """A trade that is not ``trade``."""
        return self.choice([other for other in TRADES if other != trade])

    def unused(self, make: Callable[[], str]) -> str:
        """A name from ``make`` that was not given out before; a plain one when it runs out of new ones."""
        for _ in range(30):
            name = make()
            if name not in self._used:
                self._used.add(name)
                return name
        return self.name()


class _Cores:
    """Gives out pairs of a first word and a trade in random order, each once."""

    def __init__(self, draft: Draft) -> None:
        places = [
            stem + ending
            for stem in STEMS
            for ending in ENDINGS
            if stem.lower() != ending and stem[-1] != ending[0]
        ]
        self._firsts = [*SURNAMES, *places]
        draft.shuffle(self._firsts)
        self._trades = list(TRADES)
        draft.shuffle(self._trades)
        self._given = 0

    def next(self) -> tuple[str, str]:
        """Walk along the diagonals of firsts x trades, so that neighbours share neither."""
        given, width, height = self._given, len(self._firsts), len(self._trades)
        if given >= width * height:
            raise ValueError(f"there are {width * height} names, not more")
        self._given += 1
        turn, first = divmod(given, width)
        return self._firsts[first], self._trades[(first + turn) % height]
