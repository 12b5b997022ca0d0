"""Finding the few customers that a company could be, without looking at all of them.

An inverted index of words. A word leads to the names that have it, and to those that have it misspelt,
shortened, run together with its neighbour, or hidden in initials.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from heapq import nsmallest
from typing import Final

from qpmatch.matching.vocabulary import Vocabulary

_COMMON: Final = 150
"""A word that more names have leads nowhere by itself; what it adds is counted where another word led."""

_WORD_LENGTH: Final = 40
_WORDS: Final = 16
_ALIKE: Final = 0.75
INITIAL: Final = 1.3
"""What a letter tells that is a word's initial, in nats."""


class NameIndex:
    """An index over the cores of one list; positions are those of the list it was made from."""

    def __init__(self, cores: Sequence[tuple[int, tuple[str, ...]]], vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._cores: dict[int, list[frozenset[str]]] = {}
        self._with_word: dict[str, list[int]] = {}
        self._with_joint: dict[str, list[int]] = {}
        self._with_initials: dict[str, list[int]] = {}
        for position, core in cores:
            words = core[:_WORDS]
            self._cores.setdefault(position, []).append(frozenset(words))
            for word in dict.fromkeys(words):
                self._with_word.setdefault(word, []).append(position)
            for first, second in zip(words, words[1:], strict=False):
                self._with_joint.setdefault(first + second, []).append(position)
            if len(words) > 2:
                self._with_joint.setdefault("".join(words), []).append(position)
            letters = initials(words)
            for end in range(min(3, len(letters)), len(letters) + 1):
                if end > 1:
                    self._with_initials.setdefault(letters[:end], []).append(position)
        self._sorted = sorted(self._with_word)
        self._by_letter: dict[str, list[str]] = {}
        for word in self._sorted:
            if 4 <= len(word) <= _WORD_LENGTH:
                self._by_letter.setdefault(word[0], []).append(word)
        self._kin: dict[str, list[tuple[str, float]]] = {}

    def nearest(self, core: tuple[str, ...], limit: int) -> list[int]:
        """Up to ``limit`` positions, the most promising first; position breaks ties."""
        words = core[:_WORDS]
        weight = self._vocabulary.weight
        found: dict[int, float] = {}
        own = dict.fromkeys(words)
        for word in own:
            self._lead(found, self._with_word.get(word, ()), weight(word))
            for other, likeness in self._kindred(word):
                if other not in own:
                    self._lead(found, self._with_word[other], weight(word) * likeness * likeness)
            if len(word) > 3:
                self._lead(found, self._with_joint.get(word, ()), weight(word))
        for first, second in zip(words, words[1:], strict=False):
            self._lead(found, self._with_word.get(first + second, ()), weight(first) + weight(second))
        joined = "".join(words)
        if len(words) > 2:
            self._lead(found, self._with_word.get(joined, ()), self._vocabulary.weights(words))
            self._lead(found, self._with_joint.get(joined, ()), self._vocabulary.weights(words))
        self._lead_by_initials(found, words)
        return self._best(found, frozenset(own), limit)

    def _lead_by_initials(self, found: dict[int, float], words: Sequence[str]) -> None:
        letters = initials(words)
        for end in range(min(3, len(letters)), len(letters) + 1):
            if end > 1:
                self._lead(found, self._with_word.get(letters[:end], ()), end * INITIAL)
        for word in words:
            if (3 if len(words) > 1 else 2) <= len(word) <= 6:
                self._lead(found, self._with_initials.get(word, ()), len(word) * INITIAL)

    def _lead(self, found: dict[int, float], positions: Iterable[int], weight: float) -> None:
        if isinstance(positions, list) and len(positions) > _COMMON:
            return
        for position in positions:
            found[position] = found.get(position, 0.0) + weight

    def _best(self, found: dict[int, float], own: frozenset[str], limit: int) -> list[int]:
        weights = self._vocabulary.weights
        total = weights(own)
        ranked: list[tuple[float, int]] = []
        for position, led in found.items():
            best = 0.0
            for other in self._cores[position]:
                shared = max(led, weights(own & other))
                best = max(best, shared / (total + weights(other) + 1.0))
            ranked.append((-best, position))
        return [position for _, position in nsmallest(limit, ranked)]

    def _kindred(self, word: str) -> list[tuple[str, float]]:
        """Words of the list that could be this one written otherwise, with their likeness (0..1)."""
        kin = self._kin.get(word)
        if kin is None:
            kin = self._kin[word] = self._find_kin(word) if 4 <= len(word) <= _WORD_LENGTH else []
        return kin

    def _find_kin(self, word: str) -> list[tuple[str, float]]:
        from rapidfuzz.distance import Levenshtein
        from rapidfuzz.process import extract

        kin: dict[str, float] = {}
        for other, likeness, _ in extract(
            word,
            self._by_letter.get(word[0], ()),
            scorer=Levenshtein.normalized_similarity,
            score_cutoff=_ALIKE,
            limit=6,
        ):
            kin[other] = likeness
        start = bisect_left(self._sorted, word)
        for other in self._sorted[start + 1 : start + 9]:
            if not other.startswith(word):
                break
            kin.setdefault(other, 0.8)
        for end in range(4, len(word)):
            if word[:end] in self._with_word:
                kin.setdefault(word[:end], 0.8)
        kin.pop(word, None)
        return sorted(kin.items())


def initials(words: Iterable[str]) -> str:
    """The first letters of words."""
    return "".join(word[0] for word in words)
