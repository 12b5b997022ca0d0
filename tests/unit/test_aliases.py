"""What an MSP knows and no name says: the alias table and its file."""

from __future__ import annotations

from pathlib import Path

import pytest

from qpmatch.aliasfile import read_aliases, write_learned
from qpmatch.errors import UsageError
from qpmatch.matching.aliases import NO_ALIASES, Aliases, learn
from qpmatch.matching.suggest import Decision, Suggestion, Tier, suggest
from qpmatch.models import Company, Customer, Tenant


def _suggest(companies: list[str], customers: list[str], aliases: Aliases, accept: Tier) -> list[Suggestion]:
    tenant = Tenant(
        {str(at): Company(str(at), name) for at, name in enumerate(companies)},
        {f"c{at}": Customer(f"c{at}", name) for at, name in enumerate(customers)},
    )
    return suggest(tenant, accept=accept, aliases=aliases)


@pytest.mark.parametrize("target", ["NWT Holdings", "nwt holdings.", "c0"])
def test_an_alias_comes_right_after_exact(target: str) -> None:
    aliases = Aliases(same=(("northwind traders", target),))
    found = _suggest(["Northwind Traders"], ["NWT Holdings"], aliases, Tier.NORMALIZED)
    assert [(one.tier, one.decision, one.score) for one in found] == [(Tier.ALIAS, Decision.MATCH, 0.999)]


def test_an_alias_is_not_preselected_by_default() -> None:
    aliases = Aliases(same=(("Northwind", "NWT"),))
    assert _suggest(["Northwind"], ["NWT"], aliases, Tier.EXACT)[0].decision is Decision.REVIEW


def test_the_same_spelling_is_stronger() -> None:
    aliases = Aliases(same=(("Contoso", "Fabrikam"),))
    found = _suggest(["Contoso"], ["Contoso", "Fabrikam"], aliases, Tier.ALIAS)
    assert found[0].tier is Tier.EXACT


def test_an_alias_for_two_customers_decides_nothing() -> None:
    aliases = Aliases(same=(("Northwind", "NWT"),))
    found = _suggest(["Northwind"], ["NWT", "nwt"], aliases, Tier.ALIAS)
    assert found[0].decision is Decision.REVIEW
    assert {candidate.tier for candidate in found[0].candidates} == {Tier.ALIAS}


def test_a_pair_never_to_suggest() -> None:
    aliases = Aliases(never=(("Contoso Dental", "Contoso Dental Inc"),))
    found = _suggest(["Contoso Dental"], ["Contoso Dental Inc"], aliases, Tier.SUFFIX)
    assert found[0].decision is Decision.NONE


def test_learning() -> None:
    before = Aliases(same=(("A", "B"),), never=(("Northwind", "NWT"),))
    pairs = [
        (Company("1", "Northwind"), Customer("c1", "NWT")),
        (Company("2", "Contoso, Inc."), Customer("c2", "CONTOSO INC")),
        (Company("3", "a"), Customer("c3", "b")),
    ]
    assert learn(before, pairs) == Aliases(same=(("A", "B"), ("Northwind", "NWT")))


def test_a_missing_file_is_empty(tmp_path: Path) -> None:
    assert read_aliases(tmp_path / "aliases.yaml") == NO_ALIASES


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# mine\n",
        "same: []\n",
        "same:\n",
        "never:\n- {company: X, customer: Y}\n",
        "same:\n- company: A  # why\n  customer: B\n\n# the end\nnever:\n- company: X\n  customer: Y\n",
        "same:\n  - {company: A, customer: B}",
        "same:\r\n- company: A\r\n  customer: B\r\n",
    ],
)
def test_learned_entries_keep_what_is_there(tmp_path: Path, text: str) -> None:
    path = tmp_path / "aliases.yaml"
    path.write_bytes(text.encode())
    before = read_aliases(path)
    after = learn(before, [(Company("1", 'No: "thing"\t'), Customer("2", "- # {x}"))])
    assert write_learned(path, before, after) == 1
    assert read_aliases(path) == after
    kept = [line for line in text.splitlines() if line.strip() and line != "same: []"]
    assert [line for line in path.read_text().splitlines() if line in kept] == kept
    assert write_learned(path, after, after) == 0


def test_a_new_file_says_what_it_is(tmp_path: Path) -> None:
    path = tmp_path / "new" / "aliases.yaml"
    write_learned(path, NO_ALIASES, Aliases(same=(("A", "B"),)))
    assert path.read_text().startswith("# What no name says")
    assert read_aliases(path) == Aliases(same=(("A", "B"),))


def test_a_layout_nobody_should_touch(tmp_path: Path) -> None:
    path = tmp_path / "aliases.yaml"
    path.write_text("{same: [{company: A, customer: B}]}\n")
    before = read_aliases(path)
    with pytest.raises(UsageError, match="cannot be added to safely"):
        write_learned(path, before, learn(before, [(Company("1", "C"), Customer("2", "D"))]))
    assert read_aliases(path) == before


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("- a\n", "1:1"),
        ("some: []\n", "unknown key 'some'"),
        ("same: x\n", "1:7"),
        ("same:\n- company: A\n", "2:3"),
        ("same:\n- {company: A, customer: ' '}\n", "2:26"),
    ],
)
def test_bad_files_name_their_place(tmp_path: Path, text: str, problem: str) -> None:
    path = tmp_path / "aliases.yaml"
    path.write_text(text)
    with pytest.raises(UsageError) as error:
        read_aliases(path)
    assert problem in error.value.message
