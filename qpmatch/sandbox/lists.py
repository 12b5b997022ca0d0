"""The lists of WIRE.md as SQL: one page of rows, and the total. Rows are mappings of slot names."""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from qpmatch.api.routes import INTEGRATIONS, ROWS_PER_PAGE
from qpmatch.sandbox import accounts
from qpmatch.sandbox.refusal import bad_request
from qpmatch.sandbox.schema import fold
from qpmatch.sandbox.strict import Values

AUTOTASK = INTEGRATIONS["autotask"]
ITGLUE = INTEGRATIONS["itglue"]

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Window:
    """Which part of a list is asked for. ``shift`` moves it by so many rows (the fault ``shift``)."""

    limit: int
    offset: int

    @classmethod
    def of(cls, values: Values, shift: int = 0) -> Window:
        """From the values of a list request; raises ``Refusal`` (400) outside of what has been observed."""
        page, size = values["page"], values.get("rows_per_page", ROWS_PER_PAGE)
        if page < 1:
            raise bad_request("Pages are counted from 1.")
        if not 1 <= size <= ROWS_PER_PAGE:
            raise bad_request(f"A page has 1 to {ROWS_PER_PAGE} rows, not {size}.")
        return cls(size, (page - 1) * size + shift)


@dataclass(frozen=True, slots=True)
class Page:
    """One page, and how many rows the whole list has."""

    total: int
    rows: Sequence[Row]


_COUNT_CUSTOMERS = """
SELECT iif(
    :search = '',
    (SELECT count(*) FROM customer),
    (SELECT count(*) FROM customer WHERE instr(folded, :search) > 0)
)
"""
_CUSTOMERS = """
SELECT id, name, itglue_id IS NOT NULL, EXISTS (SELECT 1 FROM link WHERE customer_id = customer.id)
FROM customer
WHERE (:search = '' OR instr(folded, :search) > 0)
ORDER BY folded, id LIMIT :limit OFFSET :offset
"""


def customers(db: sqlite3.Connection, window: Window, search: str) -> Page:
    """CyberQP's customers, alphabetical, with the integrations that are active for them."""
    values = _parameters(window, search)
    total = db.execute(_COUNT_CUSTOMERS, values).fetchone()[0]
    return Page(total, [customer_row(*row) for row in db.execute(_CUSTOMERS, values)])


def customer_row(customer_id: str, name: str, itglue: int, autotask: int) -> Row:
    """A customer as the list shows it."""
    return {
        "id": customer_id,
        "name": name,
        "integrations": [
            {"integration": ITGLUE, "active": bool(itglue)},
            {"integration": AUTOTASK, "active": bool(autotask)},
        ],
    }


_COUNT_COMPANIES = """
SELECT iif(
    :search = '' AND :every,
    (SELECT count(*) FROM company),
    (
        SELECT count(*) FROM company
        WHERE (:search = '' OR instr(folded, :search) > 0)
        AND (:every OR EXISTS (SELECT 1 FROM link WHERE company_id = company.id))
    )
)
"""
"""Counting the whole table takes no look at its rows; hence the two cases."""
_COMPANIES = """
SELECT id, name, active, type FROM company
WHERE (:search = '' OR instr(folded, :search) > 0)
AND (:every OR EXISTS (SELECT 1 FROM link WHERE company_id = company.id))
ORDER BY folded, id LIMIT :limit OFFSET :offset
"""
_CUSTOMERS_OF = """
SELECT link.company_id, link.customer_id, customer.name
FROM link LEFT JOIN customer ON customer.id = link.customer_id
WHERE link.company_id IN (SELECT value FROM json_each(?))
ORDER BY customer.folded, link.customer_id
"""
_COUNT_ORGANISATIONS = """
SELECT count(*) FROM customer
WHERE itglue_id IS NOT NULL AND (:search = '' OR instr(folded, :search) > 0)
"""
_ORGANISATIONS = """
SELECT itglue_id, id, name FROM customer
WHERE itglue_id IS NOT NULL AND (:search = '' OR instr(folded, :search) > 0)
ORDER BY folded, id LIMIT :limit OFFSET :offset
"""


