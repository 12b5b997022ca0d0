"""One tenant out of two sources: Autotask's companies, CyberQP's customers and links (AUTOTASK.md).

So read, ``list`` and ``suggest`` need nothing but observed routes and Autotask's documented API.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from qpmatch.api import parallel
from qpmatch.api.autotask import Autotask
from qpmatch.api.cyberqp import CyberQP, one_at_a_time
from qpmatch.api.interface import Progress, no_progress
from qpmatch.models import Company, Customer, Link, Tenant

if TYPE_CHECKING:
    from qpmatch.api.templates import Route


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
