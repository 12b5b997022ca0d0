"""The server's rules against a third statement of them: connected sets, counted by hand."""

from __future__ import annotations

import sqlite3

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qpmatch.sandbox import rules, schema
from qpmatch.sandbox.refusal import Refusal

COMPANIES, CUSTOMERS = "123456", "abcdef"

Links = set[tuple[str, str]]


def database(links: Links) -> sqlite3.Connection:
    db = sqlite3.connect(":memory:", isolation_level=None)
    schema.add_functions(db)
    for statement in schema.TABLES:
        db.execute(statement)
    db.executemany("INSERT INTO company (id, name) VALUES (?, ?)", [(n, f"C{n}") for n in COMPANIES])
    db.executemany("INSERT INTO customer (id, name) VALUES (?, ?)", [(x, f"K{x}") for x in CUSTOMERS])
    db.executemany("INSERT INTO link VALUES (?, ?)", links)
    return db


def stored(db: sqlite3.Connection) -> Links:
    return set(db.execute("SELECT company_id, customer_id FROM link").fetchall())


def row_of(links: Links, member: str) -> tuple[set[str], set[str]]:
    """The connected set of ``member``."""
    row = {member}
    while True:
        grown = row | {end for link in links if row & set(link) for end in link}
        if grown == row:
            return row & set(COMPANIES), row & set(CUSTOMERS)
        row = grown


def is_many_to_many(links: Links, member: str) -> bool:
    companies, customers = row_of(links, member)
    return len(companies) > 1 and len(customers) > 1


def allowed(links: Links, company: str, customer: str) -> bool:
    if (company, customer) in links:
        return True
    linked = {end for link in links for end in link}
    if company in linked and customer in linked:
        return False
    return not is_many_to_many(links | {(company, customer)}, company)


PAIRS = st.tuples(st.sampled_from(COMPANIES), st.sampled_from(CUSTOMERS))


@settings(max_examples=300, deadline=None)
@given(st.sets(PAIRS, max_size=7), PAIRS)
def test_a_link_is_legal_as_the_specification_says(links: Links, pair: tuple[str, str]) -> None:
    db = database(links)
    try:
        if allowed(links, *pair):
            assert rules.link(db, *pair) is (pair not in links)
            assert stored(db) == links | {pair}
        else:
            with pytest.raises(Refusal) as caught:
                rules.link(db, *pair)
            in_many = is_many_to_many(links, pair[0]) or is_many_to_many(links, pair[1])
            assert (caught.value.status, caught.value.code) == (409, "R4" if in_many else "R3")
            assert stored(db) == links
    finally:
        db.close()


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.booleans(), PAIRS), max_size=30))
def test_no_sequence_makes_a_many_to_many_row(steps: list[tuple[bool, tuple[str, str]]]) -> None:
    db = database(set())
    try:
        for add, pair in steps:
            try:
                rules.link(db, *pair) if add else rules.unlink(db, *pair)
            except Refusal:
                continue
        assert not any(is_many_to_many(stored(db), company) for company in COMPANIES)
    finally:
        db.close()


def test_create_makes_a_linked_namesake() -> None:
    db = database(set())
    db.execute("UPDATE company SET name = '  C1 Ltd ' WHERE id = '1'")
    customer = rules.create(db, "1")
    assert stored(db) == {("1", customer)}
    assert rules.name_of(db, "customer", customer) == "C1 Ltd"
    db.close()


@pytest.mark.parametrize(
    ("company_name", "customer_name"), [("C1", "C1"), (" C1", "C1\t"), ("Caf\u00e9", "Cafe\u0301")]
)
def test_create_is_refused_when_the_name_is_taken(company_name: str, customer_name: str) -> None:
    db = database(set())
    db.execute("UPDATE company SET name = ? WHERE id = '1'", (company_name,))
    db.execute("UPDATE customer SET name = ? WHERE id = 'a'", (customer_name,))
    with pytest.raises(Refusal, match="exists already") as caught:
        rules.create(db, "1")
    assert (caught.value.status, caught.value.code) == (409, "R6")
    assert stored(db) == set()
    db.close()


def test_create_is_refused_for_a_matched_company() -> None:
    db = database({("1", "a")})
    with pytest.raises(Refusal, match="matched already") as caught:
        rules.create(db, "1")
    assert caught.value.code == "R6"
    db.close()


def test_another_case_is_another_name() -> None:
    db = database(set())
    db.execute("UPDATE customer SET name = 'c1' WHERE id = 'a'")
    assert rules.create(db, "1")
    db.close()


@pytest.mark.parametrize("pair", [("9", "a"), ("1", "z")])
def test_unknown_members_are_404(pair: tuple[str, str]) -> None:
    db = database(set())
    with pytest.raises(Refusal) as caught:
        rules.link(db, *pair)
    assert caught.value.status == 404
    with pytest.raises(Refusal) as caught:
        rules.unlink(db, *pair)
    assert caught.value.status == 404
    db.close()
