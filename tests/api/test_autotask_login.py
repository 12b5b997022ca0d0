"""``auth autotask``: tried first, then kept, and gone with ``auth logout``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import keyring
import pytest

from tests.cli.test_autotask import credentials
from tests.conftest import Program
from tests.unit.test_credentials import MemoryKeyring
from tests.world import World


@pytest.fixture
def msp(home: Path) -> World:
    return World.generated(home / "sandbox.sqlite3", companies=20)


@pytest.fixture
def memory() -> Iterator[MemoryKeyring]:
    backend, before = MemoryKeyring(), keyring.get_keyring()
    keyring.set_keyring(backend)
    yield backend
    keyring.set_keyring(before)


def test_kept_used_and_removed(qpmatch: Program, msp: World, memory: MemoryKeyring) -> None:
    env = credentials(msp)
    with msp.served() as url:
        outcome = qpmatch("auth", "autotask", "--base-url", url, env=env)
        assert "kept in the keyring" in outcome.stderr
        assert env["QPMATCH_AUTOTASK_SECRET"] not in outcome.stdout + outcome.stderr
        where = ("--base-url", url, "--companies-from", "autotask")
        assert len(qpmatch("list", *where, "-o", "json", env=msp.sign_in).json) == 20
        qpmatch("auth", "logout", "--base-url", url)
        missing = qpmatch("list", *where, code=6, env=msp.sign_in)
    assert "qpmatch auth autotask" in missing.stderr
    assert memory.kept == {}


def test_what_is_refused_is_not_kept(qpmatch: Program, msp: World, memory: MemoryKeyring) -> None:
    wrong = credentials(msp) | {"QPMATCH_AUTOTASK_SECRET": "planted"}
    with msp.served() as url:
        assert "planted" not in qpmatch("auth", "autotask", "--base-url", url, code=6, env=wrong).stderr
    assert memory.kept == {}


def test_off_a_terminal_the_missing_variable_is_named(
    qpmatch: Program, msp: World, memory: MemoryKeyring
) -> None:
    env = credentials(msp) | {"QPMATCH_AUTOTASK_INTEGRATION_CODE": ""}
    with msp.served() as url:
        outcome = qpmatch("auth", "autotask", "--base-url", url, code=6, env=env)
    assert "QPMATCH_AUTOTASK_INTEGRATION_CODE" in outcome.stderr


def test_no_keyring_and_no_need(qpmatch: Program, msp: World) -> None:
    assert "keyring" in qpmatch("auth", "autotask", "--region", "na", code=6).stderr
    assert "needs no sign-in" in qpmatch("auth", "autotask", "--region", "sandbox").stderr
