from __future__ import annotations

import json
import os
import stat
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from qpmatch.api.templates import Route
from qpmatch.errors import CredentialsError, DatacentreError, ExitCode, FileError, RefusedError
from qpmatch.models import Company, Customer, Link
from qpmatch.plan.apply import ApplyOptions, Hooks, confirm
from qpmatch.plan.check import Checked
from qpmatch.plan.journal import Journal, JournalError
from qpmatch.plan.model import Plan
from qpmatch.plan.result import ConfirmResult, Result, Status
from qpmatch.plan.runs import list_runs, read_run
from qpmatch.plan.yamlfile import load_plan, parse_plan
from tests.unit.datacentre import (
    FakeDatacentre,
    answer_lost,
    interrupt,
    maybe_sent,
    not_sent,
    state_in,
)

HEAD = "version: 1\nregion: sandbox\noperations:\n"
EVERYTHING = (
    "- {action: match, company: {id: a, name: A}, customer: {id: u, name: U},"
    " before: {company: [], customer: []}}\n"
    "- {action: create, company: {id: b, name: B}}\n"
    "- {action: unmatch, company: {id: c}, customer: {id: v}, before: {company: [v], customer: [c]}}\n"
    "- {action: edit, row: {customer: {id: w}}, companies: [{id: e}, {id: f}],"
    " before: {companies: [d], customers: [w]}}\n"
    "- {action: review, company: {id: g}}\n"
)
BEFORE = {("c", "v"), ("d", "w")}
AFTER = {("a", "u"), ("b", "new1"), ("e", "w"), ("f", "w")}


def plan(operations: str = EVERYTHING) -> Plan:
    return parse_plan(HEAD + operations, "plan.yaml")


def datacentre(delay: float = 0.1) -> FakeDatacentre:
    return FakeDatacentre(
        [Company(name.lower(), name) for name in "ABCDEFGH"],
        [Customer(name.lower(), name) for name in "UVWXYZ"],
        BEFORE,
        delay=delay,
    )


Run = Callable[..., ConfirmResult]
NO_HOOKS = Hooks()


@pytest.fixture
def run(home: Path) -> Run:
    def call(
        there: FakeDatacentre,
        what: Plan | None = None,
        *,
        hooks: Hooks = NO_HOOKS,
        **options: bool | int | Path,
    ) -> ConfirmResult:
        return confirm(
            what or plan(),
            there,
            state_in(home),
            options=replace(ApplyOptions(), **options),  # type: ignore[arg-type]  # as the test gives them
            hooks=hooks,
            clock=there.time.clock,
        )

    return call


def results(result: ConfirmResult) -> list[str]:
    return [operation.result.value for operation in result.operations]


def undo_of(result: ConfirmResult) -> Plan:
    assert result.undo is not None
    return load_plan(Path(result.undo))


# -- what a run does ------------------------------------------------------------------------------


def test_everything_is_applied_and_seen(run: Run) -> None:
    there = datacentre()
    result = run(there)
    assert results(result) == ["applied"] * 4 + ["skipped"]
    assert (result.status, result.exit_code) == (Status.SUCCESS, ExitCode.DONE)
    assert there.links == AFTER
    assert result.operations[1].customers[0].id == "new1"


def test_saves_of_many_operations_are_one_job(run: Run) -> None:
    there = datacentre()
    run(there)
    assert there.requests == [
        ("create", ["b"]),
        ("save", [("a", "u"), ("e", "w"), ("f", "w")]),
        ("delete", ("c", "v")),
        ("delete", ("d", "w")),
    ]


def test_a_job_holds_a_company_once_and_five_hundred_links(run: Run) -> None:
    companies = [Company(str(n), f"C{n}") for n in range(501)]
    customers = [Customer(f"u{n}", f"U{n}") for n in range(503)]
    there = FakeDatacentre(companies, customers, [("500", "u500")])
    operations = "".join(f"- {{action: match, company: C{n}, customer: U{n}}}\n" for n in range(500))
    operations += "- {action: edit, row: {company: C500}, customers: [U500, U501, U502]}\n"
    assert run(there, plan(operations)).status is Status.SUCCESS
    assert [len(job) for job in there.sent("save") if isinstance(job, list)] == [500, 1, 1]


