"""How good the suggestions are on lists whose true pairs are known.

A set is a folder with ``left.csv`` and ``right.csv`` (``id,name``) and ``truth.csv`` (``left_id,right_id``).
The sets are looked for in the folder that ``QPMATCH_NAMES_DATA`` names, else beside the checkout in
``shared/data/names``; the project carries none of their rows.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from qpmatch.matching.suggest import suggest
from qpmatch.models import Company, Customer, Tenant
from qpmatch.offline import read_companies, read_customers

SURE = ("exact", "normalized", "suffix")
PRECISIONS = (0.99, 0.999)
BANDS = (1.0, 0.99, 0.97, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1, 0.0)


class Guess(NamedTuple):
    """A proposed pair with its score, and whether it is a true one."""

    score: float
    tier: str
    right: bool


class Outcome(NamedTuple):
    """What the engine made of one set."""

    name: str
    guesses: tuple[Guess, ...]
    proposed: tuple[Guess, ...]
    among_five: int
    true_pairs: int


def folder() -> Path:
    """Where the sets are looked for."""
    named = os.environ.get("QPMATCH_NAMES_DATA")
    return Path(named) if named else Path(__file__).parents[3] / "shared" / "data" / "names"


def sets() -> list[Path]:
    """The folders that hold a set, by name."""
    return sorted(truth.parent for truth in folder().glob("*/truth.csv"))


def run(path: Path) -> Outcome:
    """Suggest for one set with the default settings, and compare with the truth."""
    with (path / "truth.csv").open(encoding="utf-8", newline="") as file:
        truth = {(row["left_id"], row["right_id"]) for row in csv.DictReader(file)}
    tenant = _tenant(read_companies(str(path / "left.csv")), read_customers(str(path / "right.csv")))
    rows: list[tuple[float, str, str, str]] = []
    proposed: list[Guess] = []
    among_five = 0
    for suggestion in suggest(tenant):
        company = suggestion.company.id
        for candidate in suggestion.candidates:
            rows.append((candidate.score, candidate.tier, company, candidate.customer.id))
        best = sorted(suggestion.candidates, key=lambda candidate: -candidate.score)[:5]
        among_five += any((company, candidate.customer.id) in truth for candidate in best)
        if suggestion.customer is not None and suggestion.tier is not None:
            is_right = (company, suggestion.customer.id) in truth
            proposed.append(Guess(suggestion.score, suggestion.tier, is_right))
    guesses = tuple(
        Guess(score, tier, (company, customer) in truth)
        for score, tier, company, customer in one_to_one(rows)
    )
    return Outcome(path.name, guesses, tuple(proposed), among_five, len(truth))


def one_to_one(rows: Iterable[tuple[float, str, str, str]]) -> Iterator[tuple[float, str, str, str]]:
    """The best row of each company, each customer once, best score first; equal scores keep their order."""
    companies: set[str] = set()
    customers: set[str] = set()
    for row in sorted(rows, key=lambda row: -row[0]):
        if row[2] not in companies and row[3] not in customers:
            companies.add(row[2])
            customers.add(row[3])
            yield row


def f1(guesses: Sequence[Guess], true_pairs: int) -> float:
    """The harmonic mean of precision and recall of the guesses as they are."""
    right = sum(guess.right for guess in guesses)
    return 2 * right / (len(guesses) + true_pairs) if right else 0.0


def cuts(guesses: Sequence[Guess]) -> Iterator[Sequence[Guess]]:
    """The guesses above every possible cut-off; equal scores stand or fall together."""
    ordered = sorted(guesses, key=lambda guess: -guess.score)
    for end in range(1, len(ordered) + 1):
        if end == len(ordered) or ordered[end].score != ordered[end - 1].score:
            yield ordered[:end]


def recall_at(guesses: Sequence[Guess], true_pairs: int, precision: float) -> tuple[float, int]:
    """The best recall of any cut-off with that precision, and how many are wrong there."""
    best, wrong = 0, 0
    for above in cuts(guesses):
        right = sum(guess.right for guess in above)
        if right >= precision * len(above) and right > best:
            best, wrong = right, len(above) - right
    return best / true_pairs, wrong


def report() -> Iterator[str]:
    """The measures as lines of text."""
    paths = sets()
    if not paths:
        yield f"names: skipped, no sets in {folder()} (QPMATCH_NAMES_DATA names another folder)"
        return
    outcomes = [run(path) for path in paths]
    yield "set                pairs  proposed  wrong  F1      best F1  recall@5"
    for one in outcomes:
        wrong = sum(not guess.right for guess in one.proposed)
        best = max(f1(above, one.true_pairs) for above in cuts(one.guesses))
        yield (
            f"{one.name:<18} {one.true_pairs:>5}  {len(one.proposed):>8}  {wrong:>5}  "
            f"{f1(one.proposed, one.true_pairs):.4f}  {best:.4f}   {one.among_five / one.true_pairs:.4f}"
        )
    guesses = [guess for one in outcomes for guess in one.guesses]
    pairs = sum(one.true_pairs for one in outcomes)
    sure = [guess for guess in guesses if guess.tier in SURE]
    mean = sum(f1(one.proposed, one.true_pairs) for one in outcomes) / len(outcomes)
    mean_five = sum(one.among_five / one.true_pairs for one in outcomes) / len(outcomes)
    yield f"mean                                       {mean:.4f}           {mean_five:.4f}"
    for precision in PRECISIONS:
        recall, wrong = recall_at(guesses, pairs, precision)
        yield f"recall at precision >= {precision}, one cut-off for all: {recall:.4f} ({wrong} wrong)"
    right = sum(guess.right for guess in sure)
    yield f"exact, normalized and suffix: {len(sure) - right} wrong, recall {right / pairs:.4f}"
    yield ""
    yield from calibration(guesses)


def calibration(guesses: Sequence[Guess]) -> Iterator[str]:
    """How often a best pair of a score is right, as a table in Markdown."""
    yield "| score | pairs | right |"
    yield "|---|---|---|"
    ceiling = 1.01
    for floor in BANDS:
        band = [guess.right for guess in guesses if floor <= guess.score < ceiling]
        name = f"{floor:.2f}" if floor >= 0.97 else f"{floor:.1f} to {min(ceiling, 0.97):.2f}".rstrip("0")
        if band:
            yield f"| {name} | {len(band)} | {sum(band) / len(band):.1%} |"
        ceiling = floor


def _tenant(companies: Iterable[Company], customers: Iterable[Customer]) -> Tenant:
    return Tenant({one.id: one for one in companies}, {one.id: one for one in customers})
