"""The one definition of "the same spelling" (R1)."""

from __future__ import annotations

import unicodedata


def spelling(name: str) -> str:
    """The name without outer white space, in Unicode NFC: names are exactly alike when these are equal."""
    return unicodedata.normalize("NFC", name.strip())
