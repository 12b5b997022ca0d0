from __future__ import annotations

from dataclasses import replace

import pytest

from qpmatch.errors import PlanError, RefusedError
from qpmatch.matching.operations import Change, Refusal, Step, StepKind, Unchanged
from qpmatch.models import Company, Customer, Link, Tenant
from qpmatch.plan.check import GUARD, Checked, Judged, check, check_target
from qpmatch.plan.history import History, PastOperation
from qpmatch.plan.limits import Limits
from qpmatch.plan.show import diff, refusal_text
from qpmatch.plan.staged import staged_companies
from qpmatch.plan.yamlfile import parse_plan

HEAD = "version: 1\nregion: na\noperations:\n"


def tenant(*links: str, companies: str = "ABCDEF", customers: str = "UVWXYZ") -> Tenant:
    """Companies and customers of one letter each, which is their name, with small letters as ids."""
    return Tenant(
        {name.lower(): Company(name.lower(), name) for name in companies},
        {name.lower(): Customer(name.lower(), name) for name in customers},
        frozenset(Link(*link.lower()) for link in links),
    )


def checked(operations: str, live: Tenant, history: History | None = None) -> Checked:
    return check(parse_plan(HEAD + operations, "plan.yaml"), live, history=history)


def only(operations: str, live: Tenant, history: History | None = None) -> Judged:
    judged = checked(operations, live, history).operations
    assert len(judged) == 1
    return judged[0]


def refusal(judged: Judged) -> str:
    assert isinstance(judged.verdict, Refusal), judged.verdict
    return refusal_text(judged.verdict)


def steps(judged: Judged) -> str:
    assert isinstance(judged.verdict, Change), judged.verdict
    signs = {StepKind.SAVE: "+", StepKind.DELETE: "-", StepKind.CREATE: "*"}
    return " ".join(signs[step.kind] + step.company_id + step.customer_id for step in judged.verdict.steps)


MATCH = (
    "- {action: match, company: {id: a, name: A}, customer: {id: u, name: U},"
    " before: {company: [], customer: []}}"
)


def test_an_allowed_match() -> None:
    judged = only(MATCH, tenant())
    assert steps(judged) == "+au"
    assert judged.end == {Link("a", "u")}


def test_a_result_that_holds_is_unchanged_whatever_before_says() -> None:
    live = tenant("AU")
    renamed = replace(live, companies={**live.companies, "a": Company("a", "Other")})
    for state in (live, renamed):
        assert isinstance(only(MATCH, state).verdict, Unchanged)


@pytest.mark.parametrize(
    ("links", "reason"),
    [
        (["AV"], "R7: company 'A' (a) was unmatched when the plan was made and is linked to 'V' (v) now"),
        (["BU"], "R7: customer 'U' (u) was unmatched when the plan was made and is linked to 'B' (b) now"),
    ],
)
def test_a_member_that_was_linked_since_is_stale(links: list[str], reason: str) -> None:
    assert refusal(only(MATCH, tenant(*links))) == reason


def test_a_member_that_was_renamed_since_is_stale() -> None:
    live = tenant()
    live = replace(live, customers={**live.customers, "u": Customer("u", "U Inc")})
    assert refusal(only(MATCH, live)) == "R7: customer u is called 'U Inc' now; the plan says 'U'"


def test_outer_space_is_no_renaming() -> None:
    live = tenant()
    live = replace(live, customers={**live.customers, "u": Customer("u", " U ")})
    assert steps(only(MATCH, live)) == "+au"


@pytest.mark.parametrize("missing", ["companies", "customers"])
def test_a_member_that_is_gone_is_stale(missing: str) -> None:
    live = replace(tenant(), companies={}) if missing == "companies" else replace(tenant(), customers={})
    assert "does not exist (any more)" in refusal(only(MATCH, live))
    assert refusal(only(MATCH, live)).startswith("R7")


