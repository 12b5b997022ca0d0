"""A sandbox to ask, in-process or over loopback, by clients that share no code with qpmatch's own."""

from __future__ import annotations

import http.client
import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from werkzeug.test import Client, TestResponse

from qpmatch.sandbox.app import create_app
from qpmatch.sandbox.serve import open_server
from qpmatch.sandbox.store import Store

HEADER = {"Integration": "dattoAutoTask"}
LIST = {"page": "1", "rowsPerPage": "50", "searchText": ""}
PSA_LIST = {**LIST, "integrationType": "dattoAutoTask"}
CUSTOMER_LIST = {
    **LIST,
    "adStatus": "ALL",
    "localStatus": "ALL",
    "o365Status": "ALL",
    "filterUpdated": "false",
}


def save_body(*pairs: tuple[str, str], **changes: Any) -> dict[str, Any]:
    """The body of matches.save, as WIRE.md has it."""
    return {
        "allSelected": False,
        "excludedIds": [],
        "includedIds": [],
        "integrationType": "dattoAutoTask",
        "matchType": "ALL",
        "matches": {
            company: {
                "autoMatch": False,
                "displayName": f"company {company}",
                "id": customer,
                "name": f"customer {customer}",
                "_id": company,
            }
            for company, customer in pairs
        },
        "searchText": "",
        **changes,
    }


def create_body(*companies: str, **changes: Any) -> dict[str, Any]:
    """The body of customers.create, as WIRE.md has it."""
    return {
        "allSelected": False,
        "excludedIds": [],
        "includedIds": list(companies),
        "integrationType": "dattoAutoTask",
        **changes,
    }


@dataclass
class Embedded:
    """A signed-in client of the sandbox in this process: requests go in as WSGI calls."""

    store: Store
    client: Client
    headers: dict[str, str] = field(default_factory=lambda: dict(HEADER))

    def request(self, method: str, path: str, **more: Any) -> TestResponse:
        return self.client.open(f"/api/{path}", method=method, headers=self.headers, **more)

    def get(self, path: str, query: dict[str, str]) -> Any:
        answer = self.request("GET", path, query_string=query)
        assert answer.status_code == 200, answer.text
        return answer.json

    def links(self) -> set[tuple[str, str]]:
        """The links, as every page of matches.list shows them."""
        found: set[tuple[str, str]] = set()
        page, total, seen = 1, 1, 0
        while seen < total:
            answer = self.get("integrations/matched-customers", {**PSA_LIST, "page": str(page)})
            total, page = answer["maxCount"], page + 1
            seen += len(answer["companies"])
            found |= {(row["id"], one["id"]) for row in answer["companies"] for one in row["customers"]}
        return found

    def save(self, *pairs: tuple[str, str]) -> TestResponse:
        return self.request("POST", "integrations/customers/matches/createjob", json=save_body(*pairs))

    def unmatch(self, company: str, customer: str) -> TestResponse:
        return self.request(
            "DELETE", "integrations/customers/matches", data={"companyId": company, "customerId": customer}
        )

    def create(self, *companies: str) -> TestResponse:
        return self.request("POST", "integrations/customers/createjob", json=create_body(*companies))


def sign_in(client: Client, store: Store, **more: Any) -> TestResponse:
    """Sign in as the sandbox's account."""
    account = store.info()
    body = {"email": account.email, "password": account.password, "isIframe": False, **more}
    return client.post("/api/auth/login", json=body)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """An MSP of 200 companies."""
    with Store(tmp_path / "sandbox.sqlite3") as opened:
        yield opened


@pytest.fixture
def embedded(store: Store) -> Embedded:
    """The sandbox in-process; jobs are done at the next request."""
    client = Client(create_app(store, job_delay_ms=0))
    assert sign_in(client, store).status_code == 200
    return Embedded(store, client)


@pytest.fixture
def tiny(embedded: Embedded) -> Embedded:
    """The sandbox with six companies and six customers of one-letter names, none linked."""
    with embedded.store.transaction() as db:
        for table in ("link", "company", "customer"):
            db.execute(f"DELETE FROM {table}")
        db.executemany("INSERT INTO company (id, name) VALUES (?, ?)", [(n, f"C{n}") for n in "123456"])
        db.executemany("INSERT INTO customer (id, name) VALUES (?, ?)", [(x, f"K{x}") for x in "abcdef"])
    return embedded


@dataclass
class Plain:
    """A plain HTTP client with a cookie jar of one cookie, one connection kept alive."""

    url: str
    store: Store
    cookie: str | None = None

    def __post_init__(self) -> None:
        parts = urlsplit(self.url)
        assert parts.hostname is not None
        self.base = parts.path
        self.connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=20)

    def send(
        self, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None
    ) -> tuple[http.client.HTTPResponse, bytes]:
        """One request to a path below the base URL, or to an absolute path."""
        sent = {**({"Cookie": self.cookie} if self.cookie else {}), **(headers or {})}
        self.connection.request(method, path if path.startswith("/") else self.base + path, body, sent)
        response = self.connection.getresponse()
        content = response.read()
        cookie = response.getheader("Set-Cookie")
        if cookie:
            self.cookie = cookie.partition(";")[0]
        return response, content

    def json(self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None) -> Any:
        """The JSON of a successful answer."""
        content = None if body is None else json.dumps(body).encode()
        typed = {"Content-Type": "application/json"} if body is not None else {}
        response, answer = self.send(method, path, content, {**typed, **(headers or {})})
        assert response.status == 200, answer
        return json.loads(answer)

    def sign_in(self) -> None:
        account = self.store.info()
        body = {"email": account.email, "password": account.password, "isIframe": False}
        self.json("POST", "auth/login", body)


Serve = Callable[..., Plain]


@pytest.fixture
def serve(store: Store) -> Iterator[Serve]:
    """``serve(faults=[...])``: a server over the store, and a plain client of it."""
    with ExitStack() as stack:

        def started(*, signed_in: bool = True, **options: Any) -> Plain:
            server = stack.enter_context(open_server(store, **options))
            server.start()
            plain = Plain(server.base_url, store)
            stack.callback(plain.connection.close)
            if signed_in:
                plain.sign_in()
            return plain

        yield started
