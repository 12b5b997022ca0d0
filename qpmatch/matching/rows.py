"""From links to match rows: the connected sets that CyberQP's Customers page shows (SPEC 2)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from qpmatch.models import Link, MatchRow


@dataclass(frozen=True, slots=True)
class RowIndex:
    """Every match row, and the row that each member stands in."""

    rows: tuple[MatchRow, ...]
    _companies: dict[str, MatchRow]
    _customers: dict[str, MatchRow]

    def of_company(self, company_id: str) -> MatchRow | None:
        """The row of a company, ``None`` when it is unmatched."""
        return self._companies.get(company_id)

    def of_customer(self, customer_id: str) -> MatchRow | None:
        """The row of a customer, ``None`` when it is unmatched."""
        return self._customers.get(customer_id)


def rows(links: Iterable[Link]) -> list[MatchRow]:
    """The connected sets of ``links``, ordered by their first company id, then customer id."""
    customers_of: dict[str, set[str]] = defaultdict(set)
    companies_of: dict[str, set[str]] = defaultdict(set)
    for company_id, customer_id in links:
        customers_of[company_id].add(customer_id)
        companies_of[customer_id].add(company_id)

    found: list[MatchRow] = []
    seen: set[str] = set()
    for start in customers_of:
        if start in seen:
            continue
        companies, customers, to_visit = {start}, set[str](), [start]
        while to_visit:
            for customer_id in customers_of[to_visit.pop()] - customers:
                customers.add(customer_id)
                new = companies_of[customer_id] - companies
                companies |= new
                to_visit.extend(new)
        seen |= companies
        found.append(MatchRow(tuple(sorted(companies)), tuple(sorted(customers))))
    return sorted(found, key=lambda row: (row.company_ids, row.customer_ids))


def row_index(links: Iterable[Link]) -> RowIndex:
    """The rows of ``links``, to be looked up by member."""
    found = rows(links)
    return RowIndex(
        rows=tuple(found),
        _companies={company_id: row for row in found for company_id in row.company_ids},
        _customers={customer_id: row for row in found for customer_id in row.customer_ids},
    )
