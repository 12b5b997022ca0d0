"""From what a plan names to what is there: refs to ids, entries to operations (SPEC 6)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from qpmatch.matching.operations import Create, Edit, Match, Operation, Refusal, Unmatch
from qpmatch.matching.refs import nearest
from qpmatch.matching.spelling import spelling
from qpmatch.models import Company, Customer, Side, Tenant
from qpmatch.plan.model import CreateEntry, EditEntry, Entry, MatchEntry, Ref, UnmatchEntry

UNRESOLVED = "ref"
"""What stands for a rule in a refusal of a name that means nobody, or several."""

_SHOWN = 3


class Names:
    """The companies and customers of a tenant, to be found by id or by name."""

    def __init__(self, tenant: Tenant) -> None:
        self._known: Mapping[Side, Mapping[str, Company] | Mapping[str, Customer]] = {
            Side.COMPANY: tenant.companies,
            Side.CUSTOMER: tenant.customers,
        }
        self._named: dict[Side, dict[str, list[str]]] = {}
        self._folded: dict[Side, dict[str, list[str]]] = {}

    def get(self, side: Side, id_: str) -> Company | Customer | None:
        """The company or customer with an id, ``None`` where there is none (any more)."""
        return self._known[side].get(id_)

    def ids(self, side: Side, ref: Ref) -> list[str]:
        """Every id that ``ref`` could mean. An id is taken as it is; whether it exists is another question.

        A name means those of its exact spelling, or where there are none, those that differ in case only.
        """
        if ref.id is not None:
            return [ref.id]
        wanted = spelling(ref.name or "")
        self._index(side)
        return self._named[side].get(wanted) or self._folded[side].get(wanted.casefold(), [])

    def one(self, side: Side, ref: Ref) -> str | Refusal:
        """The id that ``ref`` means, or why it means none (the nearest names) or several (their ids)."""
        found = self.ids(side, ref)
        if len(found) == 1:
            return found[0]
        if found:
            ids = ", ".join(found[:_SHOWN]) + (", ..." if len(found) > _SHOWN else "")
            return Refusal(
                UNRESOLVED,
                f"{ref.name!r} means {len(found)} {_plural(side)} (ids {ids})",
                f"give the id: {{id: '{found[0]}'}}",
            )
        return Refusal(
            UNRESOLVED, f"there is no {side} named {ref.name!r}", self._nearest(side, ref.name or "")
        )

    def _nearest(self, side: Side, name: str) -> str:
        if (by_id := self.get(side, name)) is not None:
            return f"{name} is the id of {by_id.name!r}: write {{id: '{name}'}}"
        near = nearest(name, self._known[side].values(), limit=_SHOWN)
        if not near:
            return f"there are no {_plural(side)} at all"
        return "the nearest are: " + ", ".join(f"{item.name!r} ({item.id})" for item in near)

    def _index(self, side: Side) -> None:
        if side in self._named:
            return
        named: dict[str, list[str]] = {}
        folded: dict[str, list[str]] = {}
        for item in self._known[side].values():
            spelled = spelling(item.name)
            named.setdefault(spelled, []).append(item.id)
            folded.setdefault(spelled.casefold(), []).append(item.id)
        self._named[side], self._folded[side] = named, folded


@dataclass(frozen=True, slots=True)
class Resolved:
    """An entry by id. ``refs`` are the members that it names, with the ids they came to."""

    operation: Operation
    refs: tuple[tuple[Side, str, Ref], ...]


def resolve(entry: Entry, names: Names) -> Resolved | Refusal:
    """The operation that ``entry`` stands for, or why a name in it cannot be told.

    Raises ``TypeError`` for a review, which is no operation.
    """
    resolver = _Resolver(names)
    match entry:
        case MatchEntry():
            company = resolver.id(Side.COMPANY, entry.company)
            customer = resolver.id(Side.CUSTOMER, entry.customer)
            operation: Operation = Match(company, customer)
        case CreateEntry():
            operation = Create(resolver.id(Side.COMPANY, entry.company))
        case UnmatchEntry():
            operation = _unmatch(entry, resolver)
        case EditEntry():
            operation = _edit(entry, resolver)
        case _:
            raise TypeError("a review is no operation")
    return resolver.refusal or Resolved(operation, tuple(resolver.refs))


class _Resolver:
    """Collects the ids of one entry's refs, and the first thing wrong with them."""

    def __init__(self, names: Names) -> None:
        self.names = names
        self.refs: list[tuple[Side, str, Ref]] = []
        self.refusal: Refusal | None = None

    def id(self, side: Side, ref: Ref) -> str:
        found = self.names.one(side, ref)
        if isinstance(found, Refusal):
            self.refusal = self.refusal or found
            return ""
        self.refs.append((side, found, ref))
        return found

    def ids(self, side: Side, refs: Iterable[Ref]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(self.id(side, ref) for ref in refs))


def _unmatch(entry: UnmatchEntry, resolver: _Resolver) -> Unmatch:
    company = None if entry.company is None else resolver.id(Side.COMPANY, entry.company)
    customer = None if entry.customer is None else resolver.id(Side.CUSTOMER, entry.customer)
    return Unmatch(company, customer)


def _edit(entry: EditEntry, resolver: _Resolver) -> Edit:
    member = resolver.id(entry.row.side, entry.row.member)
    cell = resolver.ids(entry.side, entry.cell)
    kept: tuple[str, ...] = ()
    refills = False
    if entry.before is not None:
        by_side = {Side.COMPANY: entry.before.companies, Side.CUSTOMER: entry.before.customers}
        other = Side.CUSTOMER if entry.side is Side.COMPANY else Side.COMPANY
        kept, refills = by_side[other], not by_side[entry.side]
    return Edit(entry.row.side, member, entry.side, cell, kept, refills)


def _plural(side: Side) -> str:
    return "companies" if side is Side.COMPANY else "customers"
