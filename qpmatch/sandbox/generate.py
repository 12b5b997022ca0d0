"""Make up a believable MSP: the same one for the same seed, on every machine (SPEC 9)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from qpmatch.errors import UsageError
from qpmatch.sandbox.draft import Draft, DraftCompany
from qpmatch.sandbox.kinds import BULK, KINDS, Kind
from qpmatch.sandbox.words import CITIES

FEWEST, MOST = 5, 50_000
"""How many companies an MSP may have here."""

ALL_KINDS_FROM = 200
"""From so many companies up, every kind occurs."""

Rows = dict[str, Sequence[tuple[object, ...]]]
"""An INSERT statement of ``schema.TABLES`` -> the rows for it."""


@dataclass(frozen=True, slots=True)
class Msp:
    """A generated MSP with its ids."""

    draft: Draft

    def rows(self) -> Rows:
        """What fills an empty state file."""
        companies = [
            (one.id, one.name, one.active, one.type, *_details(one), one.parent.id if one.parent else None)
            for one in self.draft.companies
        ]
        customers = [
            (one.id, one.name, str(400_000 + 7 * position) if one.itglue else None)
            for position, one in enumerate(self.draft.customers)
        ]
        return {
            "INSERT INTO company (id, name, active, type, number, city, web, parent_id) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?)": companies,
            "INSERT INTO customer (id, name, itglue_id) VALUES (?, ?, ?)": customers,
            "INSERT INTO link (company_id, customer_id) VALUES (?, ?)": [
                (company.id, customer.id) for company, customer in self.draft.links
            ],
        }


def generate(companies: int, seed: int) -> Msp:
    """An MSP of exactly so many companies, and about as many customers.

    About two in five companies are matched, about as many have one free customer of exactly their spelling,
    the rest are the near-misses and rows of ``kinds.KINDS``. Raises ``UsageError`` outside of ``FEWEST`` to
    ``MOST``.
    """
    if not FEWEST <= companies <= MOST:
        raise UsageError(f"a sandbox has {FEWEST} to {MOST} companies, not {companies}")
    draft = Draft(seed)
    for kind, count in counts(companies):
        for _ in range(count):
            kind.build(draft)
    _give_ids(draft)
    return Msp(draft)


def counts(companies: int) -> list[tuple[Kind, int]]:
    """How many families of each kind make up exactly so many companies."""
    found: list[tuple[Kind, int]] = []
    left = companies
    # A small MSP spends at most two fifths on kinds other than the bulk.
    rare = companies if companies >= ALL_KINDS_FROM else companies * 2 // 5
    for kind in KINDS:
        wanted = max(1, int(companies * kind.share / kind.size))
        count = min(kind.most or wanted, wanted, rare // kind.size)
        rare -= count * kind.size
        left -= count * kind.size
        found.append((kind, count))
    exact, one_to_one = BULK
    pairs = int(left * exact.share / (exact.share + one_to_one.share))
    return [*found, (exact, pairs), (one_to_one, left - pairs)]


def _give_ids(draft: Draft) -> None:
    """Ids in random order, so that neither order of ids gives away which belong together."""
    draft.shuffle(draft.companies)
    draft.shuffle(draft.customers)
    number = 173
    for company in draft.companies:
        number += 1 + draft.number(9)
        company.id = "0" if company.own else str(number)
    second, counter = 0x5A000000, draft.number(0x100000)
    machine = f"{draft.number(1 << 40):010x}"
    for customer in draft.customers:
        second += 1 + draft.number(1000)
        counter += 1
        customer.id = f"{second:08x}{machine}{counter:06x}"


def _details(company: DraftCompany) -> tuple[str, str, str | None]:
    """Number, city and web address, which follow from the id and the name."""
    number = int(company.id)
    letters = re.sub(r"[^a-z0-9]+", "-", company.name.lower()).strip("-")
    web = f"https://www.{letters[:40].strip('-')}.example" if letters and number % 4 else None
    return f"C{number:06}", CITIES[number % len(CITIES)], web
