"""Sandboxes for the tests of the program as its users meet it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.world import World

MakeWorld = Callable[..., World]


@pytest.fixture
def make(home: Path) -> MakeWorld:
    """Fills this test's sandbox with just what it is given: ``make(companies, customers, links)``."""

    def made(*args: object, **kwargs: object) -> World:
        return World.made(home / "sandbox.sqlite3", *args, **kwargs)  # type: ignore[arg-type]  # passed on

    return made


@pytest.fixture
def msp(home: Path) -> World:
    """The MSP of 200 companies that a fresh sandbox holds."""
    return World.generated(home / "sandbox.sqlite3")
