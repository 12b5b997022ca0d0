"""How people decorate names: markers, brackets, sites, trading names, web addresses.

A decorated name is given further *faces*: the same name without the decoration, or the other name that it
mentions. A pair found through a face is never a sure one, as the decoration was put there for a reason; each
face carries what that costs, in nats of doubt, and a note in words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final, NamedTuple

from qpmatch.matching.forms import strip_forms
from qpmatch.matching.names import Name, fold, is_short, parse

_MARKERS: Final = (
    r"inactive|in-active|archived?|closed|terminated|cancell?ed|former(?: client| customer)?|ex-?client"
    r"|ex-?customer|old|do not use|don't use|dnu|duplicate|dup|prospect|lead|on hold|suspended|offboarded"
    r"|left|lost|dormant|deleted?|obsolete|legacy|migrated|merged|test"
)
_SIGNS: Final = frozenset("()[]{}<>|*#~:@/äöüÄÖÜ\u2013\u2014")
_TELLTALES: Final = frozenset(
    {"ta", "dba", "aka", "fka", "nka", "formerly", "trading", "doing", "old", "inactive", "use", "closed"}
    | {"class", "cl", "series", "ser", "shares", "stock", "unit", "units", "depositary", "sponsored"}
    | {"unsponsored", "adr", "adrs", "ads", "adss", "gdr", "gdrs", "sdr", "nvdr"}
)
"""Words by which a name may be decorated: a cheap look before the closer one."""

_CLOSE_LOOK: Final = re.compile(r"\w\.\w|\s-|-\s|^[zZ]{2}")
_DECORATED: Final = re.compile(
    r"[()\[\]{}<>|*#~:@äöüÄÖÜ\u2013\u2014]|\s-|-\s|^[zZ]{2,}"
    r"|\b[td]\s?[/.]\s?[ab]\b|k[/.]?a\b"
    r"|\w\.[A-Za-z]{2,5}\b|\b(?:dba|aka|fka|formerly|trading as|doing business as)\b"
    r"|\b(?:class|cl|series|shares|stock|ser|[agns]v?drs?|adss?|units?|depositary|sponsored|unsponsored)\b"
    r"|\b(?:old|inactive|do not use|closed)\b",
    re.IGNORECASE,
)
_LEADING_MARKER: Final = re.compile(
    rf"^\W*(?:(?:z{{2,}}|x{{2,}})(?:[\W_]+|(?-i:(?=[A-Z])))|(?:{_MARKERS})(?:(?P<loose>\s+)(?=\w)|[\W_]+))",
    re.IGNORECASE,
)
_TRAILING_MARKER: Final = re.compile(
    rf"(?:[\s_]*[-:*~|,\u2013\u2014]+\s*|(?P<loose>\s+))(?:{_MARKERS})\W*$", re.IGNORECASE
)
_BRACKETS: Final = re.compile(r"[(\[{<]([^()\[\]{}<>]{0,200})[)\]}>]")
_ONLY_MARKER: Final = re.compile(rf"^\W*(?:{_MARKERS})\W*$", re.IGNORECASE)
_TRADING_NAME: Final = re.compile(
    r"[\s,(]+(?:d\s?[/.]?\s?b\s?[/.]?\s?a\.?|t\s?/\s?a|[afn][/.]?k[/.]?a\.?|formerly(?: known as)?"
    r"|trading as|doing business as)[\s:]+",
    re.IGNORECASE,
)
_SITE: Final = re.compile(r"\s+[-\u2013\u2014|:]\s*|\s*[\u2013\u2014|:]\s+|:\s*|-\s+")
_DOMAIN: Final = re.compile(
    r"^(?:https?://)?(?:www\.)?((?:[\w-]{1,63}\.){0,3}?[\w-]{2,63})"
    r"\.(?:com|net|org|biz|info|io|co|eu|us|uk|ca|de|fr|nl|au|nz|ie|ch|at|be|it|es|se|no|dk|fi|law|tech)"
    r"(?:\.(?:uk|au|nz|za|jp|in|br|mx|sg))?/?$",
    re.IGNORECASE,
)
_DOT_COM: Final = re.compile(r"(?<=\w)\.(?:com|net|org|io|co\.uk|com\.au)\b", re.IGNORECASE)
_SHARES: Final = re.compile(
    r"(?:[\s,(-]+(?:(?:class|cl\.?|series|ser\.?) [a-d]|(?:un)?sponsored|[ags]drs?|adss?|nvdr|units?"
    r"|(?:registered|ordinary|common|preferred|capital|(?:non-?|subordinate )?voting|[ab]) (?:shares?|stock)"
    r"|(?:american |global |swedish |chess )?depositary (?:shares?|receipts?|units?|interests?))){1,4}\W*$",
    re.IGNORECASE,
)
_UMLAUTS: Final = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue"})
PLAIN: Final = frozenset(
    {"group", "holding", "holdings", "international", "companies", "worldwide", "corp", "co", "inc", "ltd"}
)
"""Words that sources add and drop at will: alone they neither join two names nor keep them apart."""

_LONGEST: Final = 400
_TEXT: Final = 200
_TAIL: Final = 60
_MOST: Final = 8
_TAILS: Final = 1000


class Face(NamedTuple):
    """One way to read a name; the first face of a name is the name as it stands, at no cost.

    ``telling`` are the words of the core that are not plain (all of them where all are), ``text`` joins them
    and ``is_short`` says how much that is.
    """

    core: tuple[str, ...]
    core_key: str
    forms: frozenset[str]
    telling: tuple[str, ...]
    text: str
    is_short: bool
    note: str
    cost: float


def faces(name: Name) -> tuple[Face, ...]:
    """The ways to read a name, plainest first; no two have the same words."""
    plain = _face(name, "", 0.0)
    if not _is_decorated(name):
        return (plain,)
    text = name.spelling
    found = {plain.core: plain}
    for reading, note, cost in _readings(text):
        parsed = parse(reading)
        if parsed.core_key and parsed.core not in found:
            found[parsed.core] = _face(parsed, note, cost)
        if len(found) == _MOST:
            break
    return tuple(found.values())


def _is_decorated(name: Name) -> bool:
    text = name.spelling
    if len(text) > _LONGEST:
        return False
    is_suspect = (
        not _SIGNS.isdisjoint(text) or not _TELLTALES.isdisjoint(name.words) or _CLOSE_LOOK.search(text)
    )
    if is_suspect and _DECORATED.search(text):
        return True
    return ", " in text and not _is_form(text.rpartition(", ")[2])


@lru_cache(maxsize=_TAILS)
def _is_form(text: str) -> bool:
    """Whether what stands behind a comma is, or ends in, a legal form."""
    return bool(strip_forms(["", *fold(text)]).forms)


def _face(name: Name, note: str, cost: float) -> Face:
    core = name.core
    telling = tuple([word for word in core if word not in PLAIN]) or core
    text = "".join(telling)[:_TEXT]
    return Face(core, name.core_key, name.forms, telling, text, is_short(text), note, cost)


def _readings(text: str) -> Iterator[tuple[str, str, float]]:
    """Readings of a decorated name: the text, a note for a person, the doubt it costs."""
    if domain := _DOMAIN.match(text):
        yield domain[1].replace("-", " "), "a web address", 0.7
        yield domain[1].rpartition(".")[2].replace("-", ""), "a web address", 0.7
        return
    umlauts = text.translate(_UMLAUTS)
    if umlauts != text:
        yield umlauts, "umlauts written out", 0.1
    bare = _DOT_COM.sub("", text)
    if bare != text:
        yield bare, "without the '.com'", 0.5
    shares = _cut(_SHARES, text)
    if shares != text:
        yield shares, "without the class of shares", 0.2
    yield from _unmarked(text)
    if trading := _TRADING_NAME.search(text):
        first, second = text[: trading.start()], text[trading.end() :].strip(" )")
        yield second, f"as '{second}'", 0.6
        yield first, f"as '{first}'", 0.6
    outside = " ".join(_BRACKETS.sub(" ", text).split())
    if outside and outside != text:
        marked = all(_ONLY_MARKER.match(bracket[1]) for bracket in _BRACKETS.finditer(text))
        brackets = " ".join(bracket[0] for bracket in _BRACKETS.finditer(text))
        yield outside, f"apart from the marker '{brackets}'" if marked else f"without '{brackets}'", 0.3
        yield from _unmarked(outside)
        for bracket in _BRACKETS.finditer(text):
            if not _ONLY_MARKER.match(bracket[1]):
                yield bracket[1], f"in brackets: '{bracket[1]}'", 0.8 if " " in bracket[1] else 1.5
    if site := _SITE.search(text, 1):
        head, tail = text[: site.start()], text[site.end() :]
        yield head, f"without '{tail.strip()}'", 1.2
        yield tail, f"without '{head.strip()}'", 1.2
    if ", " in text:
        head, _, tail = text.rpartition(", ")
        if not _is_form(tail):
            yield head, f"without '{tail.strip()}'", 1.0


def _tail(text: str) -> int:
    """Where the end of a name begins, as far as patterns that stand there need to look."""
    return max(len(text) - _TAIL, 0)


def _cut(pattern: re.Pattern[str], text: str) -> str:
    """A name without what the pattern finds at its end."""
    at = _tail(text)
    return text[:at] + pattern.sub("", text[at:])


def _unmarked(text: str) -> Iterator[tuple[str, str, float]]:
    """The name without its marker; one that nothing but a space sets apart may well be part of the name."""
    stripped, cost = text, 0.3
    for pattern in (_LEADING_MARKER, _TRAILING_MARKER):
        at = _tail(stripped) if pattern is _TRAILING_MARKER else 0
        found = pattern.search(stripped[at:])
        shorter = (stripped[:at] + pattern.sub("", stripped[at:])).strip(" ()[]-:")
        if found is None or not shorter:
            continue
        is_loose = found["loose"] is not None and found[0].strip() != found[0].strip().upper()
        stripped, cost = shorter, 1.5 if is_loose or text.isupper() else cost
    if stripped != text:
        mark = text.replace(stripped, " ").strip(" -:()[]*") or text
        yield stripped, f"apart from the marker '{mark}'", cost
