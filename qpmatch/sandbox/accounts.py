"""The end-user accounts of a customer, and their matches with PSA contacts (WIRE.md accounts.*).

A customer's accounts follow from its id, so that 50,000 customers cost nothing until someone looks; only what
was matched or unmatched since is stored.
"""

from __future__ import annotations

import hashlib
import sqlite3
from dataclasses import dataclass

from qpmatch.sandbox import rules
from qpmatch.sandbox.refusal import Refusal
from qpmatch.sandbox.words import CITIES, FORENAMES, SURNAMES

_MOST = 6


@dataclass(frozen=True, slots=True)
class Account:
    """An end-user account of one customer; ``contact_id`` is the PSA contact that it began with, if any."""

    id: str
    name: str
    login: str
    domain: str
    phone: str
    enabled: bool
    contact_id: str | None


def of_customer(db: sqlite3.Connection, customer_id: str) -> list[Account]:
    """The accounts of a customer, by name. Raises ``Refusal`` (404) for an unknown customer."""
    rules.name_of(db, "customer", customer_id)
    count = 1 + _dice(customer_id, "count", _MOST)
    return sorted((_account(customer_id, number) for number in range(count)), key=lambda one: one.name)


def contact_of(db: sqlite3.Connection, account: Account, integration: str) -> str | None:
    """The id of the contact that the account is matched with, ``None`` when it is not."""
    row = db.execute(
        "SELECT contact_id FROM account_link WHERE account_id = ? AND integration = ?",
        (account.id, integration),
    ).fetchone()
    if row is None:
        return account.contact_id
    contact_id: str | None = row[0]
    return contact_id


def find(db: sqlite3.Connection, customer_id: str, account_id: str) -> Account:
    """One account of a customer; ``Refusal`` (404) when it has none of that id."""
    for account in of_customer(db, customer_id):
        if account.id == account_id:
            return account
    raise Refusal(404, "not_found", f"Customer {customer_id!r} has no account {account_id!r}.")


def link(
    db: sqlite3.Connection, customer_id: str, account_id: str, integration: str, contact_id: str
) -> None:
    """Match an account with a contact. A matched account is refused: delete, then save (PCA:1076-1110)."""
    account = find(db, customer_id, account_id)
    if contact_of(db, account, integration) not in (None, contact_id):
        raise Refusal(409, "matched", f"Account {account.name!r} is matched with another contact.")
    _store(db, account_id, integration, contact_id)


def unlink(db: sqlite3.Connection, customer_id: str, account_id: str, integration: str) -> Account:
    """Remove an account's match and return the account; ``Refusal`` (404) when it has none."""
    account = find(db, customer_id, account_id)
    if contact_of(db, account, integration) is None:
        raise Refusal(404, "not_found", f"Account {account.name!r} is not matched.")
    _store(db, account_id, integration, None)
    return account


def _store(db: sqlite3.Connection, account_id: str, integration: str, contact_id: str | None) -> None:
    db.execute(
        "INSERT INTO account_link (account_id, integration, contact_id) VALUES (?, ?, ?) "
        "ON CONFLICT DO UPDATE SET contact_id = excluded.contact_id",
        (account_id, integration, contact_id),
    )


def _account(customer_id: str, number: int) -> Account:
    what = f"account {number}"
    forename = FORENAMES[_dice(customer_id, f"{what} forename", len(FORENAMES))]
    surname = SURNAMES[_dice(customer_id, f"{what} surname", len(SURNAMES))]
    city = CITIES[_dice(customer_id, "city", len(CITIES))]
    return Account(
        id=hashlib.sha256(f"{customer_id} {what}".encode()).hexdigest()[:24],
        name=f"{forename} {surname}",
        login=f"{forename}.{surname}{number}".lower(),
        domain=f"{city.lower().replace(' ', '-')}-{customer_id[-6:]}.example",
        phone=f"+1555{_dice(customer_id, f'{what} phone', 10_000_000):07}",
        enabled=_dice(customer_id, f"{what} enabled", 10) > 0,
        contact_id=str(30_000_000 + _dice(customer_id, f"{what} contact", 9_000_000))
        if _dice(customer_id, f"{what} matched", 3) == 0
        else None,
    )


def _dice(customer_id: str, what: str, sides: int) -> int:
    digest = hashlib.sha256(f"{customer_id} {what}".encode()).digest()
    return int.from_bytes(digest[:8], "big") % sides
