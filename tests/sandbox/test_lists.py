"""The lists: complete, alphabetical, searched as plain text."""

from __future__ import annotations

import unicodedata
from typing import Any

import pytest

from tests.sandbox.conftest import CUSTOMER_LIST, PSA_LIST, Embedded

PATHS = {
    "customer": ("clients", CUSTOMER_LIST),
    "integrations/customers": ("companies", PSA_LIST),
    "integrations/matched-customers": ("companies", PSA_LIST),
}


def read(sandbox: Embedded, path: str, size: int = 50, search: str = "") -> list[dict[str, Any]]:
    array, query = PATHS[path]
    rows: list[dict[str, Any]] = []
    page = 0
    while True:
        page += 1
        answer = sandbox.get(
            path, {**query, "page": str(page), "rowsPerPage": str(size), "searchText": search}
        )
        assert set(answer) == {"maxCount", array}
        if not answer[array]:
            assert len(rows) == answer["maxCount"]
            return rows
        assert len(answer[array]) <= size
        rows += answer[array]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("size", [50, 7])
def test_pages_make_up_the_whole_list_in_order(embedded: Embedded, path: str, size: int) -> None:
    rows = read(embedded, path, size)
    assert len({row["id"] for row in rows}) == len(rows)
    keys = [(unicodedata.normalize("NFC", row["name"]).casefold(), row["id"]) for row in rows]
    assert keys == sorted(keys)


def test_companies_and_matches_tell_the_same_links(embedded: Embedded) -> None:
    companies = read(embedded, "integrations/customers")
    matched = read(embedded, "integrations/matched-customers")
    assert len(companies) == 200
    assert [row for row in companies if row["customers"]] == matched
    assert sum(len(row["customers"]) for row in matched) == embedded.store.info().links
    assert max(len(row["customers"]) for row in matched) > 1
    for row in companies:
        assert set(row) == {"id", "name", "status", "type", "customers"}
        assert row["status"] in {"Active", "Inactive"}


def test_a_customers_integrations_follow_its_links(embedded: Embedded) -> None:
    linked = {one["id"] for row in read(embedded, "integrations/customers") for one in row["customers"]}
    customers = read(embedded, "customer")
    for row in customers:
        assert set(row) == {"id", "name", "integrations"}
        assert row["integrations"]["dattoAutoTask"]["active"] is (row["id"] in linked)
    assert any(row["integrations"]["itglue"]["active"] for row in customers if row["id"] not in linked)


def test_one_customer(embedded: Embedded) -> None:
    row = read(embedded, "customer")[0]
    assert embedded.request("GET", f"customer/{row['id']}").json == row
    assert embedded.request("GET", "customer/nobody").status_code == 404


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("alpha", {"1", "2"}),
        ("ALPHA", {"1", "2"}),
        ("a%b", {"3"}),
        ("%", {"3"}),
        ("_", {"4"}),
        ("*", set()),
        ("[x]", {"5"}),
        ("é", {"6"}),
        ("e\u0301", {"6"}),
        ("' OR 1=1 --", set()),
        ("", {"1", "2", "3", "4", "5", "6"}),
    ],
)
def test_search_is_plain_text(tiny: Embedded, search: str, found: set[str]) -> None:
    names = {"1": "Alpha", "2": "beta alphabet", "3": "a%b", "4": "a_b", "5": "q[x]", "6": "Caf\u00c9"}
    with tiny.store.transaction() as db:
        db.executemany("UPDATE company SET name = ? WHERE id = ?", [(n, i) for i, n in names.items()])
    assert {row["id"] for row in read(tiny, "integrations/customers", search=search)} == found


def test_a_link_to_a_deleted_customer_is_shown_without_a_name(tiny: Embedded) -> None:
    tiny.save(("1", "a"))
    tiny.links()
    with tiny.store.transaction() as db:
        db.execute("DELETE FROM customer WHERE id = 'a'")
    row = read(tiny, "integrations/matched-customers")[0]
    assert row["customers"] == [{"id": "a"}]


def test_it_glue_lists_the_organisations_that_were_imported(embedded: Embedded) -> None:
    imported = [row for row in read(embedded, "customer") if row["integrations"]["itglue"]["active"]]
    embedded.headers = {"Integration": "itglue"}
    query = {**PSA_LIST, "integrationType": "itglue"}
    answer = embedded.get("integrations/matched-customers", query)
    assert answer["maxCount"] == len(imported)
    assert {one["id"] for row in answer["companies"] for one in row["customers"]} <= {
        row["id"] for row in imported
    }
