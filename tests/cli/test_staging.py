"""``--plan`` on the four verbs (SPEC 4): staging in a file that people write in too."""

from __future__ import annotations

from pathlib import Path

import pytest

from qpmatch.plan.yamlfile import load_plan
from tests.cli.conftest import MakeWorld
from tests.conftest import Program
from tests.world import World

LINKS = {("4", "k4"), ("5", "k5"), ("6", "k5"), ("7", "k5")}


@pytest.fixture
def world(make: MakeWorld) -> World:
    return make(
        {str(number): f"Company {number}" for number in range(8)},
        {f"k{number}": f"Customer {number}" for number in range(8)},
        LINKS,
    )


def test_staging_sends_nothing(qpmatch: Program, world: World, home: Path) -> None:
    qpmatch("match", "0", "k0", "--plan", "plan.yaml", "-r", "sandbox")
    qpmatch("create", "1", "--plan", "plan.yaml", "-r", "sandbox")
    qpmatch("unmatch", "4", "--plan", "plan.yaml", "-r", "sandbox")
    qpmatch("edit", "k5", "--remove-company", "6", "--plan", "plan.yaml", "-r", "sandbox")
    assert world.links == LINKS
    assert not (home / "state").exists()
    assert [entry.action for entry in load_plan(home / "plan.yaml").operations] == [
        "match",
        "create",
        "unmatch",
        "edit",
    ]
    done = qpmatch("confirm", "plan.yaml", "--yes", "-o", "json").json
    assert done["summary"]["applied"] == 4
    assert world.links >= {("0", "k0"), ("5", "k5"), ("7", "k5")}
    assert not world.links & {("4", "k4"), ("6", "k5")}


HAND_WRITTEN = """\
# Tuesday's batch, agreed with Kim
version: 1
region: sandbox

operations:   # top to bottom
# first the easy one
- action: match   # sure
  company: {id: '0', name: Company 0}
  customer: Customer 0

- action: review          # ask Kim
  company: {id: '1', name: Company 1}
  candidates:
  - {id: k1, name: Customer 1}   # maybe
- action: unmatch
  company: '4'
# the end
"""


def test_staging_keeps_what_a_person_wrote(qpmatch: Program, world: World, home: Path) -> None:
    path = home / "plan.yaml"
    path.write_text(HAND_WRITTEN)
    qpmatch("create", "2", "--plan", "plan.yaml", "-r", "sandbox")
    text = path.read_text()
    for line in HAND_WRITTEN.splitlines():
        assert line in text.splitlines()
    assert [entry.action for entry in load_plan(path).operations] == ["match", "review", "unmatch", "create"]
    qpmatch("match", "1", "k1", "--plan", "plan.yaml", "-r", "sandbox")  # takes the place of the review
    assert [entry.action for entry in load_plan(path).operations] == ["match", "match", "unmatch", "create"]
    assert "# first the easy one" in path.read_text()
    assert "# the end" in path.read_text()


def test_staging_twice_needs_force(qpmatch: Program, world: World, home: Path) -> None:
    path = home / "plan.yaml"
    path.write_text(HAND_WRITTEN)
    error = qpmatch("match", "0", "k2", "--plan", "plan.yaml", "-r", "sandbox", "-o", "json", code=4).error
    assert "--force" in error["hint"]
    assert path.read_text() == HAND_WRITTEN
    qpmatch("match", "0", "k2", "--plan", "plan.yaml", "--force", "-r", "sandbox")
    (first, *_) = load_plan(path).operations
    assert first.model_dump()["customer"]["id"] == "k2"
    assert "# ask Kim" in path.read_text()


def test_staging_dry(qpmatch: Program, world: World, home: Path) -> None:
    outcome = qpmatch("match", "0", "k0", "--plan", "p.yaml", "--dry-run", "-r", "sandbox", "-o", "json")
    assert outcome.json
    assert not (home / "p.yaml").exists()


def test_staging_into_a_plan_for_another_region(qpmatch: Program, world: World, home: Path) -> None:
    path = home / "plan.yaml"
    path.write_text("version: 1\nregion: eu\noperations: []\n")
    qpmatch("match", "0", "k0", "--plan", "plan.yaml", "-r", "sandbox", code=4)
    assert path.read_text() == "version: 1\nregion: eu\noperations: []\n"


def test_staging_into_a_broken_plan(qpmatch: Program, world: World, home: Path) -> None:
    path = home / "plan.yaml"
    path.write_text("- not: a plan\n")
    qpmatch("match", "0", "k0", "--plan", "plan.yaml", "-r", "sandbox", code=2)
    assert path.read_text() == "- not: a plan\n"
