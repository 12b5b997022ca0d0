"""Jobs: a write is checked, queued, answered, and done a little later (WIRE.md, Common).

There is no thread behind this: whichever request comes next, in whichever process, does what has fallen due.
"""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any

from qpmatch.sandbox import accounts, events, rules
from qpmatch.sandbox.refusal import Refusal

Item = Mapping[str, Any]
"""One match of a job, by slot names: what ``strict.judge`` made of it."""


class Share(StrEnum):
    """How much of a job takes effect: all of it, unless a fault says otherwise."""

    ALL = "all"
    HALF = "half"
    NONE = "none"


def submit(
    db: sqlite3.Connection, kind: str, items: list[Item], *, delay: float, share: Share = Share.ALL
) -> None:
    """Queue a job of the route ``kind``, due in ``delay`` seconds; its items are done in order.

    Raises ``Refusal`` when an item would be refused as things stand, counting the items before it.
    """
    db.execute("SAVEPOINT rehearsal")
    try:
        for item in items:
            _WORK[kind](db, item)
    finally:
        db.execute("ROLLBACK TO rehearsal")
        db.execute("RELEASE rehearsal")
    db.execute(
        "INSERT INTO job (due, kind, share, items) VALUES (?, ?, ?, ?)",
        (time.time() + delay, kind, share, json.dumps(items)),
    )


def due(db: sqlite3.Connection) -> bool:
    """Whether a job is waiting to be done."""
    return db.execute("SELECT 1 FROM job WHERE due <= ? LIMIT 1", (time.time(),)).fetchone() is not None


def run_due(db: sqlite3.Connection) -> None:
    """Do every job that has fallen due, oldest first. An item that is illegal by now is dropped and noted."""
    now = (time.time(),)
    jobs = db.execute("SELECT kind, share, items FROM job WHERE due <= ? ORDER BY id", now).fetchall()
    db.execute("DELETE FROM job WHERE due <= ?", now)
    for kind, share, items in jobs:
        for item in _taken(json.loads(items), Share(share)):
            try:
                _WORK[kind](db, item)
            except Refusal as refusal:
                events.note(db, f"Not matched: {refusal.message}")


def _taken(items: list[Item], share: Share) -> list[Item]:
    return items[: {Share.ALL: len(items), Share.HALF: len(items) // 2, Share.NONE: 0}[share]]


def _save_match(db: sqlite3.Connection, item: Item) -> None:
    if rules.link(db, item["company_id"], item["customer_id"]):
        events.note_match(db, item["company_id"], item["customer_id"], "matched")


def _create_customer(db: sqlite3.Connection, item: Item) -> None:
    customer_id = rules.create(db, item["company_id"])
    events.note_match(db, item["company_id"], customer_id, "created and matched")


def _save_account(db: sqlite3.Connection, item: Item) -> None:
    accounts.link(db, item["customer_id"], item["account_id"], item["integration"], item["contact_id"])
    events.note_account(db, item["customer_id"], item["account_name"], "matched")


_WORK: Mapping[str, Callable[[sqlite3.Connection, Item], None]] = {
    "matches.save": _save_match,
    "customers.create": _create_customer,
    "accounts.save": _save_account,
}
