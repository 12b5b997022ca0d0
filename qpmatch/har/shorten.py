"""Long strings of a JSON file left out while it is read, so that none of them has to fit into memory.

A recording holds whole scripts, images and videos as strings; the parser would build each of them.
"""

from __future__ import annotations

import re
from typing import BinaryIO

LONGEST = 4 * 1024 * 1024
"""Bytes of a string that are kept at least: more than the largest request of the dashboard has."""

_CHUNK = 2 * 1024 * 1024
"""The parser goes over an unfinished string anew with every chunk, so small chunks cost minutes."""

_OUTSIDE_ESCAPES = re.compile(rb"[\x20\x21\x23-\x5b\x5d-\x7e]{6}")
"""The longest escape is ``\\uXXXX``: after six plain characters no escape is open."""


class ShortenedStrings:
    """A readable file with the JSON of another, less what its strings have beyond ``longest`` bytes."""

    def __init__(self, file: BinaryIO, longest: int = LONGEST) -> None:
        self._file = file
        self._longest = longest
        self._run = 0
        self._dropping = False

    def read(self, size: int = -1) -> bytes:
        """The next part of the JSON, empty only at the end of the file; ``size`` 0 asks for nothing."""
        if size == 0:
            return b""
        while chunk := self._chunk():
            if kept := self._kept(chunk):
                return kept
        return b""

    def _chunk(self) -> bytes:
        """A chunk that does not end in the middle of a two-character escape."""
        chunk = self._file.read(_CHUNK)
        while (len(chunk) - len(chunk.rstrip(b"\\"))) % 2 and (more := self._file.read(1)):
            chunk += more
        return chunk

    def _kept(self, chunk: bytes) -> bytes:
        quote = chunk.replace(b"\\\\", b"__").replace(b'\\"', b"__").find(b'"')
        if quote >= 0:
            self._run = 0
            if self._dropping:
                self._dropping = False
                return chunk[quote:]
            return chunk
        self._run += len(chunk)
        if self._dropping:
            return b""
        if self._run > self._longest and (place := _OUTSIDE_ESCAPES.search(chunk)):
            self._dropping = True
            return chunk[: place.end()]
        return chunk
