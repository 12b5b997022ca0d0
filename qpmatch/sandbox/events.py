"""The dashboard's event log (WIRE.md events.list): what was matched, by whom, when."""

from __future__ import annotations

import sqlite3
import time

_SOURCE = "Sandbox dashboard"


def note(db: sqlite3.Connection, details: str, customer_name: str | None = None) -> None:
    """Record an event that happened now."""
    db.execute(
        "INSERT INTO event (at, details, customer_name, source) VALUES (?, ?, ?, ?)",
        (time.time(), details, customer_name, _SOURCE),
    )


def note_match(db: sqlite3.Connection, company_id: str, customer_id: str, done: str) -> None:
    """Record that a company and a customer were ``matched``, ``unmatched``, ``created and matched``."""
    company, customer = db.execute(
        "SELECT (SELECT name FROM company WHERE id = ?), (SELECT name FROM customer WHERE id = ?)",
        (company_id, customer_id),
    ).fetchone()
    note(
        db,
        f"Customer {done}. Datto Autotask Company: {company or company_id}, "
        f"Quickpass Customer: {customer or customer_id}",
        customer,
    )


def note_account(db: sqlite3.Connection, customer_id: str, account_name: str, done: str) -> None:
    """Record that an end-user account was ``matched`` or ``unmatched``."""
    row = db.execute("SELECT name FROM customer WHERE id = ?", (customer_id,)).fetchone()
    note(db, f"Account {done}. Quickpass Account: {account_name}", row and row[0])
