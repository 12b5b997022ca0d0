"""The four operations on links, by id, and what the rules can answer to one (SPEC 3, 4)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from qpmatch.models import Link, Side


@dataclass(frozen=True, slots=True)
class Match:
    """Link an unmatched company to a customer (R2)."""

    company_id: str
    customer_id: str


@dataclass(frozen=True, slots=True)
class Create:
    """Make a customer named like the company and link the two (R6)."""

    company_id: str


@dataclass(frozen=True, slots=True)
class Unmatch:
    """Remove one link, or every link of a company or of a customer when only that one is given."""

    company_id: str | None = None
    customer_id: str | None = None

    def __post_init__(self) -> None:
        if self.company_id is None and self.customer_id is None:
            raise ValueError("an unmatch names a company, a customer or both")


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace one cell of a row: ``side`` is the cell, ``ids`` its new content (R5).

    ``kept`` are the ids of the row's other cell as they stood when the edit was decided (a plan's
    ``before``), or empty when the row is named by ``member`` alone, any member on ``member_side``.
    ``refills`` lets the edit fill a cell that is empty now: only an undo does so, because no row of links
    is left there to replace a cell of.
    """

    member_side: Side
    member: str
    side: Side
    ids: tuple[str, ...]
    kept: tuple[str, ...] = ()
    refills: bool = False


Operation: TypeAlias = Match | Create | Unmatch | Edit


class StepKind(StrEnum):
    """The three writes that a datacentre offers (WIRE.md matches.save, matches.delete, customers.create)."""

    SAVE = "save"
    DELETE = "delete"
    CREATE = "create"


@dataclass(frozen=True, slots=True)
class Step:
    """One write. ``customer_id`` is empty for a create: the datacentre gives the id."""

    kind: StepKind
    company_id: str
    customer_id: str = ""

    @property
    def link(self) -> Link:
        """The link that the step saves or deletes."""
        return Link(self.company_id, self.customer_id)


@dataclass(frozen=True, slots=True)
class Change:
    """The operation is allowed: these steps, in this order, carry it out."""

    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Unchanged:
    """The operation's result already holds (R8)."""

    reason: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """The operation is not allowed: the rule, why, and the command that would do it, where one would."""

    rule: str
    reason: str
    hint: str | None = None


Verdict: TypeAlias = Change | Unchanged | Refusal
