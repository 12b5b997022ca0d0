"""Sets of links around an operation: what it starts from, what it leads to, and everything in between."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby

from qpmatch.matching.operations import Edit, Step, StepKind
from qpmatch.matching.rows import RowIndex
from qpmatch.models import Link, MatchRow, Side

Member = tuple[Side, str]
"""A company or customer, by id."""

Links = frozenset[Link]


def row_links(company_ids: Iterable[str], customer_ids: Sequence[str]) -> Links:
    """Every company of a row with every customer: all links of a row that is not many-to-many."""
    return frozenset(Link(company, customer) for company in company_ids for customer in customer_ids)


def ends(links: Iterable[Link]) -> set[Member]:
    """The companies and customers of ``links``."""
    found: set[Member] = set()
    for link in links:
        found.update(((Side.COMPANY, link.company_id), (Side.CUSTOMER, link.customer_id)))
    return found


def links_at(rows: RowIndex, members: Iterable[Member]) -> Links:
    """Every link that touches one of ``members``."""
    found: set[Link] = set()
    for side, id_ in members:
        if side is Side.COMPANY:
            found.update(Link(id_, customer_id) for customer_id in rows.customers_of(id_))
        else:
            found.update(Link(company_id, id_) for company_id in rows.companies_of(id_))
    return frozenset(found)


def row_of(rows: RowIndex, member: Member) -> MatchRow | None:
    """The row of a member."""
    side, id_ = member
    return rows.of_company(id_) if side is Side.COMPANY else rows.of_customer(id_)


def with_rows(rows: RowIndex, members: Iterable[Member]) -> frozenset[Member]:
    """``members`` and all who share a row with one of them."""
    found: set[Member] = set()
    for member in members:
        if member in found:
            continue
        found.add(member)
        if row := row_of(rows, member):
            found.update((Side.COMPANY, id_) for id_ in row.company_ids)
            found.update((Side.CUSTOMER, id_) for id_ in row.customer_ids)
    return frozenset(found)


def after(links: Links, steps: Iterable[Step]) -> Links:
    """``links`` once ``steps`` are done; a create's link has no id to be counted by yet."""
    changed = set(links)
    for step in steps:
        if step.kind is StepKind.SAVE:
            changed.add(step.link)
        elif step.kind is StepKind.DELETE:
            changed.discard(step.link)
    return frozenset(changed)


def segments(steps: Iterable[Step]) -> list[tuple[Step, ...]]:
    """``steps`` cut where their kind changes: what may be sent together, in any order."""
    return [tuple(group) for _, group in groupby(steps, key=lambda step: step.kind)]


def is_on_the_way(start: Links, steps: Sequence[Step], live: Links) -> bool:
    """Whether ``live`` is what an interrupted run of ``steps`` leaves: whole segments, then a part of one."""
    done = start
    for segment in segments(steps):
        touched = {step.link for step in segment}
        if done ^ live <= touched:
            return True
        done = after(done, segment)
    return done == live


def edited(operation: Edit) -> Links:
    """The links of the row when its kept cell stays and the other has its new content."""
    if operation.side is Side.COMPANY:
        return row_links(operation.ids, operation.kept)
    return row_links(operation.kept, operation.ids)


def steps_between(live: Links, target: Links, side: Side, kept: Sequence[str]) -> tuple[Step, ...]:
    """From any state on the way to the end of an edit of ``side``, with no row many-to-many in between.

    As the rules order an edit's steps: links first where one member is kept, so that it is never alone;
    member by member where several are, so that none is linked to two.
    """
    missing, wrong = sorted(target - live), sorted(live - target)
    if len(kept) == 1:
        return (*_steps(StepKind.SAVE, missing), *_steps(StepKind.DELETE, wrong))
    ordered: list[Step] = []
    for id_ in kept:
        ordered += _steps(StepKind.DELETE, [link for link in wrong if _other_end(link, side) == id_])
        ordered += _steps(StepKind.SAVE, [link for link in missing if _other_end(link, side) == id_])
    return tuple(ordered)


def _steps(kind: StepKind, links: Iterable[Link]) -> list[Step]:
    return [Step(kind, *link) for link in links]


def _other_end(link: Link, side: Side) -> str:
    return link.customer_id if side is Side.COMPANY else link.company_id
