"""The stand-in for Autotask: strict, and with Autotask's own ways of saying no (AUTOTASK.md B1 to B6)."""

from __future__ import annotations

import json
import threading
from http.client import HTTPResponse
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.sandbox.conftest import Plain, Serve

BASE = "/atservicesrest/v1.0"
ALL = {"filter": [{"op": "gte", "field": "id", "value": 0}], "IncludeFields": ["id", "companyName"]}


def headers(client: Plain, **changes: str) -> dict[str, str]:
    account = client.store.info()
    return {
        "ApiIntegrationCode": account.autotask_integration_code,
        "UserName": account.autotask_username,
        "Secret": account.autotask_secret,
        "Content-Type": "application/json",
        **changes,
    }


def ask(client: Plain, path: str, body: Any = None, **changes: str) -> tuple[HTTPResponse, Any]:
    content = None if body is None else json.dumps(body).encode()
    response, answer = client.send(
        "GET" if body is None else "POST", path, content, headers(client, **changes)
    )
    return response, json.loads(answer) if answer else None


@pytest.fixture
def client(serve: Serve) -> Plain:
    return serve(signed_in=False)


def test_zone_discovery_needs_no_credentials(client: Plain) -> None:
    user = client.store.info().autotask_username
    response, content = client.send("GET", f"{BASE}/zoneInformation?user={user}")
    assert response.status == 200
    zone = json.loads(content)
    assert zone["url"].endswith("/ATServicesRest/")
    assert urlsplit(zone["url"]).netloc == urlsplit(client.url).netloc
    response, content = client.send("GET", f"{BASE}/zoneInformation?user=nobody")
    assert response.status == 500
    assert json.loads(content) == {"errors": ["Zone information could not be determined"]}


@pytest.mark.parametrize("wrong", ["UserName", "Secret"])
def test_wrong_credentials_are_an_empty_401(client: Plain, wrong: str) -> None:
    response, answer = ask(client, f"{BASE}/Companies/query", ALL, **{wrong: "x"})
    assert (response.status, answer) == (401, None)


def test_missing_headers_are_an_empty_401(client: Plain) -> None:
    response, content = client.send("GET", f"{BASE}/Version")
    assert (response.status, content) == (401, b"")


def test_a_wrong_integration_code_is_a_500(client: Plain) -> None:
    response, answer = ask(client, f"{BASE}/Companies/query", ALL, ApiIntegrationCode="x")
    assert (response.status, answer) == (500, {"errors": ["IntegrationCode is invalid."]})


@pytest.mark.parametrize("path", ["/atservicesrest/v1.0", "/ATServicesRest/V1.0", "/ATSERVICESREST/v1.0"])
def test_paths_may_have_any_case(client: Plain, path: str) -> None:
    assert ask(client, f"{path}/companies/QUERY/count", ALL)[1] == {"queryCount": 200}
    assert ask(client, f"{path}/Version")[0].status == 200


def read(client: Plain, body: dict[str, Any]) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = []
    path: str | None = f"{BASE}/Companies/query"
    while path:
        response, answer = ask(client, path, body)
        assert response.status == 200, answer
        items += answer["items"]
        details = answer["pageDetails"]
        assert details["count"] == len(answer["items"])
        path = details["nextPageUrl"] and details["nextPageUrl"].removeprefix(origin(client))
    return items


def origin(client: Plain) -> str:
    parts = urlsplit(client.url)
    return f"{parts.scheme}://{parts.netloc}"


def test_pages_make_up_every_company(client: Plain) -> None:
    items = read(client, {**ALL, "MaxRecords": 30})
    assert len(items) == 200
    ids = [item["id"] for item in items]
    assert ids == sorted(set(ids))
    assert ids[0] == 0
    with client.store.connection() as db:
        names = dict(db.execute("SELECT CAST(id AS INTEGER), name FROM company"))
    assert {item["id"]: item["companyName"] for item in items} == names


