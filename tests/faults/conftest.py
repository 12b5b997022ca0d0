"""What the tests of faults share."""

from __future__ import annotations

import functools

import pytest

from qpmatch import connect
from qpmatch.api.transport import Patience


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same program with shorter pauses."""
    hasty = functools.partial(Patience, first_pause=0.01, longest_pause=0.02)
    monkeypatch.setattr(connect, "Patience", hasty)
    monkeypatch.setenv("QPMATCH_JOB_WAIT", "0.25")
