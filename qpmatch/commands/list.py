"""``qpmatch list``: what is matched, what is not, and what could be."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from qpmatch.commands.options import for_datacentre
from qpmatch.commands.session import Connection, Session
from qpmatch.errors import UsageError
from qpmatch.output.view import STAR, Column, Record, View, names_text


class What(StrEnum):
    """The three lists."""

    COMPANIES = "companies"
    CUSTOMERS = "customers"
    MATCHES = "matches"


class Status(StrEnum):
    """The values of ``--status``; which of them a list knows stands in ``_STATUSES``."""

    ALL = "all"
    SUGGESTED = "suggested"
    UNMATCHED = "unmatched"
    MATCHED = "matched"
    STAGED = "staged"


_STATUSES: dict[What, tuple[Status, ...]] = {
    What.COMPANIES: tuple(Status),
    What.CUSTOMERS: (Status.UNMATCHED, Status.MATCHED, Status.ALL),
    What.MATCHES: (Status.ALL,),
}
_DEFAULT_STATUS = {
    What.COMPANIES: Status.ALL,
    What.CUSTOMERS: Status.UNMATCHED,
    What.MATCHES: Status.ALL,
}


@dataclass(frozen=True, slots=True)
class Filters:
    """Which records of a list to show."""

    status: Status
    search: str | None
    types: frozenset[str]
    active: bool | None

    def keep(self, record: Record) -> bool:
        """Whether a record of any of the three lists passes."""
        if self.status is Status.STAGED:
            if record["staged"] is None:
                return False
        elif self.status is not Status.ALL and record["status"] != self.status.value:
            return False
        if self.types and (record["type"] or "").casefold() not in self.types:
            return False
        if self.active and not record["active"]:
            return False
        return self.search is None or any(self.search in name.casefold() for name in _names(record))


def _names(record: Record) -> list[str]:
    if "name" in record:
        return [record["name"]]
    return [member["name"] for member in (*record["companies"], *record["customers"])]


@for_datacentre
def list_(
    session: Session,
    what: Annotated[What, typer.Argument(help="What to list.")] = What.COMPANIES,
    status: Annotated[
        Status | None,
        typer.Option(help="Only these; companies default to all, customers to unmatched."),
    ] = None,
    search: Annotated[str | None, typer.Option(metavar="TEXT", help="Only names that contain this.")] = None,
    type_: Annotated[
        list[str] | None,
        typer.Option("--type", metavar="TYPE", help="Only companies of this type, say Customer; repeatable."),
    ] = None,
    active: Annotated[
        bool | None,
        typer.Option("--active/--all-states", help="Leave inactive companies out, or show them (default)."),
    ] = None,
    plan: Annotated[
        Path | None, typer.Option("--plan", metavar="FILE", help="The plan that tells what is staged.")
    ] = None,
) -> None:
    """List Autotask companies, CyberQP customers, or the match rows that join them.

    A company is `suggested` when exactly one free customer has its exact spelling, `unmatched` when it has no
    link and no such customer, `matched` when it has a link, and `staged` when --plan FILE would change it.
    Names of Autotask organizations are called companies here.

    Example: qpmatch list companies --status unmatched --region sandbox
    """
    filters = _filters(what, status, search, type_, active, plan)
    build = {
        What.COMPANIES: lambda connection: _companies(connection, plan),
        What.CUSTOMERS: _customers,
        What.MATCHES: _matches,
    }[what]
    records = [
        record
        for connection in session.connections
        for record in _with_profile(session, connection, build(connection))
        if filters.keep(record)
    ]
    columns = [*_profile_column(session), *_COLUMNS[what]]
    session.show(View(records, columns, empty=f"No {what.value} found."))
    session.note(_summary(what, records))


def _filters(
    what: What,
    status: Status | None,
    search: str | None,
    types: list[str] | None,
    active: bool | None,
    plan: Path | None,
) -> Filters:
    status = status or _DEFAULT_STATUS[what]
    if status not in _STATUSES[what]:
        known = ", ".join(_STATUSES[what])
        raise UsageError(f"list {what} has no --status {status}", hint=f"it knows: {known}")
    if status is Status.STAGED and plan is None:
        raise UsageError(
            "--status staged needs the plan that stages",
            hint="name it: qpmatch list companies --status staged --plan plan.yaml",
        )
    if what is not What.COMPANIES and (types or active is not None or plan):
        raise UsageError(
            f"--type, --active, --all-states and --plan are about companies, not {what}",
            hint="leave them out, or list companies",
        )
    return Filters(
        status, search.casefold() if search else None, frozenset(t.casefold() for t in types or ()), active
    )


def _companies(connection: Connection, plan: Path | None) -> list[dict[str, Any]]:
    from qpmatch.matching.exact import exact_suggestions
    from qpmatch.output.records import company_records

    staged: dict[str, str] = {}
    if plan is None:
        tenant = connection.read()
    else:
        from qpmatch.plan.staged import staged_companies
        from qpmatch.plan.yamlfile import load_plan

        loaded = load_plan(plan)
        tenant = connection.read()
        staged = staged_companies(loaded, tenant)
    return company_records(tenant, exact_suggestions(tenant), staged)


def _customers(connection: Connection) -> list[dict[str, Any]]:
    from qpmatch.output.records import customer_records

    return customer_records(connection.read())


def _matches(connection: Connection) -> list[dict[str, Any]]:
    from qpmatch.output.records import match_records

    return match_records(connection.read())


def _with_profile(
    session: Session, connection: Connection, records: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    if not session.profiled:
        return records
    return [{"profile": connection.settings.profile, **record} for record in records]


def _profile_column(session: Session) -> list[Column]:
    return [Column("Profile", _field("profile"))] if session.profiled else []


def _field(key: str) -> Callable[[Record], str]:
    return lambda record: str(record[key] or "")


def _customer_text(record: Record) -> str:
    if record["suggestion"]:
        return f"{STAR} {record['suggestion']['name']}"
    return names_text(record["customers"])


def _state_text(record: Record) -> str:
    notes = [] if record["active"] else ["inactive"]
    if record["id"] == "0":
        notes.append("own company")
    return ", ".join([record["type"] or "", *notes]).strip(", ")


_COLUMNS: dict[What, list[Column]] = {
    What.COMPANIES: [
        Column("Company", _field("name")),
        Column("Id", _field("id")),
        Column("Status", lambda r: f"{r['status']} (staged: {r['staged']})" if r["staged"] else r["status"]),
        Column("Customer", _customer_text),
        Column("Row", _field("cardinality")),
        Column("Type", _state_text),
    ],
    What.CUSTOMERS: [
        Column("Customer", _field("name")),
        Column("Id", _field("id")),
        Column("Status", _field("status")),
        Column("Companies", lambda r: names_text(r["companies"])),
        Column("Row", _field("cardinality")),
        Column("Integrations", lambda r: ", ".join(r["integrations"])),
    ],
    What.MATCHES: [
        Column("Companies", lambda r: names_text(r["companies"])),
        Column("Customers", lambda r: names_text(r["customers"])),
        Column("Row", _field("cardinality")),
        Column("One side", _field("one_side")),
    ],
}


def _summary(what: What, records: list[dict[str, Any]]) -> str:
    key = "cardinality" if what is What.MATCHES else "status"
    counts = Counter(record[key] for record in records)
    parts = ", ".join(f"{count} {name}" for name, count in sorted(counts.items()))
    return f"{len(records)} {what}" + (f": {parts}" if parts else "")
