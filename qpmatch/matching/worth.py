"""Which companies of a tenant are worth a suggestion: leads, vendors and the like mostly are not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping

from qpmatch.models import Company, Tenant

OWN_COMPANY = "0"
"""The id of the MSP's own company (AUTOTASK.md B4)."""


def worth_matching(
    tenant: Tenant, *, types: Collection[str], active_only: bool, own: bool
) -> tuple[frozenset[str], Mapping[str, int]]:
    """The ids of the companies to suggest for, and how many unmatched ones are left out, by reason.

    ``types`` are the company types to keep, compared without case; empty keeps every type. ``own`` keeps the
    MSP's own company. A company is counted under the first reason that fits.
    """
    wanted = {name.casefold() for name in types}
    linked = {link.company_id for link in tenant.links}
    kept: set[str] = set()
    left_out: Counter[str] = Counter()
    for company in tenant.companies.values():
        reason = _reason(company, wanted, active_only=active_only, own=own)
        if reason is None:
            kept.add(company.id)
        elif company.id not in linked:
            left_out[reason] += 1
    return frozenset(kept), dict(sorted(left_out.items()))


def _reason(company: Company, types: set[str], *, active_only: bool, own: bool) -> str | None:
    if company.id == OWN_COMPANY and not own:
        return "your own company (id 0)"
    if active_only and not company.active:
        return "inactive"
    if types and (company.type or "").casefold() not in types:
        return f"of type {company.type or 'unknown'}"
    return None
