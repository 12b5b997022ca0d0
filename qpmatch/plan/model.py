"""The plan as data: what SPEC 6 allows to stand in a plan file, entry by entry.

Everything is frozen. Text is kept as written, an id ``0123`` and a company called ``No`` included; the loader
sees to that (:mod:`qpmatch.plan.yamlfile`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import (
    AllowInfNan,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PrivateAttr,
    StrictBool,
    StrictFloat,
    StrictInt,
    WithJsonSchema,
    model_validator,
)

from qpmatch.matching.refs import ID, NAME
from qpmatch.models import Side

VERSION = 1
"""The version of the plan format that this program reads and writes."""

# A YAML editor reads an unquoted 174 as a number; the loader keeps it as the text that an id is.
Id = Annotated[str, Field(min_length=1), WithJsonSchema({"type": ["string", "integer"], "minLength": 1})]
Name = Annotated[
    str, Field(min_length=1), WithJsonSchema({"type": ["string", "number", "boolean"], "minLength": 1})
]
Version = Annotated[StrictInt, Field(ge=VERSION, le=VERSION), WithJsonSchema({"const": VERSION})]
Score = Annotated[StrictFloat, Field(ge=0, le=1), AllowInfNan(False)]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Ref(_Model):
    """A company or customer as an entry names it: by id, by name, or by both. The id wins."""

    id: Id | None = None
    name: Name | None = None

    @model_validator(mode="after")
    def _names_something(self) -> Ref:
        if self.id is None and self.name is None:
            raise ValueError("give an id, a name or both")
        return self

    def __str__(self) -> str:
        if self.name is None:
            return str(self.id)
        return repr(self.name) if self.id is None else f"{self.name!r} ({self.id})"


class CompanyRef(Ref):
    """A company. ``active: false`` records that it was inactive when the plan was made."""

    active: StrictBool = True


class CustomerRef(Ref):
    """A customer."""


def _bare(value: Any) -> Any:
    """A bare name, or the ``id:`` and ``name:`` forms of the command line, as the mapping it stands for."""
    if not isinstance(value, str):
        return value
    if value.startswith(ID):
        return {"id": value.removeprefix(ID)}
    return {"name": value.removeprefix(NAME)}


AnyCompany = Annotated[CompanyRef, BeforeValidator(_bare, json_schema_input_type=Name | CompanyRef)]
AnyCustomer = Annotated[CustomerRef, BeforeValidator(_bare, json_schema_input_type=Name | CustomerRef)]


class Candidate(CustomerRef):
    """A customer that was proposed for a company, best first in an entry's ``candidates``."""

    tier: str | None = None
    score: Score | None = None
    reason: str | None = None


class PairBefore(_Model):
    """The links that a company and a customer had when the plan was made.

    ``company`` holds the ids of the customers linked to the company, ``customer`` those of the companies
    linked to the customer; ``None`` is "not recorded".
    """

    company: tuple[Id, ...] | None = None
    customer: tuple[Id, ...] | None = None


class RowBefore(_Model):
    """The cells of a match row, by id, when the plan was made.

    One empty cell says that the row was gone: only undo plans say so, and their edit fills it again.
    """

    companies: tuple[Id, ...]
    customers: tuple[Id, ...]

    @model_validator(mode="after")
    def _is_a_row(self) -> RowBefore:
        if not self.companies and not self.customers:
            raise ValueError("one of the two cells has to hold somebody")
        return self


class _Suggested(_Model):
    """What ``suggest`` adds to an entry for its readers. Nothing is decided by it."""

    candidates: tuple[Candidate, ...] = ()
    tier: str | None = None
    score: Score | None = None


class MatchEntry(_Suggested):
    """Link a company to a customer (R2)."""

    action: Literal["match"]
    company: AnyCompany
    customer: AnyCustomer
    before: PairBefore | None = None


class ReviewEntry(_Suggested):
    """A company that a person has yet to decide on. It is skipped and counted."""

    action: Literal["review"]
    company: AnyCompany
    before: PairBefore | None = None


class CreateEntry(_Suggested):
    """Make a customer named like the company and link the two (R6)."""

    action: Literal["create"]
    company: AnyCompany
    before: PairBefore | None = None


class UnmatchEntry(_Model):
    """Remove a link, or every link of a company or of a customer where only that one is named."""

    action: Literal["unmatch"]
    company: AnyCompany | None = None
    customer: AnyCustomer | None = None
    before: PairBefore | None = None

    @model_validator(mode="after")
    def _names_something(self) -> UnmatchEntry:
        if self.company is None and self.customer is None:
            raise ValueError("name the company, the customer or both")
        return self


