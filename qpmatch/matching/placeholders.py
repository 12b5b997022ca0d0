"""Names that name nobody: "N/A", "Test", "-". Equal ones say nothing about two companies being one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from qpmatch.matching.names import fold

_PLACEHOLDER_WORDS: Final = """
na none nil null unknown test testing tests tbd tbc tba todo xxx xx xyz demo sample example dummy temp
temporary placeholder default blank empty untitled unnamed asdf foo foobar
"""
_FILLING_WORDS: Final = """
a the my new old first customer company client account name business organisation organization
"""
_PLACEHOLDERS: Final = frozenset(_PLACEHOLDER_WORDS.split())
_EMPTY_WORDS: Final = frozenset(_FILLING_WORDS.split())
_PHRASES: Final = frozenset(
    {("not", "applicable"), ("do", "not", "use"), ("no", "name"), ("delete", "me"), ("new", "company")}
    | {("customer",), ("company",), ("client",), ("account",), ("new", "customer"), ("new", "client")}
)
_LONGEST: Final = 40
"""No placeholder is longer, in characters: longer names need not be folded to tell."""


def is_placeholder(words: Sequence[str]) -> bool:
    """Whether folded words are a placeholder, also a numbered or doubled one ("Test company 2")."""
    if not words or tuple(words) in _PHRASES:
        return True
    if len(words) > 4 or _PLACEHOLDERS.isdisjoint(words):
        return False
    return all(word in _PLACEHOLDERS or word in _EMPTY_WORDS or word.isdigit() for word in words)


def names_nobody(text: str) -> bool:
    """Whether a name as it is written is a placeholder."""
    return len(text) <= _LONGEST and is_placeholder(fold(text))