def test_the_same_plan_twice_changes_nothing(run: Run) -> None:
    there = datacentre()
    run(there)
    there.requests.clear()
    again = run(there)
    assert results(again) == ["unchanged"] * 4 + ["skipped"]
    assert (again.undo, again.journal, there.requests) == (None, None, [])


def test_the_result_has_the_shape_of_the_specification(run: Run) -> None:
    found = json.loads(json.dumps(run(datacentre()).to_json()))
    assert list(found) == [
        "region",
        "integration",
        "dry_run",
        "status",
        "summary",
        "operations",
        "undo",
        "journal",
    ]
    assert found["summary"] == {
        "applied": 4,
        "unchanged": 0,
        "refused": 0,
        "failed": 0,
        "skipped": 1,
        "pending": 0,
    }
    assert found["operations"][3] == {
        "index": 4,
        "action": "edit",
        "companies": [{"id": "e", "name": "E"}, {"id": "f", "name": "F"}],
        "customers": [{"id": "w", "name": "W"}],
        "result": "applied",
        "reason": "seen to take effect",
    }


@pytest.mark.parametrize(("check", "code"), [(False, ExitCode.DONE), (True, ExitCode.PENDING)])
def test_a_dry_run_leaves_no_trace(run: Run, home: Path, check: bool, code: ExitCode) -> None:
    there = datacentre()
    result = run(there, dry_run=not check, check=check)
    assert results(result) == ["pending"] * 4 + ["skipped"]
    assert (result.status, result.exit_code, result.dry_run) == (Status.PENDING, code, True)
    assert there.requests == []
    assert list(home.iterdir()) == []
    run(there)
    assert run(there, check=True).exit_code is ExitCode.DONE


REFUSED = EVERYTHING + "- {action: match, company: {id: h}, customer: {id: v}, before: {customer: []}}\n"


def test_one_refusal_stops_the_whole_plan(run: Run) -> None:
    there = datacentre()
    shown: list[Checked] = []
    operations = EVERYTHING.replace(
        "- {action: unmatch",
        "- {action: match, company: {id: h}, customer: {id: z}, before: {customer: [x]}}\n- {action: unmatch",
    )
    result = run(there, plan(operations), hooks=Hooks(checked=shown.append))
    assert results(result) == ["skipped", "skipped", "refused", "skipped", "skipped", "skipped"]
    assert (result.status, result.exit_code) == (Status.REFUSED, ExitCode.REFUSED)
    assert (there.requests, result.undo, result.journal) == ([], None, None)
    assert len(shown) == 1
    assert run(there, plan(operations), dry_run=True).exit_code is ExitCode.REFUSED

    kept_going = run(there, plan(operations), keep_going=True)
    assert results(kept_going) == ["applied", "applied", "refused", "applied", "applied", "skipped"]
    assert (kept_going.status, kept_going.exit_code) == (Status.PARTIAL, ExitCode.PARTIAL)
    assert there.links == AFTER
    again = run(there, plan(operations), keep_going=True)
    assert again.exit_code is ExitCode.PARTIAL


def test_nothing_but_refusals_is_refused_even_when_going_on(run: Run) -> None:
    result = run(datacentre(), plan("- {action: create, company: Nobody}\n"), keep_going=True)
    assert (result.status, result.exit_code) == (Status.REFUSED, ExitCode.REFUSED)


def test_the_guard_is_not_overruled_by_going_on(run: Run) -> None:
    there = FakeDatacentre(
        [Company(str(n), f"C{n}") for n in range(12)],
        [Customer(f"u{n}", f"U{n}") for n in range(12)],
        [(str(n), f"u{n}") for n in range(11)],
    )
    operations = "".join(f"- {{action: unmatch, company: C{n}}}\n" for n in range(11))
    operations += "- {action: match, company: C11, customer: U11}\n"
    for dry_run in (True, False):
        result = run(there, plan(operations), keep_going=True, dry_run=dry_run)
        assert results(result) == ["refused"] * 11 + ["skipped"]
        assert result.exit_code is ExitCode.REFUSED
    assert there.requests == []
    assert run(there, plan(operations), allow_removals=11).exit_code is ExitCode.DONE


