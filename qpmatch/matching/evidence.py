"""What two names have in common and what sets them apart, word by word, in terms that can be printed."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from rapidfuzz.distance import Levenshtein

from qpmatch.matching.index import initials, with_initials

_WORDS: Final = 16
_WORD_LENGTH: Final = 40
_WORD_PAIRS: Final = 20_000
"""So many pairs of words are remembered: the frequent words of a list meet again and again."""

_ALIKE: Final = 0.7
_CONTRACTED: Final = 0.8
_VOWELS: Final = frozenset("aeiou")
_UNLIKE: Final = ("", 0.0)
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


def compare(ours: Sequence[str], theirs: Sequence[str]) -> Evidence:
    """Pair the words of two cores: equal ones first, then ever looser likenesses."""
    left: list[str] = []
    right = list(theirs[:_WORDS])
    pairings: list[Pairing] = []
    for word in ours[:_WORDS]:
        if word in right:
            right.remove(word)
            pairings.append(Pairing((word,), (word,), "same", 1.0))
        else:
            left.append(word)
    if left and right:
        # Words run together and initials begin as what they stand for: most pairs need no closer look.
        starts = {word[0] for word in right}
        begin_alike = not starts.isdisjoint([word[0] for word in left])
        if begin_alike and len(right) > 1:
            _pair_run_together(left, right, pairings, swapped=False)
        if begin_alike and len(left) > 1:
            _pair_run_together(right, left, pairings, swapped=True)
        if left and right:
            _pair_alike(left, right, pairings)
        if begin_alike and len(right) > 1:
            _pair_initials(left, right, pairings, swapped=False)
        if begin_alike and len(left) > 1:
            _pair_initials(right, left, pairings, swapped=True)
    return Evidence(tuple(pairings), tuple(left), tuple(right))


def _pair_run_together(
    words: list[str], others: list[str], pairings: list[Pairing], *, swapped: bool
) -> None:
    for word in [*words]:
        run = _run(others, word)
        if run is not None:
            pairings.append(_either_way(word, others[run], "joined", 1.0, swapped=swapped))
            words.remove(word)
            del others[run]


def _run(words: list[str], joined: str) -> slice | None:
    """Where neighbouring words, written together, are ``joined``."""
    for start in range(len(words) - 1):
        text = words[start]
        if not joined.startswith(text):
            continue
        end = start + 1
        while end < len(words) and len(text) < len(joined) and joined.startswith(text):
            text += words[end]
            end += 1
            if text == joined:
                return slice(start, end)
    return None


def _pair_alike(left: list[str], right: list[str], pairings: list[Pairing]) -> None:
    found = []
    for position, word in enumerate(left):
        start, end = word[0], word[-2:]
        for other in right:
            # The first test of word_likeness, without the call.
            if other[0] == start or other[-2:] == end or word in _ROMAN or other in _ROMAN:
                kind, likeness = word_likeness(word, other)
                if likeness:
                    found.append((-likeness, position, word, other, kind))
    if not found:
        return
    for minus, _, word, other, kind in sorted(found):
        if word in left and other in right:
            left.remove(word)
            right.remove(other)
            pairings.append(Pairing((word,), (other,), kind, -minus))


@lru_cache(maxsize=_WORD_PAIRS)
def word_likeness(word: str, other: str) -> tuple[str, float]:
    """The kind of likeness of two different words and its degree, 0.0 where there is none."""
    if word in _ROMAN or other in _ROMAN:
        return ("number", 1.0) if _ROMAN.get(word, word) == _ROMAN.get(other, other) else _UNLIKE
    if word[0] != other[0] and word[-2:] != other[-2:]:
        return _UNLIKE
    short, long = (word, other) if len(word) <= len(other) else (other, word)
    if len(short) < 3 or len(long) > _WORD_LENGTH or short.isdigit() or long.isdigit():
        return _UNLIKE
    if long.startswith(short):
        if long[len(short) :] in ("s", "es"):
            return "plural", 0.95
        return "shortened", min(0.9, 0.5 + 0.1 * len(short))
    if _is_contraction(short, long):
        return "shortened", _CONTRACTED
    if len(short) < 4 or len(short) < _ALIKE * len(long):
        return _UNLIKE
    likeness = Levenshtein.normalized_similarity(word, other)
    return ("letters", likeness) if likeness >= _ALIKE else _UNLIKE


def _is_contraction(short: str, long: str) -> bool:
    """Whether a word is another without its vowels and more ("rlty", "mgmt"), its ends kept."""
    if short[0] != long[0] or short[-1] != long[-1] or not _VOWELS.isdisjoint(short[1:]):
        return False
    letters = iter(long)
    return all(letter in letters for letter in short)


def _pair_initials(words: list[str], others: list[str], pairings: list[Pairing], *, swapped: bool) -> None:
    for word in [*words]:
        start = initials(others).find(word) if 2 <= len(word) <= len(others) else -1
        if start >= 0:
            run = with_initials(others)[start : start + len(word)]
            pairings.append(_either_way(word, run, "initials", 0.9, swapped=swapped))
            words.remove(word)
            for other in run:
                others.remove(other)


def _either_way(word: str, run: Sequence[str], kind: str, likeness: float, *, swapped: bool) -> Pairing:
    one, several = (word,), tuple(run)
    return Pairing(several, one, kind, likeness) if swapped else Pairing(one, several, kind, likeness)
