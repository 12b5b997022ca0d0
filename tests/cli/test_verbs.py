"""``match``, ``create``, ``unmatch``, ``edit`` (SPEC 3, 4): at once, as a dry run, and staged."""

from __future__ import annotations

import unicodedata
from pathlib import Path
from typing import Any

import pytest

from qpmatch.plan.yamlfile import load_plan
from tests.cli.conftest import MakeWorld
from tests.conftest import Program
from tests.world import World

COMPANIES = {str(number): f"Company {number}" for number in range(16)}
CUSTOMERS = {f"k{number}": f"Customer {number}" for number in range(16)}
ONE_TO_ONE = [("4", "k4")]
MANY_COMPANIES = [("5", "k5"), ("6", "k5"), ("7", "k5")]
MANY_CUSTOMERS = [("8", "k8"), ("8", "k9"), ("8", "k10")]
KNOT = [("11", "k11"), ("11", "k12"), ("12", "k11"), ("12", "k12")]
LINKS = {*ONE_TO_ONE, *MANY_COMPANIES, *MANY_CUSTOMERS, *KNOT}


@pytest.fixture
def world(make: MakeWorld) -> World:
    return make(COMPANIES, CUSTOMERS, LINKS)


def _run(qpmatch: Program, *words: str, code: int = 0) -> dict[str, Any]:
    document: dict[str, Any] = qpmatch(*words, "-r", "sandbox", "-o", "json", code=code).json
    return document


def _reason(document: dict[str, Any]) -> str:
    (operation,) = document["operations"]
    return str(operation["reason"])


Case = tuple[list[str], set[tuple[str, str]], set[tuple[str, str]]]

LEGAL: dict[str, Case] = {
    "match two free ones": (["match", "0", "k0"], {("0", "k0")}, set()),
    "match by name": (["match", "company 1", "Customer 1"], {("1", "k1")}, set()),
    "match a customer of a pair": (["match", "id:1", "id:k4"], {("1", "k4")}, set()),
    "unmatch the only link": (["unmatch", "4"], set(), {("4", "k4")}),
    "unmatch one of several": (["unmatch", "8", "k9"], set(), {("8", "k9")}),
    "unmatch all of a company": (["unmatch", "8", "--all"], set(), set(MANY_CUSTOMERS)),
    "unmatch all of a customer": (["unmatch", "--customer", "k5", "--all"], set(), set(MANY_COMPANIES)),
    "unmatch by customer": (["unmatch", "--customer", "k4"], set(), {("4", "k4")}),
    "unmatch a company of a customer": (["unmatch", "6", "--customer", "k5"], set(), {("6", "k5")}),
    "unmatch in a knot": (["unmatch", "11", "k12"], set(), {("11", "k12")}),
    "a pair gains companies": (
        ["edit", "k4", "--add-company", "0", "--add-company", "1"],
        {("0", "k4"), ("1", "k4")},
        set(),
    ),
    "a pair gains a customer": (["edit", "4", "--add-customer", "k0"], {("4", "k0")}, set()),
    "a pair is switched": (["edit", "4", "--set-customer", "k0"], {("4", "k0")}, {("4", "k4")}),
    "a pair gets several": (
        ["edit", "4", "--set-company", "0", "--set-company", "1"],
        {("0", "k4"), ("1", "k4")},
        {("4", "k4")},
    ),
    "the 1 is switched": (
        ["edit", "6", "--set-customer", "k0"],
        {("5", "k0"), ("6", "k0"), ("7", "k0")},
        set(MANY_COMPANIES),
    ),
    "the 1 company is switched": (
        ["edit", "k9", "--set-company", "0"],
        {("0", "k8"), ("0", "k9"), ("0", "k10")},
        set(MANY_CUSTOMERS),
    ),
    "the many gain and lose": (
        ["edit", "k5", "--add-company", "0", "--remove-company", "6"],
        {("0", "k5")},
        {("6", "k5")},
    ),
    "the many are replaced": (
        ["edit", "8", "--set-customer", "k0", "--set-customer", "k1"],
        {("8", "k0"), ("8", "k1")},
        set(MANY_CUSTOMERS),
    ),
    "the many become one": (
        ["edit", "k5", "--set-company", "6"],
        set(),
        {("5", "k5"), ("7", "k5")},
    ),
    "company 0 is a company": (["match", "0", "k4"], {("0", "k4")}, set()),
}


