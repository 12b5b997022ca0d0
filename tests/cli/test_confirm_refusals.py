"""What ``confirm`` refuses (SPEC 3 and 6): stale rows, unknown names, too many removals."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.cli.confirming import COMPANIES, CUSTOMERS, LINKS, applied, confirmed, results, write
from tests.cli.conftest import MakeWorld
from tests.conftest import Program
from tests.world import World


@pytest.fixture
def world(make: MakeWorld) -> World:
    return make(COMPANIES, CUSTOMERS, LINKS)


@pytest.mark.parametrize(
    ("change", "operation"),
    [
        (
            lambda world: world.add(links=[("8", "k0")]),
            "match, company: {id: '0'}, customer: {id: k0}, before: {company: [], customer: []}",
        ),
        (
            lambda world: world.rename("company", "0", "Renamed"),
            "match, company: {id: '0', name: Company 0}, customer: {id: k0}",
        ),
        (
            lambda world: world.rename("customer", "k0", "Renamed"),
            "match, company: {id: '0'}, customer: {id: k0, name: Customer 0}",
        ),
        (
            lambda world: world.inactivate("0"),
            "match, company: {id: '0', name: Company 0}, customer: {id: k0}, before: {company: []}",
        ),
        (lambda world: world.delete("customer", "k0"), "match, company: {id: '0'}, customer: {id: k0}"),
        (lambda world: world.delete("company", "0"), "match, company: {id: '0'}, customer: {id: k0}"),
        (lambda world: world.delete("company", "0"), "create, company: {id: '0'}"),
        (
            lambda world: world.add(links=[("8", "k4")]),
            "unmatch, company: {id: '4'}, customer: {id: k4}, before: {company: [k4], customer: ['4']}",
        ),
        (
            lambda world: world.unlink("6", "k5"),
            "edit, row: {customer: {id: k5}}, companies: [{id: '5'}, {id: '6'}, {id: '8'}], "
            "before: {companies: ['5', '6'], customers: [k5]}",
        ),
        (
            lambda world: world.rename("customer", "k5", "Renamed"),
            "edit, row: {customer: {id: k5, name: Customer 5}}, companies: [{id: '5'}], "
            "before: {companies: ['5', '6'], customers: [k5]}",
        ),
        (
            lambda world: world.delete("customer", "k5"),
            "edit, row: {customer: {id: k5}}, companies: [{id: '5'}, {id: '6'}, {id: '8'}], "
            "before: {companies: ['5', '6'], customers: [k5]}",
        ),
    ],
)
def test_what_changed_since_is_stale(
    qpmatch: Program, world: World, home: Path, change: Any, operation: str
) -> None:
    plan = write(home, f"- {{action: {operation}}}\n")
    assert confirmed(qpmatch, plan, "--dry-run")["status"] == "pending"
    change(world)
    before = world.links
    stale = applied(qpmatch, plan, code=4)
    assert "R7" in stale["operations"][0]["reason"]
    assert world.links == before


def test_a_renamed_member_of_something_done_already_is_no_matter(
    qpmatch: Program, world: World, home: Path
) -> None:
    plan = write(home, "- {action: unmatch, company: {id: '4', name: Company 4}, customer: {id: k4}}\n")
    assert applied(qpmatch, plan)["status"] == "success"
    world.rename("company", "4", "Renamed")
    assert results(applied(qpmatch, plan)) == ["unchanged"]


@pytest.mark.parametrize(
    "operation",
    [
        "match, company: Nobody, customer: {id: k0}",
        "match, company: {id: '0'}, customer: Nobody",
        "create, company: {id: '999'}",
        "unmatch, company: Nobody, customer: {id: k4}",
    ],
)
def test_a_name_that_means_nobody_is_refused(
    qpmatch: Program, world: World, home: Path, operation: str
) -> None:
    refused = applied(qpmatch, write(home, f"- {{action: {operation}}}\n"), code=4)
    assert results(refused) == ["refused"]
    assert world.links == set(LINKS)


def test_bare_names_must_be_unambiguous(qpmatch: Program, make: MakeWorld, home: Path) -> None:
    world = make({"1": "Twin", "2": "Twin", "3": "CAPITALS"}, {"a": "Twin Customer", "b": "Capitals"})
    refused = applied(
        qpmatch, write(home, "- {action: match, company: Twin, customer: Twin Customer}\n"), code=4
    )
    assert "1" in refused["operations"][0]["reason"]
    assert "2" in refused["operations"][0]["reason"]
    done = applied(qpmatch, write(home, "- {action: match, company: capitals, customer: capitals}\n"))
    assert results(done) == ["applied"]
    assert world.links == {("3", "b")}


def _many(make: MakeWorld, links: int) -> World:
    return make(
        {f"{n}": f"Company {n}" for n in range(links)},
        {f"k{n}": f"Customer {n}" for n in range(links)},
        [(f"{n}", f"k{n}") for n in range(links)],
    )


def _unmatches(count: int) -> str:
    return "".join(f"- {{action: unmatch, company: {{id: '{n}'}}}}\n" for n in range(count))


@pytest.mark.parametrize(
    ("links", "removed", "words", "code"),
    [
        (40, 10, [], 0),
        (40, 11, [], 4),
        (40, 11, ["--keep-going"], 4),
        (40, 11, ["--allow-removals", "11"], 0),
        (40, 11, ["--allow-removals", "10"], 4),
        (55, 11, [], 0),
        (54, 11, [], 4),
        (10, 10, [], 0),
    ],
)
def test_the_removals_guard(
    qpmatch: Program,
    make: MakeWorld,
    home: Path,
    links: int,
    removed: int,
    words: Sequence[str],
    code: int,
) -> None:
    world = _many(make, links)
    plan = write(home, _unmatches(removed))
    confirmed(qpmatch, plan, "--dry-run", *words, code=code)
    document = applied(qpmatch, plan, *words, code=code)
    assert len(world.links) == (links if code else links - removed)
    if code:
        assert any("--allow-removals" in op["reason"] for op in document["operations"])
