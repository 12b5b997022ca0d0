"""``kill -9`` anywhere in a plan of 200 mixed operations: the next run finishes it, the undo takes it back.

The points are chosen among all requests and all writes to the journal and the undo plan, spread over the run
with every kind of hook among them.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.faults.mixed import OPERATIONS, mixed_plan

GROUPS = 2
FINISHED, UNDONE = 44, 8
"""How many points there are, in all groups together."""

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("with_before", [True, False], ids=["with before", "by hand"])
def test_killed_anywhere_the_next_run_converges(with_before: bool, tmp_path: Path) -> None:
    start = _fill(tmp_path, with_before=with_before)
    (undisturbed,) = _crashing(tmp_path)
    assert undisturbed["code"] == 0
    assert json.loads(undisturbed["out"])["summary"]["applied"] == OPERATIONS
    number = 0 if with_before else 1
    hooks = undisturbed["hooks"]
    finished = [f"finish:{point}" for point in _points(hooks, FINISHED // GROUPS, number)]
    assert len(finished) * GROUPS >= 40
    undone = [f"undo:{point}" for point in _points(hooks, UNDONE // GROUPS, number + GROUPS)]

    for outcome in _crashing(tmp_path, *finished):
        assert outcome["killed"], _told(outcome)
        assert outcome["code"] == 0, _told(outcome)
        summary = json.loads(outcome["out"])["summary"]
        assert summary["applied"] + summary["unchanged"] == OPERATIONS, _told(outcome)
        assert outcome["links"] == undisturbed["links"], _told(outcome)
        assert outcome["customers"] == undisturbed["customers"], _told(outcome)
        assert outcome["between"]["many_to_many"] == outcome["many_to_many"] == [], _told(outcome)

    for outcome in _crashing(tmp_path, *undone):
        assert outcome["killed"], _told(outcome)
        assert outcome["code"] == 0, _told(outcome)
        assert outcome["links"] == start, _told(outcome)
        assert len(set(outcome["customers"])) == len(outcome["customers"]), _told(outcome)


def _fill(folder: Path, *, with_before: bool) -> list[list[str]]:
    mixed = mixed_plan()
    world = mixed.fill(folder / "sandbox.sqlite3")
    mixed.write(folder / "plan.yaml", with_before=with_before)
    return [list(link) for link in world.named_links]


def _points(hooks: list[str], count: int, number: int) -> list[int]:
    """``count`` points of this group: the middle of each equal part, shifted so that groups differ."""
    step = len(hooks) / count
    shift = (number + 0.5) / (GROUPS * 2)
    return sorted({min(len(hooks) - 1, int((part + shift) * step)) for part in range(count)})


def _crashing(folder: Path, *points: str) -> Iterator[dict[str, Any]]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults.crashing", str(folder), *points],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    return map(json.loads, done.stdout.splitlines())


def _told(outcome: dict[str, Any]) -> str:
    return f"killed at hook {outcome['point']} ({outcome['at']}): exit {outcome['code']}\n{outcome['err']}"
