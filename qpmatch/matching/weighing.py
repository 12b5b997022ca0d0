"""From evidence to a score: how likely two names are one company, seen by themselves.

A logistic model over twelve features. Each feature's share in the log-odds, in nats, is what ``suggest
--explain`` prints. The weights were fitted on the three open development sets with each set left out in
turn (the signs and sizes agree) and rounded to what those fits have in common.
"""

from __future__ import annotations

from collections.abc import Sequence
from operator import mul
from typing import Final, NamedTuple

from rapidfuzz.distance import Indel

from qpmatch.matching.evidence import Evidence, compare
from qpmatch.matching.habits import PLAIN, Face
from qpmatch.matching.index import INITIAL
from qpmatch.matching.vocabulary import Vocabulary


class Features(NamedTuple):
    """What is weighed, each in the unit its comment in :data:`WEIGHTS` gives."""

    shared: float
    same_words: float
    conflict: float
    surplus: float
    inexact: float
    first_word: float
    numbers: float
    run_together: float
    forms_differ: float
    letters: float
    short: float
    doubt: float


BIAS: Final = -3.3
WEIGHTS: Final = Features(
    shared=2.5,  # rarity of the shared words; 1 is a word that no other name has, 1.5 is the most
    same_words=1.9,  # 1 when nothing but plain words differs
    conflict=-3.2,  # rarity of the words left over on the side that has less of it
    surplus=-0.9,  # rarity of the words left over on the side that has more of it
    inexact=-3.0,  # rarity of words that are alike but not the same, by how unlike they are
    first_word=1.4,  # 1 when both start with the same word
    numbers=-0.7,  # 1 when a number is left over
    run_together=0.7,  # 1 when words are the same but for the spaces
    forms_differ=-0.8,  # 1 when both have legal forms and share none
    letters=1.2,  # share of letters in common, in order, of the whole names
    short=0.6,  # 1 when a name has three letters or fewer: the share of letters says less
    doubt=-1.2,  # nats, from the ways of reading a decorated name
)


_MOST_ELSE: Final = WEIGHTS.letters + WEIGHTS.short
"""What the features that the words do not decide add at most, in nats."""

_PLAIN_CONFLICT: Final = 0.15
"""What plain words left over on both sides count for: "Holdings" against "International"."""


class Weighed(NamedTuple):
    """A pair of faces and what speaks for them being one company; ``log_odds`` in nats."""

    ours: Face
    theirs: Face
    evidence: Evidence
    features: Features
    log_odds: float


def weigh(ours: Face, theirs: Face, vocabulary: Vocabulary) -> Weighed:
    """Weigh one way of reading the company's name against one way of reading the customer's."""
    evidence = compare(ours.core, theirs.core)
    features = Features(*_words(ours, theirs, evidence, vocabulary), *_else(ours, theirs))
    return Weighed(ours, theirs, evidence, features, _log_odds(features))


def weigh_above(floor: float, ours: Face, theirs: Face, vocabulary: Vocabulary) -> Weighed | None:
    """As :func:`weigh`, but ``None`` where the log-odds would be below ``floor``."""
    evidence = compare(ours.core, theirs.core)
    words = _words(ours, theirs, evidence, vocabulary)
    if _log_odds(words) + _MOST_ELSE < floor:
        return None
    features = (*words, *_else(ours, theirs))
    log_odds = _log_odds(features)
    return Weighed(ours, theirs, evidence, Features._make(features), log_odds) if log_odds >= floor else None


def _log_odds(features: Sequence[float]) -> float:
    return sum(map(mul, features, WEIGHTS), start=BIAS)


def _words(
    ours: Face, theirs: Face, evidence: Evidence, vocabulary: Vocabulary
) -> tuple[float, float, float, float, float, float, float, float]:
    """The features that the words decide: the first eight of :class:`Features`."""
    heaviest = vocabulary.heaviest
    our_first, their_first = ours.telling[0], theirs.telling[0]
    shared = inexact = run_together = first_word = 0.0
    for our_words, their_words, kind, likeness in evidence.pairings:
        if our_words[0] == our_first and their_words[0] == their_first:
            first_word = 1.0
        if kind == "same":
            shared += vocabulary[our_words[0]]
            continue
        if kind == "initials":
            shared += min(INITIAL * min(len(our_words[0]), len(their_words[0])), heaviest)
            inexact += 0.2
            continue
        rarity = min(vocabulary.total(our_words), vocabulary.total(their_words))
        shared += rarity * likeness
        if kind in ("letters", "shortened"):
            inexact += 4 * (1 - likeness) * rarity / heaviest
        elif kind == "joined":
            run_together = 1.0
    only_ours, only_theirs = evidence.only_ours, evidence.only_theirs
    extra_ours = [word for word in only_ours if word not in PLAIN] if only_ours else []
    extra_theirs = [word for word in only_theirs if word not in PLAIN] if only_theirs else []
    both_plain = len(extra_ours) < len(only_ours) and len(extra_theirs) < len(only_theirs)
    left = vocabulary.squared(extra_ours) if extra_ours else 0.0
    right = vocabulary.squared(extra_theirs) if extra_theirs else 0.0
    less, more = (left, right) if left < right else (right, left)
    has_number = any(map(_has_digit, extra_ours)) or any(map(_has_digit, extra_theirs))
    return (
        min(shared / heaviest, 1.5),
        float(not extra_ours and not extra_theirs and not inexact),
        min(less + _PLAIN_CONFLICT * both_plain, 1.5),
        min(more, 2.5),
        min(inexact, 2.0),
        first_word,
        float(has_number),
        run_together,
    )


def _has_digit(word: str) -> bool:
    return not word.isalpha() and any(map(str.isdigit, word))


def _else(ours: Face, theirs: Face) -> tuple[float, float, float, float]:
    """The features that the words do not decide: the last four of :class:`Features`."""
    return (
        float(bool(ours.forms and theirs.forms) and ours.forms.isdisjoint(theirs.forms)),
        Indel.normalized_similarity(ours.text, theirs.text),
        float(ours.is_short or theirs.is_short),
        ours.cost + theirs.cost,
    )
