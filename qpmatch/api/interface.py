"""What the rest of the program may ask of a datacentre. Nobody above this package sees HTTP."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

from qpmatch.api.templates import Route
from qpmatch.models import Company, Customer, Link, Tenant

Progress = Callable[[str, int, int], None]
"""Called with what is read, rows so far and rows in all; one call at a time, not always from one thread."""


def no_progress(label: str, done: int, total: int) -> None:
    """For callers that have nobody to tell."""


class Datacentre(Protocol):
    """One tenant of one datacentre, as one integration sees it.

    Every method that asks the datacentre raises ``CredentialsError`` when it does not let us in and
    ``DatacentreError`` when it cannot be reached or understood. After a failed write ``DatacentreError.sent``
    says whether it may have arrived all the same: read back, then decide (WIRE.md, Common).
    """

    @property
    def region(self) -> str:
        """``na``, ``eu``, ``ca``, ``sandbox``, or ``custom`` for a base URL."""

    @property
    def integration(self) -> str:
        """The PSA in the project's word: ``autotask``."""

    @property
    def tenant_key(self) -> str:
        """A stable name for this tenant, fit for a file name and free of secrets."""

    @property
    def job_wait(self) -> float:
        """How many seconds a read-back may wait for a job to take effect."""

    @property
    def notes(self) -> tuple[str, ...]:
        """What the last ``read`` could not see, in words for a technician."""

    def read(self, progress: Progress = no_progress) -> Tenant:
        """Every company, customer and link.

        Raises ``IncompleteListError`` rather than leave one out (R10).
        """

    def read_links(self, progress: Progress = no_progress) -> frozenset[Link]:
        """Every link, freshly read. Raises ``IncompleteListError`` rather than leave one out (R10)."""

    def save_links(self, pairs: Sequence[tuple[Company, Customer]]) -> None:
        """Ask for these links in one job, which takes effect later or not at all.

        Raises ``ValueError`` when a company stands in ``pairs`` twice: a job holds one link of each.
        """

    def delete_link(self, link: Link) -> None:
        """Remove one link."""

    def create_customers(self, companies: Sequence[Company]) -> None:
        """Ask for customers named like these companies and linked to them, in one job as ``save_links``."""

    def held_back(self, route_names: Iterable[str]) -> list[Route]:
        """The writes among these routes that are only assumed and may not be sent here without leave."""

    def close(self) -> None:
        """Give up connections."""
