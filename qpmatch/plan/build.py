"""Plans made by the program: from suggestions, and from what a verb was asked to do."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from qpmatch import __version__
from qpmatch.matching.operations import Create, Edit, Match, Operation, Unmatch
from qpmatch.matching.rows import RowIndex
from qpmatch.matching.suggestion import Decision, Suggestion
from qpmatch.models import Side, Tenant
from qpmatch.plan.links import row_of
from qpmatch.plan.model import (
    Candidate,
    CompanyRef,
    CreateEntry,
    CustomerRef,
    EditEntry,
    Entry,
    MatchEntry,
    PairBefore,
    Plan,
    ReviewEntry,
    RowBefore,
    RowRef,
    UnmatchEntry,
)


def plan_from_suggestions(
    suggestions: Iterable[Suggestion], tenant: Tenant, *, region: str, integration: str, now: datetime
) -> Plan:
    """The plan that ``suggest --plan`` writes: ``match`` for what is decided, ``review`` for what is not yet.

    Companies with nothing to suggest are left out. Each entry's reason stands beside its action.
    """
    writer = _Writer(tenant)
    entries: list[Entry] = []
    comments: dict[int, str] = {}
    for suggestion in suggestions:
        if suggestion.decision is Decision.NONE:
            continue
        comments[len(entries)] = (
            f"{suggestion.tier}: {suggestion.reason}" if suggestion.tier else suggestion.reason
        )
        entries.append(_suggested(suggestion, writer))
    return _plan(entries, region, integration, now).commented(comments)


def plan_of(
    operations: Sequence[Operation], tenant: Tenant, *, region: str, integration: str, now: datetime
) -> Plan:
    """The plan of what a verb was asked to do, with names and ``before`` as the tenant has them."""
    writer = _Writer(tenant)
    return _plan([writer.entry(operation) for operation in operations], region, integration, now)


def _plan(entries: Sequence[Entry], region: str, integration: str, now: datetime) -> Plan:
    facts: dict[str, Any] = {"version": 1, "region": region, "integration": integration}
    return Plan(**facts, generated=now, generator=f"qpmatch {__version__}", operations=tuple(entries))


def _suggested(suggestion: Suggestion, writer: _Writer) -> Entry:
    company_id = suggestion.company.id
    if suggestion.decision is Decision.MATCH and suggestion.customer is not None:
        return MatchEntry(
            action="match",
            company=writer.company(company_id),
            customer=writer.customer(suggestion.customer.id),
            tier=suggestion.tier.value if suggestion.tier else None,
            score=float(suggestion.score),
            before=writer.pair_before(company_id, suggestion.customer.id),
        )
    return ReviewEntry(
        action="review",
        company=writer.company(company_id),
        candidates=tuple(
            Candidate(
                id=candidate.customer.id,
                name=written(candidate.customer.name),
                tier=candidate.tier.value,
                score=float(candidate.score),
                reason=candidate.reason,
            )
            for candidate in suggestion.candidates
        ),
    )


class _Writer:
    """Entries for operations by id: the tenant knows the names, and the links for ``before``."""

    def __init__(self, tenant: Tenant) -> None:
        self._tenant = tenant
        self._rows = RowIndex(tenant.links)

    def entry(self, operation: Operation) -> Entry:
        match operation:
            case Match(company_id=company, customer_id=customer):
                return MatchEntry(
                    action="match",
                    company=self.company(company),
                    customer=self.customer(customer),
                    before=self.pair_before(company, customer),
                )
            case Create(company_id=company):
                return CreateEntry(
                    action="create", company=self.company(company), before=self.pair_before(company, None)
                )
            case Unmatch(company_id=company_or_none, customer_id=customer_or_none):
                return UnmatchEntry(
                    action="unmatch",
                    company=None if company_or_none is None else self.company(company_or_none),
                    customer=None if customer_or_none is None else self.customer(customer_or_none),
                    before=self.pair_before(company_or_none, customer_or_none),
                )
            case Edit():
                return self._edit(operation)

    def _edit(self, edit: Edit) -> EditEntry:
        row = row_of(self._rows, (edit.member_side, edit.member))
        return EditEntry(
            action="edit",
            row=RowRef(company=self.company(edit.member))
            if edit.member_side is Side.COMPANY
            else RowRef(customer=self.customer(edit.member)),
            companies=tuple(map(self.company, edit.ids)) if edit.side is Side.COMPANY else None,
            customers=tuple(map(self.customer, edit.ids)) if edit.side is Side.CUSTOMER else None,
            before=None if row is None else RowBefore(companies=row.company_ids, customers=row.customer_ids),
        )

    def pair_before(self, company_id: str | None, customer_id: str | None) -> PairBefore:
        """The links that the two have, of each that is named."""
        return PairBefore(
            company=None if company_id is None else tuple(sorted(self._rows.customers_of(company_id))),
            customer=None if customer_id is None else tuple(sorted(self._rows.companies_of(customer_id))),
        )

    def company(self, id_: str) -> CompanyRef:
        return company_ref(self._tenant, id_)

    def customer(self, id_: str) -> CustomerRef:
        return customer_ref(self._tenant, id_)


def company_ref(tenant: Tenant, id_: str) -> CompanyRef:
    """A company by id, with its name where it is known, and marked when it is inactive."""
    company = tenant.companies.get(id_)
    if company is None:
        return CompanyRef(id=id_)
    return CompanyRef(id=id_, name=written(company.name), active=company.active)


def customer_ref(tenant: Tenant, id_: str) -> CustomerRef:
    """A customer by id, with its name where it is known."""
    customer = tenant.customers.get(id_)
    return CustomerRef(id=id_, name=written(customer.name) if customer else None)


def written(name: str) -> str | None:
    """A name that a file can hold. Half a surrogate pair is no character: such a name is left to the id."""
    has_half = any("\ud800" <= character <= "\udfff" for character in name)
    return None if has_half else name or None
