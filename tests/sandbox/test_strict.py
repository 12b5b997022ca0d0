"""Strictness: whatever WIRE.md does not show is refused with a sentence that says what."""

from __future__ import annotations

import json
from typing import Any

import pytest
from werkzeug.test import Client

from qpmatch.sandbox.app import create_app
from tests.sandbox.conftest import CUSTOMER_LIST, HEADER, LIST, PSA_LIST, Embedded, create_body, save_body

SAVE = "integrations/customers/matches/createjob"
CREATE = "integrations/customers/createjob"


def assert_refused(answer: Any, message: str, status: int = 400) -> None:
    assert answer.status_code == status, answer.text
    assert answer.content_type == "application/json; charset=utf-8"
    assert message in answer.json["message"]


@pytest.mark.parametrize(
    ("path", "query", "message"),
    [
        ("customer", {**CUSTOMER_LIST, "foo": "1"}, "Unknown query parameter 'foo'"),
        ("customer", LIST, "'adStatus' is missing"),
        ("customer", {**CUSTOMER_LIST, "adStatus": "all"}, "must be 'ALL'"),
        ("customer", {**CUSTOMER_LIST, "integrationType": "itglue"}, "Unknown query parameter"),
        ("integrations/customers", LIST, "'integrationType' is missing"),
        ("integrations/customers", {**PSA_LIST, "page": "0"}, "counted from 1"),
        ("integrations/customers", {**PSA_LIST, "page": "-1"}, "whole number"),
        ("integrations/customers", {**PSA_LIST, "page": "1.5"}, "whole number"),
        ("integrations/customers", {**PSA_LIST, "rowsPerPage": "51"}, "1 to 50 rows"),
        ("integrations/customers", {**PSA_LIST, "rowsPerPage": "0"}, "1 to 50 rows"),
        ("integrations/customers", {**PSA_LIST, "integrationType": "itglue"}, "says 'dattoAutoTask'"),
        ("integrations/customers", {"page": "1", "rowsPerPage": "50"}, "'searchText' is missing"),
    ],
)
def test_queries(embedded: Embedded, path: str, query: dict[str, str], message: str) -> None:
    assert_refused(embedded.request("GET", path, query_string=query), message)


def test_a_parameter_that_stands_twice(embedded: Embedded) -> None:
    query = [*PSA_LIST.items(), ("page", "2")]
    assert_refused(
        embedded.request("GET", "integrations/customers", query_string=query_text(query)),
        "more than once",
    )


def query_text(pairs: list[tuple[str, str]]) -> str:
    return "&".join(f"{key}={value}" for key, value in pairs)


@pytest.mark.parametrize(
    ("header", "message"), [({}, "'Integration' is missing"), ({"Integration": "autotask"}, "unknown value")]
)
def test_the_integration_header(embedded: Embedded, header: dict[str, str], message: str) -> None:
    embedded.headers = header
    assert_refused(embedded.request("GET", "integrations/customers", query_string=PSA_LIST), message)
    assert_refused(embedded.request("POST", SAVE, json=save_body(("1", "a"))), message)
    assert_refused(embedded.request("GET", "integrations/dattoAutoTask"), message)


def nested(**changes: Any) -> dict[str, Any]:
    body = save_body(("1", "a"))
    body["matches"]["1"].update(changes)
    return body


def without(key: str) -> dict[str, Any]:
    body = save_body(("1", "a"))
    del body[key]
    return body


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (save_body(("1", "a"), extra=1), "Unknown key body.extra"),
        (nested(extra=1), "Unknown key body.matches.1.extra"),
        (without("matchType"), "body.matchType is missing"),
        (save_body(("1", "a"), allSelected=True), "body.allSelected must be false"),
        (save_body(("1", "a"), allSelected=0), "body.allSelected must be false"),
        (save_body(("1", "a"), includedIds=["1"]), "body.includedIds must be []"),
        (save_body(("1", "a"), matchType="ONE"), 'must be "ALL"'),
        (save_body(("1", "a"), integrationType="itglue"), "says 'dattoAutoTask'"),
        (save_body(("1", "a"), matches=[]), "body.matches must be an object"),
        (save_body(), "There is no match"),
        (nested(_id="2"), "belongs to '2'"),
        (nested(id=5), "body.matches.1.id must be id, sent as text"),
        (nested(id=""), "must not be empty"),
        (nested(displayName=None), "displayName must be text"),
        (nested(autoMatch=True), "autoMatch must be false"),
        ([], "body must be an object"),
    ],
)
def test_bodies_of_a_match(embedded: Embedded, body: Any, message: str) -> None:
    links = embedded.links()
    assert_refused(embedded.request("POST", SAVE, json=body), message)
    assert embedded.links() == links


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (create_body(), "There is no company"),
        (create_body("1", "1"), "more than once"),
        (create_body("1", includedIds=[1]), "body.includedIds[0] must be id"),
        (create_body("1", includedIds="1"), "must be a list"),
        (create_body("1", matchType="ALL"), "Unknown key body.matchType"),
    ],
)
def test_bodies_of_a_create(embedded: Embedded, body: Any, message: str) -> None:
    assert_refused(embedded.request("POST", CREATE, json=body), message)


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"{", "not JSON"),
        (b"", "not JSON"),
        (b'{"matches": {}, "matches": {}}', "stands twice"),
        (b'{"allSelected": NaN}', "NaN"),
        (b"\xff\xfe", "not JSON"),
        (b"[" * 100_000, "not JSON"),
    ],
)
def test_bodies_that_are_no_json(embedded: Embedded, raw: bytes, message: str) -> None:
    answer = embedded.request("POST", SAVE, data=raw, content_type="application/json")
    assert_refused(answer, message)