@pytest.mark.parametrize("case", LEGAL.values(), ids=LEGAL.keys())
def test_legal(qpmatch: Program, world: World, case: Case) -> None:
    words, made, gone = case
    dry = _run(qpmatch, *words, "--dry-run")
    assert (dry["status"], dry["dry_run"]) == ("pending", True)
    assert world.links == LINKS
    done = _run(qpmatch, *words)
    assert done["status"] == "success"
    assert world.links == (LINKS | made) - gone
    assert not {link for link in world.many_to_many if link not in KNOT}
    assert [op["customers"] for op in dry["operations"]] == [op["customers"] for op in done["operations"]]
    if words[0] != "edit":  # an edit's row may have another member by now
        again = _run(qpmatch, *words)
        assert again["summary"]["unchanged"] == len(again["operations"]) == 1
    if words == ["unmatch", "11", "k12"]:
        return  # a many-to-many row cannot be made again
    undone = qpmatch("confirm", done["undo"], "--yes", "-o", "json").json
    assert undone["status"] == "success"
    assert world.links == LINKS
    redone = qpmatch("confirm", undone["undo"], "--yes", "-o", "json").json
    assert redone["status"] == "success"
    assert world.links == (LINKS | made) - gone


def test_a_knot_that_was_cut_says_so(qpmatch: Program, world: World) -> None:
    done = _run(qpmatch, "unmatch", "11", "k12")
    text = Path(done["undo"]).read_text()
    assert "many-to-many" in text
    assert load_plan(Path(done["undo"])).operations == ()


ILLEGAL = {
    "match a matched company": (["match", "4", "k0"], "R3", "--add-customer id:k0"),
    "match a member of many": (["match", "5", "k0"], "R3", "qpmatch edit"),
    "match a company of several customers": (["match", "8", "k0"], "R3", "--add-customer id:k0"),
    "match a customer with several companies": (["match", "0", "k5"], "R3", "--add-company id:0"),
    "match one of several customers": (["match", "0", "k8"], "R3", "--remove-customer id:k8"),
    "match into a knot": (["match", "0", "k11"], "R4", "unmatch"),
    "match out of a knot": (["match", "11", "k0"], "R4", "unmatch"),
    "create for a matched company": (["create", "4"], "R6", "unmatch"),
    "edit a knot": (["edit", "11", "--add-customer", "k0"], "R4", "unmatch"),
    "add a matched company": (["edit", "k4", "--add-company", "5"], "R5", "unmatch id:5"),
    "add a matched customer": (["edit", "4", "--add-customer", "k5"], "R5", "unmatch"),
    "several on the 1 side": (["edit", "5", "--add-customer", "k0"], "R5", ""),
    "several on the 1 company side": (["edit", "k8", "--add-company", "0"], "R5", ""),
    "empty a cell": (["edit", "k4", "--remove-company", "4"], "R5", "unmatch"),
    "empty a cell of many": (
        ["edit", "k5", "--remove-company", "5", "--remove-company", "6", "--remove-company", "7"],
        "R5",
        "unmatch",
    ),
    "edit where there is no row": (["edit", "0", "--add-customer", "k0"], "R5", "qpmatch match"),
}


@pytest.mark.parametrize(("words", "rule", "hint"), ILLEGAL.values(), ids=ILLEGAL.keys())
def test_illegal(qpmatch: Program, world: World, words: list[str], rule: str, hint: str) -> None:
    for more in ([], ["--dry-run"]):
        refused = _run(qpmatch, *words, *more, code=4)
        assert refused["status"] == "refused"
        assert rule in _reason(refused)
        assert hint in _reason(refused)
        assert world.links == LINKS
        assert world.customers == CUSTOMERS


def test_the_hinted_command_does_it(qpmatch: Program, world: World) -> None:
    hint = _reason(_run(qpmatch, "match", "0", "k5", code=4))
    command = hint[hint.index("qpmatch edit") :].split("(")[0].split()[1:]
    assert _run(qpmatch, *command)["status"] == "success"
    assert ("0", "k5") in world.links


@pytest.mark.parametrize(
    "words",
    [
        ["match", "Nobody", "k0"],
        ["match", "0", "Nobody"],
        ["match", "id:Company 0", "k0"],
        ["match", "name:0", "k0"],
        ["create", "Nobody"],
        ["create"],
        ["create", "0", "--all-unmatched"],
        ["unmatch"],
        ["unmatch", "--all"],
        ["unmatch", "Nobody"],
        ["unmatch", "8"],
        ["unmatch", "--customer", "k5"],
        ["unmatch", "5", "k5", "--customer", "k5"],
        ["edit", "Nobody", "--add-company", "0"],
        ["edit", "4"],
        ["edit", "4", "--add-company", "0", "--add-customer", "k0"],
        ["edit", "4", "--set-company", "0", "--add-company", "1"],
        ["edit", "4", "--add-company", "Nobody"],
        ["match", "0"],
        ["match", "0", "k0", "--no-such-option"],
    ],
    ids=" ".join,
)
def test_what_cannot_be_understood_is_a_usage_error(qpmatch: Program, world: World, words: list[str]) -> None:
    outcome = qpmatch(*words, "-r", "sandbox", "-o", "json", code=2)
    assert outcome.stdout == ""
    assert outcome.error["exit_code"] == 2
    assert world.links == LINKS


