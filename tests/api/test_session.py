"""Signing in, renewing once, and what each refusal says to a technician (SPEC 8; issue: sign-in)."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from typing import Any

import pytest

from qpmatch.api import parallel, regions
from qpmatch.api.cyberqp import CyberQP
from qpmatch.api.routes import ROUTES
from qpmatch.api.templates import overridden
from qpmatch.credentials import GivenCredentials, Secret, totp_code
from qpmatch.errors import CredentialsError, DatacentreError, QpmatchError, RouteMissingError
from qpmatch.models import Company, Customer, Link
from tests.api.conftest import NewClient
from tests.api.dashboard import EMAIL, LOGIN_PAGE, PASSWORD, Dashboard, company, customer
from tests.api.opponent import Drop, Move, Reply, Seen, running

TOTP = "JBSWY3DPEHPK3PXP"
PAIR = (Company("1", "Company 1"), Customer("c1", "Customer 1"))


def once(path: str, *moves: Move) -> Callable[[Seen], Move | None]:
    """Answer the first requests to ``path`` with ``moves``, and leave the others to the dashboard."""
    waiting = list(moves)
    return lambda seen: waiting.pop(0) if seen.path == f"/api/{path}" and waiting else None


def always(path: str, move: Move) -> Callable[[Seen], Move | None]:
    return lambda seen: move if seen.path == f"/api/{path}" else None


def test_the_first_request_signs_in_and_the_others_reuse_it(new_client: NewClient) -> None:
    dashboard = Dashboard([company(1, 1)], [customer(1)])
    with running(dashboard) as server:
        client = new_client(server.url)
        assert not server.seen
        client.read()
        client.read_links()
    assert dashboard.logins == 1
    login = server.seen[0]
    assert (login.method, login.path) == ("POST", "/api/auth/login")
    assert login.json == {"email": EMAIL, "password": PASSWORD, "isIframe": False}
    assert "integration" not in login.headers


def test_kept_cookies_spare_the_sign_in_until_they_expire(new_client: NewClient) -> None:
    class Keeping(GivenCredentials):
        kept: list[dict[str, Any]]

        def load_cookies(self) -> list[dict[str, Any]]:
            return self.kept

    dashboard = Dashboard([company(1, 1)], [customer(1)])
    credentials = Keeping(EMAIL, Secret(PASSWORD))
    with running(dashboard) as server:
        credentials.kept = []
        new_client(server.url, credentials).read_links()
        credentials.kept = credentials.cookies
        new_client(server.url, credentials).read_links()
        assert dashboard.logins == 1
        dashboard.sessions.clear()
        assert new_client(server.url, credentials).read_links() == {Link("1", "c1")}
    assert dashboard.logins == 2


def test_a_session_that_ends_in_the_middle_is_renewed_once_for_all(new_client: NewClient) -> None:
    dashboard = Dashboard([company(number) for number in range(400)], [])
    with running(dashboard) as server:
        client = new_client(server.url)
        client.read_links()
        dashboard.sessions.clear()
        calls = [client.read] * 4
        assert all(len(tenant.companies) == 400 for _, tenant in parallel.run(calls, 4))
    assert dashboard.logins == 2


def test_a_write_answered_401_was_not_done_and_is_repeated(new_client: NewClient) -> None:
    dashboard = Dashboard()
    with running(dashboard) as server:
        client = new_client(server.url)
        client.read_links()
        dashboard.sessions.clear()
        client.save_links([PAIR])
    assert len(server.calls("POST", "integrations/customers/matches/createjob")) == 2
    assert dashboard.logins == 2


def test_a_login_page_instead_of_data_renews_the_session_for_a_read(new_client: NewClient) -> None:
    dashboard = Dashboard([company(1, 1)], before=once("integrations/matched-customers", LOGIN_PAGE))
    with running(dashboard) as server:
        assert new_client(server.url).read_links() == {Link("1", "c1")}
    assert dashboard.logins == 2


@pytest.mark.parametrize(
    ("path", "write"),
    [
        ("integrations/customers/matches/createjob", lambda client: client.save_links([PAIR])),
        ("integrations/customers/matches", lambda client: client.delete_link(Link("1", "c1"))),
    ],
)
def test_a_page_instead_of_an_answer_leaves_a_write_unclear(
    path: str, write: Callable[[CyberQP], None], new_client: NewClient
) -> None:
    dashboard = Dashboard(before=always(path, LOGIN_PAGE))
    with running(dashboard) as server:
        client = new_client(server.url)
        with pytest.raises(DatacentreError, match="web page instead of data") as caught:
            write(client)
    assert caught.value.sent
    assert len([seen for seen in server.seen if seen.path.endswith(path)]) == 1
    assert dashboard.logins == 1


def test_mfa_from_a_totp_secret(new_client: NewClient) -> None:
    code = totp_code(Secret(TOTP), 1_000_000_000).reveal()
    dashboard = Dashboard(mfa_code=code)
    credentials = GivenCredentials(EMAIL, Secret(PASSWORD), Secret(TOTP), now=lambda: 1_000_000_000)
    with running(dashboard) as server:
        new_client(server.url, credentials).read_links()
    assert [seen.json.get("accessCode") for seen in server.calls("POST", "auth/login")] == [code]


def test_mfa_is_asked_for_only_when_it_is_demanded(new_client: NewClient) -> None:
    asked: list[str] = []

    def ask() -> str:
        asked.append("asked")
        return " 123456 "

    dashboard = Dashboard(mfa_code="123456")
    with running(dashboard) as server:
        new_client(server.url, GivenCredentials(EMAIL, Secret(PASSWORD), ask_code=ask)).read_links()
        dashboard.mfa_code = None
        new_client(server.url, GivenCredentials(EMAIL, Secret(PASSWORD), ask_code=ask)).read_links()
    assert asked == ["asked"]


def sign_in_error(new_client: NewClient, dashboard: Dashboard, **credentials: Any) -> QpmatchError:
    given: dict[str, Any] = {"email": EMAIL, "password": Secret(PASSWORD)} | credentials
    with running(dashboard) as server:
        client = new_client(server.url, GivenCredentials(**given))
        with pytest.raises(QpmatchError) as caught:
            client.read_links()
        # What was refused is not tried again: the account could be locked.
        tries = dashboard.logins
        with pytest.raises(QpmatchError):
            client.read_links()
        assert dashboard.logins == tries or not isinstance(caught.value, CredentialsError)
    return caught.value


def refusing(status: int, message: str) -> Dashboard:
    return Dashboard(before=always("auth/login", Reply(status, {"message": message})))


@pytest.mark.parametrize(
    ("dashboard", "credentials", "message", "hint"),
    [
        (Dashboard(), {"password": Secret("nope")}, "does not accept the e-mail address", "--region na"),
        (Dashboard(mfa_code="1"), {}, "has MFA on, and no code is at hand", "QPMATCH_TOTP_SECRET"),
        (
            Dashboard(mfa_code="1"),
            {"totp_secret": Secret(TOTP)},
            "code for tech@msp.example was not",
            "clock",
        ),
        (refusing(403, "Single sign-on only."), {}, "single sign-on (SSO) only", "Primary or Super"),
        (refusing(403, "Your role may not sign in."), {}, "refuses to sign in", "Primary or Super"),
        (refusing(401, "Account locked."), {}, "Account locked", "must not be locked"),
        (refusing(200, ""), {}, "without opening a session", "right address"),
        (refusing(404, "nothing"), {}, "answered 404", "right address"),
        (Dashboard(before=always("auth/login", LOGIN_PAGE)), {}, "without opening", "right address"),
    ],
)
def test_each_way_of_not_getting_in_has_its_own_words(
    dashboard: Dashboard, credentials: Any, message: str, hint: str, new_client: NewClient
) -> None:
    error = sign_in_error(new_client, dashboard, **credentials)
    assert message in error.message
    assert error.hint
    assert hint in error.hint
    assert error.exit_code == (6 if isinstance(error, CredentialsError) else 7)


def test_a_wrong_region_names_the_others(new_client: NewClient) -> None:
    away = Reply(302, headers={"Location": "https://eu-admin.getquickpass.com/login?token=hunter2"})
    target = regions.Target("na", "http://127.0.0.1/api/", "admin.getquickpass.com")
    with (
        running(Dashboard(before=always("auth/login", away))) as server,
        pytest.raises(DatacentreError) as caught,
    ):
        new_client(server.url, target=target).read_links()
    assert "eu-admin.getquickpass.com: wrong region?" in caught.value.message
    assert "hunter2" not in caught.value.message
    assert "eu, ca" in (caught.value.hint or "")


def test_a_redirect_of_a_write_leaves_it_unclear(new_client: NewClient) -> None:
    path = "integrations/customers/matches/createjob"
    with (
        running(Dashboard(before=always(path, Reply(307, headers={"Location": "/elsewhere"})))) as server,
        pytest.raises(DatacentreError, match="wrong region") as caught,
    ):
        new_client(server.url).save_links([PAIR])
    assert caught.value.sent


def test_a_session_that_ends_at_once_is_not_renewed_for_ever(new_client: NewClient) -> None:
    path = "integrations/matched-customers"
    dashboard = Dashboard(before=always(path, Reply(401)))
    with running(dashboard) as server, pytest.raises(CredentialsError, match="just been renewed"):
        new_client(server.url).read_links()
    assert dashboard.logins == 2
    assert len(server.calls("GET", path)) == 2


def test_a_role_without_integrations_is_named(new_client: NewClient) -> None:
    refusal = Reply(403, {"message": "Helpdesk has no access."})
    with (
        running(Dashboard(before=always("integrations/matched-customers", refusal))) as server,
        pytest.raises(CredentialsError, match="Helpdesk has no access") as caught,
    ):
        new_client(server.url).read_links()
    assert "Primary or Super" in (caught.value.hint or "")


@pytest.mark.parametrize(
    ("status", "kind"),
    [(404, RouteMissingError), (405, RouteMissingError), (400, DatacentreError), (409, DatacentreError)],
)
def test_a_refused_write_is_known_not_to_be_done(
    status: int, kind: type[DatacentreError], new_client: NewClient
) -> None:
    path = "integrations/customers/matches/createjob"
    refusal = Reply(status, {"message": "no\x1b[2J\u202e such thing"})
    with (
        running(Dashboard(before=always(path, refusal))) as server,
        pytest.raises(kind, match=rf"matches\.save: POST .*{path} answered {status}") as caught,
    ):
        new_client(server.url).save_links([PAIR])
    assert not caught.value.sent
    assert "no [2J such thing" in caught.value.message
    assert len(server.calls("POST", path)) == 1


def test_a_404_on_an_observed_route_is_no_missing_assumption(new_client: NewClient) -> None:
    with (
        running(Dashboard(before=always("customer", Reply(404)))) as server,
        pytest.raises(DatacentreError, match=r"customers\.list") as caught,
    ):
        new_client(server.url).read()
    assert type(caught.value) is DatacentreError


def test_sign_in_survives_what_can_be_survived(new_client: NewClient) -> None:
    dashboard = Dashboard(before=once("auth/login", Reply(503), Drop(), Reply(429)))
    with running(dashboard) as server:
        new_client(server.url).read_links()
    assert len(server.calls("POST", "auth/login")) == 4
    assert dashboard.logins == 1


def test_an_override_changes_what_goes_over_the_wire(new_client: NewClient) -> None:
    route = overridden(
        ROUTES["matches.save"],
        method="PUT",
        path="integrations/mapping",
        fields={"displayName": "companyName"},
    )
    seen_there: list[Seen] = []

    def before(seen: Seen) -> Move | None:
        if seen.path != "/api/integrations/mapping":
            return None
        seen_there.append(seen)
        return Reply(200, {"message": "ok"})

    with running(Dashboard(before=before)) as server:
        new_client(server.url, routes={**ROUTES, "matches.save": route}).save_links([PAIR])
    assert seen_there[0].method == "PUT"
    assert seen_there[0].json["matches"]["1"]["companyName"] == "Company 1"
    assert "displayName" not in seen_there[0].json["matches"]["1"]


def test_no_secret_shows_anywhere(new_client: NewClient, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    code = totp_code(Secret(TOTP), 1e9).reveal()

    def echo(seen: Seen) -> Move | None:
        """A server that repeats what it was sent, as debug pages do."""
        return (
            None
            if seen.path == "/api/auth/login"
            else Reply(400, {"message": f"{seen.headers['cookie']} {known}"})
        )

    known = f"{PASSWORD} {code}"
    credentials = GivenCredentials(EMAIL, Secret(PASSWORD), Secret(TOTP), now=lambda: 1e9)
    with running(Dashboard(mfa_code=code, before=echo)) as server:
        client = new_client(server.url, credentials)
        with pytest.raises(DatacentreError) as caught:
            client.read_links()
    shown = [caplog.text, "".join(traceback.format_exception(caught.value)), caught.value.message]
    shown += [repr(thing) for thing in (client, client.session, client.session.transport, credentials)]
    assert "***" in caught.value.message
    for secret in (PASSWORD, TOTP, code, "secret-cookie"):
        assert not [text for text in shown if secret in text]
