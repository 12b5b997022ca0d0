"""Every fault kind on every route that ``list``, ``suggest`` and ``confirm`` use (SPEC 9, issue of faults).

Each cell of the matrix ends in the exit code that the README's table gives, with the server's state equal to
what the output claims; a ``confirm`` that could not finish does so when it is run again without the fault.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from qpmatch.api.routes import ROUTES
from qpmatch.errors import ExitCode
from qpmatch.sandbox.faults import KINDS
from tests.conftest import Outcome, Program
from tests.world import World

LISTS = ("companies.list", "customers.list")
USED = {
    "list": ("session.login", *LISTS),
    "suggest": ("session.login", *LISTS),
    "confirm": (
        "session.login",
        *LISTS,
        "matches.list",
        "matches.save",
        "matches.delete",
        "customers.create",
    ),
}
STATUSES = ("401", "403", "429", "500", "502", "503")
OF_LISTS = ("shift", "short")
OF_WRITES = ("no-effect", "partial")
ELSEWHERE = ("foreign-next",)
"""Of Autotask's routes; tested with them."""

NUMBERED = {"429-after-SECONDS": "429-after-1", "refuse-MS": "refuse-60", "slow-MS": "slow-30"}


@dataclass(frozen=True)
class Cell:
    command: str
    route: str
    kind: str
    always: bool

    def __str__(self) -> str:
        return f"{self.command}-{self.route}-{self.kind}{'' if self.always else 'x1'}"

    @property
    def rule(self) -> str:
        """The cell as ``--fault`` takes it."""
        route = ROUTES[self.route]
        return f"{route.method} {route.path}={self.kind}{'' if self.always else 'x1'}"

    @property
    def patience(self) -> dict[str, str]:
        """Short where waiting is the point; long elsewhere, so that a busy machine adds no fault."""
        hangs, asks_to_wait = self.kind == "hang", self.kind.startswith("429-")
        return {
            "QPMATCH_TIMEOUT": "0.25" if hangs else "20",
            "QPMATCH_DEADLINE": "1.2" if self.always and (hangs or asks_to_wait) else "20",
        }

    @property
    def trouble(self) -> ExitCode | None:
        """The exit code where nothing could be applied; ``None`` when the fault is overcome."""
        if self.kind == "403" or (self.kind == "401" and (self.always or self.route == "session.login")):
            return ExitCode.CREDENTIALS
        if self._is_overcome:
            return None
        return ExitCode.UNREACHABLE

    @property
    def _is_overcome(self) -> bool:
        writes = ROUTES[self.route].writes
        if self.kind.startswith("slow") or (self.route == "session.login" and self.kind == "invalid-json"):
            return True
        if writes and self.kind in ("reset-after-commit", "truncated", "invalid-json"):
            return True  # done, and seen by reading back
        if self.kind == "redirect" or self.always or (self.kind, self.route) == ("html", "session.login"):
            return False
        return not writes or self.kind in ("401", "429", "429-after-1", "429-date")


def _kinds(route: str) -> Iterator[str]:
    for kind in KINDS:
        if kind in ELSEWHERE or (kind in OF_LISTS and not route.endswith(".list")):
            continue
        if kind in OF_WRITES and not ROUTES[route].writes:
            continue
        yield from STATUSES if kind == "STATUS" else [NUMBERED.get(kind, kind)]


CELLS = [
    Cell(command, route, kind, always)
    for command, routes in USED.items()
    for route in routes
    for kind in _kinds(route)
    for always in (False, True)
]

