"""``list`` (SPEC 4, 5): the three lists, their filters, and counts that come out to the row."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import MakeWorld
from tests.conftest import Program
from tests.world import World

Records = list[dict[str, Any]]

COMPANY_KEYS = {
    "id", "name", "type", "active", "status", "customers", "cardinality", "suggestion", "staged",
}  # fmt: skip
CUSTOMER_KEYS = {"id", "name", "integrations", "companies", "status", "cardinality"}
MATCH_KEYS = {"companies", "customers", "cardinality", "one_side"}


def _listed(qpmatch: Program, *words: str) -> Records:
    records: Records = qpmatch("list", *words, "-r", "sandbox", "-o", "json").json
    return records


def _ids(records: Records) -> list[str]:
    return [record["id"] for record in records]


@pytest.fixture
def small(make: MakeWorld) -> World:
    """One of each: exact pair, variant, taken customer, one-to-one, two one-to-many, many-to-many."""
    return make(
        {
            "0": "The MSP",
            "1": "Alpha",
            "2": "beta inc",
            "3": "Gamma",
            "4": "Delta",
            "5": "Delta East",
            "6": "Epsilon",
            "7": "Zeta",
            "8": "Eta",
            "9": "Twin",
            "10": "Twin",
            "11": "Omega",
        },
        {
            "a": "Alpha",
            "b": "Beta",
            "c": "Gamma",
            "d": "Delta",
            "e1": "Epsilon 1",
            "e2": "Epsilon 2",
            "z1": "Zeta",
            "z2": "Eta",
            "t": "Twin",
            "o": "Omega",
        },
        [
            ("3", "c"),
            ("4", "d"),
            ("5", "d"),
            ("6", "e1"),
            ("6", "e2"),
            ("7", "z1"),
            ("7", "z2"),
            ("8", "z1"),
            ("0", "o"),
        ],
    )


def test_companies_have_their_keys_and_order(qpmatch: Program, small: World) -> None:
    records = _listed(qpmatch, "companies")
    assert all(record.keys() >= COMPANY_KEYS for record in records)
    assert [(r["name"].casefold(), r["id"]) for r in records] == sorted(
        (name.casefold(), id_) for id_, name in small.companies.items()
    )
    assert records == _listed(qpmatch)


def test_company_statuses(qpmatch: Program, small: World) -> None:
    by_id = {record["id"]: record for record in _listed(qpmatch)}
    assert {id_: (r["status"], r["cardinality"]) for id_, r in by_id.items()} == {
        "0": ("matched", "one-to-one"),
        "1": ("suggested", None),
        "2": ("unmatched", None),
        "3": ("matched", "one-to-one"),
        "4": ("matched", "one-to-many"),
        "5": ("matched", "one-to-many"),
        "6": ("matched", "one-to-many"),
        "7": ("matched", "many-to-many"),
        "8": ("matched", "many-to-many"),
        "9": ("unmatched", None),
        "10": ("unmatched", None),
        "11": ("unmatched", None),  # its customer is taken (R1)
    }
    assert by_id["1"]["suggestion"] == {"id": "a", "name": "Alpha"}
    assert [id_ for id_, r in by_id.items() if r["suggestion"]] == ["1"]
    assert by_id["6"]["customers"] == [{"id": "e1", "name": "Epsilon 1"}, {"id": "e2", "name": "Epsilon 2"}]
    assert by_id["0"]["customers"] == [{"id": "o", "name": "Omega"}]


@pytest.mark.parametrize("status", ["suggested", "unmatched", "matched"])
def test_a_status_is_a_filter(qpmatch: Program, msp: World, status: str) -> None:
    everything = _listed(qpmatch)
    assert _listed(qpmatch, "companies", "--status", status) == [
        record for record in everything if record["status"] == status
    ]
    assert any(record["status"] == status for record in everything)


def test_counts_come_out_to_the_row(qpmatch: Program, msp: World) -> None:
    info = qpmatch("sandbox", "info", "-o", "json").json
    companies, matches = _listed(qpmatch), _listed(qpmatch, "matches")
    customers = _listed(qpmatch, "customers", "--status", "all")
    assert len(companies) == info["companies"] == len(msp.companies) == 200
    assert {(c["id"], k["id"]) for c in companies for k in c["customers"]} == msp.links
    assert sum(len(c["customers"]) for c in companies) == info["links"] == len(msp.links)
    assert sum(r["status"] == "matched" for r in companies) == len({company for company, _ in msp.links})
    # R4: many-to-many customers are left out of the picker and shown by ``list matches``.
    hidden = {k["id"] for row in matches if row["cardinality"] == "many-to-many" for k in row["customers"]}
    assert hidden == {customer for company, customer in _many_to_many_rows(msp.links)}
    assert {r["id"] for r in customers} == msp.customers.keys() - hidden
    assert info["customers"] == len(msp.customers)
    covered = [pair["id"] for row in matches for pair in row["companies"]]
    assert sorted(covered) == sorted({company for company, _ in msp.links})


def _many_to_many_rows(links: set[tuple[str, str]]) -> set[tuple[str, str]]:
    """Links of rows with several members on both sides, by growing each row from one link."""
    left, found = set(links), set[tuple[str, str]]()
    while left:
        row = {left.pop()}
        while True:
            ends = {("c", c) for c, _ in row} | {("k", k) for _, k in row}
            more = {link for link in left if ("c", link[0]) in ends or ("k", link[1]) in ends}
            if not more:
                break
            row |= more
            left -= more
        if len({c for c, _ in row}) > 1 and len({k for _, k in row}) > 1:
            found |= row
    return found


def test_customers_as_the_picker_shows_them(qpmatch: Program, small: World) -> None:
    unmatched = _listed(qpmatch, "customers")
    assert sorted(_ids(unmatched)) == ["a", "b", "t"]
    assert all(record.keys() >= CUSTOMER_KEYS and record["status"] == "unmatched" for record in unmatched)
    assert unmatched == _listed(qpmatch, "customers", "--status", "unmatched")
    matched = {r["id"]: r for r in _listed(qpmatch, "customers", "--status", "matched")}
    assert sorted(matched) == ["c", "d", "e1", "e2", "o"]
    assert matched["d"]["companies"] == [{"id": "4", "name": "Delta"}, {"id": "5", "name": "Delta East"}]
    assert matched["c"]["integrations"] == ["autotask"]
    assert len(_listed(qpmatch, "customers", "--status", "all")) == 8


def test_integrations_are_named(qpmatch: Program, msp: World) -> None:
    imported = {id_ for (id_,) in msp.rows("SELECT id FROM customer WHERE itglue_id IS NOT NULL")}
    linked = {customer for _, customer in msp.links}
    assert imported & linked
    for record in _listed(qpmatch, "customers", "--status", "all"):
        expected = ["autotask"] * (record["id"] in linked) + ["itglue"] * (record["id"] in imported)
        assert record["integrations"] == expected


def test_matches_are_rows(qpmatch: Program, small: World) -> None:
    rows = _listed(qpmatch, "matches")
    assert all(row.keys() >= MATCH_KEYS for row in rows)
    assert {
        (tuple(_ids(r["companies"])), tuple(_ids(r["customers"]))): (r["cardinality"], r["one_side"])
        for r in rows
    } == {
        (("0",), ("o",)): ("one-to-one", None),
        (("3",), ("c",)): ("one-to-one", None),
        (("4", "5"), ("d",)): ("one-to-many", "customer"),
        (("6",), ("e1", "e2")): ("one-to-many", "company"),
        (("8", "7"), ("z2", "z1")): ("many-to-many", None),
    }


def test_staged_is_what_a_plan_would_change(qpmatch: Program, small: World, home: Path) -> None:
    (home / "plan.yaml").write_text(
        "version: 1\nregion: sandbox\noperations:\n"
        "- {action: match, company: Alpha, customer: {id: a}}\n"
        "- {action: review, company: {id: '2'}}\n"
        "- {action: create, company: {id: '9'}}\n"
        "- {action: unmatch, company: {id: '3'}}\n"
        "- {action: edit, row: {customer: {id: d}}, companies: [{id: '4'}, {id: '11'}]}\n"
    )
    staged = {r["id"]: r["staged"] for r in _listed(qpmatch, "companies", "--plan", "plan.yaml")}
    assert {id_: action for id_, action in staged.items() if action} == {
        "1": "match",
        "9": "create",
        "3": "unmatch",
        "5": "edit",
        "11": "edit",
    }
    shown = _listed(qpmatch, "companies", "--status", "staged", "--plan", "plan.yaml")
    assert sorted(_ids(shown)) == ["1", "11", "3", "5", "9"]
    error = qpmatch("list", "companies", "--status", "staged", "-r", "sandbox", "-o", "json", code=2).error
    assert "--plan" in f"{error['message']} {error['hint']}"


def test_search_is_plain_text_without_case(qpmatch: Program, make: MakeWorld) -> None:
    make({"1": "100% Pure", "2": "100 Pure", "3": "A_B", "4": "AxB", "5": "STRASSE"}, {"k": "100% pure"})
    assert _ids(_listed(qpmatch, "companies", "--search", "100%")) == ["1"]
    assert _ids(_listed(qpmatch, "companies", "--search", "a_b")) == ["3"]
    assert _ids(_listed(qpmatch, "companies", "--search", "stra\u00dfe")) == ["5"]
    assert _ids(_listed(qpmatch, "customers", "--search", "PURE")) == ["k"]
    assert _listed(qpmatch, "companies", "--search", "nothing like it") == []


def test_type_and_active(qpmatch: Program, msp: World) -> None:
    kinds = dict(msp.rows("SELECT id, type FROM company"))
    leads = _listed(qpmatch, "companies", "--type", "lead", "--type", "Vendor")
    assert sorted(_ids(leads)) == sorted(id_ for id_, kind in kinds.items() if kind in ("Lead", "Vendor"))
    active = {id_ for (id_,) in msp.rows("SELECT id FROM company WHERE active")}
    assert 0 < len(active) < 200
    assert set(_ids(_listed(qpmatch, "companies", "--active"))) == active
    assert len(_listed(qpmatch, "companies", "--all-states")) == 200


def test_nothing_found_is_an_empty_list(qpmatch: Program, make: MakeWorld) -> None:
    make()
    for what in ("companies", "customers", "matches"):
        outcome = qpmatch("list", what, "-r", "sandbox", "-o", "json")
        assert outcome.stdout == "[]\n"
    assert qpmatch("list", "-r", "sandbox").stdout == "No companies found.\n"


def test_the_msps_own_company_is_a_company(qpmatch: Program, small: World) -> None:
    assert "own company" in qpmatch("list", "companies", "--search", "the msp", "-r", "sandbox").stdout


@pytest.mark.parametrize(
    "words",
    [
        ["customers", "--status", "suggested"],
        ["matches", "--status", "matched"],
        ["customers", "--type", "Lead"],
        ["nonsense"],
        ["companies", "--status", "nonsense"],
    ],
)
def test_what_makes_no_sense_is_a_usage_error(qpmatch: Program, msp: World, words: list[str]) -> None:
    outcome = qpmatch("list", *words, "-r", "sandbox", "-o", "json", code=2)
    assert outcome.stdout == ""
    assert outcome.error["exit_code"] == 2