def test_a_plan_for_another_region_is_refused_unread(run: Run) -> None:
    there = FakeDatacentre(region="eu")
    with pytest.raises(RefusedError):
        run(there)
    assert there.reads == 0


def test_a_plan_can_be_made_from_what_is_read(run: Run) -> None:
    there = datacentre()
    result = confirm(
        lambda tenant: plan(f"- {{action: unmatch, company: {{id: {min(tenant.links).company_id}}}}}\n"),
        there,
        state_in(Path.cwd()),
        clock=there.time.clock,
    )
    assert result.exit_code is ExitCode.DONE
    assert there.links == {("d", "w")}


def test_a_person_may_say_no(run: Run) -> None:
    there = datacentre()
    result = run(there, hooks=Hooks(approve=lambda checked: False))
    assert results(result) == ["skipped"] * 5
    assert result.exit_code is ExitCode.REFUSED
    assert there.requests == []


def test_assumed_routes_are_held_back(run: Run) -> None:
    there = datacentre()
    there.held = {"matches.save", "matches.delete"}
    with pytest.raises(RefusedError, match="held back") as caught:
        run(there)
    assert "matches.delete, matches.save" in caught.value.message
    assert "customers.create" not in caught.value.message
    assert "--allow-assumed or allow_assumed: true in the profile" in (caught.value.hint or "")
    with pytest.raises(RefusedError):
        run(there, hooks=Hooks(approve_assumed=lambda routes: False))
    assert there.requests == []
    assert run(there, dry_run=True).status is Status.PENDING
    asked: list[str] = []

    def agree(routes: Sequence[Route]) -> bool:
        asked.extend(route.name for route in routes)
        return True

    hooks = Hooks(approve_assumed=agree)
    assert run(there, plan(EVERYTHING.splitlines()[0]), hooks=hooks).status is Status.SUCCESS
    assert asked == ["matches.save"]
    assert run(there, allow_assumed=True).status is Status.SUCCESS


# -- what can go wrong ----------------------------------------------------------------------------


def test_an_answer_that_is_lost_is_read_back(run: Run) -> None:
    for name in ("create", "save", "delete"):
        there = datacentre()
        there.fail(name, answer_lost)
        result = run(there)
        assert (result.status, there.links) == (Status.SUCCESS, AFTER), name
        assert len(there.requests) == 4


def test_a_write_that_may_have_arrived_is_never_sent_again(run: Run) -> None:
    there = datacentre()
    there.fail("save", maybe_sent)
    result = run(there)
    assert results(result) == ["failed", "applied", "applied", "failed", "skipped"]
    assert result.exit_code is ExitCode.PARTIAL
    assert "not seen to take effect" in result.operations[0].reason
    assert run(there).status is Status.SUCCESS
    assert there.links == AFTER


def test_a_job_that_never_takes_effect_has_failed(run: Run) -> None:
    there = datacentre()
    there.works = False
    result = run(there, plan(EVERYTHING.splitlines()[0]))
    assert results(result) == ["failed"]
    assert (result.status, result.exit_code) == (Status.PARTIAL, ExitCode.UNREACHABLE)
    assert result.operations[0].reason == "accepted, but not seen to take effect within 10 s"


def test_what_was_not_seen_stands_in_the_undo_plan_in_case_it_still_comes(run: Run) -> None:
    there = datacentre(delay=30)
    result = run(there, plan(EVERYTHING.splitlines()[0]))
    assert results(result) == ["failed"]
    assert run(there, undo_of(result)).operations[0].result.value == "unchanged"
    there.settle()
    assert ("a", "u") in there.links
    assert run(there, undo_of(result)).operations[0].result.value == "applied"
    assert ("a", "u") not in there.links


def test_a_request_that_is_turned_down_is_tried_once_more(run: Run) -> None:
    there = datacentre()
    there.fail("delete", not_sent)
    assert run(there).status is Status.SUCCESS
    assert there.links == AFTER


def test_a_request_that_is_turned_down_twice_fails_alone(run: Run) -> None:
    there = datacentre()
    there.fail("delete", not_sent, not_sent)
    result = run(there)
    assert results(result) == ["applied", "applied", "failed", "applied", "skipped"]
    assert result.operations[2].reason == "delete: connection refused"
    assert result.exit_code is ExitCode.PARTIAL


