"""Signing in, sessions and roles: every refusal can be told from the others."""

from __future__ import annotations

from typing import Any

import pytest
from pyotp import TOTP
from werkzeug.test import Client

from qpmatch.sandbox.app import create_app
from qpmatch.sandbox.roles import Role
from qpmatch.sandbox.signin import Policy
from qpmatch.sandbox.store import Store
from tests.sandbox.conftest import CUSTOMER_LIST, HEADER, PSA_LIST, save_body, sign_in


def refusal(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json["code"]


@pytest.fixture
def client(store: Store) -> Client:
    return Client(create_app(store))


def test_a_sign_in_sets_a_cookie_that_scripts_cannot_read(client: Client, store: Store) -> None:
    answer = sign_in(client, store)
    assert answer.status_code == 200
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "Path=/api/" in cookie
    assert client.get("/api/customer", query_string=CUSTOMER_LIST).status_code == 200


@pytest.mark.parametrize("wrong", [{"password": "x"}, {"email": "x@y.example"}, {"password": ""}])
def test_wrong_credentials(client: Client, store: Store, wrong: dict[str, str]) -> None:
    answer = sign_in(client, store, **wrong)
    assert refusal(answer) == (401, "bad_credentials")
    assert "Set-Cookie" not in answer.headers


def test_the_second_factor(client: Client, store: Store) -> None:
    assert store.info().totp_secret is None
    store.require_mfa(True)
    secret = store.info().totp_secret
    assert secret is not None
    assert refusal(sign_in(client, store)) == (401, "access_code_required")
    good = TOTP(secret).now()
    assert refusal(sign_in(client, store, accessCode=f"{(int(good) + 1) % 1_000_000:06}")) in {
        (401, "access_code_wrong")
    }
    assert refusal(sign_in(client, store, accessCode="")) == (401, "access_code_required")
    # The password is looked at first: a code tells nothing to somebody without it.
    assert refusal(sign_in(client, store, password="x", accessCode=good)) == (401, "bad_credentials")
    assert sign_in(client, store, accessCode=TOTP(secret).now()).status_code == 200


def test_sso_only(store: Store) -> None:
    client = Client(create_app(store, policy=Policy(sso_only=True)))
    assert refusal(sign_in(client, store)) == (403, "sso_only")


@pytest.mark.parametrize(
    ("role", "may_read", "may_write"),
    [
        (Role.PRIMARY, True, True),
        (Role.SUPER, True, True),
        (Role.MANAGER, True, False),
        (Role.ENGINEER, False, False),
        (Role.HELPDESK, False, False),
    ],
)
def test_roles(store: Store, role: Role, may_read: bool, may_write: bool) -> None:
    client = Client(create_app(store, policy=Policy(role=role)))
    assert sign_in(client, store).status_code == 200
    assert client.get("/api/customer", query_string=CUSTOMER_LIST).status_code == 200
    read = client.get("/api/integrations/customers", query_string=PSA_LIST, headers=HEADER)
    write = client.post(
        "/api/integrations/customers/matches/createjob", json=save_body(("nobody", "a")), headers=HEADER
    )
    assert (read.status_code == 200) is may_read
    assert write.status_code == (404 if may_write else 403)
    if not may_read:
        assert refusal(read) == (403, "role")


def test_a_session_expires(store: Store) -> None:
    client = Client(create_app(store, policy=Policy(session_seconds=3600)))
    sign_in(client, store)
    with store.transaction() as db:
        db.execute("UPDATE session SET expires = expires - 3601")
    assert refusal(client.get("/api/customer", query_string=CUSTOMER_LIST)) == (401, "session")
    sign_in(client, store)
    with store.connection() as db:
        assert db.execute("SELECT count(*) FROM session").fetchone() == (1,)


def test_a_session_holds_in_another_process(client: Client, store: Store) -> None:
    cookie = sign_in(client, store).headers["Set-Cookie"].partition(";")[0]
    with Store(store.path) as other:
        later = Client(create_app(other), use_cookies=False)
        answer = later.get("/api/customer", query_string=CUSTOMER_LIST, headers={"Cookie": cookie})
        assert answer.status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        {"email": "a", "password": "b"},
        {"email": "a", "password": "b", "isIframe": True},
        {"email": "a", "password": 5, "isIframe": False},
        {"email": "a", "password": "b", "isIframe": False, "remember": True},
        {"email": "a", "password": "b", "isIframe": False, "accessCode": 123456},
    ],
)
def test_a_sign_in_that_looks_wrong(client: Client, body: dict[str, Any]) -> None:
    assert refusal(client.post("/api/auth/login", json=body)) == (400, "bad_request")
