"""YAML as this project reads it: plain data with the place of every value, and nothing that surprises.

Configuration files and plans are edited by hand and reviewed by people, so only the part of YAML that reads
the same to everybody is let in: one document of mappings with words as keys, lists and scalars. Tags,
anchors, aliases, duplicate keys, raw control characters (and line breaks of other kinds, which would be
turned into spaces) and deep nesting are errors with line and column.

Scalars follow the YAML 1.2 core schema (``yes``, ``0123`` as a date and the like hold no surprises), and
values under keys that a caller declares as text keep the exact spelling of the file: an id ``0123`` or a
company called ``Null`` stays what the person wrote.
"""

from __future__ import annotations

import codecs
import re
import stat
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from qpmatch.errors import UsageError

MAX_DEPTH = 50
MAX_VALUES = 1_000_000
"""How many values a file may hold: a small file of nothing but commas costs memory by the gigabyte."""

MAX_BYTES = 1024 * 1024
"""How large a file may be unless the caller says otherwise: 1 MiB."""

_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x80-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]")
_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_FLAG = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_NUMBER = re.compile(r"(?P<int>[-+]?[0-9]{1,400})|[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")

Path_ = Sequence[str | int]
"""Where a value stands: keys and list indexes from the top, as pydantic's ``loc``."""


class Position(NamedTuple):
    """A place in a file, counted from 1."""

    line: int
    column: int


class YamlError(UsageError):
    """A file is not YAML as this project reads it. ``problem`` is the message without the place."""

    code = "yaml"

    def __init__(self, problem: str, source: str, position: Position, *, hint: str | None = None) -> None:
        super().__init__(f"{problem} ({source}:{position.line}:{position.column})", hint=hint)
        self.problem = problem
        self.source = source
        self.position = position


_Place = tuple[int, int]
"""Line and column: plain tuples, which cost the garbage collector nothing, for a plan has many."""


@dataclass(slots=True)
class _Inside:
    """The place of one mapping or list, and the marks of what stands in it."""

    place: _Place
    keys: dict[str, _Place]
    marks: dict[str, _Mark] | list[_Mark]

    def step(self, key: str | int) -> _Mark | None:
        if isinstance(self.marks, dict):
            return self.marks.get(str(key))
        return self.marks[key] if isinstance(key, int) and -1 < key < len(self.marks) else None


_Mark = _Place | _Inside


def _walk(mark: _Mark, path: Path_) -> _Mark:
    """The mark at ``path``, passing over steps that the file does not know."""
    for key in path:
        if isinstance(mark, _Inside):
            mark = mark.step(key) or mark
    return mark


@dataclass(frozen=True, slots=True)
class Located:
    """What a file holds: ``data`` of dict, list, str, int, float, bool and None, and where each value is."""

    data: Any
    source: str
    _top: _Mark

    def position(self, path: Path_ = ()) -> Position:
        """The place of the value at ``path``, or of the innermost part of ``path`` that the file has.

        Steps that the file does not know (a union's tag in pydantic's ``loc``) are passed over.
        """
        mark = _walk(self._top, path)
        return Position(*(mark.place if isinstance(mark, _Inside) else mark))

    def key_position(self, path: Path_) -> Position:
        """The place of the key that ends ``path``; that of the value where it is no mapping's key."""
        around = _walk(self._top, path[:-1])
        place = around.keys.get(str(path[-1])) if isinstance(around, _Inside) else None
        return Position(*place) if place else self.position(path)

    def error(
        self, problem: str, path: Path_ = (), *, key: bool = False, hint: str | None = None
    ) -> YamlError:
        """An error about the value (or, with ``key``, the key) at ``path``, to be raised by the caller."""
        place = self.key_position(path) if key else self.position(path)
        return YamlError(problem, self.source, place, hint=hint)


def load_file(path: Path, *, max_bytes: int = MAX_BYTES, text_keys: Collection[str] = ()) -> Located:
    """Read and load the file at ``path``, UTF-8 with or without a byte order mark.

    Raises ``YamlError`` as ``load`` does, also for a file that is none (a folder, a pipe) or not UTF-8.
    ``OSError`` goes to the caller, who knows what its absence means.
    """
    source, start = str(path), Position(1, 1)
    if not stat.S_ISREG(path.stat().st_mode):  # opening a pipe would wait for its writer
        raise YamlError("not a regular file", source, start)
    with path.open("rb") as file:
        raw = file.read(max_bytes + 1)
    if len(raw) > max_bytes:
        raise _too_large(source, max_bytes)
    raw = raw.removeprefix(codecs.BOM_UTF8)
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        before = raw[: error.start].decode("utf-8")
        raise YamlError(
            "not UTF-8 text", source, _place(before, len(before)), hint="Save the file as UTF-8."
        ) from error
    return load(text, source, max_bytes=max_bytes, text_keys=text_keys)


