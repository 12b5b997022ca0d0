"""Cassettes pin what goes over the wire, one for each route of WIRE.md.

They are recorded from the sandbox over loopback. ``pytest tests/api --record-cassettes`` records them again;
with ``QPMATCH_RECORD_BASE_URL`` (and ``QPMATCH_EMAIL``, ``QPMATCH_PASSWORD``, ``QPMATCH_TOTP_SECRET``) it
records the reads from a live tenant instead, with every value replaced (``cassette_filter``).
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
import vcr  # type: ignore[import-untyped]  # vcrpy carries no types
import yaml
from vcr.request import Request  # type: ignore[import-untyped]  # vcrpy carries no types

from qpmatch.api import regions, wire
from qpmatch.api.cyberqp import CyberQP
from qpmatch.api.routes import INTEGRATION_HEADER, INTEGRATIONS, JOB_ACCEPTED, ROUTES
from qpmatch.api.session import Session
from qpmatch.api.transport import Transport
from qpmatch.credentials import GivenCredentials, Secret
from qpmatch.errors import DatacentreError
from qpmatch.sandbox.serve import open_server
from qpmatch.sandbox.store import Store
from tests.api.cassette_filter import HOST, Filter
from tests.api.conftest import SHORT

CASSETTES = Path(__file__).parent / "cassettes"
FORM = "application/x-www-form-urlencoded"
PAGE = {"page": 1, "rows_per_page": 50, "search": ""}
CUSTOMER = {"customer_id": "customer-a"}
MATCH = {
    "company_id": "company-a",
    "company_name": "Company A",
    "customer_id": "customer-a",
    "customer_name": "Customer A",
}
CONTACT = {
    "account_id": "account-a",
    "account_name": "Account A",
    "contact_id": "contact-a",
    "contact_name": "Contact A",
}
EVENTS = {
    "page": 1,
    "rows_per_page": 50,
    "start_date": "2026-11-01",
    "end_date": "2030-11-30",
    "timezone_offset": "0",
}

VALUES: dict[str, dict[str, Any]] = {
    "session.login": {"email": "REDACTED-email", "password": "REDACTED-password"},
    "customers.list": PAGE,
    "customers.get": CUSTOMER,
    "matches.list": PAGE,
    "companies.list": PAGE,
    "matches.save": {"matches": [MATCH]},
    "matches.delete": {"company_id": "company-a", "customer_id": "customer-a"},
    "customers.create": {"company_ids": ["company-b"]},
    "integration.get": {},
    "events.list": EVENTS,
    "accounts.list": PAGE | CUSTOMER,
    "accounts.get": {"account_id": "account-a"} | CUSTOMER,
    "accounts.save": {"matches": [CONTACT]} | CUSTOMER,
    "accounts.delete": {"account_id": "account-a"} | CUSTOMER,
}
NEEDS = {
    "matches.delete": ["matches.save"],
    "accounts.get": ["accounts.save"],
    "accounts.delete": ["accounts.save"],
}
"""What has to be done in the sandbox first, for a route to answer."""


@dataclass
class Cast:
    """Who plays the parts: stand-in -> real value, of the tenant that is recorded."""

    real: dict[str, str] = field(default_factory=dict)

    def played(self, values: Any) -> Any:
        """``values`` with the real ones put in."""
        if isinstance(values, dict):
            return {key: self.played(value) for key, value in values.items()}
        if isinstance(values, list):
            return [self.played(value) for value in values]
        return self.real.get(values, values) if isinstance(values, str) else values


class Kept(GivenCredentials):
    """Credentials of a session that is open already, as a replay needs."""

    def load_cookies(self) -> list[dict[str, Any]]:
        return [{"name": "session", "value": "kept", "path": "/", "expires": None}]


def texts(values: Any) -> Iterator[str]:
    """Every text in a value: the stand-ins of ``VALUES``."""
    if isinstance(values, str):
        yield values
    for value in values.values() if isinstance(values, dict) else values if isinstance(values, list) else ():
        yield from texts(value)


def recorder(name: str, cast: Cast, mode: str) -> Any:
    """The cassette of one route, as a context manager."""
    filters = Filter(
        {text: text for text in texts(VALUES)} | {real: stand_in for stand_in, real in cast.real.items()}
    )
    recording = vcr.VCR(
        before_record_request=filters.request,
        before_record_response=filters.response,
        match_on=["method", "uri", "body", "headers"],
        record_mode=mode,
    )
    recording.register_serializer("commented", Commented)
    return recording.use_cassette(str(CASSETTES / f"{name}.yaml"), serializer="commented")


class Commented:
    """YAML that says where it comes from."""

    origin = "the sandbox, over loopback"

    @classmethod
    def serialize(cls, cassette: dict[str, Any]) -> str:
        return f"# Recorded from {cls.origin}; every value is replaced.\n" + yaml.safe_dump(cassette)

    @staticmethod
    def deserialize(text: str) -> Any:
        return yaml.safe_load(text)


@pytest.fixture
def sessions(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[], tuple[Session, Cast]]]:
    """Makes the session to replay with, or the one to record with and who plays which part."""
    with ExitStack() as stack:

        def replaying() -> tuple[Session, Cast]:
            return stack.enter_context(session(f"{HOST}/api/", Kept("e", Secret("p")))), Cast()

        def recording() -> tuple[Session, Cast]:
            if url := os.environ.get("QPMATCH_RECORD_BASE_URL"):
                secret = os.environ.get("QPMATCH_TOTP_SECRET")
                credentials = GivenCredentials(
                    os.environ["QPMATCH_EMAIL"],
                    Secret(os.environ["QPMATCH_PASSWORD"]),
                    Secret(secret) if secret else None,
                )
            else:
                store = stack.enter_context(Store(tmp_path / "recorded.sqlite3"))
                server = stack.enter_context(open_server(store, job_delay_ms=0))
                server.start()
                url, info = server.base_url, store.info()
                credentials = GivenCredentials(info.email, Secret(info.password))
            live = stack.enter_context(session(url, credentials))
            live.sign_in()
            return live, cast_for(live)

        yield recording if request.config.getoption("--record-cassettes", default=False) else replaying


@contextmanager
def session(url: str, credentials: GivenCredentials) -> Iterator[Session]:
    transport = Transport(url, patience=SHORT, is_local=not url.startswith("https"))
    target = regions.resolve(None, url.replace("sandbox.invalid", "127.0.0.1"))
    try:
        yield Session(transport, target, credentials, integration="autotask", routes=ROUTES)
    finally:
        transport.close()


def cast_for(live: Session) -> Cast:
    """Free companies, a free customer and an account of the tenant, to play the parts of ``VALUES``."""
    tenant = CyberQP(live, integration="autotask", routes=ROUTES, account="").read()
    linked = {member for link in tenant.links for member in link}
    customer = next(one for one in tenant.customers.values() if one.id not in linked)
    taken = {one.name for one in tenant.customers.values()}
    free = [one for one in tenant.companies.values() if one.id not in linked and one.name not in taken]
    account = live.call("accounts.list", **PAGE, customer_id=customer.id)["rows"][0]
    cast = Cast(
        {
            "customer-a": customer.id,
            "Customer A": customer.name,
            "company-a": free[0].id,
            "Company A": free[0].name,
            "company-b": free[1].id,
            "account-a": account["id"],
            "Account A": account["display_name"] or "",
        }
    )
    if live.target.is_loopback:
        with suppress(DatacentreError):  # it may be unmatched already
            live.call("accounts.delete", **cast.played(VALUES["accounts.delete"]))
    return cast


@pytest.mark.parametrize("name", ROUTES)
def test_each_route_goes_over_the_wire_as_it_was_recorded(
    name: str, sessions: Callable[[], tuple[Session, Cast]], request: pytest.FixtureRequest
) -> None:
    path = CASSETTES / f"{name}.yaml"
    records = request.config.getoption("--record-cassettes", default=False)
    live, cast = sessions()
    if records:
        if not live.target.is_loopback and (ROUTES[name].writes or name in NEEDS):
            pytest.skip("a live tenant is not written to")
        for needed in NEEDS.get(name, []):
            live.call(needed, **cast.played(VALUES[needed]))
            time.sleep(0.05)  # the job's, while recording
        path.unlink(missing_ok=True)
        Commented.origin = "the sandbox, over loopback" if live.target.is_loopback else "a live tenant"
    with recorder(name, cast, "once" if records else "none") as cassette:
        if name == "session.login":
            if records:
                live.sign_in()
            else:
                email, password = VALUES[name].values()
                with session(f"{HOST}/api/", GivenCredentials(email, Secret(password))) as replay:
                    replay.sign_in()
                    assert [cookie["name"] for cookie in replay.transport.cookies()] == ["session"]
        else:
            answer = live.call(name, **cast.played(VALUES[name]))
            if ROUTES[name].answer is not None:
                assert answer
    assert records or cassette.all_played


def test_there_is_a_cassette_for_each_route_and_no_other() -> None:
    assert {path.stem for path in CASSETTES.iterdir()} == set(ROUTES)


@pytest.mark.parametrize("name", ROUTES)
def test_a_changed_request_is_noticed(name: str) -> None:
    """The pin holds: with one key, one header or one value changed, the recording does not answer."""
    route = ROUTES[name]
    rendered = wire.render(route, {"integration": "dattoAutoTask", **VALUES[name]})
    headers = {INTEGRATION_HEADER: "dattoAutoTask"} if route.integration_header else {}
    content: Any = rendered.form or rendered.json

    def request(query: dict[str, str], content: Any, headers: dict[str, str]) -> Request:
        body = b""
        if rendered.form is not None:
            body, headers = urlencode(content).encode(), headers | {"Content-Type": FORM}
        elif rendered.json is not None:
            body, headers = json.dumps(content).encode(), headers | {"Content-Type": "application/json"}
        uri = f"http://127.0.0.1:1/api/{rendered.path}" + (f"?{urlencode(query)}" if query else "")
        return Request(route.method, uri, body, headers)

    with recorder(name, Cast(), "none") as cassette:
        assert cassette.can_play_response_for(request(rendered.query, content, headers))
        assert not cassette.can_play_response_for(request(rendered.query | {"more": "1"}, content, headers))
        assert not cassette.can_play_response_for(
            request(rendered.query, content, {} if headers else {INTEGRATION_HEADER: "dattoAutoTask"})
        )
        if content is not None:
            assert not cassette.can_play_response_for(
                request(rendered.query, content | {"more": "1"}, headers)
            )
            assert not cassette.can_play_response_for(
                request(rendered.query, {**content, list(content)[-1]: "other"}, headers)
            )


PLANTED = "planted-"


def planted(template: Any, where: str) -> Any:
    """A value in the shape of a template with something secret in every place, and in places of its own."""
    from qpmatch.api.templates import Keyed, Kind, Many, Slot

    match template:
        case Slot(kind=Kind.NUMBER):
            return 123
        case Slot(kind=Kind.FLAG):
            return True
        case Slot():
            return f"{PLANTED}{where}"
        case Many():
            return [planted(template.item, f"{where}-{number}") for number in range(3)]
        case Keyed():
            return {f"{PLANTED}{where}-key": planted(template.item, f"{where}-item")}
        case dict():
            inside = {key: planted(value, f"{where}-{key}") for key, value in template.items()}
            return inside | {"more": f"{PLANTED}more", "nested": {"deep": [f"{PLANTED}deep"]}}
        case _:
            return f"{PLANTED}{where}-constant"


@pytest.mark.parametrize("name", ROUTES)
@pytest.mark.parametrize("status", [200, 400])
def test_nothing_planted_gets_through_the_filter(name: str, status: int) -> None:
    route = ROUTES[name]
    path = route.path.replace("{", f"{PLANTED}path-").replace("}", "")
    query = urlencode(
        {key: str(planted(part, key)) for key, part in route.query.items()} | {"q": f"{PLANTED}q"}
    )
    body = b""
    if route.body is not None:
        body = json.dumps(planted(dict(route.body), "body")).encode()
    elif route.form is not None:
        body = urlencode({key: f"{PLANTED}{key}" for key in route.form}).encode()
    secret = f"{PLANTED}header"
    filters = Filter({})
    request = filters.request(
        Request(
            route.method,
            f"https://{PLANTED}host.example/api/{path}?{query}",
            body,
            {"Cookie": secret, "Authorization": secret, "Secret": secret, "Content-Type": "application/json"},
        )
    )
    response = filters.response(
        {
            "status": {"code": status, "message": "OK"},
            "headers": {"Set-Cookie": [f"sid={secret}"], "X-Trace": [secret], "content-type": ["text/plain"]},
            "body": {"string": json.dumps(planted(dict(route.answer or {}), "answer")).encode()},
        }
    )
    kept = f"{request.method} {request.uri} {request.body} {request.headers} {response}"
    assert PLANTED not in kept
    assert f"{HOST}/api/" in kept


def test_the_filter_keeps_what_is_harmless() -> None:
    wired = {key for key in INTEGRATIONS.values() if key in ("dattoAutoTask", "itglue")}
    text = "".join(path.read_text() for path in CASSETTES.iterdir())
    assert JOB_ACCEPTED in text
    assert wired <= set(text.replace('"', " ").replace("\\", " ").replace("=", " ").split())