def test_a_company_that_was_made_inactive_since_is_stale() -> None:
    live = tenant()
    live = replace(live, companies={**live.companies, "a": Company("a", "A", active=False)})
    assert "is inactive now" in refusal(only(MATCH, live))
    assert steps(only(MATCH.replace("name: A", "name: A, active: false"), live)) == "+au"
    by_hand = MATCH.replace(", before: {company: [], customer: []}", "")
    assert steps(only(by_hand, live)) == "+au"


def test_an_inactive_company_can_be_unmatched() -> None:
    live = tenant("AU")
    live = replace(live, companies={**live.companies, "a": Company("a", "A", active=False)})
    entry = (
        "- {action: unmatch, company: {id: a, name: A}, customer: {id: u},"
        " before: {company: [u], customer: [a]}}"
    )
    assert steps(only(entry, live)) == "-au"


@pytest.mark.parametrize("name", ["A", "a", " A "])
def test_bare_names_are_found_in_any_case(name: str) -> None:
    assert steps(only(f"- {{action: match, company: '{name}', customer: u}}", tenant())) == "+au"


def test_an_unknown_name_is_refused_with_the_nearest() -> None:
    live = replace(tenant(), customers={"1": Customer("1", "Contoso Ltd"), "2": Customer("2", "Fabrikam")})
    judged = only("- {action: match, company: A, customer: Contoso}", live)
    assert refusal(judged) == "there is no customer named 'Contoso'"
    assert isinstance(judged.verdict, Refusal)
    assert (judged.verdict.hint or "").startswith("the nearest are: 'Contoso Ltd' (1)")


def test_an_id_given_as_a_name_is_refused_with_the_way_to_write_it() -> None:
    judged = only(
        "- {action: create, company: 'b1'}", replace(tenant(), companies={"b1": Company("b1", "B")})
    )
    assert isinstance(judged.verdict, Refusal)
    assert "write {id: 'b1'}" in (judged.verdict.hint or "")


def test_an_ambiguous_name_is_refused_with_the_ids() -> None:
    live = replace(tenant(), customers={"1": Customer("1", "Twin"), "2": Customer("2", "Twin ")})
    assert refusal(only("- {action: match, company: A, customer: Twin}", live)) == (
        "'Twin' means 2 customers (ids 1, 2)"
    )


def test_operations_are_judged_one_after_the_other() -> None:
    live = tenant()
    live = replace(live, companies={"1": Company("1", "Twin"), "2": Company("2", "Twin")})
    first, second = checked(
        "- {action: create, company: {id: '1'}}\n- {action: create, company: {id: '2'}}\n", live
    ).operations
    assert steps(first) == "*1"
    assert refusal(second).startswith("R6")


def test_two_operations_that_resolve_to_one_member_are_a_plan_error() -> None:
    with pytest.raises(PlanError, match=r"operations 1 and 2 .* company a \(plan.yaml:4 and plan.yaml:5\)"):
        checked(
            "- {action: match, company: A, customer: U}\n- {action: unmatch, company: {id: a}}\n", tenant()
        )


def test_two_operations_on_one_live_row_are_a_plan_error() -> None:
    operations = "- {action: unmatch, company: A, customer: U}\n- {action: unmatch, company: B}\n"
    with pytest.raises(PlanError, match="same row") as caught:
        checked(operations, tenant("AU", "BU"))
    assert caught.value.exit_code == 2
    checked(operations, tenant("AU", "BV"))


def test_rows_that_somebody_joined_since_are_stale_and_no_plan_error() -> None:
    operations = (
        "- {action: unmatch, company: {id: a}, before: {company: [u]}}\n"
        "- {action: match, company: {id: b}, customer: {id: v}, before: {company: [], customer: []}}\n"
    )
    live = tenant("AU", "AV")
    assert [refusal(judged)[:2] for judged in checked(operations, live).operations] == ["R7", "R7"]


