"""Unmatched pairs whose names nearly agree, or agree and are hard to handle; one function per kind."""

from __future__ import annotations

import unicodedata

from qpmatch.sandbox.draft import Draft
from qpmatch.sandbox.words import (
    ACCENTED,
    CITIES,
    EMOJI,
    FORM_CLASHES,
    FORM_PAIRS,
    ODD,
    PLACEHOLDERS,
    SCRIPTS,
    SURNAMES,
    TRADES,
)


def other_case(draft: Draft) -> None:
    """The same name in capitals, or in small letters."""
    name = draft.name()
    draft.company(name)
    draft.customer(name.upper() if draft.chance(0.7) else name.lower())


def other_punctuation(draft: Draft) -> None:
    """The same name with other commas, hyphens, apostrophes, brackets or full stops."""
    first, trade = draft.core_parts()
    variants = (
        (f"{first} {trade}, Inc.", f"{first} {trade} Inc"),
        (f"{first} {trade}", f"{first}-{trade}"),
        (f"{first}'s {trade}", f"{first}s {trade}"),
        (f"{first} {trade} (UK)", f"{first} {trade} UK"),
        (f"{first} {trade} L.L.C.", f"{first} {trade} LLC"),
    )
    company, customer = draft.choice(variants)
    draft.company(company)
    draft.customer(customer)


def other_spacing(draft: Draft) -> None:
    """The same name with two spaces, or none."""
    first, trade = draft.core_parts()
    draft.company(f"{first} {trade}")
    draft.customer(f"{first}  {trade}" if draft.chance(0.5) else f"{first}{trade}")


def other_form(draft: Draft) -> None:
    """The same company, its legal form written in another way or left out."""
    name = draft.core()
    company, customer = draft.choice(FORM_PAIRS)
    draft.company(name + company)
    draft.customer(name + customer)


def clashing_form(draft: Draft) -> None:
    """Two companies: the same name, another legal form."""
    name = draft.core()
    company, customer = draft.choice(FORM_CLASHES)
    draft.company(name + company)
    draft.customer(name + customer)


def ampersand(draft: Draft) -> None:
    """& on one side, and on the other."""
    first, trade = draft.core_parts()
    partner = draft.choice(SURNAMES)
    draft.company(f"{first} & {partner} {trade}")
    draft.customer(f"{first} and {partner} {trade}")


def accents(draft: Draft) -> None:
    """Accents on one side only."""
    name = f"{draft.choice(ACCENTED)} {draft.core()}"
    draft.company(name)
    marks = unicodedata.normalize("NFKD", name)
    draft.customer("".join(letter for letter in marks if not unicodedata.combining(letter)))


def decomposed(draft: Draft) -> None:
    """Exact (R1), although the bytes differ: one side writes its accents as combining marks."""
    name = f"{draft.choice(ACCENTED)} {draft.core()}"
    draft.company(name)
    draft.customer(unicodedata.normalize("NFD", name))


def misspelt(draft: Draft) -> None:
    """Two letters change places."""
    name = draft.core()
    at = 2 + draft.number(len(name.split()[0]) - 3)
    draft.company(name)
    draft.customer(name[:at] + name[at + 1] + name[at] + name[at + 2 :])


def article(draft: Draft) -> None:
    """An article, and perhaps a Group, on one side."""
    name = draft.core()
    draft.company(name)
    draft.customer(f"The {name} Group" if draft.chance(0.5) else f"The {name}")


def reordered(draft: Draft) -> None:
    """The same words in another order."""
    first, trade = draft.core_parts()
    draft.company(f"{trade} of {first}")
    draft.customer(f"{first}, {trade} of")


def marked(draft: Draft) -> None:
    """A former client, marked in the name as technicians do."""
    name = draft.name()
    marks = ("ZZ - {}", "{} (inactive)", "OLD - {}", "{} *DO NOT USE*", "zz{}")
    draft.company(draft.choice(marks).format(name), active=draft.chance(0.5))
    draft.customer(name)


def trading_as(draft: Draft) -> None:
    """The legal name with its trading name on one side, the trading name on the other."""
    name, legal = draft.core(), draft.core()
    draft.company(f"{legal} LLC {draft.choice(('dba', 't/a', 'd/b/a'))} {name}")
    draft.customer(name)


def domain(draft: Draft) -> None:
    """The customer is called by its domain."""
    first, trade = draft.core_parts()
    draft.company(f"{first} {trade} Inc")
    draft.customer(f"{first}{trade}.example".replace(" ", "").lower())


def branch(draft: Draft) -> None:
    """A branch in a city; the customer has the company's bare name."""
    name = draft.core()
    draft.company(f"{name} - {draft.choice(CITIES)}")
    draft.customer(name)


def coded(draft: Draft) -> None:
    """A short code in brackets behind the company's name."""
    first, trade = draft.core_parts()
    draft.company(f"{first} {trade} [{(first[:2] + trade[:2]).upper()}{draft.number(90) + 10}]")
    draft.customer(f"{first} {trade}")


def contained(draft: Draft) -> None:
    """One name inside the other, and not the same company."""
    first, trade = draft.core_parts()
    draft.company(f"{first} {trade}")
    draft.customer(f"{first} {draft.other_trade(trade)} {trade}")


def initials(draft: Draft) -> None:
    """The customer is called by its initials."""
    first, trade = draft.core_parts()
    second = draft.choice(SURNAMES)
    draft.company(f"{first} {second} {trade}")
    draft.customer(f"{first[0]}{second[0]}{trade[0]} {trade}")


def foreign_script(draft: Draft) -> None:
    """A pair of the same spelling in a script other than Latin, some of them right-to-left."""
    fronts, names, trades = draft.choice(SCRIPTS)
    name = draft.unused(
        lambda: f"{draft.choice(fronts)} {draft.choice(names)}{draft.choice(names)} {draft.choice(trades)}"
    )
    draft.company(name)
    draft.customer(name)


def emoji(draft: Draft) -> None:
    """A pair of the same spelling with an emoji in front."""
    name = f"{draft.choice(EMOJI)} {draft.core()}"
    draft.company(name)
    draft.customer(name)


def odd(draft: Draft) -> None:
    """A pair of the same spelling with characters that mean something to programs (R9)."""
    name = draft.choice(ODD).format(draft.core())
    draft.company(name)
    draft.customer(name)


def placeholder(draft: Draft) -> None:
    """A company that is none."""
    draft.company(draft.unused(lambda: draft.choice(PLACEHOLDERS)))


def placeholder_customer(draft: Draft) -> None:
    """A customer that is none, and a company whose name begins like it."""
    draft.customer("Test")
    draft.company(f"Test {draft.choice(TRADES)}")
