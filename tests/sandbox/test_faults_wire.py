"""Every kind of fault, as a raw client meets it on the wire."""

from __future__ import annotations

import http.client
import json
import time
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlencode

import pytest

from qpmatch.sandbox.serve import open_server
from qpmatch.sandbox.store import Store
from tests.sandbox.conftest import HEADER, PSA_LIST, Plain, Serve, save_body

COMPANIES = f"integrations/customers?{urlencode(PSA_LIST)}"
SAVE = "integrations/customers/matches/createjob"
ON_LIST = "GET integrations/customers"
ON_SAVE = f"POST {SAVE}"
JSON = {**HEADER, "Content-Type": "application/json"}


def listing(client: Plain, page: int = 1) -> Any:
    return client.json("GET", COMPANIES.replace("page=1", f"page={page}"), headers=HEADER)


def free_pairs(client: Plain, count: int) -> list[tuple[str, str]]:
    """Pairs that may be linked."""
    with client.store.connection() as db:
        companies = db.execute(
            "SELECT id FROM company WHERE id NOT IN (SELECT company_id FROM link) LIMIT ?", (count,)
        ).fetchall()
        customers = db.execute(
            "SELECT id FROM customer WHERE id NOT IN (SELECT customer_id FROM link) LIMIT ?", (count,)
        ).fetchall()
    return [(company, customer) for (company,), (customer,) in zip(companies, customers, strict=True)]


def linked(client: Plain, pairs: list[tuple[str, str]]) -> int:
    """How many of the pairs are linked, once jobs are done."""
    client.sign_in()
    with client.store.connection() as db:
        return sum(
            db.execute("SELECT count(*) FROM link WHERE company_id = ? AND customer_id = ?", pair).fetchone()[
                0
            ]
            for pair in pairs
        )


def save(client: Plain, pairs: list[tuple[str, str]]) -> tuple[http.client.HTTPResponse, bytes]:
    return client.send("POST", SAVE, json.dumps(save_body(*pairs)).encode(), JSON)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 429, 500, 502, 503, 504])
def test_a_status_then_business_as_usual(serve: Serve, status: int) -> None:
    client = serve(faults=[f"{ON_LIST}={status}x1"])
    response, content = client.send("GET", COMPANIES, headers=HEADER)
    assert response.status == status
    assert json.loads(content)["message"]
    assert listing(client)["maxCount"] == 200


@pytest.mark.parametrize(("status", "code"), [(401, "bad_credentials"), (403, "role")])
def test_a_refused_sign_in(serve: Serve, status: int, code: str) -> None:
    client = serve(signed_in=False, faults=[f"POST auth/login={status}"])
    response, content = client.send("POST", "auth/login", b"{}", JSON)
    assert (response.status, json.loads(content)["code"]) == (status, code)


def test_retry_after_in_seconds_and_as_a_date(serve: Serve) -> None:
    client = serve(faults=[f"{ON_LIST}=429-after-7x1", f"{ON_LIST}=429-datex1"])
    response, _ = client.send("GET", COMPANIES, headers=HEADER)
    assert (response.status, response.getheader("Retry-After")) == (429, "7")
    response, _ = client.send("GET", COMPANIES, headers=HEADER)
    assert response.status == 429
    ahead = parsedate_to_datetime(response.headers["Retry-After"]).timestamp() - time.time()
    assert -20 < ahead <= 2
    assert listing(client)["maxCount"] == 200


def test_a_reset_before_anything_is_done(serve: Serve) -> None:
    client = serve(faults=[f"{ON_SAVE}=resetx1"], job_delay_ms=0)
    pairs = free_pairs(client, 1)
    with pytest.raises(ConnectionResetError):
        save(client, pairs)
    client.connection.close()
    assert linked(client, pairs) == 0


def test_a_reset_after_the_commit(serve: Serve) -> None:
    client = serve(faults=[f"{ON_SAVE}=reset-after-commitx1"], job_delay_ms=0)
    pairs = free_pairs(client, 1)
    with pytest.raises(ConnectionResetError):
        save(client, pairs)
    client.connection.close()
    assert linked(client, pairs) == 1


def test_refused_connections(serve: Serve) -> None:
    client = serve(faults=[f"{ON_LIST}=refuse-300x1"])
    with pytest.raises(ConnectionResetError):
        client.send("GET", COMPANIES, headers=HEADER)
    client.connection.close()
    with pytest.raises(ConnectionRefusedError):
        client.send("GET", COMPANIES, headers=HEADER)
    client.connection.close()
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            assert listing(client)["maxCount"] == 200
            return
        except ConnectionRefusedError:
            client.connection.close()
            time.sleep(0.02)
    raise AssertionError("the server never came back")


def test_a_slow_answer(serve: Serve) -> None:
    client = serve(faults=[f"{ON_LIST}=slow-120x1"])
    begin = time.monotonic()
    assert listing(client)["maxCount"] == 200
    assert time.monotonic() - begin >= 0.12


def test_latency_delays_every_answer(serve: Serve) -> None:
    client = serve(latency_ms=40)
    begin = time.monotonic()
    listing(client)
    listing(client)
    assert time.monotonic() - begin >= 0.08


def test_a_hang_until_the_client_leaves(serve: Serve) -> None:
    client = serve(faults=[f"{ON_SAVE}=hangx1"], job_delay_ms=0)
    pairs = free_pairs(client, 1)
    client.connection.timeout = 0.2
    client.connection.close()
    with pytest.raises(TimeoutError):
        save(client, pairs)
    client.connection.close()
    client.connection.timeout = 20
    assert linked(client, pairs) == 0