EDIT = (
    "- {action: edit, row: {customer: {id: u, name: U}}, companies: [{id: b, name: B}, {id: c, name: C}],"
    " before: {companies: [a], customers: [u]}}"
)


def test_an_edit_of_the_row_that_the_plan_saw() -> None:
    assert steps(only(EDIT, tenant("AU"))) == "+bu +cu -au"
    assert isinstance(only(EDIT, tenant("BU", "CU")).verdict, Unchanged)


def test_an_edit_whose_leaver_has_moved_on_is_unchanged() -> None:
    assert isinstance(only(EDIT, tenant("BU", "CU", "AV")).verdict, Unchanged)


@pytest.mark.parametrize(
    ("links", "left"),
    [("AU BU", "+cu -au"), ("AU CU", "+bu -au"), ("AU BU CU", "-au")],
)
def test_an_interrupted_edit_is_finished(links: str, left: str) -> None:
    judged = only(EDIT, tenant(*links.split()))
    assert steps(judged) == left
    assert judged.origin == {Link("a", "u")}


@pytest.mark.parametrize("links", ["", "BU", "AU DU", "AV", "AU AV", "AU BU DU"])
def test_any_other_state_is_stale(links: str) -> None:
    assert refusal(only(EDIT, tenant(*links.split()))).startswith(("R7", "R5"))
    assert not only(EDIT, tenant(*links.split())).steps


def test_a_member_to_add_that_is_taken_is_named() -> None:
    judged = only(EDIT, tenant("AU", "BV"))
    assert refusal(judged) == "R5: company 'B' (b) is already matched (to 'V' (v))"


SHRINK = (
    "- {action: edit, row: {customer: {id: u}}, companies: [{id: a}],"
    " before: {companies: [a, b, c], customers: [u]}}"
)


def past(
    start: str, end: str, sent: str, *, finished: bool = False, key: str = "edit customer u company a"
) -> History:
    before = frozenset(Link(*link.lower()) for link in start.split())
    after = frozenset(Link(*link.lower()) for link in end.split())
    done = tuple(
        Step(StepKind.SAVE if word[0] == "+" else StepKind.DELETE, word[1], word[2]) for word in sent.split()
    )
    return History([PastOperation(key, before, before, before | after, done, finished)])


def test_removals_alone_are_our_own_only_if_the_journal_says_so() -> None:
    live = tenant("AU", "CU")
    assert refusal(only(SHRINK, live)).startswith("R7: the row was 'A' (a), 'B' (b), 'C' (c) with 'U' (u)")
    ours = past("AU BU CU", "AU", "-bu -cu")
    assert steps(only(SHRINK, live, ours)) == "-cu"
    assert refusal(only(SHRINK, live, past("AU BU CU", "AU", "-cu"))).startswith("R7")
    assert refusal(only(SHRINK, live, past("AU BU CU", "AU", "-bu", finished=True))).startswith("R7")


def test_the_undo_of_an_interrupted_edit_is_told_by_the_same_journal() -> None:
    grow_back = (
        "- {action: edit, row: {customer: {id: u}}, companies: [{id: a}],"
        " before: {companies: [a, b, c], customers: [u]}}"
    )
    forward = past("AU", "AU BU CU", "+bu +cu", key="edit customer u company a b c")
    assert steps(only(grow_back, tenant("AU", "BU"), forward)) == "-bu"


def test_a_switch_of_the_single_side_goes_on_where_it_stopped() -> None:
    switch = (
        "- {action: edit, row: {company: {id: a}}, customers: [{id: v}],"
        " before: {companies: [a, b], customers: [u]}}"
    )
    assert steps(only(switch, tenant("AU", "BU"))) == "-au +av -bu +bv"
    assert steps(only(switch, tenant("AV", "BU"))) == "-bu +bv"
    assert steps(only(switch, tenant("AV"))) == "+bv"
    assert refusal(only(switch, tenant("BU"))).startswith("R7")
    ours = past("AU BU", "AV BV", "-au", key="edit company a customer v")
    assert steps(only(switch, tenant("BU"), ours)) == "+av -bu +bv"


