"""A JSON file in parts that the parser takes easily: no string is split, and none is longer than a limit.

A recording holds whole scripts, images and videos as strings. The parser would build each of them, and goes
over a string that is not complete yet again and again.
"""

from __future__ import annotations

import re
from typing import BinaryIO

LONGEST = 4 * 1024 * 1024
"""Bytes of a string that are kept at least: more than the largest request of the dashboard has."""

_CHUNK = 1024 * 1024
_BETWEEN_CHARACTERS = re.compile(
    rb"[\x20\x21\x23-\x5b\x5d-\x7f]{6}"  # the longest escape is \uXXXX: none is open after these
    rb"|\\(?:u[0-9a-fA-F]{4}|[bfnrt/])"
    rb"|[\xc2-\xf4][\x80-\xbf]{1,3}(?=[^\x80-\xbf])"
)
"""Ends where a string can be cut; in text whose escaped backslashes and quotes are masked."""


class ShortenedStrings:
    """A readable file with the JSON of another, less what its strings have beyond ``longest`` bytes."""

    def __init__(self, file: BinaryIO, longest: int = LONGEST) -> None:
        self._file = file
        self._longest = longest
        self._open_string = bytearray()
        self._dropping = False

    def read(self, size: int = -1) -> bytes:
        """The next part of the JSON, empty only at the end of the file; ``size`` 0 asks for nothing."""
        if size == 0:
            return b""
        while chunk := self._chunk():
            if ready := self._ready(chunk):
                return ready
        rest = bytes(self._open_string)
        self._open_string.clear()
        return rest

    def _chunk(self) -> bytes:
        """A chunk that does not end in the middle of a two-character escape."""
        chunk = self._file.read(_CHUNK)
        while (len(chunk) - len(chunk.rstrip(b"\\"))) % 2 and (more := self._file.read(1)):
            chunk += more
        return chunk

    def _ready(self, chunk: bytes) -> bytes:
        """What can be handed out: all but a string that has no end yet, which is held back."""
        masked = chunk.replace(b"\\\\", b"__").replace(b'\\"', b"__")
        first, last = masked.find(b'"'), masked.rfind(b'"')
        if first < 0:
            if not self._open_string:
                return chunk
            self._extend(chunk, masked)
            return b""
        ends_open = bool(self._open_string) ^ bool(masked.count(b'"') % 2)
        done = bytes(self._open_string) + chunk[first if self._dropping else 0 : last if ends_open else None]
        self._dropping = False
        self._open_string = bytearray(chunk[last:] if ends_open else b"")
        return done

    def _extend(self, chunk: bytes, masked: bytes) -> None:
        if self._dropping:
            return
        if len(self._open_string) > self._longest and (place := _BETWEEN_CHARACTERS.search(masked)):
            self._dropping = True
            chunk = chunk[: place.end()]
        self._open_string += chunk
