"""The plan loader meets 5,200 broken files a run: a plan or a clear error, in a second and 200 MiB each."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FILES = 2_600

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="the limits on memory and time are set with Linux's means"
)


@pytest.mark.parametrize("seed", [0, 1])
def test_no_file_breaks_the_loader(seed: int) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults.fuzzing", str(seed), str(FILES)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    report = json.loads(done.stdout)
    assert report["findings"] == []
    assert report["outcomes"].keys() == {"loaded", "refused"}
    assert sum(report["outcomes"].values()) == FILES
