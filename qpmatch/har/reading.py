"""Requests out of a HAR file, one at a time: Chrome's, Firefox's and Safari's (HAR 1.2).

The file is streamed, so its size does not matter, and one that breaks off gives what it has.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import parse_qsl, unquote, urlsplit

from qpmatch.api.routes import INTEGRATION_HEADER
from qpmatch.errors import UsageError
from qpmatch.har.shorten import ShortenedStrings

_EXPORT_HINT = 'Export it from the browser\'s network tab with "Save all as HAR" (or "Export HAR").'


class Encoding(StrEnum):
    """How a request carries what it says."""

    NONE = "no body"
    JSON = "JSON"
    FORM = "form-encoded"
    OTHER = "neither JSON nor form-encoded"


@dataclass(frozen=True, slots=True, repr=False)
class Recorded:
    """One request of a recording. It has no repr: its values are nobody's business.

    ``origin`` is scheme and host, ``path`` is decoded, ``integration`` the value of the Integration header.
    ``has_headers`` is false when the browser left the headers out. ``answered`` is a status, 0 for none.
    """

    method: str
    origin: str
    path: str
    query: Mapping[str, str]
    has_headers: bool
    integration: str | None
    encoding: Encoding
    body: Any
    answered: int


class Recording:
    """A HAR file. Once ``requests`` has ended ``complete`` says whether it could be read to its end."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.complete = True
        self.entries = 0

    def requests(self) -> Iterator[Recorded]:
        """Every request that can be read, in the order of the recording.

        Raises ``UsageError`` for a file that cannot be opened or is no recording at all.
        """
        import ijson  # type: ignore[import-untyped]  # it ships no types

        try:
            with self.path.open("rb") as file:
                _check_start(file, self.path)
                entries = ijson.items(ShortenedStrings(file), "log.entries.item", use_float=True)
                try:
                    for entry in entries:
                        self.entries += 1
                        if (recorded := _recorded(entry)) is not None:
                            yield recorded
                except (ijson.JSONError, UnicodeError):
                    self.complete = False
        except OSError as error:
            raise UsageError(f"cannot read {self.path}: {error.strerror}") from None
        if self.complete and not self.entries:
            raise UsageError(f"{self.path} holds no requests: it is no HAR file", hint=_EXPORT_HINT)


def _check_start(file: BinaryIO, path: Path) -> None:
    """Step over a byte order mark; refuse what does not begin like a JSON object."""
    start = file.read(3)
    if start != b"\xef\xbb\xbf":
        file.seek(0)
    elif not start:
        raise UsageError(f"{path} is empty", hint=_EXPORT_HINT)
    if start.startswith(b"\x1f\x8b"):
        raise UsageError(f"{path} is compressed", hint="Unpack it first (gunzip).")
    place = file.tell()
    if not file.read(4096).lstrip().startswith(b"{"):
        raise UsageError(f"{path} is no HAR file", hint=_EXPORT_HINT)
    file.seek(place)


def _recorded(entry: Any) -> Recorded | None:
    """The request of an entry; ``None`` when it has none that could be the dashboard's."""
    request = _mapping(_mapping(entry).get("request"))
    method, url = request.get("method"), request.get("url")
    if not isinstance(method, str) or not isinstance(url, str):
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    if parts.scheme not in ("http", "https"):
        return None
    headers = _pairs(request.get("headers"))
    named = {name.casefold(): value for name, value in headers.items()}
    encoding, body = _body(_mapping(request.get("postData")), named.get("content-type", ""))
    status = _mapping(_mapping(entry).get("response")).get("status")
    return Recorded(
        method=method.upper(),
        origin=f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}".casefold(),
        path=unquote(parts.path),
        query=dict(parse_qsl(parts.query, keep_blank_values=True)) or _pairs(request.get("queryString")),
        has_headers=bool(headers),
        integration=named.get(INTEGRATION_HEADER.casefold()),
        encoding=encoding,
        body=body,
        answered=status if isinstance(status, int) else 0,
    )


def _body(post: Mapping[str, Any], content_type: str) -> tuple[Encoding, Any]:
    """What a request's body says: Chrome and Firefox give its text, Safari sometimes only its fields."""
    text = post.get("text")
    text = text if isinstance(text, str) else ""
    if text and post.get("encoding") == "base64":
        try:
            text = base64.b64decode(text, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            return Encoding.OTHER, None
    if text.strip():
        kind = str(post.get("mimeType") or content_type).casefold()
        return _parsed(text, kind)
    if fields := _pairs(post.get("params")):
        return Encoding.FORM, fields
    return Encoding.NONE, None


def _parsed(text: str, kind: str) -> tuple[Encoding, Any]:
    if "urlencoded" not in kind:
        try:
            return Encoding.JSON, json.loads(text)
        except (ValueError, RecursionError):
            pass  # the browsers do not always say what a body is: it may still be a form
    if "json" not in kind and "multipart" not in kind and "=" in text:
        return Encoding.FORM, dict(parse_qsl(text, keep_blank_values=True))
    return Encoding.OTHER, None


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _pairs(value: Any) -> dict[str, str]:
    """HAR's lists of ``{"name", "value"}``."""
    pairs = [_mapping(pair) for pair in value] if isinstance(value, list) else []
    return {str(pair["name"]): str(pair.get("value", "")) for pair in pairs if pair.get("name")}
