"""The datacentre behind a session: CyberQP's lists and writes as companies, customers and links."""

from __future__ import annotations

import functools
import hashlib
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from qpmatch.api import paging, parallel
from qpmatch.api.interface import Progress, no_progress
from qpmatch.api.routes import INTEGRATIONS, ROWS_PER_PAGE
from qpmatch.api.session import Session
from qpmatch.api.templates import Evidence, Route
from qpmatch.errors import RouteMissingError
from qpmatch.models import Company, Customer, Link, Tenant

_WORDS = {wire_name: word for word, wire_name in INTEGRATIONS.items()}

_NO_COMPANY_LIST = (
    "this datacentre has no companies.list route: only companies that are matched already are shown. "
    "Unmatched companies need Autotask as the source (companies_from: autotask)."
)


class CyberQP:
    """Implements ``interface.Datacentre`` over the routes of WIRE.md. Close it after use."""

    def __init__(
        self,
        session: Session,
        *,
        integration: str,
        routes: Mapping[str, Route],
        account: str,
        concurrency: int = 4,
        job_wait: float = 60.0,
        allow_assumed: bool = False,
        on_close: Callable[[], None] = lambda: None,
    ) -> None:
        """``account`` tells tenants of one host apart: the e-mail address, or the sandbox's state file."""
        self.session = session
        self.region = session.target.region
        self.integration = integration
        self.job_wait = job_wait
        self.notes: tuple[str, ...] = ()
        self._routes = routes
        self._concurrency = concurrency
        self._allow_assumed = allow_assumed
        self._on_close = on_close
        identity = "\n".join((session.target.base_url, account.casefold(), integration))
        self.tenant_key = f"{self.region}-{hashlib.sha256(identity.encode()).hexdigest()[:16]}"

    def __repr__(self) -> str:
        return f"CyberQP({self.tenant_key!r})"

    def __enter__(self) -> CyberQP:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    def close(self) -> None:
        """Give up connections, and what the opener wants given up."""
        self.session.transport.close()
        self._on_close()

    def read(self, progress: Progress = no_progress) -> Tenant:
        """Everything, companies and customers side by side (companies.list, customers.list)."""
        progress = one_at_a_time(progress)
        calls = [functools.partial(self._companies, progress), functools.partial(self._customers, progress)]
        lists = dict(parallel.run(calls, len(calls)))
        company_rows, customer_rows = lists[0], lists[1]
        return Tenant(
            companies={row["id"]: _company(row) for row in company_rows},
            customers={row["id"]: _customer(row) for row in customer_rows},
            links=_links(company_rows),
        )

    def read_links(self, progress: Progress = no_progress) -> frozenset[Link]:
        """Every link (matches.list)."""
        return _links(self._list("matches.list", "links", progress))

    def read_customers(self, progress: Progress = no_progress) -> dict[str, Customer]:
        """Every customer by id (customers.list)."""
        return {row["id"]: _customer(row) for row in self._customers(progress)}

    def count_matched(self) -> int:
        """How many companies are matched, by one request: a sign that the account may use integrations."""
        answer = self.session.call("matches.list", page=1, rows_per_page=ROWS_PER_PAGE, search="")
        return int(answer["total"])

    def save_links(self, pairs: Sequence[tuple[Company, Customer]]) -> None:
        """One matches.save job."""
        if len({company.id for company, _ in pairs}) < len(pairs):
            raise ValueError("a job holds one link of each company (WIRE.md matches.save)")
        matches = [
            {
                "company_id": company.id,
                "company_name": company.name,
                "customer_id": customer.id,
                "customer_name": customer.name,
            }
            for company, customer in pairs
        ]
        self.session.call("matches.save", matches=matches)

    def delete_link(self, link: Link) -> None:
        """One matches.delete request."""
        self.session.call("matches.delete", company_id=link.company_id, customer_id=link.customer_id)

    def create_customers(self, companies: Sequence[Company]) -> None:
        """One customers.create job."""
        self.session.call("customers.create", company_ids=[company.id for company in companies])

    def held_back(self, route_names: Iterable[str]) -> list[Route]:
        """The assumed writes among them, unless this is a sandbox or the operator has let them through."""
        if self.session.target.is_sandbox or self._allow_assumed:
            return []
        routes = (self._routes[name] for name in dict.fromkeys(route_names))
        return [route for route in routes if route.writes and route.evidence is Evidence.ASSUMED]

    def _companies(self, progress: Progress) -> list[paging.Row]:
        try:
            rows = self._list("companies.list", "companies", progress)
        except RouteMissingError:
            self.notes = (_NO_COMPANY_LIST,)
            return self._list("matches.list", "companies", progress)
        self.notes = ()
        return rows

    def _customers(self, progress: Progress) -> list[paging.Row]:
        return self._list("customers.list", "customers", progress)

    def _list(self, route_name: str, label: str, progress: Progress) -> list[paging.Row]:
        def fetch(number: int) -> paging.Page:
            answer = self.session.call(route_name, page=number, rows_per_page=ROWS_PER_PAGE, search="")
            return paging.Page(answer["total"], answer["rows"])

        return paging.read_all(label, fetch, concurrency=self._concurrency, progress=progress)


def _company(row: Mapping[str, Any]) -> Company:
    status = row["status"]
    is_active = status is None or status.casefold() == "active"
    return Company(id=row["id"], name=row["name"], active=is_active, type=row["type"])


def _customer(row: Mapping[str, Any]) -> Customer:
    active = sorted(_WORDS.get(name, name) for name, state in row["integrations"].items() if state["active"])
    return Customer(id=row["id"], name=row["name"], integrations=tuple(active))


def _links(rows: Iterable[Mapping[str, Any]]) -> frozenset[Link]:
    return frozenset(Link(row["id"], customer["id"]) for row in rows for customer in row["customers"])


def one_at_a_time(progress: Progress) -> Progress:
    """``progress`` for two lists that are read at the same time."""
    lock = threading.Lock()

    def locked(label: str, done: int, total: int) -> None:
        with lock:
            progress(label, done, total)

    return locked
