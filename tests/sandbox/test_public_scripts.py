"""The requests of the public production scripts, sent as they send them (WIRE.md, routes marked observed)."""

from __future__ import annotations

import json
import time
from datetime import date
from typing import Any

from tests.sandbox.conftest import Plain, Serve

LIST = "page=1&rowsPerPage=50&searchText="
CUSTOMERS = f"customer?{LIST}&adStatus=ALL&localStatus=ALL&o365Status=ALL&filterUpdated=false"
USERS = (
    "status=allActive&accountStatus=all&userAppType=all&page=1&type=standard&rowsPerPage=50&qpStatus=all"
    "&searchText="
)
AUTOTASK = {"Integration": "dattoAutoTask"}
POWERSHELL = {
    "User-Agent": "Mozilla/5.0 (Windows NT; Windows NT 10.0; en-US) WindowsPowerShell/5.1",
    "Accept": "*/*",
    "Accept-Encoding": "gzip, deflate",
    "X-Anything": "a; b",
}


def get(client: Plain, path: str, **headers: str) -> Any:
    return client.json("GET", path, headers={**POWERSHELL, **headers})


def test_the_cleanup_script_from_login_to_the_audit(serve: Serve) -> None:
    client = serve(signed_in=False)
    account = client.store.info()
    form = {"email": account.email, "password": account.password, "isIframe": False}
    response, _ = client.send(
        "POST",
        "auth/login",
        json.dumps(form).encode(),
        {**POWERSHELL, "Content-Type": "application/json; charset=utf-8"},
    )
    assert response.status == 200

    customers = get(
        client, f"customer?{LIST}&adStatus=ALL&localStatus=ALL&o365Status=ALL&filterUpdated=false"
    )
    assert customers["maxCount"] == account.customers
    assert customers["clients"][0]["integrations"]["itglue"]["active"] in (True, False)
    for integration in ("itglue", "dattoAutoTask"):
        matching = get(
            client,
            f"integrations/matched-customers?{LIST}&integrationType={integration}",
            Integration=integration,
        )
        assert matching["maxCount"] >= len(matching["companies"]) > 0
        assert matching["companies"][0]["customers"][0]["id"]
        assert matching["companies"][0]["status"] == "Active"
        assert matching["companies"][0]["type"]

    today = date.today().isoformat()
    events = get(
        client,
        f"events?page=1&rowsPerPage=50&startDate={today}&endDate={today}&status=all"
        "&eventType=DATTO-AUTOTASK&customer=all&timezoneOffset=480",
    )
    assert events == {"maxCount": 0, "events": []}
    first = customers["clients"][0]["id"]
    assert get(client, f"customer/{first}")["id"] == first
    users = get(client, f"customer/{first}/users?{USERS}")
    assert users["maxCount"] == len(users["users"]) >= 1
    assert {"qpId", "displayName", "email", "samAccountName", "userPrincipalName"} <= set(users["users"][0])


def accounts(client: Plain, *, matched: bool) -> tuple[str, dict[str, Any]]:
    """A customer, and one of its end users that is matched with a contact or is not."""
    page = get(client, CUSTOMERS)
    for row in page["clients"]:
        for user in get(client, f"customer/{row['id']}/users?{USERS}")["users"]:
            if user["integrations"]["dattoAutoTask"]["active"] is matched:
                return row["id"], user
    raise AssertionError("no such account in the sandbox")


def save(client: Plain, customer: str, user: dict[str, Any], contact: str) -> Any:
    body = {
        "allSelected": False,
        "customerId": customer,
        "excludedIds": [],
        "includedIds": [],
        "integrationType": "dattoAutoTask",
        "matchType": "ALL",
        "matches": {
            user["qpId"]: {
                "autoMatch": False,
                "displayName": user["displayName"],
                "id": contact,
                "name": "Ada Lovelace",
                "_id": user["qpId"],
            }
        },
        "searchText": "",
        "userType": "standard",
    }
    return client.json("POST", "integrations/accounts/matches/createjob", body, {**POWERSHELL, **AUTOTASK})


def contact_status(client: Plain, customer: str, user: dict[str, Any]) -> tuple[int, Any]:
    path = f"integrations/accounts/{user['qpId']}?customer_id={customer}"
    response, content = client.send("GET", path, headers=AUTOTASK)
    return response.status, json.loads(content)


def test_an_account_is_matched_and_read_back(serve: Serve) -> None:
    client = serve(job_delay_ms=1)
    customer, user = accounts(client, matched=False)
    assert contact_status(client, customer, user)[0] == 404
    assert save(client, customer, user, "30682885") == {"message": "Matching Changes Submitted"}
    time.sleep(0.01)
    assert contact_status(client, customer, user) == (200, {"id": "30682885"})


def test_an_account_is_rematched_by_deleting_first(serve: Serve) -> None:
    client = serve(job_delay_ms=0)
    customer, user = accounts(client, matched=True)
    assert contact_status(client, customer, user)[0] == 200
    response, _ = client.send(
        "DELETE",
        "integrations/accounts/matches",
        f"accountId={user['qpId']}&customerId={customer}".encode(),
        {**POWERSHELL, **AUTOTASK, "Content-Type": "application/x-www-form-urlencoded"},
    )
    assert 200 <= response.status < 300
    assert contact_status(client, customer, user)[0] == 404
    save(client, customer, user, "77")
    assert contact_status(client, customer, user) == (200, {"id": "77"})


def test_a_second_contact_for_an_account_is_refused(serve: Serve) -> None:
    client = serve(job_delay_ms=0)
    customer, user = accounts(client, matched=False)
    save(client, customer, user, "1")
    assert contact_status(client, customer, user) == (200, {"id": "1"})
    save(client, customer, user, "1")
    body = json.dumps({}).encode()
    response, _ = client.send(
        "POST",
        "integrations/accounts/matches/createjob",
        body,
        {**AUTOTASK, "Content-Type": "application/json"},
    )
    assert response.status == 400


def test_without_cookie_or_header_everything_is_refused(serve: Serve) -> None:
    client = serve(signed_in=False)
    observed = [
        ("GET", CUSTOMERS),
        ("GET", f"integrations/matched-customers?{LIST}&integrationType=dattoAutoTask"),
        ("POST", "integrations/accounts/matches/createjob"),
        ("DELETE", "integrations/accounts/matches"),
    ]
    for method, path in observed:
        assert client.send(method, path, headers=AUTOTASK)[0].status == 401
    client.sign_in()
    for method, path in observed[1:]:
        response, content = client.send(method, path)
        assert response.status == 400, content


def test_header_names_may_have_any_case(serve: Serve) -> None:
    client = serve()
    path = f"integrations/matched-customers?{LIST}&integrationType=dattoAutoTask"
    for name in ("integration", "INTEGRATION"):
        assert client.json("GET", path, headers={name: "dattoAutoTask"})["maxCount"] > 0
