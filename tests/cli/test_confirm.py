"""``confirm`` (SPEC 3, 5, 6): what it does, refuses, reports and takes back."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tests.cli.confirming import AFTER, COMPANIES, CUSTOMERS, LINKS, PLAN, applied, confirmed, results, write
from tests.cli.conftest import MakeWorld
from tests.conftest import Outcome, Program
from tests.world import World


@pytest.fixture
def world(make: MakeWorld) -> World:
    return make(COMPANIES, CUSTOMERS, LINKS)


def test_a_plan_is_applied_seen_and_taken_back(qpmatch: Program, world: World, home: Path) -> None:
    done = applied(qpmatch, write(home))
    assert (done["region"], done["integration"], done["dry_run"]) == ("sandbox", "autotask", False)
    assert done["status"] == "success"
    assert results(done) == ["applied", "applied", "skipped", "applied", "applied", "applied"]
    assert done["operations"][0]["companies"] == [{"id": "0", "name": "Company 0"}]
    assert done["operations"][0]["customers"] == [{"id": "k0", "name": "Customer 0"}]
    created = world.customers.keys() - CUSTOMERS.keys()
    assert len(created) == 1
    assert world.links == AFTER | {("3", *created)}
    assert done["operations"][3]["customers"] == [{"id": next(iter(created)), "name": "Company 3"}]
    assert Path(done["journal"]).is_file()

    again = applied(qpmatch, "plan.yaml")
    assert again["status"] == "success"
    assert results(again) == ["unchanged", "unchanged", "skipped", "unchanged", "unchanged", "unchanged"]
    assert (again["undo"], again["journal"]) == (None, None)

    undone = applied(qpmatch, done["undo"])
    assert undone["status"] == "success"
    assert world.links == set(LINKS)
    assert world.customers.keys() - CUSTOMERS.keys() == created  # a created customer is not deleted
    assert "not deleted" in Path(done["undo"]).read_text()

    redone = applied(qpmatch, undone["undo"])
    assert redone["status"] == "success"
    assert world.links == AFTER | {("3", *created)}


def test_the_pending_state_is_told_the_same_way_by_both_dry_runs(
    qpmatch: Program, world: World, home: Path
) -> None:
    plan = write(home)
    dry = confirmed(qpmatch, plan, "--dry-run")
    check = confirmed(qpmatch, plan, "--check", code=3)
    assert dry == check
    assert (dry["dry_run"], dry["status"], dry["undo"], dry["journal"]) == (True, "pending", None, None)
    assert results(dry) == ["pending", "pending", "skipped", "pending", "pending", "pending"]
    assert world.links == set(LINKS)
    assert not (home / "state").exists()
    real = applied(qpmatch, plan)
    for shown, done in zip(dry["operations"], real["operations"], strict=True):
        assert (shown["index"], shown["action"], shown["companies"]) == (
            done["index"],
            done["action"],
            done["companies"],
        )
        assert done["action"] == "create" or shown["customers"] == done["customers"]
    assert confirmed(qpmatch, plan, "--check")["status"] == "success"


REFUSED = "- {action: match, company: {id: '10'}, customer: {id: k10}}\n"


def test_one_refusal_stops_the_whole_plan(qpmatch: Program, world: World, home: Path) -> None:
    refused = applied(qpmatch, write(home, PLAN + REFUSED), code=4)
    assert refused["status"] == "refused"
    assert results(refused) == ["skipped"] * 6 + ["refused"]
    assert "R3" in refused["operations"][6]["reason"]
    assert "qpmatch edit" in refused["operations"][6]["reason"]
    assert (refused["undo"], refused["journal"]) == (None, None)
    assert world.links == set(LINKS)
    assert confirmed(qpmatch, "plan.yaml", "--dry-run", code=4)["status"] == "refused"
    assert confirmed(qpmatch, "plan.yaml", "--check", code=4)["status"] == "refused"


def test_keep_going_applies_the_rest(qpmatch: Program, world: World, home: Path) -> None:
    done = applied(qpmatch, write(home, PLAN + REFUSED), "--keep-going", code=5)
    assert done["status"] == "partial"
    assert done["summary"] == {
        "applied": 5, "unchanged": 0, "refused": 1, "failed": 0, "skipped": 1, "pending": 0,
    }  # fmt: skip
    assert world.links >= AFTER
    only = applied(qpmatch, write(home, REFUSED), "--keep-going", code=4)
    assert only["status"] == "refused"


def test_off_a_terminal_yes_is_needed(qpmatch: Program, world: World, home: Path) -> None:
    outcome = qpmatch("confirm", write(home), "-o", "json", code=2, stdin="y\n")
    assert "--yes" in outcome.error["hint"]
    assert world.links == set(LINKS)


def test_an_empty_plan_is_done(qpmatch: Program, world: World, home: Path) -> None:
    for operations in ("", "- {action: review, company: {id: '2'}}\n"):
        document = applied(qpmatch, write(home, operations))
        assert (document["status"], document["undo"]) == ("success", None)


def test_a_plan_for_another_place_is_refused(qpmatch: Program, world: World, home: Path) -> None:
    eu = write(home, head="region: eu\n")
    error = qpmatch("confirm", eu, "--yes", "-r", "sandbox", "-o", "json", code=4).error
    assert "eu" in error["message"]
    itglue = write(home, head="region: sandbox\nintegration: itglue\n", name="other.yaml")
    assert (
        "itglue"
        in qpmatch("confirm", itglue, "--yes", "-r", "sandbox", "-o", "json", code=4).error["message"]
    )
    assert world.links == set(LINKS)


def test_two_operations_on_one_row(qpmatch: Program, world: World, home: Path) -> None:
    seen_in_the_file = write(
        home, "- {action: unmatch, company: {id: '4'}}\n- {action: create, company: {id: '4'}}\n"
    )
    error = qpmatch("confirm", seen_in_the_file, "--yes", "-o", "json", code=2).error
    assert "plan.yaml:5:" in error["message"]
    found_live = write(
        home, "- {action: unmatch, company: {id: '5'}}\n- {action: unmatch, company: {id: '6'}}\n"
    )
    assert qpmatch("confirm", found_live, "--yes", "-o", "json", code=2).error["code"] == "plan"
    assert world.links == set(LINKS)


def test_the_undo_of_many_links_is_no_matter_for_the_guard(
    qpmatch: Program, make: MakeWorld, home: Path
) -> None:
    names = {f"{n}": f"Company {n}" for n in range(20)}
    world = make(names, {f"k{n}": f"Company {n}" for n in range(20)})
    done = applied(qpmatch, "--suggested", "-r", "sandbox")
    assert done["summary"]["applied"] == len(world.links) == 20
    assert applied(qpmatch, done["undo"])["status"] == "success"
    assert world.links == set()


def test_suggested_confirms_what_list_calls_suggested(qpmatch: Program, msp: World) -> None:
    before = msp.links
    listed = qpmatch("list", "--status", "suggested", "-r", "sandbox", "-o", "json").json
    expected = {(record["id"], record["suggestion"]["id"]) for record in listed}
    dry = confirmed(qpmatch, "--suggested", "--dry-run", "-r", "sandbox")
    assert dry["summary"]["pending"] == len(expected) > 10
    assert applied(qpmatch, "--suggested", "-r", "sandbox")["summary"]["applied"] == len(expected)
    assert msp.links == before | expected
    assert applied(qpmatch, "--suggested", "-r", "sandbox")["operations"] == []


def test_suggested_and_a_plan_exclude_each_other(qpmatch: Program, world: World, home: Path) -> None:
    both = qpmatch("confirm", write(home), "--suggested", "--yes", code=2)
    assert "--suggested goes without a plan file" in both.stderr
    neither = qpmatch("confirm", "--yes", code=2)
    assert "name a plan file, or give --suggested" in neither.stderr


def test_the_plan_that_suggest_wrote(qpmatch: Program, msp: World, home: Path) -> None:
    before = msp.links
    qpmatch("suggest", "--plan", "plan.yaml", "-r", "sandbox")
    done = applied(qpmatch, "plan.yaml")
    assert done["summary"]["applied"] == len(msp.links - before) > 10
    assert done["summary"]["skipped"] > 10
    assert set(results(applied(qpmatch, "plan.yaml"))) == {"unchanged", "skipped"}
    applied(qpmatch, done["undo"])
    assert msp.links == before


def test_the_undo_plan_may_go_where_the_user_says(qpmatch: Program, world: World, home: Path) -> None:
    done = applied(qpmatch, write(home), "--undo", "back.yaml")
    assert (home / "back.yaml").is_file()
    assert Path(done["undo"]).resolve() == home / "back.yaml"
    world.unlink("0", "k0")
    qpmatch("confirm", "plan.yaml", "--yes", "--undo", "back.yaml", code=2)
    assert ("0", "k0") not in world.links


def test_the_undo_refuses_what_somebody_changed_since(qpmatch: Program, world: World, home: Path) -> None:
    done = applied(qpmatch, write(home))
    world.add(links=[("8", "k0")])
    before = world.links
    refused = applied(qpmatch, done["undo"], code=4)
    assert "R7" in json.dumps(refused)
    assert world.links == before


def test_many_to_many_rows_can_only_be_unmatched(qpmatch: Program, make: MakeWorld, home: Path) -> None:
    knot = [("1", "a"), ("1", "b"), ("2", "a"), ("2", "b")]
    world = make({"1": "One", "2": "Two", "3": "Three"}, {"a": "A", "b": "B", "c": "C"}, knot)
    for operation in (
        "match, company: {id: '3'}, customer: {id: a}",
        "match, company: {id: '1'}, customer: {id: c}",
        "edit, row: {company: {id: '1'}}, customers: [{id: a}]",
    ):
        refused = applied(qpmatch, write(home, f"- {{action: {operation}}}\n"), code=4)
        assert "R4" in refused["operations"][0]["reason"]
    done = applied(qpmatch, write(home, "- {action: unmatch, company: {id: '1'}, customer: {id: b}}\n"))
    assert done["status"] == "success"
    assert world.links == {("1", "a"), ("2", "a"), ("2", "b")}


@pytest.mark.parametrize(
    "plan", sorted(Path(__file__).parents[1].glob("data/plans/bad-*.yaml")), ids=lambda p: p.stem
)
def test_a_bad_plan_changes_nothing(qpmatch: Program, world: World, plan: Path) -> None:
    outcome = qpmatch("confirm", str(plan), "--yes", "-r", "sandbox", "-o", "json", code=2)
    assert outcome.stdout == ""
    assert outcome.error["exit_code"] == 2
    assert plan.name in outcome.error["message"]
    assert world.links == set(LINKS)


def test_a_missing_plan(qpmatch: Program, world: World) -> None:
    error = qpmatch("confirm", "nowhere.yaml", "--yes", "-r", "sandbox", "-o", "json", code=2).error
    assert "nowhere.yaml" in error["message"]


def test_the_journal_tells_the_run(qpmatch: Program, world: World, home: Path) -> None:
    assert qpmatch("journal", "list", "-o", "json").stdout == "[]\n"
    done = applied(qpmatch, write(home))
    (run,) = qpmatch("journal", "list", "-o", "json").json
    assert (run["status"], run["undo"], run["journal"]) == ("success", done["undo"], done["journal"])
    events = qpmatch("journal", "show", "latest", "-o", "json").json
    assert (events[0]["event"], events[-1]["event"]) == ("begin", "end")
    assert sum(event["event"] == "send" for event in events) == sum(e["event"] == "answer" for e in events)
    qpmatch("journal", "show", run["run"][:10])
    qpmatch("journal", "show", "nothing", code=2)
    if os.name == "posix":
        for path in (done["journal"], done["undo"]):
            assert Path(path).stat().st_mode & 0o077 == 0


def test_the_table_says_what_was_done(qpmatch: Program, world: World, home: Path) -> None:
    outcome: Outcome = qpmatch("confirm", write(home), "--yes")
    assert "Company 0" in outcome.stdout
    assert "applied" in outcome.stdout
    assert "to go back: qpmatch confirm" in outcome.stderr
    quiet = qpmatch("confirm", "plan.yaml", "--yes", "--quiet")
    assert quiet.stderr == ""
