"""Why two names are thought to be one company, in the words of the technician who has to decide."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from rapidfuzz.distance import OSA

from qpmatch.matching.evidence import Pairing
from qpmatch.matching.forms import FORM_WORDS
from qpmatch.matching.names import Name, fold, is_short, written_out
from qpmatch.matching.suggestion import Tier
from qpmatch.matching.weighing import Weighed

_LONGEST: Final = 40
_SEEN: Final = 400
_PARTS: Final = re.compile(r"[^\W_]+")


def sure_reason(company: Name, customer: Name, tier: Tier) -> str:
    """The reason of a sure pair."""
    if tier is Tier.EXACT:
        return "same spelling"
    if tier is Tier.ALIAS:
        return "known as the same company in aliases.yaml"
    if tier is Tier.NORMALIZED:
        return _spelled_apart(company, customer)
    if not company.forms and not customer.forms:
        return "same name but for 'the', 'and' or an abbreviation"
    ours, theirs = form_text(company), form_text(customer)
    if company.forms and customer.forms:
        differ = ours and theirs and ours != theirs
        return f"same name, legal form {ours} / {theirs}" if differ else "same name and legal form"
    form = ours or theirs or ", ".join(sorted(company.forms | customer.forms))
    return f"same name, only one with its legal form ({form})"


def _spelled_apart(company: Name, customer: Name) -> str:
    if company.spelling.casefold() == customer.spelling.casefold():
        return "same name, only upper and lower case differ"
    if company.words == customer.words:
        return "same name, only punctuation, accents or case differ"
    return "same name, only spacing and punctuation differ"


def similar_reason(company: Name, customer: Name, weighed: Weighed) -> str:
    """The reason of a pair that is merely similar."""
    reason = _words_reason(company, customer, weighed)
    notes = [
        f"{side} is {face.note}" if face.note == "a web address" else f"{side} read {face.note}"
        for side, face in (("company", weighed.ours), ("customer", weighed.theirs))
        if face.note
    ]
    return "; ".join([reason, *notes])


def _words_reason(company: Name, customer: Name, weighed: Weighed) -> str:
    ours, theirs, evidence = weighed.ours, weighed.theirs, weighed.evidence
    only_ours, only_theirs = (
        as_written(company, evidence.only_ours),
        as_written(customer, evidence.only_theirs),
    )
    changed = [pairing for pairing in evidence.pairings if pairing.kind != "same"]
    if ours.core_key == theirs.core_key:
        if weighed.features.forms_differ:
            forms = f"{form_text(company) or 'one form'} and {form_text(customer) or 'another'}"
            return f"same name, but {forms} differ"
        short = is_short(ours.core_key) and ours.forms != theirs.forms
        return "same name, but a very short one" if short else "same name"
    if not only_ours and not only_theirs:
        if not changed:
            return "same words in another order"
        return _change(company, customer, changed)
    if not evidence.pairings:
        return "little in common"
    start = _change(company, customer, changed) + "; " if changed else ""
    only = "only " if weighed.features.same_words else ""
    if not only_ours:
        return f"{start}adds {only}'{only_theirs}'"
    if not only_theirs:
        return f"{start}lacks {only}'{only_ours}'"
    same = tuple(word for pairing in evidence.pairings if pairing.kind == "same" for word in pairing.ours)
    shared = f"shares '{as_written(company, same)}'; " if same else ""
    return f"{start}{shared}'{only_ours}' against '{only_theirs}'"


def _change(company: Name, customer: Name, changed: Sequence[Pairing]) -> str:
    first = changed[0]
    pair = f"{as_written(company, first.ours)} / {as_written(customer, first.theirs)}"
    if first.kind == "joined":
        return f"written apart or together: {pair}"
    if first.kind == "initials":
        return f"initials: {pair}"
    if first.kind == "shortened":
        return f"one is short for the other: {pair}"
    if first.kind == "number":
        return f"same number: {pair}"
    if first.kind == "plural" or _one_letter(first.ours[0], first.theirs[0]):
        return f"one letter differs: {pair}"
    return f"spelled alike: {pair}"


def _one_letter(word: str, other: str) -> bool:
    return OSA.distance(word, other) == 1


def as_written(name: Name, words: Sequence[str]) -> str:
    """Folded words as the name itself writes them, cut to a length that a table bears."""
    if not words:
        return ""
    spelled = _spelled(name.spelling)
    text = " ".join(dict.fromkeys([spelled.get(word, word) for word in words]))
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


@lru_cache(maxsize=256)
def _spelled(text: str) -> dict[str, str]:
    spelled: dict[str, str] = {}
    for token in text[:_SEEN].split():
        if token.isascii() and token.isalpha():
            spelled.setdefault(written_out(token.lower()), token)
            continue
        words, parts = fold(token), _PARTS.findall(token)
        if len(words) == 1:
            parts = [token.strip("()[]{},.;:\"'")]
        for word, part in zip(words, parts if len(parts) == len(words) else words, strict=True):
            spelled.setdefault(written_out(word), part)
    return spelled


def form_text(name: Name) -> str:
    """The legal forms at the end of a name as it writes them; empty where they cannot be singled out."""
    if not name.forms:
        return ""
    tokens = name.spelling[:_SEEN].split()
    start = len(tokens)
    while start > 1 and all(word in FORM_WORDS for word in fold(tokens[start - 1])):
        start -= 1
    text = " ".join(tokens[start:]).strip(" ,()/&")
    return text.removesuffix(".") if text.count(".") == 1 else text
