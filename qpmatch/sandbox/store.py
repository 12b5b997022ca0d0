"""The sandbox's state: one SQLite file, shared by every thread and process that speaks to it (SPEC 9)."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from qpmatch.errors import ConfigError
from qpmatch.sandbox import schema

DEFAULT_COMPANIES = 200
DEFAULT_SEED = 1

BUSY_SECONDS = 30.0
"""How long a writer waits for another process's transaction; filling 50,000 companies takes a few seconds."""

_ACCOUNT = {
    "email": "technician@sandbox.example",
    "password": "correct-horse-sandbox",
    "totp_secret": "KRUGKIDROVUWG2ZAMJZG653OEBTG66BA",
    "autotask_username": "api-user@sandbox.example",
    "autotask_secret": "not-a-secret-sandbox",
    "autotask_integration_code": "SANDBOXINTEGRATIONCODE00001",
    "mfa": "off",
}
"""The made-up account of a fresh sandbox: the same on every machine, so that examples can print it."""


@dataclass(frozen=True, slots=True)
class SandboxInfo:
    """What ``sandbox info`` shows: where the state is, how to sign in, and how much there is."""

    path: Path
    email: str
    password: str
    totp_secret: str | None
    companies: int
    customers: int
    links: int
    seed: int
    autotask_username: str
    autotask_secret: str
    autotask_integration_code: str


