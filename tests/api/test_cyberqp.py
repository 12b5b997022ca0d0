"""Lists and writes as companies, customers and links (WIRE.md, Routes)."""

from __future__ import annotations

import pytest

from qpmatch.api import regions
from qpmatch.api.routes import ROUTES
from qpmatch.api.templates import Evidence, overridden
from qpmatch.errors import DatacentreError, IncompleteListError
from qpmatch.models import Company, Customer, Link
from tests.api.conftest import NewClient
from tests.api.dashboard import Dashboard, company, customer
from tests.api.opponent import Move, Reply, Seen, running

WRITES = ["matches.save", "matches.delete", "customers.create"]


def test_a_tenant_is_read_whole(new_client: NewClient) -> None:
    lead = company(7) | {"status": "Inactive", "type": "Lead"}
    bare = {"id": 0, "name": "Own company", "customers": []}  # a number, and nothing that is optional
    dashboard = Dashboard(
        [company(1, 1), company(2, 1, 2), lead, bare],
        [customer(1, "dattoAutoTask", "itglue"), customer(2), customer(3, "unheardOf")],
    )
    dashboard.customers[1]["integrations"] = {"itglue": {"active": False}}
    with running(dashboard) as server:
        client = new_client(server.url)
        tenant = client.read()
    assert tenant.companies["1"] == Company("1", "Company 1", active=True, type="Customer")
    assert tenant.companies["7"] == Company("7", "Company 7", active=False, type="Lead")
    assert tenant.companies["0"] == Company("0", "Own company", active=True, type=None)
    assert tenant.customers["c1"] == Customer("c1", "Customer 1", ("autotask", "itglue"))
    assert tenant.customers["c2"] == Customer("c2", "Customer 2", ())
    assert tenant.customers["c3"].integrations == ("unheardOf",)
    assert tenant.links == {Link("1", "c1"), Link("2", "c1"), Link("2", "c2")}
    assert client.notes == ()


def test_requests_are_those_of_the_public_scripts(new_client: NewClient) -> None:
    with running(Dashboard([company(1, 1)], [customer(1)])) as server:
        client = new_client(server.url)
        client.read()
        client.read_links()
    paging = {"page": "1", "rowsPerPage": "50", "searchText": ""}
    (customers,) = server.calls("GET", "customer")
    status = {"adStatus": "ALL", "localStatus": "ALL", "o365Status": "ALL", "filterUpdated": "false"}
    assert customers.query == paging | status
    assert "integration" not in customers.headers
    for path in ("integrations/customers", "integrations/matched-customers"):
        (request,) = server.calls("GET", path)
        assert request.query == paging | {"integrationType": "dattoAutoTask"}
        assert request.headers["integration"] == "dattoAutoTask"


def test_many_pages_are_read_in_order(new_client: NewClient) -> None:
    dashboard = Dashboard([company(number) for number in range(1234)], [customer(n) for n in range(777)])
    with running(dashboard) as server:
        told: list[tuple[str, int, int]] = []
        tenant = new_client(server.url).read(lambda *step: told.append(step))
    assert list(tenant.companies) == [str(number) for number in range(1234)]
    assert len(tenant.customers) == 777
    assert {("companies", 1234, 1234), ("customers", 777, 777)} <= set(told)
    assert server.most_at_once <= 4


def test_without_a_company_list_the_matched_ones_are_read_and_it_says_so(new_client: NewClient) -> None:
    def missing(seen: Seen) -> Move | None:
        return Reply(404) if seen.path == "/api/integrations/customers" else None

    with running(Dashboard([company(1, 1), company(2)], [customer(1)], before=missing)) as server:
        client = new_client(server.url)
        tenant = client.read()
    assert list(tenant.companies) == ["1"]
    assert tenant.links == {Link("1", "c1")}
    assert "Autotask" in client.notes[0]


def test_a_list_that_falls_short_is_an_error(new_client: NewClient) -> None:
    def short(seen: Seen) -> Move | None:
        return Reply(200, {"maxCount": 3, "clients": [customer(1)]}) if seen.path == "/api/customer" else None

    with (
        running(Dashboard([company(1)], before=short)) as server,
        pytest.raises(IncompleteListError, match="customers: the datacentre announced 3 rows"),
    ):
        new_client(server.url).read()


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ([], r"\$: an object is due, a list came"),
        ({}, r"\$\.maxCount: a whole number is due, nothing came"),
        ({"maxCount": "1", "companies": []}, r"\$\.maxCount: a whole number is due, text came"),
        ({"maxCount": 1.5, "companies": []}, r"\$\.maxCount"),
        ({"maxCount": True, "companies": []}, r"\$\.maxCount"),
        ({"maxCount": 1, "companies": {}}, r"\$\.companies: a list is due, an object came"),
        ({"maxCount": 1, "companies": [7]}, r"\$\.companies\[0\]: an object is due, a number came"),
        (
            {"maxCount": 1, "companies": [company(1) | {"name": None}]},
            r"\$\.companies\[0\]\.name: text is due",
        ),
        ({"maxCount": 1, "companies": [company(1) | {"id": ""}]}, r"\$\.companies\[0\]\.id: an id is due"),
        ({"maxCount": 1, "companies": [company(1) | {"id": True}]}, r"\$\.companies\[0\]\.id"),
        (
            {"maxCount": 1, "companies": [company(1) | {"customers": [{"name": "x"}]}]},
            r"\$\.companies\[0\]\.customers\[0\]\.id: an id is due, nothing came",
        ),
    ],
)
def test_an_unknown_shape_is_named_and_not_guessed_at(body: object, path: str, new_client: NewClient) -> None:
    def strange(seen: Seen) -> Move | None:
        return Reply(200, body) if seen.path == "/api/integrations/matched-customers" else None

    with (
        running(Dashboard(before=strange)) as server,
        pytest.raises(DatacentreError, match=path) as caught,
    ):
        new_client(server.url).read_links()
    assert "matches.list" in caught.value.message