def test_three_failures_in_a_row_stop_the_run(run: Run) -> None:
    there = FakeDatacentre(
        [Company(str(n), f"C{n}") for n in range(6)],
        [Customer(f"u{n}", f"U{n}") for n in range(6)],
        [(str(n), f"u{n}") for n in range(6)],
    )
    there.fail("delete", *[not_sent] * 6)
    result = run(there, plan("".join(f"- {{action: unmatch, company: C{n}}}\n" for n in range(6))))
    assert results(result) == ["failed"] * 3 + ["skipped"] * 3
    assert (result.exit_code, len(there.faults["delete"])) == (ExitCode.UNREACHABLE, 0)
    assert result.undo is None


def test_one_link_that_may_not_be_made_does_not_take_its_job_with_it(run: Run) -> None:
    there = FakeDatacentre(
        [Company(str(n), f"C{n}") for n in range(120)], [Customer(f"u{n}", f"U{n}") for n in range(120)]
    )
    save, jobs = there.save_links, list[int]()

    def picky(pairs: Sequence[tuple[Company, Customer]]) -> None:
        jobs.append(len(pairs))
        if any(company.id == "77" for company, _ in pairs):
            raise DatacentreError("409: R3")
        save(pairs)

    there.save_links = picky  # type: ignore[method-assign]  # a rule of its own
    operations = "".join(f"- {{action: match, company: C{n}, customer: U{n}}}\n" for n in range(120))
    result = run(there, plan(operations))
    assert [one.index for one in result.operations if one.result is Result.FAILED] == [78]
    assert result.summary["applied"] == 119
    assert len(jobs) < 30


def test_a_job_that_a_colleague_made_illegal_is_sent_again_without_that_link(run: Run) -> None:
    there = datacentre()
    save = there.save_links

    def judging(pairs: Sequence[tuple[Company, Customer]]) -> None:
        there.links.add(Link("a", "x"))
        if any(company.id == "a" for company, _ in pairs):
            raise DatacentreError("409: R3")
        save(pairs)

    there.save_links = judging  # type: ignore[method-assign]  # somebody is quicker
    result = run(there)
    assert results(result) == ["refused", "applied", "applied", "applied", "skipped"]
    assert result.operations[0].reason.startswith("R7")
    assert result.exit_code is ExitCode.PARTIAL


def test_lost_credentials_stop_the_run(run: Run) -> None:
    there = datacentre()

    def refuse(name: str) -> None:
        raise CredentialsError("the session has expired")

    there.fail("create", refuse)
    result = run(there)
    assert results(result) == ["skipped", "failed", "skipped", "skipped", "skipped"]
    assert (result.exit_code, there.requests) == (ExitCode.CREDENTIALS, [])


def test_a_datacentre_that_goes_away_before_the_read_back(run: Run) -> None:
    there = datacentre()
    there.fail("read_links", not_sent)
    result = run(there)
    assert results(result) == ["failed"] * 4 + ["skipped"]
    assert "could not be read back" in result.operations[0].reason
    assert result.exit_code is ExitCode.UNREACHABLE
    there.settle()
    assert run(there).status is Status.SUCCESS
    assert there.links == AFTER


def test_a_first_read_that_fails_is_an_error(run: Run, home: Path) -> None:
    there = datacentre()
    there.fail("read", not_sent)
    with pytest.raises(DatacentreError):
        run(there)
    assert list(home.glob("state/journal/*")) == []


# -- somebody else at the same time ---------------------------------------------------------------


def test_what_changed_while_a_person_was_asked_is_not_overwritten(run: Run) -> None:
    there = datacentre()

    def meanwhile(checked: Checked) -> bool:
        there.links |= {Link("a", "x"), Link("g", "w")}
        there.rename("c", "Renamed")
        there.customers["n"] = Customer("n", "B")
        return True

    named = EVERYTHING.replace("company: {id: c}", "company: {id: c, name: C}")
    result = run(there, plan(named), hooks=Hooks(approve=meanwhile))
    assert results(result) == ["refused"] * 4 + ["skipped"]
    assert result.exit_code is ExitCode.REFUSED
    assert there.requests == []
    reasons = [operation.reason for operation in result.operations[:4]]
    assert reasons[0].startswith("R7")
    assert reasons[1].startswith("R6")
    assert "renamed 'Renamed'" in reasons[2]
    assert reasons[3].startswith("R7")


