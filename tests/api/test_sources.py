"""One tenant out of two: Autotask's companies, CyberQP's customers and links."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from qpmatch.api.autotask import Autotask
from qpmatch.api.autotask_credentials import AutotaskCredentials
from qpmatch.api.sources import AutotaskCompanies
from qpmatch.api.transport import Transport
from qpmatch.credentials import Secret
from qpmatch.errors import CredentialsError, DatacentreError
from qpmatch.models import Company, Customer, Link
from tests.api.autotask import CODE, SECRET, USER, Tenant, company
from tests.api.conftest import SHORT, NewClient
from tests.api.dashboard import Dashboard
from tests.api.opponent import Opponent, Reply, running

DASHBOARD = Dashboard(
    companies=[
        {"id": "1", "name": "Old name", "customers": [{"id": "5f", "name": "A"}]},
        {"id": "99", "name": "Hidden", "customers": [{"id": "6f", "name": "B"}]},
    ],
    customers=[{"id": "5f", "name": "A", "integrations": {}}, {"id": "6f", "name": "B", "integrations": {}}],
)


@contextmanager
def both(tenant: Tenant, new_client: NewClient) -> Iterator[tuple[AutotaskCompanies, Opponent, Opponent]]:
    with running(DASHBOARD) as dashboard, running(tenant) as opponent:
        tenant.url = opponent.url.replace("/api/", "/ATServicesRest")
        autotask = Autotask(
            AutotaskCredentials(USER, Secret(SECRET), Secret(CODE)),
            lambda url: Transport(url, patience=SHORT, concurrency=1, is_local=True),
            url=tenant.url,
        )
        sources = AutotaskCompanies(new_client(dashboard.url), autotask)
        try:
            yield sources, dashboard, opponent
        finally:
            sources.close()


def test_each_list_comes_from_its_source(new_client: NewClient) -> None:
    tenant = Tenant([company(1, "New name"), company(2, "Unmatched", isActive=False)])
    with both(tenant, new_client) as (sources, dashboard, _):
        found = sources.read()
        assert sources.notes == (
            "1 matched companies are not among those that Autotask shows: deleted or merged there, or hidden "
            "from the API user. `qpmatch doctor` lists them.",
        )
        assert sources.read_links() == found.links
    assert {one.name: one.active for one in found.companies.values()} == {
        "New name": True,
        "Unmatched": False,
    }
    assert sorted(found.customers) == ["5f", "6f"]
    assert found.links == {Link("1", "5f"), Link("99", "6f")}
    assert dashboard.calls("GET", "integrations/customers") == []  # the assumed route is not needed


def test_the_secrets_of_one_never_reach_the_other(new_client: NewClient) -> None:
    with both(Tenant([company(1, "A")]), new_client) as (sources, dashboard, opponent):
        sources.read()
    assert not [seen for seen in dashboard.seen if SECRET in str(seen) or CODE in str(seen)]
    assert not [seen for seen in opponent.seen if "cookie" in seen.headers]


def test_writes_go_to_cyberqp(new_client: NewClient) -> None:
    with both(Tenant(), new_client) as (sources, dashboard, opponent):
        sources.save_links([(Company("1", "A"), Customer("5f", "A"))])
        sources.delete_link(Link("1", "5f"))
        sources.create_customers([Company("1", "A")])
        assert sources.held_back(["matches.save"]) == []
    assert len([seen for seen in dashboard.seen if seen.method != "GET"]) == 4
    assert opponent.seen == []


def test_a_failure_of_either_is_a_failure(new_client: NewClient) -> None:
    with (
        both(Tenant(before=lambda seen: Reply(401)), new_client) as (sources, _, _),
        pytest.raises(CredentialsError, match="Autotask"),
    ):
        sources.read()
    tenant = Tenant(before=lambda seen: Reply(500, {"errors": ["x"]}))
    with both(tenant, new_client) as (sources, _, _), pytest.raises(DatacentreError, match="Autotask"):
        sources.read()
