"""Keeps secrets out of whatever a server says back to us (SPEC 8)."""

from __future__ import annotations

import re
import threading

from qpmatch.credentials import Secret

_LONGEST = 200
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]+")


class Redactor:
    """Knows the secrets of a session, and takes them out of text that is going to be shown or logged."""

    def __init__(self) -> None:
        self._secrets: set[str] = set()
        self._lock = threading.Lock()

    def __repr__(self) -> str:
        return "Redactor(...)"

    def learn(self, *secrets: Secret | str) -> None:
        """Take these out of everything from now on."""
        texts = {secret.reveal() if isinstance(secret, Secret) else secret for secret in secrets}
        with self._lock:
            self._secrets |= {text for text in texts if text}

    def clean(self, text: str) -> str:
        """``text`` without secrets, on one line, fit for a terminal, and short."""
        with self._lock:
            secrets = sorted(self._secrets, key=len, reverse=True)
        for secret in secrets:
            text = text.replace(secret, "***")
        text = " ".join(_UNPRINTABLE.sub(" ", text).split())
        return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."
