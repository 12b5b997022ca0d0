"""What earlier runs on this tenant left behind: the operations of journals, by what they were to change."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from qpmatch.matching.operations import Create, Edit, Match, Operation, Step, Unmatch
from qpmatch.matching.rows import RowIndex
from qpmatch.plan.links import Links, ends, links_at


def operation_key(operation: Operation) -> str:
    """The same for the same operation in every run: its kind and the ids that it names."""
    match operation:
        case Match():
            return f"match {operation.company_id} {operation.customer_id}"
        case Create():
            return f"create {operation.company_id}"
        case Unmatch():
            return f"unmatch {operation.company_id or '-'} {operation.customer_id or '-'}"
        case Edit():
            ids = " ".join(sorted(set(operation.ids)))
            return f"edit {operation.member_side} {operation.member} {operation.side} {ids}"


@dataclass(frozen=True, slots=True)
class PastOperation:
    """An operation of an earlier run.

    ``start`` are the links that run began with, ``origin`` those before the first run of it, ``universe`` all
    links it was about (those of the origin and those of the end), ``sent`` the steps whose requests went
    out, ``finished`` whether its end was seen.
    """

    key: str
    origin: Links
    start: Links
    universe: Links
    sent: tuple[Step, ...]
    finished: bool

    def explains(self, rows: RowIndex) -> bool:
        """Whether what is live differs from this operation's start by nothing but steps that it sent."""
        live = links_at(rows, ends(self.universe | self.start))
        return self.start ^ live <= {step.link for step in self.sent}


class History:
    """The operations of earlier runs on one tenant, oldest first."""

    def __init__(self, operations: Iterable[PastOperation] = ()) -> None:
        self._by_key: dict[str, PastOperation] = {}
        self._by_universe: dict[Links, PastOperation] = {}
        for operation in operations:
            self._by_key[operation.key] = operation
            if operation.universe:
                self._by_universe[operation.universe] = operation

    def interrupted(self, key: str) -> PastOperation | None:
        """The last run's same operation, when its end was not seen."""
        found = self._by_key.get(key)
        return None if found is None or found.finished else found

    def explains(self, key: str, universe: Links, rows: RowIndex) -> bool:
        """Whether an interrupted run of this operation, or of the one that it undoes, left what is live."""
        past = (self.interrupted(key), self._by_universe.get(universe))
        return any(one is not None and not one.finished and one.explains(rows) for one in past)
