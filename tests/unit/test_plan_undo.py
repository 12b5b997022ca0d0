"""Property tests: there and back again, undisturbed and with a crash on the way."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qpmatch.matching.operations import Unchanged
from qpmatch.matching.rows import RowIndex
from qpmatch.models import Cardinality, Link, Tenant
from qpmatch.plan.apply import ApplyOptions, confirm
from qpmatch.plan.check import check
from qpmatch.plan.journal import Journal
from qpmatch.plan.limits import Limits
from qpmatch.plan.model import Plan
from qpmatch.plan.result import ConfirmResult, Result, Status
from qpmatch.plan.runs import list_runs
from qpmatch.plan.yamlfile import load_plan
from tests.unit.datacentre import FakeDatacentre, answer_lost, maybe_sent, not_sent, state_in
from tests.unit.plan_worlds import allowed_plans, tenants


@pytest.fixture(autouse=True, scope="module")
def _quick_disk() -> Iterator[None]:
    """Thousands of runs: what reaches the disk platter is not in question here."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("os.fsync", lambda descriptor: None)
        yield


NO_LIMITS = ApplyOptions(limits=Limits(removals=10_000))


def serving(tenant: Tenant) -> FakeDatacentre:
    return FakeDatacentre(tenant.companies.values(), tenant.customers.values(), tenant.links)


def run(there: FakeDatacentre, plan: Plan, folder: Path) -> ConfirmResult:
    return confirm(plan, there, state_in(folder), options=NO_LIMITS, clock=there.time.clock)


def undo_of(result: ConfirmResult) -> Plan:
    assert result.undo is not None
    return load_plan(Path(result.undo))


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_any_plan_can_be_undone_and_the_undo_too(data: st.DataObject) -> None:
    tenant = data.draw(tenants())
    plan = data.draw(allowed_plans(tenant, by_hand=data.draw(st.booleans())))
    there = serving(tenant)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        done = run(there, plan, folder)
        assert done.status is Status.SUCCESS
        assert there.dropped == []
        after = set(there.links)
        if done.undo is None:
            assert not plan.operations
            return
        undone = run(there, undo_of(done), folder)
        assert undone.status is Status.SUCCESS
        assert there.links == tenant.links
        redone = run(there, undo_of(undone), folder)
        assert redone.status is Status.SUCCESS
        assert there.links == after


class Killed(BaseException):
    """What stops a process in its tracks: nothing after it runs."""


class Bomb:
    """Counts requests before and after they arrive and journal lines before and after they are written.

    At the given point it goes off.
    """

    def __init__(self, at: int) -> None:
        self._at = at
        self._count = count()

    def tick(self, *_: object) -> None:
        if next(self._count) == self._at:
            raise Killed


def killed_at(there: FakeDatacentre, plan: Plan, folder: Path, at: int) -> bool:
    """Run a plan up to its ``at``-th point; whether it came that far. Like kill -9, nothing is tidied up."""
    bomb = Bomb(at)
    write, sends = Journal._write, FakeDatacentre._write

    def written(self: Journal, events: list[dict[str, object]]) -> None:
        bomb.tick()
        write(self, events)
        bomb.tick()

    def sent(self: FakeDatacentre, *args: object, **options: object) -> None:
        bomb.tick()
        sends(self, *args, **options)  # type: ignore[arg-type]  # handed through
        bomb.tick()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Journal, "_write", written)
        patch.setattr(Journal, "interrupted", lambda self, by: None)
        patch.setattr(FakeDatacentre, "_write", sent)
        try:
            run(there, plan, folder)
        except Killed:
            return True
    return False


