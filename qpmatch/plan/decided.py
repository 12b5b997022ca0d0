"""The pairs that a person has decided for in a plan: what ``suggest --learn`` learns from."""

from __future__ import annotations

from collections.abc import Iterator

from qpmatch.models import Company, Customer
from qpmatch.plan.model import MatchEntry, Plan


def decided_pairs(plan: Plan) -> Iterator[tuple[Company, Customer]]:
    """The company and the customer of every ``match`` that names both; an id that is not given is empty."""
    for entry in plan.operations:
        if isinstance(entry, MatchEntry) and entry.company.name and entry.customer.name:
            yield (
                Company(entry.company.id or "", entry.company.name),
                Customer(entry.customer.id or "", entry.customer.name),
            )
