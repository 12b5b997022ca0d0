"""The nouns of the project (SPEC 2). They import nothing of the project and know nothing of files or HTTP."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple, Protocol


class Named(Protocol):
    """Anything that has an id and a name: a company, a customer, a row of an exported list."""

    @property
    def id(self) -> str:
        """The id as the datacentre sends it; ``"0"`` is a valid one."""

    @property
    def name(self) -> str:
        """The name as a person wrote it: plain text, never a pattern (R9)."""


@dataclass(frozen=True, slots=True)
class Company:
    """An Autotask company. ``id`` is a string; ``"0"`` is the MSP's own company."""

    id: str
    name: str
    active: bool = True
    type: str | None = None
    number: str | None = None
    city: str | None = None
    parent_id: str | None = None
    web: str | None = None


@dataclass(frozen=True, slots=True)
class Customer:
    """A CyberQP customer; ``integrations`` names the active ones in SPEC words (``autotask``, ``itglue``)."""

    id: str
    name: str
    integrations: tuple[str, ...] = ()


class Link(NamedTuple):
    """One (company, customer) pair that CyberQP holds."""

    company_id: str
    customer_id: str


class Side(StrEnum):
    """The two sides of a link."""

    COMPANY = "company"
    CUSTOMER = "customer"


class Cardinality(StrEnum):
    """The shape of a match row (SPEC 2)."""

    ONE_TO_ONE = "one-to-one"
    ONE_TO_MANY = "one-to-many"
    MANY_TO_MANY = "many-to-many"


@dataclass(frozen=True, slots=True)
class MatchRow:
    """A connected set of links, as one row of CyberQP's Customers page. Ids are sorted."""

    company_ids: tuple[str, ...]
    customer_ids: tuple[str, ...]

    @property
    def cardinality(self) -> Cardinality:
        """``one-to-many`` when exactly one side has more than one member, whichever side it is."""
        several = (len(self.company_ids) > 1) + (len(self.customer_ids) > 1)
        return (Cardinality.ONE_TO_ONE, Cardinality.ONE_TO_MANY, Cardinality.MANY_TO_MANY)[several]

    @property
    def one_side(self) -> Side | None:
        """Which side of a one-to-many row is the 1; ``None`` for the other two shapes."""
        if self.cardinality is not Cardinality.ONE_TO_MANY:
            return None
        return Side.COMPANY if len(self.company_ids) == 1 else Side.CUSTOMER


@dataclass(frozen=True)
class Tenant:
    """What one read of a datacentre saw: every company, every customer, every link.

    A link may name an id that its list lacks (a deleted customer, a company hidden from the API user).
    """

    companies: Mapping[str, Company] = field(default_factory=dict)
    customers: Mapping[str, Customer] = field(default_factory=dict)
    links: frozenset[Link] = frozenset()
