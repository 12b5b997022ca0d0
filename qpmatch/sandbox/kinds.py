"""What the sandbox's MSP consists of, and how much of it (SPEC 9)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from qpmatch.sandbox import families, near_misses
from qpmatch.sandbox.draft import Draft
from qpmatch.sandbox.words import PLACEHOLDERS


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of family: its builder, how many companies it makes, its share of all, the most of them."""

    build: Callable[[Draft], None]
    size: int
    share: float
    most: int | None = None


BULK = (Kind(families.exact, 1, 0.42), Kind(families.one_to_one, 1, 0.32))
"""What fills an MSP up once every other kind has its share."""

KINDS = (
    Kind(families.own_company, 1, 0.0, most=1),
    Kind(near_misses.other_form, 1, 0.015),
    Kind(families.no_customer, 1, 0.01),
    Kind(near_misses.other_case, 1, 0.012),
    Kind(families.one_customer_three_companies, 3, 0.03),
    Kind(families.no_company, 1, 0.012),
    Kind(families.one_company_two_customers, 1, 0.015),
    Kind(near_misses.other_punctuation, 1, 0.012),
    Kind(families.twin_companies, 2, 0.006),
    Kind(families.twin_customers, 1, 0.003),
    Kind(families.many_to_many, 2, 0.008),
    Kind(families.inactive, 1, 0.01),
    Kind(families.lead, 1, 0.02),
    Kind(near_misses.ampersand, 1, 0.008),
    Kind(near_misses.misspelt, 1, 0.006),
    Kind(families.parent_and_children, 3, 0.012),
    Kind(families.vendor, 1, 0.012),
    Kind(near_misses.foreign_script, 1, 0.01),
    Kind(near_misses.accents, 1, 0.006),
    Kind(families.drifted, 1, 0.01),
    Kind(families.taken_customer, 2, 0.004),
    Kind(near_misses.marked, 1, 0.006),
    Kind(near_misses.branch, 1, 0.006),
    Kind(families.cancelled, 1, 0.008),
    Kind(near_misses.clashing_form, 1, 0.004),
    Kind(near_misses.trading_as, 1, 0.004),
    Kind(near_misses.domain, 1, 0.004),
    Kind(near_misses.coded, 1, 0.004),
    Kind(near_misses.contained, 1, 0.004),
    Kind(near_misses.initials, 1, 0.003),
    Kind(near_misses.other_spacing, 1, 0.004),
    Kind(near_misses.article, 1, 0.004),
    Kind(near_misses.reordered, 1, 0.002),
    Kind(near_misses.decomposed, 1, 0.001),
    Kind(families.unmatched_parent, 2, 0.004),
    Kind(families.inactive_matched, 1, 0.005),
    Kind(near_misses.emoji, 1, 0.001),
    Kind(near_misses.odd, 1, 0.002),
    Kind(near_misses.placeholder, 1, 0.0, most=len(PLACEHOLDERS)),
    Kind(near_misses.placeholder_customer, 1, 0.0, most=1),
)
"""Every other kind, the most telling first: a small MSP has as many of them as fit."""
