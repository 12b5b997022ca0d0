"""One tenant out of two sources: Autotask's companies, CyberQP's customers and links (AUTOTASK.md).

So read, ``list`` and ``suggest`` need nothing but observed routes and Autotask's documented API.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

from qpmatch.api import parallel
from qpmatch.api.autotask import Autotask
from qpmatch.api.autotask_credentials import (
    URL,
    AutotaskCredentials,
    autotask_credentials,
    from_environment,
)
from qpmatch.api.autotask_routes import DISCOVERY_URL, ROOT
from qpmatch.api.connect import embedded_sandbox, keyring_entries, open_datacentre
from qpmatch.api.cyberqp import CyberQP, one_at_a_time
from qpmatch.api.interface import Datacentre, Progress, no_progress
from qpmatch.api.transport import Patience, Transport
from qpmatch.credentials import Secret
from qpmatch.models import Company, Customer, Link, Tenant

if TYPE_CHECKING:
    from qpmatch.api.routes import Route
    from qpmatch.config import Settings


def open_tenant(
    settings: Settings, environ: Mapping[str, str], *, ask_code: Callable[[], str] | None = None
) -> Datacentre:
    """The tenant that ``settings`` name, its companies from the source they name. Close it after use.

    Nothing is sent before it is asked something. Raises ``ConfigError``, ``UsageError``, and
    ``CredentialsError`` when Autotask's credentials are nowhere.
    """
    cyberqp = open_datacentre(settings, environ, ask_code=ask_code)
    if settings.companies_from != "autotask":
        return cyberqp
    try:
        return AutotaskCompanies(cyberqp, open_autotask(settings, environ))
    except BaseException:
        cyberqp.close()
        raise


def open_autotask(
    settings: Settings, environ: Mapping[str, str], credentials: AutotaskCredentials | None = None
) -> Autotask:
    """The Autotask tenant of ``settings``; the sandbox has its own, with its own credentials.

    Without ``credentials`` the environment and the keyring are asked. Raises ``CredentialsError`` when they
    are nowhere, ``UsageError`` for an address that may not have them.
    """
    if settings.target.is_embedded:
        return _open_embedded(settings, environ)
    discovery = DISCOVERY_URL
    if settings.target.is_loopback:
        # A served sandbox answers Autotask's paths beside its own; nobody rehearses against the real one.
        discovery = urljoin(settings.target.base_url, f"/{ROOT}/")
    return Autotask(
        credentials or autotask_credentials(environ, keyring_entries(settings), settings.autotask.username),
        lambda url: _transport(settings, url),
        url=autotask_url(settings, environ),
        discovery_url=discovery,
    )


def autotask_url(settings: Settings, environ: Mapping[str, str]) -> str | None:
    """The zone's address where it is set, and need not be found out."""
    return from_environment(environ, URL) or settings.autotask.url


def _open_embedded(settings: Settings, environ: Mapping[str, str]) -> Autotask:
    store, app = embedded_sandbox(environ)
    info = store.info()
    credentials = AutotaskCredentials(
        info.autotask_username, Secret(info.autotask_secret), Secret(info.autotask_integration_code)
    )
    return Autotask(
        credentials,
        lambda url: _transport(settings, url, wsgi_app=app),
        discovery_url=urljoin(settings.target.base_url, f"/{ROOT}/"),
        on_close=store.close,
    )


def _transport(settings: Settings, url: str, *, wsgi_app: Any = None) -> Transport:
    """One request at a time: 5,000 companies are ten, and the tenant's other integrations want theirs too."""
    return Transport(
        url,
        patience=Patience(timeout=settings.timeout, deadline=settings.deadline),
        concurrency=1,
        wsgi_app=wsgi_app,
        is_local=settings.target.is_loopback,
    )


class AutotaskCompanies:
    """A ``Datacentre`` whose companies are read from Autotask. Everything else is CyberQP's."""

    def __init__(self, cyberqp: CyberQP, autotask: Autotask) -> None:
        self.cyberqp = cyberqp
        self.autotask = autotask
        self.region = cyberqp.region
        self.integration = cyberqp.integration
        self.tenant_key = cyberqp.tenant_key
        self.job_wait = cyberqp.job_wait
        self.notes: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"AutotaskCompanies({self.cyberqp!r})"

    def close(self) -> None:
        """Give up the connections to both."""
        self.autotask.close()
        self.cyberqp.close()

    def read(self, progress: Progress = no_progress) -> Tenant:
        """Companies, customers and links, side by side, each list complete (R10)."""
        progress = one_at_a_time(progress)
        calls: list[Callable[[], Any]] = [
            functools.partial(self.autotask.companies, progress),
            functools.partial(self.cyberqp.read_customers, progress),
            functools.partial(self.cyberqp.read_links, progress),
        ]
        lists = dict(parallel.run(calls, len(calls)))
        companies: list[Company] = lists[0]
        links: frozenset[Link] = lists[2]
        tenant = Tenant({company.id: company for company in companies}, lists[1], links)
        hidden = len({link.company_id for link in links} - tenant.companies.keys())
        self.notes = (_hidden(hidden),) if hidden else ()
        return tenant

    def read_links(self, progress: Progress = no_progress) -> frozenset[Link]:
        """Every link (matches.list)."""
        return self.cyberqp.read_links(progress)

    def save_links(self, pairs: Sequence[tuple[Company, Customer]]) -> None:
        """One matches.save job."""
        self.cyberqp.save_links(pairs)

    def delete_link(self, link: Link) -> None:
        """One matches.delete request."""
        self.cyberqp.delete_link(link)

    def create_customers(self, companies: Sequence[Company]) -> None:
        """One customers.create job."""
        self.cyberqp.create_customers(companies)

    def held_back(self, route_names: Iterable[str]) -> list[Route]:
        """As CyberQP's."""
        return self.cyberqp.held_back(route_names)


def _hidden(count: int) -> str:
    return (
        f"{count} matched companies are not among those that Autotask shows: deleted or merged there, or "
        "hidden from the API user. `qpmatch doctor` lists them."
    )
