"""What came back from a server, before anybody knows what it means."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

_NOTHING = object()


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, headers (lower-case names) and body. Only the status shows in the ``repr``."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    content: bytes = field(repr=False)
    _document: Any = field(default=_NOTHING, repr=False)

    @classmethod
    def of(cls, status: int, headers: Mapping[str, str], content: bytes) -> Answer:
        """An answer with its JSON parsed, where the body is JSON whatever its type says."""
        document: Any = _NOTHING
        try:
            document = json.loads(content)
        except (ValueError, RecursionError):
            # No JSON, or nested beyond reason: has_document says so.
            document = _NOTHING
        return cls(status, {name.lower(): value for name, value in headers.items()}, content, document)

    @property
    def is_success(self) -> bool:
        """Whether the status is 2xx."""
        return 200 <= self.status < 300

    @property
    def has_document(self) -> bool:
        """Whether the body is JSON."""
        return self._document is not _NOTHING

    @property
    def document(self) -> Any:
        """The parsed JSON; ``None`` when there is none."""
        return self._document if self.has_document else None

    @property
    def is_html(self) -> bool:
        """Whether it is a page for people: a login or a maintenance page."""
        type_ = self.headers.get("content-type", "").partition(";")[0].strip().lower()
        return not self.has_document and (type_ == "text/html" or self.content.lstrip()[:1] == b"<")

    def words(self) -> str:
        """What the server says about an error, as far as it says something: unclean, to be redacted."""
        match self.document:
            case {"message": str(words)} | {"error": str(words)} | {"error": {"message": str(words)}}:
                return words
            case {"errors": [str(words), *_]} | {"errors": [{"message": str(words)}, *_]}:
                return words
            case str(words):
                return words
            case _:
                return ""


def retry_after(answer: Answer) -> float | None:
    """Seconds that the server asks to wait, given as seconds or as an HTTP date; ``None`` when it does not.

    A date is measured against the server's own clock where it sends one: ours may be wrong.
    """
    value = answer.headers.get("retry-after", "").strip()
    if value.isascii() and value.isdigit():
        return float(value) if len(value) < 10 else float("inf")
    at = _date(value)
    if at is None:
        return None
    now = _date(answer.headers.get("date", "")) or datetime.now(UTC)
    return max(0.0, (at - now).total_seconds())


def _date(value: str) -> datetime | None:
    try:
        date = parsedate_to_datetime(value)
    except ValueError:
        return None
    return date if date.tzinfo else date.replace(tzinfo=UTC)