@pytest.mark.parametrize("meanwhile", ["inactive", "deleted company", "deleted customer"])
def test_members_that_went_meanwhile_are_left_alone(run: Run, meanwhile: str) -> None:
    there = datacentre()

    def change(checked: Checked) -> bool:
        if meanwhile == "inactive":
            there.companies["a"] = replace(there.companies["a"], active=False)
        elif meanwhile == "deleted company":
            del there.companies["a"]
        else:
            del there.customers["u"]
        return True

    result = run(there, plan(EVERYTHING.splitlines()[0]), hooks=Hooks(approve=change))
    assert results(result) == ["refused"]
    assert result.operations[0].reason.startswith("R7")


def test_what_somebody_else_did_meanwhile_is_unchanged(run: Run) -> None:
    there = datacentre()

    def same(checked: Checked) -> bool:
        there.links |= {Link("a", "u")}
        return True

    result = run(there, plan(EVERYTHING.splitlines()[0]), hooks=Hooks(approve=same))
    assert results(result) == ["unchanged"]
    assert result.undo is None


def test_a_row_that_changes_between_two_waves_is_left_half_way_and_said_so(run: Run) -> None:
    there = datacentre()

    def join(name: str) -> None:
        if name == "read" and ("e", "w") in there.links:
            there.links.add(Link("g", "w"))

    there.before = join
    result = run(there)
    assert results(result) == ["applied", "applied", "applied", "refused", "skipped"]
    assert "somebody changed these links" in result.operations[3].reason
    assert {("d", "w"), ("e", "w"), ("f", "w"), ("g", "w")} <= there.links
    assert result.exit_code is ExitCode.PARTIAL


# -- what is left behind --------------------------------------------------------------------------


def test_the_undo_plan_restores_the_links_and_can_be_undone(run: Run) -> None:
    there = datacentre()
    undo = undo_of(run(there))
    undone = run(there, undo)
    assert (undone.status, there.links) == (Status.SUCCESS, BEFORE)
    redone = run(there, undo_of(undone))
    assert (redone.status, there.links) == (Status.SUCCESS, AFTER)


def test_an_undo_plan_is_not_held_up_by_the_guard(run: Run) -> None:
    there = FakeDatacentre(
        [Company(str(n), f"C{n}") for n in range(30)], [Customer(f"u{n}", f"U{n}") for n in range(30)]
    )
    forward = run(
        there, plan("".join(f"- {{action: match, company: C{n}, customer: U{n}}}\n" for n in range(30)))
    )
    assert run(there, undo_of(forward)).status is Status.SUCCESS
    assert there.links == set()


def test_an_undo_plan_refuses_what_was_changed_since(run: Run) -> None:
    there = datacentre()
    undo = undo_of(run(there))
    there.links |= {Link("h", "u")}
    result = run(there, undo, keep_going=True)
    assert results(result) == ["applied", "applied", "applied", "refused"]
    assert ("a", "u") in there.links


def test_what_cannot_be_undone_is_said_in_the_file(run: Run) -> None:
    there = FakeDatacentre(
        [Company("a", "A"), Company("b", "B")],
        [Customer("u", "U"), Customer("v", "V")],
        [("a", "u"), ("a", "v"), ("b", "u")],
    )
    result = run(there, plan("- {action: unmatch, company: B, customer: U}\n"))
    assert result.undo is not None
    text = Path(result.undo).read_text(encoding="utf-8")
    assert "# Cannot be undone: operation 1, which took links out of a many-to-many row" in text
    assert undo_of(result).operations == ()


def test_the_undo_plan_is_there_before_anything_is_sent(run: Run) -> None:
    there = datacentre()
    seen: list[tuple[Path, Path, int]] = []

    def started(journal: Path, undo: Path) -> None:
        seen.append((journal, undo, len(load_plan(undo).operations)))
        assert there.requests == []
        assert journal.exists()

    result = run(there, hooks=Hooks(started=started))
    assert [(str(journal), str(undo), count) for journal, undo, count in seen] == [
        (result.journal, result.undo, 4)
    ]


