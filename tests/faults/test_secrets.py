"""A secret of its own in every place that a credential can come from; none comes out anywhere.

Every command that speaks to a host is run as loudly as it can be, in good times and in bad, and all that it
wrote is searched: stdout, stderr, and every file in the folders that it may write to.
"""

from __future__ import annotations

import base64
import json
import logging
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import keyring
import pyotp
import pytest

from qpmatch.credentials import KeyringEntries, Secret
from tests.conftest import Program
from tests.unit.test_credentials import MemoryKeyring
from tests.world import World

PASSWORD = "planted-pass-word-%41"
TOTP_SECRET = "JBSWY3DPEHPK3PXPPLANTEDA"
KEPT_COOKIE = "planted-cookie-in-the-keyring"
PROXY_PASSWORD = "planted-proxy-pass"
AUTOTASK_SECRET = "planted-autotask-secret"
AUTOTASK_CODE = "PLANTEDINTEGRATIONCODE01"

FAULTS = [
    (),
    ("POST auth/login=401",),
    ("POST auth/login=403",),
    ("POST auth/login=500",),
    ("POST auth/login=html",),
    ("POST auth/login=redirect",),
    ("GET integrations/customers=401x1",),
    ("GET integrations/customers=401",),
    ("GET integrations/customers=403",),
    ("GET integrations/customers=html",),
    ("GET integrations/customers=invalid-json",),
    ("GET customer=redirect",),
    ("POST integrations/customers/matches/createjob=reset",),
    ("POST integrations/customers/matches/createjob=500",),
]
COMMANDS = [
    ["list"],
    ["suggest", "--plan", "suggested.yaml"],
    ["match", "1", "a"],
    ["confirm", "--suggested", "--yes"],
    ["auth", "status"],
    ["auth", "login", "--email", "technician@sandbox.example"],
    ["doctor"],
    ["auth", "logout"],
]


@pytest.fixture
def memory() -> Iterator[MemoryKeyring]:
    before, backend = keyring.get_keyring(), MemoryKeyring()
    keyring.set_keyring(backend)
    yield backend
    keyring.set_keyring(before)


@pytest.fixture
def world(home: Path) -> World:
    made = World.made(home / "sandbox.sqlite3", {"1": "A", "2": "B"}, {"a": "A", "b": "B"})
    with made.writing() as db:
        db.execute("UPDATE setting SET value = ? WHERE name = 'password'", (PASSWORD,))
        db.execute("UPDATE setting SET value = ? WHERE name = 'totp_secret'", (TOTP_SECRET,))
        db.execute("UPDATE setting SET value = 'on' WHERE name = 'mfa'")
        db.execute("UPDATE setting SET value = ? WHERE name = 'autotask_secret'", (AUTOTASK_SECRET,))
        db.execute("UPDATE setting SET value = ? WHERE name = 'autotask_integration_code'", (AUTOTASK_CODE,))
    return made


def _environment(source: str) -> dict[str, str]:
    """The credentials by way of the environment, or what goes beside the keyring."""
    env = {
        "QPMATCH_DEBUG": "1",
        "HTTPS_PROXY": f"http://someone:{PROXY_PASSWORD}@127.0.0.1:9",
        "ALL_PROXY": f"http://someone:{PROXY_PASSWORD}@127.0.0.1:9",
        "QPMATCH_AUTOTASK_SECRET": AUTOTASK_SECRET,
        "QPMATCH_AUTOTASK_INTEGRATION_CODE": AUTOTASK_CODE,
    }
    if source == "environment":
        env |= {
            "QPMATCH_EMAIL": "technician@sandbox.example",
            "QPMATCH_PASSWORD": PASSWORD,
            "QPMATCH_TOTP_SECRET": TOTP_SECRET,
        }
    return env


def _forms(secret: str) -> set[str]:
    """A secret as it could be written by accident."""
    return {
        secret,
        quote(secret, safe=""),
        json.dumps(secret)[1:-1],
        base64.b64encode(secret.encode()).decode().rstrip("="),
    }


def _written(home: Path) -> Iterator[tuple[str, str]]:
    for path in home.rglob("*"):
        if path.is_file() and not path.name.startswith("sandbox.sqlite3"):
            yield str(path), path.read_text(encoding="utf-8", errors="replace")


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("source", ["environment", "keyring"])
@pytest.mark.parametrize("faults", FAULTS, ids=lambda faults: " ".join(faults) or "none")
def test_no_secret_comes_out(
    qpmatch: Program,
    world: World,
    home: Path,
    memory: MemoryKeyring,
    caplog: pytest.LogCaptureFixture,
    faults: tuple[str, ...],
    source: str,
) -> None:
    caplog.set_level(logging.DEBUG)
    texts: list[tuple[str, str]] = []
    codes: dict[str, int] = {}
    with world.served(*faults) as base_url:
        if source == "keyring":
            _keep_secrets(base_url)
            assert memory.kept
        for number, words in enumerate(COMMANDS):
            output = ("json", "table")[number % 2]
            outcome = qpmatch(
                *words,
                *("--base-url", base_url, "-vv", "-o", output),
                env=_environment(source),
                code=None,
                stdin="",
            )
            codes[words[0]] = outcome.code
            texts.append((" ".join(words), outcome.stdout + outcome.stderr))
    assert faults or codes["list"] == codes["suggest"] == codes["match"] == codes["confirm"] == 0
    texts += [*_written(home), ("log", caplog.text)]
    tokens = {token for (token,) in world.rows("SELECT token FROM session")}
    codes_of_now = {pyotp.TOTP(TOTP_SECRET).at(moment) for moment in _recent()}
    planted = {PASSWORD, TOTP_SECRET, KEPT_COOKIE, PROXY_PASSWORD, AUTOTASK_SECRET, AUTOTASK_CODE, *tokens}
    for place, text in texts:
        for secret in planted:
            for form in _forms(secret):
                assert form not in text, f"{place} holds {secret!r}"
        for code in codes_of_now:
            assert f'"{code}"' not in text, f"{place} holds an access code"


def _recent() -> range:
    """A moment of each of the last access codes' half minutes."""
    now = int(time.time())
    return range(now - 300, now + 60, 30)


def _keep_secrets(base_url: str) -> None:
    """Everything that the keyring can hold, an outlived session among it."""
    entries = KeyringEntries(None, urlsplit(base_url).netloc)
    entries.set("email", "technician@sandbox.example")
    entries.set("password", PASSWORD)
    entries.set("totp-secret", TOTP_SECRET)
    cookie = {"name": "sandbox.sid", "value": KEPT_COOKIE, "path": "/api/", "expires": None}
    entries.set("cookies", json.dumps({"email": "technician@sandbox.example", "cookies": [cookie]}))


@pytest.mark.parametrize("show", [repr, str, "{!r}".format, "{}".format])
def test_a_secret_shows_nothing(show: Any) -> None:
    assert PASSWORD not in show(Secret(PASSWORD))
    assert PASSWORD not in show([Secret(PASSWORD)])


def test_the_search_would_find_one(home: Path) -> None:
    (home / "leak").write_text(f"before {quote(PASSWORD, safe='')} after")
    assert any(form in text for _, text in _written(home) for form in _forms(PASSWORD))