def test_the_next_page_needs_the_same_query(client: Plain) -> None:
    _, answer = ask(client, f"{BASE}/Companies/query", {**ALL, "MaxRecords": 30})
    following = answer["pageDetails"]["nextPageUrl"].removeprefix(origin(client))
    assert answer["pageDetails"]["nextPageUrl"].startswith(f"{origin(client)}/ATServicesRest/V1.0/")
    assert ask(client, following, ALL)[0].status == 500
    assert ask(client, following, {})[0].status == 500
    assert ask(client, following, {**ALL, "MaxRecords": 30})[0].status == 200


def test_a_get_query_pages_by_get(client: Plain) -> None:
    search = json.dumps({**ALL, "MaxRecords": 150}).replace(" ", "").replace('"', "%22")
    _, answer = ask(client, f"{BASE}/Companies/query?search={search}")
    following = answer["pageDetails"]["nextPageUrl"].removeprefix(origin(client))
    _, rest = ask(client, following)
    assert len(answer["items"]) + len(rest["items"]) == 200


def condition(op: str, field: str, value: Any = None) -> dict[str, Any]:
    return {"filter": [{"op": op, "field": field, "value": value}]}


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({}, "must have a filter"),
        ({"filter": []}, "must have a filter"),
        ({"filter": {}}, "must have a filter"),
        (condition("gte", "nonsense", 0), "Unable to find [nonsense] in [Company]"),
        ({**ALL, "IncludeFields": ["id", "country"]}, "Unable to find [country] in [Company]"),
        ({**ALL, "MaxRecords": 501}, "MaxRecords"),
        ({**ALL, "MaxRecords": 0}, "MaxRecords"),
        ({**ALL, "MaxRecords": "5"}, "MaxRecords"),
        ({**ALL, "IncludeFields": ["companyName"], "MaxRecords": 50}, "must include id"),
        ({**ALL, "sort": "id"}, "Unknown query property [sort]"),
        (condition("eq", "isActive"), "not a boolean"),
        (condition("eq", "isActive", []), "not a boolean"),
        (condition("gte", "id", "abc"), "not a integer"),
        (condition("gte", "id", True), "not a integer"),
        (condition("gte", "id", 10**30), "not a integer"),
        (condition("like", "companyName", "a"), "cannot be used"),
        (condition("contains", "id", 1), "cannot be used"),
        (condition("in", "id", []), "list of 1 to 500"),
        ({"filter": [{"op": "eq", "field": "x", "value": 1, "udf": True}]}, "user-defined"),
        ({"filter": [{"op": "and", "items": []}]}, "must have items"),
        ({"filter": [{"field": "id"}]}, "must have an op"),
        ({"filter": [{"op": "eq", "field": "id", "value": 1}] * 501}, "at most 500"),
        ([], "not a JSON object"),
    ],
)
def test_bad_queries_are_500(client: Plain, body: Any, message: str) -> None:
    response, answer = ask(client, f"{BASE}/Companies/query", body)
    assert response.status == 500
    assert message in answer["errors"][0]


def ids(client: Plain, *conditions: dict[str, Any]) -> set[int]:
    body = {"Filter": list(conditions), "includeFields": ["id"], "maxRecords": 500}
    return {item["id"] for item in ask(client, f"{BASE}/Companies/query", body)[1]["items"]}


