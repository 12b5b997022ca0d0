"""The program among pipes, full disks, missing extras and impatient people (SPEC 5)."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import MakeWorld
from tests.cli.processes import ROOT, start
from tests.conftest import Program
from tests.world import World

LINUX_ONLY = pytest.mark.skipif(sys.platform != "linux", reason="uses Linux's own means")

NAMES = {str(number): f"Company {number}" for number in range(60)}
CUSTOMERS = {f"k{number}": f"Company {number}" for number in range(50)}
LINKS = [(f"{number}", f"k{number}") for number in range(20, 40)]


@pytest.fixture
def world(make: MakeWorld) -> World:
    return make(NAMES, CUSTOMERS, LINKS)


def _plan(home: Path) -> str:
    """Ten matches, ten creates, ten unmatches and five edits."""
    entries: list[dict[str, Any]] = []
    for number in range(10):
        match = {"company": {"id": str(number)}, "customer": {"id": f"k{number}"}}
        entries.append({"action": "match", **match, "before": {"company": [], "customer": []}})
        entries.append({"action": "create", "company": {"id": str(50 + number)}, "before": {"company": []}})
    for number in range(20, 30):
        unmatch = {"company": {"id": str(number)}, "customer": {"id": f"k{number}"}}
        entries.append(
            {"action": "unmatch", **unmatch, "before": {"company": [f"k{number}"], "customer": [str(number)]}}
        )
    for number in range(30, 35):
        entries.append(
            {
                "action": "edit",
                "row": {"company": {"id": str(number)}},
                "customers": [{"id": f"k{number + 10}"}],
                "before": {"companies": [str(number)], "customers": [f"k{number}"]},
            }
        )
    plan = {"version": 1, "region": "custom", "allow_removals": 15, "operations": entries}
    (home / "plan.yaml").write_text(json.dumps(plan))
    return "plan.yaml"


def _check_goal(world: World) -> None:
    created = {id_: name for id_, name in world.customers.items() if id_ not in CUSTOMERS}
    assert sorted(created.values()) == sorted(f"Company {number}" for number in range(50, 60))
    named = {(company, created.get(customer, customer)) for company, customer in world.links}
    assert named == (
        {(str(n), f"k{n}") for n in range(10)}
        | {(str(n), f"Company {n}") for n in range(50, 60)}
        | {(str(n), f"k{n + 10}") for n in range(30, 35)}
        | {(str(n), f"k{n}") for n in range(35, 40)}
    )


# Streams


@pytest.mark.parametrize(
    "words",
    [
        ["list", "nonsense"],
        ["confirm", "missing.yaml", "--yes"],
        ["match", "Nobody", "k0"],
        ["suggest", "--plan", "/"],
        ["list", "--region", "nowhere"],
        ["list", "--region", "sandbox", "--base-url", "http://127.0.0.1:1/api/"],
        ["list", "--base-url", "http://example.com/api/"],
        ["journal", "show", "nothing"],
        ["plan", "show", "missing.yaml"],
        ["sandbox", "serve", "--fault", "nonsense"],
        ["sandbox", "reset", "--companies", "2"],
        ["no-such-command"],
    ],
    ids=" ".join,
)
def test_an_error_is_one_json_object_on_stderr(qpmatch: Program, world: World, words: list[str]) -> None:
    default = ["--region", "sandbox"] if words[0] in ("match", "suggest") else []
    outcome = qpmatch(*words, *default, "-o", "json", code=2)
    assert outcome.stdout == ""
    assert list(json.loads(outcome.stderr)) == ["error"]
    assert list(outcome.error) == ["code", "message", "hint", "exit_code"]
    plain = qpmatch(*words, *default, code=2)
    assert plain.stdout == ""
    assert plain.stderr.startswith("error: ")
    assert "Traceback" not in plain.stderr + outcome.stderr


def test_ndjson_and_csv_of_nothing(qpmatch: Program, make: MakeWorld) -> None:
    make()
    assert qpmatch("list", "-r", "sandbox", "-o", "ndjson").stdout == ""
    assert qpmatch("list", "-r", "sandbox", "-o", "yaml").stdout == "[]\n"
    assert qpmatch("list", "-r", "sandbox", "-o", "csv").stdout.count("\n") == 1


def test_the_environment_stands_in_for_options(qpmatch: Program, world: World) -> None:
    env = {"QPMATCH_REGION": "sandbox", "QPMATCH_OUTPUT": "json", "QPMATCH_QUIET": "1"}
    outcome = qpmatch("list", env=env)
    assert len(outcome.json) == len(NAMES)
    assert outcome.stderr == ""
    assert qpmatch("list", "-o", "csv", env=env).stdout.startswith("id,")
    assert "--region" in qpmatch("list", "-r", "nowhere", env=env, code=2).error["message"]


def test_a_reader_that_leaves_early_is_no_error(world: World) -> None:
    world.add({f"x{number}": "Some company with a rather long name " * 3 for number in range(4_000)})
    with start("list", "-r", "sandbox", "-o", "ndjson", "-q") as listing:
        assert listing.stdout is not None
        assert listing.stderr is not None
        assert listing.stdout.readline()
        listing.stdout.close()
        assert listing.stderr.read() == ""


@LINUX_ONLY
def test_stdout_on_a_full_disk_is_an_error(world: World) -> None:
    with Path("/dev/full").open("w") as full:
        listing = start("list", "-r", "sandbox", "-o", "json", stdout=full)
        _, err = listing.communicate(timeout=60)
    assert listing.returncode == 1
    assert "space" in err
    assert "Traceback" not in err


# Interruption


@pytest.mark.skipif(os.name == "nt", reason="Ctrl-C is sent in another way there")
@pytest.mark.parametrize("sends", [1, 4, 9])
def test_ctrl_c_in_the_middle(qpmatch: Program, world: World, home: Path, sends: int) -> None:
    plan = _plan(home)
    with world.served(latency_ms=25) as base_url:
        words = ("confirm", plan, "--yes", "--base-url", base_url, "-o", "json")
        running = start(*words, env={**world.sign_in, "QPMATCH_JOB_WAIT": "2"})
        _wait_for_sends(home, running, sends)
        running.send_signal(signal.SIGINT)
        out, err = running.communicate(timeout=30)
        assert running.returncode == 130
        assert out == ""
        assert json.loads(err.splitlines()[-1])["error"]["exit_code"] == 130
        assert "qpmatch journal show" in err
        assert "Traceback" not in err
        (run,) = qpmatch("journal", "list", "-o", "json").json
        assert run["status"] == "interrupted"
        events = [event["event"] for event in qpmatch("journal", "show", "latest", "-o", "json").json]
        assert events.count("send") >= sends
        assert "interrupted" in events
        again = qpmatch(*words, env={**world.sign_in, "QPMATCH_JOB_WAIT": "2"})
        assert again.json["status"] == "success"
    _check_goal(world)


def _wait_for_sends(home: Path, running: subprocess.Popen[str], sends: int) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        journals = [path.read_text() for path in home.glob("state/journal/*.jsonl")]
        if sum(text.count('"event":"send"') for text in journals) >= sends:
            return
        assert running.poll() is None, running.communicate()
        time.sleep(0.005)
    pytest.fail("the run never sent so much")


# Disks and folders

LIMITED = """\
import resource, signal, sys
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv.pop(1)), resource.RLIM_INFINITY))
from qpmatch.__main__ import main
sys.argv[0] = "qpmatch"
main()
"""


@LINUX_ONLY
@pytest.mark.parametrize("room", [0, 3_000, 6_500, 12_000, 17_000, 20_000, 22_000])
def test_a_full_disk_at_any_point(qpmatch: Program, world: World, home: Path, room: int) -> None:
    plan = _plan(home)
    before = world.links
    with world.served() as base_url:
        words = ["confirm", plan, "--yes", "--base-url", base_url, "-o", "json"]
        env = {**world.sign_in, "QPMATCH_JOB_WAIT": "1"}
        run = subprocess.run(
            [sys.executable, "-c", LIMITED, str(room), *words],
            env={**os.environ, **env, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert "Traceback" not in run.stderr
        if run.stdout:
            _check_claims(json.loads(run.stdout), world, before)
        else:
            assert run.returncode in (1, 2), run.stderr
            assert world.links == before
        again = qpmatch(*words, env=env)
    assert again.json["status"] == "success"
    _check_goal(world)


def _check_claims(document: dict[str, Any], world: World, before: set[tuple[str, str]]) -> None:
    """What is called applied is there, what is called skipped was not begun."""
    assert document["status"] in ("success", "partial")
    for operation in document["operations"]:
        (company,) = (company["id"] for company in operation["companies"])
        now = {link for link in world.links if link[0] == company}
        was = {link for link in before if link[0] == company}
        if operation["result"] == "skipped":
            assert now == was
        elif operation["result"] == "applied":
            assert now != was


@LINUX_ONLY
def test_a_state_folder_that_cannot_be_used(qpmatch: Program, world: World, home: Path) -> None:
    words = ("match", "0", "k0", "-r", "sandbox", "-o", "json")
    for state in ("/proc/qpmatch", "/dev/null/state"):
        error = qpmatch(*words, env={"QPMATCH_STATE": state}, code=2).error
        assert "QPMATCH_STATE" in error["hint"]
    assert world.links == set(LINKS)


@LINUX_ONLY
def test_a_folder_that_cannot_be_written(qpmatch: Program, world: World) -> None:
    for words in (["suggest", "--plan"], ["match", "0", "k0", "--plan"]):
        for path in ("/proc/plan.yaml", "/nowhere/plan.yaml", "/dev/null/plan.yaml"):
            assert path in qpmatch(*words, path, "-r", "sandbox", "-o", "json", code=2).error["message"]
    error = qpmatch(
        "match", "0", "k0", "--undo", "/proc/undo.yaml", "-r", "sandbox", "-o", "json", code=2
    ).error
    assert "/proc/undo.yaml" in error["message"]
    assert world.links == set(LINKS)


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="permissions do not stop this user")
def test_a_read_only_folder(qpmatch: Program, world: World, home: Path) -> None:
    folder = home / "read-only"
    folder.mkdir(mode=0o555)
    qpmatch("suggest", "--plan", str(folder / "plan.yaml"), "-r", "sandbox", code=2)
    qpmatch("match", "0", "k0", "-r", "sandbox", env={"QPMATCH_STATE": str(folder / "state")}, code=2)
    assert world.links == set(LINKS)


# Without the extra

HIDDEN = """\
import sys
sys.modules["werkzeug"] = None
from qpmatch.__main__ import main
sys.argv[0] = "qpmatch"
main()
"""


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["list", "-r", "sandbox"], 2),
        (["sandbox", "serve"], 2),
        (["--help"], 0),
        (["plan", "schema"], 0),
        (["suggest", "--companies", "c.csv", "--customers", "c.csv"], 0),
    ],
)
def test_without_the_sandbox_extra(home: Path, words: Sequence[str], code: int) -> None:
    (home / "c.csv").write_text("id,name\n1,A\n")
    run = subprocess.run(
        [sys.executable, "-c", HIDDEN, *words],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert run.returncode == code, run.stderr
    assert ("pip install 'qpmatch[sandbox]'" in run.stderr) == (code == 2)
    assert "Traceback" not in run.stderr
