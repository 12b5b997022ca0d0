"""Autotask as a source: complete, careful with its credentials, and clear about refusals."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest

from qpmatch.api import autotask_routes
from qpmatch.api.autotask import Autotask
from qpmatch.api.autotask_credentials import AutotaskCredentials
from qpmatch.api.transport import Patience, Transport
from qpmatch.credentials import Secret
from qpmatch.errors import CredentialsError, DatacentreError, IncompleteListError, QpmatchError
from tests.api.autotask import CODE, ROOT, SECRET, THREADS, USER, Tenant, company
from tests.api.opponent import Move, Opponent, Reply, Seen, in_turn, running

SHORT = Patience(timeout=2.0, deadline=20.0, attempts=4, first_pause=0.001, longest_pause=0.002)

Ask = Callable[..., Autotask]


@pytest.fixture
def closing() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def ask(closing: ExitStack) -> Ask:
    """A client for a tenant on loopback."""

    def make(opponent: Opponent, *, discover: bool = False, code: str = CODE) -> Autotask:
        url = opponent.url.replace("/api/", "/ATServicesRest")
        autotask = Autotask(
            AutotaskCredentials(USER, Secret(SECRET), Secret(code)),
            lambda url: Transport(url, patience=SHORT, concurrency=1, is_local=True),
            url=None if discover else url,
            discovery_url=f"{url}/",
        )
        closing.callback(autotask.close)
        return autotask

    return make


@contextmanager
def serving(tenant: Tenant) -> Iterator[Opponent]:
    with running(tenant) as opponent:
        tenant.url = opponent.url.replace("/api/", "/ATServicesRest")
        yield opponent


def many(count: int) -> list[dict[str, Any]]:
    return [company(number, f"Company {number}") for number in range(count)]


def paths(opponent: Opponent) -> list[str]:
    return [seen.path.lower().removeprefix(ROOT) for seen in opponent.seen]


def test_every_company_with_all_that_is_shown_of_it(ask: Ask) -> None:
    rows = [
        company(0, "My Own MSP"),
        company(
            174,
            "Contoso Ltd",
            companyType=2,
            isActive=False,
            companyNumber="C-7",
            city="Malmö",
            parentCompanyID=0,
            webAddress="contoso.example",
        ),
        company(175, "Unknown type", companyType=5),
        company(176, "Fixed type", companyType=6),
    ]
    with serving(Tenant(rows)) as opponent:
        own, contoso, odd, fixed = ask(opponent).companies()
    assert (own.id, own.name, own.active, own.type, own.city, own.parent_id) == (
        "0",
        "My Own MSP",
        True,
        "Customer",
        None,
        None,
    )
    assert (contoso.active, contoso.type, contoso.number, contoso.city) == (False, "Lead", "C-7", "Malmö")
    assert (contoso.parent_id, contoso.web) == ("0", "contoso.example")
    assert (odd.type, fixed.type) == ("type 5", "Cancelation")


def test_pages_are_asked_one_by_one_with_the_same_body(ask: Ask) -> None:
    told: list[tuple[str, int, int]] = []
    with serving(Tenant(many(1201))) as opponent:
        found = ask(opponent).companies(lambda *args: told.append(args))
    assert [one.id for one in found] == [str(number) for number in range(1201)]
    pages = [seen for seen in opponent.seen if seen.method == "POST" and "count" not in seen.path]
    assert len(pages) == 3
    assert len({seen.body for seen in pages}) == 1
    assert {seen.headers["secret"] for seen in pages} == {SECRET}
    assert opponent.most_at_once == 1
    assert told == [("companies", 500, 1201), ("companies", 1000, 1201), ("companies", 1201, 1201)]


def test_no_companies_at_all(ask: Ask) -> None:
    with serving(Tenant()) as opponent:
        assert ask(opponent).companies() == []


def test_the_zone_is_found_without_credentials(ask: Ask) -> None:
    with serving(Tenant(many(1))) as opponent:
        assert len(ask(opponent, discover=True).companies()) == 1
    zone = opponent.seen[0]
    assert (zone.path, zone.query) == ("/ATServicesRest/v1.0/zoneInformation", {"user": USER})
    assert not {"secret", "username", "apiintegrationcode"} & zone.headers.keys()


def test_a_zone_elsewhere_gets_no_credentials(ask: Ask) -> None:
    for url, said in (
        ("https://zone.evil.example/ATServicesRest/", "outside autotask.net"),
        ("https://evilautotask.net/ATServicesRest/", "outside autotask.net"),
        ("http://webservices3.autotask.net/ATServicesRest/", "https is due"),
        ("", "names no zone"),
        (None, "names no zone"),
    ):
        with running(in_turn(Reply(200, {"url": url}))) as opponent:
            with pytest.raises(DatacentreError, match=said):
                ask(opponent, discover=True).companies()
            assert len(opponent.seen) == 1


def test_a_next_page_on_another_origin_is_not_asked(ask: Ask) -> None:
    with running(in_turn(Reply(200, {}))) as thief:
        for origin in (
            thief.url.removesuffix("/api/"),
            thief.url.replace("127.0.0.1", "localhost"),
            "//x",
            "http://[",
        ):
            with serving(Tenant(many(600), next_origin=origin.removesuffix("/api/"))) as opponent:
                with pytest.raises(DatacentreError, match="nothing was sent there"):
                    ask(opponent).companies()
                assert paths(opponent).count("companies/query") == 1
        assert thief.seen == []


@pytest.mark.parametrize("address", [7, ["x"], "/atservicesrest/v1.0/Companies/query/next"])
def test_a_next_page_that_is_no_address_is_an_error(ask: Ask, address: Any) -> None:
    def before(seen: Seen) -> Move | None:
        if seen.path.endswith("query"):
            return Reply(200, {"items": [company(1, "A")], "pageDetails": {"nextPageUrl": address}})
        return None

    with (
        serving(Tenant(many(2), before)) as opponent,
        pytest.raises(DatacentreError, match="nothing was sent"),
    ):
        ask(opponent).companies()


def test_beyond_what_one_query_gives_the_rest_is_asked_from_there(
    ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(autotask_routes, "ROWS_PER_QUERY", 1000)
    with serving(Tenant(many(2300), cap=1000)) as opponent:
        assert len(ask(opponent).companies()) == 2300
    first = [seen.json["filter"][0]["value"] for seen in opponent.seen if seen.path.endswith("query")]
    assert first == [0, 1000, 2000]


def test_a_list_that_comes_out_short_is_an_error(ask: Ask) -> None:
    with serving(Tenant(many(700), cap=600)) as opponent:
        with pytest.raises(IncompleteListError, match="counts 700 companies, and 600 came, in 3 readings"):
            ask(opponent).companies()
        assert paths(opponent).count("companies/query/count") == 3


def test_a_list_that_moves_is_read_again(ask: Ask) -> None:
    tenant = Tenant(many(3))
    counts = iter([5, 3])

    def before(seen: Seen) -> Move | None:
        return Reply(200, {"queryCount": next(counts)}) if seen.path.endswith("count") else None

    tenant.before = before
    with serving(tenant) as opponent:
        assert len(ask(opponent).companies()) == 3


def test_pages_without_an_end_do_not_go_on_for_ever(ask: Ask) -> None:
    tenant = Tenant(many(3))

    def before(seen: Seen) -> Move | None:
        if "/query" not in seen.path.lower() or seen.path.endswith("count"):
            return None
        following = f"{tenant.url}/V1.0/Companies/query/next?paging=same"
        return Reply(200, {"items": tenant.companies, "pageDetails": {"nextPageUrl": following}})

    tenant.before = before
    with serving(tenant) as opponent:
        assert len(ask(opponent).companies()) == 3
        assert len(opponent.seen) == 4


@pytest.mark.parametrize(
    "again", [THREADS, Reply(503), Reply(429), Reply(200, {"errors": ["Thread Threshold Exceeded"]})]
)
def test_what_passes_is_asked_again(ask: Ask, again: Reply) -> None:
    tenant = Tenant(many(1))
    waiting = [again, again]
    tenant.before = lambda seen: waiting.pop() if waiting else None
    with serving(tenant) as opponent:
        assert len(ask(opponent).companies()) == 1
        assert len(opponent.seen) == 5


def test_the_thread_limit_that_stays_is_an_error(ask: Ask) -> None:
    with running(in_turn(THREADS)) as opponent:
        with pytest.raises(DatacentreError, match="Thread Threshold Exceeded"):
            ask(opponent).companies()
        assert len(opponent.seen) == SHORT.attempts


REFUSALS: list[tuple[Reply, type[QpmatchError], str, str]] = [
    (Reply(401), CredentialsError, "refused", "user name, the secret, the integration code and the zone"),
    (
        Reply(500, {"errors": ["IntegrationCode is invalid."]}),
        CredentialsError,
        "integration code is refused",
        "tracking identifier",
    ),
    (
        Reply(500, {"errors": ["Zone information could not be determined"]}),
        CredentialsError,
        "no zone is known",
        "API user's name",
    ),
    (
        Reply(500, {"errors": ["Unable to find [companyName] in [Company]."]}),
        DatacentreError,
        "does not know the field companyName",
        "security level",
    ),
    (
        Reply(403, {"errors": [{"message": "Denied", "field": "x"}]}),
        CredentialsError,
        "Denied",
        "security level",
    ),
    (Reply(200, {"errors": ["Something odd."]}), DatacentreError, "Something odd", "doctor"),
    (Reply(200, {"errors": [{}]}), DatacentreError, "an error without words", "doctor"),
    (Reply(500, b"no JSON"), DatacentreError, "answered 500", "doctor"),
    (Reply(404), DatacentreError, "answered 404", "autotask.url"),
    (
        Reply(200, b"<html>maintenance</html>", {"Content-Type": "text/html"}),
        DatacentreError,
        "answered 200",
        "maintenance",
    ),
    (
        Reply(302, None, {"Location": "http://127.0.0.1:1/x"}),
        DatacentreError,
        "sends us on to 127.0.0.1, which is not followed",
        "one host",
    ),
    (Reply(200, [1]), DatacentreError, "unknown shape", "doctor"),
    (Reply(200, {}), DatacentreError, "unknown shape", "doctor"),
    (Reply(200, {"queryCount": "3"}), DatacentreError, "unknown shape", "doctor"),
]


@pytest.mark.parametrize(("reply", "kind", "message", "hint"), REFUSALS)
def test_refusals_say_what_to_do_and_are_not_repeated(
    ask: Ask, reply: Reply, kind: type[QpmatchError], message: str, hint: str
) -> None:
    tenant = Tenant(many(1), lambda seen: reply if seen.path.endswith("count") else None)
    with serving(tenant) as opponent:
        with pytest.raises(kind) as error:
            ask(opponent).companies()
        assert paths(opponent).count("companies/query/count") == 1
    assert message in error.value.message
    assert hint in str(error.value.hint)


@pytest.mark.parametrize(
    "row",
    [
        company(1, "A") | {"id": "1"},
        company(1, "A") | {"id": None},
        company(1, "A") | {"id": True},
        company(1, "A") | {"companyName": None},
        company(1, "A") | {"isActive": None},
        "text",
    ],
)
def test_an_unknown_shape_is_never_guessed_at(ask: Ask, row: Any) -> None:
    def before(seen: Seen) -> Move | None:
        return Reply(200, {"items": [row], "pageDetails": {}}) if seen.path.endswith("query") else None

    with serving(Tenant(many(1), before)) as opponent, pytest.raises(DatacentreError, match="unknown shape"):
        ask(opponent).companies()


@pytest.mark.parametrize(
    "reply", [Reply(403), Reply(405), Reply(404), Reply(200, {"fields": []}), Reply(200, {})]
)
def test_without_a_picklist_the_fixed_types_hold(ask: Ask, reply: Reply) -> None:
    rows = [company(7, "V", companyType=7), company(8, "None", companyType=None)]
    with serving(Tenant(rows, lambda seen: reply if seen.path.endswith("fields") else None)) as opponent:
        assert [one.type for one in ask(opponent).companies()] == ["Vendor", None]


def test_the_allowance(ask: Ask) -> None:
    with serving(Tenant()) as opponent:
        threshold = ask(opponent).threshold()
    assert (threshold.limit, threshold.minutes, threshold.used) == (10000, 60, 12)
    odd = Reply(200, {"externalRequestThreshold": None})
    with running(in_turn(odd)) as opponent, pytest.raises(DatacentreError, match="unknown shape"):
        ask(opponent).threshold()


def test_no_secret_in_what_is_said_or_logged(ask: Ask, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    echo = Reply(500, {"errors": [f"you sent {SECRET} and {CODE} and {SECRET}"]})
    with serving(Tenant(many(1), lambda seen: echo if seen.path.endswith("count") else None)) as opponent:
        autotask = ask(opponent)
        with pytest.raises(DatacentreError) as error:
            autotask.companies()
    said = f"{error.value} {error.value.hint} {autotask!r} {caplog.text}"
    assert "you sent ***" in said
    assert not [secret for secret in (SECRET, CODE) if secret in said]
