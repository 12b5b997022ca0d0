"""The state folder, the lock, and journals read back."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from qpmatch.errors import ConfigError, LockedError, UsageError
from qpmatch.matching.operations import Step, StepKind
from qpmatch.plan.apply import confirm
from qpmatch.plan.clock import Clock
from qpmatch.plan.journal import Journal, new_run_id
from qpmatch.plan.location import StateFolder, state_folder
from qpmatch.plan.lock import tenant_lock
from qpmatch.plan.runs import history, in_flight, list_runs, read_run, recall
from qpmatch.plan.settle import settle
from qpmatch.plan.yamlfile import parse_plan
from tests.unit.datacentre import FakeDatacentre, Time

NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)
HOLD = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from qpmatch.plan.location import StateFolder
from qpmatch.plan.lock import tenant_lock
with tenant_lock(StateFolder(Path(sys.argv[1])), "tenant", datetime(2026, 11, 22, 10, tzinfo=UTC)):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def state(home: Path) -> StateFolder:
    return StateFolder(home / "state")


def test_one_run_at_a_time_and_a_dead_one_leaves_no_lock(state: StateFolder) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(state.path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with holder:
        assert holder.stdout is not None
        try:
            assert holder.stdout.readline() == "held\n"
            with pytest.raises(LockedError) as caught, tenant_lock(state, "tenant", NOW):
                pass
            assert caught.value.exit_code == 4
            assert f"process {holder.pid}, since 2026-11-22T10:00:00+00:00" in caught.value.message
            with tenant_lock(state, "another tenant", NOW):
                pass
        finally:
            holder.kill()
    with tenant_lock(state, "tenant", NOW):
        pass


def test_a_second_run_in_this_process_is_refused_too(state: StateFolder) -> None:
    plan = parse_plan("version: 1\nregion: sandbox\noperations: []\n", "plan.yaml")
    there = FakeDatacentre()
    with tenant_lock(state, there.tenant_key, NOW):
        with pytest.raises(LockedError):
            confirm(plan, there, state)
        assert there.reads == 0
    assert confirm(plan, there, state).exit_code == 0


def test_where_state_is_kept(home: Path) -> None:
    assert state_folder({"QPMATCH_STATE": str(home)}).path == home
    assert state_folder({"QPMATCH_STATE": "~/x"}).path == Path("~/x").expanduser()
    assert state_folder({}).path.name == "qpmatch"


def test_a_state_folder_that_cannot_be_made_is_a_configuration_error(home: Path) -> None:
    (home / "file").write_text("")
    state = StateFolder(home / "file" / "state")
    with pytest.raises(ConfigError, match="cannot be used"):
        state.room(state.locks)


@pytest.mark.skipif(os.name == "nt", reason="owners are different there")
def test_another_users_state_folder_is_not_trusted(
    state: StateFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    state.path.mkdir()
    owner = state.path.stat().st_uid
    os.chown(state.path, owner or 12345, -1) if owner == 0 else None
    monkeypatch.setattr(os, "geteuid", lambda: 54321)
    with pytest.raises(ConfigError, match="belongs to another user"):
        state.room(state.locks)


def written(state: StateFolder, *steps: Step, at: datetime = NOW, seen: bool = False) -> Journal:
    folder = state.room(state.journals)
    journal = Journal(folder, new_run_id(at), lambda: at)
    journal.begin(tenant="tenant", region="sandbox")
    journal.operations(
        [
            {
                "index": 1,
                "action": "match",
                "key": "match a u",
                "origin": [],
                "start": [],
                "universe": [["a", "u"]],
                "steps": [],
            }
        ]
    )
    journal.send("save", [(1, step) for step in steps])
    if seen:
        journal.seen([(1, step) for step in steps])
    journal.close()
    return journal


SAVE = Step(StepKind.SAVE, "a", "u")


def test_a_torn_last_line_is_passed_over(state: StateFolder) -> None:
    journal = written(state, SAVE)
    with journal.path.open("ab") as file:
        file.write(b'{"event":"answer","req')
    run = read_run(state.journals, journal.run_id)
    assert [event["event"] for event in run.events] == ["begin", "operation", "send"]
    assert run.status == "interrupted"
    past = history(recall(state.journals, "tenant")).interrupted("match a u")
    assert past is not None
    assert past.sent == (SAVE,)


def test_a_journal_that_somebody_edited_is_an_error_and_no_traceback(state: StateFolder) -> None:
    journal = written(state, SAVE)
    with journal.path.open("a") as file:
        file.write(json.dumps({"event": "operation"}) + "\n")
    with pytest.raises(ConfigError, match="is damaged"):
        history(recall(state.journals, "tenant"))


def test_runs_are_found_by_the_beginning_of_their_id(state: StateFolder) -> None:
    first = written(state, SAVE, at=NOW - timedelta(days=1))
    second = written(state, SAVE)
    assert [run.run_id for run in list_runs(state.journals)] == [second.run_id, first.run_id]
    assert read_run(state.journals, first.run_id[:12]).run_id == first.run_id
    for run_id in ("2026", "nothing", "../x"):
        with pytest.raises(UsageError):
            read_run(state.journals, run_id)


def test_history_is_that_of_one_tenant(state: StateFolder) -> None:
    written(state, SAVE)
    assert history(recall(state.journals, "tenant")).interrupted("match a u") is not None
    assert history(recall(state.journals, "another")).interrupted("match a u") is None
    assert history(recall(state.path / "nowhere", "tenant")).interrupted("match a u") is None


def test_what_was_sent_a_moment_ago_may_still_come(state: StateFolder) -> None:
    written(state, SAVE, at=NOW)
    assert in_flight(recall(state.journals, "tenant"), NOW + timedelta(seconds=4), 10) == [(SAVE, 6.0)]
    assert in_flight(recall(state.journals, "tenant"), NOW + timedelta(seconds=10), 10) == []
    assert in_flight(recall(state.journals, "another"), NOW, 10) == []
    # A clock that was set back does not make anybody wait longer than a job can take.
    assert in_flight(recall(state.journals, "tenant"), NOW - timedelta(hours=1), 10) == [(SAVE, 10.0)]


def test_what_was_seen_is_not_waited_for(state: StateFolder) -> None:
    written(state, SAVE, at=NOW, seen=True)
    assert in_flight(recall(state.journals, "tenant"), NOW, 10) == []


def test_settling_ends_when_the_job_is_seen_or_its_time_is_up(state: StateFolder) -> None:
    for delay, waits in ((1.0, 2.0), (60.0, 10.0)):
        time = Time()
        there = FakeDatacentre(time=time, delay=delay)
        there.tenant_key = "tenant"
        written(state, SAVE, at=time.now())
        there._queue.append((delay, lambda links=there.links: links.add(("a", "u"))))  # type: ignore[misc]
        assert settle(there, recall(state.journals, "tenant"), time.clock) >= 1
        assert time.elapsed <= waits
        assert (("a", "u") in there.links) is (delay < 10)


def test_looks_are_never_past_the_time_and_one_is_at_its_end() -> None:
    time = Time()
    clock: Clock = time.clock
    looks = [(time.elapsed, is_last) for is_last in clock.looks(5)]
    assert looks[0] == (0.0, False)
    assert looks[-1] == (5.0, True)
    assert [is_last for _, is_last in looks].count(True) == 1
    assert list(clock.looks(0)) == [True]