class Store:
    """A sandbox state file. It is filled with ``DEFAULT_COMPANIES`` on first use when missing or empty.

    Use it as a context manager: leaving it closes every connection. Threads may share one store, processes
    may share one file. Raises ``ConfigError`` when the file is not a sandbox's, is damaged or cannot be
    written.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        self._idle: list[sqlite3.Connection] = []
        self._ready = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the idle connections; the store may be used again afterwards."""
        with self._lock:
            idle, self._idle = self._idle, []
        for db in idle:
            db.close()

    @contextmanager
    def connection(self) -> Iterator[sqlite3.Connection]:
        """A connection in autocommit mode, for reading."""
        self._prepare()
        with self._explained(), self._borrowed() as db:
            yield db

    @contextmanager
    def snapshot(self) -> Iterator[sqlite3.Connection]:
        """A connection inside a read transaction: everything read belongs to one state."""
        with self.connection() as db:
            db.execute("BEGIN")
            try:
                yield db
            finally:
                db.rollback()

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """A connection inside a write transaction: committed on success, rolled back on any exception."""
        with self.connection() as db, _immediate(db):
            yield db

    def reset(self, companies: int = DEFAULT_COMPANIES, seed: int = DEFAULT_SEED) -> None:
        """Replace everything by a freshly generated MSP of exactly ``companies`` companies.

        Only a missing file, an empty one or a sandbox state file is ever replaced; the change is one
        transaction, so that a server over the same file sees the old state or the new one.
        """
        from qpmatch.sandbox.generate import generate

        msp = generate(companies, seed)
        self._refuse_foreign_file()
        try:
            with self._borrowed() as db:
                self._fill(db, msp.rows(), seed)
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.OperationalError) or not self._is_ours():
                raise self._unusable(error) from error
            self._remove()
            with self._explained(), self._borrowed() as db:
                self._fill(db, msp.rows(), seed)
        self._ready = True

    def info(self) -> SandboxInfo:
        """The account and the counts."""
        with self.connection() as db:
            settings = dict(db.execute("SELECT name, value FROM setting"))
            companies, customers, links = db.execute(
                "SELECT (SELECT count(*) FROM company), (SELECT count(*) FROM customer), "
                "(SELECT count(*) FROM link)"
            ).fetchone()
        return SandboxInfo(
            path=self.path,
            email=settings["email"],
            password=settings["password"],
            totp_secret=settings["totp_secret"] if settings["mfa"] == "on" else None,
            companies=companies,
            customers=customers,
            links=links,
            seed=int(settings["seed"]),
            autotask_username=settings["autotask_username"],
            autotask_secret=settings["autotask_secret"],
            autotask_integration_code=settings["autotask_integration_code"],
        )

    def require_mfa(self, required: bool) -> None:
        """Switch the account's second factor on or off, for every server over this file."""
        with self.transaction() as db:
            db.execute("UPDATE setting SET value = ? WHERE name = 'mfa'", ("on" if required else "off",))

    def _prepare(self) -> None:
        if self._ready:
            return
        self._refuse_foreign_file()
        with self._explained(), self._borrowed() as db:
            version = _pragma(db, "user_version")
        if version == 0:
            self._fill_if_empty()
        elif version != schema.VERSION:
            raise ConfigError(
                f"{self.path} was written by another version of the sandbox",
                hint="Fill it afresh: qpmatch sandbox reset",
            )
        self._ready = True

    def _fill_if_empty(self) -> None:
        from qpmatch.sandbox.generate import generate

        rows = generate(DEFAULT_COMPANIES, DEFAULT_SEED).rows()
        with self._explained(), self._borrowed() as db:
            self._fill(db, rows, DEFAULT_SEED, only_if_empty=True)

    def _fill(
        self,
        db: sqlite3.Connection,
        rows: Mapping[str, Sequence[tuple[object, ...]]],
        seed: int,
        *,
        only_if_empty: bool = False,
    ) -> None:
        if _pragma(db, "application_id") != schema.APPLICATION_ID:
            # Before WAL, so that the mark stands in the file itself, where _is_ours() looks for it.
            db.execute(f"PRAGMA application_id = {schema.APPLICATION_ID}")
        if _pragma(db, "journal_mode") != "wal":
            db.execute("PRAGMA journal_mode = WAL")
        with _immediate(db):
            if only_if_empty and _pragma(db, "user_version") != 0:
                return  # another process was faster
            _drop_everything(db)
            for statement in schema.TABLES:
                db.execute(statement)
            for insert, values in rows.items():
                db.executemany(insert, values)
            account = {**_ACCOUNT, "seed": str(seed)}
            db.executemany("INSERT INTO setting (name, value) VALUES (?, ?)", account.items())
            db.execute(f"PRAGMA user_version = {schema.VERSION}")

    @contextmanager
    def _borrowed(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            db = self._idle.pop() if self._idle else None
        if db is None:
            db = self._open()
        try:
            yield db
        except sqlite3.Error:
            db.close()
            raise
        except BaseException:
            self._give_back(db)
            raise
        else:
            self._give_back(db)

    def _give_back(self, db: sqlite3.Connection) -> None:
        with self._lock:
            self._idle.append(db)

    def _open(self) -> sqlite3.Connection:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise self._unusable(error) from error
        # Connections are handed from thread to thread, never used by two at once.
        db = sqlite3.connect(self.path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
        try:
            schema.add_functions(db)
            db.execute("PRAGMA synchronous = NORMAL")
        except BaseException:
            db.close()
            raise
        return db

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise self._unusable(error) from error

    def _unusable(self, error: Exception) -> ConfigError:
        return ConfigError(
            f"the sandbox's state file {self.path} cannot be used: {error}",
            hint="Fill it afresh with `qpmatch sandbox reset`, or name another file with QPMATCH_SANDBOX.",
        )

    def _refuse_foreign_file(self) -> None:
        if not self._is_ours():
            raise ConfigError(
                f"{self.path} is not a sandbox state file; it is left alone",
                hint="Name a file of its own with QPMATCH_SANDBOX.",
            )

    def _is_ours(self) -> bool:
        """Whether the file is missing, empty, or carries the sandbox's mark in SQLite's header."""
        try:
            with self.path.open("rb") as file:
                header = file.read(72)
        except FileNotFoundError:
            return True
        except OSError as error:
            raise self._unusable(error) from error
        if not header:
            return True
        return header.startswith(b"SQLite format 3\0") and header[68:72] == schema.APPLICATION_ID.to_bytes(4)

    def _remove(self) -> None:
        self.close()
        for suffix in ("", "-wal", "-shm"):
            with suppress(FileNotFoundError):
                self.path.with_name(self.path.name + suffix).unlink()


@contextmanager
def _immediate(db: sqlite3.Connection) -> Iterator[None]:
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        db.rollback()
        raise
    db.execute("COMMIT")


def _pragma(db: sqlite3.Connection, name: str) -> object:
    return db.execute(f"PRAGMA {name}").fetchone()[0]


def _drop_everything(db: sqlite3.Connection) -> None:
    tables = db.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'")
    for (name,) in tables.fetchall():
        db.execute(f'DROP TABLE "{name}"')
