"""A sandbox of a test's own making, and a second pair of eyes on it: plain SQL, past the program.

Also the hand that a simulated colleague uses: somebody on the web page who links, renames and deletes while
the program is not looking.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from qpmatch.sandbox import schema
from qpmatch.sandbox.serve import open_server
from qpmatch.sandbox.store import Store

Links = set[tuple[str, str]]


class World:
    """The sandbox in the file at ``path``; ids are text, as everywhere."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @classmethod
    def generated(cls, path: Path, companies: int = 200, seed: int = 1) -> World:
        """The MSP that ``sandbox reset`` makes."""
        with Store(path) as store:
            store.reset(companies, seed)
        return cls(path)

    @classmethod
    def made(
        cls,
        path: Path,
        companies: Mapping[str, str] | None = None,
        customers: Mapping[str, str] | None = None,
        links: Iterable[tuple[str, str]] = (),
    ) -> World:
        """Just these: id -> name on both sides, and the links between them."""
        world = cls.generated(path, companies=5)
        with world.writing() as db:
            for table in ("link", "company", "customer", "event", "job"):
                db.execute(f"DELETE FROM {table}")
        world.add(companies or {}, customers or {}, links)
        return world

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """A connection whose changes are committed at the end."""
        with closing(sqlite3.connect(self.path, timeout=30)) as db:
            schema.add_functions(db)
            with db:
                yield db

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """What a query finds."""
        with closing(sqlite3.connect(self.path, timeout=30)) as db:
            schema.add_functions(db)
            return db.execute(query, values).fetchall()

    def add(
        self,
        companies: Mapping[str, str] | None = None,
        customers: Mapping[str, str] | None = None,
        links: Iterable[tuple[str, str]] = (),
    ) -> None:
        """Put more of them in."""
        with self.writing() as db:
            db.executemany("INSERT INTO company (id, name) VALUES (?, ?)", (companies or {}).items())
            db.executemany("INSERT INTO customer (id, name) VALUES (?, ?)", (customers or {}).items())
            db.executemany("INSERT INTO link (company_id, customer_id) VALUES (?, ?)", links)

    def unlink(self, company_id: str, customer_id: str) -> None:
        """Take a link away."""
        with self.writing() as db:
            db.execute("DELETE FROM link WHERE company_id = ? AND customer_id = ?", (company_id, customer_id))

    def rename(self, table: str, id_: str, name: str) -> None:
        """Give a ``company`` or ``customer`` another name."""
        with self.writing() as db:
            db.execute(f"UPDATE {table} SET name = ? WHERE id = ?", (name, id_))

    def delete(self, table: str, id_: str) -> None:
        """Delete a ``company`` or ``customer``; its links stay, as in a real tenant."""
        with self.writing() as db:
            db.execute(f"DELETE FROM {table} WHERE id = ?", (id_,))

    def inactivate(self, company_id: str) -> None:
        """Make a company inactive."""
        with self.writing() as db:
            db.execute("UPDATE company SET active = 0 WHERE id = ?", (company_id,))

    @property
    def links(self) -> Links:
        """Every link."""
        return {(company, customer) for company, customer in self.rows("SELECT * FROM link")}

    @property
    def companies(self) -> dict[str, str]:
        """Company names by id."""
        return dict(self.rows("SELECT id, name FROM company"))

    @property
    def customers(self) -> dict[str, str]:
        """Customer names by id."""
        return dict(self.rows("SELECT id, name FROM customer"))

    @property
    def named_links(self) -> list[tuple[str, str]]:
        """Every link as (company id, customer name), sorted: comparable where customers were created."""
        return sorted(
            (company, name or customer)
            for company, customer, name in self.rows(
                "SELECT link.company_id, link.customer_id, customer.name FROM link "
                "LEFT JOIN customer ON customer.id = link.customer_id"
            )
        )

    @property
    def waiting_jobs(self) -> int:
        """How many jobs are queued and not done."""
        count: int = self.rows("SELECT count(*) FROM job")[0][0]
        return count

    @property
    def many_to_many(self) -> list[tuple[str, str]]:
        """Links whose company has several customers while one of those has several companies."""
        return self.rows(
            "SELECT company_id, customer_id FROM link WHERE "
            "(SELECT count(*) FROM link AS l WHERE l.company_id = link.company_id) > 1 AND "
            "(SELECT count(*) FROM link AS l WHERE l.customer_id = link.customer_id) > 1"
        )

    @contextmanager
    def served(self, *faults: str, **options: Any) -> Iterator[str]:
        """The base URL of a server over this sandbox, in a thread of this process."""
        options.setdefault("job_delay_ms", 1)
        with Store(self.path) as store, open_server(store, faults=faults, **options) as server:
            server.start()
            yield server.base_url

    @property
    def sign_in(self) -> dict[str, str]:
        """The environment that signs in to ``served``."""
        with Store(self.path) as store:
            info = store.info()
        return {"QPMATCH_EMAIL": info.email, "QPMATCH_PASSWORD": info.password}