def test_an_unknown_ref_lists_the_nearest_names(qpmatch: Program, world: World) -> None:
    error = qpmatch("match", "Compny 3", "k0", "-r", "sandbox", "-o", "json", code=2).error
    assert error["code"] == "unknown_ref"
    assert "Company 3" in error["hint"]


def test_an_ambiguous_ref_lists_the_ids(qpmatch: Program, make: MakeWorld) -> None:
    world = make({"1": "Twin", "2": "Twin", "3": "twin", "k": "Other"}, {"a": "A", "b": "2"}, [])
    error = qpmatch("match", "Twin", "a", "-r", "sandbox", "-o", "json", code=2).error
    assert "id:1" in error["message"]
    assert "id:2" in error["message"]
    assert _run(qpmatch, "match", "twin", "a")["status"] == "success"
    assert world.links == {("3", "a")}


def test_unmatch_of_several_names_them(qpmatch: Program, world: World) -> None:
    error = qpmatch("unmatch", "8", "-r", "sandbox", "-o", "json", code=2).error
    assert all(name in error["message"] for name in ("Customer 8", "Customer 9", "Customer 10"))
    assert "--all" in error["hint"]


def test_unmatch_of_what_is_not_linked(qpmatch: Program, world: World) -> None:
    for words in (["unmatch", "0"], ["unmatch", "4", "k0"], ["unmatch", "--customer", "k0"]):
        assert _run(qpmatch, *words)["summary"]["unchanged"] == 1
    assert world.links == LINKS


def test_create(qpmatch: Program, make: MakeWorld) -> None:
    world = make(
        {"0": "Own", "1": "  New  ", "2": "Taken", "3": "taken"}, {"t": "Taken", "x": "Other"}, [("0", "x")]
    )
    done = _run(qpmatch, "create", "New", "3")
    assert done["summary"]["applied"] == 2
    made = {name: id_ for id_, name in world.customers.items() if id_ not in ("t", "x")}
    assert made.keys() == {"New", "taken"}
    assert world.links == {("0", "x"), ("1", made["New"]), ("3", made["taken"])}
    assert _run(qpmatch, "create", "1")["summary"]["unchanged"] == 1
    refused = _run(qpmatch, "create", "2", code=4)
    assert "qpmatch match id:2 id:t" in _reason(refused)
    assert len(world.customers) == 4


def test_create_all_unmatched(qpmatch: Program, msp: World) -> None:
    taken = {_spelled(name) for name in msp.customers.values()}
    linked = {company for company, _ in msp.links}
    free = {id_: name for id_, name in msp.companies.items() if id_ not in linked}
    expected = {name for name in free.values() if _spelled(name) not in taken}
    before = msp.links
    outcome = qpmatch("create", "--all-unmatched", "-r", "sandbox", "-o", "json")
    assert outcome.json["summary"]["applied"] == len(expected) > 10
    assert len(msp.links - before) == len(expected)
    assert len({name for name in msp.customers.values() if name in expected}) == len(expected)
    assert "left out" in outcome.stderr


def _spelled(name: str) -> str:
    return unicodedata.normalize("NFC", name).strip()


def test_an_edit_that_is_done_is_unchanged(qpmatch: Program, world: World) -> None:
    for words in (["k5", "--set-company", "5", "--set-company", "6", "--set-company", "7"],):
        assert _run(qpmatch, "edit", *words)["summary"]["unchanged"] == 1
    assert _run(qpmatch, "edit", "k5", "--add-company", "6")["summary"]["unchanged"] == 1
    assert _run(qpmatch, "edit", "k5", "--remove-company", "0")["summary"]["unchanged"] == 1


def test_a_row_is_named_by_any_member(qpmatch: Program, world: World) -> None:
    for number, member in enumerate(("5", "k5", "Company 6", "Customer 5")):
        assert _run(qpmatch, "edit", member, "--add-company", str(number))["status"] == "success"
    assert {company for company, customer in world.links if customer == "k5"} == set("0123567")