def load(text: str, source: str, *, max_bytes: int = MAX_BYTES, text_keys: Collection[str] = ()) -> Located:
    """Load one YAML document; an empty one is ``None``.

    ``source`` names the file in errors. ``max_bytes`` is measured in UTF-8. A scalar that is the value of
    one of ``text_keys``, or an item of a list that is, stays text as spelled, whatever it looks like.
    Raises ``YamlError``.
    """
    text = text.removeprefix("\ufeff")
    # A character is one to four bytes: most files need no encoding to be measured.
    if len(text) > max_bytes or (
        len(text) * 4 > max_bytes and len(text.encode("utf-8", "replace")) > max_bytes
    ):
        raise _too_large(source, max_bytes)
    if bad := _FORBIDDEN.search(text):
        raise YamlError(
            f"the character U+{ord(bad[0]):04X} may not stand in a file",
            source,
            _place(text, bad.start()),
            hint='Inside double quotes it can be written as an escape, such as "\\x1b".',
        )
    return _Reader(text, source, frozenset(text_keys)).document()


def _too_large(source: str, max_bytes: int) -> YamlError:
    return YamlError(f"the file is larger than {max_bytes / 1024 / 1024:g} MiB", source, Position(1, 1))


def _place(text: str, offset: int) -> Position:
    line = text.count("\n", 0, offset) + 1
    return Position(line, offset - text.rfind("\n", 0, offset))


def _scalar(text: str) -> Any:
    """The value of a plain (unquoted) scalar by the YAML 1.2 core schema (decimal numbers only)."""
    if text in _NULL:
        return None
    if text in _FLAG:
        return _FLAG[text]
    if number := _NUMBER.fullmatch(text):
        return int(text) if number["int"] else float(text)
    return text


class _Reader:
    """Builds data and marks from libyaml's events, which come one at a time: a bomb is met, not expanded."""

    def __init__(self, text: str, source: str, text_keys: frozenset[str]) -> None:
        import yaml

        self._yaml = yaml
        self._source = source
        self._text_keys = text_keys
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        self._parser = loader(text)
        self._depth = 0
        self._values = 0

    def document(self) -> Located:
        try:
            self._next()  # the stream's start
            if isinstance(self._next(), self._yaml.StreamEndEvent):
                return Located(None, self._source, (1, 1))
            data, mark = self._value(self._next(), as_text=False)
            self._next()  # the document's end
            if not isinstance(event := self._next(), self._yaml.StreamEndEvent):
                raise self._error("a second document begins here; one file holds one", event)
        finally:
            self._parser.dispose()
        return Located(data, self._source, mark)

    def _next(self) -> Any:
        try:
            return self._parser.get_event()
        except self._yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            place = Position(mark.line + 1, mark.column + 1) if mark else Position(1, 1)
            problem = ", ".join(filter(None, (error.context, error.problem)))
            raise YamlError(f"not YAML: {problem}", self._source, place) from error
        except self._yaml.YAMLError as error:
            raise YamlError(f"not YAML: {error}", self._source, Position(1, 1)) from error

    def _value(self, event: Any, *, as_text: bool) -> tuple[Any, _Mark]:
        self._check(event)
        self._values += 1
        if self._values > MAX_VALUES:
            raise self._error(f"more than {MAX_VALUES} values", event)
        mark = event.start_mark
        place = (mark.line + 1, mark.column + 1)
        if isinstance(event, self._yaml.ScalarEvent):
            is_plain = event.implicit[0] and not as_text
            return (_scalar(event.value) if is_plain else event.value), place
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise self._error(f"nested more than {MAX_DEPTH} levels deep", event)
        is_list = isinstance(event, self._yaml.SequenceStartEvent)
        data, inside = self._list(place, as_text=as_text) if is_list else self._mapping(place)
        self._depth -= 1
        return data, inside

    def _list(self, place: _Place, *, as_text: bool) -> tuple[Any, _Inside]:
        items: list[Any] = []
        marks: list[_Mark] = []
        while not isinstance(event := self._next(), self._yaml.SequenceEndEvent):
            item, mark = self._value(event, as_text=as_text)
            items.append(item)
            marks.append(mark)
        return items, _Inside(place, {}, marks)

    def _mapping(self, place: _Place) -> tuple[Any, _Inside]:
        entries: dict[str, Any] = {}
        keys: dict[str, _Place] = {}
        marks: dict[str, _Mark] = {}
        while not isinstance(event := self._next(), self._yaml.MappingEndEvent):
            key = self._key(event)
            if key in entries:
                line = keys[key][0]
                raise self._error(f"the key {key!r} stands here a second time (first in line {line})", event)
            keys[key] = (event.start_mark.line + 1, event.start_mark.column + 1)
            entries[key], marks[key] = self._value(self._next(), as_text=key in self._text_keys)
        return entries, _Inside(place, keys, marks)

    def _key(self, event: Any) -> str:
        self._check(event)
        is_scalar = isinstance(event, self._yaml.ScalarEvent)
        if not is_scalar or (event.implicit[0] and not isinstance(_scalar(event.value), str)):
            raise self._error("a key must be a word", event, hint="Put it in quotes if it is meant as text.")
        return str(event.value)

    def _check(self, event: Any) -> None:
        if isinstance(event, self._yaml.AliasEvent) or event.anchor:
            raise self._error(
                "anchors (&) and aliases (*) are not used here",
                event,
                hint="Put text that begins with them in quotes.",
            )
        if event.tag is not None:
            raise self._error(
                "tags (!) are not used here", event, hint="Put text that begins with ! in quotes."
            )

    def _error(self, problem: str, event: Any, *, hint: str | None = None) -> YamlError:
        place = Position(event.start_mark.line + 1, event.start_mark.column + 1)
        return YamlError(problem, self._source, place, hint=hint)
