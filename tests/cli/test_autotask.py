"""Autotask as the source of companies, as a technician uses it: over the sandbox's own stand-in."""

from __future__ import annotations

from pathlib import Path

import pytest

from qpmatch.sandbox.store import Store
from tests.cli.conftest import MakeWorld
from tests.conftest import Program
from tests.world import World

KEYS = ("id", "name", "type", "active", "status", "customers", "cardinality", "suggestion", "staged")
AUTOTASK = ("--region", "sandbox", "--companies-from", "autotask")


def credentials(world: World) -> dict[str, str]:
    """The environment that signs in to a served sandbox, CyberQP and Autotask."""
    with Store(world.path) as store:
        info = store.info()
    return world.sign_in | {
        "QPMATCH_AUTOTASK_USERNAME": info.autotask_username,
        "QPMATCH_AUTOTASK_SECRET": info.autotask_secret,
        "QPMATCH_AUTOTASK_INTEGRATION_CODE": info.autotask_integration_code,
    }


def test_the_two_sources_tell_the_same(qpmatch: Program, msp: World) -> None:
    ours = qpmatch("list", "companies", "-o", "json", "--region", "sandbox").json
    theirs = qpmatch("list", "companies", "-o", "json", *AUTOTASK).json
    assert len(theirs) == 200
    assert [{key: one[key] for key in KEYS} for one in theirs] == [
        {key: one[key] for key in KEYS} for one in ours
    ]
    contoso = next(one for one in theirs if one["parent"])
    assert (contoso["number"], contoso["city"], contoso["web"]) != (None, None, None)


def test_a_match_is_made_and_seen(qpmatch: Program, make: MakeWorld) -> None:
    world = make({"0": "My MSP", "12": "Contoso"}, {"5f": "Contoso"})
    qpmatch("match", "Contoso", "Contoso", *AUTOTASK)
    assert world.rows("SELECT company_id, customer_id FROM link") == [("12", "5f")]
    assert "own company" in qpmatch("list", *AUTOTASK).stdout


def test_it_runs_on_observed_and_documented_routes_only(qpmatch: Program, msp: World) -> None:
    with msp.served("GET integrations/customers=403") as url:
        where = ("--base-url", url, "--companies-from", "autotask")
        listed = qpmatch("list", "companies", "-o", "json", *where, env=credentials(msp)).json
        assert len(listed) == 200
        assert qpmatch("suggest", "-o", "json", *where, env=credentials(msp)).json
        qpmatch("list", "companies", "--base-url", url, code=6, env=credentials(msp))


def test_leads_vendors_inactive_and_the_own_company_are_left_out_of_suggestions(
    qpmatch: Program, make: MakeWorld
) -> None:
    world = make({str(number): f"Company {number}" for number in range(6)}, {})
    with world.writing() as db:
        db.execute("UPDATE company SET type = 'Customer', active = 1")
        db.execute("UPDATE company SET type = 'Lead' WHERE id = '1'")
        db.execute("UPDATE company SET type = 'Vendor' WHERE id = '2'")
        db.execute("UPDATE company SET active = 0 WHERE id = '3'")
    outcome = qpmatch("suggest", "-o", "json", *AUTOTASK)
    assert [one["company"]["id"] for one in outcome.json] == ["4", "5"]
    for word in (
        "4 companies are left out",
        "1 inactive",
        "1 of type Lead",
        "1 of type Vendor",
        "own company",
    ):
        assert word in outcome.stderr
    widened = qpmatch("suggest", "-o", "json", *AUTOTASK, "--all-states", "--type", "lead")
    assert [one["company"]["id"] for one in widened.json] == ["1"]


def test_twelve_thousand_companies_within_the_limits(qpmatch: Program, home: Path) -> None:
    world = World.generated(home / "sandbox.sqlite3", companies=12_000)
    with world.served() as url:
        where = ("--base-url", url, "--companies-from", "autotask")
        listed = qpmatch("list", "companies", "-o", "json", *where, env=credentials(world)).json
        assert len({one["id"] for one in listed}) == 12_000
        lines = {
            line["check"]: line
            for line in qpmatch("doctor", "-o", "json", *where, env=credentials(world)).json
        }
    # The fields, the count and 24 pages for `list`; then the allowance was asked for the second time.
    assert "28 of 10000 requests used" in lines["autotask allowance"]["detail"]


def test_a_foreign_next_page_gets_nothing(qpmatch: Program, home: Path) -> None:
    world = World.generated(home / "sandbox.sqlite3", companies=600)
    with world.served("POST atservicesrest/v1.0/Companies/query=foreign-next") as url:
        outcome = qpmatch(
            "list", "--base-url", url, "--companies-from", "autotask", code=7, env=credentials(world)
        )
    assert "nothing was sent there" in outcome.stderr


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("QPMATCH_AUTOTASK_SECRET", "planted-wrong", "the credentials are refused"),
        ("QPMATCH_AUTOTASK_INTEGRATION_CODE", "planted-wrong", "the integration code is refused"),
        ("QPMATCH_AUTOTASK_USERNAME", "nobody@msp.example", "no zone is known for this user name"),
        ("QPMATCH_AUTOTASK_SECRET", "", "no keyring"),
    ],
)
def test_wrong_credentials_say_which_to_look_at(
    qpmatch: Program, msp: World, name: str, value: str, said: str
) -> None:
    with msp.served() as url:
        outcome = qpmatch(
            "list",
            "--base-url",
            url,
            "--companies-from",
            "autotask",
            code=6,
            env=credentials(msp) | {name: value},
        )
    assert said in outcome.stderr
    assert "planted" not in outcome.stderr


def test_a_source_that_does_not_exist_is_refused(qpmatch: Program) -> None:
    outcome = qpmatch("list", "--region", "sandbox", "--companies-from", "excel", code=2)
    assert "--companies-from" in outcome.stderr
