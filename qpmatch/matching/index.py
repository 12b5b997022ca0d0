"""Finding the few customers that a company could be, without looking at all of them.

An inverted index of words. A word leads to the names that have it, and to those that have it misspelt,
shortened, run together with its neighbour, or hidden in initials.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterable, Sequence
from heapq import nlargest
from itertools import pairwise
from math import ceil, floor
from typing import Final

from rapidfuzz.distance import Levenshtein
from rapidfuzz.process import extract

from qpmatch.matching.vocabulary import Vocabulary

INITIAL: Final = 1.3
"""What a letter tells that is a word's initial, in nats."""

_COMMON: Final = 80
"""A word that more names have leads nowhere by itself; what it adds is counted where another word led."""

_WORD_LENGTH: Final = 40
_WORDS: Final = 16
_ALIKE: Final = 0.75
_SHORTENED: Final = 0.8
_FAMILIAR: Final = 4.5
"""Words that weigh less, in nats, are too frequent to be somebody's misspelling."""

_SMALL: Final = frozenset(
    {"of", "for", "the", "de", "del", "della", "di", "du", "des", "la", "le", "der", "van"}
)
_PROMISING: Final = 0.14
_BEHIND: Final = 0.5
_MOST_SETTLED: Final = 2
_ACRONYM: Final = 2.0
"""What a letter of initials counts for, in nats, where names are only being looked for."""


