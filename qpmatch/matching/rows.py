"""From links to match rows: the connected sets that CyberQP's Customers page shows (SPEC 2)."""

from __future__ import annotations

from collections.abc import Iterable

from qpmatch.models import Link, MatchRow


class RowIndex:
    """The links of a tenant, to be asked for the row of a member. Links can come and go."""

    def __init__(self, links: Iterable[Link] = ()) -> None:
        self._customers_of: dict[str, set[str]] = {}
        self._companies_of: dict[str, set[str]] = {}
        for link in links:
            self.add(link)

    def __contains__(self, link: Link) -> bool:
        return link.customer_id in self._customers_of.get(link.company_id, ())

    def add(self, link: Link) -> None:
        """Hold ``link``; a link already held stays one link."""
        self._customers_of.setdefault(link.company_id, set()).add(link.customer_id)
        self._companies_of.setdefault(link.customer_id, set()).add(link.company_id)

    def remove(self, link: Link) -> None:
        """Let ``link`` go; raises ``KeyError`` when it is not held."""
        for members, key, value in (
            (self._customers_of, link.company_id, link.customer_id),
            (self._companies_of, link.customer_id, link.company_id),
        ):
            members[key].remove(value)
            if not members[key]:
                del members[key]

    def customers_of(self, company_id: str) -> frozenset[str]:
        """The ids of the customers linked to a company."""
        return frozenset(self._customers_of.get(company_id, ()))

    def companies_of(self, customer_id: str) -> frozenset[str]:
        """The ids of the companies linked to a customer."""
        return frozenset(self._companies_of.get(customer_id, ()))

    def of_company(self, company_id: str) -> MatchRow | None:
        """The row of a company, ``None`` when it is unmatched."""
        if company_id not in self._customers_of:
            return None
        companies, customers, to_visit = {company_id}, set[str](), [company_id]
        while to_visit:
            for customer_id in self._customers_of[to_visit.pop()] - customers:
                customers.add(customer_id)
                new = self._companies_of[customer_id] - companies
                companies |= new
                to_visit.extend(new)
        return MatchRow(tuple(sorted(companies)), tuple(sorted(customers)))

    def of_customer(self, customer_id: str) -> MatchRow | None:
        """The row of a customer, ``None`` when it is unmatched."""
        companies = self._companies_of.get(customer_id)
        return self.of_company(next(iter(companies))) if companies else None

    def links_of(self, row: MatchRow) -> frozenset[Link]:
        """The links that make up a row."""
        return frozenset(
            Link(company_id, customer_id)
            for company_id in row.company_ids
            for customer_id in self._customers_of.get(company_id, ())
        )

    def rows(self) -> list[MatchRow]:
        """Every row, ordered by company ids, then customer ids."""
        found: list[MatchRow] = []
        seen: set[str] = set()
        for company_id in self._customers_of:
            if company_id not in seen and (row := self.of_company(company_id)):
                seen.update(row.company_ids)
                found.append(row)
        return sorted(found, key=lambda row: (row.company_ids, row.customer_ids))