def test_a_stopping_server_does_not_wait_for_a_hang(store: Store) -> None:
    with open_server(store, faults=[f"{ON_LIST}=hang"]) as server:
        server.start()
        client = Plain(server.base_url, store)
        client.sign_in()
        client.connection.request("GET", client.base + COMPANIES, headers=HEADER)
    with pytest.raises((ConnectionError, http.client.HTTPException)):
        client.connection.getresponse()
    client.connection.close()


@pytest.mark.parametrize("on", [ON_LIST, ON_SAVE])
def test_a_truncated_answer(serve: Serve, on: str) -> None:
    client = serve(faults=[f"{on}=truncatedx1"], job_delay_ms=0)
    pairs = free_pairs(client, 1)
    with pytest.raises(http.client.IncompleteRead) as caught:
        save(client, pairs) if on == ON_SAVE else listing(client)
    assert caught.value.partial
    client.connection.close()
    assert linked(client, pairs) == (1 if on == ON_SAVE else 0)


def test_invalid_json(serve: Serve) -> None:
    client = serve(faults=[f"{ON_LIST}=invalid-jsonx1", f"{ON_SAVE}=invalid-jsonx1"], job_delay_ms=0)
    response, content = client.send("GET", COMPANIES, headers=HEADER)
    assert response.getheader("Content-Type") == "application/json"
    with pytest.raises(ValueError, match="Expecting"):
        json.loads(content)
    pairs = free_pairs(client, 1)
    response, content = save(client, pairs)
    assert response.status == 200
    with pytest.raises(ValueError, match="Expecting"):
        json.loads(content)
    assert linked(client, pairs) == 1


def test_a_login_page(serve: Serve) -> None:
    client = serve(faults=[f"{ON_LIST}=htmlx1", f"{ON_SAVE}=htmlx1"], job_delay_ms=0)
    response, content = client.send("GET", COMPANIES, headers=HEADER)
    assert response.status == 200
    assert (response.getheader("Content-Type") or "").startswith("text/html")
    assert b"<form" in content
    pairs = free_pairs(client, 1)
    assert save(client, pairs)[0].status == 200
    assert linked(client, pairs) == 0


def test_a_redirect_to_another_host(serve: Serve) -> None:
    client = serve(faults=[f"{ON_LIST}=redirectx1"])
    response, _ = client.send("GET", COMPANIES, headers=HEADER)
    assert response.status == 302
    assert response.headers["Location"].startswith("http://elsewhere.invalid/")


def all_ids(client: Plain) -> tuple[int, list[str]]:
    pages = [listing(client, page) for page in range(1, 5)]
    return pages[0]["maxCount"], [row["id"] for page in pages for row in page["companies"]]


def test_a_row_that_moves_between_pages(serve: Serve) -> None:
    client = serve(faults=[f"{ON_LIST}=shiftx2"])
    # Pages 1 and 2 are read as if a row before each had gone: one row is missed, one comes twice.
    total, ids = all_ids(client)
    assert total == len(ids) == 200
    assert len(set(ids)) == 199
    total, ids = all_ids(client)
    assert total == len(set(ids)) == 200


def test_a_total_that_never_comes_out(serve: Serve) -> None:
    client = serve(faults=[f"{ON_LIST}=short"])
    total, ids = all_ids(client)
    assert (total, len(set(ids))) == (201, 200)


@pytest.mark.parametrize(("kind", "done"), [("no-effect", 0), ("partial", 2)])
def test_jobs_that_are_accepted_and_not_done(serve: Serve, kind: str, done: int) -> None:
    client = serve(faults=[f"{ON_SAVE}={kind}x1"], job_delay_ms=0)
    pairs = free_pairs(client, 4)
    response, content = save(client, pairs)
    assert (response.status, json.loads(content)) == (200, {"message": "Matching Changes Submitted"})
    assert linked(client, pairs) == done
    save(client, pairs)
    assert linked(client, pairs) == 4


def test_a_delete_that_is_accepted_and_not_done(serve: Serve) -> None:
    client = serve(faults=["DELETE integrations/customers/matches=no-effectx1"])
    with client.store.connection() as db:
        pair = db.execute("SELECT company_id, customer_id FROM link LIMIT 1").fetchone()
    form = urlencode({"companyId": pair[0], "customerId": pair[1]}).encode()
    headers = {**HEADER, "Content-Type": "application/x-www-form-urlencoded"}
    for left in (1, 0):
        response, _ = client.send("DELETE", "integrations/customers/matches", form, headers)
        assert response.status == 204
        assert linked(client, [pair]) == left


def test_connections_are_kept_alive(serve: Serve) -> None:
    client = serve()
    listing(client)
    socket = client.connection.sock
    listing(client)
    assert client.connection.sock is socket
    assert socket is not None


def test_a_renamed_route_leaves_its_old_place(serve: Serve) -> None:
    client = serve(renames=["matches.save=PUT integrations/links,displayName:label"], job_delay_ms=0)
    pairs = free_pairs(client, 1)
    assert save(client, pairs)[0].status == 404
    body = save_body(*pairs)
    (match,) = body["matches"].values()
    match["label"] = match.pop("displayName")
    response, _ = client.send("PUT", "integrations/links", json.dumps(body).encode(), JSON)
    assert response.status == 200
    assert linked(client, pairs) == 1
