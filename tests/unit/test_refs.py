"""Refs: an id or an exact name, and the nearest names when neither fits (SPEC 4)."""

from __future__ import annotations

import pytest

from qpmatch.errors import RefError
from qpmatch.matching.refs import find
from qpmatch.models import Company, Side


def known(*companies: tuple[str, str]) -> dict[str, Company]:
    return {id_: Company(id_, name) for id_, name in companies}


SOME = known(("0", "Our MSP"), ("12", "Contoso Ltd"), ("13", "CONTOSO LTD"), ("14", "42"), ("42", "Tailspin"))


@pytest.mark.parametrize(
    ("ref", "id_"),
    [
        ("0", "0"),
        ("id:12", "12"),
        ("Contoso Ltd", "12"),
        ("CONTOSO LTD", "13"),
        ("  Our MSP ", "0"),
        ("our msp", "0"),
        ("name:42", "14"),
        ("id:42", "42"),
    ],
)
def test_an_id_or_a_name_finds_one(ref: str, id_: str) -> None:
    assert find(ref, SOME, Side.COMPANY).id == id_


@pytest.mark.parametrize("ref", ["contoso ltd", "42"])
def test_an_ambiguous_ref_lists_the_ids(ref: str) -> None:
    with pytest.raises(RefError) as caught:
        find(ref, SOME, Side.COMPANY)
    assert "means 2 companies" in caught.value.message
    assert "id:" in caught.value.message


@pytest.mark.parametrize("ref", ["Contso Ltd", "id:99", "name:Contos", "%", "[a-z]*", "{0}", "\x1b[31m", ""])
def test_an_unknown_ref_lists_the_nearest_names(ref: str) -> None:
    with pytest.raises(RefError) as caught:
        find(ref, SOME, Side.COMPANY)
    assert "there is no company" in caught.value.message
    assert caught.value.hint is not None


def test_the_nearest_name_comes_first() -> None:
    with pytest.raises(RefError) as caught:
        find("Talspin", SOME, Side.COMPANY)
    assert str(caught.value.hint).startswith("the nearest are: 'Tailspin' (id:42)")
