"""Suggestions: the rules that hold whatever the names are."""

from __future__ import annotations

import random
import subprocess
import sys
from collections import Counter
from math import exp
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qpmatch.matching.aliases import Aliases
from qpmatch.matching.suggest import Decision, Suggestion, Tier, exact_suggestions, explain, suggest
from qpmatch.models import Cardinality, Company, Customer, Link, Tenant


def tenant(
    companies: list[str], customers: list[str], links: list[tuple[int, int]] | None = None, **parents: int
) -> Tenant:
    """Companies "0", "1", ... and customers "c0", "c1", ...; ``p2=0`` makes company 0 the parent of 2."""
    return Tenant(
        {
            str(at): Company(str(at), name, parent_id=str(parents[f"p{at}"]) if f"p{at}" in parents else None)
            for at, name in enumerate(companies)
        },
        {f"c{at}": Customer(f"c{at}", name) for at, name in enumerate(customers)},
        frozenset(Link(str(company), f"c{customer}") for company, customer in links or []),
    )


def by_company(subject: Tenant, **options: Any) -> dict[str, Suggestion]:
    return {one.company.id: one for one in suggest(subject, **options)}


def test_every_unmatched_company_in_order() -> None:
    subject = tenant(["b", "A", "c", "a"], ["x"], [(2, 0)])
    assert [one.company.id for one in suggest(subject)] == ["1", "3", "0"]


def test_only_the_companies_asked_for_with_the_same_verdict() -> None:
    subject = tenant(["Contoso", "Contoso Group", "Fabrikam"], ["Contoso", "Fabrikam Inc"])
    asked = suggest(subject, companies={"1", "2"})
    assert asked == [one for one in suggest(subject) if one.company.id in {"1", "2"}]


def test_exact_and_free_is_preselected() -> None:
    found = suggest(tenant([" Contoso"], ["Contoso "]))[0]
    assert (found.tier, found.score, found.decision) == (Tier.EXACT, 1.0, Decision.MATCH)
    assert found.customer == Customer("c0", "Contoso ")


@pytest.mark.parametrize(
    ("companies", "customers", "links"),
    [
        (["Contoso"], ["Contoso", "Contoso"], []),
        (["Contoso", "Contoso"], ["Contoso"], []),
        (["Contoso", "Contoso"], ["Contoso", "x"], [(1, 1)]),
        (["Contoso", "x"], ["Contoso", "Contoso"], [(1, 1)]),
        (["Contoso", "x"], ["Contoso"], [(1, 0)]),
    ],
    ids=["two customers", "two companies", "a linked company", "a linked customer", "already linked"],
)
def test_ambiguous_or_linked_is_shown_and_never_preselected(
    companies: list[str], customers: list[str], links: list[tuple[int, int]]
) -> None:
    subject = tenant(companies, customers, links)
    found = by_company(subject)["0"]
    same = [at for at, name in enumerate(customers) if name == "Contoso"]
    assert found.decision is Decision.REVIEW
    assert {candidate.customer.id for candidate in found.candidates} == {f"c{at}" for at in same}
    assert {candidate.tier for candidate in found.candidates} == {Tier.EXACT}
    assert exact_suggestions(subject) == {}


@pytest.mark.parametrize(
    ("companies", "customers"), [(["Contoso"], ["Contoso"] * 2), (["Contoso"] * 2, ["Contoso"])]
)
def test_no_coin_is_tossed(companies: list[str], customers: list[str]) -> None:
    assert all(one.customer is None for one in suggest(tenant(companies, customers), min_score=0.0))


def test_the_free_one_of_two_is_proposed() -> None:
    found = by_company(tenant(["Contoso", "x"], ["Contoso", "Contoso"], [(1, 1)]))["0"]
    assert found.customer == Customer("c0", "Contoso")


def test_all_of_the_same_spelling_are_shown() -> None:
    found = suggest(tenant(["Contoso"], ["Contoso"] * 7), candidates=3)[0]
    assert len(found.candidates) == 7
    assert "seven" in found.reason or "7 customers" in found.reason


