"""Normal forms of company names: what is left of a spelling once habits of writing are taken away.

Pure text work, linear in the length of a name. Three forms, each weaker than the one before:

- ``spelling``: outer white space trimmed, Unicode NFC. Equal spellings are *exact* (SPEC 3, R1).
- ``key``: compatibility forms, case, accents, punctuation and spacing folded, ``&`` is ``and``. Equal keys
  are *normalized* (SPEC 7).
- ``core_key``: the key without legal forms, "the" and "and", with common abbreviations written out. Equal
  core keys are *suffix*.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Final, NamedTuple

from qpmatch.matching.forms import strip_forms
from qpmatch.matching.spelling import spelling

_LETTERS: Final = {
    "ø": "o", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i", "ħ": "h",
}  # fmt: skip
"""Letters that Unicode does not decompose though every keyboard without them writes them so."""

_APOSTROPHES: Final = frozenset("'’‘`´ʼʹ′＇")
_ABBREVIATIONS: Final = {
    "intl": "international", "int": "international", "mfg": "manufacturing", "svcs": "services",
    "svc": "service", "assoc": "associates", "assocs": "associates", "assn": "association",
    "bros": "brothers", "hldgs": "holdings", "hldg": "holding", "hlds": "holdings", "grp": "group",
    "mgmt": "management", "natl": "national", "univ": "university", "centre": "center", "ctr": "center",
    "cos": "companies", "dept": "department", "govt": "government", "engg": "engineering", "sys": "systems",
    "mgt": "management", "inds": "industries", "tech": "technology", "techs": "technologies",
    "labs": "laboratories", "pharma": "pharmaceuticals", "groep": "group", "groupe": "group",
    "gruppe": "group", "gruppo": "group", "grupo": "group", "gruppen": "group", "konzern": "group",
    "finl": "financial", "entmt": "entertainment", "rlty": "realty", "pptys": "properties", "pwr": "power",
    "amern": "american", "bancorporation": "bancorp", "bankshares": "bancshares", "utd": "united",
    "koninklijke": "royal", "saint": "st", "mount": "mt", "fort": "ft",
    "corporation": "corp", "company": "co", "limited": "ltd", "incorporated": "inc",
}  # fmt: skip
_SHORT: Final = 3
_FIRST_IDEOGRAPH: Final = "\u2e80"
_GLUE: Final = frozenset({"and", "und", "et", "og", "och"})
_REGISTRY_TAIL: Final = re.compile(
    r"[\s/\\]{1,3}[A-Za-z]{2,4}[/\\]$|\s[/\\]\s?[A-Za-z]{2,3}$|(?<=[A-Za-z.])/(?:[A-Z]{2})?$"
)


_GLUED_FORMS: Final = re.compile(
    "(株式会社|有限会社|合同会社|股份有限公司|有限责任公司|有限公司|주식회사|[(（]?株[)）]|㈱)"
)
"""Legal forms of scripts that write no spaces."""


class Name(NamedTuple):
    """One name in its normal forms. ``words`` and ``core`` are folded words in order; keys join them."""

    raw: str
    spelling: str
    words: tuple[str, ...]
    key: str
    core: tuple[str, ...]
    core_key: str
    forms: frozenset[str]


class _Folding(dict[int, str]):
    """A table for :meth:`str.translate` that works a character out when it first meets it."""

    def __missing__(self, codepoint: int) -> str:
        char = chr(codepoint)
        folded = self[codepoint] = _fold_char(char)
        return folded


def _fold_char(char: str) -> str:
    if char in _APOSTROPHES:
        return ""
    if char in "&+＆＋":
        return " and "
    category = unicodedata.category(char)
    if category == "Cf" or "\u0300" <= char <= "\u036f":
        return ""
    if category[0] in "PZSC":
        return " "
    decomposed = unicodedata.normalize("NFKD", char).casefold()
    bare = "".join(_LETTERS.get(part, part) for part in decomposed if not "\u0300" <= part <= "\u036f")
    return unicodedata.normalize("NFC", bare)


_FOLDING: Final = _Folding()


def fold(raw: str) -> tuple[str, ...]:
    """The words of a name, folded; runs of single letters are joined, so "S.p.A." is ``spa``."""
    text = raw if raw.isascii() else unicodedata.normalize("NFC", raw)
    words = text.translate(_FOLDING).split()
    if 1 not in map(len, words):
        return tuple(words)
    joined: list[str] = []
    initials = ""
    for word in words:
        if len(word) == 1 and word.isalpha():
            initials += word
            continue
        if initials:
            joined.append(initials)
            initials = ""
        joined.append(word)
    if initials:
        joined.append(initials)
    return tuple(joined)


def parse(raw: str) -> Name:
    """All normal forms of one name; every string is accepted, also an empty one."""
    text = spelling(raw)
    words = fold(text)
    source = words
    if "/" in text or "\\" in text:
        cut = _REGISTRY_TAIL.sub("", text)
        if cut != text:
            source = fold(cut) or words
    if not text.isascii() and _GLUED_FORMS.search(text):
        source = fold(_GLUED_FORMS.sub(r" \1 ", text))
    core, forms = core_of(source)
    return Name(raw, text, words, "".join(words), core, "".join(core), forms)


def core_of(words: Sequence[str]) -> tuple[tuple[str, ...], frozenset[str]]:
    """The words that say who it is, and the legal forms taken off them."""
    end = len(words)
    if end > 1 and words[-1] == "the":
        end -= 1
    start = 1 if end > 1 and words[0] == "the" else 0
    kept, forms = strip_forms(words[start:end])
    if len(kept) > 1 and not _GLUE.isdisjoint(kept):
        kept = tuple([word for word in kept if word not in _GLUE]) or kept
    return tuple(map(_ABBREVIATIONS.get, kept, kept)), forms


def written_out(word: str) -> str:
    """A folded word in the one form that stands for its abbreviations and translations ("intl", "groupe")."""
    return _ABBREVIATIONS.get(word, word)


def is_short(core_key: str) -> bool:
    """Whether a core is three letters or fewer: equal ones may be two companies. A kanji is no letter."""
    return len(core_key) <= _SHORT and core_key < _FIRST_IDEOGRAPH