def test_a_lone_surrogate_is_no_text(embedded: Embedded) -> None:
    raw = json.dumps(nested(displayName="\ud800"))
    assert_refused(
        embedded.request("POST", SAVE, data=raw, content_type="application/json"), "is not valid Unicode"
    )


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_the_content_type_of_json(embedded: Embedded, content_type: str) -> None:
    body = json.dumps(save_body(("1", "a")))
    assert_refused(embedded.request("POST", SAVE, data=body, content_type=content_type), "application/json")


@pytest.mark.parametrize(
    ("form", "message"),
    [
        ({"companyId": "1"}, "'customerId' is missing"),
        ({"companyId": "1", "customerId": "a", "x": "y"}, "Unknown form field 'x'"),
        ({"companyId": "", "customerId": "a"}, "must not be empty"),
    ],
)
def test_forms(embedded: Embedded, form: dict[str, str], message: str) -> None:
    assert_refused(embedded.request("DELETE", "integrations/customers/matches", data=form), message)


def test_a_form_is_not_json(embedded: Embedded) -> None:
    body = {"companyId": "1", "customerId": "a"}
    assert_refused(
        embedded.request("DELETE", "integrations/customers/matches", json=body),
        "application/x-www-form-urlencoded",
    )


def test_a_query_on_a_write_and_a_body_on_a_read(embedded: Embedded) -> None:
    assert_refused(
        embedded.request("POST", SAVE, json=save_body(("1", "a")), query_string={"a": "b"}),
        "Unknown query parameter",
    )
    assert_refused(
        embedded.request("GET", "integrations/customers", query_string=PSA_LIST, data=b"x"), "has no body"
    )


def test_unknown_paths_and_methods(embedded: Embedded) -> None:
    assert_refused(embedded.request("GET", "nowhere"), "no route", 404)
    assert_refused(embedded.request("GET", "customer/", query_string=CUSTOMER_LIST), "no route", 404)
    assert_refused(embedded.request("PUT", SAVE, json=save_body()), "not possible", 405)
    assert embedded.client.get("/elsewhere").status_code == 404


@pytest.mark.parametrize("cookie", [None, "sandbox.sid=forged", "other=1"])
def test_the_session_cookie(embedded: Embedded, cookie: str | None) -> None:
    stranger = Client(create_app(embedded.store), use_cookies=False)
    embedded = Embedded(embedded.store, stranger, {**HEADER, **({"Cookie": cookie} if cookie else {})})
    assert_refused(embedded.request("GET", "customer", query_string=CUSTOMER_LIST), "", 401)
    assert_refused(embedded.request("POST", SAVE, json=save_body(("1", "a"))), "", 401)


def test_other_integrations_have_no_companies_here(embedded: Embedded) -> None:
    embedded.headers = {"Integration": "hudu"}
    assert embedded.get("integrations/customers", {**PSA_LIST, "integrationType": "hudu"})["maxCount"] == 0
    body = save_body(("1", "a"), integrationType="hudu")
    assert_refused(embedded.request("POST", SAVE, json=body), "dattoAutoTask companies", 409)
    assert embedded.request("GET", "integrations/hudu").json == {"active": False}
    embedded.headers = dict(HEADER)
    assert embedded.request("GET", "integrations/dattoAutoTask").json == {"active": True}
    assert_refused(embedded.request("GET", "integrations/hudu"), "says 'dattoAutoTask'")