def links_by_name(there: FakeDatacentre) -> set[tuple[str, str]]:
    return {(link.company_id, there.customers[link.customer_id].name) for link in there.links}


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_a_plan_that_was_killed_anywhere_is_finished_by_the_next_run(data: st.DataObject) -> None:
    tenant = data.draw(tenants())
    plan = data.draw(allowed_plans(tenant, by_hand=data.draw(st.booleans())))
    undisturbed, there = serving(tenant), serving(tenant)
    there.delay = data.draw(st.sampled_from([0.0, 0.1, 3.0]))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        run(undisturbed, plan, folder / "undisturbed")
        for _ in range(data.draw(st.integers(1, 2))):
            killed_at(there, plan, folder, data.draw(st.integers(0, 60)))
            there.time.sleep(data.draw(st.sampled_from([0.0, 0.05, 5.0, 60.0])))
        result = run(there, plan, folder)
        assert result.status is Status.SUCCESS
        assert links_by_name(there) == links_by_name(undisturbed)
        assert sorted(one.name for one in there.customers.values()) == sorted(
            one.name for one in undisturbed.customers.values()
        )
        assert there.dropped == []


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_the_undo_plan_of_a_killed_run_takes_back_what_it_did(data: st.DataObject) -> None:
    tenant = data.draw(tenants())
    plan = data.draw(allowed_plans(tenant))
    there = serving(tenant)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        killed_at(there, plan, folder, data.draw(st.integers(0, 60)))
        there.time.sleep(data.draw(st.sampled_from([0.0, 0.05, 60.0])))
        runs = list_runs(folder / "state" / "journal")
        path = Path(runs[0].begin["undo"]) if runs and runs[0].begin else folder
        if not path.is_file():  # it died before the first request
            assert there.requests == []
            return
        undo = load_plan(path)
        assert run(there, undo, folder).status is Status.SUCCESS
        assert there.links == tenant.links


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_a_colleague_at_the_same_time_loses_nothing(data: st.DataObject) -> None:
    """Links that somebody makes between any two requests are there in the end, and no row is many-to-many."""
    tenant = data.draw(tenants())
    plan = data.draw(allowed_plans(tenant))
    there = serving(tenant)
    theirs: set[Link] = set()
    points = data.draw(st.sets(st.integers(0, 12), max_size=3))
    pairs = data.draw(
        st.lists(
            st.tuples(st.sampled_from(sorted(tenant.companies)), st.sampled_from(sorted(tenant.customers))),
            min_size=3,
            max_size=3,
        )
    )
    counter = count()

    def colleague(name: str) -> None:
        if next(counter) in points:
            link = Link(*pairs[len(theirs) % len(pairs)])
            if link not in there.links and there._may_be_linked(link):
                there.links.add(link)
                theirs.add(link)

    there.before = colleague
    with tempfile.TemporaryDirectory() as name:
        run(there, plan, Path(name))
    there.settle()
    assert theirs <= there.links | tenant.links
    assert all(row.cardinality is not Cardinality.MANY_TO_MANY for row in RowIndex(there.links).rows())


FAULTS = st.sampled_from([None, None, answer_lost, maybe_sent, not_sent])


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_whatever_fails_what_is_claimed_is_true_and_the_next_run_finishes(data: st.DataObject) -> None:
    tenant = data.draw(tenants())
    plan = data.draw(allowed_plans(tenant))
    undisturbed, there = serving(tenant), serving(tenant)
    for name in ("save", "delete", "create"):
        there.fail(name, *data.draw(st.lists(FAULTS, max_size=4)))
    there.fail("read_links", *data.draw(st.lists(st.sampled_from([None, None, None, not_sent]), max_size=4)))
    there.works = data.draw(st.sampled_from([True, True, False]))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        run(undisturbed, plan, folder / "undisturbed")
        claimed = run(there, plan, folder)
        verdicts = check(plan, there.tenant()).operations
        for operation, judged in zip(claimed.operations, verdicts, strict=True):
            if operation.result in (Result.APPLIED, Result.UNCHANGED):
                assert isinstance(judged.verdict, Unchanged)
        there.faults.clear()
        there.works = True
        there.settle()
        assert run(there, plan, folder).status is Status.SUCCESS
        assert links_by_name(there) == links_by_name(undisturbed)
        assert len(there.customers) == len(undisturbed.customers)
