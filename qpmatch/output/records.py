"""The JSON shapes of ``list`` and ``suggest`` (SPEC 5): keys are only added, never renamed or dropped."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from qpmatch.matching.rows import RowIndex
from qpmatch.matching.suggestion import Suggestion
from qpmatch.models import Cardinality, Company, Customer, Named, Tenant

SUGGESTED, UNMATCHED, MATCHED = "suggested", "unmatched", "matched"


def pair(item: Named) -> dict[str, str]:
    """The ``{"id", "name"}`` of a company or customer."""
    return {"id": item.id, "name": item.name}


def alphabetical(items: Iterable[Any]) -> list[Any]:
    """Companies or customers by case-folded name, then id (SPEC 4)."""
    return sorted(items, key=lambda item: (item.name.casefold(), item.id))


def company_records(
    tenant: Tenant, suggestions: Mapping[str, Customer], staged: Mapping[str, str]
) -> list[dict[str, Any]]:
    """``list companies``: ``suggestions`` and ``staged`` (the action) are keyed by company id."""
    index = RowIndex(tenant.links)
    records = []
    for company in alphabetical(tenant.companies.values()):
        row = index.of_company(company.id)
        suggestion = suggestions.get(company.id)
        parent = tenant.companies.get(company.parent_id) if company.parent_id else None
        records.append(
            {
                "id": company.id,
                "name": company.name,
                "type": company.type,
                "active": company.active,
                "status": MATCHED if row else SUGGESTED if suggestion else UNMATCHED,
                "customers": _pairs(index.customers_of(company.id), tenant.customers),
                "cardinality": row.cardinality.value if row else None,
                "suggestion": pair(suggestion) if suggestion else None,
                "staged": staged.get(company.id),
                "number": company.number,
                "city": company.city,
                "parent": pair(parent) if parent else None,
                "web": company.web,
            }
        )
    return records


def customer_records(tenant: Tenant) -> list[dict[str, Any]]:
    """``list customers``: as the picker shows them, so without members of many-to-many rows (R4)."""
    index = RowIndex(tenant.links)
    records = []
    for customer in alphabetical(tenant.customers.values()):
        row = index.of_customer(customer.id)
        if row and row.cardinality is Cardinality.MANY_TO_MANY:
            continue
        records.append(
            {
                "id": customer.id,
                "name": customer.name,
                "integrations": list(customer.integrations),
                "companies": _pairs(index.companies_of(customer.id), tenant.companies),
                "status": MATCHED if row else UNMATCHED,
                "cardinality": row.cardinality.value if row else None,
            }
        )
    return records


def match_records(tenant: Tenant) -> list[dict[str, Any]]:
    """``list matches``: the rows of the Customers page, by the name of their first company."""
    records = [
        {
            "companies": _pairs(row.company_ids, tenant.companies),
            "customers": _pairs(row.customer_ids, tenant.customers),
            "cardinality": row.cardinality.value,
            "one_side": row.one_side.value if row.one_side else None,
        }
        for row in RowIndex(tenant.links).rows()
    ]
    return sorted(records, key=_first_company)


def _first_company(record: Mapping[str, Any]) -> tuple[str, str]:
    first = record["companies"][0]
    return first["name"].casefold(), first["id"]


def suggestion_records(suggestions: Iterable[Suggestion]) -> list[dict[str, Any]]:
    """``suggest``: one record a company."""
    return [
        {
            "company": pair(suggestion.company),
            "customer": pair(suggestion.customer) if suggestion.customer else None,
            "tier": suggestion.tier.value if suggestion.tier else None,
            "score": suggestion.score,
            "decision": suggestion.decision.value,
            "reason": suggestion.reason,
            "candidates": [
                {
                    **pair(candidate.customer),
                    "tier": candidate.tier.value,
                    "score": candidate.score,
                    "reason": candidate.reason,
                }
                for candidate in suggestion.candidates
            ],
        }
        for suggestion in suggestions
    ]


def _pairs(ids: Iterable[str], known: Mapping[str, Company] | Mapping[str, Customer]) -> list[dict[str, str]]:
    """Pairs by name; a member that its list lacks is shown by its id."""
    pairs = [{"id": id_, "name": known[id_].name if id_ in known else id_} for id_ in ids]
    return sorted(pairs, key=lambda item: (item["name"].casefold(), item["id"]))
