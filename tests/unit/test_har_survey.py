"""A recording beside the route table: what is confirmed, what differs, and the override that follows."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from qpmatch.api.routes import ROUTES
from qpmatch.api.templates import Evidence
from qpmatch.har import report
from qpmatch.har.assess import Override
from qpmatch.har.reading import Recording
from qpmatch.har.survey import Finding, Survey, Verdict
from tests.recordings import DATA, PLANTED, Entry, entry, recording, save_body, save_item

SAVE = "integrations/customers/matches/createjob"
PAGE = {"page": "1", "rowsPerPage": "50", "searchText": "", "integrationType": "dattoAutoTask"}


def findings(path: Path, survey: Survey | None = None) -> dict[str, Finding]:
    survey = survey or Survey()
    for request in Recording(path).requests():
        survey.add(request)
    return {finding.route.name: finding for finding in survey.findings()}


@pytest.fixture
def of(tmp_path: Path) -> Any:
    def survey(*entries: Entry, **options: Any) -> dict[str, Finding]:
        return findings(recording(tmp_path / "a.har", entries), Survey(**options))

    return survey


@pytest.mark.parametrize("browser", ["chrome", "firefox", "safari"])
def test_each_browser_confirms_what_is_used_as_assumed(browser: str) -> None:
    found = findings(DATA / f"{browser}.har")
    verdicts = {name: finding.verdict for name, finding in found.items()}
    used = {
        "session.login",
        "customers.list",
        "matches.list",
        "companies.list",
        "matches.save",
        "matches.delete",
        "customers.create",
    }
    assert verdicts == {name: Verdict.CONFIRMED if name in used else Verdict.ABSENT for name in ROUTES}
    assert found["matches.save"].override == Override("POST", SAVE)
    assert found["matches.list"].override is None  # an observed route needs none


@pytest.mark.parametrize("browser", ["chrome", "firefox", "safari"])
def test_no_value_of_a_recording_is_told(browser: str) -> None:
    found = list(findings(DATA / f"{browser}.har").values())
    told = repr([report.record(finding) for finding in found]) + report.override_text(found) + repr(found)
    assert not [value for value in PLANTED if value in told]


def test_a_request_has_no_repr() -> None:
    requests = list(Recording(DATA / "chrome.har").requests())
    told = re.sub(r"0x[0-9a-f]+", "", repr(requests))  # an address in memory may hold any digits
    assert not [value for value in PLANTED if value in told]


@pytest.mark.parametrize(
    ("method", "path", "body", "fields"),
    [
        ("PUT", SAVE, save_body(), ()),
        ("POST", "integrations/customers/matches", save_body(), ()),
        ("PUT", "mapping/save", save_body(), ()),
        (
            "POST",
            SAVE,
            save_body(matches={"174": save_item(displayName=None, companyName="Contoso Ltd")}),
            (("displayName", "companyName"),),
        ),
        (
            "POST",
            "integrations/customers/mapping",
            save_body(matches=None, mappings={"174": save_item(displayName=None, companyName="C")}),
            (("matches", "mappings"), ("displayName", "companyName")),
        ),
        (
            "POST",
            SAVE,
            save_body(
                matches={
                    "174": save_item(displayName=None, name=None, companyName="Contoso", customerName="C")
                }
            ),
            (("displayName", "companyName"), ("name", "customerName")),
        ),
        (
            "POST",
            SAVE,
            save_body(matches={"174": save_item(id=None, _id=None, psaId="174", qpId="5f0c")}),
            (("_id", "psaId"), ("id", "qpId")),
        ),
        ("POST", SAVE, save_body(matchType=None, mode="ALL"), (("matchType", "mode"),)),
        (
            "POST",
            SAVE,
            save_body(matches={"174": save_item(displayName=None, label="Contoso Ltd")}),
            (("displayName", "label"),),
        ),
    ],
)
def test_what_differs_becomes_an_override_that_makes_it_agree(
    of: Any, method: str, path: str, body: Any, fields: tuple[tuple[str, str], ...]
) -> None:
    finding = of(entry(method, path, body=body))["matches.save"]
    assert finding.verdict is Verdict.DIFFERS
    assert finding.override is not None
    assert (finding.override.method, finding.override.path) == (method, path)
    assert sorted(finding.override.fields) == sorted(fields)
    # The same recording agrees once the profile has the override.
    routes = {**ROUTES, "matches.save": finding.override.apply(ROUTES["matches.save"])}
    again = of(entry(method, path, body=body), routes=routes)["matches.save"]
    assert (again.verdict, again.override) == (Verdict.CONFIRMED, None)


def test_the_differences_say_what_and_where(of: Any) -> None:
    body = save_body(matches={"174": save_item(displayName=None, companyName="Contoso")})
    finding = of(entry("PUT", "integrations/customers/mapping", body=body))["matches.save"]
    assert [str(difference) for difference in finding.differences] == [
        "method: PUT, not POST",
        f"path: integrations/customers/mapping, not {SAVE}",
        "field: `displayName` is called `companyName`",
    ]
    assert (
        "routes:\n  matches.save: {method: PUT, path: integrations/customers/mapping, evidence: observed, "
        in (report.override_text([finding]))
    )


@pytest.mark.parametrize(
    ("recorded", "said"),
    [
        (entry("POST", SAVE, body=save_body(matchType="SOME")), 'body.matchType: it is not "ALL"'),
        (entry("POST", SAVE, body=save_body(allSelected=True)), "body.allSelected: it is not false"),
        (entry("POST", SAVE, body=save_body(sort="name")), "body: `sort` is sent too"),
        (entry("POST", SAVE, body=save_body(searchText=None)), "body: `searchText` is not sent"),
        (entry("POST", SAVE, body=save_body(matches={})), "body.matches: it is empty here"),
        (
            entry("POST", SAVE, body=save_body(matches=[save_item()])),
            "body.matches: it is a list, not an object",
        ),
        (
            entry("POST", SAVE, body=save_body(matches={"5f0c": save_item()})),
            "body.matches: its entries are not filed under their `_id`",
        ),
        (entry("POST", SAVE, body=save_body(), headers={"Accept": "*/*"}), "header: Integration is not sent"),
        (entry("POST", SAVE, body=save_body(), status=404), "answer: the server answered 404"),
        (entry("POST", SAVE, form={"companyId": "174"}), "body: it is form-encoded, not JSON"),
        (entry("POST", SAVE), "body: it is no body, not JSON"),
        (
            entry("POST", SAVE, body=save_body(integrationType="novel")),
            "body.integrationType: its value is no integration type",
        ),
        (
            entry(
                "POST",
                SAVE,
                body=save_body(matches={"174": save_item(name=None, displayName=None, a="x", b="y")}),
            ),
            "body.matches.*: `displayName` is not sent",
        ),
    ],
)
def test_what_an_override_cannot_say_gives_none(of: Any, recorded: Entry, said: str) -> None:
    finding = of(recorded)["matches.save"]
    assert finding.verdict is Verdict.DIFFERS
    assert finding.override is None
    assert said in " | ".join(str(difference) for difference in finding.differences)


def test_ids_in_the_query_instead_of_a_form(of: Any) -> None:
    query = {"companyId": "174", "customerId": "5f0c"}
    finding = of(entry("DELETE", "integrations/customers/matches", query=query))["matches.delete"]
    assert finding.verdict is Verdict.DIFFERS
    assert finding.override is None


def test_a_person_may_have_typed_a_search(of: Any) -> None:
    assert (
        of(entry("POST", SAVE, body=save_body(searchText="conto")))["matches.save"].verdict
        is Verdict.CONFIRMED
    )


def test_one_plain_request_confirms_among_odd_ones(of: Any) -> None:
    odd = entry("POST", SAVE, body=save_body(allSelected=True))
    finding = of(odd, entry("POST", SAVE, body=save_body()), odd)["matches.save"]
    assert finding.verdict is Verdict.CONFIRMED
    assert report.detail(finding) == "1 of 3 requests as expected"


def test_an_observed_list_leaves_an_unknown_one_to_its_sibling(of: Any) -> None:
    found = of(
        entry("GET", "integrations/matched-customers", query=PAGE),
        entry("GET", "integrations/unmatched", query=PAGE),
    )
    assert found["matches.list"].verdict is Verdict.CONFIRMED
    assert found["companies.list"].override == Override("GET", "integrations/unmatched")


def test_jobs_about_accounts_are_not_taken_for_jobs_about_customers(of: Any) -> None:
    body = {
        **save_body(matches=None, matchType=None, searchText=None),
        "customerId": "5f0c",
        "userType": "standard",
    }
    found = of(entry("POST", "integrations/accounts/createjob", body=body))
    assert found["customers.create"].verdict is Verdict.ABSENT
    assert found["matches.save"].verdict is Verdict.ABSENT


@pytest.mark.parametrize(
    "path", ["integrations/174/save", "Contoso/save", "integrations/contoso/save", "x/5f0c1a"]
)
def test_a_path_that_may_hold_a_name_or_an_id_is_not_told(of: Any, path: str) -> None:
    body = save_body(matches={"174": save_item(name="contoso")})
    finding = of(entry("POST", path, body=body))["matches.save"]
    assert finding.override is None
    assert path not in repr(finding)


@pytest.mark.parametrize(
    "key", ["174", "Contoso", "Contoso Ltd", "5f0c1a2b3c4d5e6f7a8b9c0d", "k" * 60, "deadbeefcafe"]
)
def test_a_key_that_may_be_a_name_or_an_id_is_not_told(of: Any, key: str) -> None:
    finding = of(entry("POST", SAVE, body=save_body(**{key: 1})))["matches.save"]
    assert key not in repr(finding.differences)
    assert "a field whose name is not shown here is sent too" in repr(finding.differences)


def test_other_hosts_and_preflights_do_not_count(of: Any) -> None:
    found = of(
        entry("OPTIONS", SAVE),
        entry("POST", "events", base="https://metrics.example/api/", body={"a": 1}),
        entry("POST", SAVE, base="https://evil.example/api/", body=save_body(sort="x")),
    )
    assert {finding.verdict for finding in found.values()} == {Verdict.ABSENT}


def test_a_dashboard_elsewhere_is_known_by_its_words_or_by_its_base_url(of: Any) -> None:
    own = "https://qp.msp.example/api/"
    other = entry("PUT", "mapping/save", base=own, body=save_body())
    assert of(other)["matches.save"].verdict is Verdict.ABSENT
    login = entry("POST", "auth/login", base=own, body={"email": "e", "password": "p", "isIframe": False})
    assert of(other, login)["matches.save"].override == Override("PUT", "mapping/save")
    assert of(other, base_urls=[own])["matches.save"].override == Override("PUT", "mapping/save")
    deep = "http://127.0.0.1:8080/deep/path/"
    there = entry("POST", SAVE, base=deep, body=save_body())
    assert of(there, base_urls=[deep])["matches.save"].verdict is Verdict.CONFIRMED


def test_every_region_is_known(of: Any) -> None:
    for host in ("admin.getquickpass.com", "eu-admin.getquickpass.com", "ca.admin.cyberqp.com"):
        found = of(entry("POST", SAVE, base=f"https://{host}/api/", body=save_body()))
        assert found["matches.save"].verdict is Verdict.CONFIRMED


def test_the_override_is_what_the_profile_takes(of: Any) -> None:
    from qpmatch.profiles import Profile
    from qpmatch.yamlload import load

    body = save_body(matches={"174": save_item(displayName=None, companyName="C")})
    found = of(
        entry("PUT", "integrations/customers/mapping", body=body), entry("GET", "integrations/dattoAutoTask")
    )
    text = report.override_text(list(found.values()))
    profile = Profile.model_validate(load(text, "override").data)
    assert profile.routes is not None
    assert set(profile.routes) == {"matches.save", "integration.get"}
    assert profile.routes["matches.save"].evidence is Evidence.OBSERVED
    assert profile.routes["matches.save"].fields == {"displayName": "companyName"}


def test_no_override_no_text(of: Any) -> None:
    assert report.override_text(list(of(entry("GET", "ping")).values())) == ""


def test_thousands_of_unknown_requests_are_counted(tmp_path: Path) -> None:
    path = recording(
        tmp_path / "a.har", (entry("GET", "ab"[number % 2] * (number // 2 + 1)) for number in range(2500))
    )
    survey = Survey()
    findings(path, survey)
    assert survey.requests == 2500
