"""``doctor --har``: from a recording to a profile that works."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from qpmatch.api.routes import ROUTES
from qpmatch.sandbox.store import Store
from tests.cli.browser import Browser
from tests.cli.conftest import MakeWorld
from tests.conftest import Program
from tests.recordings import DATA, PLANTED, entry, recording, save_body

BULK = {"allSelected": False, "excludedIds": [], "includedIds": [], "integrationType": "dattoAutoTask"}


@pytest.mark.parametrize("browser", ["chrome", "firefox", "safari"])
@pytest.mark.parametrize("form", ["table", "json", "ndjson", "yaml", "csv", "markdown"])
def test_nothing_that_is_in_a_recording_is_printed(qpmatch: Program, browser: str, form: str) -> None:
    outcome = qpmatch("doctor", "--har", DATA / f"{browser}.har", "-o", form, "-vv")
    assert "confirmed" in outcome.stdout
    assert "passwords and cookies" in outcome.stderr
    assert "on this machine only" in outcome.stderr
    told = (outcome.stdout + outcome.stderr).replace(str(DATA), "")  # a folder may be called anything
    assert not [value for value in PLANTED if value in told]


def test_json_has_a_line_for_every_route(qpmatch: Program) -> None:
    lines = qpmatch("doctor", "--har", DATA / "firefox.har", "-o", "json").json
    assert [line["check"] for line in lines] == list(ROUTES)
    assert set(lines[0]) == {"check", "status", "detail", "next", "differences", "override"}
    by_name = {line["check"]: line for line in lines}
    assert by_name["matches.save"]["override"] == {
        "method": "POST",
        "path": "integrations/customers/matches/createjob",
        "evidence": "observed",
    }
    assert by_name["events.list"]["status"] == "not in the recording"


def test_a_recording_that_breaks_off_is_used_as_far_as_it_goes(qpmatch: Program, home: Path) -> None:
    whole = (DATA / "chrome.har").read_bytes()
    (home / "cut.har").write_bytes(whole[: len(whole) // 2])
    outcome = qpmatch("doctor", "--har", "cut.har")
    assert "warning: the file breaks off after" in outcome.stderr
    assert "confirmed             customers.list" in outcome.stdout


def test_a_recording_of_something_else_says_so(qpmatch: Program, home: Path) -> None:
    path = recording(home / "other.har", [entry("GET", "x", base="https://shop.example/")])
    outcome = qpmatch("doctor", "--har", path)
    assert "no request to a CyberQP dashboard is in it" in outcome.stderr
    assert "shop" not in outcome.stdout + outcome.stderr.replace(str(path), "")


@pytest.mark.parametrize(
    ("content", "said"), [("{}", "no HAR file"), ("", "no HAR file"), (None, "cannot read")]
)
def test_no_recording_is_a_usage_error(qpmatch: Program, home: Path, content: str | None, said: str) -> None:
    if content is not None:
        (home / "no.har").write_text(content)
    assert said in qpmatch("doctor", "--har", "no.har", code=2).stderr


def test_a_broken_configuration_is_still_told(qpmatch: Program, home: Path) -> None:
    (home / "config.yaml").write_text("profiles: {na: {regoin: na}}\n")
    assert "regoin" in qpmatch("doctor", "--har", DATA / "chrome.har", code=2).stderr


def profile(home: Path, url: str, stdout: str) -> None:
    """A person pastes what was printed below the comment into the profile."""
    override: dict[str, Any] = yaml.safe_load(stdout[stdout.index("\nroutes:") :])
    config = {"profiles": {"here": {"base_url": url, **override}}}
    (home / "config.yaml").write_text(yaml.safe_dump(config))


def sign_in(browser: Browser, path: Path) -> None:
    with Store(path) as store:
        info = store.info()
    browser.send(
        "POST", "auth/login", body={"email": info.email, "password": info.password, "isIframe": False}
    )


@pytest.mark.parametrize(
    ("rename", "method", "path", "renamed"),
    [
        ("matches.save=POST mapping/save", "POST", "mapping/save", {}),
        (
            "matches.save=PUT integrations/customers/matches,displayName:companyName",
            "PUT",
            "integrations/customers/matches",
            {"displayName": "companyName"},
        ),
        (
            "matches.save=POST integrations/customers/mapping/createjob,matches:mappings,displayName:label",
            "POST",
            "integrations/customers/mapping/createjob",
            {"matches": "mappings", "displayName": "label"},
        ),
    ],
)
def test_after_pasting_the_override_match_works_again(
    qpmatch: Program,
    make: MakeWorld,
    home: Path,
    rename: str,
    method: str,
    path: str,
    renamed: dict[str, str],
) -> None:
    world = make({"12": "Contoso", "13": "Fabrikam"}, {"5f0c1a": "Contoso", "5f0c1b": "Fabrikam"})
    with world.served(renames=[rename]) as url:
        qpmatch("match", "Fabrikam", "Fabrikam", "--base-url", url, code=7, env=world.sign_in)
        browser = Browser(url)
        sign_in(browser, world.path)
        item = {"autoMatch": False, "displayName": "Contoso", "id": "5f0c1a", "name": "Contoso", "_id": "12"}
        body = {**BULK, "matchType": "ALL", "matches": {"12": item}, "searchText": ""}
        item = {renamed.get(key, key): value for key, value in item.items()}
        body = {renamed.get(key, key): value for key, value in (body | {"matches": {"12": item}}).items()}
        browser.send(method, path, body=body)
        har = browser.save(home / "session.har")

        found = qpmatch("doctor", "--har", har, "--base-url", url)
        assert "differs" in found.stdout
        profile(home, url, found.stdout)
        again = {
            line["check"]: line for line in qpmatch("doctor", "--har", har, "-p", "here", "-o", "json").json
        }
        assert (again["matches.save"]["status"], again["matches.save"]["override"]) == ("confirmed", None)
        qpmatch("match", "Fabrikam", "Fabrikam", "-p", "here", env=world.sign_in)
    assert ("13", "5f0c1b") in world.rows("SELECT company_id, customer_id FROM link")


def test_other_renamed_routes_work_again_too(qpmatch: Program, make: MakeWorld, home: Path) -> None:
    world = make(
        {"12": "Contoso", "13": "New Inc", "14": "Newer Inc", "15": "Linked"},
        {"5f0c1a": "Contoso", "5f0c1b": "Linked"},
        [("12", "5f0c1a"), ("15", "5f0c1b")],
    )
    renames = (
        "companies.list=integrations/psa-customers",
        "matches.delete=POST integrations/customers/unmatch,companyId:psaCompanyId",
        "customers.create=integrations/customers/import,includedIds:companyIds",
    )
    page = {"page": "1", "rowsPerPage": "50", "searchText": "", "integrationType": "dattoAutoTask"}
    with world.served(renames=renames) as url:
        browser = Browser(url)
        sign_in(browser, world.path)
        browser.send("GET", "integrations/matched-customers", query=page)
        browser.send("GET", "integrations/psa-customers", query=page)
        unmatch = {"psaCompanyId": "12", "customerId": "5f0c1a"}
        browser.send("POST", "integrations/customers/unmatch", form=unmatch)
        create = {key: value for key, value in BULK.items() if key != "includedIds"} | {"companyIds": ["13"]}
        browser.send("POST", "integrations/customers/import", body=create)
        found = qpmatch("doctor", "--har", browser.save(home / "session.har"), "--base-url", url)
        profile(home, url, found.stdout)
        listed = qpmatch("list", "companies", "-p", "here", "-o", "json", env=world.sign_in).json
        assert {one["id"]: one["status"] for one in listed}["14"] == "unmatched"
        qpmatch("unmatch", "Linked", "-p", "here", env=world.sign_in)
        qpmatch("create", "Newer Inc", "-p", "here", env=world.sign_in)
    assert {company for company, _ in world.rows("SELECT company_id, customer_id FROM link")} == {"13", "14"}


def test_used_as_assumed_a_session_confirms(qpmatch: Program, make: MakeWorld, home: Path) -> None:
    world = make({"12": "Contoso"}, {"5f0c1a": "Contoso"})
    with world.served() as url:
        browser = Browser(url)
        sign_in(browser, world.path)
        browser.send("GET", "integrations/dattoAutoTask")
        item = {"autoMatch": False, "displayName": "Contoso", "id": "5f0c1a", "name": "Contoso", "_id": "12"}
        browser.send(
            "POST",
            "integrations/customers/matches/createjob",
            body={**BULK, "matchType": "ALL", "matches": {"12": item}, "searchText": ""},
        )
        lines = qpmatch("doctor", "--har", browser.save(home / "a.har"), "--base-url", url, "-o", "json").json
    confirmed = {line["check"] for line in lines if line["status"] == "confirmed"}
    assert confirmed == {"session.login", "integration.get", "matches.save"}


def test_a_confirmed_write_is_no_longer_held_back(qpmatch: Program, home: Path) -> None:
    from qpmatch.config import resolve
    from qpmatch.connect import open_datacentre

    path = recording(
        home / "a.har", [entry("POST", "integrations/customers/matches/createjob", body=save_body())]
    )
    before = qpmatch("doctor", "--har", path).stdout
    override = yaml.safe_load(before[before.index("\nroutes:") :])
    (home / "config.yaml").write_text(yaml.safe_dump({"profiles": {"na": {"region": "na", **override}}}))
    environ = {
        "QPMATCH_CONFIG": str(home / "config.yaml"),
        "QPMATCH_EMAIL": "a@b.example",
        "QPMATCH_PASSWORD": "x",
    }
    with open_datacentre(resolve({"profile": "na"}, environ), environ) as datacentre:
        held_back = datacentre.held_back(["matches.save", "matches.delete"])
    assert [route.name for route in held_back] == ["matches.delete"]
