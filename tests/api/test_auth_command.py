"""``qpmatch auth`` against a sandbox that is as strict as a region: MFA, roles, SSO, and a keyring."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import keyring
import pytest

from qpmatch.runtime import Runtime
from qpmatch.sandbox.roles import Role
from qpmatch.sandbox.serve import open_server
from qpmatch.sandbox.signin import Policy
from qpmatch.sandbox.store import SandboxInfo, Store
from tests.conftest import Program
from tests.unit.test_credentials import MemoryKeyring

SECRETS = ("QPMATCH_PASSWORD", "QPMATCH_TOTP_SECRET")


@dataclass
class Region:
    """A served sandbox, and what its account needs."""

    url: str
    store: Store
    info: SandboxInfo

    @property
    def sessions(self) -> int:
        with self.store.connection() as db:
            count: int = db.execute("SELECT count(*) FROM session").fetchone()[0]
        return count


NewRegion = Callable[..., Region]


@pytest.fixture
def new_region(tmp_path: Path) -> Iterator[NewRegion]:
    with ExitStack() as stack:

        def make(*, mfa: bool = False, **policy: object) -> Region:
            store = stack.enter_context(Store(tmp_path / "region.sqlite3"))
            store.require_mfa(mfa)
            server = stack.enter_context(open_server(store, job_delay_ms=0, policy=Policy(**policy)))  # type: ignore[arg-type]  # each test knows its own
            server.start()
            return Region(server.base_url, store, store.info())

        yield make


@pytest.fixture
def memory() -> Iterator[MemoryKeyring]:
    backend, before = MemoryKeyring(), keyring.get_keyring()
    keyring.set_keyring(backend)
    yield backend
    keyring.set_keyring(before)


def test_sign_in_once_then_work_with_a_profile(
    qpmatch: Program, new_region: NewRegion, memory: MemoryKeyring, home: Path
) -> None:
    region = new_region(mfa=True)
    totp = region.info.totp_secret or ""
    outcome = qpmatch(
        *("auth", "login", "--profile", "na", "--base-url", region.url, "--email", region.info.email),
        *("--password-stdin",),
        stdin=f"{region.info.password}\n",
        env={"QPMATCH_TOTP_SECRET": totp},
    )
    assert "signed in" in outcome.stderr
    assert outcome.stdout == ""
    config = (home / "config.yaml").read_text()
    for secret in (region.info.password, totp):
        assert secret not in outcome.stderr + config

    # The profile is the only one, its session is reused, its secrets renew it.
    assert len(qpmatch("list", "-o", "json").json) == region.info.companies
    assert region.sessions == 1
    with region.store.transaction() as db:
        db.execute("DELETE FROM session")
    qpmatch("list", "-p", "na", "-o", "json")
    assert region.sessions == 1

    status = qpmatch("auth", "status", "-o", "json").json
    assert status["email"] == region.info.email
    assert (status["password"], status["totp_secret"], status["session"]) == ("keyring", "keyring", True)
    assert region.info.password not in str(status)

    qpmatch("auth", "logout")
    assert memory.kept == {}
    assert qpmatch("auth", "status", code=6).stderr
    assert "qpmatch auth login" in qpmatch("list", code=6).stderr


def test_a_pipeline_needs_its_environment_only(qpmatch: Program, new_region: NewRegion, home: Path) -> None:
    region = new_region(mfa=True)
    env = {
        "QPMATCH_BASE_URL": region.url,
        "QPMATCH_EMAIL": region.info.email,
        "QPMATCH_PASSWORD": region.info.password,
        "QPMATCH_TOTP_SECRET": region.info.totp_secret or "",
    }
    assert len(qpmatch("list", "-o", "json", env=env).json) == region.info.companies
    before = qpmatch("list", "matches", "-o", "json", env=env).json
    qpmatch("suggest", "--plan", "plan.yaml", "-q", env=env)
    result = qpmatch("confirm", "plan.yaml", "--yes", "-o", "json", env=env).json
    assert result["status"] == "success"
    assert result["summary"]["applied"] > 0
    assert qpmatch("list", "matches", "-o", "json", env=env).json != before
    qpmatch("confirm", result["undo"], "--yes", env=env)
    assert qpmatch("list", "matches", "-o", "json", env=env).json == before
    assert not (home / "config.yaml").exists()


@pytest.mark.parametrize(
    ("mfa", "policy", "env", "message", "hint"),
    [
        (False, {}, {"QPMATCH_PASSWORD": "wrong"}, "does not accept", "--region na"),
        (True, {}, {"QPMATCH_TOTP_SECRET": ""}, "MFA on, and no code", "QPMATCH_TOTP_SECRET"),
        (True, {}, {"QPMATCH_TOTP_SECRET": "JBSWY3DPEHPK3PXP"}, "was not accepted", "clock"),
        (False, {"sso_only": True}, {}, "single sign-on", "Primary or Super"),
        (False, {"role": Role.HELPDESK}, {}, "may not use integrations", "Primary or Super"),
        (False, {}, {"QPMATCH_PASSWORD": ""}, "no keyring", "QPMATCH_PASSWORD"),
        (False, {}, {"QPMATCH_EMAIL": ""}, "no e-mail address", "QPMATCH_EMAIL"),
    ],
)
def test_each_obstacle_says_what_to_do(
    mfa: bool,
    policy: dict[str, object],
    env: dict[str, str],
    message: str,
    hint: str,
    qpmatch: Program,
    new_region: NewRegion,
) -> None:
    region = new_region(mfa=mfa, **policy)
    known = {
        "QPMATCH_BASE_URL": region.url,
        "QPMATCH_EMAIL": region.info.email,
        "QPMATCH_PASSWORD": region.info.password,
    }
    outcome = qpmatch("list", "-o", "json", "-vv", code=6, env=known | env)
    assert message in outcome.error["message"]
    assert hint in outcome.error["hint"]
    assert outcome.stdout == ""
    assert region.info.password not in outcome.stderr


def test_a_refused_sign_in_stores_nothing(
    qpmatch: Program, new_region: NewRegion, memory: MemoryKeyring, home: Path
) -> None:
    region = new_region(role=Role.ENGINEER)
    words = ("auth", "login", "--base-url", region.url, "--email", region.info.email, "--password-stdin")
    assert "does not accept" in qpmatch(*words, stdin="wrong\n", code=6).stderr
    assert "Primary or Super" in qpmatch(*words, stdin=f"{region.info.password}\n", code=6).stderr
    assert "no password came" in qpmatch(*words, stdin="", code=6).stderr
    assert memory.kept == {}
    assert not (home / "config.yaml").exists()


def test_what_is_missing_is_asked_for(
    qpmatch: Program, new_region: NewRegion, memory: MemoryKeyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    region = new_region(mfa=True)
    monkeypatch.setattr(Runtime, "interactive", True)
    answers = [region.info.email, region.info.password, region.info.totp_secret or ""]
    outcome = qpmatch("auth", "login", "--base-url", region.url, stdin="\n".join(answers) + "\n")
    shown = outcome.stdout + outcome.stderr
    assert "E-mail" in shown
    assert "TOTP secret" in shown
    for secret in answers[1:]:
        assert secret not in shown
        assert secret in memory.kept.values()
    qpmatch("list", "-p", "custom", "-o", "json")


def test_off_a_terminal_nothing_is_asked(
    qpmatch: Program, new_region: NewRegion, memory: MemoryKeyring
) -> None:
    region = new_region()
    outcome = qpmatch("auth", "login", "--base-url", region.url, "--email", "a@b", code=6)
    assert "--password-stdin" in outcome.stderr


def test_a_machine_without_a_keyring_says_so_before_it_asks(qpmatch: Program, new_region: NewRegion) -> None:
    outcome = qpmatch(
        *("auth", "login", "--base-url", new_region().url, "--email", "a@b", "--password-stdin"),
        stdin="x\n",
        code=6,
    )
    for name in ("QPMATCH_EMAIL", *SECRETS):
        assert name in outcome.stderr


def test_the_sandbox_needs_no_sign_in(qpmatch: Program) -> None:
    for verb in ("login", "logout"):
        assert "needs no sign-in" in qpmatch("auth", verb, "--region", "sandbox").stderr
    assert qpmatch("auth", "status", "--region", "sandbox", "-o", "json").json["password"] == "sandbox"
