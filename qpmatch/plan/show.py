"""Plans and verdicts as rows for people: what is planned, who is concerned, which links come and go."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from qpmatch.matching.operations import Create, Edit, Match, Refusal, StepKind, Unchanged, Unmatch
from qpmatch.models import Link, Side, Tenant
from qpmatch.plan.check import Checked, Judged
from qpmatch.plan.model import (
    Candidate,
    EditEntry,
    Entry,
    MatchEntry,
    Plan,
    Ref,
    ReviewEntry,
    UnmatchEntry,
    members,
)
from qpmatch.plan.result import Shown


@dataclass(frozen=True, slots=True)
class PlanRow:
    """One entry of a plan as ``qpmatch plan show`` tables it. ``index`` counts from 1."""

    index: int
    action: str
    companies: tuple[Shown, ...]
    customers: tuple[Shown, ...]
    tier: str | None
    score: float | None
    note: str


def plan_rows(plan: Plan) -> list[PlanRow]:
    """The entries of a plan, without a datacentre: names and ids as written."""
    return [_plan_row(index, entry) for index, entry in enumerate(plan.operations, start=1)]


def _plan_row(index: int, entry: Entry) -> PlanRow:
    companies, customers = as_written(entry)
    tier = score = None
    if not isinstance(entry, EditEntry | UnmatchEntry):
        tier, score = entry.tier, entry.score
    return PlanRow(index, entry.action, companies, customers, tier, score, _note(entry))


def _note(entry: Entry) -> str:
    match entry:
        case ReviewEntry():
            proposals = ", ".join(_candidate(candidate) for candidate in entry.candidates[:3])
            more = len(entry.candidates) - 3
            return f"to decide: {proposals or 'no candidates'}" + (f" and {more} more" if more > 0 else "")
        case MatchEntry():
            return ""
        case UnmatchEntry():
            return "" if entry.company and entry.customer else "all links"
        case EditEntry():
            return f"replaces the {entry.side} cell"
        case _:
            return "a new customer of this name"


def _candidate(candidate: Candidate) -> str:
    name = candidate.name or candidate.id or ""
    facts = " ".join(
        part
        for part in (candidate.tier, None if candidate.score is None else f"{candidate.score:.2f}")
        if part
    )
    return f"{name} ({facts})" if facts else name


def as_written(entry: Entry) -> tuple[tuple[Shown, ...], tuple[Shown, ...]]:
    """The companies and customers that an entry names; of an edit, the row as far as the entry tells it."""
    if isinstance(entry, EditEntry):
        cell = tuple(Shown(ref.id, ref.name) for ref in entry.cell)
        named = {ref.id: ref.name for _, ref in members(entry) if ref.id and ref.name}
        if entry.before is not None:
            ids = entry.before.customers if entry.side is Side.COMPANY else entry.before.companies
            kept = tuple(Shown(id_, named.get(id_)) for id_ in ids)
        elif entry.row.side is not entry.side:
            kept = (Shown(entry.row.member.id, entry.row.member.name),)
        else:
            kept = ()
        return (cell, kept) if entry.side is Side.COMPANY else (kept, cell)
    customer: Ref | None = entry.customer if isinstance(entry, MatchEntry | UnmatchEntry) else None
    return (
        (Shown(entry.company.id, entry.company.name),) if entry.company else (),
        (Shown(customer.id, customer.name),) if customer else (),
    )


def concerned(judged: Judged, tenant: Tenant) -> tuple[tuple[Shown, ...], tuple[Shown, ...]]:
    """The companies and customers of an operation by the names they have now; of an edit, the new row."""
    companies: Iterable[str]
    customers: Iterable[str]
    match judged.operation:
        case None:
            return as_written(judged.entry)
        case Match(company_id=company, customer_id=customer):
            companies, customers = (company,), (customer,)
        case Create(company_id=company):
            companies, customers = (company,), ()
        case Unmatch(company_id=company_or_none, customer_id=customer_or_none):
            gone = sorted(step.link for step in judged.steps)
            companies = [company_or_none] if company_or_none else [link.company_id for link in gone]
            customers = [customer_or_none] if customer_or_none else [link.customer_id for link in gone]
        case Edit() as edit:
            kept = edit.kept or _kept(judged, edit)
            companies, customers = (edit.ids, kept) if edit.side is Side.COMPANY else (kept, edit.ids)
    written = {(side, ref.id): ref.name for side, ref in members(judged.entry) if ref.name}

    def show(side: Side, ids: Iterable[str]) -> tuple[Shown, ...]:
        known = tenant.companies if side is Side.COMPANY else tenant.customers
        return tuple(
            Shown(id_, known[id_].name if id_ in known else written.get((side, id_)))
            for id_ in dict.fromkeys(ids)
        )

    return show(Side.COMPANY, companies), show(Side.CUSTOMER, customers)


def _kept(judged: Judged, edit: Edit) -> list[str]:
    """The members of the cell that an edit without ``before`` keeps, from the row as it is."""
    if edit.side is Side.COMPANY:
        return sorted({link.customer_id for link in judged.start})
    return sorted({link.company_id for link in judged.start})


@dataclass(frozen=True, slots=True)
class DiffRow:
    """What an operation would do, for the diff: pairs of company and customer that come and go.

    ``created`` are companies that get a new customer. Of an operation that is refused or changes nothing all
    three are empty, and ``reason`` says why; ``hint`` is the next command, where one would help.
    """

    index: int
    action: str
    place: str
    companies: tuple[Shown, ...]
    customers: tuple[Shown, ...]
    added: tuple[tuple[Shown, Shown], ...] = ()
    removed: tuple[tuple[Shown, Shown], ...] = ()
    created: tuple[Shown, ...] = ()
    refused: bool = False
    reason: str = ""
    hint: str | None = None


def diff(checked: Checked) -> list[DiffRow]:
    """What a plan would do, entry by entry."""
    return [_diff_row(checked, judged) for judged in checked.operations]


def _diff_row(checked: Checked, judged: Judged) -> DiffRow:
    companies, customers = concerned(judged, checked.tenant)
    place = checked.plan.place(judged.index - 1)

    def links(kind: StepKind) -> tuple[tuple[Shown, Shown], ...]:
        return tuple(_pair(checked.tenant, step.link) for step in judged.steps if step.kind is kind)

    created = [step.company_id for step in judged.steps if step.kind is StepKind.CREATE]
    refused, reason, hint = False, "", None
    match judged.verdict:
        case Refusal() as refusal:
            refused, reason, hint = True, refusal_text(refusal), refusal.hint
        case Unchanged(reason=reason):
            pass
        case None:
            reason = "left for review"
    return DiffRow(
        judged.index,
        judged.entry.action,
        place,
        companies,
        customers,
        links(StepKind.SAVE),
        links(StepKind.DELETE),
        tuple(Shown(id_, checked.tenant.companies[id_].name) for id_ in created),
        refused,
        reason,
        hint,
    )


def _pair(tenant: Tenant, link: Link) -> tuple[Shown, Shown]:
    company = tenant.companies.get(link.company_id)
    customer = tenant.customers.get(link.customer_id)
    return (
        Shown(link.company_id, company.name if company else None),
        Shown(link.customer_id, customer.name if customer else None),
    )


def refusal_text(refusal: Refusal) -> str:
    """A refusal in one line, with its rule where it is one of SPEC 3's."""
    is_rule = refusal.rule[:1] == "R" and refusal.rule[1:].isdigit()
    return f"{refusal.rule}: {refusal.reason}" if is_rule else refusal.reason
