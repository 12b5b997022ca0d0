"""A tenant and a plan of 200 operations on it: matches, creates, unmatches and edits of every form."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.world import World

OPERATIONS = 200


@dataclass
class Mixed:
    """Companies ``c...``, customers ``k...``, links, and the plan's entries as they grow."""

    companies: dict[str, str] = field(default_factory=dict)
    customers: dict[str, str] = field(default_factory=dict)
    links: list[tuple[str, str]] = field(default_factory=list)
    entries: list[dict[str, Any]] = field(default_factory=list)

    def company(self, count: int = 1) -> list[str]:
        """New companies."""
        ids = [f"c{len(self.companies) + number:03}" for number in range(count)]
        self.companies |= {id_: f"Company {id_}" for id_ in ids}
        return ids

    def customer(self, count: int = 1) -> list[str]:
        """New customers."""
        ids = [f"k{len(self.customers) + number:03}" for number in range(count)]
        self.customers |= {id_: f"Customer {id_}" for id_ in ids}
        return ids

    def row(self, companies: int = 1, customers: int = 1) -> tuple[list[str], list[str]]:
        """A new match row of so many on each side."""
        sides = self.company(companies), self.customer(customers)
        self.links += [(company, customer) for company in sides[0] for customer in sides[1]]
        return sides

    def fill(self, path: Path) -> World:
        """The sandbox that holds the tenant."""
        return World.made(path, self.companies, self.customers, self.links)

    def write(self, path: Path, *, with_before: bool) -> Path:
        """The plan; ``with_before`` as the program writes it, otherwise as a person may."""
        entries = [
            entry if with_before else {key: value for key, value in entry.items() if key != "before"}
            for entry in self.entries
        ]
        head = f"version: 1\nregion: sandbox\nintegration: autotask\nallow_removals: {len(self.links)}\n"
        lines = [f"- {json.dumps(entry)}\n" for entry in entries]
        path.write_text(head + "operations:\n" + "".join(lines), encoding="utf-8")
        return path

    def ref(self, id_: str) -> dict[str, str]:
        """``{id, name}``."""
        return {"id": id_, "name": (self.companies | self.customers)[id_]}

    def edit(self, row: tuple[list[str], list[str]], side: str, ids: list[str]) -> None:
        """An edit of one cell, the row named by a member of the other cell."""
        companies, customers = row
        member = (
            {"customer": self.ref(customers[0])}
            if side == "companies"
            else {"company": self.ref(companies[0])}
        )
        self.entries.append(
            {
                "action": "edit",
                "row": member,
                side: [self.ref(id_) for id_ in ids],
                "before": {"companies": companies, "customers": customers},
            }
        )


def mixed_plan() -> Mixed:
    """100 matches, 63 creates, 16 unmatches, 21 edits: every form of each."""
    mixed = Mixed()
    for number in range(100):
        (company,) = mixed.company()
        joined: list[str] = []
        if number % 2:
            joined, (customer,) = mixed.row()
        else:
            (customer,) = mixed.customer()
        before = {"company": [], "customer": joined}
        mixed.entries.append(
            {
                "action": "match",
                "company": mixed.ref(company),
                "customer": mixed.ref(customer),
                "before": before,
            }
        )
    for _ in range(63):
        (company,) = mixed.company()
        mixed.entries.append({"action": "create", "company": mixed.ref(company), "before": {"company": []}})
    for number in range(16):
        _unmatch(mixed, number % 4)
    for number in range(21):
        _edit(mixed, number % 7)
    # Interleaved, so that neighbours in the file are of different kinds.
    mixed.entries = [mixed.entries[(number * 61) % OPERATIONS] for number in range(OPERATIONS)]
    assert len(mixed.entries) == OPERATIONS
    return mixed


def _unmatch(mixed: Mixed, kind: int) -> None:
    """One link of a pair; one of several; every link of a customer; every link of a company."""
    companies, customers = mixed.row(companies=3 if kind in (1, 2) else 1, customers=3 if kind == 3 else 1)
    entry: dict[str, Any] = {"action": "unmatch"}
    if kind != 2:
        entry["company"] = mixed.ref(companies[0])
    if kind != 3:
        entry["customer"] = mixed.ref(customers[0])
    before = {}
    if kind != 2:
        before["company"] = customers
    if kind != 3:
        before["customer"] = companies
    mixed.entries.append({**entry, "before": before})


def _edit(mixed: Mixed, kind: int) -> None:
    match kind:
        case 0:  # a pair gains companies
            row = mixed.row()
            mixed.edit(row, "companies", row[0] + mixed.company(2))
        case 1:  # a pair gains a customer
            row = mixed.row()
            mixed.edit(row, "customers", row[1] + mixed.customer())
        case 2:  # the company of a pair is switched
            mixed.edit(mixed.row(), "companies", mixed.company())
        case 3:  # the 1 of a row of three companies is switched
            mixed.edit(mixed.row(companies=3), "customers", mixed.customer())
        case 4:  # the 1 of a row of three customers is switched
            mixed.edit(mixed.row(customers=3), "companies", mixed.company())
        case 5:  # the many side gains one and loses one
            row = mixed.row(companies=3)
            mixed.edit(row, "companies", row[0][1:] + mixed.company())
        case _:  # the many side is replaced
            mixed.edit(mixed.row(customers=2), "customers", mixed.customer(2))
