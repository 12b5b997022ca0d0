"""The exact tier alone (R1): dictionary work only, cheap enough for every ``list``."""

from __future__ import annotations

from collections import Counter

from qpmatch.matching.placeholders import names_nobody
from qpmatch.matching.spelling import spelling
from qpmatch.models import Customer, Tenant


def exact_suggestions(tenant: Tenant) -> dict[str, Customer]:
    """The preselected customer of each unmatched company, by company id.

    Every company and customer of the tenant counts for ambiguity, linked ones too: a spelling that two
    share on either side preselects nothing, and neither does a customer that already has a link, nor a
    placeholder such as "N/A" (SPEC 7).
    """
    company_spellings = {company.id: spelling(company.name) for company in tenant.companies.values()}
    companies_with = Counter(company_spellings.values())
    customers_with: dict[str, list[Customer]] = {}
    for customer in tenant.customers.values():
        customers_with.setdefault(spelling(customer.name), []).append(customer)
    linked_companies = {link.company_id for link in tenant.links}
    linked_customers = {link.customer_id for link in tenant.links}
    found: dict[str, Customer] = {}
    for company_id, text in company_spellings.items():
        twins = customers_with.get(text, ())
        if company_id in linked_companies or companies_with[text] > 1 or len(twins) != 1:
            continue
        if twins[0].id not in linked_customers and not names_nobody(text):
            found[company_id] = twins[0]
    return found
