"""What a plan would change, company by company: the ``staged`` of ``list`` (SPEC 2)."""

from __future__ import annotations

from qpmatch.models import Side, Tenant
from qpmatch.plan.model import EditEntry, Plan, ReviewEntry
from qpmatch.plan.resolve import Names


def staged_companies(plan: Plan, tenant: Tenant) -> dict[str, str]:
    """The action that the plan holds for each company whose links it would change, by company id.

    Entries that name nobody, or nobody for sure, stage nothing; ``confirm`` says what is wrong with them.
    """
    names = Names(tenant)
    customer_companies: dict[str, set[str]] = {}
    for link in tenant.links:
        customer_companies.setdefault(link.customer_id, set()).add(link.company_id)
    staged: dict[str, str] = {}
    for entry in plan.operations:
        if isinstance(entry, ReviewEntry):
            continue
        company_ids: set[str] = set()
        if isinstance(entry, EditEntry):
            company_ids = _edited(entry, names, customer_companies)
        elif entry.company is not None:
            company_ids.update(names.ids(Side.COMPANY, entry.company))
        elif entry.customer is not None:
            for customer_id in names.ids(Side.CUSTOMER, entry.customer):
                company_ids |= customer_companies.get(customer_id, set())
        staged |= dict.fromkeys(company_ids, entry.action)
    return staged


def _edited(entry: EditEntry, names: Names, customer_companies: dict[str, set[str]]) -> set[str]:
    """The companies that gain or lose a link: those of one cell that changes, or all of the other cell."""
    members = set(names.ids(entry.row.side, entry.row.member))
    if entry.row.side is Side.COMPANY:
        row = members | set().union(
            *(companies for companies in customer_companies.values() if companies & members)
        )
    else:
        row = set().union(*(customer_companies.get(customer_id, set()) for customer_id in members))
    if entry.side is Side.CUSTOMER:
        return row
    return row ^ {company_id for ref in entry.cell for company_id in names.ids(Side.COMPANY, ref)}
