"""What two names have in common and what sets them apart, word by word, in terms that can be printed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from qpmatch.matching.index import initials

_WORDS: Final = 16
_WORD_LENGTH: Final = 40
_ROMAN: Final = {"ii": "2", "iii": "3", "iv": "4", "vi": "6", "vii": "7", "viii": "8", "ix": "9"}


class Pairing(NamedTuple):
    """Words of the company's name that stand for words of the customer's, and how alike they are (0..1)."""

    ours: tuple[str, ...]
    theirs: tuple[str, ...]
    kind: str
    likeness: float


class Evidence(NamedTuple):
    """How the words of two cores pair up; ``only_ours`` and ``only_theirs`` found no partner."""

    pairings: tuple[Pairing, ...]
    only_ours: tuple[str, ...]
    only_theirs: tuple[str, ...]
    same_order: bool
    same_first: bool


def compare(ours: Sequence[str], theirs: Sequence[str]) -> Evidence:
    """Pair the words of two cores: equal ones first, then ever looser likenesses."""
    ours, theirs = ours[:_WORDS], theirs[:_WORDS]
    theirs_at = {word: position for position, word in reversed([*enumerate(theirs)])}
    left: list[str] = []
    order: list[int] = []
    pairings: list[Pairing] = []
    for word in ours:
        position = theirs_at.pop(word, None)
        if position is None:
            left.append(word)
        else:
            order.append(position)
            pairings.append(Pairing((word,), (word,), "same", 1.0))
    used = set(order)
    right = [word for position, word in enumerate(theirs) if position not in used]
    if left and right:
        _pair_run_together(left, right, pairings)
        _pair_alike(left, right, pairings)
        _pair_initials(left, right, pairings)
    first = (
        any(ours[0] in p.ours[:1] and theirs[0] in p.theirs[:1] for p in pairings)
        if ours and theirs
        else False
    )
    return Evidence(tuple(pairings), tuple(left), tuple(right), order == sorted(order), first)


def _pair_run_together(left: list[str], right: list[str], pairings: list[Pairing]) -> None:
    for ours, theirs, swapped in ((left, right, False), (right, left, True)):
        for word in [*ours]:
            run = _run(theirs, word)
            if run is None:
                continue
            one, several = (word,), tuple(theirs[run])
            pairings.append(_either_way(one, several, swapped, "joined", 1.0))
            ours.remove(word)
            del theirs[run]


def _run(words: list[str], joined: str) -> slice | None:
    for start, word in enumerate(words):
        if not joined.startswith(word):
            continue
        text = word
        for end in range(start + 1, len(words)):
            text += words[end]
            if text == joined:
                return slice(start, end + 1)
            if not joined.startswith(text):
                break
    return None


def _pair_alike(left: list[str], right: list[str], pairings: list[Pairing]) -> None:
    found = sorted(
        (
            (-likeness, position, word, other, kind)
            for position, word in enumerate(left)
            for other in right
            for kind, likeness in (word_likeness(word, other),)
            if likeness > 0
        ),
    )
    for minus, _, word, other, kind in found:
        if word in left and other in right:
            left.remove(word)
            right.remove(other)
            pairings.append(Pairing((word,), (other,), kind, -minus))


def word_likeness(word: str, other: str) -> tuple[str, float]:
    """The kind of likeness of two different words and its degree, 0.0 where there is none."""
    short, long = sorted((word, other), key=len)
    if _ROMAN.get(word, word) == _ROMAN.get(other, other):
        return "number", 1.0
    if len(short) < 3 or len(long) > _WORD_LENGTH or short.isdigit() or long.isdigit():
        return "", 0.0
    if long == short + "s" or (long == short + "es"):
        return "plural", 0.95
    if long.startswith(short) and len(short) >= 3:
        return "shortened", min(0.9, 0.5 + 0.1 * len(short))
    if len(short) < 4:
        return "", 0.0
    from rapidfuzz.distance import Levenshtein

    likeness = Levenshtein.normalized_similarity(word, other)
    return ("letters", likeness) if likeness >= 0.7 else ("", 0.0)


def _pair_initials(left: list[str], right: list[str], pairings: list[Pairing]) -> None:
    for ours, theirs, swapped in ((left, right, False), (right, left, True)):
        for word in [*ours]:
            if not 2 <= len(word) <= 6:
                continue
            for start in range(len(theirs) - len(word) + 1):
                run = theirs[start : start + len(word)]
                if initials(run) == word:
                    one, several = (word,), tuple(run)
                    pairings.append(_either_way(one, several, swapped, "initials", 0.9))
                    ours.remove(word)
                    del theirs[start : start + len(word)]
                    break


def _either_way(
    one: tuple[str, ...], several: tuple[str, ...], swapped: bool, kind: str, likeness: float
) -> Pairing:
    return Pairing(several, one, kind, likeness) if swapped else Pairing(one, several, kind, likeness)
