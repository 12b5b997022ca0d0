"""Pairs of names with the verdict of a careful technician, among neighbours of no relation to them.

``sure`` may be preselected when its tier is accepted; ``likely`` is proposed for review; ``unlikely`` is
listed at most; ``no`` is not even listed.
"""

from __future__ import annotations

import pytest

from qpmatch.matching.suggest import Decision, Tier, suggest
from qpmatch.models import Company, Customer, Tenant

FIRST = ["Alder", "Birch", "Cedar", "Dogwood", "Elm", "Fir", "Ginkgo", "Hazel", "Ironwood", "Juniper"]
SECOND = ["Plumbing", "Logistics", "Dental", "Law"]
NEIGHBOURS = [f"{first} {second}" for first in FIRST for second in SECOND]

SURE = [
    ("Contoso", "Contoso", Tier.EXACT),
    ("AB", "AB", Tier.EXACT),
    ("Contoso, Inc.", "CONTOSO INC", Tier.NORMALIZED),
    ("Contoso & Sons", "Contoso and Sons", Tier.NORMALIZED),
    ("St. Mary's School", "St Marys School", Tier.NORMALIZED),
    ("Café Contoso", "CAFE CONTOSO", Tier.NORMALIZED),
    ("*Contoso*", "Contoso", Tier.NORMALIZED),
    ("J. B. Contoso", "JB Contoso", Tier.NORMALIZED),
    ("Contoso\u202e Ltd", "Contoso Ltd", Tier.NORMALIZED),
    ("Contoso Ltd", "Contoso Limited", Tier.SUFFIX),
    ("Contoso", "Contoso GmbH & Co. KG", Tier.SUFFIX),
    ("The Contoso Group", "Contoso Group", Tier.SUFFIX),
    ("Contoso Intl", "Contoso International Inc", Tier.SUFFIX),
    ("CONTOSO CORP /DE/", "Contoso Corporation", Tier.SUFFIX),
    ("ООО Ромашка", "Ромашка", Tier.SUFFIX),
    ("株式会社トヨタ", "トヨタ", Tier.SUFFIX),
]

LIKELY = [
    ("Contoso (inactive)", "Contoso", "marker '(inactive)'"),
    ("ZZ - Contoso", "Contoso", "marker 'ZZ'"),
    ("OLD Contoso", "Contoso", "marker 'OLD'"),
    ("DO NOT USE - Contoso", "Contoso", "marker 'DO NOT USE'"),
    ("Smith Holdings LLC dba Contoso", "Contoso", "read as 'Contoso'"),
    ("Smith Ltd t/a Contoso", "Contoso", "read as 'Contoso'"),
    ("Contoso (formerly Fabrikam)", "Fabrikam", "read as 'Fabrikam'"),
    ("Contoso - Leeds", "Contoso", "without 'Leeds'"),
    ("Contoso Leeds", "Contoso", "lacks 'Leeds'"),
    ("Contoso Ltd (London)", "Contoso Ltd", "without '(London)'"),
    ("Contoso [C1234]", "Contoso", "without '[C1234]'"),
    ("www.contoso.co.uk", "Contoso Ltd", "a web address"),
    ("first-choice.com", "First Choice", "a web address"),
    ("Contoso", "Contoso Group", "adds only 'Group'"),
    ("Contoso Holdings Ltd", "Contoso Ltd", "lacks only 'Holdings'"),
    ("Toro Corp.", "Toro Co", "Corp and Co differ"),
    ("AB", "AB Ltd", "very short"),
    ("Johnson Smith", "Smith Johnson", "another order"),
    ("Smyth Dental", "Smith Dental", "one letter differs: Smyth / Smith"),
    ("Power Net Systems", "Powernet Systems Group", "together: Power Net / Powernet"),
    ("Fabrikam II", "Fabrikam 2", "same number"),
    ("Müller Bau GmbH", "Mueller Bau GmbH", "umlauts"),
    ("ABC", "ABC Engineering", "adds 'Engineering'"),
    ("Coca-Kola", "Coca", "lacks 'Kola'"),
]

UNLIKELY = [
    ("N/A", "N/A"),
    ("Test", "Test"),
    ("Test Company", "Test"),
    ("Contoso East", "Contoso West"),
    ("Fabrikam 1", "Fabrikam 2"),
    ("Contoso Dental", "Contoso Legal"),
    ("IBM", "International Battery Metals"),
]

NO = [
    ("-", "-"),
    ("🚀", "🚀"),
    ("Contoso", "Fabrikam"),
    ("Contoso Dental", "Fabrikam Dental"),
    ("Contoso Holdings Group", "Fabrikam Holdings Group"),
]


def tenant(company: str, customer: str) -> Tenant:
    customers = [Customer("c", customer), *(Customer(f"n{at}", name) for at, name in enumerate(NEIGHBOURS))]
    return Tenant({"1": Company("1", company)}, {one.id: one for one in customers})


@pytest.mark.parametrize(("company", "customer", "tier"), SURE)
def test_sure(company: str, customer: str, tier: Tier) -> None:
    found = suggest(tenant(company, customer), accept=tier)[0]
    assert (found.tier, found.decision) == (tier, Decision.MATCH)


@pytest.mark.parametrize(("company", "customer", "reason"), LIKELY)
def test_likely(company: str, customer: str, reason: str) -> None:
    found = suggest(tenant(company, customer), accept=Tier.SUFFIX)[0]
    assert (found.tier, found.decision) == (Tier.SIMILAR, Decision.REVIEW)
    assert reason in found.reason


@pytest.mark.parametrize(("company", "customer"), UNLIKELY)
def test_unlikely(company: str, customer: str) -> None:
    found = suggest(tenant(company, customer), accept=Tier.SUFFIX)[0]
    assert found.customer is None
    assert found.decision is not Decision.MATCH


@pytest.mark.parametrize(("company", "customer"), NO)
def test_no(company: str, customer: str) -> None:
    found = suggest(tenant(company, customer), accept=Tier.SUFFIX)[0]
    assert all(candidate.customer.id != "c" for candidate in found.candidates)


def test_the_legal_form_tells_two_apart() -> None:
    subject = Tenant(
        {"1": Company("1", "TORO CORPORATION"), "2": Company("2", "The Toro Company")},
        {"a": Customer("a", "Toro Co"), "b": Customer("b", "Toro Corp.")},
    )
    found = {one.company.id: (one.tier, one.customer and one.customer.id) for one in suggest(subject)}
    assert found == {"1": (Tier.SUFFIX, "b"), "2": (Tier.SUFFIX, "a")}