def test_links_are_saved_in_one_job(new_client: NewClient) -> None:
    pairs = [
        (Company("0", 'Wing "Tip" {0} %s\n\U0001f600'), Customer("c1", "Wingtip")),
        (Company("7", "Contoso"), Customer("c1", "Wingtip")),
    ]
    with running(Dashboard()) as server:
        new_client(server.url).save_links(pairs)
    (request,) = server.calls("POST", "integrations/customers/matches/createjob")
    assert request.headers["integration"] == "dattoAutoTask"
    assert request.headers["content-type"] == "application/json"
    assert request.query == {}
    assert request.json == {
        "allSelected": False,
        "excludedIds": [],
        "includedIds": [],
        "integrationType": "dattoAutoTask",
        "matchType": "ALL",
        "matches": {
            "0": {
                "autoMatch": False,
                "displayName": 'Wing "Tip" {0} %s\n\U0001f600',
                "id": "c1",
                "name": "Wingtip",
                "_id": "0",
            },
            "7": {"autoMatch": False, "displayName": "Contoso", "id": "c1", "name": "Wingtip", "_id": "7"},
        },
        "searchText": "",
    }


def test_a_job_holds_one_link_of_each_company(new_client: NewClient) -> None:
    pairs = [(Company("1", "One"), Customer("c1", "A")), (Company("1", "One"), Customer("c2", "B"))]
    with running(Dashboard()) as server, pytest.raises(ValueError, match="one link of each company"):
        new_client(server.url).save_links(pairs)
    assert not server.seen


def test_a_link_is_deleted_with_a_form(new_client: NewClient) -> None:
    with running(Dashboard()) as server:
        new_client(server.url).delete_link(Link("0", "c 1&"))
    (request,) = server.calls("DELETE", "integrations/customers/matches")
    assert request.headers["content-type"] == "application/x-www-form-urlencoded"
    assert request.headers["integration"] == "dattoAutoTask"
    assert request.form == {"companyId": "0", "customerId": "c 1&"}


def test_customers_are_created_in_one_job(new_client: NewClient) -> None:
    with running(Dashboard()) as server:
        new_client(server.url).create_customers([Company("0", "Own"), Company("8", "Eight")])
    (request,) = server.calls("POST", "integrations/customers/createjob")
    assert request.json == {
        "allSelected": False,
        "excludedIds": [],
        "includedIds": ["0", "8"],
        "integrationType": "dattoAutoTask",
    }


NA = regions.resolve("na", None)


def test_assumed_writes_are_held_back_in_a_real_region(new_client: NewClient) -> None:
    url = "http://127.0.0.1:9/api/"
    elsewhere = regions.resolve(None, "https://cyberqp.example/api/")
    for target in (NA, elsewhere):
        client = new_client(url, target=target)
        assert [route.name for route in client.held_back([*WRITES, *WRITES])] == WRITES
        assert client.held_back(["companies.list", "accounts.save"]) == []
    assert new_client(url, target=NA, allow_assumed=True).held_back(WRITES) == []
    observed = overridden(ROUTES["matches.save"], evidence=Evidence.OBSERVED)
    client = new_client(url, target=NA, routes={**ROUTES, "matches.save": observed})
    assert [route.name for route in client.held_back(WRITES)] == WRITES[1:]


def test_nothing_is_held_back_in_a_sandbox(new_client: NewClient) -> None:
    url = "http://127.0.0.1:9/api/"
    assert new_client(url).held_back(WRITES) == []
    assert new_client(url, target=regions.resolve("sandbox", None)).held_back(WRITES) == []


def test_a_tenant_has_a_name_of_its_own(new_client: NewClient) -> None:
    url = "http://127.0.0.1:9/api/"
    keys = {new_client(url, target=regions.resolve(name, None)).tenant_key for name in ("na", "eu", "ca")}
    assert len(keys) == 3
    assert new_client(url, target=NA).tenant_key == new_client(url, target=NA).tenant_key
    assert all(key.replace("-", "").isalnum() and "tech" not in key for key in keys)
