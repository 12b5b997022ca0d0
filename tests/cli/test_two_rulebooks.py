"""SPEC 3 is stated twice: in Python for the client, in SQL for the sandbox's server. Here they are played
against each other: on random tenants, along random sequences of operations, they agree on every verdict.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import TypeAlias

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from qpmatch.matching.operations import (
    Change,
    Create,
    Edit,
    Match,
    Operation,
    Refusal,
    Step,
    StepKind,
    Unchanged,
    Unmatch,
)
from qpmatch.matching.rules import World, judge
from qpmatch.models import Cardinality, Company, Customer, Link, Side, Tenant
from qpmatch.sandbox import rules as server
from qpmatch.sandbox import schema
from qpmatch.sandbox.refusal import Refusal as ServerRefusal

COMPANIES = ("0", "1", "2", "3")
CUSTOMERS = ("a", "b", "c", "d")
GONE_COMPANY, GONE_CUSTOMER = "9", "z"
"""Ids that links and operations may name although their lists lack them."""

NAMES = ("Alpha", " Alpha ", "alpha", "Beta", "Caf\u00e9", "Cafe\u0301", "Delta")

company_ids = st.sampled_from((*COMPANIES, GONE_COMPANY))
customer_ids = st.sampled_from((*CUSTOMERS, GONE_CUSTOMER))


def _edits() -> st.SearchStrategy[Operation]:
    return st.one_of([_edit_of(member_side, side) for member_side in Side for side in Side])


def _edit_of(member_side: Side, side: Side) -> st.SearchStrategy[Operation]:
    ids = {Side.COMPANY: company_ids, Side.CUSTOMER: customer_ids}
    cell = st.lists(ids[side], max_size=3, unique=True).map(tuple)
    return st.builds(Edit, st.just(member_side), ids[member_side], st.just(side), cell)


operations: st.SearchStrategy[Operation] = st.one_of(
    st.builds(Match, company_ids, customer_ids),
    st.builds(Match, company_ids, customer_ids),
    st.builds(Create, company_ids),
    st.builds(Unmatch, company_ids, customer_ids),
    st.builds(Unmatch, company_ids),
    st.builds(Unmatch, st.none(), customer_ids),
    _edits(),
    _edits(),
    _edits(),
)

TenantStart: TypeAlias = tuple[list[str], list[str], set[tuple[str, str]]]

starts: st.SearchStrategy[TenantStart] = st.tuples(
    st.lists(st.sampled_from(NAMES), min_size=4, max_size=4),
    st.lists(st.sampled_from(NAMES), min_size=4, max_size=4),
    st.sets(st.tuples(company_ids, customer_ids), max_size=6),
)


@pytest.fixture(scope="module")
def db() -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    schema.add_functions(connection)
    for statement in schema.TABLES:
        connection.execute(statement)
    yield connection
    connection.close()


@given(start=starts, sequence=st.lists(operations, min_size=8, max_size=16))
@settings(max_examples=300, deadline=None)
def test_client_and_server_agree_on_every_verdict(
    db: sqlite3.Connection, start: TenantStart, sequence: list[Operation]
) -> None:
    _fill(db, start)
    for operation in sequence:
        _play(db, operation)


@given(start=starts)
@settings(max_examples=150, deadline=None)
def test_the_server_takes_a_link_where_match_or_an_edit_that_adds_would(
    db: sqlite3.Connection, start: TenantStart
) -> None:
    _fill(db, start)
    for company_id in (*COMPANIES, GONE_COMPANY):
        for customer_id in (*CUSTOMERS, GONE_CUSTOMER):
            _compare_link(db, Link(company_id, customer_id))


def _play(db: sqlite3.Connection, operation: Operation) -> None:
    """Let both judge ``operation``; where the client would act, its steps are carried out by the server."""
    tenant = _tenant(db)
    world = World(tenant)
    verdict = judge(world, operation)
    event(f"{type(operation).__name__}: {type(verdict).__name__}")
    if isinstance(operation, Match):
        _compare_link(db, Link(operation.company_id, operation.customer_id))
    if not isinstance(verdict, Change):
        _compare_refusal_or_rest(db, world, operation, verdict)
        assert _tenant(db) == tenant
        return
    assert verdict.steps
    many_to_many = _many_to_many(tenant)
    for step in verdict.steps:
        _carry_out(db, step)
        assert _many_to_many(_tenant(db)) <= many_to_many, f"{step} makes a many-to-many row"
    world.perform(verdict.steps)
    after = _tenant(db)
    assert _by_name(after) == _by_name(Tenant(world.companies, world.customers, _links(world)))
    if isinstance(operation, Edit):
        _compare_edit(tenant, after, operation)


def _compare_refusal_or_rest(
    db: sqlite3.Connection, world: World, operation: Operation, verdict: Unchanged | Refusal
) -> None:
    """What the client would not send, the server would not do."""
    match operation:
        case Create(company_id=company_id):
            assert _attempt(db, Step(StepKind.CREATE, company_id)) is not None
        case Unmatch():
            assert isinstance(verdict, Unchanged)
            ends = (operation.company_id, operation.customer_id)
            assert not [
                link
                for link in _links(world)
                if all(end in (None, part) for end, part in zip(ends, link, strict=True))
            ]


def _compare_link(db: sqlite3.Connection, link: Link) -> None:
    """One link: taken by the server iff the client allows it by ``match`` or by an ``edit`` that adds."""
    world = World(_tenant(db))
    match = judge(world, Match(*link))
    adding = [judge(world, edit) for edit in _edits_that_add(world, link)]
    allowed = any(isinstance(verdict, Change) for verdict in (match, *adding))
    refusal = _attempt(db, Step(StepKind.SAVE, *link), undo=True)
    if isinstance(match, Unchanged):
        assert refusal is None or refusal.status == 404  # a deleted end: nothing is sent, nothing is due
    elif allowed:
        assert refusal is None, f"the client allows {link}, the server: {refusal}"
    else:
        assert refusal is not None, f"the server takes {link}, the client: {match}"
        if isinstance(match, Refusal) and refusal.status == 409 and match.rule == "R4":
            assert refusal.code == "R4"


def _edits_that_add(world: World, link: Link) -> Iterator[Edit]:
    if row := world.rows.of_company(link.company_id):
        yield Edit(Side.COMPANY, link.company_id, Side.CUSTOMER, (*row.customer_ids, link.customer_id))
    if row := world.rows.of_customer(link.customer_id):
        yield Edit(Side.CUSTOMER, link.customer_id, Side.COMPANY, (*row.company_ids, link.company_id))


def _compare_edit(before: Tenant, after: Tenant, edit: Edit) -> None:
    """The row has its new cell, whole; whoever left is linked to nobody of it."""
    rows = World(after).rows
    row = rows.of_company(edit.ids[0]) if edit.side is Side.COMPANY else rows.of_customer(edit.ids[0])
    assert row is not None
    assert set(row.company_ids if edit.side is Side.COMPANY else row.customer_ids) == set(edit.ids)
    old = World(before).rows
    was = old.of_company(edit.member) if edit.member_side is Side.COMPANY else old.of_customer(edit.member)
    assert was is not None
    kept = was.customer_ids if edit.side is Side.COMPANY else was.company_ids
    assert (row.customer_ids if edit.side is Side.COMPANY else row.company_ids) == kept


def _attempt(db: sqlite3.Connection, step: Step, *, undo: bool = False) -> ServerRefusal | None:
    """What the server says to one write; what it refuses it leaves undone."""
    db.execute("SAVEPOINT attempt")
    try:
        _carry_out(db, step)
    except ServerRefusal as refusal:
        return refusal
    else:
        if undo:
            db.execute("ROLLBACK TO attempt")
        return None
    finally:
        db.execute("RELEASE attempt")


def _carry_out(db: sqlite3.Connection, step: Step) -> None:
    match step.kind:
        case StepKind.SAVE:
            server.link(db, step.company_id, step.customer_id)
        case StepKind.DELETE:
            server.unlink(db, step.company_id, step.customer_id)
        case StepKind.CREATE:
            server.create(db, step.company_id)


def _fill(db: sqlite3.Connection, start: TenantStart) -> None:
    company_names, customer_names, links = start
    for table in ("company", "customer", "link"):
        db.execute(f"DELETE FROM {table}")
    db.executemany("INSERT INTO company (id, name) VALUES (?, ?)", zip(COMPANIES, company_names, strict=True))
    db.executemany(
        "INSERT INTO customer (id, name) VALUES (?, ?)", zip(CUSTOMERS, customer_names, strict=True)
    )
    db.executemany("INSERT INTO link VALUES (?, ?)", links)


def _tenant(db: sqlite3.Connection) -> Tenant:
    return Tenant(
        {id_: Company(id_, name) for id_, name in db.execute("SELECT id, name FROM company")},
        {id_: Customer(id_, name) for id_, name in db.execute("SELECT id, name FROM customer")},
        frozenset(Link(*link) for link in db.execute("SELECT company_id, customer_id FROM link")),
    )


def _links(world: World) -> frozenset[Link]:
    return frozenset(link for row in world.rows.rows() for link in world.rows.links_of(row))


def _many_to_many(tenant: Tenant) -> set[Link]:
    """The links of many-to-many rows."""
    rows = World(tenant).rows
    return {
        link
        for row in rows.rows()
        if row.cardinality is Cardinality.MANY_TO_MANY
        for link in rows.links_of(row)
    }


def _by_name(tenant: Tenant) -> tuple[list[str], list[tuple[str, str]]]:
    """Customers and links with names for ids the two sides give differently."""
    customers = tenant.customers

    def known_as(id_: str) -> str:
        return id_ if id_ in (*CUSTOMERS, GONE_CUSTOMER) else f"made for {customers[id_].name.strip()}"

    return sorted(map(known_as, customers)), sorted((c, known_as(k)) for c, k in tenant.links)