def test_a_switch_by_hand_remembers_its_row_from_the_journal() -> None:
    switch = "- {action: edit, row: {company: {id: a}}, customers: [{id: v}]}"
    assert isinstance(only(switch, tenant("AV", "BU")).verdict, Unchanged)
    ours = past("AU BU", "AV BV", "-au +av -bu", key="edit company a customer v")
    assert steps(only(switch, tenant("AV", "BU"), ours)) == "-bu +bv"


def test_an_edit_by_hand_needs_no_before() -> None:
    assert steps(only("- {action: edit, row: {company: A}, companies: [A, B]}", tenant("AU"))) == "+bu"
    assert steps(only("- {action: edit, row: {company: A}, customers: [V]}", tenant("AU"))) == "+av -au"


def test_a_row_is_named_by_one_of_its_members() -> None:
    wrong = EDIT.replace("customer: {id: u, name: U}", "customer: {id: v}")
    assert "is not in the row" in refusal(only(wrong, tenant("AU")))


def test_an_empty_cell_is_filled_again_when_before_says_that_it_is_empty() -> None:
    refill = (
        "- {action: edit, row: {customer: {id: u}}, companies: [{id: a}, {id: b}],"
        " before: {companies: [], customers: [u]}}"
    )
    assert steps(only(refill, tenant())) == "+au +bu"
    assert steps(only(refill, tenant("AU"))) == "+bu"
    assert isinstance(only(refill, tenant("AU", "BU")).verdict, Unchanged)
    assert refusal(only(refill, tenant("CU"))).startswith("R7")
    plain = "- {action: edit, row: {customer: {id: u}}, companies: [{id: a}, {id: b}]}"
    assert refusal(only(plain, tenant())).startswith("R5")


def test_every_link_of_a_company_or_a_customer_goes() -> None:
    assert steps(only("- {action: unmatch, company: A}", tenant("AU", "AV"))) == "-au -av"
    assert steps(only("- {action: unmatch, customer: U}", tenant("AU", "BU"))) == "-au -bu"
    entry = "- {action: unmatch, company: {id: a}, before: {company: [u, v]}}"
    assert refusal(only(entry, tenant("AU"))).startswith("R7")
    ours = past("AU AV", "", "-av", key="unmatch a -")
    assert steps(only(entry, tenant("AU"), ours)) == "-au"


def test_an_unmatch_of_a_customer_that_never_came_to_be_is_unchanged() -> None:
    entry = "- {action: unmatch, company: {id: a}, customer: New}"
    assert isinstance(only(entry, tenant()).verdict, Unchanged)
    assert refusal(only(entry, tenant("AU"))) == "there is no customer named 'New'"


def test_a_create_that_made_only_the_customer_is_finished() -> None:
    create = "- {action: create, company: {id: a}}"
    live = tenant(customers="A")
    assert refusal(only(create, live)).startswith("R6")
    asked = History(
        [
            PastOperation(
                "create a", frozenset(), frozenset(), frozenset(), (Step(StepKind.CREATE, "a"),), False
            )
        ]
    )
    live = replace(live, customers={"n": Customer("n", "A")})
    assert steps(only(create, live, asked)) == "+an"


def test_a_link_to_somebody_who_is_in_no_list_is_refused() -> None:
    live = tenant("AU")
    live = replace(live, customers={key: value for key, value in live.customers.items() if key != "u"})
    assert refusal(only("- {action: edit, row: {company: A}, companies: [A, B]}", live)).startswith("R7")


