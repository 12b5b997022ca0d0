"""The sandbox's tables, and the text functions that they and the queries use."""

from __future__ import annotations

import sqlite3
import unicodedata

APPLICATION_ID = 0x71706D31
"""Marks a file as a sandbox state file (bytes 68 to 71 of an SQLite file)."""

VERSION = 1
"""Goes up with every change of ``TABLES``; a file of another version asks for ``sandbox reset``."""

TABLES = (
    "CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
    """
    CREATE TABLE company (
        id TEXT PRIMARY KEY,
        name TEXT NOT NULL,
        active INTEGER NOT NULL DEFAULT 1,
        type TEXT NOT NULL DEFAULT 'Customer',
        number TEXT,
        city TEXT,
        parent_id TEXT,
        web TEXT,
        folded TEXT NOT NULL GENERATED ALWAYS AS (fold(name)) STORED
    )
    """,
    "CREATE INDEX company_alphabetical ON company (folded, id)",
    "CREATE INDEX company_numerical ON company (CAST(id AS INTEGER))",
    """
    CREATE TABLE customer (
        id TEXT PRIMARY KEY,
        name TEXT NOT NULL,
        itglue_id TEXT,
        folded TEXT NOT NULL GENERATED ALWAYS AS (fold(name)) STORED,
        spelling TEXT NOT NULL GENERATED ALWAYS AS (spelling(name)) STORED
    )
    """,
    "CREATE INDEX customer_alphabetical ON customer (folded, id)",
    "CREATE INDEX customer_spelling ON customer (spelling)",
    "CREATE UNIQUE INDEX customer_itglue ON customer (itglue_id) WHERE itglue_id IS NOT NULL",
    # No foreign keys: in a real tenant a link may outlive the company or customer that it names.
    """
    CREATE TABLE link (
        company_id TEXT NOT NULL,
        customer_id TEXT NOT NULL,
        PRIMARY KEY (company_id, customer_id)
    ) WITHOUT ROWID
    """,
    "CREATE INDEX link_by_customer ON link (customer_id, company_id)",
    """
    CREATE TABLE job (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        due REAL NOT NULL,
        kind TEXT NOT NULL,
        share TEXT NOT NULL,
        items TEXT NOT NULL
    )
    """,
    """
    CREATE TABLE event (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        at REAL NOT NULL,
        details TEXT NOT NULL,
        customer_name TEXT,
        source TEXT
    )
    """,
    "CREATE INDEX event_by_time ON event (at, id)",
    "CREATE TABLE session (token TEXT PRIMARY KEY, expires REAL NOT NULL) WITHOUT ROWID",
    """
    CREATE TABLE account_link (
        account_id TEXT NOT NULL,
        integration TEXT NOT NULL,
        contact_id TEXT,
        PRIMARY KEY (account_id, integration)
    ) WITHOUT ROWID
    """,
)


def fold(text: str) -> str:
    """What the lists are sorted by and searched in: canonical, without case."""
    return unicodedata.normalize("NFC", text).casefold()


def spelling(text: str) -> str:
    """What decides whether two names are spelt the same (R1): trimmed, canonical, case kept."""
    return unicodedata.normalize("NFC", text).strip()


def add_functions(db: sqlite3.Connection) -> None:
    """Make ``fold`` and ``spelling`` known to a connection; without them names can be read, not written."""
    db.create_function("fold", 1, fold, deterministic=True)
    db.create_function("spelling", 1, spelling, deterministic=True)