class RowRef(_Model):
    """A match row, named by any one of its members."""

    company: AnyCompany | None = None
    customer: AnyCustomer | None = None

    @model_validator(mode="after")
    def _one_member(self) -> RowRef:
        if (self.company is None) == (self.customer is None):
            raise ValueError("name the row by one member: a company or a customer")
        return self

    @property
    def side(self) -> Side:
        """On which side the member stands."""
        return Side.CUSTOMER if self.company is None else Side.COMPANY

    @property
    def member(self) -> Ref:
        """The member."""
        return next(ref for ref in (self.company, self.customer) if ref is not None)


class EditEntry(_Model):
    """Replace one cell of a row: ``companies`` or ``customers`` is its new content (R5)."""

    action: Literal["edit"]
    row: RowRef
    companies: tuple[AnyCompany, ...] | None = None
    customers: tuple[AnyCustomer, ...] | None = None
    before: RowBefore | None = None

    @model_validator(mode="after")
    def _one_cell(self) -> EditEntry:
        if (self.companies is None) == (self.customers is None):
            raise ValueError("give one cell's new content: companies or customers")
        return self

    @property
    def side(self) -> Side:
        """Which cell the entry replaces."""
        return Side.CUSTOMER if self.companies is None else Side.COMPANY

    @property
    def cell(self) -> tuple[Ref, ...]:
        """The cell's new content."""
        return self.companies or self.customers or ()


Entry: TypeAlias = MatchEntry | ReviewEntry | CreateEntry | UnmatchEntry | EditEntry
AnyEntry = Annotated[Entry, Field(discriminator="action")]


def _none_is_empty(value: Any) -> Any:
    """A person who deletes the last entry leaves ``operations:`` with nothing behind it."""
    return () if value is None else value


class Plan(_Model):
    """A plan file (SPEC 6): staged operations on one tenant."""

    version: Version
    region: Literal["na", "eu", "ca", "sandbox", "custom"]
    integration: Name = "autotask"
    generated: datetime | None = None
    generator: str | None = None
    allow_removals: Annotated[StrictInt, Field(ge=0)] | None = Field(
        default=None,
        description="How many links the plan's unmatch and edit operations may remove, as --allow-removals.",
    )
    operations: Annotated[tuple[AnyEntry, ...], BeforeValidator(_none_is_empty)]

    _source: str | None = PrivateAttr(default=None)
    _lines: tuple[int, ...] = PrivateAttr(default=())
    _comments: Mapping[int, str] = PrivateAttr(default_factory=dict)
    _remarks: tuple[str, ...] = PrivateAttr(default=())

    @property
    def source(self) -> str | None:
        """The file that the plan was loaded from."""
        return self._source

    @property
    def comments(self) -> Mapping[int, str]:
        """What to say beside an entry in a file, by its index from 0."""
        return self._comments

    @property
    def remarks(self) -> tuple[str, ...]:
        """What to say at the head of the file, line by line."""
        return self._remarks

    def commented(self, comments: Mapping[int, str], remarks: Sequence[str] = ()) -> Plan:
        """This plan with ``comments`` to be written beside its entries and ``remarks`` above them."""
        self._comments, self._remarks = dict(comments), tuple(remarks)
        return self

    def located(self, source: str, lines: tuple[int, ...]) -> Plan:
        """This plan, knowing the file it came from and the line of each entry."""
        self._source, self._lines = source, lines
        return self

    def place(self, index: int) -> str:
        """Where the entry at ``index`` (from 0) stands, in words: ``plan.yaml:12``, or ``operation 3``."""
        if index < len(self._lines):
            return f"{self._source}:{self._lines[index]}"
        return f"operation {index + 1}"


def members(entry: Entry) -> list[tuple[Side, Ref]]:
    """Every company and customer that an entry would link or unlink, as it names them.

    The ids of ``before`` are among them; the candidates of a review are not.
    """
    found: list[tuple[Side, Ref]] = []
    company_ids: tuple[str, ...] = ()
    customer_ids: tuple[str, ...] = ()
    if isinstance(entry, EditEntry):
        found += [(entry.row.side, entry.row.member), *((entry.side, ref) for ref in entry.cell)]
        if entry.before is not None:
            company_ids, customer_ids = entry.before.companies, entry.before.customers
    else:
        if entry.company is not None:
            found.append((Side.COMPANY, entry.company))
        if isinstance(entry, MatchEntry | UnmatchEntry) and entry.customer is not None:
            found.append((Side.CUSTOMER, entry.customer))
        if entry.before is not None:
            company_ids, customer_ids = entry.before.customer or (), entry.before.company or ()
    found += [(Side.COMPANY, CompanyRef(id=id_)) for id_ in company_ids]
    found += [(Side.CUSTOMER, CustomerRef(id=id_)) for id_ in customer_ids]
    return found