def test_conditions(client: Plain) -> None:
    with client.store.transaction() as db:
        db.execute("DELETE FROM company")
        db.executemany(
            "INSERT INTO company (id, name, active, type, parent_id) VALUES (?, ?, ?, ?, ?)",
            [
                ("0", "Own", 1, "Customer", None),
                ("9", "Alpha Dental", 1, "Customer", None),
                ("10", "alpha Legal", 0, "Vendor", "9"),
                ("11", "Beta % Dental", 1, "Lead", None),
            ],
        )

    def one(op: str, field: str, value: Any = None) -> set[int]:
        return ids(client, {"op": op, "field": field, "value": value})

    assert one("gte", "id", 0) == {0, 9, 10, 11}
    assert one("gt", "id", 0) == {9, 10, 11}
    assert one("lt", "id", "10") == {0, 9}
    assert one("eq", "companyname", "ALPHA dental") == {9}
    assert one("noteq", "companyName", "own") == {9, 10, 11}
    assert one("beginsWith", "companyName", "ALPHA") == {9, 10}
    assert one("endsWith", "companyName", "dental") == {9, 11}
    assert one("contains", "companyName", "%") == {11}
    assert one("eq", "isActive", True) == {0, 9, 11}
    assert one("eq", "isActive", "1") == {0, 9, 11}
    assert one("eq", "companyType", 7) == {10}
    assert one("in", "companyType", [2, 7]) == {10, 11}
    assert one("notIn", "companyType", [1]) == {10, 11}
    assert one("exist", "parentCompanyID") == {10}
    assert one("notExist", "parentCompanyID") == {0, 9, 11}
    active = {"op": "eq", "field": "isActive", "value": True}
    named = {"op": "beginsWith", "field": "companyName", "value": "alpha"}
    assert ids(client, active, named) == {9}
    assert ids(client, {"op": "or", "items": [named, {"op": "and", "items": [active]}]}) == {0, 9, 10, 11}


def test_the_picklist_of_company_types(client: Plain) -> None:
    _, answer = ask(client, f"{BASE}/Companies/entityInformation/fields")
    field = next(one for one in answer["fields"] if one["name"] == "companyType")
    assert field["isPickList"] is True
    values = {one["label"]: one["value"] for one in field["picklistValues"]}
    assert values["Customer"] == "1"
    assert values["Cancelation"] == "6"
    assert "5" not in values.values()


def test_one_company(client: Plain) -> None:
    assert ask(client, f"{BASE}/Companies/0")[1]["item"]["id"] == 0
    assert ask(client, f"{BASE}/Companies/424242")[0].status == 404
    assert ask(client, f"{BASE}/Tickets/query", ALL)[0].status == 404


def test_the_request_count(client: Plain) -> None:
    counts = [
        ask(client, f"{BASE}/ThresholdInformation")[1]["currentTimeframeRequestCount"] for _ in range(2)
    ]
    assert counts[1] == counts[0] + 1


def test_a_fourth_request_at_the_same_time_is_refused(serve: Serve) -> None:
    first = serve(signed_in=False, latency_ms=700)
    clients = [first, *(Plain(first.url, first.store) for _ in range(3))]
    answers: list[tuple[int, Any]] = []
    lock = threading.Lock()

    def work(client: Plain) -> None:
        response, answer = ask(client, f"{BASE}/Companies/query", ALL)
        with lock:
            answers.append((response.status, answer))
        client.connection.close()

    threads = [threading.Thread(target=work, args=(client,)) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(status for status, _ in answers) == [200, 200, 200, 500]
    refused = next(answer for status, answer in answers if status == 500)
    assert "Itgenatr005" in refused["errors"][0]
    assert ask(first, f"{BASE}/Companies/query", ALL)[0].status == 200


def test_faults_strike_here_too(serve: Serve) -> None:
    client = serve(
        signed_in=False,
        faults=[
            "POST atservicesrest/v1.0/companies/query=401x1",
            "POST ATServicesRest/V1.0/Companies/query=429-after-2x1",
            "POST ATServicesRest/V1.0/Companies/query=foreign-nextx1",
        ],
    )
    path = "/ATServicesRest/V1.0/Companies/query"
    response, answer = ask(client, path, ALL)
    assert (response.status, answer) == (401, None)
    response, answer = ask(client, path, ALL)
    assert (response.status, response.getheader("Retry-After")) == (429, "2")
    assert "errors" in answer
    _, answer = ask(client, path, {**ALL, "MaxRecords": 10})
    assert answer["pageDetails"]["nextPageUrl"].startswith("http://elsewhere.invalid/")