def unmatches(count: int, total: int) -> tuple[str, Tenant]:
    companies = {str(n): Company(str(n), f"Company {n}") for n in range(total)}
    customers = {f"c{n}": Customer(f"c{n}", f"Customer {n}") for n in range(total)}
    links = frozenset(Link(str(n), f"c{n}") for n in range(total))
    text = "".join(f"- {{action: unmatch, company: {{id: '{n}'}}}}\n" for n in range(count))
    return text, Tenant(companies, customers, links)


@pytest.mark.parametrize(
    ("count", "total", "guarded"),
    [(10, 10, False), (11, 54, True), (11, 55, False), (12, 60, False), (13, 60, True), (0, 0, False)],
)
def test_the_removals_guard(count: int, total: int, guarded: bool) -> None:
    text, live = unmatches(count, total)
    assert checked(text, live).guarded is guarded


def test_the_removals_guard_names_the_number_that_acknowledges_it() -> None:
    text, live = unmatches(11, 20)
    plan = parse_plan(HEAD + text + "- {action: create, company: {id: new}}\n", "plan.yaml")
    live = replace(live, companies={**live.companies, "new": Company("new", "New")})
    found = check(plan, live)
    verdicts = [judged.verdict for judged in found.operations]
    assert [isinstance(v, Refusal) and v.rule == GUARD for v in verdicts] == [True] * 11 + [False]
    first = verdicts[0]
    assert isinstance(first, Refusal)
    assert first.reason == "the plan would remove 11 of 20 links, which is more than 10 and more than 20 %"
    assert "--allow-removals 11" in (first.hint or "")
    assert check(plan, live, allow_removals=10).guarded
    assert not check(plan, live, allow_removals=11).guarded
    assert not check(plan, live, limits=Limits(removals=11)).guarded
    acknowledged = parse_plan("allow_removals: 11\n" + HEAD + text, "plan.yaml")
    assert not check(acknowledged, live).guarded


def test_switching_a_link_counts_as_a_removal() -> None:
    _, live = unmatches(0, 20)
    live = replace(
        live, customers={**live.customers, **{f"n{n}": Customer(f"n{n}", f"N{n}") for n in range(20)}}
    )
    text = "".join(
        f"- {{action: edit, row: {{company: {{id: '{n}'}}}}, customers: [{{id: n{n}}}]}}\n" for n in range(11)
    )
    assert checked(text, live).guarded


@pytest.mark.parametrize(("region", "integration"), [("eu", "autotask"), ("na", "halopsa")])
def test_a_plan_for_somewhere_else_is_refused(region: str, integration: str) -> None:
    plan = parse_plan(HEAD, "plan.yaml")
    check_target(plan, "na", "autotask")
    with pytest.raises(RefusedError) as caught:
        check_target(plan, region, integration)
    assert caught.value.exit_code == 4
    word, here = ("region", region) if region != "na" else ("integration", integration)
    assert word in caught.value.message
    assert repr(here) in caught.value.message


def test_the_diff_names_links_that_come_and_go() -> None:
    rows = diff(
        checked(EDIT + "\n- {action: create, company: D}\n- {action: review, company: E}\n", tenant("AU"))
    )
    edit, create, review = rows
    assert [(company.name, customer.name) for company, customer in edit.added] == [("B", "U"), ("C", "U")]
    assert [(company.name, customer.name) for company, customer in edit.removed] == [("A", "U")]
    assert [company.name for company in create.created] == ["D"]
    assert (review.reason, review.place) == ("left for review", "plan.yaml:6")


def test_staged_companies_are_those_whose_links_would_change() -> None:
    plan = parse_plan(
        HEAD + EDIT + "\n- {action: create, company: D}\n- {action: review, company: E}\n"
        "- {action: unmatch, customer: V}\n- {action: match, company: Nobody, customer: X}\n",
        "plan.yaml",
    )
    live = tenant("AU", "FV", "GV", companies="ABCDEFG")
    assert staged_companies(plan, live) == {
        "a": "edit",
        "b": "edit",
        "c": "edit",
        "d": "create",
        "f": "unmatch",
        "g": "unmatch",
    }