class NameIndex:
    """An index over the cores of one list; a name may be in it under several cores."""

    def __init__(
        self,
        cores: Sequence[tuple[int, tuple[str, ...]]],
        vocabulary: Vocabulary,
        settled: Collection[int],
    ) -> None:
        """``cores`` holds the positions that :meth:`nearest` gives back, each with a core.

        Those of ``settled`` have a sure partner: only the nearest few of them are of interest.
        """
        self._vocabulary = vocabulary
        self._positions = [position for position, _ in cores]
        self._settled = {entry for entry, (position, _) in enumerate(cores) if position in settled}
        self._words = [core[:_WORDS] for _, core in cores]
        self._totals = [vocabulary.total(words) + 1.0 for words in self._words]
        self._with_word: dict[str, list[int]] = {}
        self._with_joint: dict[str, list[int]] = {}
        self._with_initials: dict[str, list[int]] = {}
        for entry, words in enumerate(self._words):
            for word in dict.fromkeys(words):
                self._with_word.setdefault(word, []).append(entry)
            if len(words) > 1:
                for first, second in pairwise(words):
                    self._with_joint.setdefault(first + second, []).append(entry)
                for letters in _starts(initials(words)):
                    self._with_initials.setdefault(letters, []).append(entry)
            if len(words) > 2:
                self._with_joint.setdefault("".join(words), []).append(entry)
        self._sorted = sorted(self._with_word)
        self._by_start: dict[tuple[str, int], list[str]] = {}
        for word in self._sorted:
            if 4 <= len(word) <= _WORD_LENGTH and word.isalpha():
                self._by_start.setdefault((word[0], len(word)), []).append(word)
        self._comparable: dict[tuple[str, int], list[str]] = {}
        self._kin: dict[str, list[tuple[str, float]]] = {}

    def nearest(self, core: tuple[str, ...], limit: int) -> list[int]:
        """Up to ``limit`` positions, the most promising first; the order of the list breaks ties."""
        words = tuple(dict.fromkeys(core[:_WORDS]))
        led: dict[int, float] = {}
        common: list[str] = []
        for word in words:
            weight = self._vocabulary[word]
            if not self._lead(led, self._with_word.get(word, ()), weight):
                common.append(word)
            for other, likeness in self._kindred(word):
                if other not in words:
                    self._lead(led, self._with_word[other], weight * likeness * likeness)
            if len(word) > 3 and word in self._with_joint:
                self._lead(led, self._with_joint[word], weight)
        if len(words) > 1:
            for first, second in pairwise(words):
                if (joint := first + second) in self._with_word:
                    weight = self._vocabulary[first] + self._vocabulary[second]
                    self._lead(led, self._with_word[joint], weight)
            letters = initials(words)
            for start in _starts(letters):
                if start in self._with_word:
                    weight = self._vocabulary[start] if start == letters else len(start) * _ACRONYM
                    self._lead(led, self._with_word[start], weight)
        total = self._vocabulary.total(words)
        if len(words) > 2:
            joined = "".join(words)
            self._lead(led, self._with_word.get(joined, ()), total)
            self._lead(led, self._with_joint.get(joined, ()), total)
        for word in words:
            if (3 if len(words) > 1 else 2) <= len(word) <= 6 and word in self._with_initials:
                self._lead(led, self._with_initials[word], len(word) * _ACRONYM)
        return self._best(led, total, common, limit)

    def _lead(self, led: dict[int, float], entries: Sequence[int], weight: float) -> bool:
        if len(entries) > _COMMON:
            return False
        for entry in entries:
            led[entry] = led.get(entry, 0.0) + weight
        return True

    def _best(self, led: dict[int, float], total: float, common: Sequence[str], limit: int) -> list[int]:
        totals = self._totals
        promising = [
            (shared / (total + totals[entry]), -entry)
            for entry, shared in led.items()
            if shared > _PROMISING * (total + totals[entry])
        ]
        if common:
            promising = [
                (
                    share
                    + self._vocabulary.total(word for word in common if word in self._words[-entry])
                    / (total + totals[-entry]),
                    entry,
                )
                for share, entry in nlargest(4 * limit, promising)
            ]
        settled = self._settled
        free = nlargest(limit, [one for one in promising if -one[1] not in settled])
        held = nlargest(_MOST_SETTLED, [one for one in promising if -one[1] in settled])
        enough = _BEHIND * free[0][0] if free else 0.0
        enough_held = max(enough, _BEHIND * held[0][0]) if held else 0.0
        found = [self._positions[-entry] for share, entry in free if share >= enough]
        found += [self._positions[-entry] for share, entry in held if share >= enough_held]
        return found

    def _kindred(self, word: str) -> list[tuple[str, float]]:
        """Words of the list that could be this one written otherwise, with their likeness (0..1)."""
        kin = self._kin.get(word)
        if kin is None:
            rare = word.isalpha() and 4 <= len(word) <= _WORD_LENGTH and self._vocabulary[word] >= _FAMILIAR
            kin = self._kin[word] = self._find_kin(word) if rare else []
        return kin

    def _find_kin(self, word: str) -> list[tuple[str, float]]:
        likeness = Levenshtein.normalized_similarity
        # A word that the list has as it stands is hardly a misspelling of another one there.
        choices = [] if word in self._with_word else self._of_like_length(word)
        found = extract(word, choices, scorer=likeness, score_cutoff=_ALIKE, limit=6)
        kin = {other: degree for other, degree, _ in found}
        start = bisect_left(self._sorted, word)
        for other in self._sorted[start + 1 : start + 9]:
            if not other.startswith(word):
                break
            kin.setdefault(other, _SHORTENED)
        for end in range(3, len(word)):
            if word[:end] in self._with_word:
                kin.setdefault(word[:end], _SHORTENED)
        kin.pop(word, None)
        return sorted(kin.items())

    def _of_like_length(self, word: str) -> list[str]:
        """The words that start as this one does and are of a length that lets them be alike."""
        key = (word[0], len(word))
        if key not in self._comparable:
            lengths = range(ceil(_ALIKE * len(word)), floor(len(word) / _ALIKE) + 1)
            self._comparable[key] = [
                other for length in lengths for other in self._by_start.get((word[0], length), ())
            ]
        return self._comparable[key]


def with_initials(words: Iterable[str]) -> list[str]:
    """The words that initials stand for: small words have none ("Bank of New York" is BNY)."""
    return [word for word in words if word not in _SMALL]


def initials(words: Iterable[str]) -> str:
    """The first letters of words, small ones left out."""
    return "".join([word[0] for word in with_initials(words)])


def _starts(letters: str) -> list[str]:
    """The letters, and their starts of three letters and more: trailing words are often left out."""
    return [letters[:end] for end in range(min(3, len(letters)), len(letters) + 1)]
