"""``doctor``: the checklist over sandboxes in every state, as a technician reads it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from qpmatch.sandbox.roles import Role
from qpmatch.sandbox.signin import Policy
from qpmatch.sandbox.store import Store
from tests.api.dashboard import EMAIL, PASSWORD, Dashboard
from tests.api.opponent import Move, Reply, Seen, running
from tests.cli.test_autotask import credentials
from tests.conftest import Outcome, Program
from tests.world import World

ORDER = [
    "configuration",
    "keyring",
    "credentials",
    "dns",
    "tls",
    "clock",
    "sign-in",
    "role",
    "integration",
    "customers.list",
    "matches.list",
    "companies.list",
    "events.list",
    "customers.get",
    "accounts.list",
    "writes",
    "autotask",
]


def lines(outcome: Outcome) -> dict[str, dict[str, Any]]:
    return {line["check"]: line for line in outcome.json}


def status(outcome: Outcome) -> dict[str, str]:
    return {line["check"]: line["status"] for line in outcome.json}


def test_the_embedded_sandbox_is_healthy(qpmatch: Program, msp: World) -> None:
    outcome = qpmatch("doctor", "--region", "sandbox", "-o", "json")
    assert list(lines(outcome)) == ORDER
    assert set(status(outcome).values()) == {"ok", "skip"}
    assert set(outcome.json[0]) == {"check", "status", "detail", "next"}


def test_a_served_sandbox_is_healthy(qpmatch: Program, msp: World) -> None:
    with msp.served() as url:
        outcome = qpmatch("doctor", "--base-url", url, "-o", "json", env=msp.sign_in)
    assert {check for check, how in status(outcome).items() if how != "ok"} == {"keyring", "autotask"}
    assert msp.sign_in["QPMATCH_PASSWORD"] not in outcome.stdout + outcome.stderr


def test_people_get_lines(qpmatch: Program, msp: World) -> None:
    outcome = qpmatch("doctor", "--region", "sandbox")
    assert "ok    role            the account may use integrations\n" in outcome.stdout


def test_it_never_writes(qpmatch: Program, msp: World) -> None:
    seen: list[Seen] = []

    def note(request: Seen) -> Move | None:
        seen.append(request)
        return None

    rows = [{"id": "1", "name": "A", "customers": [{"id": "5f1", "name": "A"}]}]
    dashboard = Dashboard(
        companies=rows, customers=[{"id": "5f1", "name": "A", "integrations": {}}], before=note
    )
    with running(dashboard) as opponent:
        qpmatch(
            "doctor", "--base-url", opponent.url, env={"QPMATCH_EMAIL": EMAIL, "QPMATCH_PASSWORD": PASSWORD}
        )
    assert {(one.method, one.path) for one in seen if one.method != "GET"} == {("POST", "/api/auth/login")}
    assert len({one.path for one in seen}) > 5
    before = sorted(msp.rows("SELECT * FROM link"))
    qpmatch("doctor", "--region", "sandbox", "--companies-from", "autotask")
    assert sorted(msp.rows("SELECT * FROM link")) == before
    assert msp.waiting_jobs == 0


def test_a_configuration_that_cannot_be_used(qpmatch: Program, home: Path) -> None:
    (home / "config.yaml").write_text("profiles: {na: {region: mars}}\n")
    outcome = qpmatch("doctor", "-o", "json", code=2)
    (line,) = outcome.json
    assert (line["check"], line["status"]) == ("configuration", "fail")
    assert "config.yaml:1:" in line["detail"]


def test_no_region_says_how_to_choose_one(qpmatch: Program) -> None:
    assert "--region sandbox" in qpmatch("doctor", code=2).stdout


def test_no_keyring_says_which_variables_to_set(qpmatch: Program, msp: World) -> None:
    with msp.served() as url:
        outcome = qpmatch("doctor", "--base-url", url, "-o", "json", code=6)
    found = lines(outcome)
    assert found["keyring"]["status"] == "fail"
    assert "QPMATCH_PASSWORD" in found["keyring"]["next"]
    assert {found[check]["status"] for check in ("credentials", "sign-in", "role", "matches.list")} == {
        "skip"
    }
    assert found["tls"]["status"] == "ok"


def test_nobody_listens(qpmatch: Program, msp: World) -> None:
    with msp.served() as url:
        pass
    outcome = qpmatch("doctor", "--base-url", url, "-o", "json", code=7, env=msp.sign_in)
    assert [check for check, how in status(outcome).items() if how == "fail"] == ["tls"]


@pytest.mark.parametrize(
    ("policy", "changes", "failing", "said", "code"),
    [
        (None, {"QPMATCH_PASSWORD": "planted"}, "sign-in", "does not accept", 6),
        (Policy(sso_only=True), {}, "sign-in", "single sign-on", 6),
        (Policy(role=Role.HELPDESK), {}, "role", "may not use integrations", 6),
    ],
)
def test_an_account_that_is_not_let_in(
    qpmatch: Program,
    msp: World,
    policy: Policy | None,
    changes: dict[str, str],
    failing: str,
    said: str,
    code: int,
) -> None:
    with msp.served(policy=policy) as url:
        outcome = qpmatch("doctor", "--base-url", url, "-o", "json", code=code, env=msp.sign_in | changes)
    failures = [line for line in outcome.json if line["status"] == "fail"]
    assert [line["check"] for line in failures] == [failing]
    assert said in failures[0]["detail"]
    assert failures[0]["next"]
    assert "planted" not in outcome.stdout + outcome.stderr


def test_mfa_without_a_code_and_with_one(qpmatch: Program, msp: World) -> None:
    with Store(msp.path) as store:
        store.require_mfa(True)
        secret = store.info().totp_secret or ""
    with msp.served() as url:
        outcome = qpmatch("doctor", "--base-url", url, "-o", "json", code=6, env=msp.sign_in)
        assert "MFA on, and no code is at hand" in lines(outcome)["sign-in"]["detail"]
        assert "no TOTP secret" in lines(outcome)["credentials"]["detail"]
        env = msp.sign_in | {"QPMATCH_TOTP_SECRET": secret}
        signed_in = qpmatch("doctor", "--base-url", url, "-o", "json", env=env)
    assert status(signed_in)["sign-in"] == "ok"
    assert secret not in signed_in.stdout + signed_in.stderr


@pytest.mark.parametrize(
    ("fault", "check", "how", "code"),
    [
        ("GET customer=400", "customers.list", "fail", 7),
        ("GET integrations/matched-customers=400", "matches.list", "fail", 7),
        ("GET integrations/customers=404", "companies.list", "warn", 0),
        ("GET integrations/customers=400", "companies.list", "warn", 0),
        ("GET events=400", "events.list", "warn", 0),
        ("GET integrations/dattoAutoTask=404", "integration", "warn", 0),
    ],
)
def test_a_route_that_does_not_answer(
    qpmatch: Program, msp: World, fault: str, check: str, how: str, code: int
) -> None:
    with msp.served(fault) as url:
        outcome = qpmatch("doctor", "--base-url", url, "-o", "json", code=code, env=msp.sign_in)
    found = lines(outcome)
    assert found[check]["status"] == how
    assert "`qpmatch doctor`" not in (found[check]["next"] or "")  # that is where we are
    assert found["events.list"]["status"] != "skip"  # the rest is looked at all the same


def test_an_answer_of_another_shape_is_told(qpmatch: Program) -> None:
    def before(seen: Seen) -> Move | None:
        return Reply(200, {"maxCount": 0, "rows": []}) if seen.path == "/api/customer" else None

    with running(Dashboard(before=before)) as opponent:
        outcome = qpmatch(
            "doctor",
            "--base-url",
            opponent.url,
            "-o",
            "json",
            code=7,
            env={"QPMATCH_EMAIL": EMAIL, "QPMATCH_PASSWORD": PASSWORD},
        )
    assert "unknown shape at $.clients" in lines(outcome)["customers.list"]["detail"]


def test_an_integration_that_is_not_active(qpmatch: Program) -> None:
    def before(seen: Seen) -> Move | None:
        return Reply(200, {"active": False}) if seen.path.endswith("dattoAutoTask") else None

    with running(Dashboard(before=before)) as opponent:
        outcome = qpmatch(
            "doctor",
            "--base-url",
            opponent.url,
            "-o",
            "json",
            env={"QPMATCH_EMAIL": EMAIL, "QPMATCH_PASSWORD": PASSWORD},
        )
    line = lines(outcome)["integration"]
    assert (line["status"], line["detail"]) == ("warn", "autotask is not active in CyberQP")


def test_autotask_credentials_and_zone(qpmatch: Program, msp: World) -> None:
    with msp.served() as url:
        good = credentials(msp)
        healthy = qpmatch("doctor", "--base-url", url, "-o", "json", env=good)
        wrong = good | {"QPMATCH_AUTOTASK_SECRET": "planted"}
        refused = qpmatch("doctor", "--base-url", url, "-o", "json", code=6, env=wrong)
        unknown = good | {"QPMATCH_AUTOTASK_USERNAME": "nobody@msp.example"}
        lost = qpmatch("doctor", "--base-url", url, "-o", "json", code=6, env=unknown)
        partial = {key: value for key, value in good.items() if key != "QPMATCH_AUTOTASK_SECRET"}
        missing = qpmatch("doctor", "--base-url", url, "-o", "json", code=6, env=partial)
        http = good | {"QPMATCH_AUTOTASK_URL": "http://webservices3.autotask.net/"}
        insecure = qpmatch("doctor", "--base-url", url, "-o", "json", code=2, env=http)
    assert lines(healthy)["autotask"]["detail"].startswith("the zone is http://127.0.0.1:")
    assert lines(healthy)["autotask allowance"]["status"] == "ok"
    assert status(refused)["autotask credentials"] == "fail"
    assert status(refused)["autotask companies"] == "skip"
    assert "no zone is known" in lines(lost)["autotask"]["detail"]
    assert status(missing)["autotask"] == "fail"
    assert "https is due" in lines(insecure)["autotask"]["detail"]
    assert "planted" not in refused.stdout + refused.stderr


def test_where_the_two_sources_have_drifted_apart(qpmatch: Program, msp: World) -> None:
    linked = msp.rows(
        "SELECT company.id, company.name FROM company JOIN link ON link.company_id = company.id "
        "WHERE company.active = 1 ORDER BY company.id LIMIT 1"
    )
    ((company_id, name),) = linked
    msp.inactivate(company_id)
    outcome = qpmatch("doctor", "--region", "sandbox", "--companies-from", "autotask", "-o", "json")
    line = lines(outcome)["autotask companies"]
    assert line["status"] == "warn"
    assert f"{name} ({company_id})" in line["detail"]
