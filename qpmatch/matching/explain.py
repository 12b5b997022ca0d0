"""The evidence behind a suggestion, laid out for a person: what ``suggest --explain COMPANY`` prints."""

from __future__ import annotations

from dataclasses import dataclass
from math import log

from rapidfuzz.distance import Prefix

from qpmatch.matching.board import Board, Option
from qpmatch.matching.habits import faces
from qpmatch.matching.names import Name
from qpmatch.matching.reasons import as_written, form_text
from qpmatch.matching.search import BEST, Search
from qpmatch.matching.suggestion import Candidate, Suggestion
from qpmatch.matching.weighing import BIAS, WEIGHTS, Weighed


@dataclass(frozen=True, slots=True)
class Finding:
    """One piece of evidence: what it rests on in either name, and what it adds to the log-odds, in nats."""

    evidence: str
    company: str
    customer: str
    points: float


@dataclass(frozen=True, slots=True)
class Explained:
    """A candidate with its evidence. The points of a similar pair add up to the log-odds of its score."""

    candidate: Candidate
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """A suggestion, how the company's name was read, and the candidates with their evidence, best first."""

    suggestion: Suggestion
    core: str
    legal_forms: tuple[str, ...]
    also_read_as: tuple[str, ...]
    candidates: tuple[Explained, ...]


def explanation(board: Board, suggestion: Suggestion) -> Explanation:
    """Lay out the evidence for one suggestion of a board."""
    at = next(at for at, company in enumerate(board.companies) if company.id == suggestion.company.id)
    name = board.company_names[at]
    readings = faces(name)
    options = {board.customers[option.customer].id: option for option in board.options.get(at, ())}
    positions = {customer.id: position for position, customer in enumerate(board.customers)}
    search = board.search() if suggestion.candidates else None
    return Explanation(
        suggestion=suggestion,
        core=" ".join(name.core),
        legal_forms=tuple(sorted(name.forms)),
        also_read_as=tuple(" ".join(face.core) for face in readings[1:]),
        candidates=tuple(
            _explained(board, search, name, candidate, options[candidate.customer.id])
            if candidate.customer.id in options
            else _merely_listed(board, search, name, candidate, positions[candidate.customer.id])
            for candidate in suggestion.candidates
            if search is not None
        ),
    )


def _explained(board: Board, search: Search, name: Name, candidate: Candidate, option: Option) -> Explained:
    other = board.customer_names[option.customer]
    if option.weighed is not None:
        return Explained(candidate, (*_findings(name, other, option.weighed), _rivals(option)))
    sure = Finding("nobody else has this name", name.spelling, other.spelling, 0.0)
    if not name.core_key or not other.core_key:
        return Explained(candidate, (sure,))
    return Explained(candidate, (sure, *_findings(name, other, search.weigh(faces(name), option.customer))))


def _merely_listed(
    board: Board, search: Search, name: Name, candidate: Candidate, position: int
) -> Explained:
    """A candidate that nothing speaks for but the first letters of its name."""
    weighed = search.weigh(faces(name), position)
    letters = name.core_key[: Prefix.similarity(name.core_key, board.customer_names[position].core_key)]
    opening = Finding("nobody wants it, and it begins with the same letters", letters, letters, 0.0)
    return Explained(candidate, (opening, *_findings(name, board.customer_names[position], weighed)))


def _findings(name: Name, other: Name, weighed: Weighed) -> list[Finding]:
    evidence, features = weighed.evidence, weighed.features
    same = [pairing for pairing in evidence.pairings if pairing.kind == "same"]
    changed = [pairing for pairing in evidence.pairings if pairing.kind != "same"]
    shared = tuple(word for pairing in same for word in pairing.ours)
    ours_changed = tuple(word for pairing in changed for word in pairing.ours)
    theirs_changed = tuple(word for pairing in changed for word in pairing.theirs)
    left = (as_written(name, evidence.only_ours), as_written(other, evidence.only_theirs))
    sides: dict[str, tuple[str, str, str]] = {
        "shared": ("shared words, by rarity", as_written(name, shared), as_written(other, shared)),
        "same_words": ("nothing but plain words differs", "", ""),
        "conflict": ("words of their own on both sides", *left),
        "surplus": ("words the other name lacks", *left),
        "inexact": (
            "words alike but not the same",
            as_written(name, ours_changed),
            as_written(other, theirs_changed),
        ),
        "first_word": ("same first word", weighed.ours.telling[0], weighed.theirs.telling[0]),
        "numbers": ("a number the other name lacks", *left),
        "forms_differ": ("legal forms differ", form_text(name), form_text(other)),
        "run_together": ("the same but for spaces", "", ""),
        "letters": (
            f"{features.letters:.0%} of the letters in common",
            weighed.ours.text,
            weighed.theirs.text,
        ),
        "short": ("a very short name", weighed.ours.text, weighed.theirs.text),
        "doubt": ("read without its decoration", weighed.ours.note, weighed.theirs.note),
    }
    found = [Finding("before looking: few pairs are one company", "", "", BIAS)]
    for feature, value, weight in zip(features._fields, features, WEIGHTS, strict=True):
        if value:
            found.append(Finding(*sides[feature], round(value * weight, 2)))
    return found


def _rivals(option: Option) -> Finding:
    """What the other candidates of the company and the other claimants of the customer take away."""
    alone = option.weighed.log_odds if option.weighed else 0.0
    score = min(max(option.score / BEST, 1e-6), 1 - 1e-6)
    return Finding(
        "rivals for either, and the ceiling of its kind", "", "", round(log(score / (1 - score)) - alone, 2)
    )