COMPANIES = {f"{number}": f"Company {number:02}" for number in range(60)}
CUSTOMERS = {f"k{number}": f"Company {number:02}" for number in range(10, 20)} | {
    f"n{number}": f"Customer {number:02}" for number in range(50)
}
LINKS = [(f"{number}", f"n{number}") for number in range(20, 40)] + [("40", "n39"), ("41", "n39")]
PLAN = """\
version: 1
region: custom
operations:
- {action: match, company: {id: '10'}, customer: {id: k10}}
- {action: match, company: {id: '11'}, customer: {id: k11}}
- {action: match, company: {id: '12'}, customer: {id: n20}}
- {action: create, company: {id: '50', name: Company 50}}
- {action: create, company: {id: '51', name: Company 51}}
- {action: unmatch, company: {id: '21'}, customer: {id: n21}}
- {action: unmatch, company: {id: '22'}}
- action: edit
  row: {company: {id: '23'}}
  customers: [{id: n23}, {id: n40}]
- action: edit
  row: {customer: {id: n39}}
  customers: [{id: n41}]
  before: {companies: ['39', '40', '41'], customers: [n39]}
"""
GOAL = (
    {*LINKS, ("10", "k10"), ("11", "k11"), ("12", "n20"), ("23", "n40")}
    | {("39", "n41"), ("40", "n41"), ("41", "n41")}
) - {("21", "n21"), ("22", "n22"), ("39", "n39"), ("40", "n39"), ("41", "n39")}
"""The links that the plan leads to, without those of the two created customers."""


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("matrix") / "sandbox.sqlite3"
    World.made(path, COMPANIES, CUSTOMERS, LINKS)
    return path


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("cell", CELLS, ids=str)
def test_cell(
    cell: Cell, template: Path, home: Path, qpmatch: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in cell.patience.items():
        monkeypatch.setenv(name, value)
    world = World(home / "sandbox.sqlite3")
    shutil.copy(template, world.path)
    before = world.links
    (home / "plan.yaml").write_text(PLAN, encoding="utf-8")
    words = {
        "list": ["list", "companies"],
        "suggest": ["suggest"],
        "confirm": ["confirm", "plan.yaml", "--yes"],
    }[cell.command]
    with world.served(cell.rule) as base_url:
        outcome = qpmatch(*words, "--base-url", base_url, "-o", "json", env=world.sign_in, code=None)
    if cell.command == "confirm":
        _check_confirm(cell, outcome, world, before)
        if outcome.code:
            # At the same address: to the program another one is another tenant.
            with world.served(port=urlsplit(base_url).port) as base_url:
                again = qpmatch(*words, "--base-url", base_url, "-o", "json", env=world.sign_in)
            assert again.json["status"] == "success"
        _check_goal(world)
        assert not world.many_to_many
    else:
        assert world.links == before
        _check_read(cell, outcome)


def _check_read(cell: Cell, outcome: Outcome) -> None:
    assert outcome.code == (cell.trouble or ExitCode.DONE)
    if cell.trouble is not None:
        assert outcome.stdout == ""
        assert outcome.error["exit_code"] == cell.trouble
        assert outcome.error["hint"]
        assert cell.route in outcome.error["message"] or outcome.error["code"] in (
            "credentials",
            "incomplete_list",
        )
    elif cell.command == "list":
        assert {record["id"] for record in outcome.json} == set(COMPANIES)
    else:
        linked = {company for company, _ in LINKS}
        assert {record["company"]["id"] for record in outcome.json} == set(COMPANIES) - linked


def _check_confirm(cell: Cell, outcome: Outcome, world: World, before: set[tuple[str, str]]) -> None:
    if not outcome.stdout:  # before the first operation
        assert outcome.code == cell.trouble
        assert outcome.error["exit_code"] == cell.trouble
        assert world.links == before
        return
    applied = outcome.json["summary"]["applied"]
    if cell.trouble is None:
        assert (outcome.code, outcome.json["status"]) == (0, "success"), outcome.stderr
        assert applied == len(outcome.json["operations"])
    else:
        assert outcome.code == (ExitCode.PARTIAL if applied else cell.trouble), outcome.stderr
    for operation in outcome.json["operations"]:
        _check_claim(operation, world, before)


def _check_claim(operation: dict[str, Any], world: World, before: set[tuple[str, str]]) -> None:
    """``applied`` is done, ``skipped`` is untouched; ``failed`` says why."""
    companies = {"1": "10", "2": "11", "3": "12", "4": "50", "5": "51", "6": "21", "7": "22", "8": "23"}
    ids = {companies.get(str(operation["index"]))} - {None} or {"39", "40", "41"}
    now = {link for link in world.links if link[0] in ids}
    created = {link for link in now if link[1] not in CUSTOMERS}
    goal = {link for link in GOAL if link[0] in ids}
    match operation["result"]:
        case "applied" | "unchanged":
            assert now - created == goal
            assert len(created) == (operation["action"] == "create")
        case "skipped":
            assert now == {link for link in before if link[0] in ids}
        case "failed":
            assert operation["reason"]
        case other:
            pytest.fail(f"{other}: {operation['reason']}")


def _check_goal(world: World) -> None:
    """Everything is as the plan wants it, and each customer was created once."""
    created = {id_: name for id_, name in world.customers.items() if id_ not in CUSTOMERS}
    assert {link for link in world.links if link[1] not in created} == GOAL
    assert sorted(created.values()) == ["Company 50", "Company 51"]
    assert sorted(link[0] for link in world.links if link[1] in created) == ["50", "51"]


def test_no_kind_and_no_route_is_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    tried = {cell.kind for cell in CELLS}
    named = {kind for kind in KINDS if kind not in ("STATUS", *ELSEWHERE)}
    assert tried == {NUMBERED.get(kind, kind) for kind in named} | set(STATUSES)
    with capsys.disabled():
        print(f"\nfault matrix: {len(CELLS)} cells")  # noqa: T201 - the figure that is asked for