def test_an_already_linked_customer_is_named_as_such() -> None:
    found = by_company(tenant(["Contoso", "Contoso East"], ["Contoso"], [(1, 0)]))["0"]
    assert "already linked to 'Contoso East'" in found.reason


def test_customers_of_rows_that_cannot_grow_are_no_candidates() -> None:
    subject = tenant(["Contoso", "a", "b"], ["Contoso"], [(1, 0), (2, 0)])
    found = by_company(subject)["0"]
    assert found.decision is Decision.NONE
    assert Cardinality.ONE_TO_MANY in found.reason


def test_a_customer_is_proposed_once_and_the_second_claimant_says_so() -> None:
    found = by_company(tenant(["Contoso Group", "Contoso"], ["Contoso Ltd"]))
    assert found["1"].customer == Customer("c0", "Contoso Ltd")
    assert found["0"].customer is None
    assert "proposed for 'Contoso'" in found["0"].candidates[0].reason


@pytest.mark.parametrize(
    ("accept", "matched"),
    [(Tier.EXACT, {"0"}), (Tier.ALIAS, {"0"}), (Tier.NORMALIZED, {"0", "1"}), (Tier.SUFFIX, {"0", "1", "2"})],
)
def test_accept_takes_stronger_tiers_in(accept: Tier, matched: set[str]) -> None:
    subject = tenant(
        ["Contoso", "Fabrikam, Inc", "Tailspin Ltd", "Wingtip Group"],
        ["Contoso", "FABRIKAM INC", "Tailspin Limited", "Wingtip"],
    )
    found = by_company(subject, accept=accept)
    assert {key for key, one in found.items() if one.decision is Decision.MATCH} == matched
    assert all(one.customer for one in found.values())


@pytest.mark.parametrize("accept", list(Tier))
def test_similar_is_never_preselected(accept: Tier) -> None:
    assert suggest(tenant(["Contoso"], ["Contoso Group"]), accept=accept)[0].decision is Decision.REVIEW


def test_a_child_is_not_preselected_to_what_may_be_its_parents_customer() -> None:
    subject = tenant(["Contoso Group", "Contoso Ltd"], ["Contoso Limited"], p1=0)
    found = by_company(subject, accept=Tier.SUFFIX)["1"]
    assert found.decision is Decision.REVIEW
    assert "its parent 'Contoso Group'" in found.reason


def test_a_child_of_its_own_name_is_preselected() -> None:
    subject = tenant(["Contoso Group", "Fabrikam Ltd"], ["Fabrikam Limited"], p1=0)
    assert by_company(subject, accept=Tier.SUFFIX)["1"].decision is Decision.MATCH


@pytest.mark.parametrize("site", ["Contoso - Leeds", "Contoso (Leeds)", "Contoso: Leeds", "Contoso, Leeds"])
def test_a_site_is_not_preselected(site: str) -> None:
    found = suggest(tenant([site], ["Contoso"]), accept=Tier.SUFFIX)[0]
    assert (found.tier, found.decision) == (Tier.SIMILAR, Decision.REVIEW)


def test_min_score_is_for_proposals_only() -> None:
    subject = tenant(["Contoso Group"], ["Contoso"])
    found = suggest(subject, min_score=1.0)[0]
    assert found.customer is None
    assert (found.tier, found.score, len(found.candidates)) == (None, 0.0, 1)


def test_the_number_of_candidates() -> None:
    subject = tenant(
        ["Contoso"], [f"Contoso {word}" for word in ("East", "West", "North", "South", "Mid", "Far")]
    )
    for limit in (1, 3, 5):
        assert len(suggest(subject, candidates=limit)[0].candidates) == limit


def test_nothing_to_suggest() -> None:
    assert suggest(Tenant()) == []
    found = suggest(tenant(["Contoso"], []))[0]
    assert (found.decision, found.reason, found.score) == (
        Decision.NONE,
        "no customer has a similar name",
        0.0,
    )


