"""R9: names are plain text, whatever they hold; nothing in them reaches a terminal or a spreadsheet raw."""

from __future__ import annotations

import csv
import io
import json
import re
import unicodedata
from pathlib import Path

import pytest

from qpmatch.plan.yamlfile import load_plan
from tests.cli.conftest import MakeWorld
from tests.conftest import Program
from tests.world import World

NAMES = {
    "percent": "100%s %d %(name)s %",
    "brackets": "[red]Acme[/red] {0} {name} $HOME ${x}",
    "quotes": "Rosa's \"Best\" `Bakery` \\ 'n' Co",
    "line breaks": "Two\nLines\r\nInc",
    "tab": "Tab\tbed",
    "emoji": "Caf\u00e9 \u2615 \U0001f469\u200d\U0001f4bb LLC",
    "right to left": "\u05e9\u05dc\u05d5\u05dd Ltd",
    "bidirectional": "Acme \u202egro.live\u202c \u2066x\u2069",
    "escape": "\x1b[2J\x1b]0;owned\x07Evil\x1b[31m",
    "C1 control": "\x9b31mEvil",
    "bell and null-like": "Ding\x07\x08\x7f",
    "formula": "=HYPERLINK(\"http://evil\",\"x\")",
    "plus": "+1+1",
    "minus": "-2+3",
    "at": "@SUM(1)",
    "yaml": "- {a: *b} # not: a | comment",
    "yaml words": "null",
    "yaml number": "0123",
    "yaml yes": "No",
    "ref prefix": "id:7",
    "name prefix": "name:x",
    "option": "--all",
    "markdown": "**bold** | pipe | <script>alert(1)</script>",
    "zero width": "Zero\u200bWidth",
    "line separator": "Line\u2028Sep\u0085arated",
    "very long": "Long " * 2_000,
    "wide": "\u682a\u5f0f\u4f1a\u793e\u30c6\u30b9\u30c8",
    "glob": "Acme * ? [a-z]",
    "sql": "Robert'); DROP TABLE company;--",
    "combining": "Z\u0310\u0310\u0310algo",
}  # fmt: skip

RAW = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u2028\u2029\u202a-\u202e\u2066-\u2069]")
"""What must never come out raw; line ends between rows are no part of a name."""


def _id(number: int) -> str:
    return f"{number}"


@pytest.fixture
def hostile(make: MakeWorld) -> World:
    """Each name as a company and as a customer of the same spelling."""
    names = [*NAMES.values()]
    return make(
        {str(number): name for number, name in enumerate(names)},
        {f"k{number}": name for number, name in enumerate(names)},
    )


def _visible(text: str) -> bool:
    return not RAW.search(text)


@pytest.mark.parametrize("form", ["table", "json", "ndjson", "yaml", "csv", "markdown"])
@pytest.mark.parametrize(
    "words",
    [["list", "companies"], ["list", "customers"], ["suggest"], ["confirm", "--suggested", "--dry-run"]],
)
def test_nothing_raw_is_printed(qpmatch: Program, hostile: World, form: str, words: list[str]) -> None:
    outcome = qpmatch(*words, "-r", "sandbox", "-o", form)
    for line in (outcome.stdout + outcome.stderr).replace("\r\n", "\n").split("\n"):
        assert _visible(line), repr(RAW.search(line))


def test_json_gives_the_names_exactly(qpmatch: Program, hostile: World) -> None:
    records = qpmatch("list", "-r", "sandbox", "-o", "json").json
    assert {record["id"]: record["name"] for record in records} == hostile.companies
    lines = qpmatch("list", "-r", "sandbox", "-o", "ndjson").stdout.split("\n")
    assert [json.loads(line) for line in lines if line] == records
    yaml = pytest.importorskip("yaml")
    assert yaml.safe_load(qpmatch("list", "-r", "sandbox", "-o", "yaml").stdout) == records


def test_csv_holds_no_formula(qpmatch: Program, hostile: World) -> None:
    rows = list(csv.DictReader(io.StringIO(qpmatch("list", "-r", "sandbox", "-o", "csv").stdout, newline="")))
    assert len(rows) == len(NAMES)
    for row in rows:
        for cell in row.values():
            assert not cell.startswith(("=", "@", "\t", "\r"))
            assert not re.match(r"[+-](?!\d+([.,]\d+)?$)", cell), cell


@pytest.mark.parametrize("what", NAMES.keys())
def test_a_name_is_found_linked_staged_and_taken_back(
    qpmatch: Program, hostile: World, home: Path, what: str
) -> None:
    number = [*NAMES].index(what)
    name, link = NAMES[what], (str(number), f"k{number}")
    words = ("match", f"name:{name}", f"name:{name}", "-r", "sandbox", "-o", "json")
    qpmatch(*words[:3], "--plan", "plan.yaml", "-r", "sandbox")
    assert _visible((home / "plan.yaml").read_text().replace("\n", ""))
    (entry,) = load_plan(home / "plan.yaml").operations
    assert entry.model_dump()["company"]["name"] == name
    shown = qpmatch("plan", "show", "plan.yaml")
    assert _visible(shown.stdout.replace("\n", ""))
    done = qpmatch("confirm", "plan.yaml", "--yes", "-o", "json").json
    assert done["operations"][0]["companies"] == [{"id": str(number), "name": name}]
    assert hostile.links == {link}
    assert qpmatch(*words).json["summary"]["unchanged"] == 1
    qpmatch("confirm", done["undo"], "--yes")
    assert hostile.links == set()


def test_all_of_them_through_suggest_and_confirm(qpmatch: Program, hostile: World, home: Path) -> None:
    qpmatch("suggest", "--plan", "plan.yaml", "-r", "sandbox")
    done = qpmatch("confirm", "plan.yaml", "--yes", "-o", "json").json
    assert done["status"] == "success"
    assert hostile.links == {(company, f"k{company}") for company, _ in hostile.links}
    assert len(hostile.links) >= len(NAMES) - 1
    undone = qpmatch("confirm", done["undo"], "--yes", "-o", "json").json
    assert undone["status"] == "success"
    assert hostile.links == set()


def test_created_customers_have_the_companies_names(qpmatch: Program, make: MakeWorld) -> None:
    world = make({str(number): name for number, name in enumerate(NAMES.values())})
    done = qpmatch("create", "--all-unmatched", "-r", "sandbox", "-o", "json").json
    assert done["summary"]["applied"] == len(NAMES)
    assert sorted(_spelled(name) for name in world.customers.values()) == sorted(
        map(_spelled, NAMES.values())
    )
    qpmatch("confirm", done["undo"], "--yes")
    assert world.links == set()


def _spelled(name: str) -> str:
    return unicodedata.normalize("NFC", name).strip()


@pytest.mark.parametrize("what", ["escape", "bidirectional", "C1 control", "line breaks"])
def test_errors_are_clean_too(qpmatch: Program, make: MakeWorld, what: str) -> None:
    make({"1": NAMES[what], "2": NAMES[what]}, {"k": "K"})
    for words in (["match", NAMES[what], "k"], ["match", f"no {NAMES[what]}", "k"]):
        for form in ("table", "json"):
            outcome = qpmatch(*words, "-r", "sandbox", "-o", form, code=2)
            assert _visible(outcome.stderr.replace("\n", ""))
