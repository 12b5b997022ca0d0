from __future__ import annotations

from collections.abc import Iterable

from hypothesis import given
from hypothesis import strategies as st

from qpmatch.matching.rows import RowIndex
from qpmatch.models import Cardinality, Link, MatchRow, Side

LINKS = st.frozensets(st.builds(Link, st.sampled_from("abcdef"), st.sampled_from("uvwxyz")), max_size=12)


def shape(*links: str) -> list[tuple[Cardinality, Side | None]]:
    return [(row.cardinality, row.one_side) for row in RowIndex(Link(*link) for link in links).rows()]


def test_the_shapes_of_rows() -> None:
    assert shape("au") == [(Cardinality.ONE_TO_ONE, None)]
    assert shape("au", "av") == [(Cardinality.ONE_TO_MANY, Side.COMPANY)]
    assert shape("au", "bu") == [(Cardinality.ONE_TO_MANY, Side.CUSTOMER)]
    assert shape("au", "av", "bu") == [(Cardinality.MANY_TO_MANY, None)]
    assert shape("au", "bv") == [(Cardinality.ONE_TO_ONE, None)] * 2


def connected(links: Iterable[Link]) -> set[frozenset[tuple[str, str]]]:
    """The connected sets by another way: sets of members, merged link by link."""
    sets: list[set[tuple[str, str]]] = []
    for link in links:
        new = {("company", link.company_id), ("customer", link.customer_id)}
        for old in [one for one in sets if one & new]:
            sets.remove(old)
            new |= old
        sets.append(new)
    return {frozenset(one) for one in sets}


def members(row: MatchRow) -> frozenset[tuple[str, str]]:
    return frozenset(
        [("company", id_) for id_ in row.company_ids] + [("customer", id_) for id_ in row.customer_ids]
    )


@given(LINKS)
def test_rows_are_the_connected_sets(links: frozenset[Link]) -> None:
    found = RowIndex(links).rows()
    assert {members(row) for row in found} == connected(links)
    assert len(found) == len(connected(links))
    assert found == sorted(found, key=lambda row: (row.company_ids, row.customer_ids))
    for row in found:
        assert list(row.company_ids) == sorted(row.company_ids)
        several = (len(row.company_ids) > 1) + (len(row.customer_ids) > 1)
        assert list(Cardinality).index(row.cardinality) == several


@given(LINKS)
def test_every_member_is_found_in_its_row(links: frozenset[Link]) -> None:
    index = RowIndex(links)
    for row in RowIndex(links).rows():
        assert all(index.of_company(id_) == row for id_ in row.company_ids)
        assert all(index.of_customer(id_) == row for id_ in row.customer_ids)
        assert index.links_of(row) == {link for link in links if link.company_id in row.company_ids}
    assert index.of_company("nobody") is None
    assert index.of_customer("nobody") is None


@given(st.lists(st.tuples(st.booleans(), st.builds(Link, st.sampled_from("abc"), st.sampled_from("uvw")))))
def test_links_that_come_and_go_leave_what_a_set_leaves(changes: list[tuple[bool, Link]]) -> None:
    index, links = RowIndex(), set[Link]()
    for is_added, link in changes:
        if is_added:
            index.add(link)
            links.add(link)
        elif link in links:
            index.remove(link)
            links.remove(link)
        assert (link in index) is (link in links)
    assert index.rows() == RowIndex(links).rows()
    for link in links:
        assert index.customers_of(link.company_id) == {c for a, c in links if a == link.company_id}
        assert index.companies_of(link.customer_id) == {a for a, c in links if c == link.customer_id}