def test_explain_lays_the_evidence_out() -> None:
    subject = tenant(
        ["Contoso Dental - Leeds Ltd"], ["Contoso Dental", "Contoso Legal", "Contoso Dental - Leeds Limited"]
    )
    found = explain(subject, "0")
    assert found.suggestion == suggest(subject)[0]
    assert found.legal_forms == ("ltd",)
    assert "contoso dental" in found.also_read_as
    assert [one.candidate for one in found.candidates] == list(found.suggestion.candidates)
    assert all(one.findings for one in found.candidates)


def test_explained_points_add_up_to_the_score() -> None:
    from qpmatch.matching.search import BEST

    found = explain(tenant(["Contoso Dental"], ["Contoso Dental Clinic", "Contoso Legal"]), "0")
    for one in found.candidates:
        points = sum(finding.points for finding in one.findings)
        assert BEST / (1 + exp(-points)) == pytest.approx(one.candidate.score, abs=0.01)


def test_explain_knows_unmatched_companies_only() -> None:
    with pytest.raises(KeyError):
        explain(tenant(["Contoso"], ["Contoso"], [(0, 0)]), "0")


WORDS = [
    "Contoso",
    "Fabrikam",
    "Tailspin",
    "Smith",
    "Smyth",
    "Dental",
    "Legal",
    "Group",
    "East",
    "Leeds",
    "II",
    "2",
]
TAILS = ["", " Ltd", " Limited", ", Inc.", " Corp", " (inactive)", " - Leeds", "/DE/", " GmbH & Co. KG"]
NAMES = st.one_of(
    st.builds(
        lambda words, tail: " ".join(words) + tail,
        st.lists(st.sampled_from(WORDS), min_size=1, max_size=3),
        st.sampled_from(TAILS),
    ),
    st.sampled_from(
        ["N/A", "Test", "-", "A", "AB", "contoso.com", "CONTOSO", "🚀", "שלום", "株式会社トヨタ"]
    ),
    st.text(max_size=12),
)


@st.composite
def tenants(draw: st.DrawFn) -> Tenant:
    companies = draw(st.lists(NAMES, max_size=10))
    customers = draw(st.lists(NAMES, max_size=10))
    links = []
    if companies and customers:
        ends = st.tuples(st.integers(0, len(companies) - 1), st.integers(0, len(customers) - 1))
        links = draw(st.lists(ends, max_size=4))
    return tenant(companies, customers, links)


SLOW = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


@SLOW
@given(tenants(), st.randoms(use_true_random=False))
def test_the_order_of_the_rows_decides_nothing(subject: Tenant, chance: random.Random) -> None:
    companies, customers = list(subject.companies.items()), list(subject.customers.items())
    chance.shuffle(companies)
    chance.shuffle(customers)
    assert suggest(Tenant(dict(companies), dict(customers), subject.links)) == suggest(subject)


@SLOW
@given(tenants(), st.sampled_from(list(Tier)), st.floats(0, 1))
def test_what_every_suggestion_keeps_to(subject: Tenant, accept: Tier, min_score: float) -> None:
    found = suggest(subject, accept=accept, min_score=min_score)
    linked = {link.customer_id for link in subject.links}
    proposed = Counter(one.customer.id for one in found if one.customer)
    assert all(count == 1 for count in proposed.values())
    assert not linked & set(proposed)
    for one in found:
        order = [(candidate.tier.rank, -candidate.score) for candidate in one.candidates]
        assert order == sorted(order)
        assert all(0 <= candidate.score <= 1 and candidate.reason for candidate in one.candidates)
        assert (one.customer is None) == (one.tier is None)
        assert one.customer is None or one.customer in [candidate.customer for candidate in one.candidates]
        assert one.candidates or one.decision is Decision.NONE
        if one.decision is Decision.NONE:
            assert all(candidate.score <= 0.001 for candidate in one.candidates)
            assert one.customer is None
        if one.decision is Decision.MATCH:
            assert one.tier is not None
            assert one.tier.rank <= accept.rank
            assert one.tier is not Tier.SIMILAR


