"""The plan that takes a run back: an ordinary plan, written before anything is sent (SPEC 6)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from qpmatch.matching.operations import Edit, StepKind
from qpmatch.matching.rows import RowIndex
from qpmatch.models import Cardinality, Customer, Link, MatchRow, Side, Tenant
from qpmatch.plan.build import company_ref, customer_ref, written
from qpmatch.plan.check import Judged
from qpmatch.plan.links import Links, row_links
from qpmatch.plan.model import (
    CompanyRef,
    CustomerRef,
    EditEntry,
    Entry,
    MatchEntry,
    PairBefore,
    Plan,
    RowBefore,
    RowRef,
    UnmatchEntry,
)


@dataclass(frozen=True, slots=True)
class Done:
    """An operation and what became of it: the links of its members, and the customer that it created.

    Written ahead, ``links`` are those that it leads to and ``created`` is ``None``.
    """

    judged: Judged
    links: Links
    created: Customer | None = None


def undo_plan(
    plan: Plan,
    done: Iterable[Done],
    tenant: Tenant,
    *,
    run_id: str,
    generated: datetime,
    generator: str,
) -> Plan:
    """The plan that reverses ``done``, the last operation first.

    ``before`` says how each row looks when the operation has been carried out, so that the undo refuses a row
    that somebody has changed since. What cannot be undone is said in the file.
    """
    writer = _Inverse(tenant)
    entries: list[Entry] = []
    comments: dict[int, str] = {}
    remarks = [f"Takes back the run {run_id}" + (f" of {plan.source}" if plan.source else "") + "."]
    for one in reversed(list(done)):
        entry, remark = writer.entry(one)
        if entry is None:
            remarks.append(f"Cannot be undone: operation {one.judged.index}, {remark}.")
            continue
        comments[len(entries)] = remark
        entries.append(entry)
    removed = writer.removed
    if removed:
        remarks.append(f"allow_removals: the {removed} links that go are those that the run made.")
    return Plan(
        version=1,
        region=plan.region,
        integration=plan.integration,
        generated=generated,
        generator=generator,
        allow_removals=removed or None,
        operations=tuple(entries),
    ).commented(comments, remarks)


class _Inverse:
    """Turns operations round; names come from the tenant as it was before the run."""

    def __init__(self, tenant: Tenant) -> None:
        self._tenant = tenant
        self.removed = 0

    def entry(self, done: Done) -> tuple[Entry | None, str]:
        """The entry that reverses an operation and a remark on it, or ``None`` and why there is none."""
        origin, now = done.judged.origin, done.links
        if any(step.kind is StepKind.CREATE for step in done.judged.steps):
            self.removed += 1
            company_id = done.judged.steps[0].company_id
            return self._uncreate(company_id, done.created), "the created customer itself is not deleted"
        lost, gained = origin - now, now - origin
        self.removed += len(gained)
        if not lost and len(gained) == 1:
            return self._unmatch(next(iter(gained)), now), f"takes back operation {done.judged.index}"
        remark = f"takes back operation {done.judged.index}"
        if not origin:
            return self._empty(gained), remark
        row = _row(origin)
        if row is None or row.cardinality is Cardinality.MANY_TO_MANY:
            return None, "which took links out of a many-to-many row; such a row cannot be made again"
        return self._restore(done.judged, row, lost, now), remark

    def _uncreate(self, company_id: str, customer: Customer | None) -> UnmatchEntry:
        """The id of the customer is known afterwards only; until then its name, the company's, stands in."""
        company = self._company(company_id)
        if customer is None:
            named = CustomerRef(name=company.name) if company.name else None
            return UnmatchEntry(action="unmatch", company=company, customer=named)
        return UnmatchEntry(
            action="unmatch",
            company=company,
            customer=CustomerRef(id=customer.id, name=written(customer.name)),
            before=PairBefore(company=(customer.id,), customer=(company_id,)),
        )

    def _unmatch(self, link: Link, now: Links) -> UnmatchEntry:
        rows = RowIndex(now)
        return UnmatchEntry(
            action="unmatch",
            company=self._company(link.company_id),
            customer=self._customer(link.customer_id),
            before=PairBefore(
                company=tuple(sorted(rows.customers_of(link.company_id))),
                customer=tuple(sorted(rows.companies_of(link.customer_id))),
            ),
        )

    def _empty(self, gained: Links) -> UnmatchEntry:
        """Takes a whole row away, by the member that all its links have."""
        row = RowIndex(gained).rows()[0]
        if row.one_side is Side.COMPANY:
            company = self._company(row.company_ids[0])
            before = PairBefore(company=row.customer_ids)
            return UnmatchEntry(action="unmatch", company=company, before=before)
        customer = self._customer(row.customer_ids[0])
        return UnmatchEntry(action="unmatch", customer=customer, before=PairBefore(customer=row.company_ids))

    def _restore(self, judged: Judged, row: MatchRow, lost: Links, now: Links) -> Entry:
        """``match`` for a single link between two who are free now; ``edit`` for everything else."""
        if len(lost) == 1 and not now:
            link = next(iter(lost))
            return MatchEntry(
                action="match",
                company=self._company(link.company_id),
                customer=self._customer(link.customer_id),
                before=PairBefore(company=(), customer=()),
            )
        side, before = _changed_cell(judged, row, now)
        if side is Side.COMPANY:
            return EditEntry(
                action="edit",
                row=RowRef(customer=self._customer(row.customer_ids[0])),
                companies=tuple(map(self._company, row.company_ids)),
                before=before,
            )
        return EditEntry(
            action="edit",
            row=RowRef(company=self._company(row.company_ids[0])),
            customers=tuple(map(self._customer, row.customer_ids)),
            before=before,
        )

    def _company(self, id_: str) -> CompanyRef:
        return company_ref(self._tenant, id_)

    def _customer(self, id_: str) -> CustomerRef:
        return customer_ref(self._tenant, id_)


def _row(links: Links) -> MatchRow | None:
    """The row that ``links`` make up; ``None`` unless they are one."""
    rows = RowIndex(links).rows()
    return rows[0] if len(rows) == 1 else None


def _changed_cell(judged: Judged, row: MatchRow, now: Links) -> tuple[Side, RowBefore]:
    """Which cell of ``row`` has to be put back, and how the row looks now."""
    companies = tuple(sorted({link.company_id for link in now}))
    customers = tuple(sorted({link.customer_id for link in now}))
    if now == row_links(companies, customers):
        if companies and companies == row.company_ids:
            return Side.CUSTOMER, RowBefore(companies=companies, customers=customers)
        if customers and customers == row.customer_ids:
            return Side.COMPANY, RowBefore(companies=companies, customers=customers)
    if isinstance(edit := judged.operation, Edit):
        # Half-way between two rows. No row can say so: the end of the edit does, and the journal the rest.
        ids = tuple(sorted(edit.ids))
        if edit.side is Side.COMPANY:
            return Side.COMPANY, RowBefore(companies=ids, customers=row.customer_ids)
        return Side.CUSTOMER, RowBefore(companies=row.company_ids, customers=ids)
    if row.one_side is Side.COMPANY:
        return Side.CUSTOMER, RowBefore(companies=row.company_ids, customers=())
    return Side.COMPANY, RowBefore(companies=(), customers=row.customer_ids)
