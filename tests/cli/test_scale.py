"""An ordinary Tuesday: 5,000 companies, 5,000 customers, a plan of 2,000 matches; counts to the row."""

from __future__ import annotations

from pathlib import Path

from tests.cli.conftest import MakeWorld
from tests.conftest import Program

SIZE, SPELLED_ALIKE, LINKED = 5_000, 2_500, 500


def test_five_thousand(qpmatch: Program, make: MakeWorld, home: Path) -> None:
    linked = [(str(number), f"k{number}") for number in range(SPELLED_ALIKE - LINKED, SPELLED_ALIKE)]
    world = make(
        {str(number): f"Company {number:05}" for number in range(SIZE)},
        {
            f"k{number}": f"Company {number if number < SPELLED_ALIKE else number + 20_000:05}"
            for number in range(SIZE)
        },
        linked,
    )
    listed = qpmatch("list", "-r", "sandbox", "-o", "json").json
    assert [record["id"] for record in listed] == [str(number) for number in range(SIZE)]
    statuses = [record["status"] for record in listed]
    assert statuses == ["suggested"] * 2_000 + ["matched"] * LINKED + ["unmatched"] * 2_500
    suggested = qpmatch("suggest", "--plan", "plan.yaml", "-r", "sandbox", "-o", "json").json
    assert len(suggested) == SIZE - LINKED
    assert sum(record["decision"] == "match" for record in suggested) == 2_000
    done = qpmatch("confirm", "plan.yaml", "--yes", "-o", "json").json
    assert done["summary"]["applied"] == 2_000
    assert world.links == {(str(number), f"k{number}") for number in range(SPELLED_ALIKE)}
    again = qpmatch("confirm", "plan.yaml", "--yes", "-o", "json").json
    assert again["summary"]["unchanged"] == 2_000
    assert qpmatch("confirm", done["undo"], "--yes", "-o", "json").json["status"] == "success"
    assert world.links == set(linked)