def test_a_company_like_nobody_shows_who_begins_alike() -> None:
    subject = tenant(
        ["Valorem Mining", "Valiant"], ["Valoptim", "Valiant Ltd", "Vale Foods", "Zeta", "V"], [(1, 1)]
    )
    found = by_company(subject)["0"]
    assert (found.decision, found.customer) == (Decision.NONE, None)
    assert [candidate.customer.name for candidate in found.candidates] == ["Valoptim", "Vale Foods"]
    assert {candidate.reason for candidate in found.candidates} == {
        "little in common; the names begin with the same letters"
    }
    assert len(by_company(subject, candidates=1)["0"].candidates) == 1


def test_only_customers_nobody_wants_and_nothing_forbids_begin_alike() -> None:
    subject = tenant(["Valorem", "Valoptim Inc"], ["Valoptim", "Vale Foods"])
    never = Aliases(never=(("Valorem", "Vale Foods"),))
    assert [candidate.customer.name for candidate in by_company(subject)["0"].candidates] == ["Vale Foods"]
    assert by_company(subject, aliases=never)["0"].candidates == ()


def test_beginning_alike_is_explained() -> None:
    explained = explain(tenant(["Valorem Mining"], ["Valoptim"]), "0").candidates
    assert [(one.findings[0].company, one.findings[0].points) for one in explained] == [("valo", 0.0)]


@SLOW
@given(tenants())
def test_the_quick_exact_tier_agrees(subject: Tenant) -> None:
    slow = {one.company.id: one.customer for one in suggest(subject) if one.decision is Decision.MATCH}
    assert exact_suggestions(subject) == slow


@SLOW
@given(st.sampled_from(["N/A", "Test", "-", "TBD", "test 1", "New Client"]), tenants())
def test_placeholders_are_never_more_than_hardly_similar(name: str, subject: Tenant) -> None:
    companies = {**subject.companies, "n": Company("n", name)}
    customers = {**subject.customers, "n": Customer("n", name)}
    found = by_company(Tenant(companies, customers, subject.links), accept=Tier.SUFFIX)["n"]
    assert found.decision is not Decision.MATCH
    assert all(candidate.tier is Tier.SIMILAR and candidate.score <= 0.1 for candidate in found.candidates)


@SLOW
@given(
    st.lists(st.sampled_from(["Contoso", "Fabrikam", "Tailspin"]), min_size=1, max_size=2, unique=True),
    st.lists(
        st.sampled_from(["Engineering", "Dental", "Zylo", "Kaveri", "Leeds"]),
        min_size=1,
        max_size=3,
        unique=True,
    ),
    st.booleans(),
)
def test_containment_alone_stays_low(shared: list[str], more: list[str], longer_is_company: bool) -> None:
    short, long = " ".join(shared), " ".join(shared + more)
    subject = tenant([long], [short]) if longer_is_company else tenant([short], [long])
    assert all(candidate.score <= 0.7 for candidate in suggest(subject)[0].candidates)


HOSTILE = [
    "A" * 10_000,
    "a " * 5_000,
    "(" * 10_000,
    "-" * 10_000,
    " - " * 130,
    "🚀" * 100,
    "\u202eabc\x1b[31m",
    "%s {0} [b]",
    "ab" * 4_000 + " inc",
]


def test_a_thousand_of_one_name_are_not_all_listed() -> None:
    found = suggest(tenant(["Contoso"] * 30, ["Contoso"] * 1000))
    assert {len(one.candidates) for one in found} == {20}
    assert "1000 customers have this name" in found[0].reason


def test_listing_does_not_pay_for_the_engine() -> None:
    code = "import sys, qpmatch.matching.suggest; sys.exit('rapidfuzz' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_hostile_names_do_no_harm() -> None:
    subject = tenant(HOSTILE, [name + " x" for name in HOSTILE])
    assert len(suggest(subject)) == len(HOSTILE)
    assert all(len(one.reason) < 500 for one in suggest(subject) if one.customer)
