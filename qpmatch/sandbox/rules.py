"""The matching rules as the server enforces them (SPEC 3), in SQL.

An independent second statement: the client's ``matching`` package is never imported here, so that tests can
play the two against each other.
"""

from __future__ import annotations

import secrets
import sqlite3

from qpmatch.sandbox.refusal import Refusal

_VERDICT = """
SELECT
    EXISTS (SELECT 1 FROM link WHERE company_id = :company AND customer_id = :customer),
    EXISTS (SELECT 1 FROM link WHERE company_id = :company),
    EXISTS (SELECT 1 FROM link WHERE customer_id = :customer),
    EXISTS (
        SELECT 1 FROM link AS mine JOIN link AS other ON other.customer_id = mine.customer_id
        WHERE mine.company_id = :company AND other.company_id <> :company
    ),
    EXISTS (
        SELECT 1 FROM link AS mine JOIN link AS other ON other.company_id = mine.company_id
        WHERE mine.customer_id = :customer AND other.customer_id <> :customer
    ),
    EXISTS (
        SELECT 1 FROM link AS mine
        JOIN link AS sibling ON sibling.customer_id = mine.customer_id
        JOIN link AS further ON further.company_id = sibling.company_id
        WHERE mine.company_id = :company AND further.customer_id <> mine.customer_id
    ),
    EXISTS (
        SELECT 1 FROM link AS mine
        JOIN link AS sibling ON sibling.company_id = mine.company_id
        JOIN link AS further ON further.customer_id = sibling.customer_id
        WHERE mine.customer_id = :customer AND further.company_id <> mine.company_id
    )
"""
"""In this order: the link exists; company, customer has a link; company, customer shares its partner with
another; the company's row has several customers, the customer's row several companies. A row is many-to-many
when its member shares a partner and the row has several on the partner's side too."""


def link(db: sqlite3.Connection, company_id: str, customer_id: str) -> bool:
    """Link the two; ``False`` when the link exists already. Raises ``Refusal`` (404, or 409 with a rule)."""
    company = name_of(db, "company", company_id)
    customer = name_of(db, "customer", customer_id)
    (
        already,
        company_linked,
        customer_linked,
        company_shares,
        customer_shares,
        several_customers,
        several_companies,
    ) = db.execute(_VERDICT, {"company": company_id, "customer": customer_id}).fetchone()
    if already:
        return False
    if company_shares and several_customers:
        raise _conflict("R4", f"Company {company!r} is part of a many-to-many row.")
    if customer_shares and several_companies:
        raise _conflict("R4", f"Customer {customer!r} is part of a many-to-many row.")
    if company_linked and customer_linked:
        raise _conflict("R3", f"Company {company!r} and customer {customer!r} are both linked already.")
    if company_shares:
        raise _conflict("R3", f"Company {company!r} shares its customer with other companies.")
    if customer_shares:
        raise _conflict("R3", f"Customer {customer!r} shares its company with other customers.")
    db.execute("INSERT INTO link (company_id, customer_id) VALUES (?, ?)", (company_id, customer_id))
    return True


def unlink(db: sqlite3.Connection, company_id: str, customer_id: str) -> None:
    """Remove one link; companies and customers stay. Raises ``Refusal`` (404) when there is none."""
    gone = db.execute(
        "DELETE FROM link WHERE company_id = ? AND customer_id = ?", (company_id, customer_id)
    ).rowcount
    if not gone:
        raise Refusal(404, "not_found", f"Company {company_id} and customer {customer_id} are not linked.")


def create(db: sqlite3.Connection, company_id: str) -> str:
    """Make a customer named like the company, linked to it, and return its id (R6).

    Raises ``Refusal``: 404 for an unknown company, 409 when it is matched or the name is taken.
    """
    name = name_of(db, "company", company_id).strip()
    if db.execute("SELECT 1 FROM link WHERE company_id = ?", (company_id,)).fetchone():
        raise _conflict("R6", f"Company {name!r} is matched already.")
    if db.execute("SELECT 1 FROM customer WHERE spelling = spelling(?)", (name,)).fetchone():
        raise _conflict("R6", f"A customer named {name!r} exists already.")
    customer_id = secrets.token_hex(12)
    db.execute("INSERT INTO customer (id, name) VALUES (?, ?)", (customer_id, name))
    db.execute("INSERT INTO link (company_id, customer_id) VALUES (?, ?)", (company_id, customer_id))
    return customer_id


def name_of(db: sqlite3.Connection, table: str, item_id: str) -> str:
    """The name of a ``company`` or a ``customer``; ``Refusal`` (404) when there is none of that id."""
    statement = {
        "company": "SELECT name FROM company WHERE id = ?",
        "customer": "SELECT name FROM customer WHERE id = ?",
    }[table]
    row = db.execute(statement, (item_id,)).fetchone()
    if row is None:
        raise Refusal(404, "not_found", f"There is no {table} {item_id!r}.")
    name: str = row[0]
    return name


def _conflict(rule: str, message: str) -> Refusal:
    return Refusal(409, rule, message)
