"""What suggesting costs, as ratios taken in one run: seconds of one machine say nothing about another.

The yardstick is folding the names of both lists once, the least that any engine has to do.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from time import process_time

from qpmatch.matching.names import parse
from qpmatch.matching.suggest import exact_suggestions, suggest
from qpmatch.models import Company, Customer, Tenant

SIZES = (1_000, 3_000, 10_000)
_TEXTS = {
    "syllables": """
        ba ko ri ten mar lo vis ar del fo gan hu in jo kes lum ner os pra qui ros sta tor ul ven wi xa yor
    """,
    "trades": """
        Dental Legal Logistics Plumbing Holdings Group Services Consulting Engineering Energy Foods Media
        Insurance Partners Properties Capital Systems Software Security Medical
    """,
}
_SYLLABLES = _TEXTS["syllables"].split()
_TRADES = _TEXTS["trades"].split()
_FORMS = ("Ltd", "Limited", "Inc", "Inc.", "LLC", "GmbH", "Corp", "Corporation", "PLC", "")


def tenant(size: int, seed: int = 7) -> Tenant:
    """Companies and customers of invented names: most have a partner in another spelling, some have none."""
    chance = random.Random(seed)
    names = [_name(chance) for _ in range(size)]
    others = [_respelled(chance, name) if chance.random() < 0.8 else _name(chance) for name in names]
    return Tenant(
        {str(at): Company(str(at), name) for at, name in enumerate(names)},
        {f"c{at}": Customer(f"c{at}", name) for at, name in enumerate(others)},
    )


def report() -> Iterator[str]:
    """The ratios as lines of text."""
    yield "names a side  suggest / folding  exact only / folding  per name, against the smallest"
    first = 0.0
    for size in SIZES:
        subject = tenant(size)
        folding = _seconds(_fold_all, subject)
        suggesting = _seconds(suggest, subject)
        exact = _seconds(exact_suggestions, subject)
        first = first or suggesting / size
        per_name = suggesting / size / first
        yield f"{size:>12}  {suggesting / folding:>17.1f}  {exact / folding:>20.2f}  {per_name:>30.1f}"


def _fold_all(subject: Tenant) -> None:
    for company in subject.companies.values():
        parse(company.name)
    for customer in subject.customers.values():
        parse(customer.name)


def _seconds(work: Callable[[Tenant], object], subject: Tenant) -> float:
    start = process_time()
    work(subject)
    return process_time() - start


def _name(chance: random.Random) -> str:
    words = [_word(chance) for _ in range(chance.randint(1, 2))]
    return " ".join(filter(None, [*words, chance.choice(_TRADES), chance.choice(_FORMS)]))


def _word(chance: random.Random) -> str:
    return "".join(chance.choices(_SYLLABLES, k=chance.randint(2, 3))).title()


def _respelled(chance: random.Random, name: str) -> str:
    words = name.split()
    kind = chance.randrange(6)
    if kind == 0:
        return name
    if kind == 1:
        return name.upper()
    if kind == 2:
        return " ".join([*words[:-1], chance.choice(_FORMS)]).strip()
    if kind == 3:
        return f"{name} Group"
    if kind == 4:
        at = chance.randrange(1, len(words[0]))
        return " ".join([words[0][:at] + words[0][at + 1 :], *words[1:]])
    return " ".join([*words[1:], words[0]])
