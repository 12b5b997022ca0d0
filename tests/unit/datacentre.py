"""A datacentre in memory for tests of plans: asynchronous, faulty on demand, with rules of its own.

It states the rules once more, by counting, so that a mistake in the program's rules does not agree with it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

from qpmatch.api.interface import Datacentre, Progress, no_progress
from qpmatch.api.routes import ROUTES
from qpmatch.api.templates import Route
from qpmatch.errors import DatacentreError, QpmatchError
from qpmatch.models import Company, Customer, Link, Tenant
from qpmatch.plan.clock import Clock
from qpmatch.plan.location import StateFolder

Fault = Callable[[str], None]
"""Called with the name of a request before it is answered; raises what the request should end in."""


@dataclass
class Time:
    """A clock that only moves when somebody sleeps, and tells the datacentre so."""

    elapsed: float = 0.0
    listeners: list[Callable[[float], None]] = field(default_factory=list)

    def sleep(self, seconds: float) -> None:
        self.elapsed += seconds
        for listener in self.listeners:
            listener(self.elapsed)

    @property
    def clock(self) -> Clock:
        return Clock(self.now, lambda: self.elapsed, self.sleep)

    def now(self) -> datetime:
        return datetime(2026, 11, 22, 10, tzinfo=UTC) + timedelta(seconds=self.elapsed)


class FakeDatacentre:
    """Holds companies, customers and links. Jobs take effect ``delay`` seconds after they were accepted.

    ``requests`` are the names and contents of all writes that arrived. ``faults`` run in turn, one for each
    request; ``before`` runs ahead of every request and may change anything, as a colleague on the web page.
    """

    def __init__(
        self,
        companies: Iterable[Company] = (),
        customers: Iterable[Customer] = (),
        links: Iterable[tuple[str, str]] = (),
        *,
        time: Time | None = None,
        delay: float = 0.1,
        region: str = "sandbox",
    ) -> None:
        self.companies = {company.id: company for company in companies}
        self.customers = {customer.id: customer for customer in customers}
        self.links = {Link(*pair) for pair in links}
        self.region = region
        self.integration = "autotask"
        self.tenant_key = f"{region}-tech@msp.example"
        self.job_wait = 10.0
        self.notes: tuple[str, ...] = ()
        self.time = time or Time()
        self.time.listeners.append(self._run_due)
        self.delay = delay
        self.requests: list[tuple[str, object]] = []
        self.reads = 0
        self.faults: dict[str, deque[Fault | None]] = {}
        self.before: Callable[[str], None] = lambda name: None
        self.held: set[str] = set()
        self.works = True
        self.dropped: list[Link] = []
        self._queue: list[tuple[float, Callable[[], None]]] = []
        self._ids = count(1)

    # -- what the program calls -------------------------------------------------------------------

    def read(self, progress: Progress = no_progress) -> Tenant:
        self._arrive("read")
        self.reads += 1
        progress("companies", len(self.companies), len(self.companies))
        return self.tenant()

    def read_links(self, progress: Progress = no_progress) -> frozenset[Link]:
        self._arrive("read_links")
        return frozenset(self.links)

    def save_links(self, pairs: Sequence[tuple[Company, Customer]]) -> None:
        links = [Link(company.id, customer.id) for company, customer in pairs]
        if len({link.company_id for link in links}) != len(links):
            raise ValueError("a company stands in the job twice")
        self._write("save", links, lambda: self._save(links))

    def delete_link(self, link: Link) -> None:
        self._write("delete", link, lambda: self.links.discard(link), at_once=True)

    def create_customers(self, companies: Sequence[Company]) -> None:
        ids = [company.id for company in companies]
        self._write("create", ids, lambda: self._create(ids))

    def held_back(self, route_names: Iterable[str]) -> list[Route]:
        by_name = {route.name: route for route in ROUTES.values()}
        return [by_name[name] for name in route_names if name in self.held]

    def close(self) -> None:
        pass

    # -- what tests call --------------------------------------------------------------------------

    def tenant(self) -> Tenant:
        return Tenant(dict(self.companies), dict(self.customers), frozenset(self.links))

    def fail(self, name: str, *faults: Fault | None) -> None:
        """Let the next requests called ``name`` run into ``faults``, one each; ``None`` lets one through."""
        self.faults.setdefault(name, deque()).extend(faults)

    def sent(self, name: str) -> list[object]:
        return [content for what, content in self.requests if what == name]

    def rename(self, id_: str, name: str) -> None:
        if id_ in self.companies:
            self.companies[id_] = replace(self.companies[id_], name=name)
        else:
            self.customers[id_] = replace(self.customers[id_], name=name)

    def settle(self) -> None:
        """Let every job take effect."""
        self.time.sleep(self.delay)

    # -- how it works -----------------------------------------------------------------------------

    def _arrive(self, name: str) -> Fault | None:
        self.before(name)
        waiting = self.faults.get(name)
        fault = waiting.popleft() if waiting else None
        if fault is not None:
            fault(name)
        return fault

    def _write(
        self, name: str, content: object, effect: Callable[[], None], *, at_once: bool = False
    ) -> None:
        lost: QpmatchError | None = None
        try:
            self._arrive(name)
        except AnswerLostError as error:
            lost = error
        self.requests.append((name, content))
        if self.works:
            if at_once:
                effect()
            else:
                self._queue.append((self.time.elapsed + self.delay, effect))
        if lost is not None:
            raise lost

    def _run_due(self, elapsed: float) -> None:
        due = [effect for at, effect in self._queue if at <= elapsed]
        self._queue = [(at, effect) for at, effect in self._queue if at > elapsed]
        for effect in due:
            effect()

    def _save(self, links: Iterable[Link]) -> None:
        for link in links:
            if self._may_be_linked(link):
                self.links.add(link)
            else:
                self.dropped.append(link)

    def _may_be_linked(self, link: Link) -> bool:
        company, customer = link
        if company not in self.companies or customer not in self.customers:
            return False
        customers = {other for one, other in self.links if one == company}
        companies = {one for one, other in self.links if other == customer}
        if customer in customers:
            return True
        if customers and companies:
            return False
        # The new link joins a free member to a star; it has to stay a star around the member it joins.
        if companies:
            return all(sum(one == neighbour for one, _ in self.links) == 1 for neighbour in companies)
        return all(sum(other == neighbour for _, other in self.links) == 1 for neighbour in customers)

    def _create(self, company_ids: Iterable[str]) -> None:
        """Nothing is known of a datacentre that would notice a second request for the same customer."""
        for company_id in company_ids:
            company = self.companies[company_id]
            customer = Customer(f"new{next(self._ids)}", company.name.strip())
            self.customers[customer.id] = customer
            self.links.add(Link(company_id, customer.id))


class AnswerLostError(DatacentreError):
    """The request arrives and takes effect, and its answer is lost."""

    def __init__(self) -> None:
        super().__init__("connection reset", sent=True)


def answer_lost(name: str) -> None:
    raise AnswerLostError


def maybe_sent(name: str) -> None:
    """The request does not arrive, but nobody can know."""
    raise DatacentreError(f"{name}: timed out", sent=True)


def not_sent(name: str) -> None:
    raise DatacentreError(f"{name}: connection refused")


def interrupt(name: str) -> None:
    raise KeyboardInterrupt


def names(tenant: Tenant) -> set[tuple[str, str]]:
    """The links by name, for tenants in which names are unique."""
    return {
        (tenant.companies[link.company_id].name, tenant.customers[link.customer_id].name)
        for link in tenant.links
    }


def state_in(folder: Path) -> StateFolder:
    return StateFolder(folder / "state")


def check_protocol(datacentre: FakeDatacentre) -> Datacentre:
    """For the type checker: the fake is a datacentre."""
    return datacentre