def companies(
    db: sqlite3.Connection, window: Window, search: str, *, matched_only: bool, integration: str
) -> Page:
    """An integration's companies, alphabetical, each with its customers; for IT Glue its organisations."""
    if integration == ITGLUE:
        return _organisations(db, window, search)
    if integration != AUTOTASK:
        return Page(0, [])
    values = {**_parameters(window, search), "every": not matched_only}
    total = db.execute(_COUNT_COMPANIES, values).fetchone()[0]
    rows = db.execute(_COMPANIES, values).fetchall()
    linked = _customers_of(db, [row[0] for row in rows])
    return Page(
        total,
        [
            _company_row(company_id, name, active, company_type, linked[company_id])
            for company_id, name, active, company_type in rows
        ],
    )


def _company_row(company_id: str, name: str, active: int, company_type: str, linked: list[Row]) -> Row:
    return {
        "id": company_id,
        "name": name,
        "status": "Active" if active else "Inactive",
        "type": company_type,
        "customers": linked,
    }


def _customers_of(db: sqlite3.Connection, company_ids: list[str]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = defaultdict(list)
    for company_id, customer_id, name in db.execute(_CUSTOMERS_OF, (json.dumps(company_ids),)):
        found[company_id].append({"id": customer_id, "name": name})
    return found


def _organisations(db: sqlite3.Connection, window: Window, search: str) -> Page:
    values = _parameters(window, search)
    total = db.execute(_COUNT_ORGANISATIONS, values).fetchone()[0]
    return Page(
        total,
        [
            _company_row(organisation_id, name, 1, "Customer", [{"id": customer_id, "name": name}])
            for organisation_id, customer_id, name in db.execute(_ORGANISATIONS, values)
        ],
    )


def events(db: sqlite3.Connection, window: Window, values: Values) -> Page:
    """The events from the start date to the end date, both included, in the caller's time; newest first.

    ``timezone_offset`` counts the minutes that the caller is behind UTC, as browsers do.
    """
    first, last = _date(values["start_date"]), _date(values["end_date"])
    behind = _minutes(values["timezone_offset"])
    begin = datetime(first.year, first.month, first.day, tzinfo=UTC) + behind
    end = datetime(last.year, last.month, last.day, tzinfo=UTC) + behind + timedelta(days=1)
    between = (begin.timestamp(), end.timestamp())
    total = db.execute("SELECT count(*) FROM event WHERE at >= ? AND at < ?", between).fetchone()[0]
    rows = db.execute(
        "SELECT details, customer_name, source FROM event WHERE at >= ? AND at < ? "
        "ORDER BY at DESC, id DESC LIMIT ? OFFSET ?",
        (*between, window.limit, window.offset),
    )
    return Page(
        total,
        [{"details": details, "customer_name": name, "source": source} for details, name, source in rows],
    )


def end_users(db: sqlite3.Connection, window: Window, search: str, customer_id: str) -> Page:
    """The end-user accounts of one customer."""
    wanted = fold(search)
    found = [one for one in accounts.of_customer(db, customer_id) if wanted in fold(one.name)]
    shown = found[window.offset : window.offset + window.limit]
    return Page(len(found), [_end_user(db, account) for account in shown])


def _end_user(db: sqlite3.Connection, account: accounts.Account) -> Row:
    return {
        "id": account.id,
        "display_name": account.name,
        "email": f"{account.login}@{account.domain}",
        "sam_account_name": account.login[:20],
        "user_principal_name": f"{account.login}@{account.domain}",
        "user_type": "AD",
        "enabled": account.enabled,
        "created_at": "2024-01-02T09:00:00.000Z",
        "phone_number": account.phone,
        "integrations": [
            {
                "integration": integration,
                "active": accounts.contact_of(db, account, integration) is not None,
            }
            for integration in (ITGLUE, AUTOTASK)
        ],
    }


def _parameters(window: Window, search: str) -> dict[str, str | int]:
    """For a list of names that contain ``search``: plain text, without case, no wildcards (R9)."""
    return {"search": fold(search), "limit": window.limit, "offset": window.offset}


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise bad_request(f"{text!r} is no date such as 2026-11-22.") from error


def _minutes(text: str) -> timedelta:
    try:
        minutes = int(text)
    except ValueError as error:
        raise bad_request(f"{text!r} is no number of minutes.") from error
    if abs(minutes) > 24 * 60:
        raise bad_request(f"{text!r} minutes are more than a day.")
    return timedelta(minutes=minutes)
