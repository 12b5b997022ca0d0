"""``suggest`` (SPEC 4 to 7) as its users meet it; the engine has tests of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from qpmatch.plan.yamlfile import load_plan
from tests.cli.conftest import MakeWorld
from tests.conftest import Program
from tests.world import World

KEYS = {"company", "customer", "tier", "score", "decision", "reason", "candidates"}
CANDIDATE_KEYS = {"id", "name", "tier", "score", "reason"}


def _suggested(qpmatch: Program, *words: str) -> dict[str, dict[str, Any]]:
    records = qpmatch("suggest", *words, "-r", "sandbox", "-o", "json").json
    return {record["company"]["id"]: record for record in records}


def test_every_unmatched_company_has_one_record(qpmatch: Program, msp: World) -> None:
    records = qpmatch("suggest", "-r", "sandbox", "-o", "json").json
    unmatched = msp.companies.keys() - {company for company, _ in msp.links}
    assert sorted(record["company"]["id"] for record in records) == sorted(unmatched)
    for record in records:
        assert record.keys() >= KEYS
        assert record["company"].keys() >= {"id", "name"}
        assert 0 <= record["score"] <= 1
        assert record["decision"] in ("match", "review", "none")
        assert record["reason"]
        assert len(record["candidates"]) <= 5
        for candidate in record["candidates"]:
            assert candidate.keys() >= CANDIDATE_KEYS
            assert candidate["reason"]
        if record["customer"]:
            assert record["customer"]["id"] in {candidate["id"] for candidate in record["candidates"]}
        else:
            assert record["tier"] is None


def test_decisions_follow_r1(qpmatch: Program, make: MakeWorld) -> None:
    make(
        {
            "1": " Alpha ",
            "2": "Caf\u00e9 Roma",
            "3": "beta",
            "4": "Twin",
            "5": "Twin",
            "6": "Gamma",
            "7": "Delta",
            "8": "Quetzalcoatl Mining",
            "9": "Gamma Holder",
        },
        {
            "a": "Alpha",
            "r": "Cafe\u0301 Roma",
            "b": "Beta",
            "t": "Twin",
            "g": "Gamma",
            "d1": "Delta",
            "d2": "Delta",
        },
        [("9", "g")],
    )
    found = _suggested(qpmatch)
    assert {id_: (r["decision"], r["customer"] and r["customer"]["id"]) for id_, r in found.items()} == {
        "1": ("match", "a"),
        "2": ("match", "r"),
        "3": ("review", "b"),
        "4": ("review", found["4"]["customer"] and "t"),
        "5": ("review", found["5"]["customer"] and "t"),
        "6": (found["6"]["decision"], found["6"]["customer"] and "g"),
        "7": ("review", found["7"]["customer"] and found["7"]["customer"]["id"]),
        "8": ("none", None),
    }
    assert found["6"]["decision"] != "match"  # its customer has a link already
    assert "g" in {candidate["id"] for candidate in found["6"]["candidates"]}
    assert {"d1", "d2"} <= {candidate["id"] for candidate in found["7"]["candidates"]}
    assert "t" in {c["id"] for c in found["4"]["candidates"]} & {c["id"] for c in found["5"]["candidates"]}
    assert found["1"]["tier"] == "exact"
    listed = {r["id"] for r in qpmatch("list", "--status", "suggested", "-r", "sandbox", "-o", "json").json}
    assert listed == {"1", "2"}


def test_accept_preselects_more(qpmatch: Program, make: MakeWorld) -> None:
    make(
        {"1": "Alpha", "2": "beta & sons", "3": "Gamma Industries Ltd"},
        {"a": "Alpha", "b": "Beta and Sons", "g": "Gamma Industries"},
    )
    decided = {
        accept: [
            id_ for id_, r in _suggested(qpmatch, "--accept", accept).items() if r["decision"] == "match"
        ]
        for accept in ("exact", "normalized", "suffix")
    }
    assert decided == {"exact": ["1"], "normalized": ["1", "2"], "suffix": ["1", "2", "3"]}


def test_only_legal_customers_are_candidates(qpmatch: Program, msp: World) -> None:
    rows = qpmatch("list", "matches", "-r", "sandbox", "-o", "json").json
    illegal = {k["id"] for row in rows if row["cardinality"] != "one-to-one" for k in row["customers"]}
    assert illegal
    records = qpmatch("suggest", "--candidates", "50", "-r", "sandbox", "-o", "json").json
    assert not illegal & {candidate["id"] for record in records for candidate in record["candidates"]}
    proposed = [record["customer"]["id"] for record in records if record["customer"]]
    assert len(proposed) == len(set(proposed))


def test_the_plan_holds_what_was_decided(qpmatch: Program, msp: World, home: Path) -> None:
    outcome = qpmatch("suggest", "--plan", "plan.yaml", "-r", "sandbox", "-o", "json")
    plan = load_plan(home / "plan.yaml")
    decisions = {r["company"]["id"]: r["decision"] for r in outcome.json if r["decision"] != "none"}
    assert {_company(entry): entry.action for entry in plan.operations} == decisions
    assert (plan.region, plan.integration) == ("sandbox", "autotask")
    assert msp.links == World(msp.path).links


def _company(entry: Any) -> str:
    return str(entry.company.id)


def test_a_plan_is_never_overwritten_without_force(qpmatch: Program, msp: World, home: Path) -> None:
    path = home / "plan.yaml"
    path.write_text("# mine\n")
    error = qpmatch("suggest", "--plan", "plan.yaml", "-r", "sandbox", "-o", "json", code=2).error
    assert "--force" in error["hint"]
    assert path.read_text() == "# mine\n"
    qpmatch("suggest", "--plan", "plan.yaml", "--force", "-r", "sandbox")
    assert load_plan(path).operations


def test_a_symlink_is_not_followed(qpmatch: Program, msp: World, home: Path) -> None:
    target = home / "elsewhere.yaml"
    target.write_text("precious\n")
    (home / "plan.yaml").symlink_to(target)
    for force in ([], ["--force"]):
        qpmatch("suggest", "--plan", "plan.yaml", *force, "-r", "sandbox", code=2)
    assert target.read_text() == "precious\n"
    assert (home / "plan.yaml").is_symlink()


def test_exported_lists_need_no_account(qpmatch: Program, home: Path) -> None:
    (home / "c.csv").write_text("id,name,city\n0,Alpha,Leeds\n2,beta,York\n", encoding="utf-8-sig")
    (home / "k.csv").write_text("Number;Title\nx;Alpha\ny;Beta\n", encoding="cp1252")
    outcome = qpmatch("suggest", "--companies", "c.csv", "--customers", "k.csv:Number,Title", "-o", "json")
    found = {record["company"]["id"]: record for record in outcome.json}
    assert (found["0"]["decision"], found["0"]["customer"]["id"]) == ("match", "x")
    assert (found["2"]["decision"], found["2"]["customer"]["id"]) == ("review", "y")
    qpmatch("suggest", "--companies", "c.csv", code=2)


def test_the_same_input_gives_the_same_output(qpmatch: Program, msp: World) -> None:
    first = qpmatch("suggest", "-r", "sandbox", "-o", "json").stdout
    with msp.writing() as db:  # the same rows in another order
        rows = db.execute("SELECT id, name, itglue_id FROM customer ORDER BY id DESC").fetchall()
        db.execute("DELETE FROM customer")
        db.executemany("INSERT INTO customer (id, name, itglue_id) VALUES (?, ?, ?)", rows)
    assert qpmatch("suggest", "-r", "sandbox", "-o", "json").stdout == first


def test_nothing_to_suggest(qpmatch: Program, make: MakeWorld) -> None:
    make({"1": "A"}, {"a": "A"}, [("1", "a")])
    assert qpmatch("suggest", "-r", "sandbox", "-o", "json").stdout == "[]\n"


@pytest.mark.parametrize("words", [["--min-score", "2"], ["--candidates", "0"], ["--accept", "similar"]])
def test_options_out_of_range(qpmatch: Program, msp: World, words: list[str]) -> None:
    assert qpmatch("suggest", *words, "-r", "sandbox", "-o", "json", code=2).error["exit_code"] == 2


def test_candidates_and_min_score_limit(qpmatch: Program, msp: World) -> None:
    one = _suggested(qpmatch, "--candidates", "1")
    exact = {id_ for id_, r in one.items() if {c["tier"] for c in r["candidates"]} == {"exact"}}
    assert all(len(record["candidates"]) <= 1 for id_, record in one.items() if id_ not in exact)
    high = _suggested(qpmatch, "--min-score", "0.99")
    assert all(record["customer"] is None or record["score"] >= 0.99 for record in high.values())


def test_the_table_has_stars_and_reasons(qpmatch: Program, make: MakeWorld) -> None:
    make({"1": "Alpha", "2": "Quetzalcoatl"}, {"a": "Alpha"})
    outcome = qpmatch("suggest", "-r", "sandbox")
    lines = outcome.stdout.splitlines()
    assert "\u2605 Alpha" in next(line for line in lines if line.startswith("Alpha"))
    assert "1 preselected" in outcome.stderr
