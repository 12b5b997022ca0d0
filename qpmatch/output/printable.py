"""Names made safe to print: nothing in a name can steer a terminal, a spreadsheet or a Markdown page (R9)."""

from __future__ import annotations

import re
import unicodedata

_UNSAFE_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})

JOINERS = frozenset("\u200c\u200d")
"""Format characters that emoji and Persian or Indic spelling need; they steer nothing."""

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_NUMBER = re.compile(r"[+-]?\d+([.,]\d+)?")
_MARKDOWN = re.compile(r"([\\`*_{}\[\]<>()#|~!@])")


def is_unsafe(character: str) -> bool:
    """Whether a character could move the cursor, hide text or reverse its direction."""
    return unicodedata.category(character) in _UNSAFE_CATEGORIES and character not in JOINERS


def escape(character: str) -> str:
    """The character as a visible escape: ``\\x1b``, ``\\u202e``, ``\\U000e0041``."""
    return (
        character.encode("ascii", "backslashreplace").decode()
        if ord(character) > 0x7F
        else repr(character)[1:-1]
    )


def printable(text: str) -> str:
    """``text`` on one line with every unsafe character shown as an escape; other text is unchanged."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(escape(character) if is_unsafe(character) else character for character in text)


def shortened(text: str, width: int = 200) -> str:
    """``text`` cut to ``width`` characters, with an ellipsis where something was cut."""
    return text if len(text) <= width else text[: width - 1] + "…"


def csv_cell(text: str) -> str:
    """Text for a CSV cell that a spreadsheet will not run as a formula (an apostrophe goes before it)."""
    safe = printable(text)
    if safe.startswith(_FORMULA_STARTS) and not _NUMBER.fullmatch(safe):
        return "'" + safe
    return safe


def markdown_text(text: str) -> str:
    """Text that Markdown shows as written: no markup, no mentions, no HTML."""
    return _MARKDOWN.sub(r"\\\1", printable(text))