def test_the_undo_plan_can_go_elsewhere_and_overwrites_nothing(run: Run, home: Path) -> None:
    there = datacentre()
    path = home / "back.yaml"
    path.write_text("mine")
    with pytest.raises(FileError, match="exists already"):
        run(there, undo=path)
    assert there.requests == []
    path.unlink()
    assert run(there, undo=path).undo == str(path)
    assert len(load_plan(path).operations) == 4


@pytest.mark.skipif(os.name == "nt", reason="modes are different there")
def test_state_is_for_its_owner_alone(run: Run, home: Path) -> None:
    result = run(datacentre())
    for path in (result.journal, result.undo):
        assert path is not None
        assert stat.S_IMODE(Path(path).stat().st_mode) == 0o600
        assert stat.S_IMODE(Path(path).parent.stat().st_mode) == 0o700
    assert stat.S_IMODE((home / "state").stat().st_mode) == 0o700


def test_the_journal_tells_the_run(run: Run, home: Path) -> None:
    result = run(datacentre())
    found = list_runs(home / "state" / "journal")
    assert [one.status for one in found] == ["success"]
    kinds = [event["event"] for event in found[0].events]
    assert kinds[0] == "begin"
    assert kinds[-1] == "end"
    assert kinds.count("send") == kinds.count("answer") == 4
    assert found[0].summary()["results"] == {"applied": 4}
    assert found[0].begin["tenant"] == "sandbox-tech@msp.example"
    assert read_run(home / "state" / "journal", "latest").run_id == found[0].run_id
    assert str(found[0].path) == result.journal


def test_each_request_is_in_the_journal_before_it_goes_out(run: Run, home: Path) -> None:
    there = datacentre()
    checks: list[bool] = []

    def look(name: str) -> None:
        if name in ("save", "delete", "create"):
            (journal,) = (home / "state" / "journal").iterdir()
            last = json.loads(journal.read_text().splitlines()[-1])
            checks.append(last["event"] == "send" and last["kind"] == name)

    there.before = look
    run(there)
    assert checks == [True] * 4


def test_a_full_disk_at_the_start_sends_nothing(
    run: Run, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = datacentre()

    def full(self: Journal, events: object) -> None:
        raise JournalError("the journal cannot be written: No space left on device")

    monkeypatch.setattr(Journal, "_write", full)
    with pytest.raises(JournalError):
        run(there)
    assert there.requests == []
    assert list((home / "state" / "undo").iterdir()) == []


def test_a_full_disk_for_the_undo_plan_sends_nothing(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    there = datacentre()

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(FileError, match="No space left"):
        run(there)
    assert there.requests == []


def test_a_disk_that_fills_up_in_the_middle_stops_the_run(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    for allowed in range(3, 14):
        there = datacentre()
        write, count = Journal._write, iter(range(100))

        def fill(self: Journal, events: list[dict[str, object]], allowed: int = allowed) -> None:
            if next(count) >= allowed:  # noqa: B023 - used up within this turn
                raise JournalError("the journal cannot be written: No space left on device")
            write(self, events)  # noqa: B023 - as above

        with monkeypatch.context() as patch:
            patch.setattr(Journal, "_write", fill)
            result = run(there)
        claimed = sum(one == "applied" for one in results(result))
        assert claimed == 4 or result.status is Status.PARTIAL
        there.settle()
        assert run(there).status is Status.SUCCESS
        assert there.links == AFTER


def test_an_interruption_gets_out_and_the_journal_says_so(run: Run, home: Path) -> None:
    there = datacentre()
    there.fail("delete", interrupt)
    with pytest.raises(KeyboardInterrupt):
        run(there)
    (found,) = list_runs(home / "state" / "journal")
    assert (found.status, found.events[-1]["event"]) == ("interrupted", "interrupted")
    undo = load_plan(Path(found.begin["undo"]))
    there.settle()
    assert run(there, undo).status is Status.SUCCESS
    assert there.links == BEFORE
