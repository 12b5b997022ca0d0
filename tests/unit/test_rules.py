"""R2 to R6 and R8 as the tables of SPEC 3 say, and as properties that hold whatever is asked."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qpmatch.matching.operations import (
    Change,
    Create,
    Edit,
    Match,
    Operation,
    Refusal,
    StepKind,
    Unchanged,
    Unmatch,
    Verdict,
)
from qpmatch.matching.rows import RowIndex
from qpmatch.matching.rules import NEW_CUSTOMER, World, judge
from qpmatch.models import Cardinality, Company, Customer, Link, Side, Tenant
from tests.unit.plan_worlds import operations, tenants


def world(*links: str) -> World:
    return World(
        Tenant(
            {id_: Company(id_, id_.upper()) for id_ in "abcdef"},
            {id_: Customer(id_, id_.upper()) for id_ in "uvwxyz"},
            frozenset(Link(*link) for link in links),
        )
    )


def say(verdict: Verdict) -> str:
    match verdict:
        case Change(steps):
            signs = {StepKind.SAVE: "+", StepKind.DELETE: "-", StepKind.CREATE: "*"}
            return " ".join(signs[step.kind] + step.company_id + step.customer_id for step in steps)
        case Unchanged():
            return "unchanged"
        case Refusal(rule):
            return rule


def edit(member: str, cell: str) -> Edit:
    side = Side.COMPANY if cell[:1] in "abcdef" else Side.CUSTOMER
    return Edit(Side.COMPANY if member in "abcdef" else Side.CUSTOMER, member, side, tuple(cell))


@pytest.mark.parametrize(
    ("links", "operation", "verdict"),
    [
        ("", Match("a", "u"), "+au"),
        ("au", Match("a", "u"), "unchanged"),
        ("bu", Match("a", "u"), "+au"),
        ("bu cu", Match("a", "u"), "R3"),
        ("bu bv", Match("a", "u"), "R3"),
        ("av", Match("a", "u"), "R3"),
        ("av aw", Match("a", "u"), "R3"),
        ("av bv", Match("a", "u"), "R3"),
        ("av aw bv", Match("a", "u"), "R4"),
        ("bu bv cv", Match("a", "u"), "R4"),
        ("", Match("nobody", "u"), "R7"),
        ("", Match("a", "nobody"), "R7"),
        ("", Create("a"), "*a"),
        ("au", Create("a"), "R6"),
        ("", Create("nobody"), "R7"),
        ("au", Unmatch("a", "u"), "-au"),
        ("au av", Unmatch("a"), "-au -av"),
        ("au bu", Unmatch(None, "u"), "-au -bu"),
        ("", Unmatch("a"), "unchanged"),
        ("av", Unmatch("a", "u"), "unchanged"),
        ("au av bu", Unmatch("a", "u"), "-au"),
        ("au", edit("a", "ab"), "+bu"),
        ("au", edit("u", "ab"), "+bu"),
        ("au", edit("a", "uv"), "+av"),
        ("au", edit("a", "b"), "+bu -au"),
        ("au", edit("a", "a"), "unchanged"),
        ("au bu", edit("u", "a"), "-bu"),
        ("au bu", edit("u", "bc"), "+cu -au"),
        ("au bu", edit("u", "v"), "-au +av -bu +bv"),
        ("au bu", edit("a", "uv"), "R5"),
        ("au av", edit("a", "bc"), "R5"),
        ("au av", edit("a", "b"), "-au +bu -av +bv"),
        ("au", Edit(Side.COMPANY, "a", Side.COMPANY, ()), "R5"),
        ("", edit("a", "ab"), "R5"),
        ("au bv", edit("a", "ab"), "R5"),
        ("au av bu", edit("a", "a"), "R4"),
        ("au", edit("a", "u"), "unchanged"),
    ],
)
def test_the_rules(links: str, operation: Operation, verdict: str) -> None:
    assert say(judge(world(*links.split()), operation)) == verdict


def test_a_customer_of_that_name_is_matched_and_not_made_again() -> None:
    there = world()
    there.customers["n"] = Customer("n", "A")
    there = World(Tenant(there.companies, there.customers))
    refusal = judge(there, Create("a"))
    assert isinstance(refusal, Refusal)
    assert (refusal.rule, refusal.hint) == ("R6", "to link it: qpmatch match id:a id:n")
    there.rows.add(Link("a", "n"))
    assert isinstance(judge(there, Create("a")), Unchanged)


def test_a_created_customer_is_linked_and_keeps_others_from_its_name() -> None:
    there = world()
    verdict = judge(there, Create("a"))
    assert isinstance(verdict, Change)
    there.perform(verdict.steps)
    assert there.rows.customers_of("a") == {NEW_CUSTOMER + "a"}
    assert isinstance(judge(there, Create("a")), Unchanged)


@pytest.mark.parametrize(
    ("links", "operation", "command"),
    [
        ("av", Match("a", "u"), "qpmatch edit id:a --add-customer id:u"),
        ("bu cu", Match("a", "u"), "qpmatch edit id:u --add-company id:a"),
        ("bu bv", Match("a", "u"), "qpmatch edit id:b --remove-customer id:u"),
        ("av bv", Match("a", "u"), "qpmatch edit id:v --remove-company id:a"),
        ("au", Edit(Side.COMPANY, "a", Side.COMPANY, ()), "qpmatch unmatch id:a --all"),
        ("au bv", edit("a", "ab"), "qpmatch unmatch id:b"),
        ("au", Create("a"), "qpmatch unmatch id:a"),
    ],
)
def test_a_refusal_names_the_command_that_would_do_it(links: str, operation: Operation, command: str) -> None:
    verdict = judge(world(*links.split()), operation)
    assert isinstance(verdict, Refusal)
    assert command in (verdict.hint or "")
    assert verdict.reason


def many_to_many(links: Iterable[Link]) -> set[frozenset[Link]]:
    return {
        frozenset(Link(company, customer) for company in row.company_ids for customer in row.customer_ids)
        for row in RowIndex(links).rows()
        if row.cardinality is Cardinality.MANY_TO_MANY
    }


@given(tenants(many_to_many=True), st.lists(operations(), max_size=15))
@settings(max_examples=300, deadline=None)
def test_no_sequence_of_operations_makes_a_many_to_many_row(
    tenant: Tenant, sequence: list[Operation]
) -> None:
    """Nor does any single step on the way, and no company or customer comes to belong to two rows."""
    there = World(tenant)
    for operation in sequence:
        verdict = judge(there, operation)
        for step in verdict.steps if isinstance(verdict, Change) else ():
            before = many_to_many(link for row in there.rows.rows() for link in there.rows.links_of(row))
            there.perform([step])
            after = many_to_many(link for row in there.rows.rows() for link in there.rows.links_of(row))
            assert all(any(row <= old for old in before) for row in after)


@given(tenants(many_to_many=True), operations())
@settings(max_examples=300, deadline=None)
def test_judging_changes_nothing(tenant: Tenant, operation: Operation) -> None:
    there = World(tenant)
    judge(there, operation)
    assert there.rows.rows() == RowIndex(tenant.links).rows()
    assert there.companies == tenant.companies
    assert there.customers == tenant.customers


@given(tenants(many_to_many=True), operations())
@settings(max_examples=300, deadline=None)
def test_what_was_done_is_unchanged_the_second_time(tenant: Tenant, operation: Operation) -> None:
    there = World(tenant)
    verdict = judge(there, operation)
    if not isinstance(verdict, Change):
        return
    there.perform(verdict.steps)
    again = judge(there, operation)
    leaves = isinstance(operation, Edit) and operation.member_side is operation.side
    if leaves and isinstance(operation, Edit) and operation.member not in operation.ids:
        # The row is named by a member that has left it; a plan's `before` tells it all the same.
        assert isinstance(again, Refusal)
    else:
        assert isinstance(again, Unchanged)


@given(tenants(), operations())
@settings(max_examples=300, deadline=None)
def test_a_saved_link_is_to_be_had_back_by_its_removal(tenant: Tenant, operation: Operation) -> None:
    there = World(tenant)
    verdict = judge(there, operation)
    if not isinstance(verdict, Change) or not isinstance(operation, Match | Unmatch):
        return
    there.perform(verdict.steps)
    if isinstance(operation, Match):
        back = judge(there, Unmatch(operation.company_id, operation.customer_id))
        assert isinstance(back, Change)
        there.perform(back.steps)
    else:
        gone = [step.link for step in verdict.steps]
        one_side = Side.COMPANY if len({link.company_id for link in gone}) == 1 else Side.CUSTOMER
        if len(gone) == 1 and there.rows.of_company(gone[0].company_id) is None:
            one_side = Side.CUSTOMER
        ids, kept = restored(tenant, gone, one_side)
        side = Side.CUSTOMER if one_side is Side.COMPANY else Side.COMPANY
        back = judge(there, Edit(one_side, kept, side, ids, (kept,), refills=True))
        assert isinstance(back, Change)
        there.perform(back.steps)
    assert there.rows.rows() == RowIndex(tenant.links).rows()


def restored(tenant: Tenant, gone: list[Link], one_side: Side) -> tuple[tuple[str, ...], str]:
    """The cell that a row had before ``gone`` went, and the single member of its other cell."""
    if one_side is Side.COMPANY:
        kept = gone[0].company_id
        return tuple(sorted(c for a, c in tenant.links if a == kept)), kept
    kept = gone[0].customer_id
    return tuple(sorted(a for a, c in tenant.links if c == kept)), kept
