"""How much a word tells: rare words name a company, frequent ones describe it.

A word's weight is the natural logarithm of how seldom it occurs in both lists together, in nats. The lists
are topped up with imagined names in which the commonest words of company names occur as often as they do in
trade registers, so that the two words of "Contoso Group" weigh differently in a tenant of five companies too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from itertools import chain
from math import log
from typing import Final

_IMAGINED_NAMES: Final = 2000
_UNHEARD_OF: Final = 0.2
_PER_THOUSAND: Final = {
    40: "group holdings international",
    15: "services solutions technologies resources energy capital financial bank global holding trust",
    8: "systems technology industries management partners consulting insurance properties health healthcare"
    " medical american national united first associates enterprises engineering construction investments"
    " investment fund power mining gold metals minerals oil gas petroleum pharmaceuticals therapeutics"
    " bancorp estate real digital media communications services service center",
    4: "new pacific north south east west southern northern western eastern central general china india"
    " australia canada america europe asia japan uk usa us de of and for electric water products foods"
    " food logistics transport motors steel chemical chemicals materials software data network networks"
    " security design development equipment supply stores brands retail hotels entertainment education"
    " school church foundation society association council county city state university college club"
    " legal law dental clinic care auto electrical plumbing marketing accounting property land homes"
    " bio sciences science labs laboratories research manufacturing trading ventures equity income",
}
_PRIOR: Final = {
    word: rate / 1000 for rate, words in reversed(_PER_THOUSAND.items()) for word in words.split()
}


class Vocabulary(dict[str, float]):
    """Each word of both lists with its weight in nats, and whatever other word it is asked for.

    About 3 for "group", 7 and more for a word that two names share and no other has. ``heaviest`` is the
    weight of a word that occurs once.
    """

    def __init__(self, cores: Iterable[tuple[str, ...]]) -> None:
        words = [set(core) for core in cores]
        occurrences = Counter(chain.from_iterable(words))
        self._names = len(words) + _IMAGINED_NAMES
        self.heaviest = log(self._names / (1 + _UNHEARD_OF))
        super().__init__((word, self._weight(word, count)) for word, count in occurrences.items())

    def __missing__(self, word: str) -> float:
        return self._weight(word, 1)

    def _weight(self, word: str, count: int) -> float:
        imagined = _IMAGINED_NAMES * _PRIOR[word] if word in _PRIOR else _UNHEARD_OF
        return log(self._names / (count + imagined))

    def squared(self, words: Iterable[str]) -> float:
        """The sum of squares over words, where the heaviest word is 1."""
        return sum([(self[word] / self.heaviest) ** 2 for word in words])

    def total(self, words: Iterable[str]) -> float:
        """The sum over words."""
        return sum([self[word] for word in words])
